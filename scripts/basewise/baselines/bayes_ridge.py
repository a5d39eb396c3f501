"""Bayesian ridge regression on all markers, its shrinkage learned by maximum evidence."""

from typing import Any

import numpy as np
from sklearn.linear_model import BayesianRidge

from basewise.baselines import Baseline, Data
from basewise.baselines.kernels import Dual, Related, coordinates, genomic, relate
from basewise.baselines.stages import fit_stages, known_rows, stages
from basewise.baselines.stored import stored_ridge
from basewise.core.arrays import Floats


def bayes_ridge(data: Data) -> Baseline:
    """Fit normal effects of one variance for all markers, in two fits, see `stages`.

    The fit is on the principal coordinates of the genomic relationship matrix, which gives the same
    as one on the markers. It learns from the individuals whose value is known.
    MacKay, Neural Computation 4:415 (1992), doi 10.1162/neco.1992.4.3.415; Meuwissen, Hayes and
    Goddard, Genetics 157:1819 (2001), doi 10.1093/genetics/157.4.1819.
    """

    def fit_one(one: Related) -> tuple[Any, Floats]:
        kernel, cross, scale = genomic(one)
        weights = np.zeros((len(kernel), data.outputs))
        intercepts, ratios = np.zeros(data.outputs), np.zeros(data.outputs)
        for output in range(data.outputs):
            rows = known_rows(data.target, one.known, output)
            among = np.isin(one.known, rows)
            values = data.target[rows, output].astype(np.float64)
            weights[among, output], intercepts[output], ratios[output] = _fitted(
                kernel[np.ix_(among, among)], values
            )

        dual = Dual(weights, intercepts)
        score = cross @ weights + intercepts
        return stored_ridge(data.onehot, one, dual, scale, ratios), score

    related = [relate(data.onehot, stage) for stage in stages(data.part)]
    estimator, score = fit_stages(fit_one, related, data)
    return Baseline(estimator, score, parameters=data.outputs * (data.onehot.shape[1] + 1))


def _fitted(kernel: Floats, values: Floats) -> tuple[Floats, float, float]:
    """Weights of the individuals, intercept, and error variance over that of the coordinates."""
    back = coordinates(kernel)
    spread = float(values.std()) if np.ptp(values) else 1.0
    model = BayesianRidge().fit(kernel @ back, values / spread)
    weights: Floats = back @ model.coef_ * spread
    return weights, float(model.intercept_) * spread, float(model.lambda_ / model.alpha_)
