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
from basewise.transforms import Transform, fit_transform

__all__ = ["Fit", "Training", "fit_network", "predict", "train_and_save"]

LOSSES = {
    "binary": "binary_crossentropy",
    "multiclass": "sparse_categorical_crossentropy",
    "multilabel": "binary_crossentropy",
    "regression": "mean_squared_error",
}

TENSORFLOW_BYTES = 1_000_000_000
"""Memory that TensorFlow takes with no data loaded."""


class Training(NamedTuple):
    """How to train, see `training:` in config/README.md."""

    epochs: int
    batch_size: int
    patience: int
    learning_rate: float
    shift: int = 0


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
    seconds
        Wall time of the training.
    """

    model: keras.Model
    history: pd.DataFrame
    best_epoch: int
    transform: Transform
    seconds: float


def fit_network(
    tensors: Tensors,
    part: NDArray[np.str_],
    *,
    architecture: str,
    settings: dict[str, Any],
    training: Training,
    seed: int,
    transform: str = "none",
) -> Fit:
    """Train an architecture on the train part, choosing the epoch on the validation part.

    Adam; the learning rate halves when the validation loss has not fallen for half the patience,
    and training stops when it has not for the whole of it. With `reverse_complement: augment` and
    `shift`, each training example is shown on a random strand and shifted at random, anew in each
    epoch; validation is never augmented.

    Parameters
    ----------
    tensors
        The dataset.
    part
        Part of each example, shape (n,).
    architecture, settings
        What to build, see `architectures.build`.
    training
        Epochs, batch size, patience, learning rate and the largest shift.
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
    keras.utils.set_random_seed(seed)
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
    model.compile(
        optimizer=keras.optimizers.Adam(training.learning_rate),
        loss=LOSSES[tensors.task],
        metrics=[_metric(tensors.task)],
    )
    stopping = keras.callbacks.EarlyStopping(
        monitor="val_loss", patience=training.patience, restore_best_weights=True
    )
    plateau = keras.callbacks.ReduceLROnPlateau(
        monitor="val_loss", factor=0.5, patience=max(1, training.patience // 2), min_lr=1e-6
    )
    shown = Batches(
        scaled,
        train,
        training.batch_size,
        np.random.default_rng(seed),
        reverse_complement=strands == "augment",
        shift=training.shift,
    )
    started = time.monotonic()
    history = model.fit(
        shown,
        validation_data=Batches(scaled, validation, training.batch_size),
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
    return Fit(trained, table, stopping.best_epoch + 1, fitted, seconds)


def predict(
    model: keras.Model, tensors: Tensors, rows: NDArray[np.int64], batch_size: int
) -> NDArray[np.float32]:
    """Put rows through a network: float32, shape (rows, outputs), a regression's on its scale."""
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
    transform: str,
    root_seed: int,
    run: Mapping[str, str],
    device: str,
    memory_mb: int,
) -> None:
    """Train one network and write what the workflow keeps of it.

    Parameters
    ----------
    tensors_folder, split_path
        Output of `shards.write_tensors` and `splits.write_split`.
    paths
        Where to write ``model`` (a `.keras` file that loads in plain Keras 3 with ``safe_mode``),
        ``history``, ``scores`` and ``run``.
    architecture, settings, training, transform
        As for `fit_network`.
    root_seed, run
        The seed derives from the root seed and the run's dataset, model, fold and seed.
    device
        What the job trains on, for the record.
    memory_mb
        Memory of the job in units of 1,000,000 bytes; tensors that need more than TensorFlow leaves
        of it are streamed.

    Raises
    ------
    InputError
        As `fit_network`, and when the training diverged.
    """
    print(f"Training {run['model']} on {run['dataset']}, fold {run['fold']}, seed {run['seed']}")
    print(f"Device: {device}")
    tensors = open_tensors(tensors_folder, memory=_memory_for_tensors(memory_mb))
    part = read_split(split_path, tensors.ids)
    fit = fit_network(
        tensors,
        part,
        architecture=architecture,
        settings=settings,
        training=Training(**training),
        seed=derive_seed(root_seed, run["dataset"], run["model"], run["fold"], run["seed"]),
        transform=transform,
    )
    rows = scored_rows(part)
    scores = fit.transform.inverse(predict(fit.model, tensors, rows, training["batch_size"]))
    if not np.isfinite(scores).all():
        raise InputError(
            f"the training of {run['model']} diverged, its scores are not numbers; "
            "lower `training: learning_rate`"
        )
    with replacing(paths["model"]) as path:
        fit.model.save(path)
    write_table(fit.history, paths["history"])
    table = score_table(
        tensors.ids[rows], part[rows], tensors.target[rows], scores, tensors.outputs, tensors.task
    )
    write_scores(table, paths["scores"])
    write_run(
        paths["run"],
        run,
        ("numpy", "pandas", "keras", "tensorflow"),
        architecture=architecture,
        settings=settings,
        training=dict(training),
        transform={
            "name": fit.transform.name,
            "mean": fit.transform.mean.tolist(),
            "scale": fit.transform.scale.tolist(),
        },
        parameters=fit.model.count_params(),
        epochs=len(fit.history),
        best_epoch=fit.best_epoch,
        weights_sha256=_weights_sha256(fit.model),
        device=device,
        seconds=fit.seconds,
    )


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
    if task == "multiclass":
        return keras.metrics.SparseCategoricalAccuracy(name="accuracy")
    return keras.metrics.BinaryAccuracy(name="accuracy")


def _memory_for_tensors(memory_mb: int) -> int:
    """Bytes of a job's memory that its tensors may take, at least half of it."""
    job = memory_mb * 1_000_000
    return max(job - TENSORFLOW_BYTES, job // 2)


def _weights_sha256(model: keras.Model) -> str:
    digest = hashlib.sha256()
    for weights in model.get_weights():
        digest.update(np.ascontiguousarray(weights).tobytes())
    return digest.hexdigest()
