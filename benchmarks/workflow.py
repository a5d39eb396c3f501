"""The whole workflow on the tutorial's task, against one script of the same work.

Usage: python benchmarks/workflow.py [EPOCHS]

10,000 simulated promoters of 200 bp, one multi-scale attention network, intervals, figures and
a report; both get the same network, epochs and threads. Then what a job costs before its work
begins, and a dry run of 20 datasets.
"""

from __future__ import annotations

import ast
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import yaml

ROOT = Path(__file__).parents[1]
SCRIPT = Path(__file__).with_name("by_hand.py")
SNAKEMAKE = [sys.executable, "-m", "snakemake", "-s", str(ROOT / "Snakefile")]
SNAKEMAKE += ["--cores", "2", "--resources", "gpu=0", "--scheduler", "greedy", "--quiet", "all"]


class Seconds(NamedTuple):
    """Wall time of a program, and CPU time of its processes, which other work leaves alone."""

    wall: float
    cpu: float


def cpu_seconds() -> float:
    """CPU time of all processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def seconds_of(command: list[str], folder: Path) -> Seconds:
    """Time that a program takes."""
    begin, before = time.perf_counter(), cpu_seconds()
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "scripts")}
    quiet = subprocess.DEVNULL
    subprocess.run(command, cwd=folder, env=environment, check=True, stdout=quiet)  # noqa: S603
    return Seconds(time.perf_counter() - begin, cpu_seconds() - before)


def tutorial_config(epochs: int) -> dict[str, object]:
    """The configuration of the tutorial's task: the demo's first dataset, one network."""
    demo = yaml.safe_load((ROOT / "config/config.yaml").read_text(encoding="utf-8"))
    return {
        "datasets": {"promoters": demo["datasets"]["promoters"]},
        "models": {"attention": demo["models"]["attention"]},
        "training": {"epochs": epochs, "batch_size": 64, "patience": epochs, "threads": 2},
    }


def many_jobs() -> dict[str, object]:
    """A configuration of 20 datasets, two models, five folds and nine seeds."""
    source = {"sequences": "s.txt", "labels": "l.txt", "task": "binary", "split": {"folds": 5}}
    return {
        "datasets": {f"d{number}": source for number in range(20)},
        "models": {"conv1d": {"architecture": "conv1d"}, "kmers": {"baseline": "kmer_logistic"}},
        "seeds": list(range(1, 10)),
    }


def start_up(folder: Path) -> None:
    """Print, for each kind of job, the CPU time until its script has imported all it needs."""
    print("| job | CPU seconds until its work begins |\n|---|---|")
    for script in sorted((ROOT / "scripts").glob("*.py")):
        tree = ast.parse(script.read_text(encoding="utf-8"))
        imports = [ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        code = "; ".join(["from snakemake.script import Snakemake", *imports])
        print(f"| {script.stem} | {seconds_of([sys.executable, '-c', code], folder).cpu:.1f} |")


def main() -> None:
    """Print the ratio and the tables."""
    epochs = int(sys.argv[1]) if sys.argv[1:] else 30
    with TemporaryDirectory() as name:
        folder = Path(name)
        for file, config in (("task.yaml", tutorial_config(epochs)), ("many.yaml", many_jobs())):
            (folder / file).write_text(yaml.safe_dump(config), encoding="utf-8")
        ours = seconds_of([*SNAKEMAKE, "--configfile", "task.yaml"], folder)
        theirs = seconds_of([sys.executable, str(SCRIPT), str(epochs)], folder)
        print("| whole run | workflow, s | script, s | ratio |\n|---|---|---|---|")
        for kind, one, other in zip(Seconds._fields, ours, theirs, strict=True):
            print(f"| {kind} | {one:.0f} | {other:.0f} | {one / other:.2f} |", flush=True)
        start_up(folder)
        for file in ("s.txt", "l.txt"):
            (folder / file).touch()
        dry = seconds_of([*SNAKEMAKE, "-n", "--configfile", "many.yaml"], folder)
        print(f"dry run of many jobs: {dry.cpu:.0f} s of CPU")


if __name__ == "__main__":
    main()
