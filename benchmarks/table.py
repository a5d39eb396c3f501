"""What people wait for, each beside its peer or its limit, as one table.

Usage: python benchmarks/table.py [PYTHON_OF_PEERS]

Runs the benchmarks that measure it, about an hour on two free cores, and prints a line as soon as
it is there. PYTHON_OF_PEERS is as for `extraction.py`; BASEWISE_DATA must be set. On a busy machine
trust the ratios, which are of CPU seconds but for the lines of whole runs.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
NETWORKS = ("conv1d", "deepbind", "multiscale_attention_v2")
TRAINING_GOALS = {"tensorflow": (1.3, 1.4, 1.1), "jax": (0.98, 0.98, 0.98)}


class Line(NamedTuple):
    """One line: how much of the unit basewise and its peer take or do, and the ratio wanted."""

    what: str
    unit: str
    ours: float
    peer: float
    goal: str

    def __str__(self) -> str:
        """As a line of the table."""
        ratio = f"{self.ours / self.peer:.2f}"
        ours = f"{self.ours:,.0f} {self.unit}"
        return f"| {self.what} | {ours} | {self.peer:,.0f} | {ratio} | {self.goal} |"


def rows_of(script: str, *arguments: str, cores: str = "0", **environment: str) -> list[list[str]]:
    """Cells of the table that a benchmark prints, without its commas; pinned to some cores."""
    command = ["taskset", "-c", cores, sys.executable, str(ROOT / "benchmarks" / script)]
    done = subprocess.run(  # noqa: S603
        [*command, *arguments],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    lines = [line.replace(",", "") for line in done.stdout.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def fitting(backend: str) -> Iterator[Line]:
    """Training and scoring against Keras on arrays."""
    goals = dict(zip(NETWORKS, TRAINING_GOALS[backend], strict=True))
    for name, what, ours, peer, *_ in rows_of("fit.py", *NETWORKS, KERAS_BACKEND=backend)[1:]:
        goal = f">= {goals[name]}" if what == "train" else ">= 1"
        unit = "examples/CPU s"
        yield Line(f"{what} `{name}`, {backend}", unit, float(ours), float(peer), goal)


def attention() -> Iterator[Line]:
    """The attention network against the form of its tutorial."""
    names = "multiscale_attention", "attention as in its tutorial"
    speed = {row[0]: float(row[2]) for row in rows_of("architectures.py", "", *names)[1:]}
    yield Line(
        f"train `{names[0]}`, {names[1]}", "examples/CPU s", *map(speed.get, names), ">= 1.5"
    )


def whole_run() -> Iterator[Line]:
    """The workflow against one script of the same work, and the demo against its limit."""
    row = next(row for row in rows_of("workflow.py", "15", cores="0,1") if row[0] == "cpu")
    yield Line("the whole workflow", "CPU s", float(row[1]), float(row[2]), "<= 1.15")
    with TemporaryDirectory() as folder:
        begin = time.perf_counter()
        profile = ["--workflow-profile", str(ROOT / "profiles" / "cpu"), "--quiet", "all"]
        command = [sys.executable, "-m", "snakemake", "-s", str(ROOT / "Snakefile"), *profile]
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.PIPE)  # noqa: S603
        yield Line("`make demo` after set-up", "s", time.perf_counter() - begin, 75, "<= 1")


def extraction(peers: str) -> Iterator[Line]:
    """Windows of a genome to cached tensors against tangermeme in memory."""
    speed = {row[0]: float(row[3]) for row in rows_of("extraction.py", peers) if row[3:]}
    what = "extract, encode and cache 100,000 x 500 bp"
    yield Line(what, "Mbase/s", speed["basewise"], speed["tangermeme"], ">= 1")


def planning() -> Iterator[Line]:
    """Planning 6,000 trainings against a workflow of plain names."""
    seconds = {row[0]: float(row[3]) for row in rows_of("dry_run.py")[1:]}
    for what in ("dry run", "all done"):
        ours, plain = (seconds[f"{name}: {what}"] for name in ("basewise", "plain names"))
        yield Line(f"planning 20 x 20 x 5 x 3, {what}", "CPU s", ours, plain, "<= 1.25")


def leakage() -> Iterator[Line]:
    """The audit of two million windows in five folds, against what one fold took."""
    seconds = float(rows_of("leakage.py", "2000000", "genome", "5")[-1][3])
    yield Line("leakage audit of 2,000,000 windows, five folds", "CPU s", seconds, 62, "<= 1")


def main(peers: str | None = None) -> None:
    """Print the table."""
    print(
        "| what people wait for | basewise | peer or limit | ratio | goal |\n|---|---|---|---|---|"
    )
    backends = [name for name in TRAINING_GOALS if find_spec(name)]
    measured = [*map(fitting, backends), attention(), whole_run(), planning(), leakage()]
    for lines in [*measured, *([extraction(peers)] if peers else [])]:
        for line in lines:
            print(line, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
