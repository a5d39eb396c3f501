"""The recurrent network: a convolution to shorten the sequence, then both directions."""

import keras
from keras import layers

from basewise.architectures.blocks import bidirectional
from basewise.architectures.ends import head, onehot_input


def rnn(
    *,
    length: int,
    channels: int,
    outputs: int,
    task: str,
    filters: int = 64,
    kernel_size: int = 12,
    pool_size: int = 4,
    cell: str = "gru",
    rnn_units: int = 64,
    dropout: float = 0.5,
    unknown: str = "uniform",
) -> keras.Model:
    """Convolution, maximum, GRU in both directions; any length, and as many parameters at each.

    Recurrent layers learn up to some 200 steps; `pool_size` says how many bases make one.
    """
    onehot, signal = onehot_input(length, channels, unknown)
    hidden = layers.Conv1D(filters, kernel_size, padding="same", activation="relu")(signal)
    hidden = layers.MaxPooling1D(pool_size, padding="same")(hidden)
    hidden = bidirectional(hidden, cell, rnn_units, sequences=False)
    hidden = layers.Dropout(dropout)(hidden)
    return keras.Model(onehot, head(hidden, outputs, task), name="rnn")
