"""Records from a table with a column of sequences: one file, or one file a part."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from basewise.errors import InputError
from basewise.records import make_records
from basewise.targets import output_columns
from basewise.user_tables import read_delimited

__all__ = ["read_table_records"]

PART_NAMES = {
    "train": "train",
    **dict.fromkeys(["validation", "valid", "val", "dev"], "validation"),
    "test": "test",
}


def read_table_records(
    source: str | Path | Mapping[str, str | Path],
    *,
    alphabet: str,
    task: str,
    columns: Mapping[str, Any],
) -> pd.DataFrame:
    """Read a table of sequences, or the tables of a published split.

    Parameters
    ----------
    source
        A table as `user_tables.read_delimited` takes it, or one table for each part. Parts are
        ``train``, ``validation`` (or ``valid``, ``val``, ``dev``) and ``test``.
    alphabet
        ``dna``, ``rna`` or ``protein``.
    task
        With ``binary`` and ``multiclass`` the target of the one label is ``target.label``;
        otherwise each target has the name of its column.
    columns
        Names of the columns ``sequence`` (by default ``sequence``), ``label`` (a name or a list;
        by default ``label``, where the table has it), ``id``, ``group`` and ``part``. Without
        ``id``, the row that starts on line 7 is ``line7``, of several tables ``train:line7``.

    Returns
    -------
    DataFrame
        See `records.make_records`.

    Raises
    ------
    InputError
        For a missing column, a table without rows, an unknown part, or what `make_records` finds.
    """
    if not isinstance(source, Mapping):
        return make_records(_read_rows(source, task, columns), alphabet)
    tables = []
    for name, path in source.items():
        table = _read_rows(path, task, columns)
        table["part"] = _part(name, path)
        if "id" not in columns:
            table["id"] = table["part"] + ":" + table["id"]
        tables.append(table)
    return make_records(pd.concat(tables, ignore_index=True), alphabet)


def _read_rows(path: str | Path, task: str, columns: Mapping[str, Any]) -> pd.DataFrame:
    table = read_delimited(path)
    names = {"sequence": "sequence", **columns}
    if "label" not in names and "label" in table:
        names["label"] = "label"
    labels = names.pop("label", None)
    outputs = output_columns(labels, task) if labels else {}
    for column in [*names.values(), *outputs.values()]:
        if column not in table:
            raise InputError(
                f"has no column {column!r}; its columns are {', '.join(map(repr, table))}", path, 1
            )
    if table.empty:
        raise InputError("holds no row under the names of its columns", path)
    targets = {target: table[column] for target, column in outputs.items()}
    rows = pd.DataFrame({key: table[name] for key, name in names.items()} | targets)
    rows = rows.assign(path=str(path), line=rows.index)
    if "id" not in names:
        rows["id"] = "line" + rows["line"].astype("str")
    if "part" in names:
        rows["part"] = [
            _part(name, path, line) for name, line in zip(rows["part"], rows["line"], strict=True)
        ]
    return rows.reset_index(drop=True)


def _part(name: str, path: str | Path, line: int | None = None) -> str:
    if name not in PART_NAMES:
        raise InputError(f"part {name!r} must be train, validation or test", path, line)
    return PART_NAMES[name]
