"""Records from a text file with one sequence a line."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from basewise.errors import InputError
from basewise.records import make_records
from basewise.sequences import read_lines

__all__ = ["read_line_records"]


def read_line_records(path: str | Path, *, alphabet: str) -> pd.DataFrame:
    """Read one sequence a line; line 7 becomes the record ``line7``.

    Returns
    -------
    DataFrame
        See `records.make_records`; without labels, another file brings them.

    Raises
    ------
    InputError
        For a file without sequences, an empty line, or a letter not in the alphabet.
    """
    sequences = read_lines(path)
    if not sequences:
        raise InputError("holds no sequence; every line must be one", path)
    numbers = range(1, len(sequences) + 1)
    ids = [f"line{number}" for number in numbers]
    rows = pd.DataFrame({"id": ids, "path": str(path), "line": numbers, "sequence": sequences})
    return make_records(rows, alphabet)
