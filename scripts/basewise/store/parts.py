"""The files that say which part of a fold each example is in, what is related, and what leaks."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import ArrayLike, NDArray
from pyarrow import csv

from basewise.core.arrays import Integers
from basewise.store.receipts import checked, spoiled
from basewise.store.tables import LEAK_COLUMNS, SPLIT_COLUMNS, read_table, write_table

PARTS = ("train", "validation", "test")
GROUP = "group"
"""Kind of pairs in the audit that are no leak: other examples of a group that both parts hold."""

Groups = Mapping[int, pd.Series | None]
"""Fold to the group of each example, None where no example has one."""


def fold_file(folder: str | Path, fold: int | str) -> Path:
    """File of a fold in the folder of a dataset's splits, or of what leaks."""
    return Path(folder) / f"fold{fold}.tsv"


class Split(NamedTuple):
    """What a fold's split says of n examples: names, parts (`PARTS`), and groups, shape (n,).

    The group, of what belongs together, is missing where an example has none.
    """

    ids: pd.Series
    part: NDArray[np.str_]
    group: pd.Series

    @property
    def scored_groups(self) -> pd.Series | None:
        """Group of each validation and test example by its id; None where none has one."""
        group = self.group.set_axis(self.ids)[self.part != "train"]
        return group if group.notna().any() else None


def write_split(examples: pd.DataFrame, part: NDArray[np.str_], path: str | Path) -> None:
    """Write a split: id, part, group."""
    table = pd.DataFrame({"id": examples["id"], "part": part, "group": examples["group"]})
    write_table(table, path)


def read_split(path: str | Path, ids: Sequence[str] | ArrayLike | None = None) -> Split:
    """Read a file of `write_split`, of the given examples in their order, or of all.

    Quickest when the file has them in this order.

    Raises
    ------
    InputError
        For a damaged file, and for an example that is not in it.
    """
    checked(path)
    try:
        table = csv.read_csv(
            path,
            parse_options=csv.ParseOptions(delimiter="\t"),
            convert_options=csv.ConvertOptions(
                include_columns=SPLIT_COLUMNS,
                column_types=dict.fromkeys(SPLIT_COLUMNS, pa.string()),
                null_values=[""],
                strings_can_be_null=True,
            ),
        )
    except (OSError, pa.ArrowException) as error:
        raise spoiled("is missing, or no split", path) from error

    wanted = table["id"].combine_chunks() if ids is None else pa.array(ids, pa.string())
    if not table["id"].equals(pa.chunked_array([wanted])):
        rows = pc.index_in(wanted, table["id"])
        if rows.null_count:
            first = wanted.filter(rows.is_null())[0]
            raise spoiled(
                f"gives no part for {rows.null_count} of {len(wanted)} examples, first {first}",
                path,
            )
        table = table.take(rows)

    number = pc.index_in(table["part"], pa.array(PARTS))
    if number.null_count:
        raise spoiled(f"names a part that is none of {', '.join(PARTS)}", path)

    part: NDArray[np.str_] = np.array(PARTS)[number.to_numpy()]
    return Split(table["id"].to_pandas(), part, table["group"].to_pandas())


def scored_rows(part: NDArray[np.str_]) -> Integers:
    """Rows that are scored: validation and test, in the order of the dataset."""
    return np.flatnonzero((part == "validation") | (part == "test"))


def groups_of(splits: Iterable[Split]) -> dict[int, pd.Series | None]:
    """Group of each validation and test example, from the splits of fold 0, 1, ...

    Fold to a Series from id to group; None where no example has one.
    """
    return {fold: split.scored_groups for fold, split in enumerate(splits)}


def read_leaking(paths: Sequence[str | Path]) -> dict[int, set[str]]:
    """Ids of the test examples of fold 0, 1, ... that have a partner in train or validation.

    From the files of the audit, see `leakage.audit`.
    """
    return {fold: leaking_ids(read_table(path, LEAK_COLUMNS)) for fold, path in enumerate(paths)}


def leaking_ids(leaks: pd.DataFrame) -> set[str]:
    """Test examples with a copy or neighbour in train or validation, from `leakage.audit`."""
    outside = (leaks["part"] == "test") & (leaks["other_part"] != "test")
    return set(leaks["id"][outside & (leaks["kind"] != GROUP)])
