"""Tables that users write, held to the schemas in `workflow/schemas`."""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import StringIO
from itertools import chain, pairwise
from pathlib import Path
from typing import Any

import pandas as pd
from jsonschema import Draft202012Validator

from basewise.core.errors import InputError, split_sheet
from basewise.core.files import read_text
from basewise.core.missing import without_missing
from basewise.core.text import listed
from basewise.core.text_rows import (
    COMMENT,
    is_comment,
    separator,
    split_text,
    title_like,
    titles_at,
)


def read_delimited(path: str | Path) -> pd.DataFrame:
    """Read a table of text whose first line names the columns.

    Columns are separated by tabs, commas or semicolons, see `text_rows.separator`, or else by
    blanks, where these cut the first row as the titles. Quotes as in RFC
    4180. Passed over are empty lines, blanks around a value, columns without a title behind the
    first, and comments: lines that begin with ``#``, see `text_rows.titles_at`. All columns are
    text; the index is the line on which each row starts (from 1), ``attrs["line"]`` that of the
    titles.

    Raises
    ------
    InputError
        For a column named twice, a row of another width, a line that may be a comment or a row, or
        quotes that do not match.
    """
    lines = StringIO(read_text(path), newline="").readlines()
    filled = [at for at, line in enumerate(lines) if line.strip()]
    filled = filled[titles_at([lines[at] for at in filled]) :]
    top = next(iter(filled), 0)
    sign = _sign([lines[at] for at in filled])
    rows = dict(_rows(lines[top:], top + 1, sign, path))

    first, header = next(iter(rows.items()), (1, []))
    repeated = [name for name, count in Counter(header).items() if name and count > 1]
    if repeated:
        raise InputError(f"names the column {repeated[0]!r} twice", path, first)

    for number, fields in rows.items():
        if len(fields) != len(header):
            remedy = _remedy_of_width(fields) if sign == "," else ""
            problem = f"has {len(fields)} columns, line {first} has {len(header)}{remedy}"
            raise InputError(problem, path, number)

    rows.pop(first, None)
    table = pd.DataFrame(list(rows.values()), index=list(rows), columns=header, dtype="str")
    table.attrs["line"] = first
    return table.loc[:, [title != "" or at == 0 for at, title in enumerate(header)]]


def _sign(lines: Sequence[str]) -> str | None:
    """What separates the columns of a table, whose lines are given from the titles on.

    None stands for blanks.
    """
    titles = ""
    for at, line in enumerate(lines):
        titles += line
        # a title in quotes may hold the end of a line
        if titles.count('"') % 2 == 0:
            rows = (row for row in lines[at + 1 :] if not row.startswith(COMMENT))
            row = next(rows, "")
            return separator(titles, row) or (None if _has_blanks(titles, row) else ",")
    return ","


def _has_blanks(titles: str, row: str) -> bool:
    """Whether blanks separate several columns, as in tables of PLINK; a title may hold one."""
    return 1 < len(split_text(titles.strip(), None)) == len(split_text(row.strip(), None))


def _rows(
    lines: Sequence[str], first: int, sign: str | None, path: str | Path
) -> Iterator[tuple[int, list[str]]]:
    """Line and fields of each row, of the titles first."""
    has_comments = any(line.strip() and not line.startswith(COMMENT) for line in lines[1:])
    numbered = enumerate(lines, first)
    following = (line for _, line in numbered)
    width = 0
    for number, line in numbered:
        if width and has_comments and is_comment(line, sign, width, path, number):
            continue
        if '"' in line:
            fields = _quoted(chain([line], following), sign, path, number)
        else:
            fields = split_text(line, sign)
        if any(fields):
            width = width or len(fields)
            yield number, fields


def _quoted(lines: Iterable[str], sign: str | None, path: str | Path, number: int) -> list[str]:
    """Fields of the row with which some lines begin; one in quotes may hold ends of lines."""
    stripped = lines if sign else (f"{line.strip()}\n" for line in lines)
    reader = csv.reader(stripped, delimiter=sign or " ", skipinitialspace=True, strict=True)
    try:
        return [field.strip() for field in next(reader)]
    except csv.Error as error:
        raise InputError(
            f"the quotes of the row do not match ({error}); close each, and double one in a value",
            path,
            number,
        ) from error


