"""The ROC and precision-recall curves of a model, with bands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from basewise.curve_reading import GRID, Reading, bin_scores, read_curves, read_resamples
from basewise.measures import related_groups
from basewise.runs import Run, outputs_of, truth_and_score, truth_and_shares
from basewise.seeds import generator
from basewise.statistics import draw_weights

__all__ = ["Curves", "curve_points"]

RESAMPLES = 200

Floats = NDArray[np.float64]


class Curves(NamedTuple):
    """Curves of every output that has both classes in the test part of some fold.

    Attributes
    ----------
    roc
        output, false_positive_rate, true_positive_rate, low, high.
    precision_recall
        output, recall, precision, low, high, prevalence (share of the class, which is chance).
    """

    roc: pd.DataFrame
    precision_recall: pd.DataFrame


class Read(NamedTuple):
    """What one run has of an output."""

    prevalence: float
    curve: Reading
    resamples: list[Reading]


def curve_points(
    runs: Sequence[Run],
    task: str,
    *,
    root_seed: int,
    dataset: str,
    groups: Mapping[int, pd.Series | None],
) -> Curves:
    """Curves of each output, or of each class against the others, on test, at 101 points.

    A curve is the mean over the runs, its band the 2.5 and 97.5 % of the resamples of all runs;
    how they are read says `curve_reading`.

    Parameters
    ----------
    runs
        Of one model.
    task
        Not ``regression``; for ``per_position`` whole sequences are drawn.
    groups
        Fold to the group of each id, drawn as a whole where there are enough; None without.
    """
    found: dict[str, list[Read]] = {}
    for fold, _, scores in runs:
        test = scores[scores["part"] == "test"]
        draws = generator(root_seed, "bands", dataset, fold)
        for output, read in _read_run(test, task, groups[fold], draws).items():
            found.setdefault(output, []).append(read)
    roc = {name: _points(reads, "sensitivity") for name, reads in found.items()}
    precision = {name: _points(reads, "precision") for name, reads in found.items()}
    shares = {name: np.mean([read.prevalence for read in reads]) for name, reads in found.items()}
    precision_recall = _table(precision, "recall", "precision")
    precision_recall["prevalence"] = precision_recall["output"].map(shares)
    return Curves(_table(roc, "false_positive_rate", "true_positive_rate"), precision_recall)


def _points(reads: Sequence[Read], curve: str) -> Floats:
    """Value, low and high at each point of the grid, shape (points, 3)."""
    value = np.mean([getattr(read.curve, curve)[0] for read in reads], axis=0)
    resamples = [getattr(piece, curve) for read in reads for piece in read.resamples]
    band = np.nanquantile(np.concatenate(resamples), (0.025, 0.975), axis=0)
    return np.stack([value, *band], axis=1)


def _table(points: Mapping[str, Floats], x: str, y: str) -> pd.DataFrame:
    values = np.concatenate([np.empty((0, 3)), *points.values()])
    table = pd.DataFrame(values, columns=[y, "low", "high"])
    table.insert(0, "output", np.repeat(list(points), len(GRID)))
    table.insert(1, x, np.tile(GRID, len(points)))
    return table


def _read_run(
    test: pd.DataFrame, task: str, group: pd.Series | None, draws: np.random.Generator
) -> dict[str, Read]:
    pairs = {name: truth_and_score(test, name) for name in outputs_of(test)}
    both = {name: pair for name, pair in pairs.items() if len(np.unique(pair[0])) == 2}
    unit, weights = _resampling(test, task, group, draws)
    binned = {name: bin_scores(*pair, unit) for name, pair in both.items()}
    reads = {
        name: Read(float(truth.mean()), read_curves(truth, score), [])
        for name, (truth, score) in both.items()
    }
    for weight in weights:
        for name, counts in binned.items():
            reads[name].resamples.append(read_resamples(counts, weight))
    return reads


def _resampling(
    test: pd.DataFrame, task: str, group: pd.Series | None, draws: np.random.Generator
) -> tuple[NDArray[np.int64], Iterator[Floats]]:
    """Number of the unit that each row is of, and the copies of each unit in the resamples."""
    unit, ids = np.arange(len(test)), test["id"]
    strata = np.zeros(len(test), dtype=np.int64)
    if task == "binary":
        strata, _ = truth_and_score(test)
    elif task == "multiclass":
        strata, _ = truth_and_shares(test)
    elif task == "per_position":
        unit, ids = pd.factorize(test["id"])
        strata = np.zeros(len(ids), dtype=np.int64)
    related = related_groups(pd.Series(ids), group)
    return unit, draw_weights(strata, draws, groups=related, resamples=RESAMPLES)
