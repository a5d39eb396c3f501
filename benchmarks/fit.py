"""`fit` fed by shards against `fit` fed by arrays in memory, the same networks, one core.

Usage: python benchmarks/fit.py [NAME ...]

Epochs alternate between the two, so that both see the same load of the machine; the first of each
compiles and does not count. Arrays are uint8 one-hot, shuffled by Keras.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import keras
import numpy as np
import tensorflow as tf

from basewise.architectures import build
from basewise.sequences.alphabet import encode
from basewise.store.shards import cut_pieces, open_tensors, write_tensors
from basewise.training.batches import Batches

BASES = np.frombuffer(b"ACGT", dtype=np.uint8)
BATCH, ROUNDS = 64, 7
EXAMPLES = {
    "conv1d": (20_000, 200),
    "primer_cnn": (20_000, 200),
    "multiscale_attention": (3_000, 200),
    "basset": (640, 600),
    "danq": (384, 1000),
}


def seconds_of(epoch: Callable[[], object]) -> float:
    """Wall time of an epoch."""
    begin = time.perf_counter()
    epoch()
    return time.perf_counter() - begin


def measure(name: str, rows: int, length: int, folder: Path) -> None:
    """Print one line of the table."""
    generator = np.random.default_rng(1)
    letters = BASES[generator.integers(4, size=(rows, length))]
    target = generator.integers(2, size=(rows, 1))
    pieces = cut_pieces(letters, target, [f"window{row}" for row in range(rows)])
    write_tensors(folder / name, pieces, task="binary", outputs=["label"])
    model = build(name, length=length)
    model.compile(keras.optimizers.Adam(), loss="binary_crossentropy")
    onehot, wanted = encode(letters), target.astype(np.float32)
    shards = Batches(open_tensors(folder / name), np.arange(rows), BATCH, generator)
    ways = {
        "shards": lambda: model.fit(shards, shuffle=False, verbose=0),
        "arrays": lambda: model.fit(onehot, wanted, batch_size=BATCH, verbose=0),
    }
    times = {way: [seconds_of(epoch)] for way, epoch in ways.items()}
    for _ in range(ROUNDS):
        for way, epoch in ways.items():
            times[way].append(seconds_of(epoch))
    ratio = median(a / s for a, s in zip(times["arrays"][1:], times["shards"][1:], strict=True))
    rates = {way: rows / median(seconds[1:]) for way, seconds in times.items()}
    print(f"| {name} | {length} | {rates['shards']:,.0f} | {rates['arrays']:,.0f} | {ratio:.2f} |")


def main() -> None:
    """Print the table."""
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    with TemporaryDirectory() as folder:
        for name in sys.argv[1:] or EXAMPLES:
            measure(name, *EXAMPLES[name], Path(folder))


if __name__ == "__main__":
    main()
