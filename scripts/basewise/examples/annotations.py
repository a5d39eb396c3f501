"""Labels that other files of intervals give: peaks that overlap a window, features of each base."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from basewise.core.errors import InputError
from basewise.examples.targets import TAKEN
from basewise.sequences.circles import (
    CIRCLE,
    Circles,
    add_circles,
    circles_of,
    cut_at_origin,
    on_circles,
)
from basewise.sequences.genome import Aliases, rename_chromosomes
from basewise.sequences.interval_files import is_annotation
from basewise.sequences.intervals import (
    check_shares_chromosomes,
    covered_bases,
    read_intervals,
)
from basewise.store.arrays import write_array
from basewise.store.tables import OUTPUT, target_column, write_table


def read_overlaps(
    candidates: pd.DataFrame,
    files: Mapping[str, str | Path],
    aliases: Aliases | None = None,
    *,
    bases: int = 1,
    within: int | None = None,
) -> pd.DataFrame:
    """Label each window by the peak files that it overlaps: one column ``target.<output>`` a file.

    Text, 0 or 1, rows as in `candidates` (chrom, start, end); a window without a place, a shuffled
    sequence, overlaps nothing. It is positive when the intervals of a file cover at least so many
    `bases` of it, or of the middle that `within` says; DeepSEA (Zhou and Troyanskaya, Nat Methods
    12:931, 2015) took 100 of a bin of 200.

    Raises
    ------
    InputError
        When none of a file's chromosomes is one of the windows', or it gives a circular one other
        bases.
    """
    placed = candidates[candidates["start"].notna()]
    spans = placed.astype({"start": int, "end": int})
    if within is not None:
        spans["start"] += (spans["end"] - spans["start"]) // 2 - within // 2
        spans["end"] = spans["start"] + within
    known = spans["chrom"].unique()
    targets = pd.DataFrame(index=placed.index)
    for output, path in files.items():
        peaks = read_intervals(path)
        peaks["chrom"] = rename_chromosomes(peaks["chrom"], known, aliases)
        check_shares_chromosomes(peaks, known, path)
        peaks = on_circles(peaks, add_circles(circles_of(placed), path, known, aliases))
        overlaps = covered_bases(spans, peaks) >= bases
        targets[target_column(output)] = overlaps.astype(int).astype(str)
    return targets.reindex(candidates.index, fill_value="0")


def read_features(
    path: str | Path,
    classes: Mapping[str, str],
    chroms: Sequence[str],
    aliases: Aliases | None = None,
    circles: Circles | None = None,
) -> pd.DataFrame:
    """Read the features that give bases their class: chrom, start, end, strand, rank, the first 0.

    A feature over the origin of a circular chromosome is two rows.

    Parameters
    ----------
    path
        GFF or GTF, whose types name the features; or BED, whose column 4 does.
    classes
        Class to the feature that gives it, the first one winning where several cover a base.
    chroms, circles
        Chromosomes of the windows, and those of them that are circular.

    Raises
    ------
    InputError
        When the file has no such feature, shares no chromosome with the windows, or gives a
        circular one other bases.
    """
    table = read_intervals(path, {"type": "type" if is_annotation(path) else "name"})
    for feature in classes.values():
        if feature not in set(table["type"]):
            known = ", ".join(sorted(table["type"].unique())[:12])
            raise InputError(f"holds no feature {feature!r}; there are {known}", path)

    table["chrom"] = rename_chromosomes(table["chrom"], chroms, aliases)
    check_shares_chromosomes(table, chroms, path)
    table["rank"] = table["type"].map({feature: at for at, feature in enumerate(classes.values())})
    table = table.dropna(subset="rank").astype({"rank": int})
    places = cut_at_origin(on_circles(table, add_circles(circles or {}, path, chroms, aliases)))

    return places.join(table[["strand", "rank"]])


def label_positions(
    windows: pd.DataFrame, features: pd.DataFrame, classes: int, strand: str = "same"
) -> NDArray[np.uint8]:
    """Give each base of each window the class of the feature that covers it, shape (n, length).

    0 where no feature is, else 1 + rank; along the window's strand, as its letters are. Windows are
    of one length. `strand` ``same`` takes features on the window's strand; a window or feature
    without a strand goes with both. ``any`` takes all.
    """
    starts = windows["start"].to_numpy(dtype=np.int64)
    length = int(windows["end"].iloc[0]) - int(starts[0])
    labels = np.zeros((len(windows), length), dtype=np.uint8)
    strands = windows["strand"] if strand == "same" else pd.Series(".", index=windows.index)
    for (chrom, sense), rows in windows.groupby(["chrom", strands], sort=False).indices.items():
        on_chromosome = features[features["chrom"] == chrom]
        if sense != ".":
            on_chromosome = on_chromosome[on_chromosome["strand"].isin([sense, "."])]
        painted = _paint(on_chromosome, classes, int(starts[rows].max()) + length)
        if CIRCLE in windows and (circle := windows[CIRCLE].iloc[rows[0]]):
            painted[circle:] = painted[: max(0, len(painted) - circle)]
        labels[rows] = sliding_window_view(painted, length)[starts[rows]]

    minus = (windows["strand"] == "-").to_numpy()
    labels[minus] = labels[minus, ::-1]

    return labels


def check_class_names(names: Sequence[str]) -> None:
    """Raise InputError when a class of positions has the name of all classes together."""
    if OUTPUT in names:
        raise InputError(f"`features`: {OUTPUT!r} {TAKEN}")


def write_positions(
    labels: NDArray[np.uint8], names: Sequence[str], array: str | Path, counts: str | Path
) -> None:
    """Write the classes of all positions (npy) and how many bases each class has (tsv).

    Errors are those of `check_class_names`.
    """
    check_class_names(names)
    write_array(labels, array)
    bases = np.bincount(labels.ravel(), minlength=len(names))
    table = pd.DataFrame({"class": names, "bases": bases, "share": bases / max(labels.size, 1)})
    write_table(table, counts)
    print(table.to_string(index=False))


def _paint(features: pd.DataFrame, classes: int, bases: int) -> NDArray[np.uint8]:
    """Class of each base of a chromosome, the lowest rank on top, shape (bases,)."""
    painted = np.zeros(bases, dtype=np.uint8)
    for rank in reversed(range(classes)):
        of_rank = features[features["rank"] == rank]
        for start, end in zip(of_rank["start"], of_rank["end"], strict=True):
            painted[start:end] = 1 + rank
    return painted
