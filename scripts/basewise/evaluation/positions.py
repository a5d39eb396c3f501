"""Measures of a class for each base, whose resamples draw whole sequences.

Bases of one sequence are related, so the sequence is the unit. It is reduced to counts: its
confusion matrix, sums of errors, and histograms of its scores, from which any resample is put
together.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy import sparse

from basewise.core.arrays import Floats, Integers, Mask
from basewise.evaluation.binary import areas_of_steps
from basewise.evaluation.classes import Counts, area_metrics, count_classes, count_metrics, named
from basewise.evaluation.headlines import Key
from basewise.evaluation.probabilities import (
    ProbabilitySums,
    sum_classes,
    sum_scores,
    weighted_probability_metrics,
)
from basewise.store.tables import OUTPUT

BINS = 200
"""Bins with equal numbers of the bases of a class; as many with equal numbers of the others."""


class SequenceCounts(NamedTuple):
    """What the measures need of each sequence.

    Attributes
    ----------
    calls
        Bases by true and predicted class, of each sequence.
    sums
        What the measures of probabilities need: of all classes, and of each one that a base has.
    histograms
        For the place of each class that a base has: bases of it and bases of others by score, the
        highest bin first, sparse, shape (bins, sequences).
    """

    classes: Sequence[str]
    calls: Counts
    sums: dict[str, ProbabilitySums]
    histograms: dict[int, tuple[Any, Any]]


def count_sequences(
    sequence: Integers, target: Integers, score: Floats, classes: Sequence[str]
) -> SequenceCounts:
    """Reduce bases to counts for each sequence, whose number stands in `sequence`."""
    histograms = {}
    sums = {OUTPUT: sum_classes(target, score, sequence)}
    for place in np.unique(target).tolist():
        in_class = target == place
        sums[classes[place]] = sum_scores(in_class.astype(np.int64), score[:, place], sequence)
        histograms[place] = count_scores(sequence, in_class, score[:, place])

    calls = count_classes(target, score, sequence)
    return SequenceCounts(classes, calls, sums, histograms)


def count_scores(sequence: Integers, in_class: Mask, score: Floats) -> tuple[Any, Any]:
    """Histograms of the scores of each sequence: of what is in a class, and of what is not.

    Two sparse arrays of shape (bins, sequences), the highest bin first.
    """
    edges = _edges(score, in_class)
    bin_from_top = len(edges) - np.searchsorted(edges, score, side="right")
    shape = (len(edges), int(sequence.max()) + 1)
    return (
        _counts(bin_from_top, sequence, in_class, shape),
        _counts(bin_from_top, sequence, ~in_class, shape),
    )


def histogram_areas(histograms: tuple[Any, Any], weight: Floats) -> tuple[Floats, Floats]:
    """The areas of `binary.areas` for weights of sequences, (r, sequences); bins are ties."""
    of_class, others = ((counts @ weight.T).T for counts in histograms)
    return areas_of_steps(np.cumsum(of_class, axis=1), np.cumsum(others, axis=1))


def weighted_position_metrics(counts: SequenceCounts, weight: Floats) -> dict[Key, Floats]:
    """The measures of `classes.class_metrics` over all bases, shape (r,), for r weightings.

    `weight` says how often each sequence counts, shape (r, sequences). The areas take scores within
    a bin for equal.
    """
    calls = counts.calls.weighted(weight)
    of_class = {
        counts.classes[place]: histogram_areas(pair, weight)
        for place, pair in counts.histograms.items()
    }
    present = {place: counts.classes[place] for place in counts.histograms}
    measures = {
        **count_metrics(calls, present),
        **area_metrics(of_class, calls.true[:, list(present)]),
    }
    for output, sums in counts.sums.items():
        measures |= named(output, weighted_probability_metrics(sums, weight))

    return measures


def _edges(score: Floats, in_class: Mask) -> Floats:
    """Lower edges of bins that hold equal numbers of the class, and of the others."""
    quantiles = np.linspace(0, 1, BINS + 1)
    groups = [values for values in (score[in_class], score[~in_class]) if len(values)]
    edges = [np.quantile(values, quantiles, method="lower") for values in groups]
    return np.unique(np.concatenate(edges))


def _counts(row: Integers, sequence: Integers, chosen: Mask, shape: tuple[int, int]) -> Any:
    places = (row[chosen], sequence[chosen])
    return sparse.csr_array((np.ones(len(places[0])), places), shape=shape)
