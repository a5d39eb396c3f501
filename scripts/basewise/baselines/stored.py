"""Baselines on genotypes as they are stored: plain scikit-learn estimators beside marker means.

Each is a dictionary with ``means``, the mean dosage of each marker among the fitted individuals.
Its estimators take dosages (0, 1, 2 copies of the allele a) minus these means, 0 where a genotype,
or the mean, is missing.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.kernel_ridge import KernelRidge
from sklearn.linear_model import LogisticRegression, Ridge

from basewise.baselines.dosages import centered_blocks, centered_dosages
from basewise.baselines.kernels import Dual, Related
from basewise.core.arrays import Floats


def stored_ridge(
    onehot: NDArray[np.uint8], related: Related, dual: Dual, scale: float, ratios: Floats
) -> dict[str, Any]:
    """A linear model of values: ``means``, and ``model`` whose ``alpha`` is the markers' penalty.

    `dual` belongs to the kernel Z Z' / `scale`, to whose diagonal `ratios` of each output were
    added.
    """
    model = Ridge(alpha=scale * ratios)
    model.coef_ = _marker_effects(onehot, related, dual.weights / scale)
    model.intercept_, model.n_features_in_ = dual.intercepts, onehot.shape[1]
    return {"means": related.means, "model": model}


def stored_logistic(
    onehot: NDArray[np.uint8], related: Related, dual: Dual, scale: float, strength: float
) -> dict[str, Any]:
    """A linear model of the logit, as `stored_ridge`: ``means`` and a `LogisticRegression`."""
    model = LogisticRegression(C=strength / scale)
    model.coef_ = _marker_effects(onehot, related, dual.weights / scale)
    model.intercept_, model.n_features_in_ = dual.intercepts, onehot.shape[1]
    model.classes_ = np.array([0, 1])
    return {"means": related.means, "model": model}


def stored_machines(
    onehot: NDArray[np.uint8], related: Related, dual: Dual, gammas: Floats
) -> dict[str, Any]:
    """A sum of Gaussian kernels exp(-gamma * squared distance) around the fitted individuals.

    ``means``; ``machines``, a `KernelRidge` an output; and ``intercepts``, to be added to what they
    predict. Of classes the sum is the logit.
    """
    centered = centered_dosages(onehot, related.known)[related.known]
    machines = []
    for gamma, weights in zip(gammas, dual.weights.T, strict=True):
        machine = KernelRidge(kernel="rbf", gamma=float(gamma))
        machine.X_fit_, machine.dual_coef_ = centered, weights.copy()
        machine.n_features_in_ = centered.shape[1]
        machines.append(machine)
    return {"means": related.means, "machines": machines, "intercepts": dual.intercepts}


def _marker_effects(onehot: NDArray[np.uint8], related: Related, weights: Floats) -> Floats:
    """Z' weights: the coefficient of each marker's centered dosage, shape (outputs, markers)."""
    effects = np.empty((weights.shape[1], onehot.shape[1]))
    for block, (fitted,) in centered_blocks(onehot, related.means, related.known):
        effects[:, block] = weights.T @ fitted
    return effects
