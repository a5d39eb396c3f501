"""One chromosome, several names: chr1, 1, I, NC_001133.9."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from basewise.errors import InputError
from basewise.sequences import read_lines

__all__ = ["Aliases", "read_aliases", "rename_chromosomes"]

NO_NAME = ("", "-", ".", "na", "NA")
"""What stands in a table of names where a chromosome has none."""

Aliases = dict[str, tuple[str, ...]]
"""Each name of a chromosome to all its names."""


def read_aliases(path: str | Path) -> Aliases:
    """Read a tab-separated table of chromosome names, such as UCSC's chromAlias.txt.

    Every field of a line is a name of the same chromosome; which column holds which kind of name
    does not matter, and a line of column titles does no harm. A number on several lines, such as
    a length, is no name.

    Raises
    ------
    InputError
        When a name that is no number stands on two lines.
    """
    aliases: Aliases = {}
    first_line: dict[str, int] = {}
    for number, line in enumerate(read_lines(path), start=1):
        names = tuple(dict.fromkeys(name.strip() for name in line.lstrip("#").split("\t")))
        for name in names:
            if name in NO_NAME:
                continue
            if name not in first_line:
                aliases[name], first_line[name] = names, number
            elif name.isdigit():
                aliases.pop(name, None)
            else:
                raise InputError(
                    f"the name {name!r} stands on line {first_line[name]} too; a name belongs to "
                    "one chromosome",
                    path,
                    number,
                )
    return aliases


def rename_chromosomes(
    chrom: pd.Series, known: Iterable[str], aliases: Aliases | None
) -> pd.Series:
    """Give chromosomes the names under which a genome knows them; others keep theirs.

    Parameters
    ----------
    chrom
        Names as a file gives them.
    known
        Names of the genome.
    aliases
        From `read_aliases`; None changes nothing.
    """
    if aliases is None:
        return chrom
    wanted = set(known)
    names = {}
    for name in chrom.unique():
        others = [other for other in aliases.get(name, ()) if other in wanted and other in aliases]
        names[name] = name if name in wanted or not others else others[0]
    return chrom.map(names)
