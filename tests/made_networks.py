"""Small networks, tensors to train them on, and trainings of a moment."""

import json

import numpy as np
import pandas as pd

from basewise import architectures
from basewise.store.parts import write_split
from basewise.store.run_records import RunRecord
from basewise.store.shards import open_tensors, write_tensors
from basewise.training.run import train_and_save
from basewise.training.settings import Training

SMALL = {
    "conv1d_wide": {"filters": 64},
    "multiscale_attention": {"filters": 16},
    "conv_birnn": {"filters": 32, "rnn_units": 16},
    "danq": {"filters": 32, "rnn_units": 16, "position_rnn_units": 16},
    "danq_jaspar": {"filters": 32, "rnn_units": 16},
    "deepsea": {"filters": [32, 32, 32]},
    "basset": {"filters": [32, 32, 32]},
    "deepcpg": {"filters": [32, 32]},
    "rnn": {"filters": 32, "rnn_units": 16},
}
"""Settings that make a network small enough to build and train in a moment."""

TRAINING = Training(epochs=2, batch_size=32, patience=5, learning_rate=0.001)


def small(name, length=60, **options):
    return architectures.build(
        name, length=length, adapt="auto", **{**SMALL.get(name, {}), **options}
    )


def with_task(task):
    return [
        name for name in architectures.names() if task in architectures.registry()[name]["tasks"]
    ]


def parts(n):
    return np.resize(["train", "train", "validation", "test"], n)


def random_letters(n, length, letters=b"ACGT"):
    return np.random.default_rng(1).choice(np.frombuffer(letters, dtype=np.uint8), (n, length))


def tensors_of(folder, letters, target, **what):
    ids = [f"e{row}" for row in range(len(letters))]
    write_tensors(folder / "tensors", [(letters, target, ids)], **what)
    write_split(pd.DataFrame({"id": ids, "group": None}), parts(len(ids)), folder / "split.tsv")
    return open_tensors(folder / "tensors")


def trained(
    folder,
    memory_mb=2000,
    transform="none",
    architecture="conv1d",
    settings=None,
    device="CPU",
    cards=1,
    **training,
):
    """Scores and record of a training on the tensors in a folder."""
    files = {"model": "m.keras", "history": "h.tsv", "scores": "s.parquet", "run": "run.json"}
    train_and_save(
        folder / "tensors",
        folder / "split.tsv",
        {name: str(folder / file) for name, file in files.items()},
        RunRecord(
            *("d", "m", 0, 1),
            architecture=architecture,
            settings={"filters": 4} if settings is None else settings,
            training={**TRAINING._asdict(), **training},
            device=device,
        ),
        transform=transform,
        root_seed=1,
        device_settings={"cards": cards},
        memory_mb=memory_mb,
        code="",
    )
    return pd.read_parquet(folder / "s.parquet"), json.loads((folder / "run.json").read_text())
