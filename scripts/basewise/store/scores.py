"""The score file: what a model put out for each validation and test example, beside the truth."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from basewise.core.arrays import Floats, Integers, Mask
from basewise.store.parts import Split, scored_rows
from basewise.store.receipts import spoiled, writing
from basewise.store.shards import INDEX_TASKS, Tensors
from basewise.store.tables import (
    OUTPUT,
    output_of,
    read_parquet,
    score_column,
    target_column,
    target_columns,
)


def score_table(
    ids: NDArray[Any],
    part: NDArray[np.str_],
    target: NDArray[Any],
    score: NDArray[Any],
    outputs: Sequence[str],
    task: str = "binary",
    known: Mask | None = None,
) -> pd.DataFrame:
    """Lay out the scores of n examples.

    Parameters
    ----------
    target
        Truth, shape (n, outputs); for ``multiclass`` the index of the class, shape (n, 1); for
        ``per_position`` that of each position, shape (n, length).
    score
        Probabilities, or values in the unit of the target, shape (n, outputs); for
        ``per_position`` shape (n, length, outputs).
    known
        Positions that are letters, not padding, shape (n, length); all of them without it.

    Returns
    -------
    DataFrame
        id, part, then target.<output> and score.<output> for each output; where outputs are
        classes, the target of a class is 1 where it is the true one. For ``per_position`` one row a
        position that is a letter, and after `part` its number, from 0.
    """
    columns: dict[str, Any] = {"id": pd.Series(ids, dtype="str"), "part": part}
    if task == "per_position":
        row, position = np.nonzero(np.ones_like(target) if known is None else known)
        columns = {name: np.asarray(values)[row] for name, values in columns.items()}
        columns["position"] = position.astype(np.int32)
        target, score = target[row, position][:, None], score[row, position]
    if task in INDEX_TASKS:
        target = (target == np.arange(len(outputs))).astype(np.int8)
    for number, output in enumerate(outputs):
        columns[target_column(output)] = target[:, number]
        columns[score_column(output)] = score[:, number].astype(np.float32)
    return pd.DataFrame(columns)


def score_rows(
    tensors: Tensors, rows: Integers, part: NDArray[np.str_], score: NDArray[Any]
) -> pd.DataFrame:
    """Lay out the scores of some rows of a dataset, see `score_table`; padding has none."""
    letters: Mask | None = None
    if tensors.task == "per_position":
        letters = np.any(tensors.onehot(rows), axis=2)
    return score_table(
        tensors.ids[rows],
        part[rows],
        tensors.target[rows],
        score,
        tensors.outputs,
        tensors.task,
        known=letters,
    )


def write_scores(table: pd.DataFrame, path: str | Path) -> None:
    """Write a score table as Parquet; equal tables give equal bytes."""
    with writing(path) as unfinished:
        table.to_parquet(unfinished, index=False)


THRESHOLD = 0.5
"""A score above it is a prediction of class 1."""


class Run(NamedTuple):
    """One fold and seed of a model, with its score table (see `scores.score_table`)."""

    fold: int
    seed: int
    scores: pd.DataFrame


def read_scores(path: str | Path, split: Split | None = None) -> pd.DataFrame:
    """Read a file of `write_scores`; `split` is that of its fold, where it is at hand.

    Raises
    ------
    InputError
        When the file is damaged, or its rows are not those of the validation and test examples.
    """
    scores = read_parquet(path, ["id", "part"])
    if split is not None:
        # an example has several rows, one after the other, where positions are scored
        first = scores[scores["id"] != scores["id"].shift()]
        rows = scored_rows(split.part)
        if not (
            np.array_equal(first["id"], split.ids.iloc[rows])
            and np.array_equal(first["part"], split.part[rows])
        ):
            raise spoiled("holds scores of other examples than the split of its fold", path)

    return scores


def read_runs(
    names: Sequence[tuple[int, int]],
    paths: Sequence[str | Path],
    splits: Sequence[Split] | None = None,
) -> Iterator[Run]:
    """Read the score files of a model's runs (fold and seed), one by one.

    `splits` are of fold 0, 1, ..., for `read_scores`.
    """
    for (fold, seed), path in zip(names, paths, strict=True):
        yield Run(fold, seed, read_scores(path, splits[fold] if splits else None))


def outputs_of(table: pd.DataFrame) -> list[str]:
    """Outputs, or classes, that a table of scores or of examples has targets of."""
    return [output_of(column) for column in target_columns(table)]


def truth_and_score(scores: pd.DataFrame, output: str = OUTPUT) -> tuple[Integers, Floats]:
    """Truth (0 or 1) and score of an output of a score table, each of shape (n,)."""
    target = scores[target_column(output)].to_numpy(dtype=np.int64)
    return target, scores[score_column(output)].to_numpy(dtype=np.float64)


def truth_and_shares(scores: pd.DataFrame) -> tuple[Integers, Floats]:
    """Place of the true class, shape (n,), and probability of each, shape (n, classes)."""
    truth = scores[target_columns(scores)].to_numpy()
    score = scores[list(map(score_column, outputs_of(scores)))].to_numpy(dtype=np.float64)
    return truth.argmax(axis=1), score


def truth_and_value(scores: pd.DataFrame, output: str) -> tuple[Floats, Floats]:
    """Truth (NaN where it is not known) and score of a number, each of shape (n,)."""
    columns = scores[[target_column(output), score_column(output)]].to_numpy(dtype=np.float64)
    return columns[:, 0], columns[:, 1]
