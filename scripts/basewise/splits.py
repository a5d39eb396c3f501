"""Dividing examples into train, validation and test."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.model_selection import train_test_split

from basewise.errors import InputError
from basewise.parts import PARTS
from basewise.tables import OUTPUT

__all__ = [
    "check_parts",
    "split_by_chromosome",
    "split_by_table",
    "split_examples",
    "split_random",
]

SHARE = 0.15
"""Of the examples in validation, and in test, unless the configuration says otherwise."""


def split_examples(
    examples: pd.DataFrame,
    *,
    seed: int,
    method: str = "random",
    validation: Any = SHARE,
    test: Any = SHARE,
    table: pd.DataFrame | None = None,
) -> NDArray[np.str_]:
    """Divide examples as the `split` entry of a dataset says, see config/README.md.

    Parameters
    ----------
    examples
        With id, chrom and label.
    seed
        Of a random split.
    method
        ``random``, ``chromosome`` or ``predefined``.
    validation, test
        Shares of all examples (random), or lists of chromosomes (chromosome).
    table
        id and part of each example (predefined).

    Returns
    -------
    Part of each example, shape (n,)

    Raises
    ------
    InputError
        When the split cannot be made, or a part would lack a class.
    """
    target = examples[OUTPUT].to_numpy()
    if method == "predefined":
        part = split_by_table(examples["id"], table)
    elif method == "chromosome":
        held_out = ([str(name) for name in names] for names in (validation, test))
        part = split_by_chromosome(examples["chrom"], *held_out)
    else:
        part = split_random(target, validation, test, seed)
    counts = check_parts(part, target)
    print(counts.to_string())
    return part


def split_random(
    target: NDArray[np.int64], validation: float, test: float, seed: int
) -> NDArray[np.str_]:
    """Split at random with the classes in equal shares: the test part first, then validation.

    Both draws are scikit-learn's `train_test_split` with the same seed, so that a published split
    made that way can be had again.

    Parameters
    ----------
    target
        Class of each example, shape (n,).
    validation, test
        Shares of all examples.
    seed
        ``random_state`` of both draws.

    Returns
    -------
    Part of each example, shape (n,)
    """
    rows = np.arange(len(target))
    part = np.full(len(target), "train", dtype="<U10")
    try:
        rest, test_rows = train_test_split(rows, test_size=test, stratify=target, random_state=seed)
        _, validation_rows = train_test_split(
            rest, test_size=validation / (1 - test), stratify=target[rest], random_state=seed
        )
    except ValueError as error:
        raise InputError(
            f"split: {len(rows)} examples cannot be divided {test:.0%} test and "
            f"{validation:.0%} validation with every class in each ({error})"
        ) from error
    part[test_rows] = "test"
    part[validation_rows] = "validation"
    return part


def split_by_chromosome(
    chrom: pd.Series, validation: Sequence[str], test: Sequence[str]
) -> NDArray[np.str_]:
    """Put whole chromosomes into validation and test; the others train.

    Raises
    ------
    InputError
        When a chromosome is named in both parts, or has no example.
    """
    present = sorted(chrom.dropna().unique())
    if not present:
        raise InputError("split: the sequences lie on no chromosome; use another method")
    for name in (*validation, *test):
        if name not in present:
            raise InputError(
                f"split: no example lies on chromosome {name!r}; there are {', '.join(present)}"
            )
    shared = sorted(set(validation) & set(test))
    if shared:
        raise InputError(f"split: chromosome {shared[0]!r} is in both validation and test")
    part = np.full(len(chrom), "train", dtype="<U10")
    part[chrom.isin(validation)] = "validation"
    part[chrom.isin(test)] = "test"
    return part


def split_by_table(ids: pd.Series, table: pd.DataFrame) -> NDArray[np.str_]:
    """Take each example's part from a table with the columns ``id`` and ``part``.

    Raises
    ------
    InputError
        For an example without a part.
    """
    missing = ids[~ids.isin(table["id"])]
    if len(missing):
        raise InputError(
            f"split: the table gives no part for {len(missing)} examples, first {missing.iloc[0]}"
        )
    part: NDArray[np.str_] = ids.map(table.set_index("id")["part"]).to_numpy(dtype="<U10")
    return part


def check_parts(part: NDArray[np.str_], target: NDArray[np.int64]) -> pd.DataFrame:
    """Count the classes in each part; a part that lacks one is an error.

    Returns
    -------
    DataFrame
        Index: `PARTS`; one column a class; examples.
    """
    counts = pd.crosstab(part, target, rownames=["part"], colnames=["class"]).reindex(
        PARTS, fill_value=0
    )
    for name in PARTS:
        lacking = [str(column) for column in counts if counts.loc[name, column] == 0]
        if lacking:
            raise InputError(
                f"split: the {name} part holds no example of class {', '.join(lacking)}; "
                "give it a larger share, other chromosomes, or another method"
            )
    return counts
