"""The multi-scale convolution network with attention, as its tutorial specifies it."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import layers

from basewise.architectures.ends import Ends, head, onehot_input


def multiscale_attention(ends: Ends, *, filters: int, kernel_sizes: Sequence[int]) -> keras.Model:
    """Convolutions of several widths, each weighted by attention: 114,693 parameters, any length.

    The attention is the tutorial's: a tanh score for each position, a softmax over positions, and
    the maximum, not the sum, of the weighted features. The weights therefore differ by at most
    e^2 and are no measure of what a position contributes to the output.
    """
    onehot, signal = onehot_input(ends)
    branches = [_branch(signal, filters, size) for size in kernel_sizes]
    hidden = layers.Concatenate()(branches) if len(branches) > 1 else branches[0]
    for units, rate in ((256, 0.5), (128, 0.3)):
        hidden = layers.Dense(units, activation="relu")(hidden)
        hidden = layers.BatchNormalization()(hidden)
        hidden = layers.Dropout(rate)(hidden)
    return keras.Model(onehot, head(hidden, ends), name="multiscale_attention")


def _branch(signal: Any, filters: int, kernel_size: int) -> Any:
    hidden = layers.Conv1D(filters, kernel_size, padding="same", activation="relu")(signal)
    hidden = layers.BatchNormalization()(hidden)
    hidden = layers.Dropout(0.2)(hidden)
    score = layers.Dense(1, activation="tanh")(hidden)
    weight = layers.Softmax(axis=1)(score)
    return layers.GlobalMaxPooling1D()(layers.Multiply()([hidden, weight]))
