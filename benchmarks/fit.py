"""Training and scoring from packed rows against Keras on one-hot arrays in memory.

Usage: taskset -c 0 python benchmarks/fit.py [NAME ...]

CPU seconds of one thread. Keras has `steps_per_execution=64`, its fastest way, and shuffles for
itself; it scores as many at once as we do. The two take turns, so that both see the same load of
the machine; the first epoch of each turn compiles and does not count.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from functools import partial
from statistics import median
from typing import Any

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import keras
import numpy as np
import tensorflow as tf

from basewise.architectures import build
from basewise.sequences.alphabet import encode
from basewise.store.shards import cut_pieces, pack_tensors
from basewise.training.batches import Batches
from basewise.training.feeding import SCORED, fit, predict

BASES = np.frombuffer(b"ACGT", dtype=np.uint8)
BATCH, TURNS, EPOCHS, AT_ONCE = 32, 5, 3, 64
EXAMPLES = {
    "conv1d": (10_000, 200),
    "deepbind": (10_000, 200),
    "multiscale_attention_v2": (5_000, 200),
    "primer_cnn": (10_000, 200),
    "basset": (640, 600),
    "danq": (384, 1000),
}


class Clock(keras.callbacks.Callback):  # type: ignore[misc]
    """CPU seconds of each epoch but the first."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float] = []

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Start."""
        self.began = time.process_time()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Stop."""
        if epoch:
            self.seconds.append(time.process_time() - self.began)


def trained(way: Callable[[Clock], object]) -> float:
    """Seconds of an epoch of a way to train."""
    clock = Clock()
    way(clock)
    return median(clock.seconds)


def scored(way: Callable[[int], object], rows: int) -> float:
    """Seconds for so many rows beyond as many others, before which the graph is made."""
    began = time.process_time()
    way(rows)
    first = time.process_time()
    way(2 * rows)
    return (time.process_time() - first) - (first - began)


def line(what: str, name: str, rows: int, pairs: list[tuple[float, float]]) -> None:
    """Print a line of the table from seconds of ours and of Keras."""
    ours, theirs = (rows / median(seconds) for seconds in zip(*pairs, strict=True))
    ratio = median(keras_seconds / our_seconds for our_seconds, keras_seconds in pairs)
    print(f"| {name} | {what} | {ours:,.0f} | {theirs:,.0f} | {ratio:.2f} |", flush=True)


def measure(name: str, rows: int, length: int) -> None:
    """Print the lines of a network."""
    generator = np.random.default_rng(1)
    letters = BASES[generator.integers(4, size=(rows, length))]
    target = generator.integers(2, size=(rows, 1))
    ids = [f"window{row}" for row in range(rows)]
    pieces = cut_pieces(letters, target, ids)
    tensors = pack_tensors(pieces, task="binary", outputs=["label"])
    model = build(name, length=length)
    model.compile("adam", "binary_crossentropy", steps_per_execution=AT_ONCE)
    model.optimizer.build(model.trainable_variables)
    onehot, wanted = encode(letters), target.astype(np.float32)
    shown = Batches(tensors, np.arange(rows), BATCH, generator)
    array = partial(model.fit, onehot, wanted, BATCH, EPOCHS, 0)
    pairs = [
        (
            trained(lambda clock: fit(model, shown, None, range(EPOCHS), [clock])),
            trained(lambda clock: array([clock])),
        )
        for _ in range(TURNS)
    ]
    line("train", name, rows, pairs)

    plain = keras.Model(model.input, model.output)
    pairs = [
        (
            scored(
                lambda count: predict(plain, tensors, np.resize(np.arange(rows), count), BATCH),
                rows,
            ),
            scored(
                lambda count: plain.predict(np.resize(onehot, (count, length, 4)), SCORED, 0), rows
            ),
        )
        for _ in range(TURNS)
    ]
    line("score", name, rows, pairs)


def main() -> None:
    """Print the table."""
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.config.experimental.enable_op_determinism()
    keras.utils.set_random_seed(1)
    print("| network | what | basewise, examples/CPU s | Keras on arrays | ratio |")
    for name in sys.argv[1:] or EXAMPLES:
        measure(name, *EXAMPLES[name])


if __name__ == "__main__":
    main()
