"""Shuffled batches from packed shards, against uint8 one-hot in a chunked HDF5 file.

Usage: python benchmarks/batches.py
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

import h5py
import numpy as np

from basewise.sequences.alphabet import encode
from basewise.store.shards import cut_pieces, open_tensors, write_tensors
from basewise.training.batches import Batches

BASES = np.frombuffer(b"ACGT", dtype=np.uint8)
ROWS, LENGTH, BATCH = 300_000, 500, 64
PEER_ROWS, PEER_BATCHES = 50_000, 100


def examples_a_second(batches: Iterable[object], examples: int) -> float:
    """Rate at which the batches come."""
    begin = time.perf_counter()
    for _ in batches:
        pass
    return examples / (time.perf_counter() - begin)


def main() -> None:
    """Print one line of a table for each way to hold the tensors."""
    generator = np.random.default_rng(1)
    letters = BASES[generator.integers(4, size=(ROWS, LENGTH))]
    target = generator.integers(2, size=(ROWS, 1))
    with TemporaryDirectory() as name:
        folder = Path(name)
        with h5py.File(folder / "peer.h5", "w") as file:
            onehot = encode(letters[:PEER_ROWS])
            file.create_dataset("onehot", data=onehot, chunks=(BATCH, LENGTH, 4))
            file["target"] = target[:PEER_ROWS]
        with h5py.File(folder / "peer.h5") as file:
            order = generator.permutation(PEER_ROWS)[: PEER_BATCHES * BATCH]
            rows = np.sort(order.reshape(PEER_BATCHES, BATCH), axis=1)
            reads = ((file["onehot"][row], file["target"][row]) for row in rows)
            peer = examples_a_second(reads, PEER_BATCHES * BATCH)
        pieces = cut_pieces(letters, target, [f"window{row}" for row in range(ROWS)])
        write_tensors(folder / "tensors", pieces, task="binary", outputs=["label"])
        for memory, mode in ((None, "in memory"), (0, "streamed")):
            tensors = open_tensors(folder / "tensors", memory)
            ours = examples_a_second(Batches(tensors, np.arange(ROWS), BATCH, generator), ROWS)
            print(
                f"| shuffled batches of {BATCH} x {LENGTH} bp, {mode}, examples/s "
                f"| basewise {ours:,.0f} | h5py {peer:,.0f} | ratio {ours / peer:,.0f} |"
            )


if __name__ == "__main__":
    main()
