"""The measures of each task, with their intervals, from a table of scores."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from basewise.class_metrics import Key, class_metrics, mean_defined, weighted_class_metrics
from basewise.errors import InputError
from basewise.metrics import binary_metrics, weighted_binary_metrics
from basewise.position_metrics import count_sequences, weighted_position_metrics
from basewise.runs import THRESHOLD, outputs_of, truth_and_score
from basewise.statistics import bootstrap_intervals
from basewise.tables import MACRO, OUTPUT
from basewise.value_metrics import value_metrics, weighted_value_metrics

__all__ = ["Measured", "measure"]

Floats = NDArray[np.float64]


class Measured(NamedTuple):
    """The measures of one part of one run.

    Attributes
    ----------
    rows
        (output, metric, value, low, high) of each measure.
    left_out
        Outputs and classes that have none, since the part lacks one of their classes, or every
        value of a regression.
    """

    rows: list[tuple[str, str, float, float, float]]
    left_out: list[str]


class Plan(NamedTuple):
    """Values, and how to have them of resamples."""

    values: Mapping[Key, Any]
    strata: NDArray[np.int64]
    weighted: Callable[[Floats], Mapping[Key, Floats]]
    left_out: Sequence[str] = ()


def measure(scores: pd.DataFrame, task: str, generator: np.random.Generator) -> Measured:
    """Measure the scores of one part.

    Parameters
    ----------
    scores
        Rows of `scoring.score_table`.
    task
        As in the configuration.
    generator
        Draws the resamples: examples, within each class for ``binary`` and ``multiclass``; whole
        sequences for ``per_position``.
    """
    plan = PLANS[task](scores)
    if not plan.values:
        return Measured([], list(plan.left_out))
    intervals = bootstrap_intervals(plan.strata, plan.weighted, generator)
    rows = [(*key, float(value), *intervals[key]) for key, value in plan.values.items()]
    return Measured(rows, list(plan.left_out))


def _binary(scores: pd.DataFrame) -> Plan:
    target, score = truth_and_score(scores)

    def weighted(weight: Floats) -> dict[Key, Any]:
        return _named({OUTPUT: weighted_binary_metrics(target, score, weight, THRESHOLD)})

    return Plan(_named({OUTPUT: binary_metrics(target, score, THRESHOLD)}), target, weighted)


def _multilabel(scores: pd.DataFrame) -> Plan:
    found = {name: truth_and_score(scores, name) for name in outputs_of(scores)}
    kept = {name: pair for name, pair in found.items() if len(np.unique(pair[0])) == 2}

    def weighted(weight: Floats) -> dict[Key, Any]:
        own = {name: _of_label(*pair, weight) for name, pair in kept.items()}
        return _averaged(own)

    own = {name: binary_metrics(*pair, THRESHOLD) for name, pair in kept.items()}
    left_out = [name for name in found if name not in kept]
    return Plan(_averaged(own), _one_stratum(len(scores)), weighted, left_out)


def _of_label(target: NDArray[np.int64], score: Floats, weight: Floats) -> dict[str, Floats]:
    """Binary measures; NaN where a resample lacks one of the two classes."""
    found = weighted_binary_metrics(target, score, weight, THRESHOLD)
    lacking = np.isnan(found["auroc"])
    return {name: np.where(lacking, np.nan, values) for name, values in found.items()}


def _multiclass(scores: pd.DataFrame) -> Plan:
    classes, target, score = _classes(scores)
    weighted = partial(weighted_class_metrics, target, score, classes)
    values = class_metrics(target, score, classes)
    return Plan(values, target, weighted, _absent(classes, target))


def _per_position(scores: pd.DataFrame) -> Plan:
    classes, target, score = _classes(scores)
    sequence, ids = pd.factorize(scores["id"])
    counts = count_sequences(sequence, target, score, classes)
    values = class_metrics(target, score, classes)
    of_all = weighted_position_metrics(counts, np.ones((1, len(ids))))
    moved = {key: value - of_all[key][0] for key, value in values.items()}

    def weighted(weight: Floats) -> dict[Key, Any]:
        """Values from histograms, moved by what these make of the exact value of all bases."""
        found = weighted_position_metrics(counts, weight)
        return {key: found[key] + by for key, by in moved.items()}

    return Plan(values, _one_stratum(len(ids)), weighted, _absent(classes, target))


def _regression(scores: pd.DataFrame) -> Plan:
    found = {name: _truth_and_value(scores, name) for name in outputs_of(scores)}
    known = {name: ~np.isnan(pair[0]) for name, pair in found.items()}
    kept = [name for name in found if known[name].any()]
    named = _averaged if len(found) > 1 else _named

    def weighted(weight: Floats) -> dict[Key, Any]:
        return named({name: _of_known(*found[name], known[name], weight) for name in kept})

    own = {name: value_metrics(*(column[known[name]] for column in found[name])) for name in kept}
    left_out = [name for name in found if name not in kept]
    return Plan(named(own), _one_stratum(len(scores)), weighted, left_out)


def _of_known(
    target: Floats, score: Floats, known: NDArray[np.bool_], weight: Floats
) -> dict[str, Floats]:
    """Measures of the rows that are known; NaN where a resample has none of them."""
    drawn = weight[:, known]
    some = drawn.any(axis=1)
    found = weighted_value_metrics(target[known], score[known], drawn[some])
    measures = {name: np.full(len(weight), np.nan) for name in found}
    for name, values in found.items():
        measures[name][some] = values
    return measures


PLANS = {
    "binary": _binary,
    "multilabel": _multilabel,
    "multiclass": _multiclass,
    "per_position": _per_position,
    "regression": _regression,
}


def _named(own: Mapping[str, Mapping[str, Any]]) -> dict[Key, Any]:
    return {(name, metric): x for name, found in own.items() for metric, x in found.items()}


def _averaged(own: Mapping[str, Mapping[str, Any]]) -> dict[Key, Any]:
    """Each output and the means over all."""
    if MACRO in own:
        raise InputError(f"an output is named {MACRO!r}, as the mean over all is; rename it")
    metrics = next(iter(own.values()), {})
    return _named(own) | {
        (MACRO, metric): mean_defined(np.stack([found[metric] for found in own.values()], axis=-1))
        for metric in metrics
    }


def _classes(scores: pd.DataFrame) -> tuple[list[str], NDArray[np.int64], Floats]:
    """Classes, the place of the true one and the probability of each, shape (n,), (n, classes)."""
    classes = outputs_of(scores)
    truth = scores[[f"target.{name}" for name in classes]].to_numpy()
    score = scores[[f"score.{name}" for name in classes]].to_numpy(dtype=np.float64)
    return classes, truth.argmax(axis=1), score


def _truth_and_value(scores: pd.DataFrame, output: str) -> tuple[Floats, Floats]:
    columns = scores[[f"target.{output}", f"score.{output}"]].to_numpy(dtype=np.float64)
    return columns[:, 0], columns[:, 1]


def _absent(classes: Sequence[str], target: NDArray[np.int64]) -> list[str]:
    present = set(target.tolist())
    return [name for place, name in enumerate(classes) if place not in present]


def _one_stratum(rows: int) -> NDArray[np.int64]:
    return np.zeros(rows, dtype=np.int64)
