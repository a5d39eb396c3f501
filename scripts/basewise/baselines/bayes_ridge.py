"""Bayesian ridge regression on all markers, its shrinkage learnt by maximum evidence."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import BayesianRidge

from basewise.baselines import Baseline
from basewise.baselines.kernels import Dual, Related, coordinates, genomic, relate
from basewise.baselines.stages import fit_stages, known_rows, stages
from basewise.baselines.stored import stored_ridge


def bayes_ridge(
    onehot: NDArray[np.uint8],
    target: NDArray[np.float32],
    part: NDArray[np.str_],
    *,
    seed: int,
    task: str,
    outputs: int,
) -> Baseline:
    """Fit normal effects of one variance for all markers, in two fits, see `stages`.

    The fit is on the principal coordinates of the genomic relationship matrix, which gives the same
    as one on the markers. It learns from the individuals whose value is known.
    MacKay, Neural Computation 4:415 (1992), doi 10.1162/neco.1992.4.3.415; Meuwissen, Hayes and
    Goddard, Genetics 157:1819 (2001), doi 10.1093/genetics/157.4.1819.
    """

    def fit_one(one: Related) -> tuple[Any, NDArray[np.float64]]:
        kernel, cross, scale = genomic(one)
        weights, intercepts = np.zeros((len(kernel), outputs)), np.zeros(outputs)
        ratios = np.zeros(outputs)
        for output in range(outputs):
            rows = known_rows(target, one.known, output)
            among = np.isin(one.known, rows)
            found = _fitted(kernel[np.ix_(among, among)], target[rows, output].astype(np.float64))
            weights[among, output], intercepts[output], ratios[output] = found
        dual = Dual(weights, intercepts)
        score = cross @ weights + intercepts
        return stored_ridge(onehot, one, dual, scale, ratios), score

    related = [relate(onehot, stage) for stage in stages(part)]
    estimator, score = fit_stages(fit_one, related, part, outputs)
    return Baseline(estimator, score, parameters=outputs * (onehot.shape[1] + 1))


def _fitted(
    kernel: NDArray[np.float64], values: NDArray[np.float64]
) -> tuple[NDArray[np.float64], float, float]:
    """Weights of the individuals, intercept, and error variance over that of the coordinates."""
    back = coordinates(kernel)
    spread = float(values.std()) if np.ptp(values) else 1.0
    model = BayesianRidge().fit(kernel @ back, values / spread)
    weights: NDArray[np.float64] = back @ model.coef_ * spread
    return weights, float(model.intercept_) * spread, float(model.lambda_ / model.alpha_)
