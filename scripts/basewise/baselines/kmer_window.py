"""Logistic regression on the 3-mers around each base."""

import numpy as np
from numpy.typing import NDArray

from basewise.baselines import Baseline, Data
from basewise.baselines.choosing import class_probabilities
from basewise.baselines.linear import logistic
from basewise.core.arrays import Integers, Mask
from basewise.core.errors import InputError
from basewise.sequences.kmers import window_frequencies
from basewise.store.parts import scored_rows

K = 3
TRAIN_POSITIONS, VALIDATION_POSITIONS = 100_000, 50_000
ROWS_AT_ONCE = 256


def kmer_window(data: Data, *, window: int) -> Baseline:
    """Fit on the frequencies of 3-mers in a window around each base, strand as given.

    Of the train part 100,000 positions are drawn, of the validation part 50,000; padding is none of
    them. See `linear.logistic`. Rows of the train part are not scored.

    Raises
    ------
    InputError
        For a window without a middle.
    """
    if window % 2 == 0:
        raise InputError(f"`window: {window}` has no base in its middle; use {window + 1}")

    onehot, target, part = data[:3]
    rng = np.random.default_rng(data.seed)
    row, position = np.hstack(
        [
            _drawn(onehot, part == "train", TRAIN_POSITIONS, rng),
            _drawn(onehot, part == "validation", VALIDATION_POSITIONS, rng),
        ]
    )
    drawn = data._replace(target=target[row, position][:, None], part=part[row], task="multiclass")
    fitted = logistic(_features_at(onehot, row, position, window), drawn, standardize=True)

    score = np.full((*target.shape, data.outputs), np.nan, dtype=np.float32)
    for rows in _blocks(scored_rows(part)):
        features = window_frequencies(onehot[rows], K, window)
        probability = class_probabilities(
            fitted.estimator, features.reshape(-1, features.shape[2]), data.outputs
        )
        score[rows] = probability.reshape(len(rows), -1, data.outputs)

    return fitted._replace(score=score)


def _drawn(
    onehot: NDArray[np.uint8], chosen: Mask, most: int, rng: np.random.Generator
) -> Integers:
    """Rows and positions of letters of the chosen rows, drawn at random, shape (2, drawn)."""
    length = onehot.shape[1]
    letters = np.flatnonzero(onehot.any(axis=2) & chosen[:, None])
    drawn = np.sort(rng.choice(letters, min(most, len(letters)), replace=False, shuffle=False))
    return np.stack([drawn // length, drawn % length])


def _features_at(
    onehot: NDArray[np.uint8], row: Integers, position: Integers, window: int
) -> NDArray[np.float32]:
    """Frequencies around some positions, shape (positions, 64)."""
    features = np.empty((len(row), 4**K), dtype=np.float32)
    for rows in _blocks(np.unique(row)):
        drawn = np.flatnonzero((row >= rows[0]) & (row <= rows[-1]))
        frequencies = window_frequencies(onehot[rows], K, window)
        features[drawn] = frequencies[np.searchsorted(rows, row[drawn]), position[drawn]]
    return features


def _blocks(rows: Integers) -> list[Integers]:
    return [rows[start : start + ROWS_AT_ONCE] for start in range(0, len(rows), ROWS_AT_ONCE)]
