"""What the composition of a sequence tells, without the order of its letters."""

import numpy as np
from numpy.typing import NDArray

from basewise.baselines import Baseline, Data
from basewise.baselines.linear import logistic
from basewise.core.arrays import Floats, ratio
from basewise.sequences.kmers import kmer_codes

BLOCK = 4096
"""Sequences counted at a time."""

C, G, CG = 1, 2, 6
"""Channels of C and G, and the number of CG among the dinucleotides, see `kmers.kmer_codes`."""


def composition_logistic(data: Data) -> Baseline:
    """Fit on what `describe_composition` says, see `linear.logistic`."""
    return logistic(compositions(data.onehot), data, standardize=True)


def compositions(onehot: NDArray[np.uint8]) -> Floats:
    """What `describe_composition` says of sequences, block by block."""
    starts = range(0, len(onehot), BLOCK)
    return np.concatenate([describe_composition(onehot[start : start + BLOCK]) for start in starts])


def describe_composition(onehot: NDArray[np.uint8]) -> Floats:
    """Composition of sequences, on the strand as given; padding counts for the length alone.

    Shape (n, 20) or, of proteins, (n, 22). The length, as a share of the longest possible; the
    share of unknown letters. Of proteins the share of each amino acid among the known ones. Of
    bases GC content; CpG beyond what C and G alone lead to, the share of CG among the dinucleotides
    less the product of the shares of C and G; and the shares of the 16 dinucleotides without
    unknown letters.
    """
    possible = onehot.sum(axis=2, dtype=np.uint8)
    known = possible == 1
    filled = np.count_nonzero(possible, axis=1)
    counts = np.einsum("nlc,nl->nc", onehot, known, dtype=np.float64)
    shares = ratio(counts, counts.sum(axis=1, keepdims=True))
    length = filled / onehot.shape[1]
    unknown = ratio(filled - counts.sum(axis=1), filled.astype(np.float64))
    if onehot.shape[2] != 4:
        return np.column_stack([length, unknown, shares])

    codes = kmer_codes(onehot, range(2)) + 1  # 0 for a dinucleotide with an unknown letter
    rows = np.arange(len(onehot))[:, None] * 17
    pairs = np.bincount((rows + codes).ravel(), minlength=len(onehot) * 17).reshape(-1, 17)[:, 1:]
    dinucleotides = ratio(pairs.astype(np.float64), pairs.sum(axis=1, keepdims=True))
    gc = shares[:, C] + shares[:, G]
    cpg = dinucleotides[:, CG] - shares[:, C] * shares[:, G]
    return np.column_stack([length, unknown, gc, cpg, dinucleotides])
