"""Averages over the outputs of a task: plain, pooled, or weighted by positives."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
from sklearn import metrics as sk

from basewise.core.arrays import Floats, Integers, mean_defined
from basewise.evaluation.binary import Calls, call_metrics, count_calls
from basewise.evaluation.classes import named
from basewise.evaluation.headlines import Key
from basewise.evaluation.positions import count_scores, histogram_areas
from basewise.store.tables import MACRO, MICRO, WEIGHTED

OF_CALLS = ("precision", "recall", "f1")

AREAS = {"auroc": sk.roc_auc_score, "auprc": sk.average_precision_score}


class Pooled(NamedTuple):
    """Micro and weighted averages: values, and those of resamples from labels' and weights."""

    values: dict[Key, float]
    weighted: Callable[[Mapping[str, Mapping[str, Floats]], Floats], dict[Key, Floats]]


def averaged(of_output: Mapping[str, Mapping[str, Any]]) -> dict[Key, Any]:
    """Measures of each output, and their means over the outputs that have them.

    Numbers or arrays of shape (r,); what is NaN does not count.
    """
    measures = {
        key: value
        for output, of_one in of_output.items()
        for key, value in named(output, of_one).items()
    }
    metrics = dict.fromkeys(metric for of_one in of_output.values() for metric in of_one)
    return measures | {
        (MACRO, metric): mean_defined(
            np.stack([of_one[metric] for of_one in of_output.values() if metric in of_one], axis=-1)
        )
        for metric in metrics
    }


def pooled_labels(labels: Mapping[str, tuple[Integers, Floats]], threshold: float) -> Pooled:
    """Averages that take all labels of all examples together, or weight labels by positives.

    precision, recall, f1, auroc, auprc of the outputs ``micro`` and ``weighted``, as scikit-learn
    defines them; a score above the threshold predicts 1. Of each label there are truth (0 or 1,
    both present) and score, shape (n,). Pooled areas of resamples come from histograms, as those of
    bases in `positions`, moved by their difference from the exact area.
    """
    if not labels:
        return Pooled({}, lambda of_label, weight: {})

    target = np.stack([truth for truth, _ in labels.values()], axis=1)
    score = np.stack([of_label for _, of_label in labels.values()], axis=1)
    values = {
        (average, metric): value
        for average in (MICRO, WEIGHTED)
        for metric, value in _values(target, score, threshold, average).items()
    }
    example = np.repeat(np.arange(len(target)), len(labels))
    histograms = count_scores(example, target.ravel() == 1, score.ravel())
    once = histogram_areas(histograms, np.ones((1, len(target))))
    moved = [values[MICRO, name] - area[0] for name, area in zip(AREAS, once, strict=True)]

    def weighted(of_label: Mapping[str, Mapping[str, Floats]], weight: Floats) -> dict[Key, Floats]:
        calls = [count_calls(truth == 1, s > threshold, weight) for truth, s in labels.values()]
        together = call_metrics(Calls(*(sum(cell) for cell in zip(*calls, strict=True))))
        areas = histogram_areas(histograms, weight)
        pooled = {name: together[name] for name in OF_CALLS} | {
            name: area + by for name, area, by in zip(AREAS, areas, moved, strict=True)
        }
        positives = weight @ target

        return named(MICRO, pooled) | {
            (WEIGHTED, name): mean_defined(
                np.stack([of_one[name] for of_one in of_label.values()], axis=1), positives
            )
            for name in pooled
        }

    return Pooled(values, weighted)


def _values(target: Integers, score: Floats, threshold: float, average: str) -> dict[str, float]:
    # a single column is taken for a binary task, whose averages count class 0 as well
    labels = [1] if target.shape[1] == 1 else None
    of_calls = sk.precision_recall_fscore_support(
        target, score > threshold, labels=labels, average=average, zero_division=0
    )
    areas = {name: float(area(target, score, average=average)) for name, area in AREAS.items()}
    return dict(zip(OF_CALLS, map(float, of_calls[:3]), strict=True)) | areas
