"""Ridge regression on all markers, as genomic prediction does it: GBLUP."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from basewise.baselines import Baseline
from basewise.baselines.kernel_logistic import best_strength, logistic_dual, probabilities
from basewise.baselines.kernels import Related, genomic, relate, reml_dual
from basewise.baselines.stages import fit_stages, stages
from basewise.baselines.stored import stored_logistic, stored_ridge

__all__ = ["gblup"]


def gblup(
    onehot: NDArray[np.uint8],
    target: NDArray[Any],
    part: NDArray[np.str_],
    *,
    seed: int,
    task: str,
    outputs: int,
) -> Baseline:
    """Fit best linear unbiased predictors of genomic values, in two fits, see `stages`.

    Values: the variances of each output by REML, on the individuals whose value is known. Classes:
    logistic regression on the principal coordinates of the genomic relationship matrix, which is
    logistic ridge regression on the markers; its penalty is chosen on validation.

    References
    ----------
    VanRaden, J Dairy Sci 91:4414 (2008), doi 10.3168/jds.2007-0980; Meuwissen, Hayes and Goddard,
    Genetics 157:1819 (2001), doi 10.1093/genetics/157.4.1819.
    """
    related = [relate(onehot, stage) for stage in stages(part)]
    if task == "binary":
        estimator, score = _of_classes(onehot, target[:, 0].astype(np.int64), part, related)
    else:
        estimator, score = _of_values(onehot, target, part, related)
    return Baseline(estimator, score, parameters=outputs * (onehot.shape[1] + 1))


def _of_values(
    onehot: NDArray[np.uint8],
    target: NDArray[np.float32],
    part: NDArray[np.str_],
    related: list[Related],
) -> tuple[Any, NDArray[np.float32]]:
    def fit_one(one: Related) -> tuple[Any, NDArray[np.float64]]:
        kernel, cross, scale = genomic(one)
        dual, models = reml_dual([kernel], target, one.known)
        for model in models:
            print(f"REML: heritability {model.heritability:.3f}, ratio {model.ratio:.4g}")
        ratios = np.array([model.ratio for model in models])
        score = cross @ dual.weights + dual.intercepts
        return stored_ridge(onehot, one, dual, scale, ratios), score

    return fit_stages(fit_one, related, part, target.shape[1])


def _of_classes(
    onehot: NDArray[np.uint8],
    labels: NDArray[np.int64],
    part: NDArray[np.str_],
    related: list[Related],
) -> tuple[Any, NDArray[np.float32]]:
    first = related[0]
    kernel, cross, _ = genomic(first)
    strength = best_strength(kernel, cross, labels[first.known], labels[first.scored])

    def fit_one(one: Related) -> tuple[Any, NDArray[np.float64]]:
        kernel, cross, scale = genomic(one)
        dual = logistic_dual(kernel, labels[one.known], strength)
        return stored_logistic(onehot, one, dual, scale, strength), probabilities(cross, dual)

    return fit_stages(fit_one, related, part, 1)
