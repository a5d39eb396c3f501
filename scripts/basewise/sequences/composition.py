"""What sequences consist of."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from basewise.sequences.alphabet import PADDING_CODE

STRONG, WEAK = b"GCS", b"ATUW"

KNOWN = {"dna": b"ACGT", "rna": b"ACGTU", "protein": b"ACDEFGHIKLMNPQRSTVWY"}


class Composition(NamedTuple):
    """What each of n sequences consists of, shape (n,).

    `gc` is the share of G and C (and S) among the bases known to be strong or weak, NaN where there
    is none, and for proteins; `unknown` that of letters for more than one base or amino acid.
    """

    gc: NDArray[np.float64]
    unknown: NDArray[np.float64]


def describe(letters: NDArray[np.uint8], alphabet: str = "dna") -> Composition:
    """Composition of sequences, upper case, shape (n, length); padding counts nowhere."""
    filled = letters.shape[1] - _count(letters, bytes([PADDING_CODE]))
    known = _count(letters, KNOWN[alphabet])
    gc = gc_content(letters) if alphabet != "protein" else np.full(len(letters), np.nan)
    return Composition(gc, 1 - _share(known, filled))


def describe_windows(
    chromosome: NDArray[np.uint8], starts: NDArray[np.int64], window: int
) -> Composition:
    """Composition of windows of a chromosome, upper case, from running counts along it."""
    strong = count_in_windows(_marks(chromosome, STRONG), starts, window)
    is_known = _marks(chromosome, KNOWN["dna"])
    if is_known.all():
        return Composition(strong / window, np.zeros(len(starts)))
    weak = count_in_windows(_marks(chromosome, WEAK), starts, window)
    known = count_in_windows(is_known, starts, window)
    return Composition(_share(strong, strong + weak), 1 - known / window)


def gc_content(letters: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Share of G and C (and S) among the bases that are known to be strong or weak, shape (...).

    From character codes (..., length); NaN where no base is known.
    """
    strong = _count(letters, STRONG)
    return _share(strong, strong + _count(letters, WEAK))


def _count(letters: NDArray[np.uint8], wanted: bytes) -> NDArray[np.int64]:
    marks = _marks(letters, wanted)
    counts: NDArray[np.int64] = marks.sum(axis=-1, dtype=np.int64)
    return counts


def _marks(letters: NDArray[np.uint8], wanted: bytes) -> NDArray[np.bool_]:
    """Which letters are wanted ones."""
    marks: NDArray[np.bool_] = letters == wanted[0]
    for letter in wanted[1:]:
        marks |= letters == letter
    return marks


def count_in_windows(
    marks: NDArray[np.uint8] | NDArray[np.bool_], starts: NDArray[np.int64], window: int
) -> NDArray[np.int64]:
    """Marked bases (1, not 0) in each window of a chromosome, from running counts along it."""
    if not marks.any():
        return np.zeros(len(starts), dtype=np.int64)
    running = np.zeros(len(marks) + 1, dtype=np.int32)
    np.cumsum(marks, out=running[1:])
    counts: NDArray[np.int64] = (running[starts + window] - running[starts]).astype(np.int64)
    return counts


def _share(part: NDArray[np.int64], whole: NDArray[np.int64]) -> NDArray[np.float64]:
    with np.errstate(invalid="ignore"):
        share: NDArray[np.float64] = part / whole
    return share
