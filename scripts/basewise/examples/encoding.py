"""From the list of examples and their sequences to the pieces that shards are made of."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from basewise.examples.targets import output_names
from basewise.store.arrays import blocks, read_array
from basewise.store.shards import SHARD_ROWS, Piece
from basewise.store.tables import OUTPUT, target_column, target_columns

Source = str | Path | NDArray[np.uint8]
"""Where letters are: a file, or memory."""

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


def example_letters(source: Source, examples: pd.DataFrame) -> NDArray[np.uint8]:
    """Character codes of all examples, shape (n, length); arguments as for `example_pieces`."""
    return np.concatenate([letters for letters, _ in _chunks(source, examples)])


def example_pieces(source: Source, examples: pd.DataFrame, target: NDArray[Any]) -> Iterator[Piece]:
    """Cut examples into the pieces of shards, reading their letters as they are needed.

    The source is the file of `candidates.write_extraction` or of `from_genotypes.write_extracted`,
    or the letters of all records, shape (records, length).
    `examples` have record (ascending) and id, `target` is that of `target_array`, row for row; per
    position its shape is (n, length).
    """
    for letters, rows in _chunks(source, examples):
        yield Piece(letters, target[rows], examples["id"].iloc[rows].tolist())


def _chunks(source: Source, examples: pd.DataFrame) -> Iterator[tuple[NDArray[np.uint8], slice]]:
    """Letters of the examples among the records of each shard, and their rows."""
    records = examples["record"].to_numpy()
    first = 0
    for letters in _read_shards(source):
        start, stop = np.searchsorted(records, [first, first + len(letters)])
        if start < stop:
            within = records[start:stop] - first
            yield letters if len(within) == len(letters) else letters[within], slice(start, stop)
        first += len(letters)


def _read_shards(source: Source) -> Iterator[NDArray[np.uint8]]:
    """Letters of the records of each shard, shape (rows, length)."""
    letters = source if isinstance(source, np.ndarray) else read_array(source)
    rows = min(SHARD_ROWS, SHARD_LETTERS // letters.shape[1] + 1)
    return blocks(letters, rows)
