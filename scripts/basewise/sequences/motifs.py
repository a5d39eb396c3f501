"""Motif collections: the probability of each letter at each position of a site, and their hits.

The score of a place is the sum of log2 odds against a uniform background (Stormo, Bioinformatics
16:16, 2000, doi 10.1093/bioinformatics/16.1.16; Wasserman and Sandelin, Nat Rev Genet 5:276, 2004,
doi 10.1038/nrg1315). Collections hold counts of any total, or none, so that the pseudocount is one
of probabilities.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from basewise.core.errors import InputError
from basewise.core.files import read_lines
from basewise.core.text import check_names

PSEUDOCOUNT = 0.01
"""Added to each probability of a motif before its logarithm is taken."""

BACKGROUND = 0.25
"""Probability of each letter where there is no site."""

BLOCK = 2**23
"""Numbers that a block of places has at most, unless one sequence alone has more."""

LETTERS = ("A", "C", "G", "TU")
"""Letters of a motif in their order; T and U are one."""

FORMATS = "give JASPAR profiles or MEME motifs with letter-probability matrices"

COUNTS = re.compile(r"\s*(?:([A-Za-z])(?=[\s[]))?\s*\[?([^][]*)\]?\s*")
"""A row of JASPAR: its letter and its counts, in brackets or not."""

NUMBER = re.compile(r"(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", re.ASCII)

MATRIX = "letter-probability matrix:"

ANNOUNCED = re.compile(r"\b(alength|w)=\s*(\S*)")

BEGINS_ROW = re.compile(r"\s*[-+]?\.?\d")

MOST_ROUNDED = 0.05
"""How far rows of two digits can miss 1; a digit that is wrong misses by more."""


class Motif(NamedTuple):
    """A motif, named as in JASPAR (``MA0363.1 REB1``), or by the first name in MEME.

    `probabilities` have the shape (width, 4), float64, order A, C, G, T (or U); each row sums to 1.
    No pseudocounts.
    """

    name: str
    probabilities: NDArray[np.float64]


def read_motifs(paths: str | Path | Sequence[str | Path]) -> list[Motif]:
    """Read a motif collection, or several one after the other, in the order of the files.

    JASPAR profiles (``>identifier name`` and four rows of counts, with or without brackets) or MEME
    motifs (version 4 and up, with letter-probability matrices); plain or gzip.

    Raises
    ------
    InputError
        For a file in another format, without motifs, or with a motif that is no table of counts.
    """
    files = [paths] if isinstance(paths, str | Path) else paths
    return [motif for path in files for motif in _collection(path)]


def log_odds(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """Score of each letter at each position of a motif: log2 of its odds against the background.

    Parameters
    ----------
    probabilities
        Shape (width, 4), each row sums to 1.
    """
    smoothed = (probabilities + PSEUDOCOUNT) / (1 + 4 * PSEUDOCOUNT)
    odds: NDArray[np.float64] = np.log2(smoothed / BACKGROUND)
    return odds


def best_hits(
    onehot: NDArray[np.uint8], matrices: Sequence[NDArray[np.float64]], *, both_strands: bool
) -> NDArray[np.float32]:
    """Highest score of each matrix over all places of a sequence, on either strand.

    From possible letters, shape (n, length, 4), and matrices of `log_odds`, to shape (n, matrices).
    A letter that may be several scores their mean. Padding scores as the worst letter; so does what
    a sequence shorter than a matrix lacks.
    """
    hits = np.empty((len(onehot), len(matrices)), dtype=np.float32)
    widths = np.array([len(matrix) for matrix in matrices])
    for width in np.unique(widths):
        hits[:, widths == width] = _best_of_width(
            onehot, np.stack([matrix for matrix in matrices if len(matrix) == width]), both_strands
        )
    return hits


def _best_of_width(
    onehot: NDArray[np.uint8], matrices: NDArray[np.float64], both_strands: bool
) -> NDArray[np.float32]:
    """`best_hits` of matrices of one width, shape (matrices, width, 4), block by block."""
    if both_strands:
        matrices = np.concatenate([matrices, matrices[:, ::-1, ::-1]])
    worst = matrices.min(axis=2, keepdims=True)
    filters = (matrices - worst).reshape(len(matrices), -1).T.astype(np.float32)

    number, length = onehot.shape[:2]
    width = matrices.shape[1]
    missing = max(0, width - length)
    places = length + 2 * missing - width + 1
    rows = max(1, BLOCK // (places * max(filters.shape)))
    best = np.empty((number, len(matrices)), dtype=np.float32)
    for start in range(0, number, rows):
        block = onehot[start : start + rows]
        known = np.maximum(block.sum(axis=2, keepdims=True, dtype=np.float32), 1)
        shares = np.pad(block / known, ((0, 0), (missing, missing), (0, 0)))
        windows = sliding_window_view(shares.astype(np.float32), width, axis=1)
        flat = windows.transpose(0, 1, 3, 2).reshape(len(block) * places, -1)
        best[start : start + rows] = (flat @ filters).reshape(len(block), places, -1).max(axis=1)

    best += worst.sum(axis=(1, 2), dtype=np.float32)
    strands = best.reshape(number, 2 if both_strands else 1, -1)
    highest: NDArray[np.float32] = strands.max(axis=1)
    return highest


def _collection(path: str | Path) -> list[Motif]:
    lines = read_lines(path)
    is_meme = any(line.startswith("MEME version") for line in lines)
    motifs = list((_of_meme if is_meme else _of_jaspar)(lines, path))
    if not motifs:
        raise InputError(f"holds no motif; {FORMATS}", path, 1)
    return motifs


def _of_jaspar(lines: Sequence[str], path: str | Path) -> Iterator[Motif]:
    """Profiles of counts: a header, and a row for each letter, in brackets behind it or without."""
    starts = [number for number, line in enumerate(lines) if line.lstrip().startswith(">")]
    first = next((line.strip() for line in lines if line.strip()), ">")
    if not first.startswith(">"):
        raise InputError(f"begins with {first[:20]!r}, no motif; {FORMATS}", path, 1)

    for start, end in pairwise([*starts, len(lines)]):
        words = lines[start].strip()[1:].split()
        name = " ".join(dict.fromkeys(words[:2]))
        rows = [place for place in range(start + 1, end) if lines[place].strip()]
        if not name:
            raise InputError("a motif has no name; write one behind >", path, start + 1)
        if len(rows) != len(LETTERS):
            problem = f"the motif {name} has {len(rows)} rows; A, C, G, T are wanted, one each"
            raise InputError(problem, path, start + 1)

        counts = []
        for letters, place in zip(LETTERS, rows, strict=True):
            row = COUNTS.fullmatch(lines[place])
            if row is None:
                problem = f"the motif {name} has brackets that do not match; mend the row"
                raise InputError(problem, path, place + 1)
            letter, words = row[1] or letters, row[2].split()
            if letter.upper() not in letters:
                problem = f"the motif {name} has a row of {letter}, {letters[0]} is wanted here"
                raise InputError(f"{problem}; order the rows A, C, G, T", path, place + 1)
            counts.append(_numbers(words, name, path, place + 1))
            if len(counts[-1]) != len(counts[0]):
                problem = f"has {len(counts[-1])} counts here, {len(counts[0])} in its first row"
                raise InputError(f"the motif {name} {problem}; mend the row", path, place + 1)
        yield _motif(name, np.array(counts).T, path, start + 1)


def _of_meme(lines: Sequence[str], path: str | Path) -> Iterator[Motif]:
    """Matrices of probabilities, each behind a line that may say how wide it is."""
    name, named, end, is_behind = "", 0, 0, False
    for place, line in enumerate(lines):
        words = line.split()
        alphabet = line.removeprefix("ALPHABET").strip(" \t=")
        if line.startswith("ALPHABET") and alphabet not in ("ACGT", "ACGU"):
            raise InputError(
                f"has the alphabet {alphabet}; ACGT or ACGU is wanted", path, place + 1
            )

        if place < end:
            continue  # a row of the matrix that was read last
        if words[:1] == ["MOTIF"]:
            if name:
                raise InputError(f"the motif {name} has no matrix; {FORMATS}", path, named)
            name, named, is_behind = " ".join(words[1:2]), place + 1, False
            if not name:
                raise InputError("a motif has no name; write one behind MOTIF", path, place + 1)
        elif line.lstrip().startswith(MATRIX):
            if not name:
                raise InputError("a matrix stands without a line MOTIF before it", path, place + 1)
            end = place + 1
            while end < len(lines) and BEGINS_ROW.match(lines[end]):
                end += 1
            yield _of_matrix(lines[place:end], name, path, place + 1)
            name, is_behind = "", True
        elif is_behind and len(words) == len(LETTERS) and all(map(NUMBER.fullmatch, words)):
            remedy = "take out what stands between the rows of a matrix"
            raise InputError(f"numbers that belong to no motif; {remedy}", path, place + 1)
    if name:
        raise InputError(f"the motif {name} has no matrix; {FORMATS}", path, named)


def _of_matrix(lines: Sequence[str], name: str, path: str | Path, first: int) -> Motif:
    """The motif of a matrix, from the line that announces it on."""
    announced, height = dict(ANNOUNCED.findall(lines[0])), str(len(lines) - 1)
    if announced.get("alength", "4") != "4":
        problem = f"the motif {name} is one of {announced['alength']} letters"
        raise InputError(f"{problem}; A, C, G, T are wanted", path, first)
    width = announced.get("w", height)
    if width != height or height == "0":
        problem = f"the motif {name} announces {width} rows and has {height}"
        raise InputError(f"{problem}, each with 4 numbers and none apart", path, first)

    rows = []
    for number, line in enumerate(lines[1:], first + 1):
        rows.append(_numbers(line.split(), name, path, number))
        if len(rows[-1]) != len(LETTERS):
            problem = f"the motif {name} has {len(rows[-1])} numbers here; A, C, G, T are wanted"
            raise InputError(problem, path, number)
        if abs(sum(rows[-1]) - 1) > MOST_ROUNDED:
            problem = f"the probabilities of {name} add up to {sum(rows[-1]):g} here, not to 1"
            raise InputError(f"{problem}; mend the row", path, number)
    return _motif(name, np.array(rows), path, first)


def _numbers(words: Sequence[str], name: str, path: str | Path, line: int) -> list[float]:
    wrong = [word for word in words if not NUMBER.fullmatch(word)]
    if wrong:
        problem = f"the motif {name} holds {wrong[0]!r}, no number of 0 or more"
        raise InputError(f"{problem}; mend or remove the motif", path, line)
    return [float(word) for word in words]


def _motif(name: str, counts: NDArray[np.float64], path: str | Path, line: int) -> Motif:
    totals = counts.sum(axis=1, keepdims=True)
    if not (counts.size and np.isfinite(counts).all() and totals.min() > 0):
        problem = f"the motif {name} has a position without counts, or one beyond all numbers"
        raise InputError(f"{problem}; mend or remove it", path, line)
    check_names(pd.Series([name]), "the motif", path, pd.Series([line]))
    return Motif(name, counts / totals)
