"""Motif collections: the probability of each letter at each position of a binding site."""

from __future__ import annotations

import re
from collections.abc import Sequence
from io import StringIO
from pathlib import Path
from typing import NamedTuple

import numpy as np
from Bio import motifs as bio_motifs
from numpy.typing import NDArray

from basewise.core.errors import InputError
from basewise.core.files import reading

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
