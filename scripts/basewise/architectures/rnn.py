"""The recurrent network: a convolution to shorten the sequence, then both directions."""

import keras
from keras import layers

from basewise.architectures.blocks import bidirectional
from basewise.architectures.ends import Ends, head, onehot_input


def rnn(
    ends: Ends,
    *,
    filters: int,
    kernel_size: int,
    pool_size: int,
    cell: str,
    rnn_units: int,
    dropout: float,
) -> keras.Model:
    """Convolution, maximum, GRU in both directions; any length, and as many parameters at each.

    Recurrent layers learn up to some 200 steps; `pool_size` says how many bases make one.
    """
    onehot, signal = onehot_input(ends)
    hidden = layers.Conv1D(filters, kernel_size, padding="same", activation="relu")(signal)
    hidden = layers.MaxPooling1D(pool_size, padding="same")(hidden)
    hidden = bidirectional(hidden, cell, rnn_units, sequences=False)
    hidden = layers.Dropout(dropout)(hidden)
    return keras.Model(onehot, head(hidden, ends), name="rnn")
