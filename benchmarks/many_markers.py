"""Time and memory of genotypes at scale: a PLINK file, encoded, then a baseline and a network.

Usage: python benchmarks/many_markers.py [INDIVIDUALS MARKERS]

Each step runs in a process of its own, as the workflow's steps do, and says its peak memory.
"""

from __future__ import annotations

import multiprocessing
import resource
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
from bed_reader import to_bed

from basewise.examples.encoding import example_pieces
from basewise.examples.from_genotypes import extract, write_extracted
from basewise.genotypes.reading import read_genotypes
from basewise.store.parts import write_split
from basewise.store.run_records import RunRecord
from basewise.store.shards import write_tensors

EXTRACTED = ("genotypes.npy", "candidates.parquet", "dropped.tsv", "markers.tsv")
EXTRACTED += ("dropped_markers.tsv", "filters.tsv")
NAMES = ("simulated", "model", 0, 1)


def simulate(folder: Path, individuals: int, markers: int) -> None:
    """Write a PLINK file of families, and a trait with 500 causal markers and heritability 0.5."""
    rng = np.random.default_rng(1)
    frequency = rng.uniform(0.05, 0.5, size=(20, markers)).astype(np.float32)
    family = np.arange(individuals) % 20
    genotypes = np.empty((individuals, markers), dtype=np.int8)
    for row in range(individuals):
        genotypes[row] = rng.binomial(2, frequency[family[row]])
    causal = rng.choice(markers, 500, replace=False)
    value = genotypes[:, causal] @ rng.normal(size=500)
    trait = value + rng.normal(scale=value.std(), size=individuals)
    np.save(folder / "trait.npy", (trait - trait.mean()) / trait.std())
    genotypes[rng.random(genotypes.shape, dtype=np.float32) < 0.01] = -127
    to_bed(folder / "panel.bed", genotypes)


def encode(folder: Path) -> None:
    """From the file to shards and a split, as `extract_genotypes` and `encode_tensors` do."""
    path = folder / "panel.bed"
    filters = {"marker_call_rate": 0.9, "minor_allele_frequency": 0.01, "duplicate_markers": "drop"}
    write_extracted(
        extract(read_genotypes(path), path, **filters), *(folder / name for name in EXTRACTED)
    )
    candidates = pd.read_parquet(folder / "candidates.parquet")
    examples = candidates.assign(record=np.arange(len(candidates)))
    target = np.load(folder / "trait.npy")[:, None]
    pieces = example_pieces(folder / "genotypes.npy", examples, target)
    write_tensors(
        folder / "tensors", pieces, task="regression", outputs=["trait"], alphabet="genotype"
    )
    part = np.resize(["train"] * 8 + ["validation", "test"], len(examples))
    write_split(examples, part, folder / "split.tsv")


def fit(folder: Path, name: str) -> None:
    """Fit a baseline as `fit_baseline` does."""
    from basewise.baselines import fit_and_save

    fit_and_save(
        folder / "tensors",
        folder / "split.tsv",
        {file: str(folder / f"{name}.{file}") for file in ("model", "scores", "run")},
        RunRecord(*NAMES, baseline=name),
        transform="zscore",
        root_seed=1,
    )


def train(folder: Path, name: str, **settings: Any) -> None:
    """Train a network as its rule does."""
    from basewise.training import device

    used = device.prepare(threads=1, gpu=0)
    from basewise.training.run import train_and_save

    files = {"model": "keras", "history": "tsv", "scores": "parquet", "run": "json"}
    train_and_save(
        folder / "tensors",
        folder / "split.tsv",
        {file: str(folder / f"{name}.{suffix}") for file, suffix in files.items()},
        RunRecord(
            *NAMES,
            architecture=name,
            settings=settings,
            training={"epochs": 20, "batch_size": 32, "patience": 5, "learning_rate": 0.001},
            device=used,
        ),
        transform="zscore",
        root_seed=1,
        memory_mb=8000,
    )


def measured(step: Callable[[], None]) -> None:
    """Run a step and print its wall time and peak memory."""
    begin = time.perf_counter()
    step()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(f"took {time.perf_counter() - begin:.0f} s, peak memory {peak:.2f} GiB", flush=True)


def main(individuals: int = 1_000, markers: int = 500_000) -> None:
    """Print a line a step."""
    fresh = multiprocessing.get_context("spawn")
    with TemporaryDirectory() as name:
        folder = Path(name)
        steps = {
            f"simulate {individuals:,} x {markers:,}": partial(
                simulate, folder, individuals, markers
            ),
            "extract and encode": partial(encode, folder),
            "gblup": partial(fit, folder, "gblup"),
            "dnngp, 500 components": partial(train, folder, "dnngp", variance=1.0),
        }
        for title, step in steps.items():
            print(f"{title}: ", flush=True)
            process = fresh.Process(target=measured, args=(step,))
            process.start()
            process.join()
            if process.exitcode:
                sys.exit(f"{title} failed")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
