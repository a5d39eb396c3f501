"""Ridge regression on k-mer frequencies."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from basewise.baselines import Baseline
from basewise.baselines.ridge import ridge
from basewise.kmers import kmer_frequencies

__all__ = ["kmer_ridge"]

SMALLEST_K = 3
PENALTIES = (1e-3, 1e-2, 1e-1, 1.0, 10.0)


def kmer_ridge(
    onehot: NDArray[np.uint8],
    target: NDArray[np.float32],
    part: NDArray[np.str_],
    *,
    seed: int,
    task: str,
    outputs: int,
    largest_k: int = 6,
) -> Baseline:
    """Fit on the frequencies of 3- to k-mers, both strands as one, see `ridge.ridge`."""
    features = kmer_frequencies(onehot, range(SMALLEST_K, largest_k + 1))
    return ridge(features, target, part, PENALTIES)
