"""Arrays that are handed on beside tables: letters, genotypes, the class of each position."""

from collections.abc import Iterator
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


def blocks(array: NDArray[Any], rows: int) -> Iterator[NDArray[Any]]:
    """Cut an array of two dimensions into blocks of so many rows; the last may have fewer.

    Of a file of `read_array` one block at a time is in memory, where its rows follow each other.
    """
    width = array.shape[1]
    for start in range(0, len(array), rows):
        block = array[start : start + rows]
        if isinstance(array, np.memmap) and array.flags.c_contiguous:
            # pages of a map stay in memory
            place = array.offset + start * width * array.itemsize
            values = np.fromfile(str(array.filename), array.dtype, block.size, offset=place)
            yield values.reshape(block.shape)
        else:
            yield np.asarray(block)
