"""Calibration: probabilities that come true as often as they say, fitted on validation.

C. Guo et al., "On calibration of modern neural networks", ICML, 2017 (temperature). B. Zadrozny,
C. Elkan, "Transforming classifier scores into accurate multiclass probability estimates", KDD, 2002
(isotonic, classes one against the others).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special
from sklearn.isotonic import IsotonicRegression

from basewise.probability_metrics import binary_losses, class_losses

__all__ = [
    "Calibrator",
    "apply_isotonic",
    "apply_temperature",
    "fit_calibrator",
]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

MOST_ROWS = 200_000
SMALLEST = 1e-7
"""Probabilities nearer to 0 and 1 are taken for this, which single precision can tell from them."""

LARGEST_TEMPERATURE = 100.0

ROUNDING = 1e-14
"""A mean log loss that is lower by less is not lower."""


class Calibrator(NamedTuple):
    """What is fitted on validation: a temperature, and a rising step function for each class."""

    temperature: float
    steps: list[IsotonicRegression]


def fit_calibrator(target: Integers, score: Floats) -> Calibrator:
    """Fit both calibrations; of more than 200,000 rows to as many, evenly spaced.

    Parameters
    ----------
    target
        0 or 1, shape (n,); of several classes the place of the true one.
    score
        Probability of 1, shape (n,), or of each class, shape (n, classes).

    Returns
    -------
    Calibrator
        The temperature, between 0.01 and 100, has the lowest log loss; it is 1 where none is
        lower. Of n rows the steps stay 1 / (n + 2) away from 0 and 1, so that no loss is infinite.
    """
    rows = np.unique(np.linspace(0, len(target) - 1, min(len(target), MOST_ROWS)).astype(int))
    target, score = target[rows], score[rows]
    losses = binary_losses if score.ndim == 1 else class_losses
    widest = float(np.log(LARGEST_TEMPERATURE))

    def loss(log: float) -> float:
        return float(losses(target, apply_temperature(score, float(np.exp(log)))).mean())

    found = optimize.minimize_scalar(loss, bounds=(-widest, widest), method="bounded")
    # classes that are always equally probable stay so at any temperature, and rounding would choose
    temperature = float(np.exp(found.x)) if loss(0.0) - found.fun > ROUNDING else 1.0
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
    own: Floats = mapped[0] if score.ndim == 1 else (mapped / mapped.sum(axis=0)).T
    return own
