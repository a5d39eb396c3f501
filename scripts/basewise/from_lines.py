"""Candidates from a text file with one sequence a line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from basewise.alphabet import foreign_letters, letters_of
from basewise.errors import InputError
from basewise.extraction import Extraction
from basewise.sequences import read_lines
from basewise.tables import CANDIDATE_COLUMNS, DROPPED_COLUMNS

__all__ = ["extract_lines"]


def extract_lines(path: str | Path) -> Extraction:
    """Take one sequence a line from a text file; line 7 becomes the candidate ``line7``.

    Raises
    ------
    InputError
        For an empty line, a letter that is no IUPAC code, or a length unlike the first line's.
    """
    sequences = [line.strip().upper() for line in read_lines(path)]
    if not sequences:
        raise InputError("holds no sequence", path)
    length = len(sequences[0])
    for number, sequence in enumerate(sequences, start=1):
        if not sequence:
            raise InputError("the line is empty; every line is one sequence", path, number)
        if len(sequence) != length:
            raise InputError(
                f"the sequence has {len(sequence)} bases, the first line has {length}; "
                "all must have one length",
                path,
                number,
            )
        _check_letters(sequence, path, number)
    numbers = np.arange(1, len(sequences) + 1)
    candidates = pd.DataFrame({"id": [f"line{number}" for number in numbers], "line": numbers})
    candidates = candidates.assign(
        chrom=None, start=pd.NA, end=pd.NA, strand=".", source=Path(path).name, label=None
    )
    return Extraction(
        candidates[CANDIDATE_COLUMNS], letters_of(sequences), pd.DataFrame(columns=DROPPED_COLUMNS)
    )


def _check_letters(sequence: str, path: str | Path, number: int) -> None:
    foreign = foreign_letters(letters_of([sequence]))
    if len(foreign):
        place = int(foreign[0, 1])
        raise InputError(
            f"{sequence[place]!r} at position {place + 1} is no base and no IUPAC code",
            path,
            number,
        )
