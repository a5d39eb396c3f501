"""Training speed and memory of every architecture on one core, each in a process of its own.

Usage: python benchmarks/architectures.py [PYTHON_WITH_TORCH] [NAME ...]

With a Python that has PyTorch, plain renditions of DanQ and of the attention network run too, and
the attention network in Keras as its tutorial writes it. 64 sequences of 200 letters a batch (DanQ
1,000, the lengths that a published network needs), one output; the first ten batches do not count.
Rates are examples a second of CPU time.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

BATCH, WARM, COUNTED = 64, 10, 30
LENGTHS = {"danq": 1000, "danq_jaspar": 1000, "deepsea": 1000, "basset": 600, "deepcpg": 1001}
LENGTHS |= {"dragonn": 500}
PEERS = Path(__file__).with_name("torch_peers.py")


def report(name: str, length: int, step: Callable[[], object]) -> None:
    """Time training steps of one network and print its line of the table."""
    for _ in range(WARM):
        step()
    begin = time.process_time()
    for _ in range(COUNTED):
        step()
    rate = BATCH * COUNTED / (time.process_time() - begin)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"| {name} | {length:,} | {rate:,.0f} | {peak:.2f} |", flush=True)


def measure(name: str) -> None:
    """Train one network of basewise, or the tutorial's, for some batches."""
    import keras
    import numpy as np
    import tensorflow as tf

    from basewise.architectures import build

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    length = LENGTHS.get(name, 200)
    generator = np.random.default_rng(1)
    onehot = np.eye(4, dtype=np.uint8)[generator.integers(4, size=(BATCH, length))]
    target = generator.integers(2, size=(BATCH, 1)).astype(np.float32)
    if name == "attention as in its tutorial":
        model, onehot = tutorial(length), onehot.astype(np.float32)
    else:
        model = build(name, length=length)
    model.compile(keras.optimizers.Adam(), loss="binary_crossentropy")
    report(name, length, lambda: model.train_on_batch(onehot, target))


def tutorial(length: int) -> object:
    """The attention network with its weights repeated and turned for each filter."""
    import keras
    from keras import layers

    onehot = keras.Input((length, 4))
    branches = []
    for size in (3, 7, 15, 25):
        hidden = layers.Conv1D(64, size, padding="same", activation="relu")(onehot)
        hidden = layers.BatchNormalization()(hidden)
        hidden = layers.Dropout(0.2)(hidden)
        weight = layers.Flatten()(layers.Dense(1, activation="tanh")(hidden))
        weight = layers.RepeatVector(64)(layers.Activation("softmax")(weight))
        weighted = layers.Multiply()([hidden, layers.Permute((2, 1))(weight)])
        branches.append(layers.GlobalMaxPooling1D()(weighted))
    hidden = layers.Concatenate()(branches)
    for units, rate in ((256, 0.5), (128, 0.3)):
        hidden = layers.Dense(units, activation="relu")(hidden)
        hidden = layers.BatchNormalization()(hidden)
        hidden = layers.Dropout(rate)(hidden)
    return keras.Model(onehot, layers.Dense(1, activation="sigmoid")(hidden))


def main() -> None:
    """Print the table, one process a line."""
    if sys.argv[1:2] == ["--one"]:
        measure(sys.argv[2])
        return
    from basewise.architectures import names

    torch_python = sys.argv[1] if sys.argv[1:] else None
    print("| network | letters | examples/CPU s | peak GiB |\n|---|---|---|---|", flush=True)
    for name in sys.argv[2:] or [*names(), "attention as in its tutorial"]:
        subprocess.run([sys.executable, __file__, "--one", name], check=True)  # noqa: S603
    if torch_python:
        for name in ("danq", "multiscale_attention"):
            subprocess.run([torch_python, str(PEERS), name], check=True)  # noqa: S603


if __name__ == "__main__":
    main()
