"""ROC and precision-recall curves of an output, read on a fixed grid: of examples and resamples."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.metrics import roc_curve

from basewise.metrics import ratio

__all__ = ["GRID", "Binned", "Reading", "bin_scores", "read_curves", "read_resamples"]

GRID = np.arange(101) / 100
"""False positive rates, and recalls, at which the curves are read."""

BINS = 500
"""Bins with equal numbers of the class, and as many with equal numbers of the others."""

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


class Reading(NamedTuple):
    """True positive rate and precision at the points of the grid, each of shape (r, points)."""

    sensitivity: Floats
    precision: Floats


class Binned(NamedTuple):
    """How many of a class and of the others are in each bin, the highest first: (bins, units)."""

    own: Any
    others: Any


def read_curves(truth: Integers, score: Floats) -> Reading:
    """The curves of all examples, by scikit-learn.

    Parameters
    ----------
    truth, score
        0 or 1, both present, and the score of class 1, shape (n,).

    Returns
    -------
    With r = 1. Between two scores an ROC curve is straight; the precision at a recall is that of
    the highest score which reaches it, as average precision has it.
    """
    fall_out, recall, _ = roc_curve(truth, score, drop_intermediate=False)
    positives = np.array([truth.sum()], dtype=np.float64)
    return _read(recall[None], fall_out[None], positives, len(truth) - positives)


def bin_scores(truth: Integers, score: Floats, unit: Integers) -> Binned:
    """Count the examples of each unit by class and score.

    Parameters
    ----------
    truth, score
        As for `read_curves`.
    unit
        Number of what is drawn as a whole, from 0, shape (n,).
    """
    groups = [score[truth == 1], score[truth == 0]]
    quantiles = np.linspace(0, 1, BINS + 1)
    edges = np.unique(
        np.concatenate([np.quantile(found, quantiles, method="lower") for found in groups])
    )
    place = len(edges) - np.searchsorted(edges, score, side="right")
    shape = (len(edges), int(unit.max()) + 1)
    parts = [(place[truth == side], unit[truth == side]) for side in (1, 0)]
    own, others = (
        sparse.csr_array((np.ones(len(where[0])), where), shape=shape) for where in parts
    )
    return Binned(own, others)


def read_resamples(counts: Binned, weight: Floats) -> Reading:
    """The curves of r resamples, which take scores within a bin for equal.

    Parameters
    ----------
    weight
        How often each unit counts, shape (r, units); a resample that lacks a class gives NaN.
    """
    true, false = (np.cumsum((part @ weight.T).T, axis=1) for part in counts)
    recall, fall_out = (_rates(steps) for steps in (true, false))
    return _read(recall, fall_out, true[:, -1], false[:, -1])


def _rates(steps: Floats) -> Floats:
    """Shares of the last of r counts, after a 0; NaN where that is 0."""
    total = np.broadcast_to(steps[:, -1:], steps.shape)
    return np.insert(ratio(steps, total, np.nan), 0, 0, axis=1)


def _read(recall: Floats, fall_out: Floats, positives: Floats, negatives: Floats) -> Reading:
    """Read r curves, whose steps start at 0."""
    sensitivity = [np.interp(GRID, across, up) for across, up in zip(fall_out, recall, strict=True)]
    reached = np.maximum(GRID, np.nextafter(0, 1))  # at recall 0, where the first one is hit
    places = [np.minimum(np.searchsorted(up, reached), len(up) - 1) for up in recall]
    true, false = recall * positives[:, None], fall_out * negatives[:, None]
    precision = np.take_along_axis(ratio(true, true + false), np.stack(places), axis=1)
    lacking = (positives == 0) | (negatives == 0)
    precision[lacking] = np.nan
    return Reading(np.where(lacking[:, None], np.nan, np.stack(sensitivity)), precision)
