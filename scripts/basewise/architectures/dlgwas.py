"""DLGWAS: two streams of convolutions on one-hot genotypes (Liu et al. 2019)."""

from typing import Any

import keras
from keras import initializers, layers, ops, regularizers

from basewise.architectures.ends import Ends, head, onehot_input


def dlgwas(
    ends: Ends, *, filters: int, activation: str, dropout: float, alpha: float
) -> keras.Model:
    """Convolutions of widths 4 and 20 beside one of width 4, added; then one of width 4.

    Published with linear convolutions, which make the network additive in the markers: it cannot
    learn how they act together; with another `activation` it can. A number it predicts is bounded
    by 1 / sqrt(`alpha`), an inverse square root unit (Carlile et al. 2017, arXiv:1710.09967).
    """
    onehot, signal = onehot_input(ends)
    long = _convolution(_convolution(signal, filters, 4, activation), filters, 20, activation)
    long = layers.Dropout(dropout)(long)
    hidden = layers.Add()([long, _convolution(signal, filters, 4, activation)])
    hidden = layers.Dropout(dropout)(_convolution(hidden, filters, 4, activation))
    hidden = layers.Dropout(dropout)(layers.Flatten()(hidden))
    score = head(hidden, ends)
    if ends.task == "regression":
        score = score * ops.rsqrt(1.0 + alpha * ops.square(score))
    return keras.Model(onehot, score, name="dlgwas")


def _convolution(signal: Any, filters: int, width: int, activation: str) -> Any:
    return layers.Conv1D(
        filters,
        width,
        padding="same",
        activation=activation,
        kernel_initializer=initializers.TruncatedNormal(stddev=0.05),
        bias_initializer=initializers.Constant(0.01),
        kernel_regularizer=regularizers.L2(0.1),
    )(signal)
