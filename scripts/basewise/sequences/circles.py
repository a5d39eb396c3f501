"""Circular chromosomes: which they are, and intervals around their origin.

As in GFF3 1.26 of the Sequence Ontology: ``Is_circular=true`` marks the line of a whole chromosome,
and what lies over its origin starts before it and ends beyond the chromosome's length.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from basewise.core.errors import InputError
from basewise.core.files import lines_of, reading
from basewise.core.text import listed
from basewise.sequences.genome import Aliases, Genome, rename_chromosomes
from basewise.sequences.interval_files import attribute, is_annotation

CIRCLE = "circle"
"""Column of places on a genome: the bases of the circular chromosome, 0 on another.

A table without it has no place on a circle."""

MARK = "Is_circular"

Circles = dict[str, int]
"""Each circular chromosome to its bases."""


def read_circles(path: str | Path, format: str | None = None) -> pd.DataFrame:
    """Read which chromosomes a GFF file calls circular: chrom, bases, line (from 1).

    No rows for other files. `format` is as for `interval_files.read_fields`.
    """
    rows = []
    if format == "gff" or (format is None and is_annotation(path)):
        with reading(path) as stream:
            for number, line in enumerate(lines_of(stream, path), start=1):
                if MARK.encode() in line:
                    fields = line.decode("utf-8", errors="replace").split("\t")
                    if _is_whole_circle(fields, path, number):
                        rows.append((fields[0], int(fields[4]), number))
    return pd.DataFrame(rows, columns=["chrom", "bases", "line"])


def _is_whole_circle(fields: Sequence[str], path: str | Path, line: int) -> bool:
    """Whether a line of GFF is a whole circular chromosome; what begins later is a part of one."""
    return (
        len(fields) > 8
        and fields[3] == "1"
        and fields[4].isdecimal()
        and len(fields[4]) < 16
        and attribute(fields[8], MARK, path, line).lower() == "true"
    )


def find_circles(
    genome: Genome,
    named: Iterable[str],
    files: Mapping[str | Path, str | None],
    aliases: Aliases | None,
) -> Circles:
    """Find the circular chromosomes of a genome: those named, and those that GFF files mark.

    `files` are paths with their formats, see `read_circles`.

    Raises
    ------
    InputError
        When the genome lacks a name, or a file gives a chromosome other bases than it has.
    """
    asked = pd.Series(list(named), dtype="str")
    chroms = rename_chromosomes(asked, genome.names, aliases)
    unknown = asked[~chroms.isin(genome.names)]
    if len(unknown):
        more = ", ..." if len(genome.names) > 4 else ""
        raise InputError(
            f"`circular` names {unknown.iloc[0]!r}, which is no chromosome of this genome; it has "
            f"{', '.join(genome.names[:4])}{more}",
            genome.path,
        )

    circles = {chrom: genome.length(chrom) for chrom in chroms}
    for path, format in files.items():
        for row in _renamed(read_circles(path, format), genome.names, aliases).itertuples():
            circles[row.chrom] = genome.length(row.chrom)
            _check_bases(path, row, circles[row.chrom])
    if circles:
        print(f"Circular, and read around the origin: {listed(sorted(circles))}")
    return circles


def add_circles(
    circles: Circles, path: str | Path, chroms: Sequence[str], aliases: Aliases | None
) -> Circles:
    """Circular chromosomes, and those among `chroms` that a file marks.

    Raises
    ------
    InputError
        When the file gives one other bases.
    """
    every = dict(circles)
    for row in _renamed(read_circles(path), chroms, aliases).itertuples():
        _check_bases(path, row, every.setdefault(row.chrom, row.bases))
    return every


def _renamed(marked: pd.DataFrame, known: Sequence[str], aliases: Aliases | None) -> pd.DataFrame:
    """Rows of `read_circles` whose chromosomes are known, under the names that are known."""
    marked = marked.assign(chrom=rename_chromosomes(marked["chrom"], known, aliases))
    return marked[marked["chrom"].isin(known)]


def _check_bases(path: str | Path, marked: Any, bases: int) -> None:
    """Raise InputError when a row of `read_circles` gives other bases than a chromosome has."""
    if marked.bases != bases:
        raise InputError(
            f"{MARK}=true gives {marked.chrom} {marked.bases:,} bases, its sequence has {bases:,}; "
            "is this the right assembly?",
            path,
            int(marked.line),
        )


def circles_of(places: pd.DataFrame) -> Circles:
    """Circular chromosomes of places."""
    if CIRCLE not in places:
        return {}
    on_circle = places[places[CIRCLE] > 0].drop_duplicates("chrom")
    return dict(zip(on_circle["chrom"], on_circle[CIRCLE].astype(int), strict=True))


def on_circles(places: pd.DataFrame, circles: Mapping[str, int]) -> pd.DataFrame:
    """Places with the column `CIRCLE` where there are circles, else as they are."""
    if not circles:
        return places
    return places.assign(**{CIRCLE: places["chrom"].map(circles).fillna(0).astype(np.int64)})


def from_origin(places: pd.DataFrame) -> pd.DataFrame:
    """Let places on a circle start on it, from 0 to below its bases; their end may lie beyond."""
    if CIRCLE not in places:
        return places
    circle = places[CIRCLE]
    turned = (places["start"] // circle.where(circle > 0, 1) * circle).astype(np.int64)
    return places.assign(start=places["start"] - turned, end=places["end"] - turned)


def cut_at_origin(places: pd.DataFrame) -> pd.DataFrame:
    """Chrom, start and end of places, on a circle in pieces of which none lies over the origin.

    The index says which place each piece belongs to. Places without a start stay so.
    """
    if CIRCLE not in places:
        return places[["chrom", "start", "end"]]

    on_circle = (places[CIRCLE] > 0) & places["start"].notna()
    pieces = from_origin(places[on_circle])
    circle = pieces[CIRCLE]
    # what is longer than the circle covers it once
    end = pieces["end"].where(pieces["end"] - pieces["start"] < circle, pieces["start"] + circle)
    rest = pieces.assign(start=0, end=end - circle)[end > circle]
    pieces = pieces.assign(end=end.where(end <= circle, circle))
    return pd.concat([places[~on_circle], pieces, rest])[["chrom", "start", "end"]]


def middles(places: pd.DataFrame) -> pd.Series:
    """Middle of each place, float64, on a circle from 0 to below its bases; NaN without a start."""
    middle = (places["start"].astype(np.float64) + places["end"].astype(np.float64)) / 2
    if CIRCLE not in places:
        return middle
    circle = places[CIRCLE]
    return middle.where(circle == 0, middle % circle.where(circle > 0, 1))
