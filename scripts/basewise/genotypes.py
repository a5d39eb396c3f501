"""Genotypes of individuals at markers, as every reader returns them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["INDIVIDUAL_COLUMNS", "MARKER_COLUMNS", "MISSING", "Genotypes"]

MISSING = ord(".")
"""Character code of a genotype that is not known; `0`, `1` and `2` are AA, Aa and aa."""

INDIVIDUAL_COLUMNS = ["id", "line", "group"]
MARKER_COLUMNS = ["marker", "chrom", "position", "A", "a", "line"]


class Genotypes(NamedTuple):
    """What a file of genotypes holds.

    Attributes
    ----------
    letters
        Character codes, shape (individuals, markers): ``0`` for AA, ``1`` for Aa, ``2`` for aa,
        ``.`` for missing. A is REF where the format knows it, else the first allele in sort order.
    individuals
        `INDIVIDUAL_COLUMNS`, row for row: unique id (text), line of the file where it stands (from
        1; the line of column titles where individuals are columns), group (text or missing, such as
        the family of a PLINK file).
    markers
        `MARKER_COLUMNS`, column for column: unique marker (text), chrom (text or missing), position
        (from 1, Int64, may be missing), the alleles A and a (text or missing), line (Int64, may be
        missing).
    dropped
        Markers of the file that were not taken: marker, source (name of the file), line, reason.
    """

    letters: NDArray[np.uint8]
    individuals: pd.DataFrame
    markers: pd.DataFrame
    dropped: pd.DataFrame
