"""How many examples of each class are in each part."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from basewise.parts import PARTS
from basewise.tables import OUTPUT, target_column, target_columns

__all__ = ["ALL", "class_balance"]

ALL = ""
"""Stands for all examples where classes have their names."""


def class_balance(
    examples: pd.DataFrame, parts: Sequence[NDArray[np.str_]], task: str
) -> pd.DataFrame:
    """Count the examples of each class in each part of each fold.

    Parameters
    ----------
    examples
        With their targets.
    parts
        Part of each example, shape (n,), fold for fold.
    task
        The classes of ``multilabel`` are its outputs, counted where they are 1; those of
        ``regression`` the outputs that some example lacks, counted where they are known;
        ``per_position`` has no classes of examples.

    Returns
    -------
    DataFrame
        fold, part, class (`ALL` for all examples together), count.
    """
    members = {ALL: np.ones(len(examples), dtype=bool)}
    if task in ("binary", "multiclass"):
        label = examples[target_column(OUTPUT)]
        members |= {str(name): (label == name).to_numpy() for name in sorted(label.unique())}
    elif task == "multilabel":
        members |= {
            column.removeprefix("target."): (examples[column] == 1).to_numpy()
            for column in target_columns(examples)
        }
    elif task == "regression":
        members |= {
            column.removeprefix("target."): examples[column].notna().to_numpy()
            for column in target_columns(examples)
            if examples[column].hasnans
        }
    rows = [
        (fold, part, name, int((of_class & (given == part)).sum()))
        for fold, given in enumerate(parts)
        for part in PARTS
        for name, of_class in members.items()
    ]
    return pd.DataFrame(rows, columns=["fold", "part", "class", "count"])
