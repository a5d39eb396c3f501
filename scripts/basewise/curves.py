"""The tables behind the figures of a model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import confusion_matrix, precision_recall_curve, roc_curve

from basewise.runs import THRESHOLD, Run, truth_and_score
from basewise.tables import OUTPUT, read_table

__all__ = [
    "confusion_counts",
    "learning_curves",
    "precision_recall_points",
    "roc_points",
    "score_histogram",
]

CURVE_POINTS = 500
HISTOGRAM_BINS = 50


def confusion_counts(runs: Sequence[Run]) -> pd.DataFrame:
    """Test examples by true and predicted class: fold, seed, true, predicted, count."""
    rows = []
    for fold, seed, scores in runs:
        target, score = truth_and_score(scores[scores["part"] == "test"])
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
        fpr, tpr, _ = roc_curve(*truth_and_score(scores[scores["part"] == "test"]))
        curve = pd.DataFrame({"false_positive_rate": fpr, "true_positive_rate": tpr})
        tables.append(_thinned(curve, fold, seed))
    return pd.concat(tables, ignore_index=True)


def precision_recall_points(runs: Sequence[Run]) -> pd.DataFrame:
    """Precision-recall curve of each run on test: fold, seed, recall, precision, prevalence."""
    tables = []
    for fold, seed, scores in runs:
        target, score = truth_and_score(scores[scores["part"] == "test"])
        precision, recall, _ = precision_recall_curve(target, score, drop_intermediate=True)
        curve = pd.DataFrame({"recall": recall, "precision": precision})
        tables.append(_thinned(curve.assign(prevalence=target.mean()), fold, seed))
    return pd.concat(tables, ignore_index=True)


def learning_curves(names: Sequence[tuple[int, int]], paths: Sequence[str | Path]) -> pd.DataFrame:
    """Histories of a model's runs: fold, seed, epoch, ..., chosen (1 for the best epoch)."""
    tables = []
    for (fold, seed), path in zip(names, paths, strict=True):
        history = read_table(path)
        history.insert(0, "fold", fold)
        history.insert(1, "seed", seed)
        chosen = history.index == history["val_loss"].idxmin()
        tables.append(history.assign(chosen=chosen.astype(int)))
    return pd.concat(tables, ignore_index=True)


def _thinned(curve: pd.DataFrame, fold: int, seed: int) -> pd.DataFrame:
    keep = np.unique(np.linspace(0, len(curve) - 1, CURVE_POINTS).astype(int))
    thin = curve.iloc[keep].reset_index(drop=True)
    thin.insert(0, "fold", fold)
    thin.insert(1, "seed", seed)
    return thin
