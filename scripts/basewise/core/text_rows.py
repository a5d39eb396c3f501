"""Rows of text as programs, people and R write them: titles, comments, separators, quotes."""

import csv
import re
from collections.abc import Sequence
from io import StringIO
from pathlib import Path

from basewise.core.errors import InputError

SIGNS = "\t,;"
"""What separates columns, the first choice first."""

LONGEST_FIELD = 2**31 - 1
"""Letters of a field; the module `csv` alone stops at 131,072, fewer than some sequences have."""

csv.field_size_limit(LONGEST_FIELD)

COMMENT = "#"

QUOTED = re.compile('"[^"]*"')

PROSE = re.compile(r"^#+\s|[,;]\s")
"""What stands in a sentence, and not in titles that are separated by commas or semicolons."""


def separator(titles: str, row: str = "") -> str | None:
    """What separates the columns of a table: tab, comma, semicolon; None where there is none.

    A tab in the line of titles does, outside of quotes. A title may hold a comma or a semicolon, as
    ``Yield, t/ha`` does: of these, the sign that cuts the first row as the titles; if both do, the
    one that gives more columns.
    """
    bare = QUOTED.sub("", titles)
    known = [sign for sign in SIGNS if sign in bare]
    if len(known) < 2 or known[0] == "\t":
        return next(iter(known), None)

    widths = {sign: [len(split_text(line, sign)) for line in (titles, row)] for sign in known}
    # R writes no title above the names of rows
    fitting = [sign for sign, (wanted, given) in widths.items() if given - wanted in (0, 1)]
    return max(fitting or known[:1], key=lambda sign: widths[sign][0])


def titles_at(lines: Sequence[str]) -> int:
    """Place of the line of titles: the first below the comments, or the last of these.

    Comments are lines that begin with ``#``. The last of them holds the titles, as ``#chrom start``
    does, where it has as many columns as the line below and is no sentence.
    """
    below = next((at for at, line in enumerate(lines) if not line.startswith(COMMENT)), len(lines))
    if not 0 < below < len(lines):
        return below if below < len(lines) else 0

    last, row = lines[below - 1], lines[below]
    sign = separator(last, row)
    width = len(split_text(last, sign))
    is_titled = width > 1 and width == len(split_text(row, sign))
    is_titled &= sign == "\t" or not PROSE.search(last)
    return below - is_titled


def title_like(titles: Sequence[str], name: str) -> str | None:
    """The title that is a name, else the only one that is so in another case; None without one.

    Blanks and a ``#`` before the title make no difference either.
    """
    if name in titles:
        return name
    alike = [title for title in titles if _folded(title) == _folded(name)]
    return alike[0] if len(alike) == 1 else None


def _folded(title: str) -> str:
    return " ".join(title.removeprefix(COMMENT).split()).lower()


def is_comment(line: str, sign: str | None, width: int, path: str | Path, number: int) -> bool:
    """Whether a line between the rows of a table is a comment.

    Raises
    ------
    InputError
        For one that has as many columns as a row, which may be one with a name such as ``#1``.
    """
    if not line.startswith(COMMENT):
        return False
    if len(split_text(line, sign)) == width:
        raise InputError(
            f"begins with {COMMENT!r} and has the columns of a row; delete the line if it is a "
            "comment, or put its first value in quotes",
            path,
            number,
        )
    return True


def split_text(line: str, sign: str | None, *, strict: bool = False) -> list[str]:
    """Values of a row without the blanks and quotes around them.

    With `strict`, csv.Error is raised for quotes that do not match.
    """
    if '"' not in line:
        return line.split() if sign is None else [value.strip() for value in line.split(sign)]
    # a blank at the end separates nothing
    whole = line.strip() if sign is None else line
    # a value in quotes may hold the end of a line
    lines = StringIO(whole, newline="")
    rows = csv.reader(lines, delimiter=sign or " ", skipinitialspace=True, strict=strict)
    return [value.strip() for value in next(rows)]


def split_row(line: bytes, sign: str | None, path: str | Path, number: int) -> list[bytes]:
    """Values of a row that is not decoded, as `split_text` gives them.

    Raises
    ------
    InputError
        For quotes that do not match.
    """
    if b'"' not in line:
        parts = line.split(None if sign is None else sign.encode())
        return [value.strip() for value in parts]
    try:
        return [value.encode() for value in split_text(line.decode(), sign, strict=True)]
    except csv.Error as error:
        problem = f"the quotes of the row do not match ({error})"
        raise InputError(f"{problem}; close each, or take them out", path, number) from error


def titles_of(line: bytes) -> list[str]:
    """Titles in the first line of a file, without the empty one that R writes above row names."""
    text = line.decode("utf-8-sig", errors="replace")
    titles = split_text(text, separator(text))
    return titles[1:] if titles[:1] == [""] else titles
