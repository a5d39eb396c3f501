"""Test examples counted by class and score: the tables behind a classifier's figures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import confusion_matrix

from basewise.runs import THRESHOLD, Run, outputs_of, truth_and_score
from basewise.tables import OUTPUT, target_column

__all__ = ["EDGES", "confusion_counts", "score_histogram"]

EDGES = np.arange(101) / 100
"""Of the bins of scores."""

Integers = NDArray[np.int64]


def confusion_counts(runs: Sequence[Run], task: str) -> pd.DataFrame:
    """Test examples by true and predicted class, all runs together.

    Parameters
    ----------
    runs
        Of one model.
    task
        ``binary`` and ``multilabel``: of each output, class 1 is predicted by a score above 0.5.
        ``multiclass`` and ``per_position``: the class with the highest score is, the first of
        equals.

    Returns
    -------
    DataFrame
        output, true, predicted, count; the one output of several classes is `tables.OUTPUT`.
    """
    tests = _tests(runs)
    names = outputs_of(tests[0])
    if task in ("multiclass", "per_position"):
        counts = sum(_by_highest(test, names) for test in tests)
        return _count_table(OUTPUT, names, counts)
    tables = []
    for output in names:
        pairs = [truth_and_score(test, output) for test in tests]
        counts = sum(
            confusion_matrix(truth, score > THRESHOLD, labels=[0, 1]) for truth, score in pairs
        )
        tables.append(_count_table(output, [0, 1], counts))
    return pd.concat(tables, ignore_index=True)


def score_histogram(runs: Sequence[Run]) -> pd.DataFrame:
    """Test scores by true class, all runs together.

    The bins hold their upper edge, so that the scores above an edge are those in the bins from it
    on; the first one holds 0 as well.

    Returns
    -------
    DataFrame
        output, class (1 where the truth is this output or class, else 0), low, high, count.
    """
    tests = _tests(runs)
    bins = len(EDGES) - 1
    tables = []
    for output in outputs_of(tests[0]):
        pairs = [truth_and_score(test, output) for test in tests]
        cells = [truth * bins + _bin(score) for truth, score in pairs]
        counts = sum(np.bincount(cell, minlength=2 * bins) for cell in cells)
        columns = {
            "output": output,
            "class": np.repeat([0, 1], bins),
            "low": np.tile(EDGES[:-1], 2),
            "high": np.tile(EDGES[1:], 2),
            "count": counts,
        }
        tables.append(pd.DataFrame(columns))
    return pd.concat(tables, ignore_index=True)


def _tests(runs: Sequence[Run]) -> list[pd.DataFrame]:
    return [run.scores[run.scores["part"] == "test"] for run in runs]


def _bin(score: NDArray[np.float64]) -> Integers:
    """Number of the bin of each score, shape (n,)."""
    return np.clip(np.searchsorted(EDGES, score) - 1, 0, len(EDGES) - 2)


def _by_highest(test: pd.DataFrame, names: Sequence[str]) -> Integers:
    truth = test[[target_column(name) for name in names]].to_numpy().argmax(axis=1)
    called = test[[f"score.{name}" for name in names]].to_numpy().argmax(axis=1)
    matrix: Integers = confusion_matrix(truth, called, labels=range(len(names)))
    return matrix


def _count_table(output: str, names: Sequence[str | int], counts: Integers | int) -> pd.DataFrame:
    pairs = [(output, true, predicted) for true in names for predicted in names]
    table = pd.DataFrame(pairs, columns=["output", "true", "predicted"])
    return table.assign(count=np.ravel(counts))
