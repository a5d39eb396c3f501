"""Where markers lie, from a table that a user has beside the genotypes."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from basewise.errors import InputError
from basewise.genotype_records import known_text, read_position
from basewise.user_tables import read_delimited

__all__ = ["place_markers", "read_marker_map"]

TITLES = {
    "marker": ["marker", "snp", "rs", "name", "id"],
    "chrom": ["chrom", "chromosome", "chr"],
    "position": ["position", "pos", "bp"],
}
"""What a column may be called, the first choice first."""


def read_marker_map(path: str | Path) -> pd.DataFrame:
    """Read the places of markers.

    Parameters
    ----------
    path
        A table as `user_tables.read_delimited` takes it, with a column ``marker``, ``snp``,
        ``rs``, ``name`` or ``id``, a column ``chrom``, ``chromosome`` or ``chr`` and a column
        ``position``, ``pos`` or ``bp``, in upper or lower case.

    Returns
    -------
    DataFrame
        marker (text, unique), chrom (text, may be missing), position (from 1, Int64, may be
        missing).

    Raises
    ------
    InputError
        For a missing column, a repeated marker, or a position that is no whole number.
    """
    table = read_delimited(path)
    found = {title.lower(): title for title in reversed(list(table))}
    columns = {}
    for column, titles in TITLES.items():
        known = [found[title] for title in titles if title in found]
        if not known:
            raise InputError(
                f"has no column {' or '.join(titles)}; its columns are {', '.join(table)}", path, 1
            )
        columns[column] = table[known[0]]
    repeated = columns["marker"].duplicated()
    if repeated.any():
        line = int(repeated.idxmax())
        raise InputError(
            f"the marker {columns['marker'][line]!r} stands on an earlier line too", path, line
        )
    places = pd.DataFrame(
        {
            "marker": columns["marker"],
            "chrom": [known_text(text) for text in columns["chrom"]],
            "position": [read_position(text, path, n) for n, text in columns["position"].items()],
        }
    )
    return places.astype({"chrom": "str", "position": "Int64"}).reset_index(drop=True)


def place_markers(names: pd.Series, path: str | Path) -> pd.DataFrame:
    """Look markers up in a map.

    Parameters
    ----------
    names
        Names of n markers.
    path
        The map.

    Returns
    -------
    DataFrame
        chrom and position, n rows; missing where the map does not have the marker.

    Raises
    ------
    InputError
        When the map has none of them.
    """
    places = read_marker_map(path).set_index("marker")
    if not names.isin(places.index).any():
        raise InputError(
            f"has none of the {len(names)} markers, such as {names.iloc[0]!r}; "
            "the names must be those of the table of genotypes",
            path,
        )
    return places.reindex(names).reset_index(drop=True)
