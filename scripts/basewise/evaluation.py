"""From score files to the tables behind every figure."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import confusion_matrix, precision_recall_curve, roc_curve

from basewise.labels import OUTPUT
from basewise.metrics import binary_metrics
from basewise.seeds import generator
from basewise.statistics import bootstrap_intervals

__all__ = [
    "METRIC_COLUMNS",
    "Run",
    "class_balance",
    "compare_models",
    "confusion_counts",
    "learning_curves",
    "measure_runs",
    "precision_recall_points",
    "read_runs",
    "read_tables",
    "roc_points",
    "score_histogram",
]

METRIC_COLUMNS = [
    "dataset",
    "model",
    "fold",
    "seed",
    "part",
    "output",
    "metric",
    "value",
    "low",
    "high",
]
THRESHOLD = 0.5
CURVE_POINTS = 500
HISTOGRAM_BINS = 50


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


def read_tables(paths: Sequence[str | Path]) -> pd.DataFrame:
    """Read tab-separated tables of the same columns as one."""
    return pd.concat([pd.read_csv(path, sep="\t") for path in paths], ignore_index=True)


def learning_curves(names: Sequence[tuple[int, int]], paths: Sequence[str | Path]) -> pd.DataFrame:
    """Histories of a model's runs: fold, seed, epoch, ..., chosen (1 for the best epoch)."""
    tables = []
    for (fold, seed), path in zip(names, paths, strict=True):
        history = pd.read_csv(path, sep="\t")
        history.insert(0, "fold", fold)
        history.insert(1, "seed", seed)
        chosen = history.index == history["val_loss"].idxmin()
        tables.append(history.assign(chosen=chosen.astype(int)))
    return pd.concat(tables, ignore_index=True)


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
            target, score = _truth_and_score(table)
            values = binary_metrics(target, score, THRESHOLD)
            draws = generator(root_seed, "bootstrap", dataset, model, fold, seed, str(part))
            intervals = bootstrap_intervals(target, score, draws, THRESHOLD)
            rows += [
                (dataset, model, fold, seed, part, OUTPUT, metric, value, *intervals[metric])
                for metric, value in values.items()
            ]
    return pd.DataFrame(rows, columns=METRIC_COLUMNS)


def confusion_counts(runs: Sequence[Run]) -> pd.DataFrame:
    """Test examples by true and predicted class: fold, seed, true, predicted, count."""
    rows = []
    for fold, seed, scores in runs:
        target, score = _truth_and_score(scores[scores["part"] == "test"])
        counts = confusion_matrix(target, score > THRESHOLD, labels=[0, 1])
        rows += [
            (fold, seed, true, predicted, int(counts[true, predicted]))
            for true in (0, 1)
            for predicted in (0, 1)
        ]
    return pd.DataFrame(rows, columns=["fold", "seed", "true", "predicted", "count"])


def score_histogram(runs: Sequence[Run]) -> pd.DataFrame:
    """Test scores by true class, all runs together: class, low, high, count, density."""
    scores = pd.concat([run.scores[run.scores["part"] == "test"] for run in runs])
    edges = np.linspace(0, 1, HISTOGRAM_BINS + 1)
    tables = []
    for label, group in scores.groupby(f"target.{OUTPUT}"):
        count, _ = np.histogram(group[f"score.{OUTPUT}"], edges)
        density = count / count.sum() / np.diff(edges)
        tables.append(
            pd.DataFrame(
                {
                    "class": label,
                    "low": edges[:-1].round(6),
                    "high": edges[1:].round(6),
                    "count": count,
                    "density": density,
                }
            )
        )
    return pd.concat(tables, ignore_index=True)


def roc_points(runs: Sequence[Run]) -> pd.DataFrame:
    """ROC curve of each run on test: fold, seed, false_positive_rate, true_positive_rate."""
    tables = []
    for fold, seed, scores in runs:
        fpr, tpr, _ = roc_curve(*_truth_and_score(scores[scores["part"] == "test"]))
        curve = pd.DataFrame({"false_positive_rate": fpr, "true_positive_rate": tpr})
        tables.append(_thinned(curve, fold, seed))
    return pd.concat(tables, ignore_index=True)


def precision_recall_points(runs: Sequence[Run]) -> pd.DataFrame:
    """Precision-recall curve of each run on test: fold, seed, recall, precision, prevalence."""
    tables = []
    for fold, seed, scores in runs:
        target, score = _truth_and_score(scores[scores["part"] == "test"])
        precision, recall, _ = precision_recall_curve(target, score, drop_intermediate=True)
        curve = pd.DataFrame({"recall": recall, "precision": precision})
        tables.append(_thinned(curve.assign(prevalence=target.mean()), fold, seed))
    return pd.concat(tables, ignore_index=True)


def class_balance(examples: pd.DataFrame, part: NDArray[np.str_]) -> pd.DataFrame:
    """Examples by part and class: part, class, count."""
    counts = examples.assign(part=part).groupby(["part", OUTPUT]).size().rename("count")
    return counts.reset_index().rename(columns={OUTPUT: "class"})


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


def _truth_and_score(scores: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    target = scores[f"target.{OUTPUT}"].to_numpy(dtype=np.int64)
    return target, scores[f"score.{OUTPUT}"].to_numpy(dtype=np.float64)


def _thinned(curve: pd.DataFrame, fold: int, seed: int) -> pd.DataFrame:
    keep = np.unique(np.linspace(0, len(curve) - 1, CURVE_POINTS).astype(int))
    thin = curve.iloc[keep].reset_index(drop=True)
    thin.insert(0, "fold", fold)
    thin.insert(1, "seed", seed)
    return thin
