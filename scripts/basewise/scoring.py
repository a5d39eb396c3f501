"""The score file: what a model put out for each validation and test example, beside the truth."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from basewise import __version__
from basewise.shards import Tensors
from basewise.steps import replacing
from basewise.tables import target_column

__all__ = [
    "score_rows",
    "score_table",
    "scored_rows",
    "versions",
    "write_run",
    "write_scores",
]


def scored_rows(part: NDArray[np.str_]) -> NDArray[np.int64]:
    """Rows that are scored: validation and test, in the order of the dataset."""
    return np.flatnonzero((part == "validation") | (part == "test"))


def score_table(
    ids: NDArray[Any],
    part: NDArray[np.str_],
    target: NDArray[Any],
    score: NDArray[Any],
    outputs: Sequence[str],
    task: str = "binary",
    known: NDArray[np.bool_] | None = None,
) -> pd.DataFrame:
    """Lay out the scores of n examples.

    Parameters
    ----------
    ids, part
        Name and part of each example, shape (n,).
    target
        Truth, shape (n, outputs); for ``multiclass`` the index of the class, shape (n, 1); for
        ``per_position`` that of each position, shape (n, length).
    score
        Probabilities, or values in the unit of the target, shape (n, outputs); for
        ``per_position`` shape (n, length, outputs).
    outputs
        Name of each output.
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
    if task in ("multiclass", "per_position"):
        target = (target == np.arange(len(outputs))).astype(np.int8)
    for number, output in enumerate(outputs):
        columns[target_column(output)] = target[:, number]
        columns[f"score.{output}"] = score[:, number].astype(np.float32)
    return pd.DataFrame(columns)


def score_rows(
    tensors: Tensors, rows: NDArray[np.int64], part: NDArray[np.str_], score: NDArray[Any]
) -> pd.DataFrame:
    """Lay out the scores of some rows of a dataset, see `score_table`; padding has none."""
    letters: NDArray[np.bool_] | None = None
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
    with replacing(path) as unfinished:
        table.to_parquet(unfinished, index=False)


def versions(packages: Sequence[str]) -> dict[str, str]:
    """Versions of basewise and of some packages."""
    return {"basewise": __version__, **{name: version(name) for name in packages}}


def write_run(
    path: str | Path, run: Mapping[str, str], packages: Sequence[str], **facts: Any
) -> None:
    """Write the record of a run as JSON: its names, the facts, and the versions of what made it.

    Parameters
    ----------
    run
        dataset, model, fold and seed.
    packages
        Whose versions to record.
    **facts
        For example ``parameters``, ``seconds``, ``device``.
    """
    record = {
        "dataset": run["dataset"],
        "model": run["model"],
        "fold": int(run["fold"]),
        "seed": int(run["seed"]),
        **facts,
        "versions": versions(packages),
    }
    with replacing(path) as unfinished:
        unfinished.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
