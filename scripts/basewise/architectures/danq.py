"""DanQ, a convolution with an LSTM in both directions, and its form with known motifs."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import layers

from basewise.architectures.blocks import bidirectional
from basewise.architectures.ends import Ends, head, onehot_input
from basewise.core.errors import InputError
from basewise.sequences.motifs import read_motifs

MARGIN = 3
"""Positions on each side of a filter that a motif keeps off."""
BACKGROUND = 0.25


def danq(
    ends: Ends,
    *,
    filters: int,
    kernel_size: int,
    pool_size: int,
    dropout: float,
    rnn_units: int,
    rnn_dropout: float,
    dense_units: int,
    position_pool_size: int,
    position_rnn_units: int,
) -> keras.Model:
    """DanQ (Quang and Xie 2016): 46,926,479 parameters on 1,000 bases with 919 outputs.

    Per position, which was not published, the convolution keeps the length, the LSTM is smaller
    and its state at each position goes straight to the head. With a `position_pool_size` it reads
    maxima, and the positions below one maximum share a score.
    """
    onehot, signal = onehot_input(ends)
    per_position = ends.task == "per_position"
    hidden = _detectors(filters, kernel_size, "same" if per_position else "valid")(signal)
    if per_position:
        hidden = layers.MaxPooling1D(position_pool_size, padding="same")(hidden)
        hidden = bidirectional(hidden, "lstm", position_rnn_units, sequences=True)
        hidden = layers.Dropout(rnn_dropout)(hidden)
        hidden = layers.UpSampling1D(position_pool_size)(hidden)
        hidden = layers.Cropping1D((0, hidden.shape[1] - ends.length))(hidden)
    else:
        hidden = _reader(hidden, pool_size, dropout, rnn_units, rnn_dropout, dense_units)

    return keras.Model(onehot, head(hidden, ends), name="danq")


def danq_jaspar(
    ends: Ends,
    *,
    filters: int,
    kernel_size: int,
    pool_size: int,
    dropout: float,
    rnn_units: int,
    rnn_dropout: float,
    dense_units: int,
    motifs: str | Sequence[str] | None,
    motif_strands: str,
) -> keras.Model:
    """DanQ whose filters start as known motifs: 67,892,175 parameters where DanQ has 46,926,479.

    Parameters
    ----------
    motifs
        Motif collections, see `motifs.read_motifs`; without one all filters start at random.
    motif_strands
        ``both`` gives the reverse complement of each motif a filter of its own.

    Raises
    ------
    InputError
        For more motifs than filters, or one too wide for a filter.
    """
    onehot, signal = onehot_input(ends)
    detectors = _detectors(filters, kernel_size, "valid")
    hidden = detectors(signal)
    if motifs:
        _start_as_motifs(detectors, motifs, motif_strands)
    hidden = _reader(hidden, pool_size, dropout, rnn_units, rnn_dropout, dense_units)
    return keras.Model(onehot, head(hidden, ends), name="danq_jaspar")


def _detectors(filters: int, kernel_size: int, padding: str) -> layers.Conv1D:
    """The published code draws these weights, and no others, from -0.05 to 0.05."""
    return layers.Conv1D(
        filters,
        kernel_size,
        padding=padding,
        activation="relu",
        kernel_initializer=keras.initializers.RandomUniform(-0.05, 0.05),
    )


def _reader(
    hidden: Any,
    pool_size: int,
    dropout: float,
    rnn_units: int,
    rnn_dropout: float,
    dense_units: int,
) -> Any:
    hidden = layers.MaxPooling1D(pool_size)(hidden)
    hidden = layers.Dropout(dropout)(hidden)
    hidden = bidirectional(hidden, "lstm", rnn_units, sequences=True)
    hidden = layers.Dropout(rnn_dropout)(hidden)
    hidden = layers.Flatten()(hidden)
    return layers.Dense(dense_units, activation="relu")(hidden)


def _start_as_motifs(detectors: layers.Conv1D, paths: str | Sequence[str], strands: str) -> None:
    """Write motifs over the first filters, each at a random start, as the published code does."""
    kernel, bias = map(np.array, detectors.get_weights())
    width, _, filters = kernel.shape
    motifs = read_motifs(paths)
    patterns = [motif.probabilities for motif in motifs]
    if strands == "both":
        patterns += [pattern[::-1, ::-1] for pattern in patterns]
    widest = max(motifs, key=lambda motif: len(motif.probabilities))
    needed = len(widest.probabilities) + 2 * MARGIN
    if needed > width:
        raise InputError(
            f"the motif {widest.name} needs filters of {needed} bases, not {width}; "
            "raise `kernel_size` or remove it"
        )
    if len(patterns) > filters:
        raise InputError(
            f"{len(patterns)} motifs do not fit {filters} filters; raise `filters`, give fewer "
            "motifs or `motif_strands: forward`"
        )

    draws = keras.ops.convert_to_numpy(keras.random.uniform((2, len(patterns))))
    for index, (pattern, place) in enumerate(zip(patterns, draws[0], strict=True)):
        start = MARGIN + int(place * (width - 2 * MARGIN - len(pattern) + 1))
        kernel[start : start + len(pattern), :, index] = pattern - BACKGROUND

    bias[: len(patterns)] = -draws[1]
    detectors.set_weights([kernel, bias])
