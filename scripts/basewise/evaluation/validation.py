"""What is chosen or fitted on validation, thresholds and calibrations, and its measures on test.

C. Guo et al., "On calibration of modern neural networks", ICML, 2017 (temperature). B. Zadrozny,
C. Elkan, "Transforming classifier scores into accurate multiclass probability estimates", KDD, 2002
(isotonic, classes one against the others).
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import optimize, special
from sklearn.isotonic import IsotonicRegression

from basewise.core.arrays import Floats, Integers, Mask
from basewise.evaluation.binary import Calls, call_metrics, count_calls
from basewise.evaluation.probabilities import (
    ProbabilitySums,
    binary_losses,
    class_losses,
    sum_classes,
    sum_scores,
    weighted_probability_metrics,
)
from basewise.store.scores import outputs_of, truth_and_score, truth_and_shares
from basewise.store.tables import OUTPUT

RULES = ("max_f1", "max_mcc", "fixed_precision", "fixed_recall")


def choose_thresholds(
    target: Integers, score: Floats, precision: float = 0.9, recall: float = 0.9
) -> dict[str, float]:
    """Threshold of each rule; a score above it is a prediction of class 1.

    Tried are the middles between neighboring distinct scores; where all scores are equal, just
    that score. Both classes, 0 and 1, are present.

    Returns
    -------
    ``max_f1``, ``max_mcc``
        The threshold of the highest F1, or Matthews correlation; the lowest of equals.
    ``fixed_precision``
        The lowest threshold of that precision at least; where none reaches it, the lowest of the
        highest precision.
    ``fixed_recall``
        The highest threshold of that recall at least; where none reaches it, the lowest.
    """
    distinct, place = np.unique(score, return_inverse=True)
    if len(distinct) == 1:
        return dict.fromkeys(RULES, float(distinct[0]))

    # A threshold below a score calls it and all higher ones: counts run from the top.
    above = slice(1, None)
    tp: Floats = np.bincount(place, target)[::-1].cumsum()[::-1][above].astype(float)
    fp: Floats = np.bincount(place, target == 0)[::-1].cumsum()[::-1][above].astype(float)
    positives, negatives = target.sum(), (target == 0).sum()
    measures = call_metrics(Calls(tp, fp, positives - tp, negatives - fp))

    precise = measures["precision"] >= min(precision, measures["precision"].max())
    recalled = np.flatnonzero(measures["recall"] >= recall)
    chosen = {
        "max_f1": np.argmax(measures["f1"]),
        "max_mcc": np.argmax(measures["mcc"]),
        "fixed_precision": np.argmax(precise),
        "fixed_recall": recalled[-1] if len(recalled) else 0,
    }
    middles = distinct[:-1] + np.diff(distinct) / 2
    return {rule: float(middles[chosen[rule]]) for rule in RULES}


MOST_ROWS = 200_000

SMALLEST = 1e-7
"""Probabilities nearer to 0 and 1 are taken for this, which single precision can tell from them."""

LARGEST_TEMPERATURE = 100.0

SAME_LOSS = 1e-14
"""A mean log loss that is lower by less is not lower."""


class Calibrator(NamedTuple):
    """What is fitted on validation: a temperature, and a rising step function for each class."""

    temperature: float
    steps: list[IsotonicRegression]


def fit_calibrator(target: Integers, score: Floats) -> Calibrator:
    """Fit both calibrations; of more than 200,000 rows to as many, evenly spaced.

    Scores are the probability of 1, shape (n,), or of each class, shape (n, classes), `target` then
    the place of the true one. The temperature, between 0.01 and 100, has the lowest log loss; it is
    1 where none is lower. Of n rows the steps stay 1 / (n + 2) away from 0 and 1, so that no loss
    is infinite.
    """
    rows = np.unique(np.linspace(0, len(target) - 1, min(len(target), MOST_ROWS)).astype(int))
    target, score = target[rows], score[rows]
    losses = binary_losses if score.ndim == 1 else class_losses
    widest = float(np.log(LARGEST_TEMPERATURE))

    def loss(log: float) -> float:
        return float(losses(target, apply_temperature(score, float(np.exp(log)))).mean())

    # On the logarithm, where half the temperature is as far away as twice of it.
    best = optimize.minimize_scalar(loss, bounds=(-widest, widest), method="bounded")
    # classes that are always equally probable stay so at any temperature, and rounding would choose
    temperature = float(np.exp(best.x)) if loss(0.0) - best.fun > SAME_LOSS else 1.0

    # Laplace's rule of succession, as far as n rows can tell a probability from 0 or 1.
    nearest = 1 / (len(target) + 2)
    truths = [target == 1] if score.ndim == 1 else [target == k for k in range(score.shape[1])]
    steps = [
        IsotonicRegression(y_min=nearest, y_max=1 - nearest, out_of_bounds="clip").fit(
            column, truth.astype(float)
        )
        for column, truth in zip(np.atleast_2d(score.T), truths, strict=True)
    ]
    return Calibrator(temperature, steps)


def apply_temperature(score: Floats, temperature: float) -> Floats:
    """Divide logits, or the logarithms of several classes' probabilities, by the temperature."""
    kept = np.clip(score, SMALLEST, 1 - SMALLEST)
    if score.ndim == 1:
        cooled: Floats = special.expit(special.logit(kept) / temperature)
    else:
        cooled = special.softmax(np.log(kept) / temperature, axis=1)
    return cooled


def apply_isotonic(score: Floats, steps: list[IsotonicRegression]) -> Floats:
    """Map scores by the steps; of several classes brought to a sum of 1."""
    columns = np.atleast_2d(score.T)
    mapped = np.stack([step.predict(column) for step, column in zip(steps, columns, strict=True)])
    scores: Floats = mapped[0] if score.ndim == 1 else (mapped / mapped.sum(axis=0)).T
    return scores


METHODS = ("temperature", "isotonic")


class Validated(NamedTuple):
    """What validation says about an output: threshold of each rule (none for several classes)."""

    thresholds: dict[str, float]
    calibrator: Calibrator


def validate(
    scores: pd.DataFrame, task: str, precision: float, recall: float
) -> dict[str, Validated]:
    """Choose thresholds and fit calibrations on the validation rows of a score table, by output.

    Without those outputs of which validation lacks a class, or every row; none for a regression.
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
    positive: Mask, score: Floats, thresholds: Mapping[str, float], weight: Floats
) -> dict[str, Floats]:
    """Measures of the predictions at the threshold of each rule, as ``<metric>_at_<rule>``.

    They have the shape (r,); `weight` says how often each example counts, shape (r, n).
    """
    if not thresholds:
        return {}
    called = score[:, None] > np.array(list(thresholds.values()))
    measures = call_metrics(count_calls(positive, called, weight))
    return {
        f"{metric}_at_{rule}": values[:, place]
        for place, rule in enumerate(thresholds)
        for metric, values in measures.items()
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
    """Method to the sums that measures of its probabilities need: of one class, or of several."""
    summed = sum_scores if score.ndim == 1 else sum_classes
    return {
        method: summed(target, by_method, unit)
        for method, by_method in calibrated(score, calibrator).items()
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