def _remedy_of_width(fields: Sequence[str]) -> str:
    """What to do about a row with too many columns, if decimal commas cut its numbers."""
    if not any(a.lstrip("-").isdecimal() and b.isdecimal() for a, b in pairwise(fields)):
        return ""
    return "; if numbers have decimal commas, write decimal points"


SHOWN = 20
"""Titles that a message lists."""


def column_named(table: pd.DataFrame, path: str | Path, *names: object) -> str:
    """Title of the column of a table that has a name, or the first of several that there is.

    That is the title as it is written, else the only one that differs in upper and lower case, in
    blanks or by a ``#`` before it.

    Raises
    ------
    InputError
        Where there is none.
    """
    titles = [title for name in names if (title := title_of(table, str(name))) is not None]
    if not titles:
        wanted = " or ".join(repr(str(name)) for name in names)
        known = [repr(title) for title in table.columns[:SHOWN]]
        known += [f"{len(table.columns) - SHOWN:,} more"] if len(table.columns) > SHOWN else []
        problem = f"has no column {wanted}; its columns are {', '.join(known) or 'none'}"
        if len(known) < 2:
            problem += ", and the first line must name them"
            problem += "" if split_sheet(path)[1] else ", separated by tabs, commas or semicolons"
        raise InputError(problem, path, table.attrs["line"])
    return titles[0]


def title_of(table: pd.DataFrame, name: str) -> str | None:
    """Title of a column as `column_named` finds it, None where there is none."""
    return name if name in table else title_like(list(table), name)


Keep = Mapping[str, str | int | Sequence[str | int]]
"""``column`` and ``equals``: which rows to take, by the value or the values in a column."""


def wanted_values(keep: Keep) -> list[str]:
    """Values of the rows that `keep` takes, as text."""
    equals = keep["equals"]
    values = equals if isinstance(equals, Sequence) and not isinstance(equals, str) else [equals]
    return [str(value) for value in values]


def unlike(keep: Keep) -> str:
    """Why a row is dropped that `keep` leaves out."""
    return f"column {keep['column']} is not {listed(wanted_values(keep), 'or')}"


def check_kept(kept: pd.Series, keep: Keep, path: str | Path, what: str = "row") -> None:
    """Raise InputError where `keep` takes nothing."""
    if not kept.any():
        values = listed(map(repr, wanted_values(keep)), "or")
        raise InputError(f"holds no {what} with {values} in column {keep['column']}", path)


def kept_rows(table: pd.DataFrame, keep: Keep | None, path: str | Path) -> pd.Series:
    """Which rows of a table `keep` takes, all without it; its column by title or number from 1.

    Raises
    ------
    InputError
        For a column that the table lacks, and when no row is taken.
    """
    if keep is None:
        return pd.Series(True, index=table.index)
    column = keep["column"]
    if isinstance(column, int) and 1 <= column <= len(table.columns):
        texts = table.iloc[:, column - 1]
    else:
        texts = table[column_named(table, path, column)]
    kept = texts.isin(wanted_values(keep))
    check_kept(kept, keep, path)
    return kept


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
    titles = {column: title_of(table, column) for column in schema["properties"]}
    titles = {column: title for column, title in titles.items() if title is not None}
    first = schema.get("x-first")
    unnamed = [title for title in table.columns[:1] if title not in titles.values()]
    if first and first not in titles and unnamed:
        titles = {first: unnamed[0], **titles}
    for column in schema["required"]:
        titles[column] = titles.get(column) or column_named(table, path, column)
    table = table[list(titles.values())].set_axis(list(titles), axis=1)
    top = table.attrs["line"]
    alternatives = schema.get("x-one-of", [])
    if alternatives and len(table.columns.intersection(alternatives)) != 1:
        choice = f"one of the columns {' and '.join(alternatives)}, and not both"
        raise InputError(f"must have {choice}; the first line names the columns", path, top)

    for column in schema.get("x-missing", []):
        if column in table:
            table = table[without_missing(table[column]).notna()]
    if table.empty:
        raise InputError("holds no row under the names of its columns", path, top)
    table = table.assign(line=table.index).reset_index(drop=True)
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
