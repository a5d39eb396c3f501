"""The measures of a table of scores, with their intervals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from basewise.bounds import degrees_of_freedom, measure_bounds, snapped
from basewise.class_metrics import Key
from basewise.plans import Plan, make_plan
from basewise.statistics import draw_weights, replicate
from basewise.tables import OUTPUT
from basewise.validated import Validated

__all__ = ["FEWEST_GROUPS", "Measured", "Resampled", "measure", "related_groups"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Mask = NDArray[np.bool_]

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
) -> Measured:
    """Measure the scores of one part.

    Parameters
    ----------
    scores
        Rows of `scoring.score_table`.
    task
        As in the configuration.
    generator
        Draws the resamples: whole groups where there are some; else examples, within each class for
        ``binary`` and ``multiclass``; whole sequences for ``per_position``.
    groups
        Group of each id, null for none.
    validated
        From `validated.validate`.
    """
    plan = make_plan(scores, task, validated or {})
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
    rows = [(*key, found.value, *_bounds(key[1], found)) for key, found in resampled.items()]
    rows += [(*key, value, np.nan, np.nan) for key, value in plan.settings.items()]
    return Measured(rows, list(plan.left_out), resampled, unit)


def related_groups(ids: pd.Series, groups: pd.Series | None) -> Integers | None:
    """Number of the group of each example, if whole groups are to be drawn.

    Parameters
    ----------
    ids
        Of the examples, shape (n,).
    groups
        Group of each id, null for none: such an example is a group of its own.

    Returns
    -------
    Numbers from 0, shape (n,); None where no two examples share a group, or where there are fewer
    than `FEWEST_GROUPS`.
    """
    if groups is None:
        return None
    number, found = pd.factorize(groups.reindex(ids))
    alone = number < 0
    number[alone] = len(found) + np.arange(alone.sum())
    drawn = int(number.max()) + 1
    return number if FEWEST_GROUPS <= drawn < len(ids) else None


def _bounds(metric: str, found: Resampled) -> tuple[float, float]:
    se, df = float(np.nanstd(found.replicates)), degrees_of_freedom(found.units)
    return measure_bounds(metric, found.value, found.replicates, se, df, found.units)


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
