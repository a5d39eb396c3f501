"""Logistic regression on k-mer frequencies."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from basewise.baselines import Baseline
from basewise.baselines.logistic import logistic
from basewise.kmers import kmer_frequencies

__all__ = ["kmer_logistic"]


def kmer_logistic(
    onehot: NDArray[np.uint8],
    target: NDArray[Any],
    part: NDArray[np.str_],
    *,
    seed: int,
    task: str,
    outputs: int,
    largest_k: int = 6,
) -> Baseline:
    """Fit on the frequencies of 1- to k-mers, both strands as one, see `logistic.logistic`."""
    features = kmer_frequencies(onehot, range(1, largest_k + 1))
    return logistic(features, target, part, seed=seed, task=task, outputs=outputs, standardise=True)
