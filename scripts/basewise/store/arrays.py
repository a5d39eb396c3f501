"""Arrays that are handed on beside tables: genotypes, and the class of each position."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from basewise.store.receipts import checked, spoiled, writing


def write_array(array: NDArray[Any], path: str | Path) -> None:
    """Write an array in NumPy's format, whole or not at all."""
    with writing(path) as unfinished, open(unfinished, "wb") as stream:
        np.save(stream, array, allow_pickle=False)


def read_array(path: str | Path, rows: int | None = None) -> NDArray[Any]:
    """Map a file of `write_array` into memory, to be read where it is needed.

    Raises
    ------
    InputError
        When the file is damaged, or has another number of rows than the caller knows of.
    """
    checked(path)
    try:
        array: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    except (ValueError, EOFError) as error:
        raise spoiled("is damaged", path) from error
    if rows not in (None, len(array)):
        raise spoiled(f"has {len(array)} rows for {rows} examples", path)
    return array
