"""Names of two files that find no partner in each other, and why that may be."""

import re
from collections.abc import Callable, Iterable
from pathlib import Path

import pandas as pd

from basewise.core.remarks import PARTNERS, Remark

TOLERATED = 0.05
"""Share of the names of a side that may have no partner before it is told."""

SHOWN = 3
"""Names that a sentence gives of each side."""


def _replacing(pattern: str, by: str = "") -> Callable[[str], str]:
    compiled = re.compile(pattern)
    return lambda name: compiled.sub(by, name)


SPELLINGS: dict[str, Callable[[str], str]] = {
    "leading zeros": _replacing(r"(?<!\d)0+(?=\d)"),
    "upper and lower case": str.casefold,
    "blanks": _replacing(r"\s+"),
    "the prefix chr": _replacing(r"^(?i:chr)"),
    "the .0 of a number": _replacing(r"\.0+$"),
    "a version after the point": _replacing(r"\.\d+$"),
    "the X that R writes before a number": _replacing(r"^X(?=\d)"),
    "blanks, points, dashes and underscores": _replacing(r"[\s._-]+", "_"),
}
"""What names may differ by, to what makes them alike."""

FAMILY = "the family before the name (FID_IID)"


def guess_reason(ours: Iterable[str], theirs: Iterable[str]) -> str:
    """Guess what unmatched names differ by, such as ``leading zeros ('007' and '7')``.

    What makes most of them alike, at least half of the side with fewer names; empty where nothing
    does.
    """
    sides = sorted(set(ours)), sorted(set(theirs))
    pairs = {
        reason: _alike(*({alike(name): name for name in side} for side in sides))
        for reason, alike in SPELLINGS.items()
    }
    left, right = ({name: name for name in side} for side in sides)
    with_family = max(
        _alike(_without_family(left), right), _alike(left, _without_family(right)), key=len
    )
    pairs[FAMILY] = with_family
    reason = max(pairs, key=lambda name: len(pairs[name]))
    alike = pairs[reason]
    if not alike or 2 * len(alike) < min(map(len, sides)):
        return ""

    first, second = alike[0]
    return f"{reason} ({first!r} and {second!r})"


def lost_partners(
    ours: pd.Series, theirs: pd.Series, file: str | Path, we_lack: str, they_lack: str
) -> list[Remark]:
    """Tell which names of a join find no partner, where these are more than `TOLERATED` of a side.

    One remark for each such side; what is said of it, such as ``individuals have no phenotype``, is
    followed by the name of the file that holds theirs.
    """
    source = Path(file).name
    alone = ours[~ours.isin(theirs)], theirs[~theirs.isin(ours)]
    sides = list(zip(alone, (ours, theirs), (f"{we_lack} in {source}", they_lack), strict=True))
    if all(len(names) <= TOLERATED * len(side) for names, side, _ in sides):
        return []
    guess = guess_reason(*alone)
    return [
        Remark(PARTNERS, source, said, len(names), len(side), ", ".join(names[:SHOWN]), guess)
        for names, side, said in sides
        if len(names)
    ]


def perhaps(ours: pd.Series, theirs: pd.Series) -> str:
    """End of the message that a join found no partner at all: its names, and the guess."""
    guess = guess_reason(ours, theirs)
    named = f"; there are {_some(ours)}, and here {_some(theirs)}"
    return f"{named}: do they differ by {guess}?" if guess else named


def _some(names: pd.Series) -> str:
    return ", ".join(map(repr, names[:SHOWN]))


def _alike(ours: dict[str, str], theirs: dict[str, str]) -> list[tuple[str, str]]:
    """Names that one spelling makes alike."""
    return [(name, theirs[key]) for key, name in ours.items() if key in theirs]


def _without_family(names: Iterable[str]) -> dict[str, str]:
    """What may be an individual's own name in ``FID_IID``, to that."""
    personal: dict[str, str] = {}
    for name in names:
        half = len(name) // 2
        for part in (name.partition("_")[2], name.rpartition("_")[2]):
            personal.setdefault(part, name)
        if name[:half] == name[half + 1 :] and name[half : half + 1] == "_":
            personal[name[:half]] = name
    personal.pop("", None)
    return personal
