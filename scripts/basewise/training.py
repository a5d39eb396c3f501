"""Training one network on one fold."""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import partial
from importlib import import_module
from typing import Any, NamedTuple

import keras
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from basewise.advice import advise, class_counts
from basewise.architectures import adapt_settings, build, full_settings, registry
from basewise.batches import Batches
from basewise.errors import InputError
from basewise.features import fit_features
from basewise.guard_rails import warnings_of
from basewise.motifs import read_motifs
from basewise.shards import Tensors
from basewise.transforms import Transform, fit_transform

__all__ = ["Fit", "Training", "fit_network", "predict"]

LOSSES = {
    "binary": "binary_crossentropy",
    "multiclass": "sparse_categorical_crossentropy",
    "multilabel": "binary_crossentropy",
    "regression": "mean_squared_error",
    "per_position": "sparse_categorical_crossentropy",
}

FEATURE_ROWS = 20_000
"""Training examples, evenly spaced, that a feature stage is fitted on at most."""


class Training(NamedTuple):
    """How to train, see `training:` in config/README.md."""

    epochs: int
    batch_size: int
    patience: int
    learning_rate: float
    shift: int = 0
    weight_decay: float = 0.0
    clip_norm: float | None = None


class Fit(NamedTuple):
    """A trained network.

    Attributes
    ----------
    model
        The network with the weights of its best epoch, not compiled.
    history
        One row an epoch: epoch (from 1), loss, accuracy, val_loss, val_accuracy, learning_rate;
        for a regression mae and val_mae in place of the accuracies, on the scale of `transform`.
    best_epoch
        The epoch with the lowest validation loss.
    transform
        The scale of the network's output.
    changes
        Settings that were adapted to the length of the sequences, one line each.
    advice
        What spoke against the training before it began, one line each.
    warnings
        What is wrong with the trained network, one line each.
    reconstruction
        Of an autoencoder, see `reconstruction.reconstruction_errors`.
    seconds
        Wall time of the training.
    """

    model: keras.Model
    history: pd.DataFrame
    best_epoch: int
    transform: Transform
    changes: list[str]
    advice: list[str]
    warnings: list[str]
    reconstruction: dict[str, dict[str, float]] | None
    seconds: float


def fit_network(
    tensors: Tensors,
    part: NDArray[np.str_],
    *,
    architecture: str,
    settings: Mapping[str, Any],
    training: Training,
    seed: int,
    transform: str = "none",
) -> Fit:
    """Train an architecture on the train part, choosing the epoch on the validation part.

    Adam, with decoupled weight decay of all but biases and normalisations; the learning rate halves
    when the validation loss has not fallen for half the patience, and training stops when it has
    not for the whole of it. With `reverse_complement: augment` and `shift`, each training example
    is shown on a random strand and shifted at random, anew in each epoch; validation is never
    augmented. A feature stage is fitted on the train part first, and an autoencoder first learns to
    reconstruct it.

    Parameters
    ----------
    tensors
        The dataset.
    part
        Part of each example, shape (n,).
    architecture, settings
        What to build, see `architectures.build`.
    training
        Epochs, batch size, patience, learning rate and so on.
    seed
        Seed of the initial weights, of dropout and of the order of examples.
    transform
        Scale on which the targets of a regression are learnt, see `transforms.fit_transform`.

    Raises
    ------
    InputError
        When the architecture, its settings or the transform do not fit the dataset.
    """
    strands = settings.get("reverse_complement", "none")
    _check_fit(tensors, strands, transform)
    train, validation = np.flatnonzero(part == "train"), np.flatnonzero(part == "validation")
    fitted = fit_transform(transform, tensors.target[train])
    scaled = tensors.with_target(fitted.forward(tensors.target)) if transform != "none" else tensors
    changed = _adapted(tensors, architecture, settings)
    keras.utils.set_random_seed(seed)
    model, network = _built(tensors, train, architecture, settings, training.batch_size)
    advice = _advice(model, tensors, train, {**full_settings(architecture, settings), **changed})
    _say("Adapted", changes := _lines(architecture, settings, changed))
    _say("Advice", advice)
    shown = Batches(
        scaled,
        train,
        training.batch_size,
        np.random.default_rng(seed),
        reverse_complement=strands == "augment",
        shift=training.shift,
    )
    held_out = Batches(scaled, validation, training.batch_size)
    started = time.monotonic()
    errors = None
    if "pretraining" in registry()[architecture]:
        errors = import_module(f"basewise.{registry()[architecture]['pretraining']}").pretrain(
            model,
            shown,
            held_out,
            tensors,
            part,
            epochs=training.epochs,
            patience=training.patience,
            learning_rate=training.learning_rate,
        )
    history, best_epoch = _fitted(model, shown, held_out, training, tensors.task)
    seconds = time.monotonic() - started
    trained = network()
    trained.set_weights(model.get_weights())
    score = predict(trained, scaled, validation, training.batch_size)
    warnings = warnings_of(
        history, training.epochs, best_epoch, scaled.target, train, validation, score, tensors.task
    )
    _say("Warning", warnings)
    return Fit(trained, history, best_epoch, fitted, changes, advice, warnings, errors, seconds)


