"""Logistic regression, the strength of its L2 penalty chosen on the validation part."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from basewise.baselines import Baseline
from basewise.baselines.choosing import (
    Classifier,
    best_penalty,
    class_probabilities,
    fit_outputs,
    fitted,
)

__all__ = ["fit_labels", "logistic"]

STRENGTHS = (1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0)


def logistic(
    features: Any,
    target: NDArray[Any],
    part: NDArray[np.str_],
    *,
    seed: int,
    task: str,
    outputs: int,
    standardise: bool,
) -> Baseline:
    """Fit a logistic regression for all classes, or for each label.

    Parameters
    ----------
    features
        Dense or CSR, shape (n, columns).
    target, part, seed, task, outputs
        As for `baselines.fit`.
    standardise
        Divide each column by its standard deviation in the train part.
    """

    def fit_one(labels: NDArray[np.int64]) -> Classifier:
        classes = outputs if task == "multiclass" else 2
        return fit_labels(features, labels, part, classes, seed=seed, standardise=standardise)

    estimator, score = fit_outputs(fit_one, target, part, task, outputs)
    return Baseline(estimator, score, parameters=outputs * (features.shape[1] + 1))


def fit_labels(
    features: Any,
    labels: NDArray[np.int64],
    part: NDArray[np.str_],
    classes: int,
    *,
    seed: int,
    standardise: bool,
) -> Classifier:
    """Fit one logistic regression on the class of each example, shape (n,)."""
    train = part == "train"
    scaler = StandardScaler(with_mean=False, with_std=standardise)
    scaled = scaler.fit(features[train]).transform(features)
    shown, known = scaled[train], labels[train]

    def fit_strength(strength: float) -> Classifier:
        model = LogisticRegression(C=strength, max_iter=1000, random_state=seed)
        fitted(model, shown, known)
        probability = class_probabilities(model, scaled, classes)
        return Classifier(make_pipeline(scaler, model), probability)

    return best_penalty(fit_strength, STRENGTHS, labels, part)
