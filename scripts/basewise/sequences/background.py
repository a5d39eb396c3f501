"""Background windows drawn from the genome that the positives come from."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from basewise.core.errors import InputError
from basewise.sequences.circles import cut_at_origin
from basewise.sequences.composition import describe_windows
from basewise.sequences.genome import Genome
from basewise.sequences.intervals import covered_bases

GC_BIN = 0.02

SHARE_TOLERANCE = 0.02


def draw_background(
    genome: Genome,
    positives: pd.DataFrame,
    window: int,
    kept_off: Sequence[pd.DataFrame],
    excluded: Sequence[pd.DataFrame],
    generator: np.random.Generator,
    *,
    ratio: float = 1,
    match: str = "gc",
    distance: int = 0,
    max_unknown: float = 0,
) -> pd.DataFrame:
    """Draw background windows from the chromosomes that the positives lie on, in genome order.

    Columns: chrom, start, end, strand, source, line, group, background.

    Parameters
    ----------
    positives
        chrom and gc of the positive windows.
    kept_off, excluded
        chrom, start, end of intervals that the background keeps `distance` bases from; and of
        those that it must not touch. With `circles.CIRCLE` they may lie over an origin; background
        never does.
    ratio, match
        See `choose_background`.
    max_unknown
        See `is_known`.
    """
    off = pd.concat(kept_off)
    off = off.assign(start=off["start"] - distance, end=off["end"] + distance)
    blocked = pd.concat([cut_at_origin(table) for table in (off, *excluded)])
    blocked["start"] = blocked["start"].clip(lower=0)
    present = set(positives["chrom"])
    tiles = pd.concat(
        background_tiles(genome.letters(chrom), chrom, window, blocked, generator)
        for chrom in genome.names
        if chrom in present
    )
    known = is_known(tiles["unknown"], max_unknown)
    left_out = int((~known).sum())
    if left_out:
        print(
            f"{left_out:,} of {len(tiles):,} possible background windows hold more unknown bases "
            f"than `max_unknown: {max_unknown:g}` allows and are left out"
        )

    positives_gc = positives["gc"].to_numpy()
    chosen = choose_background(tiles[known], positives_gc, ratio, match, generator, left_out)

    return chosen[["chrom", "start", "end"]].assign(
        strand=".",
        source=Path(genome.path).name,
        line=pd.NA,
        group=chosen["chrom"],
        background=True,
    )


def is_known(unknown: pd.Series, max_unknown: float) -> pd.Series:
    """Whether no more than an allowed share of a window is unknown, in both classes alike.

    With a rule for background alone, a network could tell the classes apart by their unknown bases.
    A window without any known base never is: it has no GC content.
    """
    return (unknown <= max_unknown) & (unknown < 1)


def background_tiles(
    letters: NDArray[np.uint8],
    chrom: str,
    window: int,
    blocked: pd.DataFrame,
    generator: np.random.Generator,
) -> pd.DataFrame:
    """Windows of one chromosome that could serve as background: chrom, start, end, gc, unknown.

    The chromosome is cut into adjoining windows from a random first base on, so that no two of
    them overlap; those that touch a blocked interval are left out.
    """
    starts = np.arange(generator.integers(window), len(letters) - window + 1, window)
    tiles = pd.DataFrame({"chrom": chrom, "start": starts, "end": starts + window})
    tiles = tiles[covered_bases(tiles, blocked) == 0].reset_index(drop=True)
    composition = describe_windows(letters, tiles["start"].to_numpy(dtype=np.int64), window)
    return tiles.assign(gc=composition.gc, unknown=composition.unknown)


def choose_background(
    tiles: pd.DataFrame,
    positives_gc: NDArray[np.float64],
    ratio: float,
    match: str,
    generator: np.random.Generator,
    left_out: int = 0,
) -> pd.DataFrame:
    """Draw rows of `tiles`, with their gc, without replacement; `ratio` of them for each positive.

    `match` ``gc`` gives each GC bin (2 %) the share of windows that the positives have there, or
    the nearest GC where the genome has too few; ``none`` draws from all alike. `left_out` are
    windows that hold too many unknown bases, for the remedy of an error.

    Raises
    ------
    InputError
        When the genome has too few windows, or matching would leave a bin's share more than 0.02,
        and more than one window, away from the positives'.
    """
    remedy = "lower `ratio` or `distance`"
    if left_out:
        remedy += f", raise `max_unknown` ({left_out:,} windows hold too many unknown bases)"
    wanted = round(ratio * len(positives_gc))
    if len(tiles) < wanted:
        raise InputError(
            f"negatives: the genome has {len(tiles)} background windows, {wanted} are needed; "
            f"{remedy}"
        )
    order = generator.permutation(len(tiles))
    if match == "none":
        chosen = order[:wanted]
    else:
        gc = tiles["gc"].to_numpy()[order]
        quota = _gc_quota(positives_gc, wanted)
        nearest = _nearest_in_gc(gc, quota)
        _check_match(gc[nearest], quota, remedy)
        chosen = order[nearest]
    return tiles.iloc[np.sort(chosen)].reset_index(drop=True)


def _gc_quota(positives_gc: NDArray[np.float64], wanted: int) -> NDArray[np.int64]:
    """How many of the wanted windows each GC bin is to give, in the shares of the positives."""
    counts = np.bincount(_gc_bin(positives_gc), minlength=round(1 / GC_BIN) + 1)
    reached = np.round(np.cumsum(counts) * wanted / counts.sum())
    quota: NDArray[np.int64] = np.diff(reached, prepend=0).astype(np.int64)
    return quota


def _nearest_in_gc(gc: NDArray[np.float64], quota: NDArray[np.int64]) -> NDArray[np.int64]:
    """Indices into `gc`: each bin takes its quota from the nearest GC, the rarest bin first."""
    free = np.ones(len(gc), dtype=np.bool_)
    bins = _gc_bin(gc)
    for level in np.argsort(quota, kind="stable"):
        candidates = np.flatnonzero(free)
        steps_away = np.abs(bins[candidates] - level)
        free[candidates[np.argsort(steps_away, kind="stable")[: quota[level]]]] = False
    return np.flatnonzero(~free)


def _check_match(chosen_gc: NDArray[np.float64], quota: NDArray[np.int64], remedy: str) -> None:
    drawn = np.bincount(_gc_bin(chosen_gc), minlength=len(quota))
    lacking = quota - drawn
    if np.abs(lacking).max() > max(1, SHARE_TOLERANCE * quota.sum()):
        worst = int(lacking.argmax())
        raise InputError(
            f"negatives: {quota[worst]} windows with GC {worst * GC_BIN:.2f} to "
            f"{(worst + 1) * GC_BIN:.2f} are needed, the genome can give {drawn[worst]}; "
            f"{remedy}, or set `match: none`"
        )


def _gc_bin(gc: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.floor(gc / GC_BIN + 1e-9).astype(np.int64)
