"""Sheets of Excel workbooks, read as text: a line a row, with tabs between the columns.

A sheet is named by the path of its workbook, ``#`` and its own name: ``trials.xlsx#Trial 2020``.
"""

import re
import warnings
import zipfile
from contextlib import closing
from datetime import datetime, time
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from basewise.core.errors import InputError, split_sheet
from basewise.core.text import listed
from basewise.core.text_rows import COMMENT
from basewise.core.unpacking import most_unpacked, too_much

PART = "xl/workbook.xml"
"""What a workbook always holds: it is a zip of such files."""

ZEROS = re.compile("0+")
"""Format of a number that is shown with zeros before it."""

LINE_BREAK = re.compile(r"\s*[\t\r\n]\s*")

MOST_DIGITS = 1e15
"""Below it, whole numbers are shown with all their digits."""

MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*ref="([A-Z]+(\d+):[A-Z]+\d+)"')

UNCOMPUTED = re.compile(
    rb'<(?:\w+:)?c\s(?![^>]*t="str")[^>]*?\br="([A-Z]+(\d+))"[^>]*>'
    rb"<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?</(?:\w+:)?c>"
)
"""A cell with a formula and without a value. An empty text is one: then its type is `str`."""


class Sheet(NamedTuple):
    """A sheet as text. `fault` is what cannot be read of it, with its row; empty if all can."""

    text: bytes
    is_visible: bool
    fault: str = ""
    row: int | None = None


def is_workbook(path: str | Path) -> bool:
    """Whether a file is a workbook of Excel 2007 or later."""
    try:
        with zipfile.ZipFile(split_sheet(path)[0]) as archive:
            return PART in archive.namelist()
    except (OSError, zipfile.BadZipFile):
        return False


def of_sheet(path: str | Path, key: str, sheet: str | int | None) -> str:
    """Path of the sheet of a workbook that is meant; of another file, its path as it is.

    Parameters
    ----------
    key
        The key of a dataset that names the file.
    sheet
        What `sheets` has for this key; without it, the one sheet that is not empty.

    Raises
    ------
    InputError
        For a sheet that is not there, for one of several, or of a file that has none.
    """
    if is_workbook(path):
        return f"{path}#{_meant(str(path), key, sheet)}"
    if sheet is not None:
        raise InputError(f"is no Excel workbook; take `{key}` out of `sheets`", path)
    return str(path)


def sheet_text(path: str | Path) -> bytes:
    """Text of the sheet that a path names, or of the only one.

    A cell is read as Excel shows it: ``1`` for the number 1.0, ``007`` for 7 in the format 000,
    ``TRUE``, a date as 2020-07-15. Numbers have all the digits that are stored. Texts stay as they
    are, but that ends of lines in them are blanks. Columns without any value are left out.

    Raises
    ------
    InputError
        For a damaged workbook, merged cells, or a formula whose value was never computed.
    """
    file, name = split_sheet(path)
    name = name or _meant(file, "table", None)
    sheet = _sheets(file, Path(file).stat().st_mtime_ns)[name]
    if sheet.fault:
        raise InputError(sheet.fault, f"{file}#{name}", sheet.row)
    return sheet.text


def _meant(file: str, key: str, name: str | int | None) -> str:
    """Name of the sheet that is meant."""
    sheets = _sheets(file, Path(file).stat().st_mtime_ns)
    if name is not None:
        if str(name) in sheets:
            return str(name)
        raise InputError(f"has no sheet {str(name)!r}; there are {listed(sheets)}", file)

    filled = [name for name, sheet in sheets.items() if sheet.is_visible and sheet.text.strip()]
    if not filled:
        raise InputError("holds no value in any sheet", file)
    if len(filled) > 1:
        remedy = f"say which is meant, for example `sheets: {{{key}: {filled[0]!r}}}`"
        raise InputError(f"has the sheets {listed(filled)}; {remedy}", file)
    return filled[0]


@lru_cache(maxsize=2)
def _sheets(file: str, changed: int) -> dict[str, Sheet]:
    """All sheets of a workbook by name; `changed` tells it from what stood there before."""
    # not at the top: importing it takes a third of a second, which few need
    from openpyxl import load_workbook

    with warnings.catch_warnings(), zipfile.ZipFile(file) as archive:
        # of a member no more than this is unpacked
        if sum(member.file_size for member in archive.infolist()) > most_unpacked(file):
            raise too_much(file)
        warnings.simplefilter("ignore")  # of styles and the like
        try:
            with closing(load_workbook(file, read_only=True, data_only=True)) as workbook:
                return {
                    sheet.title: _read(sheet, archive.read(sheet._worksheet_path.lstrip("/")))
                    for sheet in workbook.worksheets
                }
        except Exception as error:  # openpyxl raises whatever comes
            problem = (
                f"is a damaged workbook ({error}); open and save it in Excel, or save it as CSV"
            )
            raise InputError(problem, file) from error


def _read(sheet: Any, xml: bytes) -> Sheet:
    """Read a sheet, of which there is the XML too: openpyxl does not tell all that matters."""
    sheet.reset_dimensions()  # programs write wrong ones
    rows = [[_shown(cell) for cell in row] for row in sheet.iter_rows()]
    columns = {at for row in rows if not _comment(row) for at, text in enumerate(row) if text}
    lines = [
        _comment(row) or _line([row[at] if at < len(row) else "" for at in sorted(columns)])
        for row in rows
    ]
    fault, row_number = _fault(xml)
    return Sheet("\n".join(lines).encode(), sheet.sheet_state == "visible", fault, row_number)


def _fault(xml: bytes) -> tuple[str, int | None]:
    """What cannot be read of a sheet, and its row."""
    merged, uncomputed = MERGED.search(xml), UNCOMPUTED.search(xml)
    if merged:
        cells, row = merged[1].decode(), merged[2]
        return f"the cells {cells} are merged; split them and fill each", int(row)
    if uncomputed:
        cell, row = uncomputed[1].decode(), uncomputed[2]
        remedy = "open the workbook in Excel or LibreOffice and save it"
        return f"the formula in {cell} was never computed; {remedy}", int(row)
    return "", None


def _shown(cell: Any) -> str:
    """Text of a cell."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float) and value == int(value) and abs(value) < MOST_DIGITS:
        padded = ZEROS.fullmatch(cell.number_format)
        return str(int(value)).zfill(len(padded[0]) if padded else 0)
    if isinstance(value, datetime) and value.time() == time.min:
        value = value.date()
    return LINE_BREAK.sub(" ", str(value)).strip()


def _comment(row: list[str]) -> str:
    """The one text of a row, where it is a comment."""
    texts = [text for text in row if text]
    return texts[0] if len(texts) == 1 and texts[0].startswith(COMMENT) else ""


def _line(fields: list[str]) -> str:
    """Row of a table, with quotes where a text would mean something else without."""
    return "\t".join(
        '"' + field.replace('"', '""') + '"' if '"' in field or field.startswith(COMMENT) else field
        for field in fields
    )
