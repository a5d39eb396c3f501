"""The multi-scale convolution network with its attention put right."""

import math
from collections.abc import Sequence
from typing import Any

import keras
from keras import layers, ops

from basewise.architectures.ends import Ends, head, onehot_input

FAR_BELOW = 1e3
"""What padding loses of its score: it gets no weight."""


def multiscale_attention_v2(
    ends: Ends,
    *,
    filters: int,
    kernel_sizes: Sequence[int],
    pool_size: int,
    window: int,
    dropout: float,
    dense_units: int,
) -> keras.Model:
    """Convolutions of several widths, each filter attending to its own matches.

    A filter's match at a position, scaled by a weight of its own, is the position's score; the
    softmax runs over all positions and a null position of score 0, where attention rests when
    nothing matches. What goes on is the logarithm of the softmax's denominator, a soft count of
    matches: its gradient with respect to a score is the attention weight itself, so that the
    weights say what a position contributes. It does not shrink with the length of the sequence.
    Padding is left out, and dropout comes after the pooling. With `window` the attention runs
    within windows of so many letters, which tells the network where a motif lies.
    """
    onehot, signal = onehot_input(ends)
    letters = ops.max(ops.cast(onehot, "float32"), axis=-1, keepdims=True)
    positions = max(1, window // pool_size) if window else 0
    branches = [
        _branch(signal, letters, filters, size, pool_size, positions) for size in kernel_sizes
    ]
    hidden = layers.Concatenate()(branches) if len(branches) > 1 else branches[0]
    hidden = layers.BatchNormalization(momentum=0.9)(hidden)
    hidden = layers.Dropout(dropout)(hidden)
    hidden = layers.Dense(dense_units, activation="relu")(hidden)

    return keras.Model(onehot, head(hidden, ends), name="multiscale_attention_v2")


def _branch(
    signal: Any, letters: Any, filters: int, kernel_size: int, pool_size: int, positions: int
) -> Any:
    match = layers.Conv1D(filters, kernel_size, padding="same", kernel_initializer="he_uniform")
    best = layers.MaxPooling1D(pool_size, padding="same")
    matched = best(match(signal))
    score = layers.DepthwiseConv1D(
        1,
        depthwise_initializer=keras.initializers.Constant(3.0),
        bias_initializer=keras.initializers.Constant(
            -2.0 - math.log(positions or matched.shape[1])
        ),
    )(matched)
    score = score - FAR_BELOW * (1.0 - best(letters))

    return _windowed(score, positions) if positions else _soft_count(score, axis=1)


def _windowed(score: Any, positions: int) -> Any:
    """Soft counts within windows of so many positions, side by side."""
    length, filters = score.shape[1:]
    windows = -(-length // positions)
    missing = windows * positions - length
    score = ops.pad(score, [[0, 0], [0, missing], [0, 0]], constant_values=-FAR_BELOW)
    score = ops.reshape(score, (-1, windows, positions, filters))
    return layers.Flatten()(_soft_count(score, axis=2))


def _soft_count(score: Any, axis: int) -> Any:
    """log(1 + the sum of exp(score)): the null position is the 1."""
    null = [[0, 0]] * len(score.shape)
    null[axis] = [0, 1]
    return ops.logsumexp(ops.pad(score, null), axis=axis)
