"""Where the examples of each part lie: along the chromosomes, or all together."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from basewise.natural_order import natural_order
from basewise.parts import PARTS

__all__ = ["split_counts"]

BINS = 60
"""Of the longest chromosome, at most."""

COLUMNS = ["chrom", "low", "high", "part", "count"]


def split_counts(examples: pd.DataFrame, part: NDArray[np.str_]) -> pd.DataFrame:
    """Count the examples of each part in bins along the chromosomes, by their midpoint.

    Parameters
    ----------
    examples
        chrom, start, end (0-based, half-open), n rows.
    part
        Part of each example, shape (n,).

    Returns
    -------
    DataFrame
        chrom (in natural order), low, high (0-based, half-open), part, count; without the empty
        bins. Where examples have no place, chrom, low and high are missing, and a part is one row.
    """
    if examples["chrom"].isna().all():
        counts = pd.Series(part).value_counts().reindex(PARTS, fill_value=0)
        rows = [(None, pd.NA, pd.NA, name, count) for name, count in counts.items()]
        return pd.DataFrame(rows, columns=COLUMNS)
    start, end = (examples[name].astype(np.int64) for name in ("start", "end"))
    size = _bin_size(int(end.max()))
    places = pd.DataFrame({"chrom": examples["chrom"], "low": (start + end) // 2 // size * size})
    counted = places.assign(part=part).value_counts(sort=False).rename("count").reset_index()
    counted["high"] = counted["low"] + size
    counted["order"] = counted["part"].map(PARTS.index)
    ranks = {
        name: rank for rank, name in enumerate(sorted(set(places["chrom"]), key=natural_order))
    }
    ordered = counted.assign(rank=counted["chrom"].map(ranks)).sort_values(["rank", "low", "order"])
    return ordered[COLUMNS].reset_index(drop=True)


def _bin_size(length: int) -> int:
    """The smallest of 1, 2, 5, 10, 20, ... that cuts a length into at most `BINS` bins."""
    tens = int(10 ** max(0, int(np.log10(max(1, length / BINS)))))
    return next(tens * step for step in (1, 2, 5, 10) if tens * step * BINS >= length)
