"""The loop over epochs: early stopping, the epoch kept, and what a training leaves behind."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import keras
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from basewise.training.batches import Feed
from basewise.training.checkpoints import Checkpoint
from basewise.training.claims import Claim, check_claim
from basewise.training.feeding import fit
from basewise.training.losses import loss_of, metric_of
from basewise.training.optimizers import WeightAverage, optimizer_of
from basewise.training.progress import Progress
from basewise.training.settings import Training


class Fitted(NamedTuple):
    """What `fit_model` did.

    `history` has one row an epoch: epoch (from 1), loss, accuracy, val_loss, val_accuracy,
    learning_rate; for a regression mae and val_mae in place of the accuracies. `best_epoch` has the
    lowest validation loss, from 1. `examples_per_second` counts training examples in the time of
    training and validation; None where a killed run had done all epochs.
    """

    history: pd.DataFrame
    best_epoch: int
    examples_per_second: float | None


class Traces(NamedTuple):
    """What a training leaves while it goes on; None for what it does not.

    Attributes
    ----------
    title
        Names the training beside the bar on a terminal.
    states
        Folder for states to resume from, see `checkpoints.state_folder`.
    table
        File of the live table, a row an epoch.
    watch
        Called at the end of each epoch with its number (from 1) and validation loss; may raise to
        end the training.
    claim
        What this job has claimed; the training ends when another job has taken it over.
    """

    title: str = ""
    states: Path | None = None
    table: Path | None = None
    tensorboard: Path | None = None
    watch: Callable[[int, float], None] | None = None
    claim: Claim | None = None


NO_TRACES = Traces()


def fit_model(
    model: keras.Model,
    shown: Feed,
    held_out: Feed,
    training: Training,
    task: str,
    weights: NDArray[np.float32] | None = None,
    traces: Traces = NO_TRACES,
) -> Fitted:
    """Compile and fit a model and leave it with the weights of its best epoch.

    `weights` are those of the classes, see `losses.loss_of`.
    """
    _compile(model, training, task, weights, len(shown))
    stopping = keras.callbacks.EarlyStopping(
        monitor="val_loss", patience=training.patience, restore_best_weights=True
    )
    callbacks = [*_averaging(training), stopping]
    if training.schedule == "plateau":
        callbacks.append(
            keras.callbacks.ReduceLROnPlateau(
                monitor="val_loss", factor=0.5, patience=max(1, training.patience // 2), min_lr=1e-6
            )
        )

    run = run_epochs(model, shown, training.epochs, callbacks, "train", traces, held_out)
    return Fitted(pd.DataFrame(run.rows), stopping.best_epoch + 1, run.examples_per_second)


def fit_epochs(
    model: keras.Model,
    shown: Feed,
    training: Training,
    task: str,
    rates: list[float],
    weights: NDArray[np.float32] | None = None,
    traces: Traces = NO_TRACES,
) -> None:
    """Fit a model for as many epochs as there are learning rates, each with its own.

    A schedule that changes the rate within an epoch runs as it did.
    """
    _compile(model, training, task, weights, len(shown))
    callbacks = _averaging(training)
    if training.schedule == "plateau":
        callbacks.append(keras.callbacks.LearningRateScheduler(lambda epoch: rates[epoch]))
    run_epochs(model, shown, len(rates), callbacks, "refit", traces)


def run_epochs(
    model: keras.Model,
    shown: Feed,
    epochs: int,
    callbacks: Sequence[keras.callbacks.Callback],
    phase: str,
    traces: Traces,
    held_out: Feed | None = None,
) -> Progress:
    """Run a compiled model over epochs, or over those that a killed run of this phase left.

    `phase` names this part of the training, and the file of its state; `callbacks` decide about the
    training, in the order in which they are asked; each epoch is validated on `held_out`, if any.
    """
    title = f"{traces.title} {phase}".strip()
    progress = Progress(epochs, len(shown.source.rows), title, _beside(traces.table, phase))
    deciding = [*callbacks, keras.callbacks.TerminateOnNaN(), *_claimed(traces.claim), progress]
    if traces.watch is not None:
        deciding.append(_watcher(traces.watch))
    done, last = 0, epochs
    if traces.states is not None:
        checkpoint = Checkpoint(traces.states / f"{phase}.npz", deciding, shown.source)
        deciding.append(checkpoint)
        done = checkpoint.epochs
        last = done if checkpoint.ended else epochs
        if done:
            print(f"Going on after epoch {done} of {epochs} ({phase})", flush=True)
    if traces.tensorboard is not None:
        board = keras.callbacks.TensorBoard(traces.tensorboard / phase, write_graph=False)
        deciding.append(board)

    # An optimizer that makes its variables within the graph has the graph traced twice.
    model.optimizer.build(model.trainable_variables)
    fit(model, shown, held_out, range(done, last), deciding)
    return progress


def _compile(
    model: keras.Model,
    training: Training,
    task: str,
    weights: NDArray[np.float32] | None,
    steps: int,
) -> None:
    model.compile(
        optimizer=optimizer_of(training, steps, training.epochs),
        loss=loss_of(task, training, weights),
        weighted_metrics=[metric_of(task)],
    )


def _averaging(training: Training) -> list[keras.callbacks.Callback]:
    return [WeightAverage(training.average_decay)] if training.average_decay else []


def _claimed(claim: Claim | None) -> list[keras.callbacks.Callback]:
    """What ends a training that another job has taken over, before anything of it is written."""
    if claim is None:
        return []
    return [keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: check_claim(claim))]


def _watcher(watch: Callable[[int, float], None]) -> keras.callbacks.Callback:
    return keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: watch(epoch + 1, logs["val_loss"])
    )


def _beside(table: Path | None, phase: str) -> Path | None:
    """The live table of a phase: the given one for the training itself, others beside it."""
    if table is None or phase == "train":
        return table
    return table.with_name(f"{table.stem}.{phase}{table.suffix}")
