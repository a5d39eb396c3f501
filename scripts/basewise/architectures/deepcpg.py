"""The DNA module of DeepCpG."""

from collections.abc import Sequence

import keras
from keras import layers, regularizers

from basewise.architectures.ends import Ends, head, onehot_input


def deepcpg(
    ends: Ends,
    *,
    filters: Sequence[int],
    kernel_sizes: Sequence[int],
    pool_sizes: Sequence[int],
    dense_units: int,
    dense_dropout: float,
    l1: float,
    l2: float,
) -> keras.Model:
    """DeepCpG's CnnL2h128 (Angermueller et al. 2017): 4,102,144 parameters on 1,001 bases.

    That is without the head, which has one output for each cell. `l1` and `l2` penalize the
    weights of the convolutions and of the hidden dense layer.
    """
    onehot, hidden = onehot_input(ends)
    for width, kernel, pool in zip(filters, kernel_sizes, pool_sizes, strict=True):
        hidden = layers.Conv1D(
            width, kernel, activation="relu", kernel_regularizer=regularizers.L1L2(l1, l2)
        )(hidden)
        hidden = layers.MaxPooling1D(pool)(hidden)

    hidden = layers.Flatten()(hidden)
    hidden = layers.Dense(
        dense_units, activation="relu", kernel_regularizer=regularizers.L1L2(l1, l2)
    )(hidden)
    hidden = layers.Dropout(dense_dropout)(hidden)
    return keras.Model(onehot, head(hidden, ends), name="deepcpg")
