"""Candidates from the regions of a BED file on a genome, with background windows if asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyfaidx import Fasta

from basewise.alphabet import complement_letters, foreign_letters
from basewise.composition import gc_content
from basewise.errors import InputError
from basewise.extraction import Extraction
from basewise.intervals import centre_windows, check_inside, read_bed
from basewise.negatives import background_tiles, choose_background
from basewise.sequences import chromosome_letters, open_genome
from basewise.tables import CANDIDATE_COLUMNS, DROPPED_COLUMNS

__all__ = ["extract_regions"]


def extract_regions(
    genome_path: str | Path,
    regions_path: str | Path,
    *,
    window: int,
    generator: np.random.Generator,
    keep: Mapping[str, str | int] | None = None,
    named: bool = False,
    negatives: Mapping[str, Any] | None = None,
    away_from: Sequence[str | Path] = (),
) -> Extraction:
    """Cut windows around the regions of a BED file, and background windows if asked for.

    Parameters
    ----------
    genome_path, regions_path
        FASTA and BED, plain or gzip.
    window
        Bases of a window, centred on its region.
    generator
        Source of the random choice of background windows.
    keep
        Which lines of the BED file to take, see `intervals.read_bed`.
    named
        Whether column 4 of the BED file is the id, as labels in another file need it;
        otherwise the id is the place of the window, such as ``chrI:100-300``.
    negatives
        ``ratio``, ``match`` and ``distance`` of the background, see `negatives`; None draws none.
        It comes from the chromosomes that the regions lie on.
    away_from
        More BED files that background windows must not come near.

    Returns
    -------
    Extraction
        Windows of regions in file order, then background windows in genome order; the labels are
        1 and 0 where background is drawn, and empty otherwise. Windows on the minus strand are
        reverse-complemented.

    Raises
    ------
    InputError
        When the files do not fit each other, or the genome has too little background.
    """
    every_region = read_bed(regions_path, keep)
    with open_genome(genome_path) as genome:
        lengths = {record.name: len(record) for record in genome}
        check_inside(every_region, lengths, regions_path, genome_path)
        every_region = every_region.assign(source=Path(regions_path).name, label=None)
        regions = every_region[every_region["kept"]]
        if named:
            _check_names(regions, regions_path)
        windows = centre_windows(regions, window)
        windows["id"] = windows["name"] if named else _places(windows)
        windows, dropped = _drop_unusable(windows, lengths, window, regions_path)
        letters = _window_letters(genome, windows, window, genome_path)
        if negatives is not None:
            blocked = [regions, windows, *_read_all(away_from, lengths, genome_path)]
            background = _background(
                genome, blocked, letters, set(windows["chrom"]), window, negatives, generator
            )
            background["source"] = Path(genome_path).name
            added = _window_letters(genome, background, window, genome_path)
            letters = np.concatenate([letters, added])
            windows = pd.concat([windows.assign(label="1"), background], ignore_index=True)
    left_out = every_region[~every_region["kept"]]
    if keep is not None:
        reason = f"column {keep['column']} is not {keep['equals']}"
        dropped = pd.concat([left_out.assign(id=left_out["name"], reason=reason), dropped])
    return Extraction(windows[CANDIDATE_COLUMNS], letters, dropped[DROPPED_COLUMNS])


def _check_names(regions: pd.DataFrame, path: str | Path) -> None:
    unnamed = regions[(regions["name"] == "") | regions["name"].str.contains(r"[^!-~]")]
    if len(unnamed):
        raise InputError(
            "column 4 must name the region in plain letters without blanks; labels are joined "
            "on it",
            path,
            int(unnamed["line"].iloc[0]),
        )
    repeated = regions[regions["name"].duplicated()]
    if len(repeated):
        raise InputError(
            f"the name {repeated['name'].iloc[0]!r} stands on an earlier line too; "
            "labels are joined on it, so it must be unique",
            path,
            int(repeated["line"].iloc[0]),
        )


def _places(windows: pd.DataFrame) -> pd.Series:
    start, end = windows["start"].astype(str), windows["end"].astype(str)
    return windows["chrom"] + ":" + start + "-" + end


def _drop_unusable(
    windows: pd.DataFrame, lengths: Mapping[str, int], window: int, path: str | Path
) -> tuple[pd.DataFrame, pd.DataFrame]:
    outside = (windows["start"] < 0) | (windows["end"] > windows["chrom"].map(lengths))
    repeated = windows.duplicated(["chrom", "start", "end"]) & ~outside
    reasons = pd.Series("", index=windows.index)
    reasons[outside] = f"the {window} bp window leaves the chromosome"
    reasons[repeated] = "same window as an earlier line"
    unusable = outside | repeated
    if unusable.all():
        raise InputError(
            f"no window of {window} bases fits, the longest chromosome has "
            f"{max(lengths.values())}; lower `window`",
            path,
        )
    return windows[~unusable].reset_index(drop=True), windows.assign(reason=reasons)[unusable]


def _window_letters(
    genome: Fasta, windows: pd.DataFrame, window: int, genome_path: str | Path
) -> NDArray[np.uint8]:
    letters = np.empty((len(windows), window), dtype=np.uint8)
    for chrom, rows in windows.groupby("chrom", sort=False):
        starts = rows["start"].to_numpy(dtype=np.int64)
        chromosome = chromosome_letters(genome, str(chrom))
        letters[rows.index] = chromosome[starts[:, None] + np.arange(window)]
    foreign = foreign_letters(letters)
    if len(foreign):
        row, column = foreign[0]
        place = f"{windows['chrom'][row]}:{windows['start'][row] + column + 1}"
        raise InputError(
            f"{chr(letters[row, column])!r} at {place} (counted from 1) is no base and no IUPAC "
            "code",
            genome_path,
        )
    minus = (windows["strand"] == "-").to_numpy()
    letters[minus] = complement_letters(letters[minus])
    return letters


def _background(
    genome: Fasta,
    blocked: Sequence[pd.DataFrame],
    positives: NDArray[np.uint8],
    chroms: set[str],
    window: int,
    negatives: Mapping[str, Any],
    generator: np.random.Generator,
) -> pd.DataFrame:
    kept_off = pd.concat(blocked)[["chrom", "start", "end"]]
    kept_off["start"] = (kept_off["start"] - negatives["distance"]).clip(lower=0)
    kept_off["end"] += negatives["distance"]
    tiles = pd.concat(
        background_tiles(
            chromosome_letters(genome, record.name), record.name, window, kept_off, generator
        )
        for record in genome
        if record.name in chroms
    )
    chosen = choose_background(
        tiles, gc_content(positives), negatives["ratio"], negatives["match"], generator
    )
    return chosen.assign(id=_places(chosen), strand=".", line=pd.NA, label="0")


def _read_all(
    paths: Sequence[str | Path], lengths: Mapping[str, int], genome_path: str | Path
) -> list[pd.DataFrame]:
    tables = []
    for path in paths:
        tables.append(read_bed(path))
        check_inside(tables[-1], lengths, path, genome_path)
    return tables
