"""What there is to measure in the scores of a part, task by task."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from basewise.core.arrays import Floats, Integers, Mask
from basewise.evaluation.binary import binary_metrics, weighted_binary_metrics
from basewise.evaluation.classes import class_metrics, named, weighted_class_metrics
from basewise.evaluation.headlines import Key
from basewise.evaluation.labels import averaged, pooled_labels
from basewise.evaluation.positions import count_sequences, weighted_position_metrics
from basewise.evaluation.validation import (
    Validated,
    calibrated_sums,
    threshold_metrics,
    weighted_calibrated_metrics,
)
from basewise.evaluation.values import (
    linear_metrics,
    value_metrics,
    weighted_linear_metrics,
    weighted_value_metrics,
)
from basewise.examples.scales import LOGARITHMS, logarithms
from basewise.store.scores import (
    THRESHOLD,
    outputs_of,
    truth_and_score,
    truth_and_shares,
    truth_and_value,
)
from basewise.store.tables import OUTPUT


class Plan(NamedTuple):
    """Values, and how to have them of resamples.

    Attributes
    ----------
    values
        By output and metric.
    settings
        Thresholds and temperatures, which have no interval.
    ids, strata
        Of the units that are drawn: examples, or sequences with all their bases.
    weighted
        From copies of the units, shape (r, units), to values of shape (r,) by output and metric;
        NaN where a resample lacks what the measure needs.
    kinds
        Output to the units of each kind that its measures need: of a class, and of the others.
    left_out
        Outputs and classes without measures.
    """

    values: Mapping[Key, Any]
    settings: Mapping[Key, float]
    ids: pd.Series
    strata: Integers
    weighted: Callable[[Floats], Mapping[Key, Floats]]
    kinds: Mapping[str, Sequence[Mask]]
    left_out: Sequence[str] = ()


class Label:
    """One label of two classes: its measures, of all examples and of resamples.

    Parameters
    ----------
    target
        0 or 1, shape (n,).
    score
        Of class 1, shape (n,).
    validated
        What validation says about the label; without it nothing is measured at its thresholds, and
        nothing calibrated.
    """

    def __init__(self, target: Integers, score: Floats, validated: Validated | None) -> None:
        self.target, self.score = target, score
        self.has_both_classes = len(np.unique(target)) == 2
        self.in_class = [target == 1, target != 1]
        self.settings: dict[str, float] = {}
        self._thresholds: Mapping[str, float] = {}
        self._sums: Mapping[str, Any] = {}

        if validated is not None:
            self._thresholds = validated.thresholds
            self._sums = calibrated_sums(target, score, validated.calibrator)
            self.settings = {f"threshold_{rule}": at for rule, at in self._thresholds.items()}
            self.settings["temperature"] = validated.calibrator.temperature

    def values(self) -> dict[str, float]:
        """Measures of all examples."""
        once = self._validated_metrics(np.ones((1, len(self.target))))
        exact = binary_metrics(self.target, self.score, THRESHOLD)
        return exact | {name: float(value[0]) for name, value in once.items()}

    def weighted(self, weight: Floats) -> dict[str, Floats]:
        """Measures of resamples; NaN where one lacks one of the two classes."""
        measured = weighted_binary_metrics(self.target, self.score, weight, THRESHOLD)
        measured |= self._validated_metrics(weight)
        lacking = np.isnan(measured["auroc"])
        return {name: np.where(lacking, np.nan, values) for name, values in measured.items()}

    def _validated_metrics(self, weight: Floats) -> dict[str, Floats]:
        return {
            **threshold_metrics(self.target == 1, self.score, self._thresholds, weight),
            **weighted_calibrated_metrics(self._sums, weight),
        }


class Numbers:
    """One output of a regression: its measures, of the rows whose truth is known.

    Parameters
    ----------
    target
        Truth in its own unit, NaN where it is not known, shape (n,).
    score
        Prediction in the same unit, shape (n,).
    transform
        Scale that it was learned on. Where this is one of `LOGARITHMS`, what depends on the scale
        is measured there too, with its name behind that of the measure.
    """

    def __init__(self, target: Floats, score: Floats, transform: str) -> None:
        self.known = ~np.isnan(target)
        self._pair = target[self.known], score[self.known]
        self._ending = f"_{transform}"
        self._scaled: tuple[Floats, Floats] | None = None
        if transform in LOGARITHMS:
            truth, prediction = self._pair
            self._scaled = logarithms(transform, truth), logarithms(transform, prediction)

    def values(self) -> dict[str, float]:
        """Measures of all examples."""
        scaled = linear_metrics(*self._scaled) if self._scaled else {}
        return value_metrics(*self._pair) | self._named(scaled)

    def weighted(self, weight: Floats) -> dict[str, Floats]:
        """Measures of resamples; NaN where one has no row that is known."""
        drawn = weight[:, self.known]
        some = drawn.any(axis=1)
        scaled = weighted_linear_metrics(*self._scaled, drawn[some]) if self._scaled else {}
        measured = weighted_value_metrics(*self._pair, drawn[some]) | self._named(scaled)

        measures = {name: np.full(len(weight), np.nan) for name in measured}
        for name, values in measured.items():
            measures[name][some] = values
        return measures

    def _named(self, scaled: Mapping[str, Any]) -> dict[str, Any]:
        return {f"{name}{self._ending}": values for name, values in scaled.items()}


def make_plan(
    scores: pd.DataFrame, task: str, validated: Mapping[str, Validated], transform: str = "none"
) -> Plan:
    """Lay out what to measure of the rows of a `scores.score_table`.

    `validated` of each output is to be tried on these rows; nothing to measure the plain scores
    only. `transform` is what a regression was learned on.
    """
    if task == "regression":
        return _regression(scores, transform)
    return PLANS[task](scores, validated)


def _binary(scores: pd.DataFrame, validated: Mapping[str, Validated]) -> Plan:
    label = Label(*truth_and_score(scores), validated.get(OUTPUT))
    if not label.has_both_classes:
        return Plan({}, {}, scores["id"], label.target, lambda weight: {}, {}, [OUTPUT])

    return Plan(
        named(OUTPUT, label.values()),
        named(OUTPUT, label.settings),
        scores["id"],
        label.target,
        lambda weight: named(OUTPUT, label.weighted(weight)),
        {OUTPUT: label.in_class},
    )


def _multilabel(scores: pd.DataFrame, validated: Mapping[str, Validated]) -> Plan:
    labels = {
        name: Label(*truth_and_score(scores, name), validated.get(name))
        for name in outputs_of(scores)
    }
    measured = {name: label for name, label in labels.items() if label.has_both_classes}
    pooled = pooled_labels(
        {name: (label.target, label.score) for name, label in measured.items()}, THRESHOLD
    )

    def weighted(weight: Floats) -> dict[Key, Any]:
        of_labels = {name: label.weighted(weight) for name, label in measured.items()}
        return averaged(of_labels) | pooled.weighted(of_labels, weight)

    return Plan(
        averaged({name: label.values() for name, label in measured.items()}) | pooled.values,
        _only({name: label.settings for name, label in measured.items()}),
        scores["id"],
        _one_stratum(len(scores)),
        weighted,
        {name: label.in_class for name, label in measured.items()},
        [name for name in labels if name not in measured],
    )


def _multiclass(scores: pd.DataFrame, validated: Mapping[str, Validated]) -> Plan:
    classes, (target, score) = outputs_of(scores), truth_and_shares(scores)
    plan = Plan(
        class_metrics(target, score, classes),
        {},
        scores["id"],
        target,
        lambda weight: weighted_class_metrics(target, score, classes, weight),
        _kinds(classes, target, np.arange(len(target))),
        _absent(classes, target),
    )
    return _with_calibrations(plan, target, score, None, validated.get(OUTPUT))


def _per_position(scores: pd.DataFrame, validated: Mapping[str, Validated]) -> Plan:
    classes, (target, score) = outputs_of(scores), truth_and_shares(scores)
    sequence, ids = pd.factorize(scores["id"])
    counts = count_sequences(sequence, target, score, classes)
    values = class_metrics(target, score, classes)
    of_all = weighted_position_metrics(counts, np.ones((1, len(ids))))
    moved = {key: value - of_all[key][0] for key, value in values.items()}

    def weighted(weight: Floats) -> dict[Key, Any]:
        """Values from histograms, moved by what these make of the exact value of all bases."""
        measured = weighted_position_metrics(counts, weight)
        return {key: measured[key] + by for key, by in moved.items()}

    plan = Plan(
        values,
        {},
        pd.Series(ids),
        _one_stratum(len(ids)),
        weighted,
        _kinds(classes, target, sequence),
        _absent(classes, target),
    )
    return _with_calibrations(plan, target, score, sequence, validated.get(OUTPUT))


def _with_calibrations(
    plan: Plan, target: Integers, score: Floats, unit: Integers | None, validated: Validated | None
) -> Plan:
    """The plan of several classes with the measures of their calibrated scores."""
    if validated is None:
        return plan

    sums = calibrated_sums(target, score, validated.calibrator, unit)
    once = weighted_calibrated_metrics(sums, np.ones((1, len(plan.ids))))
    values = named(OUTPUT, {name: float(value[0]) for name, value in once.items()})

    def weighted(weight: Floats) -> dict[Key, Any]:
        calibrated = named(OUTPUT, weighted_calibrated_metrics(sums, weight))
        return {**plan.weighted(weight), **calibrated}

    return plan._replace(
        values={**plan.values, **values},
        settings={(OUTPUT, "temperature"): validated.calibrator.temperature},
        weighted=weighted,
    )


def _regression(scores: pd.DataFrame, transform: str) -> Plan:
    numbers = {
        name: Numbers(*truth_and_value(scores, name), transform) for name in outputs_of(scores)
    }
    kept = {name: of_output for name, of_output in numbers.items() if of_output.known.any()}
    laid_out = averaged if len(numbers) > 1 else _only

    def weighted(weight: Floats) -> dict[Key, Any]:
        return laid_out({name: of_output.weighted(weight) for name, of_output in kept.items()})

    return Plan(
        laid_out({name: of_output.values() for name, of_output in kept.items()}),
        {},
        scores["id"],
        _one_stratum(len(scores)),
        weighted,
        {name: [of_output.known] for name, of_output in kept.items()},
        [name for name in numbers if name not in kept],
    )


PLANS = {
    "binary": _binary,
    "multilabel": _multilabel,
    "multiclass": _multiclass,
    "per_position": _per_position,
}
"""Of tasks whose scores are probabilities."""


def _only(of_output: Mapping[str, Mapping[str, Any]]) -> dict[Key, Any]:
    return {
        key: value
        for name, of_one in of_output.items()
        for key, value in named(name, of_one).items()
    }


def _kinds(classes: Sequence[str], target: Integers, unit: Integers) -> dict[str, list[Mask]]:
    """Units with each class, and for its own measures those with others."""
    units = int(unit.max()) + 1
    of_class = {
        place: [
            np.bincount(unit[rows], minlength=units) > 0
            for rows in (target == place, target != place)
        ]
        for place in np.unique(target).tolist()
    }
    return {OUTPUT: [in_class for in_class, _ in of_class.values()]} | {
        classes[place]: masks for place, masks in of_class.items()
    }


def _absent(classes: Sequence[str], target: Integers) -> list[str]:
    present = set(target.tolist())
    return [name for place, name in enumerate(classes) if place not in present]


def _one_stratum(rows: int) -> Integers:
    return np.zeros(rows, dtype=np.int64)
