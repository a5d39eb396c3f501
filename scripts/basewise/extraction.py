"""What extraction hands on: candidate sequences, and the rows that are none."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from basewise.sequences import write_fasta
from basewise.steps import replacing
from basewise.tables import write_table

__all__ = ["Extraction", "write_extraction"]


class Extraction(NamedTuple):
    """Candidates of a dataset.

    Attributes
    ----------
    candidates
        One row a sequence: id, chrom, start, end, strand, source (file name), line, label.
        The label is empty where another file brings it.
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
    with replacing(fasta) as path:
        write_fasta(path, list(extraction.candidates["id"]), extraction.letters)
    with replacing(candidates) as path:
        extraction.candidates.to_parquet(path, index=False)
    write_table(extraction.dropped, dropped)
    print(f"{len(extraction.candidates)} candidates, {len(extraction.dropped)} rows dropped")
