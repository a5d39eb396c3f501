"""A linear network that prefers few markers: the weight of each has two factors."""

import keras
from keras import initializers, layers

from basewise.architectures.ends import Ends
from basewise.architectures.features import Features
from basewise.architectures.markers import behind_markers

LIMIT = 3.0
"""Standard deviations beyond which a genotype counts as if it were there."""

START = 0.02
"""First factor of every weight; the smaller, the fewer markers."""


def sparse_markers(ends: Ends, *, scaling: str, features: Features | None = None) -> keras.Model:
    """Diagonal linear network: the weight of a marker is the product of two, one starting at zero.

    A small weight grows slowly, so that stochastic gradient descent that is stopped early finds a
    solution with few markers, as a lasso does (Vaskevicius et al. 2019; Woodworth et al. 2020). It
    is meant for finding causal markers, and predicts well where few count. With `scaling: each`
    markers are divided by their own standard deviation, and cut off at three. A missing genotype is
    the mean, whatever `unknown` says.
    """

    def network(columns: int) -> keras.Model:
        values = keras.Input((columns, 1))
        shape = (columns, ends.outputs)
        first = layers.EinsumDense(
            "bm,mo->bmo", shape, kernel_initializer=initializers.Constant(START)
        )
        activation = {"regression": "linear", "multiclass": "softmax"}.get(ends.task, "sigmoid")
        second = layers.EinsumDense(
            "bmo,mo->bo",
            shape[1:],
            activation=activation,
            bias_axes="o",
            kernel_initializer="zeros",
            dtype="float32",
            name="value" if ends.task == "regression" else "probability",
        )
        score = second(first(layers.Flatten()(values)))

        return keras.Model(values, score, name="sparse_markers")

    return behind_markers(network, ends, features, limit=LIMIT)
