"""The one-layer convolution networks: position by position, and position-blind."""

import keras
from keras import layers

from basewise.architectures.ends import head, onehot_input


def conv1d(
    *,
    length: int,
    channels: int,
    outputs: int,
    task: str,
    filters: int = 32,
    kernel_size: int = 3,
    dense_units: int = 32,
    dropout: float = 0.0,
    unknown: str = "uniform",
) -> keras.Model:
    """Conv1D, flatten, dense: 2,562 parameters on 4 bases with a two-class softmax.

    Most of the parameters sit in the first dense layer and grow with the length (126,466 at 125
    bases), which is why the larger networks pool first.
    """
    onehot, signal = onehot_input(length, channels, unknown)
    hidden = layers.Conv1D(filters, kernel_size, activation="relu")(signal)
    hidden = layers.Flatten()(hidden)
    hidden = layers.Dense(dense_units, activation="relu")(hidden)
    hidden = layers.Dropout(dropout)(hidden)
    return keras.Model(onehot, head(hidden, outputs, task), name="conv1d")


def conv1d_wide(
    *,
    length: int,
    channels: int,
    outputs: int,
    task: str,
    filters: int = 1500,
    kernel_size: int = 10,
    dense_units: int = 32,
    dropout: float = 0.2,
    unknown: str = "uniform",
) -> keras.Model:
    """Many motif detectors, the best match of each, dense: 61,500 parameters in the first layer.

    The maximum over positions makes the network blind to where a motif lies and its size
    independent of the length. Dropout comes after the maximum, never before it.
    """
    onehot, signal = onehot_input(length, channels, unknown)
    hidden = layers.Conv1D(filters, kernel_size, activation="relu")(signal)
    hidden = layers.GlobalMaxPooling1D()(hidden)
    hidden = layers.Dropout(dropout)(hidden)
    hidden = layers.Dense(dense_units, activation="relu")(hidden)
    return keras.Model(onehot, head(hidden, outputs, task), name="conv1d_wide")
