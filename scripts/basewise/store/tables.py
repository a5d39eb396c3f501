"""The tables that steps hand on: their columns, and reading and writing them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from basewise.core.files import replacing

OUTPUT = "label"
"""Name of the one output of a binary task, and of all classes together."""

MACRO = "macro"
"""Stands for the mean over the outputs where outputs have their names."""

MICRO, WEIGHTED = "micro", "weighted"
"""Stand for all labels taken together, and for the mean over the labels by their positives."""

CEILING = "ceiling"
"""Stands for the best possible classifier where models have their names."""

SPAN_COLUMNS = ["chrom", "start", "end", "strand"]

CANDIDATE_COLUMNS = [
    *("id", *SPAN_COLUMNS, "source", "line"),
    *("original_length", "gc", "unknown", "group", "part", "background"),
]

FEW_VALUES = ["chrom", "strand", "source", "group", "part"]

DROPPED_COLUMNS = ["id", "source", "line", "reason"]

EXAMPLE_COLUMNS = ["record", *CANDIDATE_COLUMNS]

METRIC_COLUMNS = [
    *("dataset", "model", "fold", "seed", "part", "output"),
    *("metric", "value", "low", "high"),
]

SUMMARY_COLUMNS = [
    *("model", "part", "output", "metric", "value", "low", "high", "spread", "runs", "unit"),
]


def covariate_columns(table: pd.DataFrame) -> list[str]:
    """Columns of a table that hold covariates, ``covariate.<title>``."""
    return [column for column in table.columns if column.startswith("covariate.")]


def target_column(output: str) -> str:
    """Column that holds the target of an output."""
    return f"target.{output}"


def score_column(output: str) -> str:
    """Column that holds the score of an output."""
    return f"score.{output}"


def target_columns(table: pd.DataFrame) -> list[str]:
    """Columns of a table that hold targets."""
    return [column for column in table.columns if column.startswith("target.")]


def output_of(column: str) -> str:
    """Output whose target a column holds, see `target_column`."""
    return column.removeprefix("target.")


def read_table(path: str | Path) -> pd.DataFrame:
    """Read a table of `write_table`; names stay text, even one such as NA or 1."""
    texts = (
        *("id", "dataset", "model", "reference", "class", "output", "marker", "chrom", "A", "a"),
        *("place", "sequence", "true", "predicted", "group"),
    )
    names = dict.fromkeys(texts, str)
    return pd.read_csv(path, sep="\t", dtype=names, keep_default_na=False, na_values=[""])


def read_tables(paths: Sequence[str | Path]) -> pd.DataFrame:
    """Read tables of the same columns as one."""
    return pd.concat([read_table(path) for path in paths], ignore_index=True)


def write_parquet(table: pd.DataFrame, path: str | Path) -> None:
    """Write candidates or examples, whole or not at all, with dictionaries where they are short."""
    with replacing(path) as unfinished:
        table.to_parquet(unfinished, index=False, use_dictionary=FEW_VALUES)


def write_table(table: pd.DataFrame, path: str | Path) -> None:
    """Write a table as tab-separated text, whole or not at all."""
    with replacing(path) as unfinished:
        table.to_csv(unfinished, sep="\t", index=False)
