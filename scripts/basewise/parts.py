"""The file that says which part of a fold each example is in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from basewise.tables import read_table, write_table

__all__ = ["PARTS", "read_split", "write_split"]

PARTS = ("train", "validation", "test")


def write_split(examples: pd.DataFrame, part: NDArray[np.str_], path: str | Path) -> None:
    """Write a split: id, part, group."""
    table = pd.DataFrame({"id": examples["id"], "part": part, "group": examples["group"]})
    write_table(table, path)


def read_split(path: str | Path, ids: Sequence[str] | pd.Series) -> NDArray[np.str_]:
    """Part of each of these examples, shape (n,), from a file of `write_split`."""
    table = read_table(path).set_index("id")
    part: NDArray[np.str_] = table.loc[list(ids), "part"].to_numpy(dtype="<U10")
    return part
