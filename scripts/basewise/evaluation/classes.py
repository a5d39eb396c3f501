"""Measures of a classifier with several classes: of one set of examples, and of many resamples.

A measure has the name (output, metric): the output `tables.OUTPUT` for all classes together, the
name of a class for its own, against the others. Classes that no example has are left out, of the
averages too. Each average stands once: what would be ``macro_recall`` is balanced_accuracy;
``weighted_recall`` and all of ``micro_precision``, ``micro_recall`` and ``micro_f1`` are accuracy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

import numpy as np
from scipy import sparse
from sklearn import metrics as sk

from basewise.core.arrays import Floats, Integers, Mask, mean_defined, ratio
from basewise.evaluation.binary import Calls, areas, call_metrics
from basewise.evaluation.headlines import Key
from basewise.evaluation.probabilities import (
    probability_metrics,
    sum_classes,
    sum_scores,
    weighted_probability_metrics,
)
from basewise.store.tables import OUTPUT

Value = TypeVar("Value")

OF_CALLS = ("precision", "recall", "specificity", "f1", "mcc")
"""Measures of a class that its predictions give."""

AVERAGED = ("precision", "specificity", "f1")
"""Those of which averages over the classes are no other measure."""


def class_metrics(target: Integers, score: Floats, classes: Sequence[str]) -> dict[Key, float]:
    """Every measure of the probabilities of each class, shape (n, classes).

    `target` is the place of the true class; the one of the highest probability is the prediction,
    the first of equals.

    Returns
    -------
    Of all: accuracy, balanced_accuracy, mcc, macro_ and weighted_ precision, specificity, f1, auroc
    and auprc (means over the classes, plain or by their examples), brier (summed over the classes),
    log_loss, ece (of the highest probability). Of a class: precision, recall, specificity, f1, mcc
    (0 where undefined), auroc, auprc, brier, log_loss, ece. Without the areas where all examples
    are of one class.
    """
    present = {place: classes[place] for place in np.unique(target).tolist()}
    counts = count_classes(target, score).weighted(np.ones((1, len(target))))
    of_class = {
        name: tuple(
            np.array([area(target == place, score[:, place])])
            for area in (sk.roc_auc_score, sk.average_precision_score)
        )
        for place, name in present.items()
        if len(present) > 1
    }
    once = {
        **count_metrics(counts, present),
        **area_metrics(of_class, counts.true[:, list(present)]),
    }
    values = {key: float(value[0]) for key, value in once.items()}
    values |= named(OUTPUT, probability_metrics(sum_classes(target, score)))
    for place, name in present.items():
        sums = sum_scores((target == place).astype(np.int64), score[:, place])
        values |= named(name, probability_metrics(sums))

    return values


def weighted_class_metrics(
    target: Integers, score: Floats, classes: Sequence[str], weight: Floats
) -> dict[Key, Floats]:
    """The measures of `class_metrics`, shape (r,), for r weightings of the same n examples.

    `weight` says how often each example counts, shape (r, n).
    """
    # The same in the other order of memory, which products with sparse arrays read as it is.
    by_example = np.asfortranarray(weight)
    counts = count_classes(target, score).weighted(by_example)
    present = {place: classes[place] for place in np.unique(target).tolist()}
    of_class = {
        name: areas(score[:, place], target == place, by_example) for place, name in present.items()
    }
    measures = {
        **count_metrics(counts, present),
        **area_metrics(of_class, counts.true[:, list(present)]),
        **named(OUTPUT, weighted_probability_metrics(sum_classes(target, score), weight)),
    }
    for place, name in present.items():
        sums = sum_scores((target == place).astype(np.int64), score[:, place])
        measures |= named(name, weighted_probability_metrics(sums, weight))

    return measures


class Counts(NamedTuple):
    """Of each class what is of it and predicted so, what is of it, and what is predicted so.

    Sparse, shape (classes, units), or by weighting, shape (r, classes). A matrix of confusions
    would have the square of the classes.
    """

    hits: Any
    true: Any
    predicted: Any

    def weighted(self, weight: Floats) -> Counts:
        """Sums over units, for weights of shape (r, units)."""
        return Counts(*((units @ weight.T).T for units in self))


def count_classes(target: Integers, score: Floats, unit: Integers | None = None) -> Counts:
    """Count true classes, shape (n,), and those of the highest probability, (n, classes), by unit.

    Without the number of its unit, from 0, each example is its own.
    """
    unit = np.arange(len(target)) if unit is None else unit
    shape, predicted = (score.shape[1], int(unit.max()) + 1), score.argmax(axis=1)

    def count(of: Integers, rows: Mask | slice = slice(None)) -> Any:
        ones = np.ones(len(of[rows]))
        return sparse.csr_array((ones, (of[rows], unit[rows])), shape=shape)

    return Counts(count(target, target == predicted), count(target), count(predicted))


def count_metrics(counts: Counts, present: Mapping[int, str]) -> dict[Key, Floats]:
    """Measures of predictions, shape (r,), from counts by weighting.

    Of the classes that are `present`, place and name; NaN in a weighting where nothing is of the
    class.
    """
    hits, true, called = counts
    total = true.sum(axis=1)
    calls = Calls(hits, called - hits, true - hits, total[:, None] - true - called + hits)
    by_class = call_metrics(calls)
    of_class = {name: np.where(true > 0, by_class[name], np.nan) for name in OF_CALLS}
    measures = {
        (OUTPUT, "accuracy"): hits.sum(axis=1) / total,
        (OUTPUT, "balanced_accuracy"): mean_defined(of_class["recall"]),
        (OUTPUT, "mcc"): _mcc(hits.sum(axis=1), true, called, total),
    }
    measures |= {(OUTPUT, f"macro_{name}"): mean_defined(of_class[name]) for name in AVERAGED}
    measures |= {
        (OUTPUT, f"weighted_{name}"): mean_defined(of_class[name], true) for name in AVERAGED
    }

    return measures | {
        (output, name): values[:, place]
        for name, values in of_class.items()
        for place, output in present.items()
    }


def area_metrics(of_class: Mapping[str, tuple[Floats, ...]], true: Floats) -> dict[Key, Floats]:
    """Name the areas of each class, and their averages; none where there is one class.

    Areas (under the ROC and the precision-recall curve) have the shape (r,), `true` counts the
    examples of each class, shape (r, classes).
    """
    if len(of_class) < 2:
        return {}
    measures: dict[Key, Floats] = {}
    for place, name in enumerate(("auroc", "auprc")):
        of_classes = np.stack([pair[place] for pair in of_class.values()], axis=1)
        measures[OUTPUT, f"macro_{name}"] = mean_defined(of_classes)
        measures[OUTPUT, f"weighted_{name}"] = mean_defined(of_classes, true)
        measures |= {
            (output, name): of_classes[:, column] for column, output in enumerate(of_class)
        }
    return measures


def named(output: str, measures: Mapping[str, Value]) -> dict[Key, Value]:
    """The measures of an output with its name."""
    return {(output, metric): value for metric, value in measures.items()}


def _mcc(hits: Floats, true: Floats, called: Floats, total: Floats) -> Floats:
    """Matthews correlation of several classes (Gorodkin 2004); 0 where undefined."""
    covariance = hits * total - (true * called).sum(axis=1)
    spread = np.sqrt(total**2 - (true**2).sum(axis=1))
    spread_called = np.sqrt(total**2 - (called**2).sum(axis=1))
    return ratio(covariance, spread * spread_called)
