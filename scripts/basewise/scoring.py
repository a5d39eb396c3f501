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
from basewise.steps import replacing
from basewise.tables import target_column

__all__ = ["score_table", "scored_rows", "write_run", "write_scores"]


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
) -> pd.DataFrame:
    """Lay out the scores of n examples.

    Parameters
    ----------
    ids, part
        Name and part of each example, shape (n,).
    target
        Truth, shape (n, outputs); for ``multiclass`` the index of the class, shape (n, 1).
    score
        Probabilities, or values in the unit of the target, shape (n, outputs).
    outputs
        Name of each output.

    Returns
    -------
    DataFrame
        id, part, then target.<output> and score.<output> for each output; for ``multiclass`` the
        target of a class is 1 where it is the true one.
    """
    if task == "multiclass":
        target = (target == np.arange(len(outputs))).astype(np.int8)
    columns: dict[str, Any] = {"id": pd.Series(ids, dtype="str"), "part": part}
    for number, output in enumerate(outputs):
        columns[target_column(output)] = target[:, number]
        columns[f"score.{output}"] = score[:, number].astype(np.float32)
    return pd.DataFrame(columns)


def write_scores(table: pd.DataFrame, path: str | Path) -> None:
    """Write a score table as Parquet; equal tables give equal bytes."""
    with replacing(path) as unfinished:
        table.to_parquet(unfinished, index=False)


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
        "versions": {"basewise": __version__, **{name: version(name) for name in packages}},
    }
    with replacing(path) as unfinished:
        unfinished.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
