"""k-mer content of sequences, both strands counted as one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

__all__ = ["canonical_codes", "kmer_frequencies"]


def kmer_frequencies(
    onehot: NDArray[np.uint8], sizes: Sequence[int] = range(1, 7)
) -> sparse.csr_matrix:
    """Share of each k-mer among a sequence's k-mers of that size.

    A k-mer and its reverse complement are one column. Places that hold an ambiguous base are left
    out of both counts.

    Parameters
    ----------
    onehot
        uint8, shape (n, length, 4).
    sizes
        The k.

    Returns
    -------
    float32 CSR matrix, shape (n, columns)
        Columns by k, then in the alphabetical order of the smaller of the two strands: 2, 10, 32,
        136, 512 and 2,080 for k = 1 to 6.
    """
    return sparse.hstack([_frequencies(onehot, k) for k in sizes], format="csr")


def canonical_codes(k: int) -> NDArray[np.int64]:
    """Column of each of the 4**k k-mers, A = 0, C = 1, G = 2, T = 3, first base most significant.

    Returns
    -------
    int64, shape (4**k,)
    """
    forward = np.arange(4**k)
    reverse = np.zeros_like(forward)
    rest = forward.copy()
    for _ in range(k):
        reverse = reverse * 4 + (3 - rest % 4)
        rest //= 4
    _, column = np.unique(np.minimum(forward, reverse), return_inverse=True)
    return column


def _frequencies(onehot: NDArray[np.uint8], k: int) -> sparse.csr_matrix:
    column = canonical_codes(k)
    base = onehot.argmax(axis=2).astype(np.int64)
    known = onehot.sum(axis=2) == 1
    places = max(onehot.shape[1] - k + 1, 0)
    code = np.zeros((len(onehot), places), dtype=np.int64)
    valid = np.ones(code.shape, dtype=np.bool_)
    for offset in range(k):
        code = code * 4 + base[:, offset : offset + places]
        valid &= known[:, offset : offset + places]
    share = valid / np.maximum(valid.sum(axis=1, keepdims=True), 1)
    rows = np.broadcast_to(np.arange(len(onehot))[:, None], code.shape)
    entries = (share[valid].astype(np.float32), (rows[valid], column[code[valid]]))
    return sparse.csr_matrix(entries, shape=(len(onehot), column.max() + 1))
