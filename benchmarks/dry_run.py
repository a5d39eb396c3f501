"""What planning costs at scale: 20 data sets x 20 models x 5 folds x 3 seeds, 6,000 trainings.

Usage: taskset -c 0 python benchmarks/dry_run.py [DATA_SETS MODELS FOLDS SEEDS]
FOLDS is 3 or more, as the configuration wants it.

A dry run of it all, one with nothing left to do, and the same for a workflow of about as many jobs,
with as many files each, whose rules are plain names: what Snakemake itself takes. Nothing is
trained: for the run with nothing left, `snakemake --summary` names the outputs, they are made
empty, and `snakemake --touch` records them as made by these rules, parameters and code.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from tempfile import TemporaryDirectory
from typing import NamedTuple

import yaml

ROOT = Path(__file__).parents[1]
LIBRARY = ROOT / "scripts" / "basewise"
OPTIONS = ["--cores", "1", "--resources", "gpu=0", "--scheduler", "greedy"]
FOLDERS = ("tensors", "splits", "leakage")
# Touches without the pause of 0.1 s that Snakemake makes before each job.
SNAKEMAKE = (
    "from snakemake.executors.touch import Executor; Executor.SLEEPING_TIME = 0; "
    "from snakemake.cli import main; main()"
)


PLAIN = """
MODEL = "results/{d}/models/{m}/fold{f}/seed{s}/"
EVALUATION = "results/{d}/evaluation/{m}/"
RUNS = expand(MODEL + "run.json", d=DATASETS, m=MODELS, f=FOLDS, s=SEEDS)
TABLES = expand(EVALUATION + "{x}.tsv", d=DATASETS, m=MODELS, x=range(10))

rule all:
    input: "results/report.html"

rule extract:
    input: "s.txt"
    output: expand("results/{{d}}/extract/{x}", x=range(3))

rule join:
    input: "results/{d}/extract/0", "results/{d}/extract/1"
    output: expand("results/{{d}}/examples/{x}", x=range(2))

rule encode:
    input: "results/{d}/extract/0", "results/{d}/examples/0"
    output: "results/{d}/encoded"

rule describe:
    input: "results/{d}/extract/0", expand("results/{{d}}/splits/fold{f}", f=FOLDS)
    output: expand("results/{{d}}/described/{x}", x=range(7))

rule split:
    input: "results/{d}/examples/0"
    output: "results/{d}/splits/fold{f}"

rule audit:
    input: "results/{d}/examples/0", "results/{d}/splits/fold{f}"
    output: "results/{d}/leakage/fold{f}", "results/{d}/leakage/fold{f}.summary"

rule train:
    input: "results/{d}/encoded", "results/{d}/splits/fold{f}", "results/{d}/leakage/fold{f}"
    output: MODEL + "model", MODEL + "history", MODEL + "scores", MODEL + "run.json"

rule draw:
    input: expand(MODEL + "history", f=FOLDS, s=SEEDS, allow_missing=True)
    output: expand("results/{{d}}/learning/{{m}}/{x}", x=range(3))

rule evaluate:
    input:
        expand(MODEL + "scores", f=FOLDS, s=SEEDS, allow_missing=True),
        expand("results/{{d}}/{x}/fold{f}", x=["splits", "leakage"], f=FOLDS),
    output: expand(EVALUATION + "{x}.tsv", x=range(20), allow_missing=True)

rule compare:
    input:
        expand(EVALUATION + "{x}.tsv", m=MODELS, x=range(3), allow_missing=True),
        expand(MODEL + "scores", m=MODELS, f=FOLDS, s=SEEDS, allow_missing=True),
    output: expand("results/{{d}}/compared/{x}", x=range(5))

rule gather:
    input: RUNS, expand("results/{d}/compared/0", d=DATASETS)
    output: "results/gathered/{x}"

rule report:
    input:
        RUNS, TABLES,
        expand("results/{d}/described/{x}", d=DATASETS, x=range(4)),
        expand("results/{d}/learning/{m}/0", d=DATASETS, m=MODELS),
        expand("results/{d}/leakage/fold{f}.summary", d=DATASETS, f=FOLDS),
        expand("results/gathered/{x}", x=range(5)),
    output: "results/report.html"
