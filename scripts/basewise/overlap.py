"""Labels from the overlap of windows with files of peaks, as in DeepSEA."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import bioframe
import pandas as pd

from basewise.chromosomes import Aliases, rename_chromosomes
from basewise.intervals import check_shares_chromosomes, read_intervals
from basewise.tables import target_column

__all__ = ["read_overlaps"]


def read_overlaps(
    candidates: pd.DataFrame,
    files: Mapping[str, str | Path],
    aliases: Aliases | None = None,
    *,
    bases: int = 1,
    within: int | None = None,
) -> pd.DataFrame:
    """Label each window by the peak files that it overlaps.

    Parameters
    ----------
    candidates
        chrom, start, end of each window; one without a place, a shuffled sequence, overlaps
        nothing.
    files
        Output to its file of intervals.
    aliases
        Names of chromosomes, see `chromosomes.read_aliases`.
    bases
        A window is positive when the intervals of a file cover at least so many of its bases;
        DeepSEA (Zhou and Troyanskaya, Nat Methods 12:931, 2015) took 100 of a bin of 200.
    within
        Compare only so many bases in the middle of each window; None compares all.

    Returns
    -------
    DataFrame
        One text column ``target.<output>`` a file, 0 or 1, rows as in `candidates`.

    Raises
    ------
    InputError
        When none of a file's chromosomes is one of the windows'.
    """
    placed = candidates[candidates["start"].notna()]
    spans = placed[["chrom", "start", "end"]].astype({"start": int, "end": int})
    if within is not None:
        spans["start"] += (spans["end"] - spans["start"]) // 2 - within // 2
        spans["end"] = spans["start"] + within
    known = spans["chrom"].unique()
    targets = pd.DataFrame(index=placed.index)
    for output, path in files.items():
        peaks = read_intervals(path)
        peaks["chrom"] = rename_chromosomes(peaks["chrom"], known, aliases)
        check_shares_chromosomes(peaks, known, path)
        covered = bioframe.coverage(spans, peaks[["chrom", "start", "end"]])["coverage"]
        targets[target_column(output)] = (covered.to_numpy() >= bases).astype(int).astype(str)
    return targets.reindex(candidates.index, fill_value="0")
