"""From the list of examples and their sequences to the pieces that shards are made of."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from basewise.sequences import read_letters
from basewise.shards import SHARD_ROWS, Piece
from basewise.tables import OUTPUT, target_column, target_columns
from basewise.targets import output_names

__all__ = ["example_letters", "example_pieces", "target_array"]

SHARD_LETTERS = 2**26
"""Shards of sequences longer than 1,024 letters hold fewer rows, so that they stay small."""


def target_array(examples: pd.DataFrame, task: str) -> NDArray[Any]:
    """Targets of examples, shape (n, outputs).

    A multiclass target is the index of its class among `targets.output_names`.
    """
    if task == "multiclass":
        classes = output_names(examples, task)
        index = pd.Categorical(examples[target_column(OUTPUT)], categories=classes).codes
        return np.asarray(index)[:, None]
    targets: NDArray[Any] = examples[target_columns(examples)].to_numpy()
    return targets


def example_letters(fasta: str | Path, examples: pd.DataFrame) -> NDArray[np.uint8]:
    """Character codes of all examples, shape (n, length)."""
    return np.concatenate([letters for letters, _ in _chunks(fasta, examples)])


def example_pieces(
    fasta: str | Path, examples: pd.DataFrame, target: NDArray[Any]
) -> Iterator[Piece]:
    """Cut examples into the pieces of shards, reading their sequences as they are needed.

    Parameters
    ----------
    fasta
        Output of `extraction.write_extraction`.
    examples
        record (ascending) and id.
    target
        Row for row, see `target_array`; per position: shape (n, length).
    """
    for letters, rows in _chunks(fasta, examples):
        yield Piece(letters, target[rows], examples["id"].iloc[rows].tolist())


def _chunks(fasta: str | Path, examples: pd.DataFrame) -> Iterator[tuple[NDArray[np.uint8], slice]]:
    """Letters of the examples among the records of each shard, and their rows."""
    records = examples["record"].to_numpy()
    length = next(read_letters(fasta, 1)).shape[1]
    first = 0
    for letters in read_letters(fasta, min(SHARD_ROWS, SHARD_LETTERS // length + 1)):
        start, stop = np.searchsorted(records, [first, first + len(letters)])
        if start < stop:
            here = records[start:stop] - first
            yield letters if len(here) == len(letters) else letters[here], slice(start, stop)
        first += len(letters)
