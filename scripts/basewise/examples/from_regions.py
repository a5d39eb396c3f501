"""Candidates from regions on a genome, with background windows if asked for."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from basewise.core.errors import InputError
from basewise.core.missing import Codes, without_missing
from basewise.core.user_tables import Keep, check_kept, unlike, wanted_values
from basewise.examples.candidates import Extraction
from basewise.examples.targets import UNLABELED, Labels, output_columns
from basewise.sequences.alphabet import complement_letters
from basewise.sequences.background import draw_background, is_known
from basewise.sequences.circles import (
    CIRCLE,
    find_circles,
    from_origin,
    on_circles,
)
from basewise.sequences.composition import count_in_windows, describe_windows
from basewise.sequences.genome import Aliases, Genome, open_genome, read_aliases, rename_chromosomes
from basewise.sequences.intervals import (
    check_astray,
    check_shares_chromosomes,
    covered_bases,
    cut_windows,
    read_intervals,
    read_intervals_of,
)
from basewise.store.tables import (
    OUTPUT,
    REGION_FILE_COLUMNS,
    target_column,
    target_columns,
)


def extract_regions(
    genome_path: str | Path,
    regions: str | Path | Mapping[str, str | Path],
    *,
    window: int,
    generator: np.random.Generator,
    center: str | None = None,
    shift: int = 0,
    task: str = "binary",
    columns: Mapping[str, Labels] | None = None,
    feature: str | None = None,
    regions_format: str | None = None,
    keep: Keep | None = None,
    missing: Codes = (),
    aliases_path: str | Path | None = None,
    circular: Sequence[str] = (),
    exclude: Sequence[str | Path] = (),
    negatives: Mapping[str, Any] | None = None,
    away_from: Sequence[str | Path] = (),
) -> Extraction:
    """Cut windows around regions, and background windows if asked for.

    Parameters
    ----------
    genome_path
        FASTA, plain, gzip or bgzip.
    regions
        BED, narrowPeak, broadPeak, GFF or GTF, see `intervals.read_intervals`; or class to file,
        one file a class.
    window, center, shift
        Bases of a window and where it lies, see `intervals.cut_windows`. Without `center`, on the
        summit where there is one; with ``summit``, each file must have some.
    generator
        Source of the random choice of background windows.
    task
        What is predicted; decides how labels in `columns` are named.
    columns
        Columns of the regions that hold the ``id``, the ``label`` (one or several) and the
        ``group``. Without ``id``, the id is the place of the window, such as ``chrI:100-300``;
        without ``group``, the group is the chromosome.
    feature
        GFF and GTF: the type of the lines to take.
    regions_format
        What the regions are, see `interval_files.Fields`; without it their files say so.
    keep
        ``column`` and ``equals``: take only the lines with that value there.
    missing
        Codes of labels and groups, as for `missing.without_missing`.
    aliases_path
        Table of chromosome names, see `genome.read_aliases`.
    circular
        Chromosomes that are read around their origin, beside those that a GFF file of `regions`,
        `exclude` or `away_from` marks.
    exclude
        Files of intervals that no window may touch.
    negatives
        ``ratio``, ``match``, ``distance`` and ``max_unknown`` of the background, see
        `background.draw_background`; None draws none. Windows of regions have to hold as many
        known bases as those of background.
    away_from
        More files of intervals that background windows must not come near.

    Returns
    -------
    Extraction
        Windows of regions in file order, then background windows in genome order. Windows on the
        minus strand are reverse-complemented. With the files of regions. Where a chromosome is
        circular, the candidates have the column `circles.CIRCLE`, and a window over the origin
        starts before it and ends beyond the chromosome's bases.

    Raises
    ------
    InputError
        When the files do not fit each other, or the genome has too little background.
    """
    aliases = None if aliases_path is None else read_aliases(aliases_path)
    columns = columns or {}
    with open_genome(genome_path) as genome:
        of_classes: Mapping[Any, str | Path] = (
            regions if isinstance(regions, Mapping) else {None: regions}
        )
        formats = dict.fromkeys([*exclude, *away_from])
        formats |= dict.fromkeys(of_classes.values(), regions_format)
        genome.circles = find_circles(genome, circular, formats, aliases)
        every_region = _read_regions(
            genome, of_classes, aliases, columns, task, feature, regions_format, keep, missing
        )
        wanted = every_region[every_region["kept"]]
        is_astray = wanted["astray"] != ""
        chosen, astray = wanted[~is_astray], wanted[is_astray]
        excluded = _read_all(genome, exclude, aliases)
        if center == "summit":
            _check_summits(chosen)
        every_window = from_origin(cut_windows(chosen, window, center or "summit", shift))
        if "id" in columns:
            _check_names(chosen)
        else:
            every_window["id"] = places_of(every_window)
        windows, dropped = _drop_unusable(genome, every_window, window, excluded, task)
        dropped = pd.concat([astray.assign(reason=astray["astray"]), dropped])
        if len(astray):
            print(f"{len(astray)} of {len(wanted)} regions do not lie on the genome; left out")
        windows, letters = letters_of_windows(genome, windows.assign(background=False), window)
        if negatives is not None:
            windows, letters, unknown = _drop_unknown(windows, letters, negatives["max_unknown"])
            dropped = pd.concat([dropped, unknown])
            # what ends beyond a chromosome lies on it in part
            on_genome = wanted[wanted["chrom"].isin(genome.names)]
            kept_off = [on_genome, every_window, *_read_all(genome, away_from, aliases)]
            background = draw_background(
                genome,
                windows,
                window,
                kept_off,
                excluded,
                generator,
                ratio=negatives["ratio"],
                match=negatives["match"],
                distance=negatives["distance"],
                max_unknown=negatives["max_unknown"],
            )
            background = on_circles(background.assign(id=places_of(background)), genome.circles)
            background, added = letters_of_windows(genome, background, window)
            windows = pd.concat([windows, background], ignore_index=True)
            letters = np.concatenate([letters, added])
    files = _files(every_region, windows, center)
    windows = windows.assign(original_length=window, part=None)
    if keep is not None:
        left_out = every_region[~every_region["kept"]]
        dropped = pd.concat([left_out.assign(reason=unlike(keep)), dropped])
    return Extraction(windows, letters, dropped, files)


def _read_regions(
    genome: Genome,
    files: Mapping[Any, str | Path],
    aliases: Aliases | None,
    columns: Mapping[str, Labels],
    task: str,
    feature: str | None,
    format: str | None,
    keep: Keep | None,
    missing: Codes,
) -> pd.DataFrame:
    """Regions of one file, or of one file a class, with their file, id, group, labels and kept.

    `files` are named by their class, one alone by None.
    """
    wanted: dict[str, Any] = {name: columns[name] for name in ("id", "group") if name in columns}
    if "label" in columns:
        wanted |= output_columns(columns["label"], task)

    if keep is not None:
        wanted["kept"] = keep["column"]

    tables = []
    for label, path in files.items():
        table = read_intervals_of(genome, path, aliases, wanted, feature, format)
        if feature is None and (table["format"] == "gff").all():
            raise InputError("is GFF or GTF; name the type of line to take with `feature`", path)
        kept = table["kept"].isin(wanted_values(keep)) if keep is not None else True
        table = table.assign(file=str(path), source=Path(path).name, kept=kept)
        if label is not None:
            table[target_column(OUTPUT)] = label
        if keep is not None:
            check_kept(table["kept"], keep, path, "region")
        check_astray(table[table["kept"]], genome, path)
        tables.append(table)

    joined = pd.concat(tables, ignore_index=True)
    joined["id"] = joined["id"] if "id" in columns else joined["name"]
    for name in target_columns(joined) if "label" in columns else ():
        joined[name] = without_missing(joined[name], missing)

    joined["group"] = (
        without_missing(joined["group"], missing) if "group" in columns else joined["chrom"]
    )

    return joined


def _check_summits(regions: pd.DataFrame) -> None:
    """Raise InputError for a file without any summit, where the configuration asks for them."""
    for file, rows in regions.groupby("file", sort=False):
        if (rows["summit"] >= 0).any():
            continue
        if rows["format"].iloc[0] == "narrowPeak":
            fault = "is a narrowPeak whose column 10 names no summit"
            remedy = "take `center: midpoint`, or call the peaks with summits"
        else:
            fault = f"is read as {rows['format'].iloc[0]}, which has no summits"
            remedy = (
                "take `center: midpoint`, or give a narrowPeak (of ten columns, the tenth the "
                "summit's distance from start; `regions_format: narrowPeak` says so of any file)"
            )
        raise InputError(f"{fault}, and `center: summit` asks for them; {remedy}", file)


def _files(regions: pd.DataFrame, windows: pd.DataFrame, center: str | None) -> pd.DataFrame:
    """What each file of regions was read as, and how many of its windows stand on a summit."""
    of_regions = windows[~windows["background"]]
    is_on_summit = (of_regions["summit"] >= 0) & (center in (None, "summit"))
    files = regions.groupby("file", sort=False)[["source", "format"]].first()
    files["windows"] = of_regions.groupby("file").size()
    files["on_summit"] = is_on_summit.groupby(of_regions["file"]).sum()
    files = files.fillna(0).astype({"windows": int, "on_summit": int})
    for row in files.itertuples():
        print(f"{row.source}: {row.format}, {row.windows} windows, {row.on_summit} on a summit")

    return files[REGION_FILE_COLUMNS]


def _check_names(regions: pd.DataFrame) -> None:
    unnamed = regions[(regions["id"] == "") | regions["id"].str.contains(r"[^!-~]")]
    if len(unnamed):
        raise InputError(
            f"the id {unnamed['id'].iloc[0]!r} must be a name in plain letters without blanks",
            unnamed["file"].iloc[0],
            int(unnamed["line"].iloc[0]),
        )
    repeated = regions[regions["id"].duplicated()]
    if len(repeated):
        raise InputError(
            f"the id {repeated['id'].iloc[0]!r} stands on an earlier line too; it must be unique",
            repeated["file"].iloc[0],
            int(repeated["line"].iloc[0]),
        )


def places_of(windows: pd.DataFrame) -> pd.Series:
    """Names of windows after their places, such as ``chrI:100-300``."""
    chrom, start, end = (
        pa.array(windows[column]).cast(pa.string()) for column in ("chrom", "start", "end")
    )
    span = pc.binary_join_element_wise(start, end, "-")
    return pd.Series(pc.binary_join_element_wise(chrom, span, ":"), windows.index, dtype="str")


def _drop_unusable(
    genome: Genome,
    windows: pd.DataFrame,
    window: int,
    excluded: Sequence[pd.DataFrame],
    task: str,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    lengths = genome.lengths(windows["chrom"])
    reasons = np.full(len(windows), "", dtype=object)
    place, targets = ["chrom", "start", "end"], target_columns(windows)
    empty = windows[targets].isna()
    # of several numbers some may be missing
    unlabeled = empty.all(axis=1) if targets and task == "regression" else empty.any(axis=1)
    repeated = windows.assign(unlabeled=unlabeled).duplicated([*place, "unlabeled"])
    other_label = repeated & ~windows.duplicated([*place, *targets])
    reasons[repeated] = "same window as an earlier line"
    reasons[other_label] = "same window as an earlier line, with another label"
    reasons[unlabeled] = UNLABELED
    for intervals in excluded:
        touching = covered_bases(windows, intervals) > 0
        reasons[touching] = f"touches an interval of {intervals['source'].iloc[0]}"

    outside = (windows["start"] < 0) | (windows["end"] > lengths)
    if CIRCLE in windows:
        on_circle = windows[CIRCLE] > 0
        outside &= ~on_circle
        too_long = on_circle & (window > lengths)
        reasons[too_long] = f"the {window} bp window is longer than the circular chromosome"

    reasons[outside] = f"the {window} bp window leaves the chromosome"
    usable = reasons == ""
    if not usable.any():
        raise InputError(
            f"no window of {window} bases is left: {reasons[0]}; the longest of these "
            f"chromosomes has {lengths.max()} bases",
            windows["file"].iloc[0],
        )

    unusable = windows[~usable].assign(reason=reasons[~usable])

    return windows[usable].reset_index(drop=True), unusable


def letters_of_windows(
    genome: Genome, windows: pd.DataFrame, window: int
) -> tuple[pd.DataFrame, NDArray[np.uint8]]:
    """The windows with their composition; their letters, along their strand, shape (n, window).

    None of them leaves its chromosome, but over the origin of a circular one.
    """
    letters = np.empty((len(windows), window), dtype=np.uint8)
    gc, unknown, soft_masked = (np.empty(len(windows)) for _ in range(3))
    starts = windows["start"].to_numpy(dtype=np.int64)
    minus = (windows["strand"] == "-").to_numpy()
    for chrom, rows in windows.groupby("chrom", sort=False).indices.items():
        chromosome, mask = genome.letters(str(chrom)), genome.soft_masked(str(chrom))
        if CIRCLE in windows and windows[CIRCLE].iloc[rows[0]]:
            # once around, and on until the last window ends
            chromosome, mask = (np.append(marks, marks[:window]) for marks in (chromosome, mask))
        gc[rows], unknown[rows] = describe_windows(chromosome, starts[rows], window)
        masked = count_in_windows(mask, starts[rows], window)
        soft_masked[rows] = masked / window
        windows_letters = sliding_window_view(chromosome, window)[starts[rows]]
        windows_letters[minus[rows]] = complement_letters(windows_letters[minus[rows]])
        letters[rows] = windows_letters
    return windows.assign(gc=gc, unknown=unknown, soft_masked=soft_masked), letters


def _drop_unknown(
    windows: pd.DataFrame, letters: NDArray[np.uint8], max_unknown: float
) -> tuple[pd.DataFrame, NDArray[np.uint8], pd.DataFrame]:
    """Windows with enough known bases for background, and their letters; the others, with why."""
    known = is_known(windows["unknown"], max_unknown).to_numpy()
    unknown = windows[~known]
    limit = f"more unknown bases than `max_unknown: {max_unknown:g}` allows"
    blank = unknown["unknown"] == 1
    counts = (
        f"{len(unknown):,} of {len(windows):,} windows of regions hold {limit}; {blank.sum():,} of "
        "them hold no known base"
    )

    if not known.any():
        remedy = "take a genome whose repeats are not masked by N"
        if not blank.all():
            remedy += ", or raise it"
        raise InputError(f"{counts}; {remedy}", windows["file"].iloc[0])
    if len(unknown):
        print(f"{counts}. They are left out, as such windows of the background are")
    reason = np.where(blank, "holds no known base", f"holds {limit}")
    return windows[known].reset_index(drop=True), letters[known], unknown.assign(reason=reason)


def _read_all(
    genome: Genome, paths: Sequence[str | Path], aliases: Aliases | None
) -> list[pd.DataFrame]:
    """Intervals to keep away from; those on chromosomes that the genome lacks do not matter."""
    tables = []
    for path in paths:
        table = read_intervals(path)
        table["chrom"] = rename_chromosomes(table["chrom"], genome.names, aliases)
        check_shares_chromosomes(table, genome.names, path)
        tables.append(on_circles(table, genome.circles).assign(source=Path(path).name))
    return tables
