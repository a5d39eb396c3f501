"""Data of the report as JSON, packed so that it is short and safe to stand in an HTML page."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

__all__ = ["columnar", "packed", "page_table"]

DIGITS = 4
"""Significant digits of a number in the page; the tables on disk have all."""


def packed(value: Any) -> str:
    """JSON in zlib's format and base64, which holds no character that HTML could take for its own.

    data.js unpacks it.
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return base64.b64encode(zlib.compress(text.encode("utf-8"), 9)).decode("ascii")


def columnar(table: pd.DataFrame) -> dict[str, Any]:
    """A table column by column, numbers to four digits, a constant column as one value.

    Returns
    -------
    ``rows``, the number of rows, and ``columns``, name to list or single value; None is unknown.
    """
    return {"rows": len(table), "columns": {str(name): _column(table[name]) for name in table}}


def page_table(table: pd.DataFrame, columns: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """A table that the page shows, with how each of its columns is shown.

    Parameters
    ----------
    table
        One row a row of the page.
    columns
        ``title``; ``of``, the column of `table`; ``kind``, what report.js makes of it: text,
        number, p, interval (of ``of``, low, high), long (may be shortened), link (to the id in the
        column ``place``).
    """
    extra = {"interval": ("low", "high"), "link": ("place",)}
    used = {name for c in columns for name in (c["of"], *extra.get(c["kind"], ()))}
    return {"titles": [dict(column) for column in columns], **columnar(table[sorted(used)])}


def _column(values: pd.Series) -> Any:
    cells = [_cell(value) for value in values.tolist()]
    same = len(cells) > 1 and all(cell == cells[0] for cell in cells)
    return cells[0] if same else cells


def _cell(value: Any) -> Any:
    if pd.isna(value):
        return None
    if isinstance(value, float):
        short = float(f"{value:.{DIGITS}g}")
        return int(short) if short.is_integer() and abs(short) < 1e15 else short
    return value
