"""Several rows of a table that are one example, such as years or plots of an individual."""

from pathlib import Path

import numpy as np
import pandas as pd

from basewise.core.errors import InputError
from basewise.core.missing import remedy_for
from basewise.core.remarks import REPLICATES, Remark
from basewise.examples.scales import is_numeric
from basewise.store.tables import covariate_columns, output_of, target_columns


def means(table: pd.DataFrame, path: str | Path) -> pd.DataFrame:
    """Make one row of all with the same id: means of targets and of covariates that are numbers.

    What is missing does not count. A group, and a covariate of classes, must be the same in all
    rows of an id. The row stands where its first one stood; ``rows`` says how many it is made of.

    Parameters
    ----------
    table
        As `labels.read_label_table` has it: columns of text, the index being the lines.

    Raises
    ------
    InputError
        For a target that is no number, and a group or class that differs.
    """
    covariates = covariate_columns(table)
    numbers = target_columns(table) + [name for name in covariates if is_numeric(table[name])]
    same = [name for name in (*covariates, "group") if name in table and name not in numbers]
    first = ~table["id"].duplicated()
    averaged = table[first].set_index("id", drop=False)
    repeats = table.groupby("id", sort=False)
    averaged["rows"] = repeats.size()

    for name in numbers:
        values = _numbers(table, name, path)
        mean = values.groupby(table["id"], sort=False).mean()
        texts = mean.map(lambda value: repr(float(value))).mask(mean.isna()).astype("str")
        averaged[name] = averaged[name].where(averaged["rows"] == 1, texts)
    for name in same:
        _check_same(table, name, path)
        averaged[name] = repeats[name].first()

    return averaged.set_index(table.index[first])


def averaged_rows(labels: pd.DataFrame) -> list[Remark]:
    """Tell how many examples have the mean of several rows."""
    several = labels[labels["rows"] > 1]
    if several.empty:
        return []
    fewest, most = labels["rows"].min(), labels["rows"].max()
    span = f"{fewest} to {most}" if fewest < most else f"{most}"
    return [Remark(REPLICATES, labels["source"].iloc[0], span, len(several), len(labels), "mean")]


def _numbers(table: pd.DataFrame, name: str, path: str | Path) -> pd.Series:
    texts = table[name]
    values = pd.to_numeric(texts, errors="coerce").astype("float64")
    wrong = texts.notna() & ~np.isfinite(values)
    if wrong.any():
        line = int(wrong.idxmax())
        problem = f"{output_of(name)} {texts[line]!r} must be a number to be averaged"
        raise InputError(f"{problem}; {remedy_for(texts[line])}", path, line)
    return values


def _check_same(table: pd.DataFrame, name: str, path: str | Path) -> None:
    known = table[table[name].notna()]
    of_first = known.groupby("id", sort=False)[name].transform("first")
    differs = known[name] != of_first
    if differs.any():
        line = int(differs.idxmax())
        title = name.removeprefix("covariate.")
        raise InputError(
            f"{title} is {known[name][line]!r} and on an earlier line of {known['id'][line]!r} "
            f"{of_first[line]!r}, which has no mean; leave {title} out, or take the rows of one "
            "with `keep`",
            path,
            line,
        )
