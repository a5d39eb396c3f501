"""The uncertainty of a measure."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

__all__ = ["bootstrap_intervals"]

RESAMPLES = 1000
CHUNK = 2_000_000
"""Weights held in memory at a time."""

Floats = NDArray[np.float64]
Name = TypeVar("Name", bound=Hashable)


def bootstrap_intervals(
    strata: NDArray[Any],
    measure: Callable[[Floats], Mapping[Name, Floats]],
    generator: np.random.Generator,
    resamples: int = RESAMPLES,
) -> dict[Name, tuple[float, float]]:
    """95 % percentile bootstrap intervals of measures.

    Examples are drawn with replacement within each stratum, so that every resample has the sizes
    of the data (Efron & Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13).

    Parameters
    ----------
    strata
        Stratum of each example, shape (n,); all the same for a plain bootstrap.
    measure
        From the number of copies of each example, shape (r, n), to values of shape (r,). Resamples
        in which a measure is NaN do not count for it.
    generator
        Draws the resamples.

    Returns
    -------
    Measure to (low, high).
    """
    pieces: dict[Name, list[Floats]] = {}
    step = max(1, CHUNK // len(strata))
    for start in range(0, resamples, step):
        weight = _stratified_counts(strata, min(step, resamples - start), generator)
        for name, values in measure(weight).items():
            pieces.setdefault(name, []).append(values)
    bounds = {
        name: np.nanquantile(np.concatenate(values), (0.025, 0.975))
        for name, values in pieces.items()
    }
    return {name: (float(low), float(high)) for name, (low, high) in bounds.items()}


def _stratified_counts(
    strata: NDArray[Any], resamples: int, generator: np.random.Generator
) -> Floats:
    counts = np.zeros((resamples, len(strata)))
    for stratum in np.unique(strata):
        rows = np.flatnonzero(strata == stratum)
        share = np.full(len(rows), 1 / len(rows))
        counts[:, rows] = generator.multinomial(len(rows), share, size=resamples)
    return counts
