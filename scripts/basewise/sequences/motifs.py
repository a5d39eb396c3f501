"""Motif collections: the probability of each letter at each position of a site, and their hits.

The score of a place is the sum of log2 odds against a uniform background (Stormo, Bioinformatics
16:16, 2000, doi 10.1093/bioinformatics/16.1.16; Wasserman and Sandelin, Nat Rev Genet 5:276, 2004,
doi 10.1038/nrg1315). Collections hold counts of any total, or none, so that the pseudocount is one
of probabilities.
"""

import re
from collections.abc import Sequence
from io import StringIO
from pathlib import Path
from typing import NamedTuple

import numpy as np
from Bio import motifs as bio_motifs
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from basewise.core.errors import InputError
from basewise.core.files import reading

PSEUDOCOUNT = 0.01
"""Added to each probability of a motif before its logarithm is taken."""

BACKGROUND = 0.25
"""Probability of each letter where there is no site."""

BLOCK = 2**23
"""Numbers that a block of places has at most, unless one sequence alone has more."""

SITES = 1_000_000
"""Biopython turns the probabilities of a MEME file into whole counts; this many keep 6 digits."""

MATRIX = re.compile(r"^(letter-probability matrix:.*?)(?: *nsites=.*)?$", re.M)


class Motif(NamedTuple):
    """A motif.

    Attributes
    ----------
    name
        Identifier and name of a JASPAR profile (``MA0363.1 REB1``), the first name of a MEME motif.
    probabilities
        Shape (width, 4), float64, order A, C, G, T (or U); each row sums to 1. No pseudocounts.
    """

    name: str
    probabilities: NDArray[np.float64]


def read_motifs(paths: str | Path | Sequence[str | Path]) -> list[Motif]:
    """Read a motif collection, or several one after the other, in the order of the files.

    Parameters
    ----------
    paths
        JASPAR profiles (``>identifier name`` and four rows of counts, with or without brackets) or
        MEME motifs (version 4 and up, with letter-probability matrices); plain or gzip.

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

    Parameters
    ----------
    onehot
        Possible letters, shape (n, length, 4); one that may be several scores their mean. Padding
        scores as the worst letter; so does what a sequence shorter than a matrix lacks.
    matrices
        From `log_odds`, each of shape (width, 4).
    both_strands
        Whether the reverse complement is searched as well.

    Returns
    -------
    Shape (n, matrices)
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
    with reading(path) as stream:
        text = stream.read().decode("utf-8", errors="replace")
    if re.search("^MEME version", text, re.M):
        text = MATRIX.sub(rf"\1 nsites= {SITES}", text)
        file_format, headers = "minimal", "^MOTIF"
    else:
        file_format, headers = "jaspar", "^>"
    try:
        record = list(bio_motifs.parse(StringIO(text), file_format))
    except Exception as error:  # Biopython raises a bare one for rows of unequal length
        raise InputError(
            f"holds no motifs that can be read ({error}); give JASPAR profiles or MEME motifs "
            "with letter-probability matrices",
            path,
        ) from error
    announced = len(re.findall(headers, text, re.M))
    if not record or len(record) != announced:
        raise InputError(
            f"announces {announced} motifs and holds {len(record)} whole ones; give each motif its "
            "matrix of letters",
            path,
        )
    return [_motif(motif, path) for motif in record]


def _motif(motif: bio_motifs.Motif, path: str | Path) -> Motif:
    identifier = getattr(motif, "matrix_id", None) or motif.name
    name = identifier if motif.name == identifier else f"{identifier} {motif.name}"
    counts = np.array([motif.counts[letter] for letter in motif.alphabet], dtype=np.float64).T
    totals = counts.sum(axis=1, keepdims=True)
    if not (counts.size and np.isfinite(counts).all() and counts.min() >= 0 and totals.min() > 0):
        raise InputError(
            f"the motif {name} has a position without counts, or one below 0; mend or remove it",
            path,
        )
    return Motif(name, counts / totals)
