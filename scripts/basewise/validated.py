"""Measures on test of what was chosen or fitted on validation: thresholds and calibrations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from basewise.calibration import Calibrator, apply_isotonic, apply_temperature, fit_calibrator
from basewise.metrics import call_metrics, count_calls
from basewise.probability_metrics import (
    ProbabilitySums,
    sum_classes,
    sum_scores,
    weighted_probability_metrics,
)
from basewise.runs import outputs_of, truth_and_score, truth_and_shares
from basewise.tables import OUTPUT
from basewise.thresholds import choose_thresholds

__all__ = [
    "METHODS",
    "Validated",
    "calibrated",
    "calibrated_sums",
    "threshold_metrics",
    "validate",
    "weighted_calibrated_metrics",
]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

METHODS = ("temperature", "isotonic")


class Validated(NamedTuple):
    """What validation says about an output.

    Attributes
    ----------
    thresholds
        Rule to threshold (`thresholds.choose_thresholds`); none for several classes.
    calibrator
        Its calibrations.
    """

    thresholds: dict[str, float]
    calibrator: Calibrator


def validate(
    scores: pd.DataFrame, task: str, precision: float, recall: float
) -> dict[str, Validated]:
    """Choose thresholds and fit calibrations.

    Parameters
    ----------
    scores
        Validation rows of a score table, none for a regression to read.
    task
        As in the configuration.
    precision, recall
        As for `thresholds.choose_thresholds`.

    Returns
    -------
    By output; without those of which validation lacks a class, or every row.
    """
    if task == "regression" or scores.empty:
        return {}
    if task in ("multiclass", "per_position"):
        return {OUTPUT: Validated({}, fit_calibrator(*truth_and_shares(scores)))}
    pairs = {output: truth_and_score(scores, output) for output in outputs_of(scores)}
    return {
        output: Validated(
            choose_thresholds(target, score, precision, recall), fit_calibrator(target, score)
        )
        for output, (target, score) in pairs.items()
        if len(np.unique(target)) == 2
    }


def threshold_metrics(
    positive: NDArray[np.bool_], score: Floats, thresholds: Mapping[str, float], weight: Floats
) -> dict[str, Floats]:
    """Measures of the predictions at each threshold, ``<metric>_at_<rule>``.

    Parameters
    ----------
    positive, score
        Shape (n,).
    thresholds
        Rule to threshold.
    weight
        How often each example counts, shape (r, n).

    Returns
    -------
    Arrays of shape (r,).
    """
    if not thresholds:
        return {}
    called = score[:, None] > np.array(list(thresholds.values()))
    found = call_metrics(count_calls(positive, called, weight))
    return {
        f"{metric}_at_{rule}": values[:, place]
        for place, rule in enumerate(thresholds)
        for metric, values in found.items()
    }


def calibrated(score: Floats, calibrator: Calibrator) -> dict[str, Floats]:
    """Scores by each method, in their shape."""
    return {
        "temperature": apply_temperature(score, calibrator.temperature),
        "isotonic": apply_isotonic(score, calibrator.steps),
    }


def calibrated_sums(
    target: Integers, score: Floats, calibrator: Calibrator, unit: Integers | None = None
) -> dict[str, ProbabilitySums]:
    """Method to what `probability_metrics` needs of its scores: of one class, or of several."""
    summed = sum_scores if score.ndim == 1 else sum_classes
    return {
        method: summed(target, own, unit) for method, own in calibrated(score, calibrator).items()
    }


def weighted_calibrated_metrics(
    sums: Mapping[str, ProbabilitySums], weight: Floats
) -> dict[str, Floats]:
    """brier, log_loss and ece of each method, ``<metric>_<method>``, shape (r,)."""
    return {
        f"{metric}_{method}": values
        for method, of_method in sums.items()
        for metric, values in weighted_probability_metrics(of_method, weight).items()
    }
