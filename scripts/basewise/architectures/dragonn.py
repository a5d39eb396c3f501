"""DragoNN's network for sequences: three small convolutions and one wide maximum."""

from collections.abc import Sequence

import keras
from keras import layers

from basewise.architectures.blocks import convolution_block
from basewise.architectures.ends import head, onehot_input


def dragonn(
    *,
    length: int,
    channels: int,
    outputs: int,
    task: str,
    filters: Sequence[int] = (15, 15, 15),
    kernel_sizes: Sequence[int] = (15, 15, 15),
    pool_sizes: Sequence[int] = (1, 1, 35),
    dropout: float = 0.0,
    activation: str = "relu",
    batch_norm: bool = False,
    residual: bool = False,
    unknown: str = "zeros",
) -> keras.Model:
    """DragoNN's `SequenceDNN` with its defaults: 7,891 parameters on 500 bases with one output.

    Dropout comes behind each block, so behind its maximum; the original has it before.
    """
    onehot, hidden = onehot_input(length, channels, unknown)
    for block, shape in enumerate(zip(filters, kernel_sizes, pool_sizes, strict=True)):
        hidden = convolution_block(
            hidden,
            *shape,
            activation=activation,
            batch_norm=batch_norm,
            residual=residual and block > 0,
            initializer="he_normal",
        )
        hidden = layers.Dropout(dropout)(hidden)
    hidden = layers.Flatten()(hidden)
    return keras.Model(onehot, head(hidden, outputs, task), name="dragonn")
