"""Tables that users write, held to the schemas in `workflow/schemas`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from jsonschema import Draft202012Validator

from basewise.errors import InputError
from basewise.sequences import read_lines

__all__ = ["check_values", "read_user_table"]


def read_user_table(path: str | Path, schema: Mapping[str, Any]) -> pd.DataFrame:
    """Read a tab-separated table whose first line names the columns.

    Parameters
    ----------
    path
        The table, plain or gzip; empty lines are passed over.
    schema
        JSON Schema of a row: ``required`` columns, ``properties`` with the schema of each value
        as text and, in ``x-remedy``, what it must be; ``x-unique`` names a column without repeats.

    Returns
    -------
    DataFrame
        The columns of ``properties`` as text, and ``line`` (from 1, the header being line 1).

    Raises
    ------
    InputError
        For a missing column, a row of another width, a value the schema refuses, or a repeat.
    """
    lines = [
        (number, text) for number, text in enumerate(read_lines(path), start=1) if text.strip()
    ]
    header = lines[0][1].split("\t") if lines else []
    for column in schema["required"]:
        if column not in header:
            raise InputError(
                f"has no column {column!r}; the first line must name the columns, separated by "
                f"tabs, among them {' and '.join(schema['required'])}",
                path,
                1,
            )
    rows = [text.split("\t") for _, text in lines[1:]]
    for (number, _), fields in zip(lines[1:], rows, strict=True):
        if len(fields) != len(header):
            raise InputError(f"has {len(fields)} columns, line 1 has {len(header)}", path, number)
    table = pd.DataFrame(rows, columns=header, dtype=str)
    table = table[[column for column in schema["properties"] if column in header]]
    table["line"] = [number for number, _ in lines[1:]]
    check_values(table, schema, path)
    return table


def check_values(table: pd.DataFrame, schema: Mapping[str, Any], path: str | Path) -> None:
    """Raise InputError for the first value that the schema of its column refuses, or a repeat.

    Parameters
    ----------
    table
        Text columns, and ``line``.
    schema
        As for `read_user_table`.
    """
    for column in table.columns.intersection(list(schema["properties"])):
        rule = schema["properties"][column]
        validator = Draft202012Validator(rule)
        wrong = [value for value in table[column].unique() if not validator.is_valid(value)]
        if wrong:
            first = table[table[column].isin(wrong)].iloc[0]
            remedy = rule["x-remedy"]
            raise InputError(f"{column} {first[column]!r} {remedy}", path, int(first["line"]))
    unique = schema.get("x-unique")
    if unique in table and table[unique].duplicated().any():
        repeat = table[table[unique].duplicated()].iloc[0]
        raise InputError(
            f"the {unique} {repeat[unique]!r} stands on an earlier line too",
            path,
            int(repeat["line"]),
        )
