"""The measures of a table of scores with their intervals, and over a model's folds and seeds."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from basewise.core.arrays import Floats, Integers, Mask
from basewise.evaluation.bootstrap import draw_weights, interval_over_runs, mean_of_runs, replicate
from basewise.evaluation.bounds import degrees_of_freedom, measure_bounds, snapped
from basewise.evaluation.headlines import Key
from basewise.evaluation.tasks import Plan, make_plan
from basewise.evaluation.validation import Validated
from basewise.store.tables import OUTPUT, SUMMARY_COLUMNS

FEWEST_GROUPS = 10
"""Of fewer groups no interval can be told; examples are drawn one by one."""

OF_EXAMPLES = ("accuracy", "brier", "log_loss", "ece", "weighted")
"""Measures of several classes to which each class adds by its number of examples."""


class Resampled(NamedTuple):
    """The value of a measure, those of resamples, and the number of units of the rarest kind."""

    value: float
    replicates: Floats
    units: int


class Measured(NamedTuple):
    """The measures of one part of one run.

    Attributes
    ----------
    rows
        (output, metric, value, low, high) of each measure; no bounds for thresholds and
        temperatures.
    left_out
        Outputs and classes that have none, since the part lacks one of their classes, or every
        value of a regression.
    resampled
        By output and metric.
    unit
        What was drawn: example, group or sequence.
    """

    rows: list[tuple[str, str, float, float, float]]
    left_out: list[str]
    resampled: dict[Key, Resampled]
    unit: str


def measure(
    scores: pd.DataFrame,
    task: str,
    generator: np.random.Generator,
    *,
    groups: pd.Series | None = None,
    validated: Mapping[str, Validated] | None = None,
    transform: str = "none",
) -> Measured:
    """Measure the rows of a `scores.score_table` in one part.

    Parameters
    ----------
    generator
        Draws the resamples: whole groups where there are some; else examples, within each class for
        ``binary`` and ``multiclass``; whole sequences for ``per_position``.
    groups
        Group of each id, null for none.
    validated
        From `validation.validate`.
    transform
        What a regression was learned on, see `tasks.Numbers`.
    """
    plan = make_plan(scores, task, validated or {}, transform)
    group = related_groups(plan.ids, groups)
    unit = "sequence" if task == "per_position" else "example"
    unit = unit if group is None else "group"
    if not plan.values:
        return Measured([], list(plan.left_out), {}, unit)

    replicates = replicate(plan.weighted, draw_weights(plan.strata, generator, groups=group))
    count = _unit_counter(plan, group)
    resampled = {
        key: Resampled(snapped(key[1], float(value)), replicates[key], count(key))
        for key, value in plan.values.items()
    }
    rows = [(*key, one.value, *_bounds(key[1], one)) for key, one in resampled.items()]
    rows += [(*key, value, np.nan, np.nan) for key, value in plan.settings.items()]

    return Measured(rows, list(plan.left_out), resampled, unit)


def related_groups(ids: pd.Series, groups: pd.Series | None) -> Integers | None:
    """Number of the group of each example, from 0, shape (n,), if whole groups are to be drawn.

    `groups` has the group of each id; one of null is a group of its own. None where no two examples
    share a group, or where there are fewer than `FEWEST_GROUPS`.
    """
    if groups is None:
        return None
    number, distinct = pd.factorize(groups.reindex(ids))
    alone = number < 0
    number[alone] = len(distinct) + np.arange(alone.sum())
    drawn = int(number.max()) + 1
    return number if FEWEST_GROUPS <= drawn < len(ids) else None


def _bounds(metric: str, resampled: Resampled) -> tuple[float, float]:
    se, df = float(np.nanstd(resampled.replicates)), degrees_of_freedom(resampled.units)
    return measure_bounds(metric, resampled.value, resampled.replicates, se, df, resampled.units)


def _unit_counter(plan: Plan, group: Integers | None) -> Callable[[Key], int]:
    """From output and metric to how many units there are of the rarest kind it needs."""
    everything = np.ones(len(plan.ids), dtype=np.bool_)

    def units(mask: Mask) -> int:
        return int(mask.sum()) if group is None else len(np.unique(group[mask]))

    of_output = {output: min(map(units, masks)) for output, masks in plan.kinds.items()}
    several = len(of_output) > 1

    def count(key: Key) -> int:
        output, metric = key
        if output not in of_output:
            return int(np.median(list(of_output.values())))
        if output == OUTPUT and several and metric.startswith(OF_EXAMPLES):
            return units(everything)
        return of_output[output]

    return count


class MeasuredRun(NamedTuple):
    """The measures of one part of one fold and seed."""

    fold: int
    seed: int
    measured: Measured


def summarize_runs(runs: Sequence[MeasuredRun], model: str, part: str) -> pd.DataFrame:
    """Mean, spread and hierarchical 95 % interval of each measure over a model's folds and seeds.

    Where folds differ in their number of seeds, those of a fold are averaged first, for the bounds.

    Returns
    -------
    DataFrame
        `tables.SUMMARY_COLUMNS`: mean; bounds (`bootstrap.interval_over_runs` on the scale of
        `bounds.measure_bounds`, empty for thresholds and temperatures); standard deviation over the
        runs, empty of a single one; number of runs; what was drawn (``example or group`` where only
        some folds have enough groups). A measure that a fold does not have goes by the others.
    """
    values: dict[Key, list[float]] = {}
    for run in runs:
        for output, metric, value, *_ in run.measured.rows:
            values.setdefault((output, metric), []).append(value)

    unit = " or ".join(sorted({run.measured.unit for run in runs}))
    rows = []
    for key, of_runs in values.items():
        mean, bounds = float(np.mean(of_runs)), _bounds_of_runs(runs, key)
        rows.append((model, part, *key, mean, *bounds, _spread(of_runs), len(of_runs), unit))
    return pd.DataFrame(rows, columns=SUMMARY_COLUMNS)


def _spread(values: Sequence[float]) -> float:
    if len(values) == 1:
        return np.nan
    return float(np.std(values, ddof=1)) if np.ptp(values) else 0.0


def _bounds_of_runs(runs: Sequence[MeasuredRun], key: Key) -> tuple[float, float]:
    by_fold = list(_resampled_by_fold(runs, key))
    if not by_fold:
        return np.nan, np.nan
    if len({len(seeds) for seeds in by_fold}) > 1:
        by_fold = [[_mean(seeds)] for seeds in by_fold]
    values = np.array([[run.value for run in seeds] for seeds in by_fold])
    replicates = np.array([[run.replicates for run in seeds] for seeds in by_fold])
    units = sum(seeds[0].units for seeds in by_fold)
    interval = interval_over_runs(values, replicates, degrees_of_freedom(units))
    of_mean = mean_of_runs(replicates)

    return measure_bounds(key[1], float(values.mean()), of_mean, interval.se, interval.df, units)


def _mean(seeds: Sequence[Resampled]) -> Resampled:
    value = float(np.mean([run.value for run in seeds]))
    return Resampled(value, np.mean([run.replicates for run in seeds], axis=0), seeds[0].units)


def _resampled_by_fold(runs: Sequence[MeasuredRun], key: Key) -> Iterator[list[Resampled]]:
    for fold in sorted({run.fold for run in runs}):
        seeds = [run.measured.resampled.get(key) for run in runs if run.fold == fold]
        kept = [resampled for resampled in seeds if resampled is not None]
        if kept:
            yield kept
