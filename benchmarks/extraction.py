"""Windows of a genome to one-hot tensors: extract, encode and cache, against other tools.

Usage: python benchmarks/extraction.py [PYTHON_OF_PEERS]

100,000 windows of 500 bp at random places of the yeast genome in BASEWISE_DATA. All run on one
core, in turn, each in a process of its own, whose second pass is timed in CPU seconds, which other
work on the machine changes least. PYTHON_OF_PEERS is an interpreter that has pyfaidx, seqpro and
tangermeme; bedtools is looked for on PATH.
"""

from __future__ import annotations

import gzip
import json
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

GENOME = "yeast_chipexo/Saccharomyces_cerevisiae.R64-1-1.dna.toplevel.fa.gz"
RESULTS = "results"
ROWS, WINDOW, ROUNDS = 100_000, 500, 7

Steps = dict[str, float]
"""Seconds of each step."""


def write_inputs(folder: Path) -> None:
    """Write the genome, plain and gzip, and the windows: on the plus strand, and on either."""
    packed = Path(os.environ["BASEWISE_DATA"]) / GENOME
    shutil.copy(packed, folder / "genome.fa.gz")
    text = gzip.decompress(packed.read_bytes())
    (folder / "genome.fa").write_bytes(text)
    records = [record.partition(b"\n") for record in text[1:].split(b"\n>")]
    names = [header.split()[0].decode() for header, _, _ in records]
    bases = np.array([len(lines.replace(b"\n", b"")) for _, _, lines in records])
    generator = np.random.default_rng(1)
    chrom = generator.choice(len(names), ROWS, p=bases / bases.sum())
    start = generator.integers(bases[chrom] - WINDOW)
    label, strand = generator.integers(2, size=ROWS), generator.choice(["+", "-"], ROWS)
    with open(folder / "plus.bed", "w") as plus, open(folder / "either.bed", "w") as either:
        for row in range(ROWS):
            place = f"{names[chrom[row]]}\t{start[row]}\t{start[row] + WINDOW}\t{label[row]}"
            plus.write(f"{place}\n")
            either.write(f"{place}\t0\t{strand[row]}\n")


def cpu_seconds() -> float:
    """CPU seconds of this process and of those it has waited for, user and system."""
    used = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def basewise(genome: Path, bed: Path) -> Steps:
    """Run what the rules extract_regions, join_labels and encode_tensors run."""
    import pandas as pd

    from basewise.core.files import replacing
    from basewise.examples.candidates import write_extraction
    from basewise.examples.encoding import example_pieces, target_array
    from basewise.examples.from_regions import extract_regions
    from basewise.examples.labels import join_labels, write_examples
    from basewise.examples.targets import output_names
    from basewise.store.shards import write_tensors

    folder = genome.parent / RESULTS
    letters, candidates, examples = (
        folder / name for name in ("letters.npy", "candidates.parquet", "examples.parquet")
    )
    times = [cpu_seconds()]
    generator = np.random.default_rng(1)
    columns = {"label": 4}
    found = extract_regions(genome, bed, window=WINDOW, generator=generator, columns=columns)
    write_extraction(found, letters, candidates, folder / "dropped.tsv")
    times.append(cpu_seconds())
    joined = join_labels(pd.read_parquet(candidates), "binary")
    write_examples(joined, examples, folder / "unlabeled.tsv", folder / "remarks.tsv")
    times.append(cpu_seconds())
    table = pd.read_parquet(examples)
    pieces = example_pieces(letters, table, target_array(table, "binary"))
    with replacing(folder / "tensors") as tensors:
        write_tensors(tensors, pieces, task="binary", outputs=output_names(table, "binary"))
    times.append(cpu_seconds())
    extract, join, encode = np.diff(times).tolist()
    return {"extract": extract, "join labels": join, "encode and cache": encode}


