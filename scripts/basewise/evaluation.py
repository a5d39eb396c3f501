"""From score files to measures, and the comparison of models."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from basewise.metrics import binary_metrics
from basewise.runs import THRESHOLD, Run, truth_and_score
from basewise.seeds import generator
from basewise.statistics import bootstrap_intervals
from basewise.tables import METRIC_COLUMNS, OUTPUT

__all__ = ["compare_models", "measure_runs"]


def measure_runs(
    runs: Sequence[Run], *, dataset: str, model: str, root_seed: int = 0
) -> pd.DataFrame:
    """Every measure of every run on validation and test, with bootstrap intervals.

    Returns
    -------
    DataFrame
        `METRIC_COLUMNS`, long form.
    """
    rows = []
    for fold, seed, scores in runs:
        for part, table in scores.groupby("part", sort=True):
            target, score = truth_and_score(table)
            values = binary_metrics(target, score, THRESHOLD)
            draws = generator(root_seed, "bootstrap", dataset, model, fold, seed, str(part))
            intervals = bootstrap_intervals(target, score, draws, THRESHOLD)
            rows += [
                (dataset, model, fold, seed, part, OUTPUT, metric, value, *intervals[metric])
                for metric, value in values.items()
            ]
    return pd.DataFrame(rows, columns=METRIC_COLUMNS)


def compare_models(metrics: pd.DataFrame) -> pd.DataFrame:
    """Test measures of each model, one row a model and metric, averaged over folds and seeds.

    Returns
    -------
    DataFrame
        model, metric, value, low, high (means over the runs), runs; in the order of the input.
    """
    test = metrics[metrics["part"] == "test"]
    grouped = test.groupby(["model", "metric"], sort=False)
    table = grouped[["value", "low", "high"]].mean()
    return table.assign(runs=grouped.size()).reset_index()
