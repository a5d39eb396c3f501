"""Candidates from the regions of a BED file on a genome, with background windows if asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyfaidx import Fasta

from basewise.alphabet import complement_letters, encode
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
    regions = read_bed(regions_path, keep)
    with open_genome(genome_path) as genome:
        lengths = {record.name: len(record) for record in genome}
        check_inside(regions, lengths, regions_path, genome_path)
        if named:
            _check_names(regions, regions_path)
        windows = centre_windows(regions, window)
        windows["id"] = windows["name"] if named else _places(windows)
        windows = windows.assign(source=Path(regions_path).name, label=None)
        windows, dropped = _drop_unusable(windows, lengths, window)
        letters = _window_letters(genome, windows, window, genome_path)
        if negatives is not None:
            blocked = _blocked(windows, away_from, int(negatives["distance"]), lengths, genome_path)
            chroms = set(windows["chrom"])
            tiles = pd.concat(
                background_tiles(
                    chromosome_letters(genome, chrom), chrom, window, blocked, generator
                )
                for chrom in lengths
                if chrom in chroms
            )
            background = choose_background(
                tiles, gc_content(letters), negatives["ratio"], negatives["match"], generator
            )
            background = background.assign(
                id=_places(background),
                strand=".",
                source=Path(genome_path).name,
                line=pd.NA,
                label="0",
            )
            letters = np.concatenate(
                [letters, _window_letters(genome, background, window, genome_path)]
            )
            windows = pd.concat([windows.assign(label="1"), background], ignore_index=True)
    return Extraction(windows[CANDIDATE_COLUMNS], letters, dropped)


def _check_names(regions: pd.DataFrame, path: str | Path) -> None:
    unnamed = regions[(regions["name"] == "") | regions["name"].str.contains(r"\s")]
    if len(unnamed):
        raise InputError(
            "column 4 must name the region, without blanks, for the labels to be joined",
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
    windows: pd.DataFrame, lengths: Mapping[str, int], window: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    outside = (windows["start"] < 0) | (windows["end"] > windows["chrom"].map(lengths))
    repeated = windows["id"].duplicated() & ~outside
    reasons = pd.Series("", index=windows.index)
    reasons[outside] = f"the {window} bp window leaves the chromosome"
    reasons[repeated] = "same window as an earlier line"
    unusable = outside | repeated
    dropped = windows.assign(reason=reasons)[unusable]
    return windows[~unusable].reset_index(drop=True), dropped[DROPPED_COLUMNS]


def _window_letters(
    genome: Fasta, windows: pd.DataFrame, window: int, genome_path: str | Path
) -> NDArray[np.uint8]:
    letters = np.empty((len(windows), window), dtype=np.uint8)
    for chrom, rows in windows.groupby("chrom", sort=False):
        starts = rows["start"].to_numpy(dtype=np.int64)
        chromosome = chromosome_letters(genome, str(chrom))
        letters[rows.index] = chromosome[starts[:, None] + np.arange(window)]
    minus = (windows["strand"] == "-").to_numpy()
    letters[minus] = complement_letters(letters[minus])
    try:
        encode(letters)
    except InputError as mistake:
        raise InputError(str(mistake), genome_path) from None
    return letters


def _blocked(
    windows: pd.DataFrame,
    away_from: Sequence[str | Path],
    distance: int,
    lengths: Mapping[str, int],
    genome_path: str | Path,
) -> pd.DataFrame:
    intervals = [windows]
    for path in away_from:
        others = read_bed(path)
        check_inside(others, lengths, path, genome_path)
        intervals.append(others)
    blocked = pd.concat(intervals)[["chrom", "start", "end"]]
    return blocked.assign(
        start=(blocked["start"] - distance).clip(lower=0), end=blocked["end"] + distance
    )
