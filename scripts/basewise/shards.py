"""The tensor cache: packed one-hot rows, targets and ids in npz shards beside a manifest."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from basewise.alphabet import CHANNELS, encode, pack, unpack
from basewise.errors import InputError
from basewise.steps import sha256_of

__all__ = ["Tensors", "open_tensors", "write_tensors"]

SHARD_ROWS = 65_536


class Tensors(NamedTuple):
    """A dataset's tensors in memory, bit-packed.

    Attributes
    ----------
    packed
        uint8, shape (n, ceil(length * channels / 8)).
    target
        int8, shape (n, outputs).
    ids
        str, shape (n,).
    length, channels
        Shape of one example.
    alphabet
        Channel order, see `alphabet.CHANNELS`.
    outputs
        Name of each target.
    """

    packed: NDArray[np.uint8]
    target: NDArray[np.int8]
    ids: NDArray[np.str_]
    length: int
    channels: int
    alphabet: str
    outputs: list[str]

    def onehot(self, rows: Any = slice(None)) -> NDArray[np.uint8]:
        """One-hot bits of some rows, uint8, shape (rows, length, channels)."""
        return unpack(self.packed[rows], self.length, self.channels)


def write_tensors(
    folder: str | Path,
    letters: NDArray[np.uint8],
    target: NDArray[np.int8],
    ids: Sequence[str],
    outputs: Sequence[str],
    alphabet: str = "dna",
    shard_rows: int = SHARD_ROWS,
) -> None:
    """Encode sequences and write them as a folder of shards with its manifest.

    Parameters
    ----------
    folder
        A folder that does not exist yet.
    letters
        Character codes, shape (n, length).
    target
        int8, shape (n, outputs).
    ids, outputs
        n names of examples; names of the targets.
    shard_rows
        Examples in a shard.
    """
    folder = Path(folder)
    folder.mkdir(parents=True)
    names = np.array(ids, dtype=np.str_)
    shards = []
    for number, start in enumerate(range(0, len(letters), shard_rows)):
        rows = slice(start, start + shard_rows)
        file = folder / f"shard-{number:05d}.npz"
        np.savez(
            file, onehot=pack(encode(letters[rows], alphabet)), target=target[rows], id=names[rows]
        )
        shards.append({"file": file.name, "rows": len(names[rows]), "sha256": sha256_of(file)})
    manifest = {
        "format": "basewise tensors 1",
        "alphabet": alphabet,
        "channels": CHANNELS[alphabet],
        "length": int(letters.shape[1]),
        "outputs": list(outputs),
        "rows": len(names),
        "shards": shards,
    }
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def open_tensors(folder: str | Path) -> Tensors:
    """Load the tensors that `write_tensors` wrote, checking every shard against the manifest.

    Raises
    ------
    InputError
        When a shard is missing or its sha256 differs.
    """
    folder = Path(folder)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    pieces: dict[str, list[NDArray[Any]]] = {"onehot": [], "target": [], "id": []}
    for shard in manifest["shards"]:
        file = folder / shard["file"]
        if not file.exists() or sha256_of(file) != shard["sha256"]:
            raise InputError("is missing or not as the manifest has it; delete the folder", file)
        with np.load(file, allow_pickle=False) as arrays:
            for name, parts in pieces.items():
                parts.append(arrays[name])
    return Tensors(
        packed=np.concatenate(pieces["onehot"]),
        target=np.concatenate(pieces["target"]),
        ids=np.concatenate(pieces["id"]),
        length=manifest["length"],
        channels=len(manifest["channels"]),
        alphabet=manifest["alphabet"],
        outputs=manifest["outputs"],
    )
