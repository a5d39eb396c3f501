"""What sequences and examples consist of."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from basewise.tables import OUTPUT

__all__ = ["class_balance", "gc_content", "known_bases"]


def class_balance(examples: pd.DataFrame, part: NDArray[np.str_]) -> pd.DataFrame:
    """Examples by part and class: part, class, count."""
    counts = examples.assign(part=part).groupby(["part", OUTPUT]).size().rename("count")
    return counts.reset_index().rename(columns={OUTPUT: "class"})


def known_bases(letters: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Which character codes are A, C, G or T."""
    return np.isin(letters, _codes("ACGT"))


def gc_content(letters: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Share of G and C (and S) among the bases that are known to be strong or weak.

    Parameters
    ----------
    letters
        Character codes, shape (n, length).

    Returns
    -------
    float64, shape (n,); NaN where no base is known
    """
    strong = np.isin(letters, _codes("GCS")).sum(axis=-1)
    weak = np.isin(letters, _codes("ATW")).sum(axis=-1)
    with np.errstate(invalid="ignore"):
        share: NDArray[np.float64] = strong / (strong + weak)
    return share


def _codes(letters: str) -> NDArray[np.uint8]:
    return np.frombuffer(letters.encode("ascii"), dtype=np.uint8)
