"""Basset: three convolutions and two dense layers, all normalized."""

from collections.abc import Sequence

import keras
from keras import layers

from basewise.architectures.blocks import convolution_block
from basewise.architectures.ends import Ends, head, onehot_input


def basset(
    ends: Ends,
    *,
    filters: Sequence[int],
    kernel_sizes: Sequence[int],
    pool_sizes: Sequence[int],
    dense_units: int,
    dense_dropout: float,
) -> keras.Model:
    """Basset (Kelley et al. 2016): 4,140,464 parameters on 600 bases with 164 outputs.

    The layout of the released weights, with valid convolutions; later code pads them.
    """
    onehot, hidden = onehot_input(ends)
    for shape in zip(filters, kernel_sizes, pool_sizes, strict=True):
        hidden = convolution_block(hidden, *shape, batch_norm=True)

    hidden = layers.Flatten()(hidden)
    for _ in range(2):
        hidden = layers.Dense(dense_units)(hidden)
        hidden = layers.BatchNormalization()(hidden)
        hidden = layers.Activation("relu")(hidden)
        hidden = layers.Dropout(dense_dropout)(hidden)

    return keras.Model(onehot, head(hidden, ends), name="basset")
