"""A Gaussian kernel of all markers, in the place of the linear one of GBLUP: RKHS regression."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from basewise.baselines import Baseline
from basewise.baselines.kernel_logistic import best_strength, logistic_dual, probabilities
from basewise.baselines.kernels import Related, gaussian, gaussian_scores, relate, reml_dual
from basewise.baselines.stages import fit_stages, stages
from basewise.baselines.stored import stored_machines
from basewise.mixed_model import best_models

__all__ = ["gaussian_kernel"]

BANDWIDTHS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)


def gaussian_kernel(
    onehot: NDArray[np.uint8],
    target: NDArray[Any],
    part: NDArray[np.str_],
    *,
    seed: int,
    task: str,
    outputs: int,
) -> Baseline:
    """Fit a mixed model with the kernel exp(-h * distance), in two fits, see `stages`.

    The distance is squared and divided by its mean. Values: the bandwidth h and the variances of
    each output by REML. Classes: logistic regression on the principal coordinates of the kernel, h
    by REML as if the classes were numbers, the penalty chosen on validation.

    References
    ----------
    de los Campos et al., Genet Res 92:295 (2010), doi 10.1017/S0016672310000285; Crossa et al.,
    Genetics 186:713 (2010), doi 10.1534/genetics.110.118521.
    """
    related = [relate(onehot, stage) for stage in stages(part)]
    if task == "binary":
        estimator, score = _of_classes(onehot, target[:, 0].astype(np.int64), part, related)
    else:
        estimator, score = _of_values(onehot, target, part, related)
    return Baseline(estimator, score, parameters=outputs * (len(related[1].known) + 1))


def _of_values(
    onehot: NDArray[np.uint8],
    target: NDArray[np.float32],
    part: NDArray[np.str_],
    related: list[Related],
) -> tuple[Any, NDArray[np.float32]]:
    def fit_one(one: Related) -> tuple[Any, NDArray[np.float64]]:
        among, others, scale = gaussian(one)
        kernels = (np.exp(-bandwidth * among) for bandwidth in BANDWIDTHS)
        dual, models = reml_dual(kernels, target, one.known)
        for model in models:
            bandwidth = BANDWIDTHS[model.kernel]
            print(f"REML: bandwidth {bandwidth:g}, heritability {model.heritability:.3f}")
        chosen = np.array([BANDWIDTHS[model.kernel] for model in models])
        estimator = stored_machines(onehot, one, dual, chosen / scale)
        return estimator, gaussian_scores(others, chosen, dual)

    return fit_stages(fit_one, related, part, target.shape[1])


def _of_classes(
    onehot: NDArray[np.uint8],
    labels: NDArray[np.int64],
    part: NDArray[np.str_],
    related: list[Related],
) -> tuple[Any, NDArray[np.float32]]:
    first = related[0]
    known = labels[first.known]
    among, others, _ = gaussian(first)
    kernels = (np.exp(-bandwidth * among) for bandwidth in BANDWIDTHS)
    bandwidth = BANDWIDTHS[best_models(kernels, known[:, None].astype(np.float64))[0].kernel]
    strength = best_strength(
        np.exp(-bandwidth * among), np.exp(-bandwidth * others), known, labels[first.scored]
    )

    def fit_one(one: Related) -> tuple[Any, NDArray[np.float64]]:
        among, others, scale = gaussian(one)
        dual = logistic_dual(np.exp(-bandwidth * among), labels[one.known], strength)
        estimator = stored_machines(onehot, one, dual, np.array([bandwidth / scale]))
        return estimator, probabilities(np.exp(-bandwidth * others), dual)

    return fit_stages(fit_one, related, part, 1)
