"""Numbers, lists and names as a reader expects them."""

import re
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from basewise.core.errors import CONTROLS, InputError

LAST_POSITION = 2**31 - 1
"""The last that VCF and BCF can hold; every reader of positions has this bound."""


def beyond_all(what: str, text: str) -> str:
    """What is wrong with a position behind `LAST_POSITION`."""
    return f"{what} {text} lies beyond {LAST_POSITION:,}, where no chromosome reaches"


def listed(items: Iterable[object], word: str = "and") -> str:
    """Items as a sentence names them: one, two and three."""
    texts = [str(item) for item in items]
    return f" {word} ".join([", ".join(texts[:-1]), texts[-1]] if len(texts) > 1 else texts)


def counted(number: int, one: str) -> str:
    """A number with its noun: 1 fold, 2,000 folds."""
    return f"{number:,} {one}" if number == 1 else f"{number:,} {one}s"


def natural_order(name: str) -> list[str | tuple[int, str]]:
    """Sorting key of a name: its numbers by their size, what is between them as text."""
    pieces = re.split(r"(\d+)", name)
    # by how many digits, then by these: Python makes no number of thousands of them
    return [
        (len(number := piece.lstrip("0")), number) if place % 2 else piece
        for place, piece in enumerate(pieces)
    ]


def number_repeats(names: pd.Series) -> pd.Series:
    """Tell names apart that repeat: the second ``S10`` becomes ``S10#2``, the third ``S10#3``."""
    nth = names.groupby(names).cumcount() + 1
    return names.where(nth == 1, names + "#" + nth.astype("str"))


def file_names(paths: Iterable[str]) -> dict[str, str]:
    """Name of each file, with as many of its folders as tell it from the others."""
    pieces = {path: Path(path).parts for path in paths}
    for last in range(1, max(map(len, pieces.values()), default=0) + 1):
        names = {path: "/".join(parts[-last:]) for path, parts in pieces.items()}
        if len(set(names.values())) == len(names):
            break
    return names


def check_names(
    names: pd.Series, what: str, files: str | Path | pd.Series, lines: pd.Series
) -> None:
    """Refuse names that hold characters which nobody sees, see `errors.CONTROLS`.

    Two of them would look the same, and some would reorder or erase what stands beside them. Null
    is no name. `files` are one, or one a name; `lines` are null where a name stands on none.

    Raises
    ------
    InputError
        For the first of them.
    """
    known = names.dropna().astype("str")
    if not CONTROLS.search("".join(known.tolist())):
        return

    hidden = {name: CONTROLS.search(name) for name in known.unique()}
    name, match = next((name, match) for name, match in hidden.items() if match)
    row = (known == name).idxmax()
    raise InputError(
        f"{what} {name!r} holds a character that nobody sees (U+{ord(match[0]):04X}); take it out",
        files[row] if isinstance(files, pd.Series) else files,
        None if pd.isna(lines[row]) else int(lines[row]),
    )
