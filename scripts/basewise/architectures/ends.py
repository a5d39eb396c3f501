"""The two ends every network shares: one-hot bits in, probabilities or values out."""

from typing import Any, NamedTuple

import keras
from keras import layers, ops


class Ends(NamedTuple):
    """The two ends of a network: the letters it reads, and what it answers, see `build`."""

    length: int
    channels: int
    outputs: int
    task: str
    unknown: str


def onehot_input(ends: Ends) -> tuple[Any, Any]:
    """Open a model on the stored one-hot bits, shape (length, channels), and cast them to float32.

    An ambiguous letter such as N shares 1 among the possible ones (0.25 each for N), or with
    `unknown` ``zeros`` shows nothing. Padding is zeros in both. Gives the input and the tensor.
    """
    bits = keras.Input((ends.length, ends.channels), dtype="uint8", name="onehot")
    signal = ops.cast(bits, "float32")
    letters = ops.sum(signal, axis=-1, keepdims=True)
    if ends.unknown == "uniform":
        return bits, signal / ops.maximum(letters, 1.0)
    return bits, signal * ops.cast(ops.equal(letters, 1.0), "float32")


def head(features: Any, ends: Ends, initializer: Any = "glorot_uniform") -> Any:
    """Close a model with one dense unit for each output.

    ``binary`` and ``multilabel`` end in a sigmoid for each output, ``multiclass`` and
    ``per_position`` in a softmax; that layer is named ``probability``. ``regression`` ends in the
    linear layer ``value``. `features` has the shape (batch, units), for ``per_position``
    (batch, length, units), and outputs take the place of units.
    """
    if ends.task == "regression":
        activation, name = "linear", "value"
    else:
        activation = "softmax" if ends.task in ("multiclass", "per_position") else "sigmoid"
        name = "probability"

    dense = layers.Dense(
        ends.outputs,
        activation=activation,
        kernel_initializer=initializer,
        dtype="float32",
        name=name,
    )
    return dense(features)


def both_strands(network: keras.Model) -> keras.Model:
    """Let a network score a sequence and its reverse complement, and average the two.

    The model gives both strands the same score (channel order A, C, G, T: reversing both axes is
    the reverse complement); scores per position are turned back first. The network keeps its
    parameters and is named ``network`` in it.
    """
    onehot = keras.Input(network.input_shape[1:], dtype="uint8", name="onehot")
    reverse = network(ops.flip(onehot, axis=(1, 2)))
    if len(network.output_shape) == 3:
        reverse = ops.flip(reverse, axis=1)
    network.name = "network"
    average = layers.Average(dtype="float32")
    return keras.Model(onehot, average([network(onehot), reverse]))
