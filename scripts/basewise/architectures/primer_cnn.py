"""The network of the primer on deep learning in genomics."""

import keras
from keras import layers

from basewise.architectures.ends import Ends, head, onehot_input


def primer_cnn(
    ends: Ends,
    *,
    filters: int,
    kernel_size: int,
    pool_size: int,
    dense_units: int,
    activation: str,
    dropout: float,
) -> keras.Model:
    """Convolution, maximum, dense: 6,226 parameters on 50 bases with a two-class softmax.

    As published (Zou et al. 2019) the convolution has no activation; with ``relu`` it learns the
    primer's task better. The maximum drops the last positions where the pool does not divide them.
    """
    onehot, signal = onehot_input(ends)
    hidden = layers.Conv1D(filters, kernel_size, activation=activation)(signal)
    hidden = layers.MaxPooling1D(pool_size)(hidden)
    hidden = layers.Flatten()(hidden)
    hidden = layers.Dropout(dropout)(hidden)
    hidden = layers.Dense(dense_units, activation="relu")(hidden)
    hidden = layers.Dropout(dropout)(hidden)
    return keras.Model(onehot, head(hidden, ends), name="primer_cnn")
