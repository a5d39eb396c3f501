"""A linear network that prefers few markers: the weight of each has two factors."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import keras
from keras import initializers, layers
from numpy.typing import NDArray

from basewise.architectures.markers import behind_markers

LIMIT = 3.0
"""Standard deviations beyond which a genotype counts as if it were there."""

START = 0.02
"""First factor of every weight; the smaller, the fewer markers."""


def sparse_markers(
    *,
    length: int,
    channels: int,
    outputs: int,
    task: str,
    scaling: str = "each",
    features: Mapping[str, NDArray[Any]] | None = None,
    unknown: str = "uniform",
) -> keras.Model:
    """Diagonal linear network: the weight of a marker is the product of two, one starting at zero.

    A small weight grows slowly, so that stochastic gradient descent that is stopped early finds a
    solution with few markers, as a lasso does (Vaskevicius et al. 2019; Woodworth et al. 2020). It
    is meant for finding causal markers, and predicts well where few count. With `scaling: each`
    markers are divided by their own standard deviation, and cut off at three. A missing genotype is
    the mean, whatever `unknown` says.
    """
    network = partial(_network, outputs=outputs, task=task)
    return behind_markers(network, length, channels, features, limit=LIMIT)


def _network(columns: int, *, outputs: int, task: str) -> keras.Model:
    values = keras.Input((columns, 1))
    first = layers.EinsumDense(
        "bm,mo->bmo", (columns, outputs), kernel_initializer=initializers.Constant(START)
    )
    activation = {"regression": "linear", "multiclass": "softmax"}.get(task, "sigmoid")
    second = layers.EinsumDense(
        "bmo,mo->bo",
        (outputs,),
        activation=activation,
        bias_axes="o",
        kernel_initializer="zeros",
        dtype="float32",
        name="value" if task == "regression" else "probability",
    )
    score = second(first(layers.Flatten()(values)))
    return keras.Model(values, score, name="sparse_markers")
