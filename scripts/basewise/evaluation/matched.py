"""The test scores of a dataset's models side by side, for tests that pair them by example."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from basewise.core.arrays import Floats, Integers, Mask
from basewise.store.parts import Groups
from basewise.store.scores import THRESHOLD, Run, read_runs, truth_and_score, truth_and_shares


class FoldScores(NamedTuple):
    """What a model's runs of one fold made of its n test examples, in the order of their ids.

    Attributes
    ----------
    target
        0 or 1, shape (n,); of several classes the index of the true one.
    score
        Of class 1, or of the true class, shape (seeds, n).
    correct
        Whether the prediction is right, shape (seeds, n).
    cluster
        Names of what counts as independent where it is not the example, shape (n,).
    """

    fold: int
    target: Integers
    score: Floats
    correct: Mask
    cluster: NDArray[Any] | None


def read_matched(
    names: Iterable[tuple[str, int, int]],
    paths: Iterable[str | Path],
    task: str,
    groups: Groups | None = None,
) -> dict[str, list[FoldScores]]:
    """Read score files, given the model, fold and seed of each: model to `match_runs` of it."""
    files: dict[str, list[tuple[tuple[int, int], str | Path]]] = {}
    for (model, fold, seed), path in zip(names, paths, strict=True):
        files.setdefault(model, []).append(((fold, seed), path))
    return {
        model: match_runs(read_runs(*zip(*of_model, strict=True)), task, groups)
        for model, of_model in files.items()
    }


def match_runs(runs: Iterable[Run], task: str, groups: Groups | None = None) -> list[FoldScores]:
    """Gather the test scores of a model, ``binary`` or ``multiclass``, fold by fold.

    `groups` are given where groups are resampled, not examples, see `parts.groups_of`.
    """
    of_fold: dict[int, list[pd.DataFrame]] = {}
    for fold, _, scores in runs:
        test = scores[scores["part"] == "test"].sort_values("id", ignore_index=True)
        of_fold.setdefault(fold, []).append(test)
    return [
        _of_fold(fold, tables, task, None if groups is None else _clusters(tables[0], groups[fold]))
        for fold, tables in of_fold.items()
    ]


def _of_fold(
    fold: int, tables: Sequence[pd.DataFrame], task: str, cluster: NDArray[Any] | None
) -> FoldScores:
    read = [_binary(table) if task == "binary" else _multiclass(table) for table in tables]
    scores, correct = (np.stack([columns[place] for columns in read]) for place in (1, 2))
    return FoldScores(fold, read[0][0], scores, correct, cluster)


def _clusters(table: pd.DataFrame, groups: pd.Series | None) -> NDArray[Any]:
    """Groups, and each example without one by itself."""
    alone = "example " + table["id"]
    names = alone if groups is None else ("group " + table["id"].map(groups)).fillna(alone)
    return np.asarray(names)


def _binary(table: pd.DataFrame) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    target, score = truth_and_score(table)
    return target, score, (score > THRESHOLD) == (target == 1)


def _multiclass(table: pd.DataFrame) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    target, score = truth_and_shares(table)
    return target, score[np.arange(len(target)), target], score.argmax(axis=1) == target
