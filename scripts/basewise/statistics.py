"""The uncertainty of a measure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from basewise.metrics import weighted_binary_metrics

__all__ = ["bootstrap_intervals"]

RESAMPLES = 1000
CHUNK = 2_000_000
"""Weights held in memory at a time."""


def bootstrap_intervals(
    target: NDArray[np.int64],
    score: NDArray[np.float64],
    generator: np.random.Generator,
    threshold: float = 0.5,
    resamples: int = RESAMPLES,
) -> dict[str, tuple[float, float]]:
    """95 % percentile bootstrap intervals of the measures in `metrics.binary_metrics`.

    Examples are drawn with replacement within each class, so that every resample has the class
    sizes of the data (Efron & Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13).

    Parameters
    ----------
    target, score
        Truth, 0 or 1, and probability of class 1; shape (n,).
    generator
        Draws the resamples.

    Returns
    -------
    Measure to (low, high).
    """
    pieces: dict[str, list[NDArray[np.float64]]] = {}
    step = max(1, CHUNK // len(target))
    for start in range(0, resamples, step):
        weight = _stratified_counts(target, min(step, resamples - start), generator)
        for name, values in weighted_binary_metrics(target, score, weight, threshold).items():
            pieces.setdefault(name, []).append(values)
    bounds = {
        name: np.quantile(np.concatenate(values), (0.025, 0.975)) for name, values in pieces.items()
    }
    return {name: (float(low), float(high)) for name, (low, high) in bounds.items()}


def _stratified_counts(
    target: NDArray[np.int64], resamples: int, generator: np.random.Generator
) -> NDArray[np.float64]:
    counts = np.zeros((resamples, len(target)))
    for label in np.unique(target):
        rows = np.flatnonzero(target == label)
        share = np.full(len(rows), 1 / len(rows))
        counts[:, rows] = generator.multinomial(len(rows), share, size=resamples)
    return counts
