"""Records from the files of the UCI repository's "Molecular Biology" data sets."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from basewise.errors import InputError
from basewise.records import make_records, number_repeats
from basewise.sequences import read_lines
from basewise.tables import target_column

__all__ = ["read_uci_records"]


def read_uci_records(path: str | Path, *, alphabet: str) -> pd.DataFrame:
    """Read lines of ``class, name, sequence``, with any blanks around each.

    Returns
    -------
    DataFrame
        See `records.make_records`. ``target.label`` is the class, the id is the name; a name that
        repeats is numbered: ``NAME``, ``NAME#2``.

    Raises
    ------
    InputError
        For a line without three fields, a name with blanks, an empty sequence, or a letter not in
        the alphabet.

    Notes
    -----
    The format is that of ``promoters.data`` and ``splice.data``: Towell, Shavlik and Noordewier,
    AAAI-90, 861-866 (1990).
    """
    numbers: list[int] = []
    rows: list[list[str]] = []
    for number, text in enumerate(read_lines(path), start=1):
        if not text.strip():
            continue
        fields = [field.strip() for field in text.split(",")]
        if len(fields) != 3:
            raise InputError(
                f"has {len(fields)} fields; a line is `class, name, sequence`", path, number
            )
        numbers.append(number)
        rows.append(fields)
    if not rows:
        raise InputError("holds no line `class, name, sequence`", path)
    table = pd.DataFrame(rows, columns=[target_column("label"), "name", "sequence"])
    table = table.assign(id=number_repeats(table["name"]), path=str(path), line=numbers)
    return make_records(table, alphabet)
