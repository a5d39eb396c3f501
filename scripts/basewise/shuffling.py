"""Negatives made by shuffling sequences so that their dinucleotide counts stay."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from basewise.errors import InputError
from basewise.extraction import Extraction

__all__ = ["add_shuffled", "shuffle_dinucleotides"]

PADDING = ord("-")


def add_shuffled(
    extraction: Extraction, ratio: float, generator: np.random.Generator
) -> Extraction:
    """Add shuffled copies of the candidates as background.

    Parameters
    ----------
    extraction
        The candidates to shuffle.
    ratio
        Copies for each candidate; a fraction of one takes that share of them, drawn at random.
    generator
        Source of all random choices.

    Returns
    -------
    Extraction
        The candidates, then the shuffled ones. A shuffled sequence keeps the chromosome, group and
        part of the one it is made from, so that it falls into the same fold; it lies nowhere on the
        genome, so start and end are missing. Padding stays where it is.

    Raises
    ------
    InputError
        When the ratio makes no copy at all.
    """
    candidates, letters, dropped = extraction
    copies, rest = int(ratio), ratio - int(ratio)
    drawn = generator.permutation(len(candidates))[: round(rest * len(candidates))]
    rows = np.concatenate([np.tile(np.arange(len(candidates)), copies), np.sort(drawn)]).astype(int)
    if not len(rows):
        raise InputError(
            f"negatives: a ratio of {ratio:g} makes no copy of {len(candidates)} sequences; "
            "raise `ratio`"
        )
    number = pd.Series(rows).groupby(rows).cumcount().to_numpy() + 1
    made = candidates.iloc[rows].reset_index(drop=True)
    made["id"] = made["id"] + [f"_shuffled{count}" for count in number]
    made = made.assign(start=pd.NA, end=pd.NA, strand=".", background=True)
    shuffled = letters[rows]
    for sequence in shuffled:
        filled = sequence != PADDING
        sequence[filled] = shuffle_dinucleotides(sequence[filled], generator)
    candidates = candidates.astype({"start": "Int64", "end": "Int64"})
    table = pd.concat([candidates, made.astype(candidates.dtypes)], ignore_index=True)
    return Extraction(table, np.concatenate([letters, shuffled]), dropped)


def shuffle_dinucleotides(
    letters: NDArray[np.uint8], generator: np.random.Generator
) -> NDArray[np.uint8]:
    """Shuffle a sequence uniformly among all with the same dinucleotide counts.

    The sequence is an Eulerian path through its letters; another one is drawn by the method of
    Altschul and Erickson, Mol Biol Evol 2:526 (1985), with the last step out of each letter from a
    random spanning tree (Wilson 1996). First and last letter stay.

    Parameters
    ----------
    letters
        Character codes, shape (length,).

    Returns
    -------
    Character codes, shape (length,)
    """
    alphabet, path = np.unique(letters, return_inverse=True)
    followers = [path[1:][path[:-1] == letter] for letter in range(len(alphabet))]
    last_step = _random_tree(followers, int(path[-1]), generator)
    queues = []
    for letter, choices in enumerate(followers):
        last = choices[choices == last_step.get(letter)][:1]
        place = np.flatnonzero(np.isin(choices, last))[:1]
        order = generator.permutation(np.delete(choices, place))
        queues.append(iter([*order.tolist(), *last.tolist()]))
    walk = [int(path[0])]
    for _ in range(len(path) - 1):
        walk.append(next(queues[walk[-1]]))
    return alphabet[walk]


def _random_tree(
    followers: list[NDArray[np.int64]], root: int, generator: np.random.Generator
) -> dict[int, int]:
    """Draw the last step out of each letter so that all of them lead to the root.

    A loop-erased random walk from each letter, each step drawn from the letter's followers.
    """
    step: dict[int, int] = {}
    settled = {root}
    for letter in range(len(followers)):
        at = letter
        while at not in settled:
            step[at] = int(generator.choice(followers[at]))
            at = step[at]
        at = letter
        while at not in settled:
            settled.add(at)
            at = step[at]
    return step
