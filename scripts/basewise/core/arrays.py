"""Types of arrays, and what rounding leaves of a zero."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Mask = NDArray[np.bool_]

ROUNDING = 1e-12
"""What is smaller, beside numbers of order 1, is rounding."""
