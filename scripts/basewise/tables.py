"""The tables that steps hand on: their columns, and reading and writing them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from basewise.steps import replacing

__all__ = [
    "CANDIDATE_COLUMNS",
    "CEILING",
    "DROPPED_COLUMNS",
    "EXAMPLE_COLUMNS",
    "METRIC_COLUMNS",
    "OUTPUT",
    "read_table",
    "read_tables",
    "write_table",
]

OUTPUT = "label"
"""Name of the output of a binary task."""

CEILING = "ceiling"
"""Stands for the best possible classifier where models have their names."""

CANDIDATE_COLUMNS = ["id", "chrom", "start", "end", "strand", "source", "line", "label"]
DROPPED_COLUMNS = ["id", "source", "line", "reason"]
EXAMPLE_COLUMNS = [
    *("id", "chrom", "start", "end", "strand", "source", "line"),
    *("gc", "unknown", "group"),
]
METRIC_COLUMNS = [
    *("dataset", "model", "fold", "seed", "part", "output"),
    *("metric", "value", "low", "high"),
]


def read_table(path: str | Path) -> pd.DataFrame:
    """Read a table of `write_table`; names stay text, even one such as NA or 1."""
    names = {"id": str, "dataset": str, "model": str}
    return pd.read_csv(path, sep="\t", dtype=names, keep_default_na=False, na_values=[""])


def read_tables(paths: Sequence[str | Path]) -> pd.DataFrame:
    """Read tables of the same columns as one."""
    return pd.concat([read_table(path) for path in paths], ignore_index=True)


def write_table(table: pd.DataFrame, path: str | Path) -> None:
    """Write a table as tab-separated text, whole or not at all."""
    with replacing(path) as unfinished:
        table.to_csv(unfinished, sep="\t", index=False)
