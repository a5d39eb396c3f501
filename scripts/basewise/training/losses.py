"""What a training lowers, and the metric beside it, for each task."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from basewise.core.errors import InputError
from basewise.store.shards import INDEX_TASKS
from basewise.training.settings import Training

CROSS_ENTROPIES = {
    "binary": "binary_crossentropy",
    "multiclass": "sparse_categorical_crossentropy",
    "multilabel": "binary_crossentropy",
    "per_position": "sparse_categorical_crossentropy",
}


Loss = Callable[[Any, Any], Any]


def loss_of(
    task: str, training: Training, weights: NDArray[np.float32] | None = None
) -> str | Loss:
    """The loss of a task, for `keras.Model.compile`.

    Parameters
    ----------
    training
        Its ``loss``, ``focal_gamma`` and ``label_smoothing``. Smoothed, a label of K classes is
        1 - s + s / K for the true class and s / K for each other one (Szegedy et al., CVPR 2016).
        The focal loss is the cross-entropy times (1 - p) to the power of gamma, p being the
        probability given to the (smoothed) truth (Lin et al., ICCV 2017, arXiv 1708.02002).
    weights
        What each class counts, see `imbalance.class_weights`: the loss of an example, an output or
        a position times the weight of its true class. None counts all the same.

    Returns
    -------
    Keras's cross-entropy by name where nothing of the above is asked for; else a function of truth
    and score. Truth is 0 or 1, shape (n, outputs) (binary, multilabel); index of the class, shape
    (n, 1) (multiclass) or (n, length) (per_position); a number, or NaN where it is missing, shape
    (n, outputs) (regression).

    Raises
    ------
    InputError
        For a regression with what only classes have.
    """
    if task == "regression":
        _check_regression(training)
        return _squared_error
    gamma = training.focal_gamma if training.loss == "focal" else 0.0
    if weights is None and not gamma and not training.label_smoothing:
        return CROSS_ENTROPIES[task]
    build = _of_indices if task in INDEX_TASKS else _of_bits
    return build(gamma, training.label_smoothing, weights)


def metric_of(task: str) -> keras.metrics.Metric:
    """``accuracy``, or ``mae`` of a regression, in which a missing truth does not count."""
    if task == "regression":
        return keras.metrics.MeanMetricWrapper(_absolute_error, name="mae")
    if task in INDEX_TASKS:
        return keras.metrics.SparseCategoricalAccuracy(name="accuracy")
    return keras.metrics.BinaryAccuracy(name="accuracy")


def _of_bits(gamma: float, smoothing: float, weights: NDArray[np.float32] | None) -> Loss:
    def loss(truth: Any, score: Any) -> Any:
        wanted = truth * (1 - smoothing) + smoothing / 2
        given = wanted * score + (1 - wanted) * (1 - score)
        value = ops.binary_crossentropy(wanted, score) * _focus(given, gamma)
        if weights is not None:
            value = value * ops.where(truth > 0, weights[:, 1], weights[:, 0])
        return ops.mean(value, axis=-1)

    return loss


def _of_indices(gamma: float, smoothing: float, weights: NDArray[np.float32] | None) -> Loss:
    def loss(truth: Any, score: Any) -> Any:
        classes = score.shape[-1]
        same_rank = len(truth.shape) == len(score.shape)
        index = ops.cast(ops.squeeze(truth, axis=-1) if same_rank else truth, "int32")
        wanted = ops.one_hot(index, classes) * (1 - smoothing) + smoothing / classes
        given = ops.sum(wanted * score, axis=-1)
        value = ops.categorical_crossentropy(wanted, score) * _focus(given, gamma)
        return value if weights is None else value * ops.take(weights, index)

    return loss


def _focus(given: Any, gamma: float) -> Any:
    """What an example counts whose truth was given the probability `found`."""
    if not gamma:
        return 1.0
    # at exactly 0 the gradient of a power below 1 is infinite
    return ops.power(ops.maximum(1 - given, keras.backend.epsilon()), gamma)


def _squared_error(truth: Any, score: Any) -> Any:
    return ops.mean(ops.square(_error(truth, score)), axis=-1)


def _absolute_error(truth: Any, score: Any) -> Any:
    return ops.mean(ops.abs(_error(truth, score)), axis=-1)


def _error(truth: Any, score: Any) -> Any:
    """Truth less score; 0, and no gradient, where the truth is missing."""
    return ops.where(ops.isnan(truth), score, truth) - score


def _check_regression(training: Training) -> None:
    if training.loss == "focal":
        raise InputError(
            "`loss: focal` needs classes, this dataset is a regression; set it to cross_entropy"
        )
    if training.label_smoothing:
        raise InputError(
            f"`label_smoothing: {training.label_smoothing}` needs classes, this dataset is a "
            "regression; set it to 0"
        )
