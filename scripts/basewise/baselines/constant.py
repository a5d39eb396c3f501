"""Scores that are the same for every example: the class shares, or the mean, of the train part."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.dummy import DummyClassifier, DummyRegressor

from basewise.baselines import Baseline
from basewise.baselines.choosing import class_probabilities
from basewise.baselines.stages import known_rows


def majority(
    onehot: NDArray[np.uint8],
    target: NDArray[Any],
    part: NDArray[np.str_],
    *,
    seed: int,
    task: str,
    outputs: int,
) -> Baseline:
    """Score every example, or every position, with the shares of the classes in the train part.

    Padding has no class and counts in no share.
    """
    train = part == "train"
    if task in ("multiclass", "per_position"):
        known = target[train]
        labels = known[onehot[train].any(axis=2)] if task == "per_position" else known[:, 0]
        model = _shares(np.bincount(labels, minlength=outputs))
        share = class_probabilities(model, np.zeros((1, 1)), outputs)[0].astype(np.float32)
        return Baseline(model, _repeated(share, target, task), parameters=outputs)
    columns = target[train].T.astype(np.int64)
    models = [_shares(np.bincount(labels, minlength=2)) for labels in columns]
    shares = [class_probabilities(model, np.zeros((1, 1)), 2)[0, 1] for model in models]
    score = _repeated(np.array(shares, dtype=np.float32), target, task)
    return Baseline(models if task == "multilabel" else models[0], score, parameters=outputs)


def _shares(counts: NDArray[np.int64]) -> DummyClassifier:
    """A classifier of the classes that are there, in the shares of their counts."""
    classes = np.flatnonzero(counts)
    model = DummyClassifier(strategy="prior")
    return model.fit(np.zeros((len(classes), 1)), classes, sample_weight=counts[classes])


def _repeated(share: NDArray[np.float32], target: NDArray[Any], task: str) -> NDArray[np.float32]:
    """The same shares for each example, or for each of its positions, without a copy of them."""
    shape = target.shape if task == "per_position" else target.shape[:1]
    return np.broadcast_to(share, (*shape, len(share)))


def mean(
    onehot: NDArray[np.uint8],
    target: NDArray[np.float32],
    part: NDArray[np.str_],
    *,
    seed: int,
    task: str,
    outputs: int,
) -> Baseline:
    """Score every example with the mean of each output in the train part, of the known values."""
    train = np.flatnonzero(part == "train")
    means = [
        target[known_rows(target, train, output, fewest=1), output].mean(dtype=np.float64)
        for output in range(outputs)
    ]
    model = DummyRegressor().fit(np.zeros((1, 1)), np.array([means]))
    score = model.predict(np.zeros((len(target), 1))).reshape(target.shape).astype(np.float32)
    return Baseline(model, score, parameters=outputs)
