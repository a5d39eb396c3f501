"""Tables that users write, held to the schemas in `workflow/schemas`."""

import csv
from collections import Counter
from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from typing import Any

import pandas as pd
from jsonschema import Draft202012Validator

from basewise.core.errors import InputError
from basewise.core.files import read_text
from basewise.core.missing import without_missing

LONGEST_FIELD = 2**31 - 1
"""Letters of a field; the module `csv` alone stops at 131,072, fewer than some sequences have."""

csv.field_size_limit(LONGEST_FIELD)


def read_delimited(path: str | Path) -> pd.DataFrame:
    """Read a table of text whose first line names the columns, plain or gzip.

    Columns are separated by tabs, commas or semicolons: by the first of these that stands in the
    first line. Quotes as in RFC 4180; empty lines and blanks around a value are passed over. All
    columns are text; the index is the line on which each row starts (from 1, the header being line
    1).

    Raises
    ------
    InputError
        For a column named twice, a row of another width, or quotes that do not match.
    """
    lines = StringIO(read_text(path), newline="").readlines()

    first = next((line for line in lines if line.strip()), "")
    delimiter = next((sign for sign in "\t,;" if sign in first), ",")
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True, strict=True)
    numbers, rows, start = [], [], 1
    try:
        for fields in reader:
            if any(field.strip() for field in fields):
                numbers.append(start)
                rows.append([field.strip() for field in fields])
            start = reader.line_num + 1
    except csv.Error as error:
        raise InputError(
            f"the quotes of the row do not match ({error}); close each, and double one in a value",
            path,
            start,
        ) from error

    header = rows[0] if rows else []
    repeated = [name for name, count in Counter(header).items() if name and count > 1]
    if repeated:
        raise InputError(f"names the column {repeated[0]!r} twice", path, numbers[0])

    for number, fields in zip(numbers, rows, strict=True):
        if len(fields) != len(header):
            raise InputError(f"has {len(fields)} columns, line 1 has {len(header)}", path, number)

    return pd.DataFrame(rows[1:], index=numbers[1:], columns=header, dtype="str")


def read_user_table(path: str | Path, schema: Mapping[str, Any]) -> pd.DataFrame:
    """Read a table, as `read_delimited` does, and hold it to a schema.

    Gives the columns of ``properties`` as text, and ``line``.

    Parameters
    ----------
    schema
        JSON Schema of a row: ``required`` columns, ``properties`` with the schema of each value
        as text and, in ``x-remedy``, what it must be; ``x-unique`` names a column without repeats,
        ``x-first`` that which the first column is if none has the name, ``x-missing`` columns in
        which a missing value leaves the row out, ``x-one-of`` those of which there must be one.

    Raises
    ------
    InputError
        For a missing column, a value the schema refuses, a repeat, a table without rows, or what
        `read_delimited` finds.
    """
    table = read_delimited(path)
    first = schema.get("x-first")
    if first and first not in table and not set(table.columns[:1]) & set(schema["properties"]):
        table = table.rename(columns=dict.fromkeys(table.columns[:1], first))
    for column in schema["required"]:
        if column not in table:
            raise InputError(
                f"has no column {column!r}; the first line must name the columns, separated by "
                f"tabs, commas or semicolons, among them {' and '.join(schema['required'])}",
                path,
                1,
            )
    alternatives = schema.get("x-one-of", [])
    if alternatives and len(table.columns.intersection(alternatives)) != 1:
        choice = f"one of the columns {' and '.join(alternatives)}, and not both"
        raise InputError(f"must have {choice}; the first line names the columns", path, 1)

    for column in schema.get("x-missing", []):
        if column in table:
            table = table[without_missing(table[column]).notna()]
    if table.empty:
        raise InputError("holds no row under the names of its columns", path, 1)
    known = [column for column in schema["properties"] if column in table]
    table = table[known].assign(line=table.index).reset_index(drop=True)
    check_values(table, schema, path)
    return table


def check_values(table: pd.DataFrame, schema: Mapping[str, Any], path: str | Path) -> None:
    """Raise InputError for the first value that the schema of its column refuses, or a repeat."""
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
