"""From score files to measures, and the comparison of models."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from basewise.headlines import HEADLINES, summary_output
from basewise.measures import measure
from basewise.paired import PAIRED_COLUMNS, paired_tests
from basewise.runs import Run
from basewise.seeds import generator
from basewise.tables import METRIC_COLUMNS

__all__ = ["compare_models", "compare_with", "measure_runs"]


def measure_runs(
    runs: Iterable[Run], *, dataset: str, model: str, task: str = "binary", root_seed: int = 0
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
            draws = generator(root_seed, "bootstrap", dataset, model, fold, seed, str(part))
            measured = measure(table, task, draws)
            rows += [(dataset, model, fold, seed, part, *row) for row in measured.rows]
            if measured.left_out:
                print(
                    f"Fold {fold}, seed {seed}: left out {', '.join(measured.left_out)}, of which "
                    f"the {part} part lacks a class, or every value"
                )
    return pd.DataFrame(rows, columns=METRIC_COLUMNS)


def compare_models(metrics: pd.DataFrame, task: str = "binary") -> pd.DataFrame:
    """Test measures of each model, one row a model and metric, averaged over folds and seeds.

    Only what speaks for the whole task is compared: the averages over outputs, the measures of all
    classes together.

    Returns
    -------
    DataFrame
        model, metric, value, low, high (means over the runs), runs; in the order of the input.
    """
    test = metrics[metrics["part"] == "test"]
    whole = test[test["output"] == summary_output(task, test["output"].unique())]
    grouped = whole.groupby(["model", "metric"], sort=False)
    table = grouped[["value", "low", "high"]].mean()
    return table.assign(runs=grouped.size()).reset_index()


def compare_with(metrics: pd.DataFrame, reference: str | None, task: str) -> pd.DataFrame:
    """Paired tests of every model against one, by what ranks the models of a task.

    Parameters
    ----------
    metrics, reference
        As for `paired.paired_tests`; nothing is tested without a reference.

    Returns
    -------
    DataFrame
        `PAIRED_COLUMNS`.
    """
    if reference is None:
        return pd.DataFrame(columns=PAIRED_COLUMNS)
    return paired_tests(metrics, reference, HEADLINES[task][0].metric)
