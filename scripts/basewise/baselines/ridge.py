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
    fitted = [_ridge(features, values, part, penalties) for values in target.T]
    score = np.column_stack([model.predict(features) for model in fitted]).astype(np.float32)
    estimator = fitted if len(fitted) > 1 else fitted[0]
    return Baseline(estimator, score, parameters=target.shape[1] * (features.shape[1] + 1))


def _ridge(
    features: sparse.csr_matrix,
    values: NDArray[np.float32],
    part: NDArray[np.str_],
    penalties: Sequence[float],
) -> Ridge:
    """The best ridge regression of one output, on its known values."""
    known = np.isfinite(values)
    train, validation = known & (part == "train"), known & (part == "validation")
    tried = [
        Ridge(alpha=penalty, solver="lsqr", tol=1e-6).fit(features[train], values[train])
        for penalty in penalties
    ]
    errors = [
        float(np.square(model.predict(features[validation]) - values[validation]).mean())
        for model in tried
    ]
    best = int(np.argmin(errors))
    print(f"Penalty: alpha = {penalties[best]:g}, squared error on validation {errors[best]:.4g}")
    return tried[best]