def pyfaidx_seqpro(genome: Path, bed: Path) -> Steps:
    """One-hot bytes in memory; the index of the genome is there already."""
    import pyfaidx
    import seqpro

    begin = cpu_seconds()
    with pyfaidx.Fasta(str(genome), as_raw=True, sequence_always_upper=True) as fasta:
        places = [line.split("\t")[:3] for line in bed.read_text().splitlines()]
        sequences = [fasta[chrom][int(start) : int(end)] for chrom, start, end in places]
    extracted = cpu_seconds()
    seqpro.ohe(seqpro.cast_seqs(sequences), seqpro.DNA)
    return {"pyfaidx": extracted - begin, "seqpro": cpu_seconds() - extracted}


def tangermeme(genome: Path, bed: Path) -> Steps:
    """One-hot bytes in memory."""
    from tangermeme.io import extract_loci

    begin = cpu_seconds()
    extract_loci(str(bed), str(genome), in_window=WINDOW, n_jobs=1)
    return {"extract_loci": cpu_seconds() - begin}


def bedtools(genome: Path, bed: Path) -> Steps:
    """FASTA on disk, no encoding."""
    command = [
        "bedtools",
        "getfasta",
        "-fi",
        genome,
        "-bed",
        bed,
        "-fo",
        genome.parent / RESULTS / "windows.fa",
    ]
    begin = cpu_seconds()
    subprocess.run(command, check=True)  # noqa: S603
    return {"getfasta": cpu_seconds() - begin}


CONTENDERS: dict[str, tuple[Callable[[Path, Path], Steps], str, str]] = {
    "basewise": (basewise, "genome.fa", "plus.bed"),
    "basewise, half on the minus strand": (basewise, "genome.fa", "either.bed"),
    "basewise, genome in gzip": (basewise, "genome.fa.gz", "plus.bed"),
    "pyfaidx + seqpro": (pyfaidx_seqpro, "genome.fa", "plus.bed"),
    "tangermeme": (tangermeme, "genome.fa", "plus.bed"),
    "bedtools getfasta": (bedtools, "genome.fa", "plus.bed"),
}


def present(peers: str | None) -> Iterator[tuple[str, str]]:
    """Contenders that can run, each with its interpreter."""
    for name, (function, _, _) in CONTENDERS.items():
        if function in (pyfaidx_seqpro, tangermeme):
            python = peers
        else:
            python = sys.executable if function is basewise or shutil.which("bedtools") else None
        if python:
            yield name, python
        else:
            print(f"{name} is missing")


def run(name: str, folder: Path) -> Steps:
    """Run a contender twice and time the second pass."""
    function, genome, bed = CONTENDERS[name]
    function(folder / genome, folder / bed)
    shutil.rmtree(folder / RESULTS, ignore_errors=True)
    (folder / RESULTS).mkdir()
    return function(folder / genome, folder / bed)


def main(peers: str | None = None) -> None:
    """Print a table of medians and minima."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    seconds: dict[str, list[Steps]] = {}
    contenders = list(present(peers))
    with TemporaryDirectory() as folder:
        (Path(folder) / RESULTS).mkdir()
        write_inputs(Path(folder))
        for _ in range(ROUNDS):
            for name, python in contenders:
                command = [python, __file__, "run", name, folder]
                done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
                seconds.setdefault(name, []).append(json.loads(done.stdout.splitlines()[-1]))
    print(f"{ROWS:,} windows of {WINDOW} bp, {ROUNDS} rounds, load {os.getloadavg()[0]:.1f}")
    print("| | median s | least s | Mbase/s (median) | ratio (median) | least s of each step |")
    print("|---|---|---|---|---|---|")
    ours = 0.0
    for name, rounds in seconds.items():
        sums = [sum(steps.values()) - steps.get("join labels", 0) for steps in rounds]
        median = float(np.median(sums))
        ours = ours or median
        steps = ", ".join(f"{step} {min(r[step] for r in rounds):.3f}" for step in rounds[0])
        rate = ROWS * WINDOW / median / 1e6
        print(
            f"| {name} | {median:.3f} | {min(sums):.3f} | {rate:.0f} | {median / ours:.2f} "
            f"| {steps} |"
        )


if __name__ == "__main__":
    if sys.argv[1:2] == ["run"]:
        print(json.dumps(run(sys.argv[2], Path(sys.argv[3]))))
    else:
        main(*sys.argv[1:])
