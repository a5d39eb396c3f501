"""Training one network on one fold."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from basewise.architectures import build
from basewise.batches import Batches
from basewise.errors import InputError
from basewise.parts import read_split
from basewise.scoring import score_table, scored_rows, write_run, write_scores
from basewise.seeds import derive_seed
from basewise.shards import Tensors, open_tensors
from basewise.steps import replacing
from basewise.tables import write_table

__all__ = ["Fit", "Training", "fit_network", "predict", "train_and_save"]


class Training(NamedTuple):
    """How to train, see `training:` in config/README.md."""

    epochs: int
    batch_size: int
    patience: int
    learning_rate: float


class Fit(NamedTuple):
    """A trained network.

    Attributes
    ----------
    model
        The network with the weights of its best epoch, not compiled.
    history
        One row an epoch: epoch (from 1), loss, accuracy, val_loss, val_accuracy, learning_rate.
    best_epoch
        The epoch with the lowest validation loss.
    seconds
        Wall time of the training.
    """

    model: keras.Model
    history: pd.DataFrame
    best_epoch: int
    seconds: float


def fit_network(
    tensors: Tensors,
    part: NDArray[np.str_],
    *,
    architecture: str,
    settings: dict[str, Any],
    training: Training,
    task: str,
    seed: int,
) -> Fit:
    """Train an architecture on the train part, choosing the epoch on the validation part.

    Adam; the learning rate halves when the validation loss has not fallen for half the patience,
    and training stops when it has not for the whole of it.

    Parameters
    ----------
    tensors
        The dataset.
    part
        Part of each example, shape (n,).
    architecture, settings
        What to build, see `architectures.build`.
    training
        Epochs, batch size, patience and learning rate.
    task
        ``binary`` or ``multiclass``.
    seed
        Seed of the initial weights, of dropout and of the order of examples.
    """
    keras.utils.set_random_seed(seed)
    network = partial(
        build,
        architecture,
        length=tensors.length,
        channels=tensors.channels,
        outputs=len(tensors.outputs),
        task=task,
        **settings,
    )
    model = network()
    model.compile(
        optimizer=keras.optimizers.Adam(training.learning_rate),
        loss={"binary": "binary_crossentropy", "multiclass": "categorical_crossentropy"}[task],
        metrics=["accuracy"],
    )
    stopping = keras.callbacks.EarlyStopping(
        monitor="val_loss", patience=training.patience, restore_best_weights=True
    )
    plateau = keras.callbacks.ReduceLROnPlateau(
        monitor="val_loss", factor=0.5, patience=max(1, training.patience // 2), min_lr=1e-6
    )
    size = training.batch_size
    order = np.random.default_rng(seed)
    started = time.monotonic()
    history = model.fit(
        Batches(tensors, np.flatnonzero(part == "train"), size, order),
        validation_data=Batches(tensors, np.flatnonzero(part == "validation"), size),
        epochs=training.epochs,
        shuffle=False,
        verbose=2,
        callbacks=[stopping, plateau],
    )
    seconds = time.monotonic() - started
    trained = network()
    trained.set_weights(model.get_weights())
    table = pd.DataFrame(history.history)
    table.insert(0, "epoch", np.arange(1, len(table) + 1))
    return Fit(trained, table, stopping.best_epoch + 1, seconds)


def predict(
    model: keras.Model, tensors: Tensors, rows: NDArray[np.int64], batch_size: int
) -> NDArray[np.float32]:
    """Score some rows: class probabilities, shape (rows, outputs)."""
    scores: NDArray[np.float32] = model.predict(Batches(tensors, rows, batch_size), verbose=0)
    return scores


def train_and_save(
    tensors_folder: str | Path,
    split_path: str | Path,
    paths: Mapping[str, str],
    *,
    architecture: str,
    settings: dict[str, Any],
    training: Mapping[str, Any],
    task: str,
    root_seed: int,
    run: Mapping[str, str],
    device: str,
) -> None:
    """Train one network and write what the workflow keeps of it.

    Parameters
    ----------
    tensors_folder, split_path
        Output of `shards.write_tensors` and `splits.write_split`.
    paths
        Where to write ``model`` (a `.keras` file that loads in plain Keras 3 with ``safe_mode``),
        ``history``, ``scores`` and ``run``.
    architecture, settings, training, task
        As for `fit_network`.
    root_seed, run
        The seed derives from the root seed and the run's dataset, model, fold and seed.
    device
        What the job trains on, for the record.

    Raises
    ------
    InputError
        When the training diverged.
    """
    print(f"Training {run['model']} on {run['dataset']}, fold {run['fold']}, seed {run['seed']}")
    print(f"Device: {device}")
    tensors = open_tensors(tensors_folder)
    part = read_split(split_path, tensors.ids.tolist())
    fit = fit_network(
        tensors,
        part,
        architecture=architecture,
        settings=settings,
        training=Training(**training),
        task=task,
        seed=derive_seed(root_seed, run["dataset"], run["model"], run["fold"], run["seed"]),
    )
    rows = scored_rows(part)
    scores = predict(fit.model, tensors, rows, training["batch_size"])
    if not np.isfinite(scores).all():
        raise InputError(
            f"the training of {run['model']} diverged, its scores are not numbers; "
            "lower `training: learning_rate`"
        )
    with replacing(paths["model"]) as path:
        fit.model.save(path)
    write_table(fit.history, paths["history"])
    table = score_table(
        tensors.ids[rows], part[rows], tensors.target[rows], scores, tensors.outputs
    )
    write_scores(table, paths["scores"])
    write_run(
        paths["run"],
        run,
        ("numpy", "pandas", "keras", "tensorflow"),
        architecture=architecture,
        settings=settings,
        training=dict(training),
        parameters=fit.model.count_params(),
        epochs=len(fit.history),
        best_epoch=fit.best_epoch,
        weights_sha256=_weights_sha256(fit.model),
        device=device,
        seconds=fit.seconds,
    )


def _weights_sha256(model: keras.Model) -> str:
    digest = hashlib.sha256()
    for weights in model.get_weights():
        digest.update(np.ascontiguousarray(weights).tobytes())
    return digest.hexdigest()
