"""What extraction hands on of genotypes: individuals, markers, and what was left out."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from basewise.core.remarks import Remark, tell
from basewise.genotypes.calls import DROPPED_MARKER_COLUMNS, MISSING, Genotypes
from basewise.genotypes.dosage_tables import unplaced_markers
from basewise.genotypes.filters import filter_markers
from basewise.store.arrays import write_array
from basewise.store.tables import (
    CANDIDATE_COLUMNS,
    DROPPED_COLUMNS,
    MARKER_TABLE_COLUMNS,
    write_parquet,
    write_remarks,
    write_table,
)


class Extracted(NamedTuple):
    """Candidates of a dataset of genotypes.

    Attributes
    ----------
    candidates
        One row an individual, `tables.CANDIDATE_COLUMNS`; ``unknown`` is the share of its markers
        that are missing.
    letters
        Character codes as in `calls.Genotypes`, row for row, shape (individuals, markers).
    markers
        `MARKER_TABLE_COLUMNS`, column for column; frequency of the allele a among the known
        genotypes, share of missing ones.
    dropped, dropped_markers
        Individuals and markers left out, each with source, line and reason.
    filters
        What each filter has left out, in their order: filter, setting, markers, individuals.
    remarks
        Markers without a place, and places without a marker, where these are many.
    """

    candidates: pd.DataFrame
    letters: NDArray[np.uint8]
    markers: pd.DataFrame
    dropped: pd.DataFrame
    dropped_markers: pd.DataFrame
    filters: pd.DataFrame
    remarks: list[Remark]


def extract(
    genotypes: Genotypes, path: str | Path, map: str | Path | None = None, **filters: Any
) -> Extracted:
    """Filter what a reader has read from a path, see `filters.filter_markers`, as candidates.

    `map` has the places of the markers, where they are in a file of their own.

    Raises
    ------
    InputError
        When a filter leaves nothing.
    """
    remarks = [] if map is None else unplaced_markers(genotypes.markers["marker"], map)
    tell(remarks)
    source = Path(path).name
    filtered = filter_markers(genotypes, source, **filters)
    letters, individuals, markers, dropped_markers = filtered.genotypes
    missing = letters == MISSING
    known = (~missing).sum(axis=0)
    copies = (letters == ord("1")).sum(axis=0) + 2 * (letters == ord("2")).sum(axis=0)
    absent = pd.Series(pd.NA, index=individuals.index)
    candidates = individuals.assign(
        source=source,
        chrom=absent.astype("str"),
        start=absent.astype("Int64"),
        end=absent.astype("Int64"),
        strand=".",
        original_length=letters.shape[1],
        gc=np.nan,
        unknown=missing.mean(axis=1),
        soft_masked=np.nan,
        part=absent.astype("str"),
        background=False,
    )[CANDIDATE_COLUMNS]
    markers = markers.assign(
        frequency=copies / np.maximum(2 * known, 1), missing=missing.mean(axis=0)
    )

    return Extracted(
        candidates.reset_index(drop=True),
        letters,
        markers[MARKER_TABLE_COLUMNS],
        filtered.dropped_individuals[DROPPED_COLUMNS],
        dropped_markers[DROPPED_MARKER_COLUMNS],
        filtered.counts,
        remarks,
    )


def write_extracted(
    extracted: Extracted,
    genotypes: str | Path,
    candidates: str | Path,
    dropped: str | Path,
    markers: str | Path,
    dropped_markers: str | Path,
    filters: str | Path,
    remarks: str | Path,
) -> None:
    """Write the genotypes as a NumPy array, and the tables beside it."""
    write_array(extracted.letters, genotypes)
    write_parquet(extracted.candidates, candidates)
    write_table(extracted.dropped, dropped)
    write_table(extracted.markers, markers)
    write_table(extracted.dropped_markers, dropped_markers)
    write_table(extracted.filters, filters)
    write_remarks(extracted.remarks, remarks)
    rows, columns = extracted.letters.shape
    print(f"{rows:,} individuals, {len(extracted.dropped):,} dropped")
    print(f"{columns:,} markers, {len(extracted.dropped_markers):,} dropped")
