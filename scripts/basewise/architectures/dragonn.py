"""DragoNN's network for sequences: three small convolutions and one wide maximum."""

from collections.abc import Sequence

import keras
from keras import layers

from basewise.architectures.blocks import convolution_block
from basewise.architectures.ends import Ends, head, onehot_input


def dragonn(
    ends: Ends,
    *,
    filters: Sequence[int],
    kernel_sizes: Sequence[int],
    pool_sizes: Sequence[int],
    dropout: float,
    activation: str,
    batch_norm: bool,
    residual: bool,
) -> keras.Model:
    """DragoNN's `SequenceDNN` with its defaults: 7,891 parameters on 500 bases with one output.

    Dropout comes behind each block, so behind its maximum; the original has it before.
    """
    onehot, hidden = onehot_input(ends)
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
    return keras.Model(onehot, head(hidden, ends), name="dragonn")
