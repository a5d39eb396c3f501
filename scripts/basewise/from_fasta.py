"""Records from FASTA: one file, or one file a class."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from basewise.errors import InputError
from basewise.records import make_records, number_repeats
from basewise.sequences import read_lines
from basewise.tables import target_column

__all__ = ["read_fasta_records"]


def read_fasta_records(
    source: str | Path | Mapping[str, str | Path], *, alphabet: str
) -> pd.DataFrame:
    """Read FASTA, plain or gzip.

    Parameters
    ----------
    source
        One file, whose labels another file brings, or one file for each class.
    alphabet
        ``dna``, ``rna`` or ``protein``.

    Returns
    -------
    DataFrame
        See `records.make_records`. The id is the first word of the header. With one file a class,
        ``target.label`` is the class, and a name that repeats, in one file or over all, is
        numbered: ``NAME``, ``NAME#2``.

    Raises
    ------
    InputError
        For a file that is no FASTA, a header without a name, an empty sequence, or a letter not in
        the alphabet; with one file, for a repeated name too, because labels are joined on it.
    """
    if not isinstance(source, Mapping):
        return make_records(_read_rows(source), alphabet)
    files = [
        _read_rows(path).assign(**{target_column("label"): str(label)})
        for label, path in source.items()
    ]
    rows = pd.concat(files, ignore_index=True)
    return make_records(rows.assign(id=number_repeats(rows["id"])), alphabet)


def _read_rows(path: str | Path) -> pd.DataFrame:
    ids: list[str] = []
    starts: list[int] = []
    sequences: list[list[str]] = []
    for number, text in enumerate(read_lines(path), start=1):
        if text.startswith(">"):
            ids.append("".join(text[1:].split()[:1]))
            starts.append(number)
            sequences.append([])
        elif sequences:
            sequences[-1].append(text)
        elif text.strip():
            raise InputError("stands before the first FASTA header, a line '>id'", path, number)
    if not ids:
        raise InputError("holds no FASTA record; the first line must start with '>'", path)
    joined = ["".join(lines) for lines in sequences]
    return pd.DataFrame({"id": ids, "path": str(path), "line": starts, "sequence": joined})
