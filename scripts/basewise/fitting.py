"""The loop over epochs: optimizer, loss, early stopping."""

from __future__ import annotations

from typing import Any, NamedTuple

import keras
import numpy as np
import pandas as pd
from keras import ops

__all__ = ["Fitted", "Training", "fit_epochs", "fit_model"]

LOSSES = {
    "binary": "binary_crossentropy",
    "multiclass": "sparse_categorical_crossentropy",
    "multilabel": "binary_crossentropy",
    "per_position": "sparse_categorical_crossentropy",
}


class Training(NamedTuple):
    """How to train, see `training:` in config/README.md."""

    epochs: int
    batch_size: int
    patience: int
    learning_rate: float
    shift: int = 0
    weight_decay: float = 0.0
    clip_norm: float | None = None
    refit: bool = False
    optimizer: str = "adam"
    momentum: float = 0.0


class Fitted(NamedTuple):
    """What `fit_model` did.

    Attributes
    ----------
    history
        One row an epoch: epoch (from 1), loss, accuracy, val_loss, val_accuracy, learning_rate;
        for a regression mae and val_mae in place of the accuracies.
    best_epoch
        The epoch with the lowest validation loss, from 1.
    """

    history: pd.DataFrame
    best_epoch: int


def fit_model(
    model: keras.Model, shown: Any, held_out: Any, training: Training, task: str
) -> Fitted:
    """Fit a model and leave it with the weights of its best epoch.

    Parameters
    ----------
    model
        Gets compiled.
    shown, held_out
        Training and validation examples, anything that `keras.Model.fit` takes. A missing target
        (NaN) of a regression does not count.
    training, task
        See `training.fit_network`.
    """
    _compile(model, training, task)
    stopping = keras.callbacks.EarlyStopping(
        monitor="val_loss", patience=training.patience, restore_best_weights=True
    )
    plateau = keras.callbacks.ReduceLROnPlateau(
        monitor="val_loss", factor=0.5, patience=max(1, training.patience // 2), min_lr=1e-6
    )
    history = model.fit(
        shown,
        validation_data=held_out,
        epochs=training.epochs,
        shuffle=False,
        verbose=2,
        callbacks=[stopping, plateau, keras.callbacks.TerminateOnNaN()],
    )
    table = pd.DataFrame(history.history)
    table.insert(0, "epoch", np.arange(1, len(table) + 1))
    return Fitted(table, stopping.best_epoch + 1)


def fit_epochs(
    model: keras.Model, shown: Any, training: Training, task: str, rates: list[float]
) -> None:
    """Fit a model for as many epochs as there are learning rates, one for each."""
    _compile(model, training, task)
    schedule = keras.callbacks.LearningRateScheduler(lambda epoch: rates[epoch])
    model.fit(shown, epochs=len(rates), shuffle=False, verbose=2, callbacks=[schedule])


def _compile(model: keras.Model, training: Training, task: str) -> None:
    common = {
        "learning_rate": training.learning_rate,
        "weight_decay": training.weight_decay or None,
        "global_clipnorm": training.clip_norm,
    }
    if training.optimizer == "sgd":
        optimizer = keras.optimizers.SGD(momentum=training.momentum, **common)
    else:
        optimizer = keras.optimizers.Adam(**common)
    optimizer.exclude_from_weight_decay(var_names=["bias", "beta", "gamma"])
    model.compile(
        optimizer=optimizer,
        loss=LOSSES.get(task, _squared_error),
        weighted_metrics=[_metric(task)],
    )


def _metric(task: str) -> keras.metrics.Metric:
    if task == "regression":
        return keras.metrics.MeanMetricWrapper(_absolute_error, name="mae")
    if task in ("multiclass", "per_position"):
        return keras.metrics.SparseCategoricalAccuracy(name="accuracy")
    return keras.metrics.BinaryAccuracy(name="accuracy")


def _squared_error(truth: Any, score: Any) -> Any:
    return ops.mean(ops.square(_error(truth, score)), axis=-1)


def _absolute_error(truth: Any, score: Any) -> Any:
    return ops.mean(ops.abs(_error(truth, score)), axis=-1)


def _error(truth: Any, score: Any) -> Any:
    """Truth less score; 0, and no gradient, where the truth is missing."""
    return ops.where(ops.isnan(truth), score, truth) - score
