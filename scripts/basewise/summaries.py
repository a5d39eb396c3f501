"""Measures over the folds and seeds of a model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from basewise.bounds import degrees_of_freedom, measure_bounds
from basewise.class_metrics import Key
from basewise.measures import Measured, Resampled
from basewise.statistics import interval_over_runs, mean_of_runs
from basewise.tables import SUMMARY_COLUMNS

__all__ = ["MeasuredRun", "summarise_runs"]


class MeasuredRun(NamedTuple):
    """The measures of one part of one fold and seed."""

    fold: int
    seed: int
    measured: Measured


def summarise_runs(runs: Sequence[MeasuredRun], model: str, part: str) -> pd.DataFrame:
    """Mean, spread and hierarchical 95 % interval of each measure over folds and seeds.

    Parameters
    ----------
    runs
        All of a model. Where folds differ in their number of seeds, those of a fold are averaged
        first, for the bounds.
    model, part
        Their names.

    Returns
    -------
    DataFrame
        `tables.SUMMARY_COLUMNS`: mean; bounds (`statistics.interval_over_runs` on the scale of
        `bounds.measure_bounds`, empty for thresholds and temperatures); standard deviation over the
        runs, empty of a single one; number of runs; what was drawn (``example or group`` where only
        some folds have enough groups). A measure that a fold does not have goes by the others.
    """
    values: dict[Key, list[float]] = {}
    for run in runs:
        for output, metric, value, *_ in run.measured.rows:
            values.setdefault((output, metric), []).append(value)
    unit = " or ".join(sorted({run.measured.unit for run in runs}))
    rows = [
        (
            *(model, part, *key, float(np.mean(found)), *_bounds(runs, key)),
            *(_spread(found), len(found), unit),
        )
        for key, found in values.items()
    ]
    return pd.DataFrame(rows, columns=SUMMARY_COLUMNS)


def _spread(values: Sequence[float]) -> float:
    if len(values) == 1:
        return np.nan
    return float(np.std(values, ddof=1)) if np.ptp(values) else 0.0


def _bounds(runs: Sequence[MeasuredRun], key: Key) -> tuple[float, float]:
    by_fold = list(_resampled_by_fold(runs, key))
    if not by_fold:
        return np.nan, np.nan
    if len({len(seeds) for seeds in by_fold}) > 1:
        by_fold = [[_mean(seeds)] for seeds in by_fold]
    values = np.array([[run.value for run in seeds] for seeds in by_fold])
    replicates = np.array([[run.replicates for run in seeds] for seeds in by_fold])
    units = sum(seeds[0].units for seeds in by_fold)
    found = interval_over_runs(values, replicates, degrees_of_freedom(units))
    of_mean = mean_of_runs(replicates)
    return measure_bounds(key[1], float(values.mean()), of_mean, found.se, found.df, units)


def _mean(seeds: Sequence[Resampled]) -> Resampled:
    value = float(np.mean([run.value for run in seeds]))
    return Resampled(value, np.mean([run.replicates for run in seeds], axis=0), seeds[0].units)


def _resampled_by_fold(runs: Sequence[MeasuredRun], key: Key) -> Iterator[list[Resampled]]:
    for fold in sorted({run.fold for run in runs}):
        seeds = [run.measured.resampled.get(key) for run in runs if run.fold == fold]
        kept = [found for found in seeds if found is not None]
        if kept:
            yield kept