def predict(
    model: keras.Model, tensors: Tensors, rows: NDArray[np.int64], batch_size: int
) -> NDArray[np.float32]:
    """Put rows through a network.

    Returns
    -------
    float32, shape (rows, outputs), a regression's on its scale; per position (rows, length,
    classes)
    """
    scores: NDArray[np.float32] = model.predict(Batches(tensors, rows, batch_size), verbose=0)
    return scores


def _built(
    tensors: Tensors,
    train: NDArray[np.int64],
    architecture: str,
    settings: Mapping[str, Any],
    batch_size: int,
) -> tuple[keras.Model, partial[keras.Model]]:
    """The network, its feature stage fitted, and how to build it once more."""
    network = partial(
        build,
        architecture,
        length=tensors.length,
        channels=tensors.channels,
        outputs=len(tensors.outputs),
        task=tensors.task,
        **settings,
    )
    model = network()
    if tensors.task == "per_position" and model.output_shape[1] != tensors.length:
        raise InputError(
            f"{architecture} answers {model.output_shape[1]} positions, the labels have "
            f"{tensors.length}; take an architecture that keeps the length"
        )
    some = train[:: -(-len(train) // FEATURE_ROWS)]
    features = fit_features(model, Batches(tensors, some, batch_size))
    if features is not None:
        network = partial(network, features=features)
        model = network()
    return model, network


def _fitted(
    model: keras.Model, shown: Batches, held_out: Batches, training: Training, task: str
) -> tuple[pd.DataFrame, int]:
    """Fit a model, leave it with the weights of its best epoch: history and that epoch."""
    optimizer = keras.optimizers.Adam(
        training.learning_rate,
        weight_decay=training.weight_decay or None,
        global_clipnorm=training.clip_norm,
    )
    optimizer.exclude_from_weight_decay(var_names=["bias", "beta", "gamma"])
    model.compile(
        optimizer=optimizer,
        loss=LOSSES[task],
        weighted_metrics=[_metric(task)],
    )
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
    return table, stopping.best_epoch + 1


def _adapted(tensors: Tensors, architecture: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    own = {key: settings[key] for key in settings if key in registry()[architecture]["settings"]}
    adapt = settings.get("adapt", "error")
    return adapt_settings(
        architecture, tensors.length, len(tensors.outputs), tensors.task, adapt, own
    )


def _lines(architecture: str, settings: Mapping[str, Any], changed: Mapping[str, Any]) -> list[str]:
    full = full_settings(architecture, settings)
    return [f"{name} {full[name]} -> {value}" for name, value in changed.items()]


def _advice(
    model: keras.Model, tensors: Tensors, train: NDArray[np.int64], settings: Mapping[str, Any]
) -> list[str]:
    counts = class_counts(tensors.target, train, tensors.outputs, tensors.task)
    motifs = read_motifs(settings["motifs"]) if settings.get("motifs") else []
    widths = [len(motif.probabilities) for motif in motifs]
    return advise(model, settings, tensors.length, len(train), counts, tensors.task, widths)


def _say(title: str, lines: list[str]) -> None:
    for line in lines:
        print(f"{title}: {line}", flush=True)


def _check_fit(tensors: Tensors, strands: str, transform: str) -> None:
    if strands != "none" and tensors.alphabet != "dna":
        raise InputError(
            f"`reverse_complement: {strands}` needs DNA, this dataset is {tensors.alphabet}; "
            "set it to none"
        )
    if transform != "none" and tensors.task != "regression":
        raise InputError(
            f"`transform: {transform}` needs a regression, this dataset is {tensors.task}; "
            "set it to none"
        )


def _metric(task: str) -> keras.metrics.Metric:
    if task == "regression":
        return keras.metrics.MeanAbsoluteError(name="mae")
    if task in ("multiclass", "per_position"):
        return keras.metrics.SparseCategoricalAccuracy(name="accuracy")
    return keras.metrics.BinaryAccuracy(name="accuracy")
