"""Genotypes of individuals at markers, as every reader returns them, and what the readers share."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from basewise.core.errors import InputError
from basewise.core.missing import is_missing
from basewise.core.text import LAST_POSITION, beyond_all, number_repeats

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


DROPPED_MARKER_COLUMNS = ["marker", "source", "line", "reason"]


def known_text(text: str) -> str | None:
    """A chromosome or name as the file has it, None where it is missing or, as in PLINK, 0."""
    return None if text == "0" or is_missing(text) else text


def read_position(text: str, path: str | Path, line: int) -> int | None:
    """A position from 1, None where the file says that it is unknown.

    Raises
    ------
    InputError
        For anything but a whole number.
    """
    if known_text(text) is None:
        return None
    if not (text.isascii() and text.isdecimal()):
        raise InputError(f"position {text!r} must be a whole number, or 0 if unknown", path, line)
    if len(text) > 15 or int(text) > LAST_POSITION:
        remedy = "correct it, or write 0 if unknown"
        raise InputError(f"{beyond_all('position', text)}; {remedy}", path, line)
    return int(text)


def marker_name(name: str, chrom: str | None, position: int | None) -> str:
    """Name of a marker, ``chrom:position`` where the file gives none."""
    return known_text(name) or f"{chrom or '?'}:{position or '?'}"


def make_genotypes(
    path: str | Path,
    letters: NDArray[np.uint8],
    *,
    ids: Sequence[str],
    id_lines: int | Sequence[int] | None,
    markers: pd.DataFrame,
    groups: Sequence[str | None] | None = None,
    dropped: Sequence[tuple[str, int | None, str]] = (),
) -> Genotypes:
    """Check what a reader has read and lay it out.

    Parameters
    ----------
    ids, id_lines, groups
        Names of the individuals, the line (of each, or of all) and group where they have one.
    markers
        `MARKER_COLUMNS`; what is None is unknown. A name that repeats is numbered.
    dropped
        Markers left out: name, line, reason.

    Raises
    ------
    InputError
        For an individual without a name or with that of another, and for a file without
        individuals or markers.
    """
    top = None if id_lines is None else 1
    individuals = pd.DataFrame({"id": ids, "line": id_lines, "group": groups}).astype(
        {"id": "str", "line": "Int64", "group": "str"}
    )
    _check_individuals(individuals, path)
    if not len(markers):
        left_out = f"; {len(dropped)} left out, first: {dropped[0][2]}" if dropped else ""
        raise InputError(f"holds no marker{left_out}", path, top)

    texts: dict[str, Any] = dict.fromkeys(["marker", "chrom", "A", "a"], "str")
    table = markers[MARKER_COLUMNS].astype({**texts, "position": "Int64", "line": "Int64"})
    while table["marker"].duplicated().any():
        table["marker"] = number_repeats(table["marker"])

    left = pd.DataFrame(dropped, columns=["marker", "line", "reason"], dtype="object")
    left = left.assign(source=Path(path).name)[DROPPED_MARKER_COLUMNS].astype(
        {"marker": "str", "source": "str", "line": "Int64", "reason": "str"}
    )

    return Genotypes(
        np.ascontiguousarray(letters),
        individuals[INDIVIDUAL_COLUMNS],
        table.reset_index(drop=True),
        left,
    )


def _check_individuals(individuals: pd.DataFrame, path: str | Path) -> None:
    if individuals.empty:
        raise InputError("holds no individual", path, 1)
    wrong = (individuals["id"] == "") | individuals["id"].duplicated()
    if wrong.any():
        name, line, _ = individuals[wrong].iloc[0]
        problem = f"the name {name!r} stands there twice" if name else "has no name"
        raise InputError(
            f"individual: {problem}; give each a name of its own",
            path,
            None if line is pd.NA else int(line),
        )
