"""Types of arrays, what rounding leaves of a zero, and means of what is defined."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Mask = NDArray[np.bool_]

ROUNDING = 1e-12
"""What is smaller, beside numbers of order 1, is rounding."""


def ratio(numerator: Floats, denominator: Floats, undefined: float = 0.0) -> Floats:
    """Divide, with `undefined` where the denominator is 0."""
    quotient = np.full_like(numerator, undefined, dtype=np.float64)
    np.divide(numerator, denominator, out=quotient, where=denominator != 0)
    return quotient


def mean_defined(values: Floats, weight: Floats | None = None) -> Floats:
    """Mean over the last axis, weighted or not, without what is NaN; NaN where all is."""
    share = (~np.isnan(values)).astype(float)
    if weight is not None:
        share *= weight
    return ratio((np.nan_to_num(values) * share).sum(axis=-1), share.sum(axis=-1), np.nan)