"""


class Cost(NamedTuple):
    """What a command took: seconds on the clock, seconds of CPU, and the highest memory so far."""

    wall: float
    cpu: float
    peak_mb: float
    output: str


def snakemake(folder: Path, *arguments: str) -> Cost:
    """Run Snakemake in a folder, with the Snakefile there or else that of this checkout."""
    own = folder / "Snakefile"
    snakefile = own if own.exists() else ROOT / "Snakefile"
    command = [sys.executable, "-c", SNAKEMAKE, "-s", str(snakefile), *OPTIONS, *arguments]
    before, begin = getrusage(RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, cwd=folder, text=True, capture_output=True)  # noqa: S603
    if done.returncode:
        sys.exit(done.stdout + done.stderr)
    wall, after = time.perf_counter() - begin, getrusage(RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(wall, cpu, after.ru_maxrss / 1024, done.stdout + done.stderr)


def write_project(folder: Path, datasets: int, models: int, folds: int, seeds: int) -> None:
    """A configuration of that many trainings, and the files that it names."""
    kinds = [
        {kind: name}
        for kind, registry in (("architecture", "architectures"), ("baseline", "baselines"))
        for name, entry in yaml.safe_load(
            (LIBRARY / registry / "registry.yaml").read_text()
        ).items()
        if {"binary"} & set(entry["tasks"]) and {"dna"} & set(entry["alphabets"])
    ]
    chosen = [kinds[number % len(kinds)] for number in range(models)]
    source = {"sequences": "s.txt", "labels": "l.txt", "task": "binary", "split": {"folds": folds}}
    config = {
        "datasets": {f"data{number}": dict(source) for number in range(datasets)},
        "models": {f"model{number}": dict(kind) for number, kind in enumerate(chosen)},
        "seeds": list(range(1, seeds + 1)),
    }
    (folder / "config").mkdir(parents=True)
    (folder / "config" / "config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    for name in ("s.txt", "l.txt"):
        (folder / name).touch()


def write_plain(folder: Path, datasets: int, models: int, folds: int, seeds: int) -> None:
    """A workflow of as many jobs and files, with nothing but names and wildcards in its rules."""
    folder.mkdir()
    sizes = f"DATASETS, MODELS, FOLDS, SEEDS = map(range, {(datasets, models, folds, seeds)})\n"
    (folder / "Snakefile").write_text(sizes + PLAIN, encoding="utf-8")
    (folder / "s.txt").touch()


def finish(folder: Path) -> None:
    """Make every output empty and let Snakemake record it as made."""
    rows = snakemake(folder, "--summary").output.splitlines()
    for path in (row.split("\t")[0] for row in rows if row.startswith("results/")):
        target = folder / path
        is_folder = target.name in FOLDERS
        (target if is_folder else target.parent).mkdir(parents=True, exist_ok=True)
        if not is_folder:
            target.touch()
    snakemake(folder, "--touch", "--quiet", "all")


def report(name: str, cost: Cost) -> None:
    """Print a row."""
    jobs = re.findall(r"^total +(\d+)", cost.output, re.M) or ["nothing to do"]
    print(f"| {name} | {jobs[0]} | {cost.wall:.1f} | {cost.cpu:.1f} | {cost.peak_mb:.0f} |")


def main(sizes: list[int]) -> None:
    """Print the table."""
    print("| | jobs | seconds | CPU seconds | peak MB so far |\n|---|---|---|---|---|")
    with TemporaryDirectory(prefix="basewise-dry-run-") as scratch:
        for name, write in (("plain names", write_plain), ("basewise", write_project)):
            folder = Path(scratch, name.split()[0])
            write(folder, *sizes)
            report(f"{name}: dry run", snakemake(folder, "-n", "--quiet", "rules"))
            finish(folder)
            report(f"{name}: all done", snakemake(folder, "-n"))


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or [20, 20, 5, 3])
