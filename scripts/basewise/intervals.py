"""Regions as BED files give them, and the windows cut around them: 0-based, half-open, always."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from basewise.errors import InputError
from basewise.sequences import read_lines

__all__ = ["centre_windows", "check_inside", "read_bed"]

REGION_COLUMNS = ["chrom", "start", "end", "name", "strand", "line", "kept"]

_NOT_DATA = ("#", "track", "browser")


def read_bed(path: str | Path, keep: Mapping[str, Any] | None = None) -> pd.DataFrame:
    """Read a BED file of three columns or more, plain or gzip.

    Parameters
    ----------
    path
        The file. Comment, ``track`` and ``browser`` lines are passed over.
    keep
        ``{"column": 4, "equals": "Reb1"}`` marks the lines with that value in that column,
        counted from 1 as in the BED specification; None marks all.

    Returns
    -------
    DataFrame
        chrom, start, end (0-based, half-open), name ("" if absent), strand ("." if absent),
        line (from 1), kept (whether `keep` takes the line), in file order.

    Raises
    ------
    InputError
        For a line with too few columns, a coordinate that is no number, end <= start, or a
        strand other than ``+``, ``-`` and ``.``; when no line is kept.
    """
    rows = []
    for number, text in enumerate(read_lines(path), start=1):
        if not text.strip() or text.startswith(_NOT_DATA):
            continue
        fields = text.split("\t")
        kept = keep is None or _field(fields, keep["column"], path, number) == str(keep["equals"])
        rows.append((*_region(fields, path, number), kept))
    table = pd.DataFrame(rows, columns=REGION_COLUMNS)
    if not table["kept"].any():
        wanted = "" if keep is None else f" with {keep['equals']!r} in column {keep['column']}"
        raise InputError(f"holds no region{wanted}", path)
    return table


def centre_windows(regions: pd.DataFrame, window: int) -> pd.DataFrame:
    """Replace each region by the window of `window` bases centred on it.

    The centre of [start, end) is base (start + end) // 2; the window starts window // 2 before
    it. A window may leave its chromosome: the caller decides what becomes of it.
    """
    start = (regions["start"] + regions["end"]) // 2 - window // 2
    return regions.assign(start=start, end=start + window)


def check_inside(
    regions: pd.DataFrame, lengths: Mapping[str, int], path: str | Path, genome: str | Path
) -> None:
    """Raise InputError for the first region that is not on the genome.

    Parameters
    ----------
    regions
        As `read_bed` returns them.
    lengths
        Bases of each chromosome of the genome.
    path, genome
        The two files, for the message.
    """
    for region in regions.itertuples(index=False):
        if region.chrom not in lengths:
            some = ", ".join(list(lengths)[:4])
            raise InputError(
                f"chromosome {region.chrom!r} is not in {Path(genome).name}, which has {some}"
                f"{', ...' if len(lengths) > 4 else ''}; give both files the same names",
                path,
                region.line,
            )
        if region.end > lengths[region.chrom]:
            raise InputError(
                f"region {region.chrom}:{region.start}-{region.end} ends beyond the chromosome, "
                f"which has {lengths[region.chrom]} bases in {Path(genome).name}; "
                "is this the right assembly?",
                path,
                region.line,
            )


def _region(
    fields: list[str], path: str | Path, number: int
) -> tuple[str, int, int, str, str, int]:
    if len(fields) < 3:
        raise InputError(
            f"{len(fields)} column(s), a BED line needs three separated by tabs: chrom, start, end",
            path,
            number,
        )
    try:
        start, end = int(fields[1]), int(fields[2])
    except ValueError:
        raise InputError(
            f"start {fields[1]!r} and end {fields[2]!r} must be whole numbers", path, number
        ) from None
    if start < 0 or end <= start:
        raise InputError(
            f"start {start} and end {end} are no interval; "
            "BED starts at 0 and ends after the last base, so end is greater than start",
            path,
            number,
        )
    strand = fields[5].strip() if len(fields) > 5 else "."
    if strand not in ("+", "-", "."):
        raise InputError(f"strand {strand!r} must be +, - or .", path, number)
    return fields[0], start, end, fields[3].strip() if len(fields) > 3 else "", strand, number


def _field(fields: list[str], column: int, path: str | Path, number: int) -> str:
    if column > len(fields):
        raise InputError(f"has no column {column}, which `keep` asks for", path, number)
    return fields[column - 1].strip()
