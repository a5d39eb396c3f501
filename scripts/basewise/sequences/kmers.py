"""k-mer content of sequences."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse


def kmer_codes(onehot: NDArray[np.uint8], offsets: Sequence[int]) -> NDArray[np.int32]:
    """Which k-mer begins at each place of a sequence, strand as given, int32, shape (n, places).

    `offsets` are the places of the k bases behind the first, ascending from 0; ``range(k)`` without
    gaps. 0 to 4**k - 1 with A = 0, C = 1, G = 2, T = 3, first base most significant; -1 where one
    of the bases is ambiguous or padding. No places where the sequence is too short.
    """
    count, length, _ = onehot.shape
    base = onehot[..., 1] + 2 * onehot[..., 2] + 3 * onehot[..., 3]
    known = onehot[..., 0] + onehot[..., 1] + onehot[..., 2] + onehot[..., 3] == 1
    places = max(length - offsets[-1], 0)
    code = np.zeros((count, places), dtype=np.int32)
    valid = np.ones((count, places), dtype=np.bool_)
    for offset in offsets:
        places_at_offset = slice(offset, offset + places)
        code = code * 4 + base[:, places_at_offset]
        valid &= known[:, places_at_offset]

    return np.where(valid, code, -1)


def canonical_codes(k: int) -> NDArray[np.int64]:
    """Column of each of the 4**k k-mers, numbered as in `kmer_codes`, both strands in one.

    Columns are in the alphabetical order of the smaller of the two strands.
    """
    forward = np.arange(4**k)
    _, column = np.unique(np.minimum(forward, _reverse_complements(k)), return_inverse=True)
    return column


def kmer_frequencies(
    onehot: NDArray[np.uint8], sizes: Sequence[int] = range(1, 7), *, both_strands: bool = True
) -> sparse.csr_matrix:
    """Share of each k-mer among a sequence's k-mers of that size, float32 CSR, shape (n, columns).

    A k-mer and its reverse complement are one column. Places that hold an ambiguous base are left
    out of both counts. Columns by k, then as in `canonical_codes`: 2, 10, 32, 136, 512 and 2,080
    for k = 1 to 6. Of one strand every k-mer has its column, as numbered in `kmer_codes`.
    """
    blocks = []
    for k in sizes:
        code = kmer_codes(onehot, range(k))
        column = canonical_codes(k) if both_strands else np.arange(4**k)
        counts = _counted(_renumbered(code, column), column.max() + 1)
        total = np.maximum((code >= 0).sum(axis=1), 1)
        counts.data /= np.repeat(total, np.diff(counts.indptr)).astype(np.float32)
        blocks.append(counts)
    return sparse.hstack(blocks, format="csr")


def gapped_kmer_counts(
    onehot: NDArray[np.uint8], word_length: int, informative: int, *, both_strands: bool = True
) -> sparse.csr_matrix:
    """Count k-mers with gaps, which match any base, in all arrangements up to a length.

    A gapped k-mer begins and ends with a base, and holds `informative` ones within `word_length`;
    it and its reverse complement are one column, float32 CSR, shape (n, columns); of one strand
    each has its own. Ghandi et al., PLoS Comput Biol 10:e1003711 (2014), count them in words of
    fixed length.
    """
    reverse, both = _reverse_complements(informative), canonical_codes(informative)
    blocks = []
    for inner in combinations(range(1, word_length), informative - 1):
        offsets = (0, *inner)
        if not both_strands:
            blocks.append(_counted(kmer_codes(onehot, offsets), 4**informative))
            continue
        mirrored = tuple(offsets[-1] - offset for offset in reversed(offsets))
        if offsets == mirrored:
            columns = _renumbered(kmer_codes(onehot, offsets), both)
            blocks.append(_counted(columns, both.max() + 1))
        elif offsets < mirrored:
            backward = _renumbered(kmer_codes(onehot, mirrored), reverse)
            columns = np.hstack([kmer_codes(onehot, offsets), backward])
            blocks.append(_counted(columns, 4**informative))
    return sparse.hstack(blocks, format="csr")


def window_frequencies(onehot: NDArray[np.uint8], k: int, window: int) -> NDArray[np.float32]:
    """Share of each k-mer in a window around each base, strand as given, shape (n, length, 4**k).

    The window is odd; at the ends of a sequence it holds fewer bases. Columns as in `kmer_codes`;
    zeros where no k-mer of the window is known.
    """
    length = onehot.shape[1]
    code = kmer_codes(onehot, range(k))
    present = code[:, :, None] == np.arange(4**k, dtype=np.int32)
    before = np.zeros((len(onehot), code.shape[1] + 1, 4**k), dtype=np.float32)
    np.cumsum(present, axis=1, out=before[:, 1:])
    first = np.clip(np.arange(length) - window // 2, 0, code.shape[1])
    behind = np.clip(np.arange(length) + window // 2 + 2 - k, first, code.shape[1])
    counts = before[:, behind] - before[:, first]
    counts /= np.maximum(counts.sum(axis=2, keepdims=True), 1)

    return counts


def _reverse_complements(k: int) -> NDArray[np.int64]:
    """Number of the reverse complement of each k-mer, shape (4**k,)."""
    rest = np.arange(4**k)
    reverse = np.zeros_like(rest)
    for _ in range(k):
        reverse = reverse * 4 + (3 - rest % 4)
        rest //= 4
    return reverse


def _counted(columns: NDArray[np.int32], width: int) -> sparse.csr_matrix:
    """How often each column stands in each row, shape (n, width); -1 is left out."""
    ordered = np.sort(columns, axis=1)
    first = np.ones(ordered.shape, dtype=np.bool_)
    first[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    starts = np.flatnonzero(first)
    times = np.diff(starts, append=ordered.size).astype(np.float32)
    column = ordered.ravel()[starts]
    known = column >= 0
    ends = np.cumsum((first & (ordered >= 0)).sum(axis=1))
    entries = (times[known], column[known], np.concatenate([[0], ends]))

    return sparse.csr_matrix(entries, shape=(len(columns), width))


def _renumbered(code: NDArray[np.int32], column: NDArray[np.int64]) -> NDArray[np.int32]:
    """The column of each k-mer; -1 stays -1."""
    return np.append(column, -1).astype(np.int32)[code]
