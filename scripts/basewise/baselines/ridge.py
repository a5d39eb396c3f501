"""Ridge regression, the penalty of each output chosen on the validation part."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.linear_model import Ridge

from basewise.baselines import Baseline

__all__ = ["ridge"]


def ridge(
    features: sparse.csr_matrix,
    target: NDArray[np.float32],
    part: NDArray[np.str_],
    penalties: Sequence[float],
) -> Baseline:
    """Fit one ridge regression for each penalty and output, and keep the best of each output.

    Parameters
    ----------
    features
        Shape (n, columns).
    target, part
        As for `baselines.fit`.
    penalties
        scikit-learn's alpha; that with the lowest squared error on the validation part wins.
    """
    train, validation = part == "train", part == "validation"
    shown, held_out = features[train], features[validation]

    def fitted(penalty: float | NDArray[np.float64]) -> Ridge:
        return Ridge(alpha=penalty, solver="lsqr", tol=1e-6).fit(shown, target[train])

    def errors(model: Ridge) -> NDArray[np.float64]:
        wrong = model.predict(held_out).reshape(-1, target.shape[1]) - target[validation]
        return np.asarray(np.square(wrong).mean(axis=0))

    found = np.array([errors(fitted(penalty)) for penalty in penalties])
    chosen = np.array(penalties)[found.argmin(axis=0)]
    for penalty, error in zip(chosen, found.min(axis=0), strict=True):
        print(f"Penalty: alpha = {penalty:g}, squared error on validation {error:.4g}")
    model = fitted(chosen)
    score = model.predict(features).reshape(target.shape).astype(np.float32)
    return Baseline(model, score, parameters=target.shape[1] * (features.shape[1] + 1))
