"""The ROC and precision-recall curves of a model, with bands, read on a fixed grid."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.metrics import roc_curve

from basewise.core.arrays import Floats, Integers, ratio
from basewise.core.seeds import generator
from basewise.evaluation.bootstrap import draw_weights
from basewise.evaluation.measures import related_groups
from basewise.store.scores import Run, outputs_of, truth_and_score, truth_and_shares

GRID = np.arange(101) / 100
"""False positive rates, and recalls, at which the curves are read."""

BINS = 500
"""Bins with equal numbers of the class, and as many with equal numbers of the others."""


class Reading(NamedTuple):
    """True positive rate and precision at the points of the grid, each of shape (r, points)."""

    sensitivity: Floats
    precision: Floats


class Binned(NamedTuple):
    """How many of a class and of the others are in each bin, the highest first: (bins, units)."""

    of_class: Any
    others: Any


def read_curves(truth: Integers, score: Floats) -> Reading:
    """The curves of all examples, 0 and 1 both present, by scikit-learn, with r = 1.

    Between two scores an ROC curve is straight; the precision at a recall is that of the highest
    score which reaches it, as average precision has it.
    """
    fall_out, recall, _ = roc_curve(truth, score, drop_intermediate=False)
    positives = np.array([truth.sum()], dtype=np.float64)
    return _read(recall[None], fall_out[None], positives, len(truth) - positives)


def bin_scores(truth: Integers, score: Floats, unit: Integers) -> Binned:
    """Count the examples of each unit, of what is drawn as a whole, by class and score."""
    groups = [score[truth == 1], score[truth == 0]]
    quantiles = np.linspace(0, 1, BINS + 1)
    edges = np.unique(
        np.concatenate([np.quantile(scores, quantiles, method="lower") for scores in groups])
    )
    place = len(edges) - np.searchsorted(edges, score, side="right")
    shape = (len(edges), int(unit.max()) + 1)
    parts = [(place[truth == side], unit[truth == side]) for side in (1, 0)]
    of_class, others = (
        sparse.csr_array((np.ones(len(where[0])), where), shape=shape) for where in parts
    )

    return Binned(of_class, others)


def read_resamples(counts: Binned, weight: Floats) -> Reading:
    """The curves of r resamples, which take scores within a bin for equal.

    `weight` says how often each unit counts, shape (r, units); a resample that lacks a class gives
    NaN.
    """
    true, false = (np.cumsum((part @ weight.T).T, axis=1) for part in counts)
    recall, fall_out = (_rates(steps) for steps in (true, false))
    return _read(recall, fall_out, true[:, -1], false[:, -1])


def _rates(steps: Floats) -> Floats:
    """Shares of the last of r counts, after a 0; NaN where that is 0."""
    total = np.broadcast_to(steps[:, -1:], steps.shape)
    return np.insert(ratio(steps, total, np.nan), 0, 0, axis=1)


def _read(recall: Floats, fall_out: Floats, positives: Floats, negatives: Floats) -> Reading:
    """Read r curves, whose steps start at 0."""
    sensitivity = [np.interp(GRID, across, up) for across, up in zip(fall_out, recall, strict=True)]
    reached = np.maximum(GRID, np.nextafter(0, 1))  # at recall 0, where the first one is hit
    places = [np.minimum(np.searchsorted(up, reached), len(up) - 1) for up in recall]
    true, false = recall * positives[:, None], fall_out * negatives[:, None]
    precision = np.take_along_axis(ratio(true, true + false), np.stack(places), axis=1)
    lacking = (positives == 0) | (negatives == 0)
    precision[lacking] = np.nan

    return Reading(np.where(lacking[:, None], np.nan, np.stack(sensitivity)), precision)


RESAMPLES = 200


class Curves(NamedTuple):
    """Curves of every output that has both classes in the test part of some fold.

    Columns of `roc`: output, false_positive_rate, true_positive_rate, low, high; of
    `precision_recall`: output, recall, precision, low, high, prevalence (share of the class, which
    is chance).
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
    how they are read says `read_curves`. The task is not ``regression``; for ``per_position`` whole
    sequences are drawn, and otherwise the groups of a fold, where there are enough.
    """
    of_output: dict[str, list[Read]] = {}
    for fold, _, scores in runs:
        test = scores[scores["part"] == "test"]
        draws = generator(root_seed, "bands", dataset, fold)
        for output, read in _read_run(test, task, groups[fold], draws).items():
            of_output.setdefault(output, []).append(read)

    roc = {name: _points(reads, "sensitivity") for name, reads in of_output.items()}
    precision = {name: _points(reads, "precision") for name, reads in of_output.items()}
    shares = {
        name: np.mean([read.prevalence for read in reads]) for name, reads in of_output.items()
    }
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
) -> tuple[Integers, Iterator[Floats]]:
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
