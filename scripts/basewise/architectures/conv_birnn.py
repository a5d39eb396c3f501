"""A convolution and a recurrent layer in both directions, for a sequence or for each position."""

import keras
from keras import layers

from basewise.architectures.blocks import bidirectional
from basewise.architectures.ends import Ends, head, onehot_input


def conv_birnn(
    ends: Ends,
    *,
    filters: int,
    kernel_size: int,
    pool_size: int,
    stride: int,
    cell: str,
    rnn_units: int,
    dense_units: int,
) -> keras.Model:
    """Convolution, maximum, both directions: 64,602 parameters on 40 bases with two classes.

    Per position (44,702 parameters) the convolution keeps the length, nothing pools, and a dense
    layer reads the state at each position, so that there is a score for each letter. With a
    `stride` the convolution moves by so many letters, which then share a score; 3 keeps the phase
    of codons.
    """
    onehot, signal = onehot_input(ends)
    per_position = ends.task == "per_position"
    padding = "same" if per_position else "valid"
    hidden = layers.Conv1D(
        filters, kernel_size, stride if per_position else 1, padding=padding, activation="relu"
    )(signal)
    if not per_position:
        hidden = layers.MaxPooling1D(pool_size)(hidden)
    hidden = bidirectional(hidden, cell, rnn_units, sequences=per_position)
    if per_position:
        hidden = layers.UpSampling1D(stride)(hidden)
        hidden = layers.Cropping1D((0, hidden.shape[1] - ends.length))(hidden)
    else:
        hidden = layers.Dense(dense_units, activation="relu")(hidden)

    return keras.Model(onehot, head(hidden, ends), name="conv_birnn")
