"""The files that say which part of a fold each example is in, what is related, and what leaks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import csv

from basewise.core.errors import InputError
from basewise.store.tables import read_table, write_table

PARTS = ("train", "validation", "test")

Groups = Mapping[int, pd.Series | None]
"""Fold to the group of each example, None where no example has one."""


def fold_file(folder: str | Path, fold: int | str) -> Path:
    """File of a fold in the folder of a dataset's splits, or of what leaks."""
    return Path(folder) / f"fold{fold}.tsv"


def write_split(examples: pd.DataFrame, part: NDArray[np.str_], path: str | Path) -> None:
    """Write a split: id, part, group."""
    table = pd.DataFrame({"id": examples["id"], "part": part, "group": examples["group"]})
    write_table(table, path)


def read_split(
    path: str | Path, ids: Sequence[str] | NDArray[np.str_] | pd.Series
) -> NDArray[np.str_]:
    """Part of each of these examples, shape (n,), from a file of `write_split`.

    Quickest when the file holds the examples in the order of `ids`.

    Raises
    ------
    InputError
        For an example that is not in the file.
    """
    table = csv.read_csv(
        path,
        parse_options=csv.ParseOptions(delimiter="\t"),
        convert_options=csv.ConvertOptions(
            include_columns=["id", "part"], column_types={"id": pa.string(), "part": pa.string()}
        ),
    )
    number = pc.index_in(table["part"], pa.array(PARTS)).combine_chunks()
    wanted = pa.array(ids, pa.string())
    if not table["id"].equals(pa.chunked_array([wanted])):
        rows = pc.index_in(wanted, table["id"])
        if rows.null_count:
            first = wanted.filter(rows.is_null())[0]
            raise InputError(
                f"gives no part for {rows.null_count} of {len(wanted)} examples, first {first}; "
                "delete the file, and the workflow makes the split again",
                path,
            )
        number = number.take(rows)
    part: NDArray[np.str_] = np.array(PARTS)[number.to_numpy()]
    return part


def read_groups(paths: Sequence[str | Path]) -> dict[int, pd.Series | None]:
    """Group of each validation and test example, from the files of `write_split`.

    Parameters
    ----------
    paths
        Of fold 0, 1, ...

    Returns
    -------
    Fold to a Series from id to group; None where no example has one.
    """
    return {fold: scored_groups(read_table(path)) for fold, path in enumerate(paths)}


def scored_groups(split: pd.DataFrame) -> pd.Series | None:
    """Group of each validation and test example by its id, from id, part and group."""
    group = split[split["part"] != "train"].set_index("id")["group"]
    return group if group.notna().any() else None


def read_groups_of(path: str | Path, ids: NDArray[np.str_]) -> pd.Series:
    """Group of each of these examples, missing where it has none, from a split file."""
    table = pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False, na_values=[""])
    return table.set_index("id")["group"].reindex(ids.astype(object)).reset_index(drop=True)


def read_leaking(paths: Sequence[str | Path]) -> dict[int, set[str]]:
    """Test examples that have a partner in train or validation, from the files of the audit.

    Parameters
    ----------
    paths
        Of fold 0, 1, ...; see `leakage.audit`.

    Returns
    -------
    Fold to their ids.
    """
    return {fold: leaking_ids(read_table(path)) for fold, path in enumerate(paths)}


def leaking_ids(leaks: pd.DataFrame) -> set[str]:
    """Test examples that have a partner in train or validation, from `leakage.audit`."""
    outside = (leaks["part"] == "test") & (leaks["other_part"] != "test")
    return set(leaks["id"][outside])
