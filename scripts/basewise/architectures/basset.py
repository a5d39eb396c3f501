"""Basset: three convolutions and two dense layers, all normalized."""

from collections.abc import Sequence

import keras
from keras import layers

from basewise.architectures.blocks import convolution_block
from basewise.architectures.ends import head, onehot_input


def basset(
    *,
    length: int,
    channels: int,
    outputs: int,
    task: str,
    filters: Sequence[int] = (300, 200, 200),
    kernel_sizes: Sequence[int] = (19, 11, 7),
    pool_sizes: Sequence[int] = (3, 4, 4),
    dense_units: int = 1000,
    dense_dropout: float = 0.3,
    unknown: str = "uniform",
) -> keras.Model:
    """Basset (Kelley et al. 2016): 4,140,464 parameters on 600 bases with 164 outputs.

    The layout of the released weights, with valid convolutions; later code pads them.
    """
    onehot, hidden = onehot_input(length, channels, unknown)
    for shape in zip(filters, kernel_sizes, pool_sizes, strict=True):
        hidden = convolution_block(hidden, *shape, batch_norm=True)
    hidden = layers.Flatten()(hidden)
    for _ in range(2):
        hidden = layers.Dense(dense_units)(hidden)
        hidden = layers.BatchNormalization()(hidden)
        hidden = layers.Activation("relu")(hidden)
        hidden = layers.Dropout(dense_dropout)(hidden)
    return keras.Model(onehot, head(hidden, outputs, task), name="basset")
