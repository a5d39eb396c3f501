"""What the evaluation of a model reads beside its scores: related examples, and leaking ones."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from basewise.tables import read_table

__all__ = ["read_groups", "read_leaking"]


def read_groups(paths: Sequence[str | Path]) -> dict[int, pd.Series | None]:
    """Group of each validation and test example, from the files of `parts.write_split`.

    Parameters
    ----------
    paths
        Of fold 0, 1, ...

    Returns
    -------
    Fold to a Series from id to group; None where no example has one.
    """
    found: dict[int, pd.Series | None] = {}
    for fold, path in enumerate(paths):
        table = read_table(path)
        group = table[table["part"] != "train"].set_index("id")["group"]
        found[fold] = group if group.notna().any() else None
    return found


def read_leaking(paths: Sequence[str | Path]) -> dict[int, set[str]]:
    """Test examples that have a partner in train or validation, from the files of the audit.

    Parameters
    ----------
    paths
        Of fold 0, 1, ...; see `leakage.audit`.

    Returns
    -------
    Fold to their ids.
    """
    found = {}
    for fold, path in enumerate(paths):
        leaks = read_table(path)
        outside = (leaks["part"] == "test") & (leaks["other_part"] != "test")
        found[fold] = set(leaks["id"][outside])
    return found
