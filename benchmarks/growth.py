"""How time and memory grow with what is read and measured, where either once grew with the square.

Usage: python benchmarks/growth.py [CASE ...]

Each case runs at n, 2n and 4n in a process of its own. Linear work takes twice the time for twice
as much, once it is more than what a process needs to begin with.
"""

from __future__ import annotations

import contextlib
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from basewise.core.errors import InputError
from basewise.core.user_tables import read_delimited
from basewise.evaluation.bootstrap import draw_weights, replicate
from basewise.evaluation.classes import weighted_class_metrics
from basewise.examples.from_sequences import fit_lengths
from basewise.examples.labels import read_label_table
from basewise.examples.targets import read_targets
from basewise.genotypes.dosage_tables import read_dosages
from basewise.genotypes.vcf import read_vcf
from basewise.sequences.intervals import read_intervals

VCF = """##fileformat=VCFv4.2
##contig=<ID=1>
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t"""


def attribute_blanks(n: int, path: Path) -> None:
    """Column 9 of a GFF line with n blanks."""
    path.write_text(f"I\tx\tgene\t1\t9\t.\t+\t.\tID=x;{' ' * n}\n")
    read_intervals(path, format="gff")


def bed_columns(n: int, path: Path) -> None:
    """100 lines of BED with n columns."""
    path.write_text(("I\t1\t9\tx\t0\t+" + "\t1" * (n - 6) + "\n") * 100)
    read_intervals(path)


def dosage_digits(n: int, path: Path) -> None:
    """A dosage of n digits that is none."""
    path.write_text(f"id,m1,m2\na,0,1\nb,.{'1' * n}x,1\n")
    read_dosages(path)


def vcf_individuals(n: int, path: Path) -> None:
    """A VCF record of n individuals."""
    ids = "\t".join(f"i{number}" for number in range(n))
    calls = "\t".join(["0/1"] * n)
    path.write_text(f"{VCF}{ids}\n1\t5\tm\tA\tC\t.\t.\t.\tGT\t{calls}\n")
    read_vcf(path)


def vcf_alleles(n: int, path: Path) -> None:
    """A VCF record with n alleles, each 20 bases long."""
    alleles = ",".join(
        "".join("ACGT"[number >> 2 * k & 3] for k in range(20)) for number in range(n)
    )
    path.write_text(f"{VCF}a\tb\n1\t5\tm\tA\t{alleles}\t.\t.\t.\tGT\t0/1\t2/2\n")
    read_vcf(path)


def table_titles(n: int, path: Path) -> None:
    """A table of n columns."""
    path.write_text(",".join(f"c{number}" for number in range(n)) + "\n" + ",".join("1" * n) + "\n")
    read_delimited(path)


def traits(n: int, path: Path) -> None:
    """N traits of 50 individuals."""
    titles = [f"t{number}" for number in range(n)]
    rows = [f"s{row}," + ",".join(f"{row}.{number}" for number in range(n)) for row in range(50)]
    path.write_text("\n".join(["id," + ",".join(titles), *rows]) + "\n")
    schema = {"required": ["id"], "properties": {}}
    labels = read_label_table(path, schema, "regression", {"label": titles})
    read_targets(labels.assign(label_file=labels["file"], label_line=labels["line"]), "regression")


def long_sequence(n: int, path: Path) -> None:
    """2,000 sequences of 100 bases and one of n, padded."""
    letters = ["A" * 100] * 2000 + ["A" * n]
    ids = [f"s{number}" for number in range(len(letters))]
    lines = range(len(letters))
    records = pd.DataFrame({"id": ids, "path": path, "line": lines, "sequence": letters})
    fit_lengths(records, policy="pad")


def classes(n: int, path: Path) -> None:
    """1,000 resamples of the measures of n classes, 10,000 examples."""
    rows = 10_000
    target = np.arange(rows) % n
    generator = np.random.default_rng(1)
    score = generator.random((rows, n)) + np.eye(n)[target]
    score /= score.sum(axis=1, keepdims=True)
    names = [f"c{number}" for number in range(n)]
    replicate(
        lambda weight: weighted_class_metrics(target, score, names, weight),
        draw_weights(target, generator),
    )


CASES: dict[str, tuple[Callable[[int, Path], None], int]] = {
    case.__name__: (case, n)
    for case, n in (
        (attribute_blanks, 1_000_000),
        (bed_columns, 2_500),
        (dosage_digits, 1_000_000),
        (vcf_individuals, 20_000),
        (vcf_alleles, 1_000),
        (table_titles, 20_000),
        (traits, 500),
        (long_sequence, 1_000_000),
        (classes, 50),
    )
}


def run(name: str, n: int) -> None:
    """Run a case, and print its seconds of CPU, the peak of the process in MB, and its error."""
    told = ""
    with tempfile.TemporaryDirectory() as folder, open(os.devnull, "w") as nowhere:
        start = time.process_time()
        try:
            with contextlib.redirect_stdout(nowhere):
                CASES[name][0](n, Path(folder) / "file")
        except InputError:
            told = "refused"
        seconds = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    print(f"{seconds:.2f} s {peak:.0f} MB {told}")


def main() -> None:
    """Run all cases, or those named."""
    for name in sys.argv[1:] or CASES:
        print(f"{name}: {CASES[name][0].__doc__}")
        for n in (CASES[name][1] * factor for factor in (1, 2, 4)):
            command = [sys.executable, __file__, "--one", name, str(n)]
            told = subprocess.run(  # noqa: S603
                command, capture_output=True, text=True, check=True
            ).stdout
            print(f"  {n:>9,}  {told.strip()}", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        run(sys.argv[2], int(sys.argv[3]))
    else:
        main()
