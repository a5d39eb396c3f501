"""The tensor cache: packed one-hot rows, targets and ids in npz shards beside a manifest."""

from __future__ import annotations

import copy
import hashlib
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from basewise.core.arrays import Integers
from basewise.core.errors import InputError
from basewise.sequences.alphabet import CHANNELS, pack_letters, unpack
from basewise.store.manifest import DAMAGED, read_manifest, write_manifest
from basewise.store.memory import fits
from basewise.store.receipts import spoiled, writing, written_sha256

MANIFEST = "manifest.json"

SHARD_ROWS = 65_536
"""Examples in a shard; the last one holds what is left."""

POOL = 4
"""Shards whose rows a shuffled epoch mixes."""

STREAMED = 2 * POOL
"""Shards of a streamed dataset in memory: two pools, since batches run from one into the next."""

BYTES_A_ROW = 32
"""Memory of a row beside its bytes on disk: its id, its place in the order of an epoch."""

TARGET_DTYPES = {
    "binary": np.int8,
    "multiclass": np.int16,
    "multilabel": np.int8,
    "regression": np.float32,
    "per_position": np.uint8,
}
"""Type of the targets of each task."""

INDEX_TASKS = ("multiclass", "per_position")
"""Tasks whose target is the index of a class."""


Arrays = dict[str, Any]
"""The arrays of a shard by name."""


class Piece(NamedTuple):
    """The examples of one shard.

    Attributes
    ----------
    letters
        Character codes, upper case, shape (rows, length).
    target
        Shape (rows, outputs). Multiclass: index of the class, shape (rows, 1). Per position: index
        of the class of each position, shape (rows, length).
    """

    letters: NDArray[np.uint8]
    target: ArrayLike
    ids: Sequence[str]


