"""In-silico mutagenesis: what each letter at each place does to a score, by trying them all."""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from basewise.sequences.alphabet import CHANNELS, PADDING_CODE

AT_ONCE = 8192
"""Edited sequences that are scored in one call."""

Score = Callable[[NDArray[np.uint8]], NDArray[np.floating]]
"""From character codes, shape (n, length), to what is explained, (n, outputs)."""


def edited_scores(score: Score, letters: NDArray[np.uint8], alphabet: str) -> NDArray[np.floating]:
    """Score every sequence with each letter at each place, one edited sequence after another.

    Parameters
    ----------
    score
        Of any model, see `scales`.
    letters
        Character codes, shape (n, length), padding being ``-``. An ambiguous letter is replaced by
        each of the alphabet, as any other.

    Returns
    -------
    array, shape (n, length, channels, outputs)
        0 at padding, which is no letter that could be another.
    """
    channels = np.array([ord(letter) for letter in CHANNELS[alphabet]], dtype=np.uint8)
    reference = np.asarray(score(letters), dtype=np.float64)
    n, length = letters.shape
    table = np.zeros((n, length, len(channels), reference.shape[1]))

    row, place = np.nonzero(letters != PADDING_CODE)
    places = np.repeat([row, place], len(channels), axis=1)
    edits = np.vstack([places, np.tile(np.arange(len(channels)), len(row))])
    is_edit = letters[edits[0], edits[1]] != channels[edits[2]]
    known = edits[:, ~is_edit]
    table[tuple(known)] = reference[known[0]]
    for of_edits in _blocks(edits[:, is_edit]):
        edited = letters[of_edits[0]]
        edited[np.arange(len(edited)), of_edits[1]] = channels[of_edits[2]]
        table[tuple(of_edits)] = score(edited)

    return table


def centered(table: NDArray[np.floating]) -> NDArray[np.floating]:
    """Less the mean over the letters of each place, the third axis."""
    less: NDArray[np.floating] = table - table.mean(axis=2, keepdims=True)
    return less


def observed(table: NDArray[np.floating], shares: NDArray[np.floating]) -> NDArray[np.floating]:
    """What is said of the letters that are there, shape (n, length, ...).

    `shares` of each letter, shape (n, length, channels), as `entry.Entry.numbers` gives them.
    """
    there: NDArray[np.floating] = np.einsum("nlc...,nlc->nl...", table, shares)
    return there


def _blocks(edits: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    for start in range(0, edits.shape[1], AT_ONCE):
        yield edits[:, start : start + AT_ONCE]
