"""The trained runs of a model, as evaluation reads them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from basewise.tables import OUTPUT

__all__ = ["THRESHOLD", "Run", "read_runs", "truth_and_score"]

THRESHOLD = 0.5
"""A score above it is a prediction of class 1."""


class Run(NamedTuple):
    """One fold and seed of a model, with its score table (see `scoring.score_table`)."""

    fold: int
    seed: int
    scores: pd.DataFrame


def read_runs(names: Sequence[tuple[int, int]], paths: Sequence[str | Path]) -> list[Run]:
    """Read the score files of a model's runs, given their folds and seeds in the same order."""
    return [
        Run(fold, seed, pd.read_parquet(path))
        for (fold, seed), path in zip(names, paths, strict=True)
    ]


def truth_and_score(
    scores: pd.DataFrame,
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Truth (0 or 1) and score of a score table, each of shape (n,)."""
    target = scores[f"target.{OUTPUT}"].to_numpy(dtype=np.int64)
    return target, scores[f"score.{OUTPUT}"].to_numpy(dtype=np.float64)