class Tensors:
    """A dataset's tensors, bit-packed: in memory, or read shard by shard when they are needed.

    `open_tensors` and `pack_tensors` make them, with a `shard` that gives onehot, target and id of
    a shard by its number.

    Attributes
    ----------
    length, channels
        Shape of one example.
    alphabet
        Channel order, see `alphabet.CHANNELS`.
    task, outputs
        What is predicted; names of the targets, for multiclass and per position of the classes.
    starts
        First row of each shard; behind the last, the number of rows.
    memory
        Bytes that they take in memory.
    """

    def __init__(
        self, manifest: dict[str, Any], shard: Callable[[int], Arrays], memory: int
    ) -> None:
        self.length: int = manifest["length"]
        self.channels = len(manifest["channels"])
        self.alphabet: str = manifest["alphabet"]
        self.task: str = manifest["task"]
        self.outputs: list[str] = manifest["outputs"]
        self.starts = np.cumsum([0, *(entry["rows"] for entry in manifest["shards"])])
        self.memory = memory
        self._shard = shard
        self._target: NDArray[Any] | None = None

    def __len__(self) -> int:
        return int(self.starts[-1])

    @cached_property
    def ids(self) -> NDArray[Any]:
        """Names of the examples, shape (n,), type `numpy.dtypes.StringDType`."""
        kind = np.dtypes.StringDType()
        texts = (names.tobytes().decode() for names in self._column("id"))
        return np.concatenate([np.array(text.split("\n"), dtype=kind) for text in texts])

    @property
    def target(self) -> NDArray[Any]:
        """Targets of the examples, shape as in `Piece`, type as in `TARGET_DTYPES`."""
        if self._target is None:
            self._target = np.concatenate(list(self._column("target")))
        return self._target

    def with_target(self, target: NDArray[Any]) -> Tensors:
        """The same examples with other targets, one row for each."""
        changed = copy.copy(self)
        changed._target = target
        return changed

    def onehot(self, rows: Any = slice(None)) -> NDArray[np.uint8]:
        """One-hot bits of some rows, uint8, shape (rows, length, channels)."""
        packed, _ = self.take(np.arange(len(self))[rows])
        return unpack(packed, self.length, self.channels)

    def take(self, rows: Integers) -> tuple[NDArray[np.uint8], NDArray[Any]]:
        """Packed bits, shape (m, ceil(length * channels / 8)), and targets of m rows, in order."""
        packed = np.empty((len(rows), -(-self.length * self.channels // 8)), dtype=np.uint8)
        if self._target is None:
            width = _target_width(self.task, self.outputs, self.length)
            target = np.empty((len(rows), width), dtype=TARGET_DTYPES[self.task])
        else:
            target = self._target[rows]

        shards = np.searchsorted(self.starts, rows, side="right") - 1
        for number in np.unique(shards).tolist():
            wanted = np.flatnonzero(shards == number)
            places = rows[wanted] - self.starts[number]
            shard = self._shard(number)
            packed[wanted] = shard["onehot"][places]
            if self._target is None:
                target[wanted] = shard["target"][places]

        return packed, target

    def _column(self, name: str) -> Iterator[NDArray[Any]]:
        return (self._shard(number)[name] for number in range(len(self.starts) - 1))


def cut_pieces(
    letters: NDArray[np.uint8], target: NDArray[Any], ids: Sequence[str], rows: int = SHARD_ROWS
) -> Iterator[Piece]:
    """Cut the examples of a dataset into pieces of some rows, shapes as in `Piece`."""
    for start in range(0, len(letters), rows):
        part = slice(start, start + rows)
        yield Piece(letters[part], target[part], ids[part])


def write_tensors(
    folder: str | Path,
    pieces: Iterable[Piece],
    *,
    task: str,
    outputs: Sequence[str],
    alphabet: str = "dna",
) -> None:
    """Encode examples and write them as a folder, not there yet, of shards with its manifest.

    Parameters
    ----------
    pieces
        The examples of each shard; they are encoded one after another.
    task
        A key of `TARGET_DTYPES`.
    outputs
        Names of the targets, for multiclass and per position of the classes.
    alphabet
        A key of `alphabet.CHANNELS`.

    Raises
    ------
    InputError
        When there is no example, or a letter is not in the alphabet.
    ValueError
        When the targets do not fit the task, or an id holds a line break.
    """
    folder = Path(folder)
    folder.mkdir(parents=True)
    shards: list[dict[str, Any]] = []
    length = 0
    for number, (letters, target, ids) in enumerate(pieces):
        length = letters.shape[1]
        file = folder / f"shard-{number:05d}.npz"
        with writing(file) as unfinished:
            np.savez(unfinished, **_packed(letters, target, ids, task, outputs, alphabet))
        shards.append({"file": file.name, "rows": len(ids), "sha256": written_sha256(file)})

    write_manifest(folder / MANIFEST, _manifest(shards, task, outputs, alphabet, length))


def pack_tensors(
    pieces: Iterable[Piece], *, task: str, outputs: Sequence[str], alphabet: str = "dna"
) -> Tensors:
    """Encode examples as tensors in memory, without a folder: those that `write_tensors` writes.

    Arguments and errors are those of `write_tensors`.

    Examples
    --------
    >>> from basewise.sequences.alphabet import letters_of
    >>> piece = Piece(letters_of(["ACGT", "TTTT"]), [[0], [1]], ["first", "second"])
    >>> pack_tensors([piece], task="binary", outputs=["label"]).onehot().shape
    (2, 4, 4)
    """
    shards: list[Arrays] = []
    length = 0
    for letters, target, ids in pieces:
        length = letters.shape[1]
        shards.append(_packed(letters, target, ids, task, outputs, alphabet))
    rows = [{"rows": len(shard["onehot"])} for shard in shards]
    memory = sum(array.nbytes for shard in shards for array in shard.values())
    return Tensors(_manifest(rows, task, outputs, alphabet, length), shards.__getitem__, memory)


def open_tensors(folder: str | Path, memory: int | None = None) -> Tensors:
    """Open the tensors that `write_tensors` wrote, and print what memory they need.

    If that is within `memory` bytes, or without a limit, all of it is loaded; otherwise shards are
    read when they are needed.

    Raises
    ------
    InputError
        When the manifest or a shard is missing, damaged or of another version. Each shard is
        compared with its checksum when it is read.
    """
    folder = Path(folder)
    manifest = read_manifest(folder / MANIFEST)
    needed = BYTES_A_ROW * manifest["rows"]
    for shard in manifest["shards"]:
        file = folder / shard["file"]
        if file.parent != folder or not file.is_file():
            raise spoiled(DAMAGED, file)
        needed += file.stat().st_size

    fitting = fits(manifest["rows"], manifest["length"], manifest["alphabet"], needed, memory)
    files = [folder / shard["file"] for shard in manifest["shards"]]
    held = len(files) if fitting else STREAMED
    sizes = sorted(file.stat().st_size for file in files)
    shard = lru_cache(held)(lambda number: _read_shard(files[number], manifest, number))
    if fitting:
        for number in range(len(files)):
            shard(number)

    return Tensors(manifest, shard, sum(sizes[-held:]))


def _read_shard(file: Path, manifest: dict[str, Any], number: int) -> Arrays:
    """The arrays of a shard, once they are those that the manifest announces."""
    announced = manifest["shards"][number]
    try:
        content = file.read_bytes()
    except OSError as error:
        raise spoiled(DAMAGED, file) from error
    if hashlib.sha256(content).hexdigest() != announced["sha256"]:
        raise spoiled(DAMAGED, file)
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        shard = dict(arrays)

    rows, length = announced["rows"], manifest["length"]
    shapes = {
        "onehot": (rows, -(-length * len(manifest["channels"]) // 8)),
        "target": (rows, _target_width(manifest["task"], manifest["outputs"], length)),
        "id": shard["id"].shape if "id" in shard else (),
    }
    is_whole = {name: array.shape for name, array in shard.items()} == shapes
    if not is_whole or (shard["id"] == ord("\n")).sum() + 1 != rows:
        raise spoiled(DAMAGED, file)
    return shard


def _packed(
    letters: NDArray[np.uint8],
    target: ArrayLike,
    ids: Sequence[str],
    task: str,
    outputs: Sequence[str],
    alphabet: str,
) -> Arrays:
    """The arrays of a shard, as they are stored."""
    width = _target_width(task, outputs, letters.shape[1])
    return {
        "onehot": pack_letters(letters, alphabet),
        "target": _checked_target(target, (len(ids), width), task),
        "id": _joined(ids),
    }


def _manifest(
    shards: list[dict[str, Any]], task: str, outputs: Sequence[str], alphabet: str, length: int
) -> dict[str, Any]:
    if not shards:
        raise InputError("no example is left to encode")
    return {
        "task": task,
        "alphabet": alphabet,
        "channels": CHANNELS[alphabet],
        "length": length,
        "outputs": list(outputs),
        "rows": sum(shard["rows"] for shard in shards),
        "shards": shards,
    }


def _target_width(task: str, outputs: Sequence[str], length: int) -> int:
    return {"multiclass": 1, "per_position": length}.get(task, len(outputs))


def _checked_target(target: ArrayLike, shape: tuple[int, int], task: str) -> NDArray[Any]:
    given = np.asarray(target)
    stored = given.astype(TARGET_DTYPES[task])
    if given.shape != shape:
        raise ValueError(f"{task} targets have shape {given.shape} instead of {shape}")
    if task != "regression" and (stored != given).any():
        raise ValueError(f"{task} targets do not fit into {stored.dtype}")
    return stored


def _joined(ids: Sequence[str]) -> NDArray[np.uint8]:
    text = "\n".join(ids)
    if text.count("\n") != len(ids) - 1:
        raise ValueError("an id holds a line break")
    return np.frombuffer(text.encode(), dtype=np.uint8)
