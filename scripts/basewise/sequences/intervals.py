"""Intervals on a genome, filtered and moved, and windows of one length around them."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from basewise.core.errors import InputError
from basewise.core.text import LAST_POSITION, beyond_all
from basewise.sequences.circles import CIRCLE, cut_at_origin, on_circles
from basewise.sequences.genome import Aliases, Genome, rename_chromosomes
from basewise.sequences.interval_files import (
    PEAK_COLUMNS,
    Fields,
    read_fields,
    text_series,
)


def read_intervals(
    path: str | Path,
    columns: Mapping[str, str | int] | None = None,
    feature: str | None = None,
    format: str | None = None,
) -> pd.DataFrame:
    """Read the intervals of a file.

    Parameters
    ----------
    path
        BED of three to twelve columns and more, narrowPeak, broadPeak, GFF or GTF; plain or gzip.
        Comment, ``track`` and ``browser`` lines are passed over, and the sequences of a GFF file.
        A BED file may begin with a line of column titles, the first three being chrom, start, end.
    columns
        More columns of text to return: their name to the title or number (from 1) of the file's
        column, or to an attribute of a GFF or GTF file.
    feature
        GFF and GTF: take only lines of this type, such as ``gene``.
    format
        What the file is, see `interval_files.read_fields`; without it the file's name and what it
        holds say so.

    Returns
    -------
    DataFrame
        chrom, start, end (0-based, half-open), name ("" if absent), strand (``+``, ``-``, ``.``),
        summit (base of a narrowPeak's summit, -1 if unknown), line (from 1), format, then
        `columns`; in file order.

    Raises
    ------
    InputError
        For a line with too few columns, a coordinate that is no number, an empty interval, an
        unknown strand, a missing column; when nothing is left.
    """
    fields = read_fields(path, format)
    annotation = fields.format == "gff"
    starts, ends = (3, 4) if annotation else (1, 2)
    table = pd.DataFrame(
        {
            "chrom": text_series(fields.columns[0]),
            "start": _coordinates(fields, starts, "start") - annotation,
            "end": _coordinates(fields, ends, "end"),
            "name": fields.optional("ID" if annotation else "name", ""),
            "strand": fields.optional("strand", "."),
            "summit": -1,
            "line": fields.lines,
            "format": fields.format,
        }
    )
    _check_spans(table, path, annotation)
    _check_strands(table, path)
    if fields.format == "narrowPeak" and len(fields.columns) >= PEAK_COLUMNS:
        table["summit"] = _summits(fields, table)

    for name, column in (columns or {}).items():
        table[name] = text_series(fields.column(column))

    if feature is not None:
        types = text_series(fields.column("type"))
        table = table[types == feature].reset_index(drop=True)
        if table.empty:
            known = ", ".join(sorted(types.unique())[:12])
            raise InputError(f"holds no feature of type {feature!r}; there are {known}", path, 1)

    return table


MOST_ASTRAY = 0.05
"""Share of the lines of a file that may lie off the genome: on a contig that it lacks, over the
origin of a circular chromosome that nothing says is one. More of them mean another assembly, or
other names."""


def read_intervals_of(
    genome: Genome,
    path: str | Path,
    aliases: Aliases | None,
    columns: Mapping[str, str | int] | None = None,
    feature: str | None = None,
    format: str | None = None,
) -> pd.DataFrame:
    """Read intervals of a genome, their chromosomes named as it names them.

    ``astray`` says why one does not lie on the genome, and is empty where it does.
    """
    table = read_intervals(path, columns, feature, format)
    table["chrom"] = rename_chromosomes(table["chrom"], genome.names, aliases)
    table = on_circles(table, genome.circles)
    return table.assign(astray=_why_astray(table, genome))


def _why_astray(regions: pd.DataFrame, genome: Genome) -> pd.Series:
    """Why a region does not lie on a genome."""
    foreign = ~regions["chrom"].isin(genome.names)
    reasons = pd.Series("", index=regions.index, dtype="str")
    reasons[foreign] = "its chromosome is not in the genome"
    inside = regions[~foreign]
    lengths = genome.lengths(inside["chrom"])
    beyond = inside["end"] > lengths
    if CIRCLE in inside:
        once_around = (inside["start"] < lengths) & (inside["end"] - inside["start"] <= lengths)
        beyond &= ~((inside[CIRCLE] > 0) & once_around)

    reasons[beyond[beyond].index] = "ends beyond its chromosome"

    return reasons


SAME_NAMES = (
    "Give both files the same names, or a table of `aliases`; or take lines of some chromosomes "
    "with `keep: {column: 1, equals: [...]}`"
)


def check_astray(
    regions: pd.DataFrame, genome: Genome, path: str | Path, remedy: str = SAME_NAMES
) -> None:
    """Raise InputError where more regions than `MOST_ASTRAY` have a reason under ``astray``.

    `path` is the file of the regions, which hold those that are wanted of it; `remedy` is what to
    do about names that the genome lacks.
    """
    lost = regions[regions["astray"] != ""]
    if len(lost) <= MOST_ASTRAY * len(regions):
        return

    first, file = lost.iloc[0], Path(genome.path).name
    of_reason = lost[lost["astray"] == first["astray"]]
    lines = f"{len(of_reason):,} of {len(regions):,} lines"
    if first["chrom"] in genome.names:
        place = f"{first['chrom']}:{first['start']}-{first['end']}"
        problem = (
            f"{lines} end beyond their chromosome, the first is {place} of "
            f"{genome.length(first['chrom'])} bases in {file}; is this the right assembly?"
        )
    else:
        names = _some(of_reason["chrom"].unique())
        problem = (
            f"{lines} lie on chromosomes that {file} lacks ({names}); it has "
            f"{_some(genome.names)}. {remedy}"
        )
    raise InputError(problem, path, int(first["line"]))


def _some(names: Sequence[str]) -> str:
    """The first names of many."""
    return ", ".join(names[:4]) + (", ..." if len(names) > 4 else "")


def check_shares_chromosomes(
    intervals: pd.DataFrame, known: Iterable[str], path: str | Path
) -> None:
    """Raise InputError when no interval lies on a chromosome of the windows."""
    chroms = list(known)
    if not intervals["chrom"].isin(chroms).any():
        theirs = ", ".join(intervals["chrom"].unique()[:4])
        ours = ", ".join(chroms[:4])
        raise InputError(
            f"has chromosomes {theirs}, none of which is among {ours}; give them the same names, "
            "or a table of `aliases`",
            path,
        )


def covered_bases(windows: pd.DataFrame, intervals: pd.DataFrame) -> NDArray[np.int64]:
    """How many bases of each window lie in an interval, or in several; shape (n,).

    Both tables have chrom, start and end, perhaps `circles.CIRCLE`, and no row is empty. A window
    may leave its chromosome.
    """
    pieces, intervals = cut_at_origin(windows.reset_index(drop=True)), cut_at_origin(intervals)
    covered = np.zeros(len(pieces))
    spans = pieces[["start", "end"]].to_numpy(dtype=np.int64)
    of_chrom = intervals.groupby("chrom").indices
    for chrom, rows in pieces.groupby("chrom").indices.items():
        if chrom in of_chrom:
            edges, before = _covered_before(intervals.iloc[of_chrom[chrom]])
            first, last = np.interp(spans[rows].T, edges, before)
            covered[rows] = last - first
    return np.bincount(pieces.index, covered, minlength=len(windows)).astype(np.int64)


def _covered_before(intervals: pd.DataFrame) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Edges of the intervals' union on a chromosome, and how many covered bases precede each.

    Between two edges the number grows by one a base, or not at all, so it is interpolated exactly.
    """
    intervals = intervals.sort_values("start")
    starts, ends = (intervals[edge].to_numpy(dtype=np.int64) for edge in ("start", "end"))
    ends = np.maximum.accumulate(ends)
    apart = starts[1:] > ends[:-1]
    starts, ends = starts[np.append(True, apart)], ends[np.append(apart, True)]

    after = np.cumsum(ends - starts)
    before = after - (ends - starts)
    return np.stack([starts, ends], axis=1).ravel(), np.stack([before, after], axis=1).ravel()


def _coordinates(fields: Fields, at: int, title: str) -> NDArray[np.int64]:
    texts = fields.columns[at]
    whole = pc.and_(pc.ascii_is_decimal(texts), pc.less(pc.binary_length(texts), 16))
    place = pc.index(whole, False).as_py()
    if place >= 0:
        raise InputError(
            f"{title} {texts[place].as_py()!r} must be a whole number, 0 or greater{_hint(fields)}",
            fields.path,
            int(fields.lines[place]),
        )
    coordinates: NDArray[np.int64] = texts.cast(pa.int64()).to_numpy()
    if coordinates.max() > LAST_POSITION:
        place = int(coordinates.argmax())
        problem = beyond_all(title, texts[place].as_py())
        raise InputError(f"{problem}; correct it", fields.path, int(fields.lines[place]))
    return coordinates


def _hint(fields: Fields) -> str:
    """What a line that is no BED may be."""
    if fields.format != "gff" and len(fields.columns) in (8, 9):
        return "; if this is GFF or GTF, let the name of the file end in .gff3 or .gtf"
    return ""


def _check_spans(table: pd.DataFrame, path: str | Path, annotation: bool) -> None:
    wrong = table[(table["end"] <= table["start"]) | (table["start"] < 0)]
    if len(wrong):
        row = wrong.iloc[0]
        rule = (
            "GFF and GTF count from 1 and include the last base, so end is not below start"
            if annotation
            else "BED starts at 0 and ends after the last base, so end is greater than start"
        )
        start = row["start"] + annotation
        raise InputError(
            f"start {start} and end {row['end']} are no interval; {rule}", path, int(row["line"])
        )


def _check_strands(table: pd.DataFrame, path: str | Path) -> None:
    table["strand"] = table["strand"].replace({"": ".", "?": "."})
    wrong = table[~table["strand"].isin(["+", "-", "."])]
    if len(wrong):
        raise InputError(
            f"strand {wrong['strand'].iloc[0]!r} must be +, - or .",
            path,
            int(wrong["line"].iloc[0]),
        )


def _summits(fields: Fields, table: pd.DataFrame) -> NDArray[np.int64]:
    """Column 10 of narrowPeak: the summit's distance from start, -1 where none was called."""
    column = fields.columns[PEAK_COLUMNS - 1]
    texts = text_series(column).replace("", "-1")
    offsets = pd.to_numeric(texts, errors="coerce").to_numpy()
    width = (table["end"] - table["start"]).to_numpy()
    inside = np.isfinite(offsets) & (offsets >= -1) & (offsets < width)
    # pandas passes over a vertical tab behind a number
    inside &= pc.utf8_is_printable(column).to_numpy(zero_copy_only=False)
    wrong = np.flatnonzero(~inside | (np.where(inside, offsets, 0) % 1 != 0))
    if len(wrong):
        row = wrong[0]
        raise InputError(
            f"summit {texts[row]!r} in column 10 must be a distance from start below "
            f"{width[row]}, or -1",
            fields.path,
            int(fields.lines[row]),
        )

    summits: NDArray[np.int64] = np.where(offsets < 0, -1, table["start"] + offsets).astype(
        np.int64
    )

    return summits


def cut_windows(
    regions: pd.DataFrame, window: int, center: str = "summit", shift: int = 0
) -> pd.DataFrame:
    """Replace each region by the window of `window` bases around its center.

    Everything is counted along the region's strand (``.`` counts as ``+``), so that the window of a
    region on the minus strand, reverse-complemented, is what the mirror image would give. A window
    may leave its chromosome: the caller decides what becomes of it.

    Parameters
    ----------
    regions
        start, end, strand and summit, see `intervals.read_intervals`.
    window
        Its bases; ``window // 2`` of them come before the center.
    center
        ``midpoint``: base ``(end - start) // 2`` of the region; ``summit``: the summit, and the
        midpoint where there is none; ``start`` and ``end``: the region's first and last base.
    shift
        Bases by which the center moves downstream; upstream if negative.
    """
    start, end = regions["start"].to_numpy(), regions["end"].to_numpy()
    width = end - start
    minus = (regions["strand"] == "-").to_numpy()
    offset = {"start": np.zeros_like(width), "end": width - 1}.get(center, width // 2)
    if center == "summit":
        summit = regions["summit"].to_numpy()
        from_five_prime = np.where(minus, end - 1 - summit, summit - start)
        offset = np.where(summit >= 0, from_five_prime, offset)

    first = offset + shift - window // 2
    left = np.where(minus, end - first - window, start + first)

    return regions.assign(start=left, end=left + window)
