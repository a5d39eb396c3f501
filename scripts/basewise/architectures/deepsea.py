"""DeepSEA: three convolutions and a wide dense layer."""

from collections.abc import Sequence

import keras
from keras import constraints, layers

from basewise.architectures.blocks import convolution_block
from basewise.architectures.ends import Ends, head, onehot_input


def deepsea(
    ends: Ends,
    *,
    filters: Sequence[int],
    kernel_sizes: Sequence[int],
    pool_sizes: Sequence[int],
    dropout: float,
    dense_units: int,
    dense_dropout: float,
    max_norm: float,
    activation: str,
    batch_norm: bool,
    residual: bool,
) -> keras.Model:
    """DeepSEA (Zhou and Troyanskaya 2015): 52,843,119 parameters on 1,000 bases with 919 outputs.

    The paper's 925 hidden units are the default; its code has 919 (52,532,319). The code also
    holds the weights of each filter and unit to a norm of 0.9 (`max_norm`).
    """
    onehot, hidden = onehot_input(ends)
    last = len(filters) - 1
    for block, shape in enumerate(zip(filters, kernel_sizes, pool_sizes, strict=True)):
        hidden = convolution_block(
            hidden,
            *shape,
            activation=activation,
            batch_norm=batch_norm,
            residual=residual and block > 0,
            max_norm=max_norm,
        )
        hidden = layers.Dropout(dropout if block < last else dense_dropout)(hidden)

    hidden = layers.Flatten()(hidden)
    hidden = layers.Dense(
        dense_units,
        activation=activation,
        kernel_constraint=constraints.MaxNorm(max_norm, axis=0) if max_norm else None,
    )(hidden)
    return keras.Model(onehot, head(hidden, ends), name="deepsea")
