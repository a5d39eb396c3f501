"""Time and memory of the whole chain on very many windows, from a genome to new scores.

Usage: python benchmarks/ten_million.py FOLDER [WINDOWS]

A simulated genome of 100 Mb in ten chromosomes, of which two are validation and two test; windows
of 200 bp at random places, half of them positive; a small network and one epoch. Then as many
sequences, drawn anew, are scored with the bundle of that network. Each step is the job that the
workflow runs, with nothing else in that run of Snakemake; what FOLDER has is not made again.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray

ROOT = Path(__file__).parents[1]
BASES = np.frombuffer(b"ACGT", dtype=np.uint8)
CHROMOSOMES, CHROMOSOME, WINDOW = 10, 10_000_000, 200
CHUNK = 100_000

STEPS = {
    "extract_regions": "results/windows/extract/candidates.parquet",
    "join_labels": "results/windows/examples/examples.parquet",
    "split_examples": "results/windows/splits",
    "audit_leakage": "results/windows/leakage",
    "encode_tensors": "results/windows/tensors",
    "train_conv1d": "results/windows/models/small/fold0/seed1/scores.parquet",
    "evaluate_classifier": "results/windows/evaluation/small/metrics.tsv",
    "compare_models": "results/windows/evaluation/comparison.tsv",
    "bundle_model": "results/bundles/windows.small.zip",
    "score_sequences": "results/scored/new/scores.parquet",
}
"""The file or folder that says that a step is done."""


def write_genome(path: Path, generator: np.random.Generator) -> NDArray[np.uint8]:
    """Write random chromosomes; gives their letters, shape (chromosomes, bases)."""
    letters = BASES[generator.integers(len(BASES), size=(CHROMOSOMES, CHROMOSOME), dtype=np.uint8)]
    with open(path, "wb") as genome:
        for number, chromosome in enumerate(letters, start=1):
            genome.write(b">chr%d\n%s\n" % (number, chromosome.tobytes()))
    return letters


def write_inputs(folder: Path, windows: int) -> None:
    """Write the genome, the windows with their labels, the new sequences and the configuration."""
    generator = np.random.default_rng(1)
    genome = write_genome(folder / "genome.fa", generator)
    with open(folder / "windows.bed", "w") as bed, open(folder / "new.fa", "wb") as new:
        for first in range(0, windows, CHUNK):
            rows = min(CHUNK, windows - first)
            places = draw_places(rows, generator)
            label = generator.integers(2, size=rows)
            bed.writelines(
                f"chr{chrom + 1}\t{start}\t{start + WINDOW}\tw{first + row}\t{label[row]}\n"
                for row, (chrom, start) in enumerate(zip(*places, strict=True))
            )
            for row, (chrom, start) in enumerate(zip(*draw_places(rows, generator), strict=True)):
                sequence = genome[chrom, start : start + WINDOW].tobytes()
                new.write(b">new%d\n%s\n" % (first + row, sequence))

    config = {
        "datasets": {
            "windows": {
                "genome": "genome.fa",
                "regions": "windows.bed",
                "columns": {"id": 4, "label": 5},
                "window": WINDOW,
                "task": "binary",
                "split": {
                    "method": "chromosome",
                    "validation": ["chr7", "chr8"],
                    "test": ["chr9", "chr10"],
                },
                "bundles": ["small"],
            }
        },
        "models": {"small": {"architecture": "conv1d", "filters": 4}},
        "default_baselines": [],
        "training": {"epochs": 1, "batch_size": 2048},
        "score": {"new": {"models": "results/windows", "model": "small", "sequences": "new.fa"}},
    }
    (folder / "config").mkdir()
    (folder / "config" / "config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")


def draw_places(
    rows: int, generator: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Chromosomes, from 0, and starts of windows."""
    chrom = generator.integers(CHROMOSOMES, size=rows)
    return chrom, generator.integers(CHROMOSOME - WINDOW, size=rows)


def run_step(folder: Path, target: str) -> str:
    """Run what makes a target and say what it took: seconds, CPU seconds, memory of its process."""
    command = [sys.executable, "-m", "snakemake", "-s", str(ROOT / "Snakefile"), "--cores", "1"]
    options = ["--scheduler", "greedy", "--nolock", "--quiet", "all", "--allowed-rules"]
    rule = next(name for name, made in STEPS.items() if made == target)
    begin = time.perf_counter()
    job = subprocess.Popen(  # noqa: S603
        [*command, *options, rule, "--", target], cwd=folder
    )
    # The largest of Snakemake and the processes that it has waited for; the step is one of them.
    _, status, used = os.wait4(job.pid, 0)
    if status:
        return "failed"
    seconds = time.perf_counter() - begin
    return f"{seconds:.0f} | {used.ru_utime + used.ru_stime:.0f} | {used.ru_maxrss / 1024**2:.2f}"


def main(folder: Path, windows: int) -> None:
    """Print a table of the steps."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "config").exists():
        write_inputs(folder, windows)
    print(f"| {windows:,} x {WINDOW} bp | s | CPU s | peak GiB, wanted < 4 |\n|---|---|---|---|")
    for rule, target in STEPS.items():
        if not (folder / target).exists():
            print(f"| `{rule}` | {run_step(folder, target)} |", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if sys.argv[2:] else 10_000_000)
