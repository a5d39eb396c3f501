"""What extraction hands on: candidate sequences, and the rows that are none."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from basewise.core.errors import InputError
from basewise.sequences.alphabet import PADDING_CODE
from basewise.sequences.shuffling import shuffle_dinucleotides
from basewise.store.arrays import write_array
from basewise.store.tables import (
    DROPPED_COLUMNS,
    candidate_columns,
    target_columns,
    write_parquet,
    write_table,
)


class Extraction(NamedTuple):
    """Candidates of a dataset.

    Attributes
    ----------
    candidates
        One row a sequence: `tables.candidate_columns`, then a text column ``target.<output>`` for
        each label that the source brings, empty where another file does.
    letters
        Character codes, upper case, shape (n, length), row for row.
    dropped
        Input rows that are no candidate: id, source, line, reason.
    files
        Of windows, the files of regions: `tables.REGION_FILE_COLUMNS`, one row a file.
    """

    candidates: pd.DataFrame
    letters: NDArray[np.uint8]
    dropped: pd.DataFrame
    files: pd.DataFrame | None = None


def write_extraction(
    extraction: Extraction,
    letters: str | Path,
    candidates: str | Path,
    dropped: str | Path,
    files: str | Path | None = None,
) -> None:
    """Write an extraction: the letters, the table of candidates, the rows left out, the files."""
    table = extraction.candidates
    write_array(extraction.letters, letters)
    write_parquet(table[[*candidate_columns(table), *target_columns(table)]], candidates)
    write_table(extraction.dropped[DROPPED_COLUMNS], dropped)
    if files is not None and extraction.files is not None:
        write_table(extraction.files, files)
    print(f"{len(table)} candidates, {len(extraction.dropped)} rows dropped")


def add_shuffled(
    extraction: Extraction, ratio: float, generator: np.random.Generator
) -> Extraction:
    """Add shuffled copies of the candidates, behind them, as background.

    `ratio` are the copies for each candidate; a fraction of one takes that share of them, drawn at
    random. A shuffled sequence keeps the chromosome, group and part of the one it is made from, so
    that it falls into the same fold; it lies nowhere on the genome, so start and end are missing,
    and the share of it that is soft-masked. Padding stays where it is.

    Raises
    ------
    InputError
        When the ratio makes no copy at all.
    """
    candidates, letters, dropped, files = extraction
    copies, rest = int(ratio), ratio - int(ratio)
    drawn = generator.permutation(len(candidates))[: round(rest * len(candidates))]
    rows = np.concatenate([np.tile(np.arange(len(candidates)), copies), np.sort(drawn)]).astype(int)
    if not len(rows):
        raise InputError(
            f"negatives: a ratio of {ratio:g} makes no copy of {len(candidates)} sequences; "
            "raise `ratio`"
        )

    number = pd.Series(rows).groupby(rows).cumcount().to_numpy() + 1
    made = candidates.iloc[rows].reset_index(drop=True)
    made["id"] = made["id"] + [f"_shuffled{count}" for count in number]
    made = made.assign(start=pd.NA, end=pd.NA, strand=".", soft_masked=np.nan, background=True)
    shuffled = letters[rows]
    for sequence in shuffled:
        filled = sequence != PADDING_CODE
        sequence[filled] = shuffle_dinucleotides(sequence[filled], generator)

    candidates = candidates.astype({"start": "Int64", "end": "Int64"})
    table = pd.concat([candidates, made.astype(candidates.dtypes)], ignore_index=True)

    return Extraction(table, np.concatenate([letters, shuffled]), dropped, files)
