"""What the examples of a dataset look like, and where those of each part lie."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from basewise.core.text import natural_order
from basewise.examples.scales import is_numeric
from basewise.sequences.circles import middles
from basewise.store.parts import PARTS
from basewise.store.tables import (
    DISTRIBUTION_COLUMNS,
    OUTPUT,
    PLACE_COLUMNS,
    covariate_columns,
    output_of,
    target_column,
    target_columns,
)

ALL = ""
"""Stands for all examples where classes have their names."""


def class_balance(
    examples: pd.DataFrame, parts: Sequence[NDArray[np.str_]], task: str
) -> pd.DataFrame:
    """Count the examples of each class in each part of each fold: fold, part, class, count.

    `parts` has the part of each example, fold for fold; the class `ALL` is all examples together.
    The classes of ``multilabel`` are its outputs, counted where they are 1; those of ``regression``
    the outputs that some example lacks, counted where they are known; ``per_position`` has none.
    """
    members = {ALL: np.ones(len(examples), dtype=bool)}
    if task in ("binary", "multiclass"):
        label = examples[target_column(OUTPUT)]
        members |= {str(name): (label == name).to_numpy() for name in sorted(label.unique())}
    elif task == "multilabel":
        members |= {
            output_of(column): (examples[column] == 1).to_numpy()
            for column in target_columns(examples)
        }
    elif task == "regression":
        members |= {
            output_of(column): examples[column].notna().to_numpy()
            for column in target_columns(examples)
            if examples[column].hasnans
        }
    rows = [
        (fold, part, name, int((of_class & (given == part)).sum()))
        for fold, given in enumerate(parts)
        for part in PARTS
        for name, of_class in members.items()
    ]
    return pd.DataFrame(rows, columns=["fold", "part", "class", "count"])


MOST_CLASSES = 8

BINS, FEW_BINS = 50, 20


def distributions(
    examples: pd.DataFrame, task: str, markers: Sequence[pd.DataFrame] = ()
) -> pd.DataFrame:
    """Histograms of what describes the examples, or the markers of genotypes.

    Examples have original_length (letters), gc and unknown (shares), and the targets; those of
    ``binary`` and ``multiclass`` are described class by class, up to 8 of them. Of genotypes one
    table of markers, with frequency and missing (shares), is described instead.

    Returns
    -------
    DataFrame
        variable (length, gc, unknown; of genotypes frequency, missing), class (`ALL` for all
        together), low, high, count, share (of the class; adds up to 1 over the bins). A bin
        holds its lower edge, the last one its upper edge too. Of ``regression`` each target and
        covariate too, under its column of `examples`; a covariate of classes has a row a class,
        without low and high.
    """
    described = markers[0] if markers else examples.rename(columns={"original_length": "length"})
    names = ("frequency", "missing") if markers else ("length", "gc", "unknown")
    label = pd.Series(ALL, index=described.index) if markers else _classes(examples, task)
    tables = [
        _histogram(name, described[name].astype(np.float64), label)
        for name in names
        if described[name].notna().any()
    ]
    if task == "regression":
        tables += _of_values(examples)
    return pd.concat(tables, ignore_index=True)[DISTRIBUTION_COLUMNS]


def _of_values(examples: pd.DataFrame) -> list[pd.DataFrame]:
    """Distributions of the numbers to predict and of covariates, a table each."""
    tables = []
    for column in [*target_columns(examples), *covariate_columns(examples)]:
        known = examples[column].dropna()
        if column.startswith("target.") or is_numeric(known):
            numbers = pd.to_numeric(known).to_numpy(dtype=np.float64)
            counts, edges = np.histogram(numbers, FEW_BINS)
            rows: dict[str, Any] = {"low": edges[:-1], "high": edges[1:], "count": counts}
            rows["class"] = ALL
        else:
            classes = known.value_counts()
            rows = {"class": classes.index, "low": np.nan, "high": np.nan, "count": classes}
        table = pd.DataFrame(rows)
        tables.append(table.assign(variable=column, share=table["count"] / max(len(known), 1)))
    return tables


def _classes(examples: pd.DataFrame, task: str) -> pd.Series:
    if task in ("binary", "multiclass"):
        label = examples[target_column(OUTPUT)].astype(str)
        if label.nunique() <= MOST_CLASSES:
            return label
    return pd.Series(ALL, index=examples.index)


def _histogram(name: str, values: pd.Series, label: pd.Series) -> pd.DataFrame:
    edges = _edges(name, values)
    tables = []
    for of_class, of_class_values in values.dropna().groupby(label, sort=True):
        count, _ = np.histogram(of_class_values, edges)
        columns = {"low": edges[:-1], "high": edges[1:], "count": count}
        tables.append(
            pd.DataFrame(columns).assign(share=count / count.sum(), **{"class": of_class})
        )
    return pd.concat(tables).assign(variable=name)


def _edges(name: str, values: pd.Series) -> NDArray[np.float64]:
    """Whole lengths with an empty bin at both ends; what is unknown or missing is mostly little."""
    if name == "length":
        low, high = values.min(), values.max()
        step = max(1.0, np.ceil((high - low + 3) / BINS))
        edges: NDArray[np.float64] = np.arange(low - 0.5 - step, high + 0.5 + 2 * step, step)
        return edges
    if name in ("unknown", "missing"):
        return np.linspace(0, values.max() or 1.0, FEW_BINS + 1)
    return np.linspace(0, 1, BINS + 1)


GENOME_BINS = 60
"""Of the longest chromosome, at most."""


def split_counts(examples: pd.DataFrame, part: NDArray[np.str_]) -> pd.DataFrame:
    """Count the examples of each part in bins along the chromosomes, by their midpoint.

    Shuffled copies have a chromosome but lie nowhere on it, so that start and end are missing; they
    are left out. Columns: chrom (in natural order), low, high (0-based, half-open), part, count;
    without the empty bins. Where examples have no place, chrom, low and high are missing, and a
    part is one row.
    """
    if examples["chrom"].isna().all():
        counts = pd.Series(part).value_counts().reindex(PARTS, fill_value=0)
        rows = [(None, pd.NA, pd.NA, name, count) for name, count in counts.items()]
        return pd.DataFrame(rows, columns=PLACE_COLUMNS)

    placed = examples["start"].notna().to_numpy()
    middle = middles(examples[placed])
    size = _bin_size(int(examples["end"][placed].max()))
    places = pd.DataFrame({"chrom": examples["chrom"][placed], "low": middle // size * size})
    places["low"] = places["low"].astype(np.int64)
    counted = (
        places.assign(part=part[placed]).value_counts(sort=False).rename("count").reset_index()
    )
    counted["high"] = counted["low"] + size
    counted["order"] = counted["part"].map(PARTS.index)
    ranks = {
        name: rank for rank, name in enumerate(sorted(set(places["chrom"]), key=natural_order))
    }
    ordered = counted.assign(rank=counted["chrom"].map(ranks)).sort_values(["rank", "low", "order"])

    return ordered[PLACE_COLUMNS].reset_index(drop=True)


def _bin_size(length: int) -> int:
    """The smallest of 1, 2, 5, 10, 20, ... that cuts a length into at most `BINS` bins."""
    tens = int(10 ** max(0, int(np.log10(max(1, length / GENOME_BINS)))))
    return next(tens * step for step in (1, 2, 5, 10) if tens * step * GENOME_BINS >= length)
