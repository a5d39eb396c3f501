"""Memory of encoding very many windows and training on them for one epoch.

Usage: python benchmarks/ten_million.py [WINDOWS]
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import keras
import numpy as np

from basewise.architectures import build
from basewise.store.shards import SHARD_ROWS, Piece, open_tensors, write_tensors
from basewise.training.batches import Batches
from basewise.training.feeding import fit

BASES = np.frombuffer(b"ACGT", dtype=np.uint8)
LENGTH, BATCH = 200, 2048


def random_pieces(windows: int, generator: np.random.Generator) -> Iterator[Piece]:
    """Random windows with random labels, a shard at a time."""
    for start in range(0, windows, SHARD_ROWS):
        rows = min(SHARD_ROWS, windows - start)
        letters = BASES[generator.integers(4, size=(rows, LENGTH), dtype=np.uint8)]
        ids = [f"window{row}" for row in range(start, start + rows)]
        yield Piece(letters, generator.integers(2, size=(rows, 1)), ids)


def main(windows: int = 10_000_000) -> None:
    """Print one line of a table."""
    generator = np.random.default_rng(1)
    with TemporaryDirectory() as folder:
        begin = time.perf_counter()
        pieces = random_pieces(windows, generator)
        write_tensors(Path(folder) / "tensors", pieces, task="binary", outputs=["label"])
        encoded = time.perf_counter()
        tensors = open_tensors(Path(folder) / "tensors", memory=0)
        model = build("conv1d", length=LENGTH, filters=4)
        model.compile(keras.optimizers.Adam(), "binary_crossentropy")
        model.optimizer.build(model.trainable_variables)
        fit(model, Batches(tensors, np.arange(windows), BATCH, generator), None, range(1), [])
        trained = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(
        f"| {windows:,} x {LENGTH} bp | encoding {encoded - begin:.0f} s "
        f"| an epoch {trained - encoded:.0f} s | peak memory {peak:.2f} GiB, wanted < 4 |"
    )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
