"""The letters of a sequence as features of a linear model."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

__all__ = ["letters_by_position"]


def letters_by_position(onehot: NDArray[np.uint8]) -> sparse.csr_matrix:
    """One column a position and letter; an ambiguous letter is shared among the possible ones.

    Parameters
    ----------
    onehot
        uint8, shape (n, length, channels).

    Returns
    -------
    float32 CSR matrix, shape (n, length * channels)
        1 for a known letter, 0.25 each for N, nothing for padding.
    """
    possible = onehot.sum(axis=2, dtype=np.uint8)
    letters = sparse.csr_matrix(onehot.reshape(len(onehot), -1), dtype=np.float32)
    letters.data = 1 / np.repeat(possible.ravel(), possible.ravel()).astype(np.float32)
    return letters
