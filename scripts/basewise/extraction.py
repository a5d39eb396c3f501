"""What extraction hands on: candidate sequences, and the rows that are none."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from basewise.sequences import write_fasta
from basewise.steps import replacing
from basewise.tables import (
    CANDIDATE_COLUMNS,
    DROPPED_COLUMNS,
    target_columns,
    write_parquet,
    write_table,
)

__all__ = ["Extraction", "write_extraction"]


class Extraction(NamedTuple):
    """Candidates of a dataset.

    Attributes
    ----------
    candidates
        One row a sequence: `tables.CANDIDATE_COLUMNS`, then a text column ``target.<output>`` for
        each label that the source brings, empty where another file does.
    letters
        Character codes, upper case, shape (n, length), row for row.
    dropped
        Input rows that are no candidate: id, source, line, reason.
    """

    candidates: pd.DataFrame
    letters: NDArray[np.uint8]
    dropped: pd.DataFrame


def write_extraction(
    extraction: Extraction, fasta: str | Path, candidates: str | Path, dropped: str | Path
) -> None:
    """Write an extraction: the sequences, the table of candidates, the rows left out."""
    table = extraction.candidates
    with replacing(fasta) as path:
        write_fasta(path, table["id"].tolist(), extraction.letters)
    write_parquet(table[[*CANDIDATE_COLUMNS, *target_columns(table)]], candidates)
    write_table(extraction.dropped[DROPPED_COLUMNS], dropped)
    print(f"{len(table)} candidates, {len(extraction.dropped)} rows dropped")
