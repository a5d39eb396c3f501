"""Splits that come with the data: parts, or the folds of a k-fold split."""

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from basewise.core.arrays import Integers
from basewise.core.errors import InputError
from basewise.core.partners import lost_partners, perhaps
from basewise.core.remarks import Remark
from basewise.core.text import natural_order
from basewise.store.parts import PARTS


def predefined_parts(examples: pd.DataFrame, table: pd.DataFrame | None = None) -> NDArray[np.str_]:
    """Part of each example, shape (n,), as a table with id and part, or its source, gives it.

    Raises
    ------
    InputError
        For an example without a part.
    """
    if table is not None:
        return np.asarray(_column_of(table, "part", examples["id"]), dtype="<U10")
    missing = examples["id"][~examples["part"].isin(PARTS)]
    if len(missing):
        raise InputError(
            f"split: {len(missing)} examples bring none of the parts {', '.join(PARTS)}, first "
            f"{missing.iloc[0]}; give a `table` of parts, one file a part, or `columns: part`"
        )
    return np.asarray(examples["part"], dtype="<U10")


def predefined_blocks(examples: pd.DataFrame, table: pd.DataFrame | None, folds: int) -> Integers:
    """Block of each example, shape (n,), as a table with id and fold gives it.

    The folds in their natural order (2 before 10) are the blocks 0, 1, ...

    Raises
    ------
    InputError
        For an example without a fold, or another number of folds.
    """
    if table is None:
        raise InputError(
            "split: a predefined split with `folds` needs a `table` with the columns id and fold"
        )

    given = _column_of(table, "fold", examples["id"])
    names = sorted(given.unique(), key=natural_order)
    if len(names) != folds:
        raise InputError(
            f"split: the table has {len(names)} folds ({', '.join(names)}), and not "
            f"`folds: {folds}`; make the two agree"
        )

    return np.asarray(pd.Index(names).get_indexer(given), dtype=np.int64)


def unused_rows(ids: pd.Series, table: pd.DataFrame, path: str | Path) -> list[Remark]:
    """Tell which names of a table of parts or folds are no examples, see `partners`."""
    source = Path(path).name
    return lost_partners(
        ids, table["id"], path, "examples have no row", f"rows of {source} are no example"
    )


def _column_of(table: pd.DataFrame, column: str, ids: pd.Series) -> pd.Series:
    if column not in table:
        given, remedy = "part", "leave out `folds`"
        if column == "part":
            given, remedy = "fold", "say how many with `folds`"
        raise InputError(f"split: the table has the column {given}, and not {column}; {remedy}")

    joined = pd.DataFrame({"id": ids}).merge(table[["id", column]], how="left", on="id")
    missing = joined["id"][joined[column].isna()]
    if len(missing):
        raise InputError(
            f"split: the table gives no {column} for {len(missing)} examples, first "
            f"{missing.iloc[0]}; add them to the table"
            + (perhaps(ids, table["id"]) if len(missing) == len(ids) else "")
        )

    return joined[column]
