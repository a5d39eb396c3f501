"""The one exception that means "the input is wrong", worded for the person who can mend it."""

import re
from pathlib import Path

CONTROLS = re.compile(
    r"[\0-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    r"\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)
"""Characters that nobody sees: of control, of direction, without width, and halves of others."""


def printable(text: str) -> str:
    """A text whose `CONTROLS` are shown escaped.

    On a terminal they could hide what stands there, or write lines of their own.
    """
    return CONTROLS.sub(lambda match: match[0].encode("unicode_escape").decode("ascii"), text)


LONGEST, LONGEST_WORD = 1000, 200
"""Letters of a message, and of a word in it."""


def shortened(text: str) -> str:
    """A text of words with one blank between them, of which none is longer than `LONGEST_WORD`.

    Of more than `LONGEST` letters the middle is left out, for the end says what to do.
    """
    words = (
        word if len(word) <= LONGEST_WORD else f"{word[: LONGEST_WORD // 2]}..."
        for word in text.split()
    )
    line = " ".join(words)
    if len(line) <= LONGEST:
        return line
    return f"{line[: LONGEST // 2]} ... {line[-LONGEST // 2 :]}"


SHEET = re.compile(r"(.+\.xls[xm])(?:#(.+))?", re.IGNORECASE)
"""Path of an Excel workbook; the name of a sheet may stand behind it."""


def split_sheet(path: str | Path) -> tuple[str, str | None]:
    """File that a path names, and the sheet of a workbook; None where it names none."""
    match = SHEET.fullmatch(str(path))
    return (match[1], match[2]) if match else (str(path), None)


class InputError(ValueError):
    """A mistake in a user's file or settings.

    `problem` is one line: what is wrong, with the offending value, and what to do about it; values
    of thousands of letters are shortened. `line` is counted from 1; of a
    workbook it is the row.
    """

    def __init__(
        self, problem: str, file: str | Path | None = None, line: int | None = None
    ) -> None:
        self.file = file
        super().__init__(printable(_place(file, line) + shortened(problem)))


def _place(file: str | Path | None, line: int | None) -> str:
    """Where a mistake stands: file and line, or workbook, sheet and row."""
    if file is None:
        return ""
    name, sheet = split_sheet(file)
    if sheet is None:
        return f"{file}: " if line is None else f"{file}:{line}: "
    row = "" if line is None else f", row {line}"
    return f"{name}, sheet {sheet}{row}: "
