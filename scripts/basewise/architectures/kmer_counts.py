"""k-mers of a one-hot signal, counted by stock operations inside a network."""

from collections.abc import Iterable
from typing import Any

from keras import ops


def padded_to(signal: Any, length: int) -> Any:
    """Append padding (zeros) to a signal, shape (batch, length, channels), that is shorter."""
    missing = max(length - signal.shape[1], 0)
    return ops.pad(signal, ((0, 0), (0, missing), (0, 0)))


def kmer_onehot(signal: Any, k: int) -> Any:
    """Which k-mer starts at each position, as an outer product of its letters.

    From a tensor (batch, length, channels), length at least k, to (batch, length - k + 1,
    channels**k), columns in alphabetical order. Zeros, such as padding, make all k-mers over them
    zero; an ambiguous letter's shares are the shares of its k-mers.
    """
    length, channels = signal.shape[1:]
    places = length - k + 1
    words = signal[:, :places]
    for offset in range(1, k):
        letters = signal[:, offset : offset + places]
        pairs = ops.expand_dims(words, -1) * ops.expand_dims(letters, -2)
        words = ops.reshape(pairs, (-1, places, channels ** (offset + 1)))
    return words


def kmer_counts(signal: Any, k: int) -> Any:
    """How often each k-mer occurs on the strand as given, shape (batch, channels**k).

    The one-hot matrix of the k-mers' first halves times that of their second halves: no tensor
    holds a column for each k-mer at each position. Columns as in `kmer_onehot`.
    """
    if k == 1:
        return ops.sum(signal, axis=1)
    signal = padded_to(signal, k)
    length, channels = signal.shape[1:]
    half = (k + 1) // 2
    places = length - k + 1
    first = kmer_onehot(signal, half)[:, :places]
    second = kmer_onehot(signal, k - half)[:, half : half + places]
    return ops.reshape(ops.einsum("npi,npj->nij", first, second), (-1, channels**k))


def kmer_frequencies(signal: Any, sizes: Iterable[int]) -> Any:
    """Share of each k-mer among the k-mers of that size, shape (batch, sum of channels**k).

    Columns by k, then in alphabetical order; zeros where a sequence has no k-mer of that size.
    """
    counts = [kmer_counts(signal, k) for k in sizes]
    totals = [ops.sum(column, axis=1, keepdims=True) for column in counts]
    shares = [part / ops.maximum(total, 1.0) for part, total in zip(counts, totals, strict=True)]
    return ops.concatenate(shares, axis=1)
