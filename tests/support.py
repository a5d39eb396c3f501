"""A working copy of the repository, and a small configuration that runs in it."""

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import yaml
from forked_python import SNAKEMAKE, STEPS
from opened_files import RECORD

from basewise.examples.simulation import simulate_peaks, simulate_promoters
from basewise.sequences.fasta import write_genome

ROOT = Path(__file__).parents[1]
FOLDERS = ("workflow", "config", "envs", "profiles", "scripts")
KEPT_OUT = shutil.ignore_patterns("__pycache__")


def schema(name: str) -> dict:
    return yaml.safe_load((ROOT / f"workflow/schemas/{name}.schema.yaml").read_text())


class Workflow:
    """A working copy of the repository in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def copied_to(cls, folder: Path) -> "Workflow":
        for part in FOLDERS:
            shutil.copytree(ROOT / part, folder / part, ignore=KEPT_OUT)
        shutil.copy(ROOT / "Snakefile", folder)
        return cls(folder)

    def snakemake(self, *arguments: str, python: str = sys.executable, **environment: str):
        """A command of Snakemake; with another `python` it starts there, else in a forked one."""
        command = ["-m", "snakemake", "--workflow-profile", "profiles/cpu", *arguments]
        where = {"cwd": self.folder, "env": {**os.environ, **environment}}
        if python == sys.executable:
            return SNAKEMAKE.run(command, **where)
        return subprocess.run([python, *command], capture_output=True, text=True, **where)

    def run(self, *arguments: str):
        """The same, with steps that run in forked Pythons too, see also `opened_files`."""
        command = ["-m", "snakemake", "--workflow-profile", "profiles/cpu", *arguments]
        recorded = {RECORD: str(self.folder / "opened.jsonl")}
        environment = {**os.environ, **STEPS.environment, **recorded}
        return SNAKEMAKE.run(command, self.folder, environment, executable=STEPS.python)

    def write_config(self, config: dict, name: str = "test.yaml") -> str:
        (self.folder / name).write_text(yaml.safe_dump(config, sort_keys=False))
        return name

    def planned(self, configfile: str, *arguments: str) -> dict[str, int]:
        """Rules a dry run would run, with how often; numbered ones of one body as one."""
        done = self.snakemake("-n", "--configfile", configfile, *arguments)
        output = done.stdout + done.stderr
        assert done.returncode == 0, output
        table = re.search(r"^job +count\n-+ +-+\n(.*?)^total ", output, re.M | re.S)
        if table is None:
            assert "Nothing to be done" in output
            return {}
        counts = Counter()
        for rule, count in (line.split() for line in table[1].splitlines()):
            counts[re.sub(r"_\d+$", "", rule)] += int(count)
        del counts["all"]
        return dict(counts)


def small_config() -> dict:
    return {
        "datasets": {
            "lines": {
                "sequences": "input/sequences.txt",
                "labels": "input/labels.txt",
                "task": "binary",
            },
            "peaks": {
                "genome": "input/genome.fa",
                "regions": "input/peaks.bed",
                "window": 60,
                "keep": {"column": 5, "equals": 1},
                "task": "binary",
                "negatives": {"method": "genome", "ratio": 1},
                "split": {"method": "chromosome", "validation": ["chr2"], "test": ["chr3"]},
                "models": ["conv1d", "kmers"],
            },
        },
        "models": {
            "conv1d": {"architecture": "conv1d", "filters": 4},
            "attention": {"architecture": "multiscale_attention", "filters": 4},
            "kmers": {"baseline": "kmer_logistic", "largest_k": 3},
        },
        "training": {"epochs": 2, "batch_size": 32, "patience": 5},
        "seeds": [1, 2],
        "default_baselines": ["motif_scan"],
    }


def write_inputs(folder: Path) -> None:
    folder.mkdir()
    sequences, labels = simulate_promoters(240, 60)
    (folder / "sequences.txt").write_text("".join(f"{s}\n" for s in sequences))
    (folder / "labels.txt").write_text("".join(f"{label}\n" for label in labels))
    peaks = simulate_peaks(np.random.default_rng(1), chromosomes=3, bases=20_000)
    write_genome(folder / "genome.fa", peaks.genome)
    regions = peaks.regions.merge(peaks.labels, left_on="name", right_on="id", how="left")
    regions = regions.drop(columns="id").astype({"label": "Int64"})
    regions.to_csv(folder / "peaks.bed", sep="\t", index=False, header=False, na_rep="0")
    starts = range(1000, 19_000, 600)
    features = [("gene", 0, 400), ("exon", 0, 150), ("exon", 250, 400)]
    lines = [
        f"chr{chrom}\tsim\t{kind}\t{start + first + 1}\t{start + last}\t.\t{strand}\t.\t"
        f'gene_id "g{chrom}_{start}";\n'
        for chrom in (1, 2, 3)
        for start, strand in zip(starts, "+-" * len(starts), strict=False)
        for kind, first, last in features
    ]
    (folder / "genes.gtf").write_text("".join(lines))


def refused(workflow: Workflow, config: dict, *arguments: str) -> list[str]:
    """Lines with which a configuration is refused."""
    configfile = workflow.write_config(config)
    done = workflow.run(*arguments, "--configfile", configfile)
    assert done.returncode == 1
    output = done.stdout + done.stderr
    assert "Traceback" not in output
    return [line for line in output.splitlines() if line.startswith("Error: ")]
