"""The trained runs of a model, as evaluation reads them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from basewise.tables import OUTPUT, target_column, target_columns

__all__ = [
    "THRESHOLD",
    "Run",
    "outputs_of",
    "read_runs",
    "truth_and_score",
    "truth_and_shares",
    "truth_and_value",
]

THRESHOLD = 0.5
"""A score above it is a prediction of class 1."""


class Run(NamedTuple):
    """One fold and seed of a model, with its score table (see `scoring.score_table`)."""

    fold: int
    seed: int
    scores: pd.DataFrame


def read_runs(names: Sequence[tuple[int, int]], paths: Sequence[str | Path]) -> Iterator[Run]:
    """Read the score files of a model's runs, one by one, given folds and seeds in their order."""
    for (fold, seed), path in zip(names, paths, strict=True):
        yield Run(fold, seed, pd.read_parquet(path))


def outputs_of(scores: pd.DataFrame) -> list[str]:
    """Outputs, or classes, of a score table."""
    return [column.removeprefix("target.") for column in target_columns(scores)]


def truth_and_score(
    scores: pd.DataFrame, output: str = OUTPUT
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Truth (0 or 1) and score of an output of a score table, each of shape (n,)."""
    target = scores[target_column(output)].to_numpy(dtype=np.int64)
    return target, scores[f"score.{output}"].to_numpy(dtype=np.float64)


def truth_and_shares(scores: pd.DataFrame) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Place of the true class, shape (n,), and probability of each, shape (n, classes)."""
    classes = outputs_of(scores)
    truth = scores[[target_column(name) for name in classes]].to_numpy()
    score = scores[[f"score.{name}" for name in classes]].to_numpy(dtype=np.float64)
    return truth.argmax(axis=1), score


def truth_and_value(
    scores: pd.DataFrame, output: str
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Truth (NaN where it is not known) and score of a number, each of shape (n,)."""
    columns = scores[[target_column(output), f"score.{output}"]].to_numpy(dtype=np.float64)
    return columns[:, 0], columns[:, 1]
