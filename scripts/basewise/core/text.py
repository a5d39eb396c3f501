"""Numbers, lists and names as a reader expects them."""

import re
from collections.abc import Iterable
from pathlib import Path

import pandas as pd


def listed(items: Iterable[object], word: str = "and") -> str:
    """Items as a sentence names them: one, two and three."""
    texts = [str(item) for item in items]
    return f" {word} ".join([", ".join(texts[:-1]), texts[-1]] if len(texts) > 1 else texts)


def counted(number: int, one: str) -> str:
    """A number with its noun: 1 fold, 2,000 folds."""
    return f"{number:,} {one}" if number == 1 else f"{number:,} {one}s"


def natural_order(name: str) -> list[str | int]:
    """Sorting key of a name: its numbers as numbers, what is between them as text."""
    pieces = re.split(r"(\d+)", name)
    return [int(piece) if place % 2 else piece for place, piece in enumerate(pieces)]


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
