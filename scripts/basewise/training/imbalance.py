"""Classes of unequal size: what each should count, and how often it should be drawn."""

import numpy as np
from numpy.typing import NDArray

from basewise.core.arrays import Integers
from basewise.core.errors import InputError
from basewise.sequences.alphabet import unpack
from basewise.store.shards import Tensors

COUNTED_ROWS = 8_192
"""Examples whose positions are counted at once."""


def class_weights(tensors: Tensors, rows: Integers) -> NDArray[np.float32]:
    """What each class counts so that all classes count the same: n / (classes * its count).

    As scikit-learn's ``class_weight="balanced"``; over all `rows` the weights have mean 1. Shape
    (outputs, 2) (binary, multilabel), each output by itself; (classes,) (multiclass, per_position),
    where padding is not counted.

    Raises
    ------
    InputError
        For a regression, and for a class that no example has.
    """
    if tensors.task == "regression":
        raise InputError(
            "`class_weights: balanced` needs classes, this dataset is a regression; set it to none"
        )
    counts = _counts(tensors, rows)
    _check_counts(counts, tensors)
    weights = counts.sum(axis=-1, keepdims=True) / (counts.shape[-1] * counts)
    return np.asarray(weights, dtype=np.float32)


def rows_of_classes(tensors: Tensors, rows: Integers) -> list[Integers]:
    """The rows of each class that has any.

    Raises
    ------
    InputError
        When an example has not just one class.
    """
    if tensors.task not in ("binary", "multiclass"):
        raise InputError(
            "`sampling: balanced` needs one class an example, this dataset is "
            f"{tensors.task}; set it to natural"
        )
    target = tensors.target[rows, 0]
    return [rows[target == number] for number in np.unique(target)]


def draw_balanced(classes: list[Integers], count: int, generator: np.random.Generator) -> Integers:
    """Draw `count` rows with replacement, each class as likely as any other, class by class."""
    shares = generator.multinomial(count, np.full(len(classes), 1 / len(classes)))
    drawn = zip(classes, shares, strict=True)
    return np.concatenate([generator.choice(rows, share) for rows, share in drawn])


def _counts(tensors: Tensors, rows: Integers) -> Integers:
    """Examples, or positions, of each class, shape as in `class_weights`."""
    classes = len(tensors.outputs)
    if tensors.task == "multiclass":
        return np.bincount(tensors.target[rows, 0], minlength=classes)
    if tensors.task == "per_position":
        counts = np.zeros(classes, dtype=np.int64)
        for start in range(0, len(rows), COUNTED_ROWS):
            packed, target = tensors.take(rows[start : start + COUNTED_ROWS])
            letters = unpack(packed, tensors.length, tensors.channels).any(axis=2)
            counts += np.bincount(target[letters], minlength=classes)
        return counts

    ones = tensors.target[rows].sum(axis=0, dtype=np.int64)
    return np.stack([len(rows) - ones, ones], axis=1)


def _check_counts(counts: Integers, tensors: Tensors) -> None:
    if counts.all():
        return
    first = tuple(np.argwhere(counts == 0)[0].tolist())
    name = tensors.outputs[first[0]]
    what = f"{name} = {first[1]}" if len(first) == 2 else f"class {name}"
    raise InputError(
        f"`class_weights: balanced` cannot weigh {what}, no training example has it; "
        "leave it out of the labels, or set `class_weights: none`"
    )
