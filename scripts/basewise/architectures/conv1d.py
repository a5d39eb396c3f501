"""The one-layer convolution networks: position by position, and position-blind."""

import keras
from keras import layers

from basewise.architectures.ends import Ends, head, onehot_input


def conv1d(
    ends: Ends, *, filters: int, kernel_size: int, dense_units: int, dropout: float
) -> keras.Model:
    """Conv1D, flatten, dense: 2,562 parameters on 4 bases with a two-class softmax.

    Most of the parameters sit in the first dense layer and grow with the length (126,466 at 125
    bases), which is why the larger networks pool first.
    """
    onehot, signal = onehot_input(ends)
    hidden = layers.Conv1D(filters, kernel_size, activation="relu")(signal)
    hidden = layers.Flatten()(hidden)
    hidden = layers.Dense(dense_units, activation="relu")(hidden)
    hidden = layers.Dropout(dropout)(hidden)
    return keras.Model(onehot, head(hidden, ends), name="conv1d")


def conv1d_wide(
    ends: Ends, *, filters: int, kernel_size: int, dense_units: int, dropout: float
) -> keras.Model:
    """Many motif detectors, the best match of each, dense: 61,500 parameters in the first layer.

    The maximum over positions makes the network blind to where a motif lies and its size
    independent of the length. Dropout comes after the maximum, never before it.
    """
    onehot, signal = onehot_input(ends)
    hidden = layers.Conv1D(filters, kernel_size, activation="relu")(signal)
    hidden = layers.GlobalMaxPooling1D()(hidden)
    hidden = layers.Dropout(dropout)(hidden)
    hidden = layers.Dense(dense_units, activation="relu")(hidden)
    return keras.Model(onehot, head(hidden, ends), name="conv1d_wide")
