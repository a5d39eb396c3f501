"""Measures of a class for each base, whose resamples draw whole sequences.

Bases of one sequence are related, so the sequence is the unit. It is reduced to counts: its
confusion matrix, its loss, and histograms of its scores, from which any resample is put together.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from basewise.class_metrics import Key, area_metrics, confusion_metrics, losses
from basewise.metrics import areas_of_steps
from basewise.tables import OUTPUT

__all__ = ["SequenceCounts", "count_sequences", "weighted_position_metrics"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

BINS = 200
"""Bins with equal numbers of the bases of a class; as many with equal numbers of the others."""


class SequenceCounts(NamedTuple):
    """What the measures need of each sequence.

    Attributes
    ----------
    classes
        Their names.
    confusion
        Bases by true and predicted class, sparse, shape (classes * classes, sequences).
    loss
        Log loss, summed over the bases, shape (sequences,).
    histograms
        For the place of each class that a base has: bases of it and bases of others by score, the
        highest bin first, sparse, shape (bins, sequences).
    """

    classes: Sequence[str]
    confusion: Any
    loss: Floats
    histograms: dict[int, tuple[Any, Any]]


def count_sequences(
    sequence: Integers, target: Integers, score: Floats, classes: Sequence[str]
) -> SequenceCounts:
    """Reduce bases to counts for each sequence.

    Parameters
    ----------
    sequence
        Number of the sequence that each base is of, shape (n,).
    target, score, classes
        Of each base, as for `class_metrics.class_metrics`.
    """
    number = int(sequence.max()) + 1

    def counts(row: Integers, chosen: NDArray[np.bool_], rows: int) -> Any:
        places = (row[chosen], sequence[chosen])
        return sparse.csr_array((np.ones(len(places[0])), places), shape=(rows, number))

    cell = target * len(classes) + score.argmax(axis=1)
    histograms = {}
    for place in np.unique(target):
        own = target == place
        edges = _edges(score[:, place], own)
        bin_from_top = len(edges) - np.searchsorted(edges, score[:, place], side="right")
        histograms[int(place)] = (
            counts(bin_from_top, own, len(edges)),
            counts(bin_from_top, ~own, len(edges)),
        )
    return SequenceCounts(
        classes,
        counts(cell, np.ones(len(cell), dtype=np.bool_), len(classes) ** 2),
        np.bincount(sequence, losses(target, score), minlength=number).astype(np.float64),
        histograms,
    )


def weighted_position_metrics(counts: SequenceCounts, weight: Floats) -> dict[Key, Floats]:
    """The measures of `class_metrics.class_metrics` over all bases, for r weightings.

    The areas take scores within a bin for equal.

    Parameters
    ----------
    weight
        How often each sequence counts, shape (r, sequences).

    Returns
    -------
    The same names, each an array of shape (r,).
    """
    copies = weight.T
    number = len(counts.classes)
    confusion = (counts.confusion @ copies).T.reshape(-1, number, number)
    own = {
        counts.classes[place]: areas_of_steps(
            np.cumsum((of_class @ copies).T, axis=1), np.cumsum((others @ copies).T, axis=1)
        )
        for place, (of_class, others) in counts.histograms.items()
    }
    return {
        **confusion_metrics(
            confusion, {place: counts.classes[place] for place in counts.histograms}
        ),
        (OUTPUT, "log_loss"): weight @ counts.loss / confusion.sum(axis=(1, 2)),
        **area_metrics(own),
    }


def _edges(score: Floats, own: NDArray[np.bool_]) -> Floats:
    """Lower edges of bins that hold equal numbers of the class, and of the others."""
    quantiles = np.linspace(0, 1, BINS + 1)
    groups = [values for values in (score[own], score[~own]) if len(values)]
    edges = [np.quantile(values, quantiles, method="lower") for values in groups]
    return np.unique(np.concatenate(edges))
