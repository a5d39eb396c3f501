"""How tables say that a value is missing, and what looks as if it said so."""

import re
from collections.abc import Sequence

import pandas as pd

EXCEL_ERRORS = ("#N/A", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#NULL!")

CODES = ("", "NA", "N/A", "<NA>", "n.a.", "n.d.", "NaN", "null", "-", ".", "?", *EXCEL_ERRORS)
"""What stands for a missing value in every table, in upper or lower case."""

Codes = Sequence[str | float]
"""More codes, as the key `missing` of a dataset lists them."""

NAMES = ("none", "missing", "unknown")
"""Classes that may be no class."""

NINES = re.compile(r"-9+(\.0*)?")

FOLDED = frozenset(code.casefold() for code in CODES)


def is_missing(text: str, more: Codes = ()) -> bool:
    """Whether a text stands for a missing value.

    Parameters
    ----------
    text
        A value of a table, without blanks around.
    more
        Codes beside `CODES`. A number is met however it is written: -9 is -9.0 too.
    """
    if text.casefold() in FOLDED:
        return True
    if not more:
        return False
    numbers = {_number(str(code)) for code in more} - {None}
    return text.casefold() in {str(code).casefold() for code in more} or _number(text) in numbers


def without_missing(texts: pd.Series, more: Codes = ()) -> pd.Series:
    """Texts of a column, null where they stand for a missing value.

    Where a column has the value ``+``, ``-`` is its opposite and no code.

    Parameters
    ----------
    texts
        Values of a column without blanks around; null stays null.
    more
        As for `is_missing`.
    """
    values = set(texts.dropna())
    codes = {value for value in values if is_missing(value, more)}
    if "+" in values:
        codes -= {"-"}
    return texts.mask(texts.isin(codes))


def looks_like_code(text: str) -> bool:
    """Whether a class has the name of something missing: -9, -99 and so on, none, unknown."""
    return text.casefold() in NAMES or bool(NINES.fullmatch(text))


def remedy_if_missing(value: object) -> str:
    """What to do about a value that a column cannot take, if it stands for a missing one."""
    text = str(value)
    code = repr(text) if _number(text) is None else text
    return f"if it stands for a missing value, add `missing: [{code}]`"


def _number(text: str) -> float | None:
    """The number that a text is, if it is one."""
    try:
        return float(text)
    except ValueError:
        return None
