"""Windows of a genome around new regions, cut as those of the training."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from basewise.core.errors import InputError
from basewise.examples.from_regions import letters_of_windows, places_of
from basewise.scoring.new_sequences import LETTERS, Block, Blocks, tell_reasons
from basewise.sequences.alphabet import PADDING_CODE, complement_letters
from basewise.sequences.circles import CIRCLE, find_circles, from_origin
from basewise.sequences.genome import Genome, open_genome, read_aliases
from basewise.sequences.intervals import check_astray, cut_windows, read_intervals_of
from basewise.store.contracts import Contract

SAME_NAMES = "Give both files the same names, or a table of `aliases`"

EDGE = "edge"
"""What is said of a window that leaves its chromosome: why it has no score, or a flag."""


def open_regions(
    path: str | Path,
    contract: Contract,
    *,
    genome: str | Path,
    aliases: str | Path | None = None,
    feature: str | None = None,
    regions_format: str | None = None,
    circular: Sequence[str] = (),
) -> Blocks:
    """Read regions, see `intervals.read_intervals`, and say what of them has no score.

    Each has a window of the model's length, with the center and shift of its training; one that was
    trained on sequences takes the summit, or else the midpoint. All are kept, in the order of the
    file, and named by it, or by their windows. A window that leaves its chromosome has no score,
    unless the model knows padding.

    Parameters
    ----------
    genome, aliases
        FASTA; table of the chromosomes' names, see `genome.read_aliases`.
    feature, regions_format, circular
        As in training, see `from_regions.extract_regions`.

    Raises
    ------
    InputError
        When the files do not fit each other or the model, and where there is nothing to score.
    """
    if contract.alphabet not in ("dna", "rna"):
        raise InputError(f"a model of {contract.alphabet} reads no windows of a genome", path)
    names = None if aliases is None else read_aliases(aliases)
    with open_genome(genome) as opened:
        opened.circles = find_circles(opened, circular, {path: regions_format}, names)
        circles = opened.circles
        regions = read_intervals_of(opened, path, names, None, feature, regions_format)
        if feature is None and (regions["format"] == "gff").all():
            raise InputError("is GFF or GTF; name the type of line to take with `feature`", path)
        check_astray(regions, opened, path, SAME_NAMES)
        windows = _windows(opened, regions, path, contract)

    reasons = Counter(windows["reason"][windows["reason"] != ""])
    tell_reasons(len(windows), reasons, "region")
    if len(windows) == reasons.total():
        raise InputError(
            f"has no window of {contract.length} bases that can be scored: "
            f"{reasons.most_common(1)[0][0]}",
            path,
        )
    step = LETTERS // contract.length + 1

    def blocks() -> Iterator[Block]:
        with open_genome(genome) as opened:
            opened.circles = circles
            for start in range(0, len(windows), step):
                yield _block(opened, windows.iloc[start : start + step], contract.length)

    return blocks


def _windows(
    genome: Genome, regions: pd.DataFrame, path: str | Path, contract: Contract
) -> pd.DataFrame:
    """Windows with id, reason, and whether they leave their chromosome, region by region."""
    asked = contract.window or {"center": None, "shift": 0}
    has_no_summit = (regions["summit"] < 0) & (regions["end"] - regions["start"] > 1)
    if asked["center"] == "summit" and has_no_summit.any():
        wrong = regions[has_no_summit].iloc[0]
        raise InputError(
            f"the model was trained on windows around summits, and {has_no_summit.sum():,} of "
            f"{len(regions):,} regions have none; give a narrowPeak, or regions of one base",
            path,
            int(wrong["line"]),
        )
    around = cut_windows(regions, contract.length, asked["center"] or "summit", asked["shift"])
    windows = from_origin(around)
    windows["id"] = windows["name"].where(windows["name"] != "", places_of(windows))

    reasons = windows["astray"].to_numpy(dtype=object, copy=True)
    on_genome = np.flatnonzero(reasons == "")
    inside = windows.iloc[on_genome]
    lengths = genome.lengths(inside["chrom"])
    leaves = (inside["start"] < 0) | (inside["end"] > lengths)
    cannot = leaves
    if contract.lengths["policy"] == "pad":
        cannot = (inside["end"] <= 0) | (inside["start"] >= lengths)
    if CIRCLE in inside:
        is_linear = inside[CIRCLE] == 0
        leaves, cannot = leaves & is_linear, cannot.where(is_linear, contract.length > lengths)
    reasons[on_genome[cannot.to_numpy()]] = EDGE
    return windows.assign(reason=reasons, leaves=leaves.reindex(windows.index, fill_value=False))


def _block(genome: Genome, windows: pd.DataFrame, length: int) -> Block:
    """The letters of some windows along their strands, ``-`` where one leaves its chromosome."""
    scored = windows[windows["reason"] == ""].reset_index(drop=True)
    leaves = scored["leaves"].to_numpy()
    letters = np.full((len(scored), length), PADDING_CODE, dtype=np.uint8)
    whole = scored[~leaves].reset_index(drop=True)
    letters[~leaves] = letters_of_windows(genome, whole, length)[1]
    for row in np.flatnonzero(leaves).tolist():
        letters[row] = _hanging_over(genome, scored.iloc[row], length)

    columns = ["id", "line", "chrom", "start", "end", "strand", "reason"]
    table = windows[columns].reset_index(drop=True)
    if CIRCLE in windows:
        table[CIRCLE] = windows[CIRCLE].to_numpy()
    return Block(table, letters, np.where(leaves, f"{EDGE}; padded", ""))


def _hanging_over(genome: Genome, window: pd.Series, length: int) -> NDArray[np.uint8]:
    """The letters of one window that leaves its chromosome."""
    chromosome = genome.letters(window["chrom"])
    first, last = max(window["start"], 0), min(window["end"], len(chromosome))
    letters = np.full(length, PADDING_CODE, dtype=np.uint8)
    place = first - window["start"]
    letters[place : place + last - first] = chromosome[first:last]
    return complement_letters(letters[None])[0] if window["strand"] == "-" else letters
