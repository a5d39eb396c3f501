"""Whether one number that says little about a sequence tells the classes apart by itself.

Where it does, a model can score well without learning what its user is after. A number counts as a
score: its area under the ROC curve and the interval come from the placements of DeLong et al.,
Biometrics 44:837 (1988).
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from basewise.core.arrays import Floats
from basewise.evaluation.bounds import degrees_of_freedom, measure_bounds
from basewise.sequences.circles import CIRCLE, middles
from basewise.store.tables import (
    COMPOSITION_COLUMNS,
    OUTPUT,
    output_of,
    target_column,
    target_columns,
)

TASKS = ("binary", "multiclass", "multilabel")

FEWEST = 10
"""Training examples that a class, and all others, need to be compared."""

NOTABLE, ALARMING = 0.6, 0.7
"""What the lower end of an interval has to pass for a note, and for a warning.

Normal numbers whose means lie a third of a standard deviation apart have an area of 0.6. Less than
that is common among classes of real sequences, and adds little to the score of a model. At 0.7,
three quarters of a standard deviation, the number alone does as well as networks do on many hard
tasks, so that a model's score says nothing until somebody has found out where it comes from.
"""


VALUES = ["value", "low", "high"]


class Area(NamedTuple):
    """Area under the ROC curve with its 95 % interval."""

    auroc: float
    low: float
    high: float


def composition_table(
    examples: pd.DataFrame,
    part: NDArray[np.str_],
    *,
    task: str,
    alphabet: str,
    length: Mapping[str, Any] | None = None,
) -> pd.DataFrame:
    """Compare the classes of the train part by each number that describes a sequence.

    `COMPOSITION_COLUMNS`: variable (length, gc, unknown, soft_masked, position, source), class (of
    ``binary`` 1, of ``multiclass`` each against the others, of ``multilabel`` each output),
    examples and others (how many have the number), their means, and auroc, low, high: whether the
    number is higher in the class (1) or in the others (0). A number that is the same for all has no
    rows; nor has the source where each file holds one class, which it then is by design. Other
    tasks, and genotypes, have no rows at all.
    """
    if task not in TASKS or alphabet == "genotype":
        return pd.DataFrame(columns=COMPOSITION_COLUMNS)

    is_cropped = length is not None and length["policy"] == "crop"
    train = part == "train"
    numbers = _numbers(examples, is_cropped)[train]
    source = pd.factorize(examples["source"][train])[0]
    rows: list[tuple[Any, ...]] = []
    classes = dict(_classes(examples[train], task))

    for name in numbers:
        known = numbers[name].notna().to_numpy()
        values = numbers[name].to_numpy()[known]
        distinct, code = np.unique(values, return_inverse=True)
        if len(distinct) > 1:
            for of_class, member in classes.items():
                ones, zeros = _counts(code, member[known], len(distinct))
                means = _mean(distinct, ones), _mean(distinct, zeros)
                rows += _row(name, of_class, ones, zeros, means)

    for of_class, member in classes.items():
        ones, zeros = _counts(source, member, source.max() + 1)
        if (ones * zeros).any() and len(ones) > 1:
            order = np.argsort(ones / (ones + zeros), kind="stable")
            rows += _row("source", of_class, ones[order], zeros[order], (np.nan, np.nan))
    return pd.DataFrame(rows, columns=COMPOSITION_COLUMNS)


def area(ones: NDArray[np.int64], zeros: NDArray[np.int64]) -> Area:
    """Area under the ROC curve, with its interval.

    Parameters
    ----------
    ones, zeros
        How many examples of the class, and of the others, have each value; values ascending.
    """
    placed_above = (np.cumsum(zeros) - zeros / 2) / zeros.sum()
    placed_below = 1 - (np.cumsum(ones) - ones / 2) / ones.sum()
    auroc = _mean(placed_above, ones)
    error = np.sqrt(_variance_of_mean(placed_above, ones) + _variance_of_mean(placed_below, zeros))
    units = int(min(ones.sum(), zeros.sum()))
    none = np.empty(0)
    return Area(
        auroc, *measure_bounds("auroc", auroc, none, error, degrees_of_freedom(units), units)
    )


def strongest_first(table: pd.DataFrame) -> pd.DataFrame:
    """Sort a table of `composition_table` by how well each number tells the classes apart.

    Returns
    -------
    DataFrame
        With ``value`` in place of auroc; it, low and high are those of the better direction, so
        that 0.5 tells nothing and 1 everything.
    """
    value = table["auroc"]
    turned = pd.DataFrame(
        {"value": 1 - value, "low": 1 - table["high"], "high": 1 - table["low"]}, dtype=np.float64
    )
    apart = table.rename(columns={"auroc": "value"})
    apart[VALUES] = apart[VALUES].astype(np.float64).where(value >= 0.5, turned)
    return apart.sort_values("value", ascending=False, kind="stable")


def notable(table: pd.DataFrame) -> pd.DataFrame:
    """What a reader has to know of a table of `composition_table`.

    Returns
    -------
    DataFrame
        Of each variable that tells a class apart (`NOTABLE`) the class that it tells best, as
        `strongest_first` has it, with ``more``, the number of other classes, and ``alarming``.
    """
    rows = strongest_first(table)
    rows = rows[rows["low"] > NOTABLE]
    more = rows.groupby("variable")["class"].transform("size") - 1
    rows = rows.assign(more=more, alarming=rows["low"] > ALARMING)
    return rows.drop_duplicates("variable")


def _numbers(examples: pd.DataFrame, is_cropped: bool) -> pd.DataFrame:
    """What describes each example; nothing of its length where all were cut to one."""
    end = examples["end"].astype(np.float64)
    if CIRCLE in examples:
        circle = examples[CIRCLE]
        end = end.where((circle == 0) | (end <= circle), circle)
    last = end.groupby(examples["chrom"]).transform("max")
    numbers = {
        "length": examples["original_length"],
        "gc": examples["gc"],
        "unknown": examples["unknown"],
        "soft_masked": examples["soft_masked"],
        "position": middles(examples) / last,
    }
    if is_cropped:
        del numbers["length"]
    return pd.DataFrame(numbers).astype(np.float64)


def _classes(examples: pd.DataFrame, task: str) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """Members of each class that is compared with the others."""
    if task == "multilabel":
        for column in target_columns(examples):
            yield output_of(column), (examples[column] == 1).to_numpy()
        return
    label = examples[target_column(OUTPUT)]
    for name in [1] if task == "binary" else sorted(label.unique()):
        yield str(name), (label == name).to_numpy()


def _counts(
    code: NDArray[np.int64], member: NDArray[np.bool_], values: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """How many members, and how many others, have each value."""
    ones = np.bincount(code[member], minlength=values)
    return ones, np.bincount(code, minlength=values) - ones


def _row(
    variable: str,
    of_class: str,
    ones: NDArray[np.int64],
    zeros: NDArray[np.int64],
    means: tuple[float, float],
) -> list[tuple[Any, ...]]:
    """One row of the table; none where too few examples can be compared."""
    counts = int(ones.sum()), int(zeros.sum())
    return (
        [(variable, of_class, *counts, *means, *area(ones, zeros))] if min(counts) >= FEWEST else []
    )


def _mean(values: Floats, counts: NDArray[np.int64]) -> float:
    return float(counts @ values / max(counts.sum(), 1))


def _variance_of_mean(values: Floats, counts: NDArray[np.int64]) -> float:
    total = counts.sum()
    return float(counts @ (values - _mean(values, counts)) ** 2 / (total - 1) / total)
