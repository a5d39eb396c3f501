"""How tables say that a value is missing, and what looks as if it said so."""

import re
from collections.abc import Sequence
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

EXCEL_ERRORS = ("#N/A", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#NULL!")

CODES = ("", "NA", "N/A", "<NA>", "n.a.", "n.d.", "NaN", "null", "-", ".", "?", *EXCEL_ERRORS)
"""What stands for a missing value in every table, in upper or lower case."""

Codes = Sequence[str | float]
"""More codes, as the key `missing` of a dataset lists them."""

NAMES = ("none", "missing", "unknown")
"""Classes that may be no class."""

NINES = re.compile(r"-9+(\.0*)?")

DECIMAL_COMMA = re.compile(r"[-+]?\d*,\d+([eE][-+]?\d+)?")

THOUSANDS = re.compile(r"[-+]?\d{1,3},\d{3}")
"""What may be a number with its thousands set apart."""

USUAL = re.compile(r"0|-1|-?9+(\.9+)?")

FEWEST = 10
"""Different values that others must have for a number to be far from them."""

FOLDED = frozenset(code.lower() for code in CODES)


def is_missing(text: str, more: Codes = ()) -> bool:
    """Whether a text, without blanks around, is one of `CODES` or of more.

    A number is met however it is written: -9 is -9.0 too.
    """
    if text.lower() in FOLDED:
        return True
    if not more:
        return False
    texts, numbers = _told(tuple(more))
    return text.lower() in texts or _number(text) in numbers


def without_missing(texts: pd.Series, more: Codes = ()) -> pd.Series:
    """Texts of a column, without blanks around, null where they stand for a missing value.

    Where a column has the value ``+``, ``-`` is its opposite and no code.
    """
    told, numbers = _told(tuple(more))
    is_code = texts.str.lower().isin(FOLDED | told)
    if numbers:
        is_code |= pd.to_numeric(texts, errors="coerce").isin(list(numbers))
    if (texts == "+").any():
        is_code &= texts != "-"
    return texts.mask(is_code)


def looks_like_code(text: str) -> bool:
    """Whether a class has the name of something missing: -9, -99 and so on, none, unknown."""
    return text.lower() in NAMES or bool(NINES.fullmatch(text))


def remedy_for(value: object) -> str:
    """What to do about a value that a column cannot take: a decimal comma, or a code."""
    text = str(value)
    if not DECIMAL_COMMA.fullmatch(text):
        return f"if it stands for a missing value, add {key_for(value)}"
    whole = f", or {text.replace(',', '')}" if THOUSANDS.fullmatch(text) else ""
    return f"a number has a decimal point and no comma: write {text.replace(',', '.')}{whole}"


def key_for(value: object) -> str:
    """The key of a dataset that makes a value a code."""
    text = str(value)
    return f"`missing: [{text if _number(text) is not None else repr(text)}]`"


def suspicious_numbers(values: NDArray[np.float64]) -> dict[float, int]:
    """Numbers of a column that look like codes for what is missing, and how often they stand there.

    Such a number is the lowest or the highest, and one of these:

    - -9, -99, -999 and so on, where no other value is negative;
    - repeated, and farther from the next value than all others are from each other;
    - 0, -1, or all nines, repeated, more than 1.5 interquartile ranges outside the quartiles of the
      others (Tukey's inner fence), and as far from the next value.

    For the latter two the others must have `FEWEST` different values, so that a scale of notes or a
    trait of 0 and 1 gives no alarm. Counts with many zeros give none either: 1 and 2 are near.
    """
    known = values[np.isfinite(values)]
    suspicious: dict[float, int] = {}
    while True:
        different, counts = np.unique(known, return_counts=True)
        ends = [at for at in {0, len(different) - 1} if at >= 0 and len(different) > 1]
        codes = [at for at in ends if _is_suspicious(different, counts, at, known)]
        if not codes:
            return suspicious
        suspicious |= {float(different[at]): int(counts[at]) for at in codes}
        known = known[~np.isin(known, different[codes])]


def _is_suspicious(
    different: NDArray[np.float64], counts: NDArray[np.int64], at: int, known: NDArray[np.float64]
) -> bool:
    """Whether the lowest or the highest of the sorted different values looks like a code."""
    value, others = float(different[at]), np.delete(different, at)
    text = f"{value:g}"
    if NINES.fullmatch(text) and all(
        other >= 0 or NINES.fullmatch(f"{other:g}") for other in others[others < 0]
    ):
        return True
    if counts[at] < 2 or len(others) < FEWEST:
        return False

    gap = float(np.abs(others - value).min())
    if gap > np.ptp(others):
        return True
    low, high = np.quantile(known[known != value], [0.25, 0.75])
    far = 1.5 * (high - low)
    return bool(USUAL.fullmatch(text) and gap > far and not low - far <= value <= high + far)


@cache
def _told(codes: tuple[str | float, ...]) -> tuple[set[str], set[float | None]]:
    """Codes as texts in lower case, and those of them that are numbers."""
    texts = {str(code).lower() for code in codes}
    return texts, {_number(text) for text in texts} - {None}


def _number(text: str) -> float | None:
    """The number that a text is, if it is one; Python takes digits of all scripts, and 1_000."""
    try:
        return float(text) if text.isascii() and "_" not in text else None
    except ValueError:
        return None
