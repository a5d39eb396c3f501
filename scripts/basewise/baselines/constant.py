"""Scores that are the same for every example: the class shares, or the mean, of the train part."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.dummy import DummyClassifier, DummyRegressor

from basewise.baselines import Baseline, Data
from basewise.baselines.choosing import class_probabilities
from basewise.baselines.stages import known_rows
from basewise.core.arrays import Integers


def majority(data: Data) -> Baseline:
    """Score every example, or every position, with the shares of the classes in the train part.

    Padding has no class and counts in no share.
    """
    train, task = data.part == "train", data.task
    known = data.target[train]
    if task in ("multiclass", "per_position"):
        labels = known[data.onehot[train].any(axis=2)] if task == "per_position" else known[:, 0]
        model = _shares(np.bincount(labels, minlength=data.outputs))
        share = class_probabilities(model, np.zeros((1, 1)), data.outputs)[0].astype(np.float32)
        return Baseline(model, _repeated(share, data.target, task), parameters=data.outputs)

    columns = known.T.astype(np.int64)
    models = [_shares(np.bincount(labels, minlength=2)) for labels in columns]
    shares = [class_probabilities(model, np.zeros((1, 1)), 2)[0, 1] for model in models]
    score = _repeated(np.array(shares, dtype=np.float32), data.target, task)
    return Baseline(models if task == "multilabel" else models[0], score, parameters=data.outputs)


def _shares(counts: Integers) -> DummyClassifier:
    """A classifier of the classes that are there, in the shares of their counts."""
    classes = np.flatnonzero(counts)
    model = DummyClassifier(strategy="prior")
    return model.fit(np.zeros((len(classes), 1)), classes, sample_weight=counts[classes])


def _repeated(share: NDArray[np.float32], target: NDArray[Any], task: str) -> NDArray[np.float32]:
    """The same shares for each example, or for each of its positions, without a copy of them."""
    shape = target.shape if task == "per_position" else target.shape[:1]
    return np.broadcast_to(share, (*shape, len(share)))


def mean(data: Data) -> Baseline:
    """Score every example with the mean of each output in the train part, of the known values."""
    target, train = data.target, np.flatnonzero(data.part == "train")
    means = [
        target[known_rows(target, train, output, fewest=1), output].mean(dtype=np.float64)
        for output in range(data.outputs)
    ]
    model = DummyRegressor().fit(np.zeros((1, 1)), np.array([means]))
    score = model.predict(np.zeros((len(target), 1))).reshape(target.shape).astype(np.float32)
    return Baseline(model, score, parameters=data.outputs)
