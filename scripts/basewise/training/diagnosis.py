"""What is plainly wrong with a trained network, one line each, with a remedy."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from basewise.core.arrays import Floats, Integers

SAME = 1e-6
"""Scores that differ by less are one score; those of a regression, in the spread of its truth."""


WARNINGS = {
    "broken": "the loss was no longer a number in epoch {broken}; the weights are those of "
    "epoch {best}; lower `learning_rate` or set `clip_norm`",
    "same_score": "it gives every example the same score; lower `learning_rate`, raise "
    "`patience`, or take a smaller network",
    "worse_than_majority": "it is worse than the majority class: accuracy {accuracy:.3f} on "
    "validation, always answering the most frequent class gives {majority:.3f}; see whether it "
    "learns at all (learning curves), or choose the threshold on validation",
    "not_learned": "it has not learnt its own training examples: accuracy {accuracy:.3f} in the "
    "epoch kept, chance is {chance:.3f}; change `learning_rate`, raise `patience`, or take a "
    "simpler network",
    "worse_than_mean": "it is worse than the mean of train: squared error {network:.4g} on "
    "validation, the mean gives {constant:.4g}; change `learning_rate`, raise `patience`, or "
    "take a simpler network",
    "improving": "it was still improving in the last epoch, {epochs}; raise `epochs`",
}


def warnings_of(
    history: pd.DataFrame,
    epochs: int,
    best_epoch: int,
    target: NDArray[np.generic],
    train: Integers,
    validation: Integers,
    score: NDArray[np.float32],
    task: str,
) -> list[str]:
    """Name what went wrong in a training.

    Parameters
    ----------
    history, epochs, best_epoch
        One row an epoch; how many there might have been; the one whose weights are kept, from 1.
    target
        Targets of all examples, as `shards.Tensors` holds them; a regression's on the scale
        learned, NaN where one is not known.
    train, validation
        Rows of the two parts.
    score
        What the network puts out for the validation rows, on the same scale.
    """
    finite = np.isfinite(history["loss"]) & np.isfinite(history["val_loss"])
    warnings = []
    if not finite.all():
        broken = int(history["epoch"][~finite].iloc[0])
        warnings.append(WARNINGS["broken"].format(broken=broken, best=best_epoch))

    flat = score.reshape(-1, score.shape[-1])
    unit = _spread(target[train]) if task == "regression" else np.ones(1)
    if (np.ptp(flat, axis=0) < SAME * unit).all():
        warnings.append(WARNINGS["same_score"])

    if task == "regression":
        warnings += _of_a_regression(target, train, validation, score)
    else:
        warnings += _of_classes(history.iloc[best_epoch - 1], target, train, validation, task)

    if best_epoch == epochs:
        warnings.append(WARNINGS["improving"].format(epochs=epochs))
    return warnings


def chance_accuracy(
    target: NDArray[np.generic], train: Integers, rows: Integers, task: str
) -> float:
    """Accuracy on `rows` of always answering the most frequent class of `train`.

    With several outputs or positions the mean over all.
    """
    if task == "per_position":
        return float((target[rows] == _most_frequent(target[train].ravel())).mean())
    answers = np.apply_along_axis(_most_frequent, 0, target[train])
    return float((target[rows] == answers).mean())


def _of_classes(
    best: pd.Series, target: NDArray[np.generic], train: Integers, validation: Integers, task: str
) -> Iterator[str]:
    majority = chance_accuracy(target, train, validation, task)
    if best["val_accuracy"] < majority:
        accuracy = best["val_accuracy"]
        yield WARNINGS["worse_than_majority"].format(accuracy=accuracy, majority=majority)

    chance = chance_accuracy(target, train, train, task)
    error = np.sqrt(chance * (1 - chance) / len(train))
    if best["accuracy"] <= chance + error:
        yield WARNINGS["not_learned"].format(accuracy=best["accuracy"], chance=chance)


def _spread(truth: NDArray[np.generic]) -> Floats:
    """Standard deviation of each output; 1 where all values are equal."""
    known = truth.astype(np.float64)
    varied = np.nanmax(known, axis=0) > np.nanmin(known, axis=0)
    return np.where(varied, np.nanstd(known, axis=0), 1.0)


def _of_a_regression(
    target: NDArray[np.generic], train: Integers, validation: Integers, score: NDArray[np.float32]
) -> Iterator[str]:
    truth = target[validation].astype(np.float64)
    mean = np.nanmean(target[train].astype(np.float64), axis=0)
    network, constant = (np.nanmean((truth - guess) ** 2) for guess in (score, mean))
    if not network < constant:
        yield WARNINGS["worse_than_mean"].format(network=network, constant=constant)


def _most_frequent(values: NDArray[np.generic]) -> np.generic:
    classes, counts = np.unique(values, return_counts=True)
    most: np.generic = classes[counts.argmax()]
    return most
