"""What the examples of a dataset look like: lengths and composition, or frequencies of markers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from basewise.balance import ALL
from basewise.tables import OUTPUT, target_column

__all__ = ["MOST_CLASSES", "distributions"]

MOST_CLASSES = 8
BINS, FEW_BINS = 50, 20

COLUMNS = ["variable", "class", "low", "high", "count", "share"]


def distributions(
    examples: pd.DataFrame, task: str, markers: Sequence[pd.DataFrame] = ()
) -> pd.DataFrame:
    """Histograms of what describes the examples, or the markers of genotypes.

    Parameters
    ----------
    examples
        original_length (letters), gc and unknown (shares), and the targets.
    task
        Examples of ``binary`` and ``multiclass`` are described class by class, up to 8 of them.
    markers
        Of genotypes: one table, with frequency and missing (shares). It is described instead.

    Returns
    -------
    DataFrame
        variable (length, gc, unknown; of genotypes frequency, missing), class (`balance.ALL` for
        all together), low, high, count, share (of the class; adds up to 1 over the bins). A bin
        holds its lower edge, the last one its upper edge too.
    """
    described = markers[0] if markers else examples.rename(columns={"original_length": "length"})
    names = ("frequency", "missing") if markers else ("length", "gc", "unknown")
    label = pd.Series(ALL, index=described.index) if markers else _classes(examples, task)
    tables = [
        _histogram(name, described[name].astype(np.float64), label)
        for name in names
        if described[name].notna().any()
    ]
    return pd.concat(tables, ignore_index=True)[COLUMNS]


def _classes(examples: pd.DataFrame, task: str) -> pd.Series:
    if task in ("binary", "multiclass"):
        label = examples[target_column(OUTPUT)].astype(str)
        if label.nunique() <= MOST_CLASSES:
            return label
    return pd.Series(ALL, index=examples.index)


def _histogram(name: str, values: pd.Series, label: pd.Series) -> pd.DataFrame:
    edges = _edges(name, values)
    tables = []
    for of_class, found in values.dropna().groupby(label, sort=True):
        count, _ = np.histogram(found, edges)
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
