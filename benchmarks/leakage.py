"""Time and memory of the leakage audit and of homology clusters.

Usage: python benchmarks/leakage.py WINDOWS [CASE [FOLDS]]

Each window is 200 bp; 70 % are in train, 15 % each in validation and test. With FOLDS all folds of
a split into so many blocks are audited, and no clusters made. CASE is one of

genome    random windows of the yeast genome in BASEWISE_DATA, 3 % of them with five bases changed
assay     elements in 50 variants of two changed bases, between constant flanks of 50 bp
variants  one sequence with three bases changed at random
"""

from __future__ import annotations

import gzip
import os
import resource
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
from Bio.SeqIO.FastaIO import SimpleFastaParser
from numpy.typing import NDArray

from basewise.splits.leakage import audit_folds, summarize
from basewise.splits.similarity import clusters
from basewise.splits.splitting import parts_of_fold

WINDOW = 200
GENOME = "yeast_chipexo/Saccharomyces_cerevisiae.R64-1-1.dna.toplevel.fa.gz"
BASES = np.frombuffer(b"ACGT", dtype=np.uint8)


def genome_windows(
    rows: int, generator: np.random.Generator
) -> tuple[NDArray[np.uint8], pd.DataFrame]:
    """Random windows with their places; the last 3 % are changed in five places and have none."""
    with gzip.open(Path(os.environ["BASEWISE_DATA"]) / GENOME, "rt") as stream:
        text = "".join(sequence for _, sequence in SimpleFastaParser(stream))
    letters = np.frombuffer(text.encode("ascii"), dtype=np.uint8)
    start = generator.integers(len(letters) - WINDOW, size=rows)
    windows = np.lib.stride_tricks.sliding_window_view(letters, WINDOW)[start]
    changed = rows * 3 // 100
    change_bases(windows[rows - changed :], 5, generator)
    places = pd.DataFrame({"chrom": "genome", "start": start, "end": start + WINDOW})
    places.loc[rows - changed :, "chrom"] = None
    return windows, places


def assay(rows: int, generator: np.random.Generator) -> tuple[NDArray[np.uint8], pd.DataFrame]:
    """Variants of random elements, one after another, between flanks that all have."""
    elements = generator.choice(BASES, (-(-rows // 50), WINDOW))
    letters = np.repeat(elements, 50, axis=0)[:rows]
    change_bases(letters, 2, generator)
    letters[:, :50], letters[:, -50:] = letters[0, :50], letters[0, -50:]
    return letters, no_places(rows)


def variants(rows: int, generator: np.random.Generator) -> tuple[NDArray[np.uint8], pd.DataFrame]:
    """One random sequence, changed in three places of each row."""
    letters = np.tile(generator.choice(BASES, WINDOW), (rows, 1))
    change_bases(letters, 3, generator)
    return letters, no_places(rows)


def no_places(rows: int) -> pd.DataFrame:
    """Coordinates of sequences that come from no genome."""
    return pd.DataFrame({"chrom": [None] * rows, "start": 0, "end": 0})


def change_bases(letters: NDArray[np.uint8], number: int, generator: np.random.Generator) -> None:
    """Overwrite random places of each row with random bases."""
    column = generator.integers(letters.shape[1], size=(len(letters), number))
    letters[np.arange(len(letters))[:, None], column] = generator.choice(BASES, column.shape)


def main(rows: int, case: str = "genome", folds: int | None = None) -> None:
    """Print the counts, and a line of a table with CPU seconds and the peak memory."""
    generator = np.random.default_rng(1)
    make = {"genome": genome_windows, "assay": assay, "variants": variants}[case]
    letters, examples = make(rows, generator)
    examples["id"] = [f"window{row}" for row in range(rows)]
    examples["target.label"] = generator.integers(2, size=rows)
    if folds is None:
        parts = [generator.choice(["train", "validation", "test"], rows, p=[0.7, 0.15, 0.15])]
    else:
        block = generator.integers(folds, size=rows)
        parts = [parts_of_fold(block, folds, fold) for fold in range(folds)]

    begin = time.process_time()
    audited = audit_folds(letters, examples, parts)
    summaries = [summarize(leaks, part) for leaks, part in zip(audited, parts, strict=True)]
    seconds, begin = time.process_time() - begin, time.process_time()
    print(summaries[0][summaries[0]["rows"] > 0].to_string(index=False))

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print("| windows | case | folds | audit, CPU s | peak GiB | clusters, CPU s |")
    print("|---|---|---|---|---|---|")
    print(f"| {rows:,} | {case} | {len(parts)} | {seconds:.1f} | {peak:.2f} |", end=" ", flush=True)
    if folds is None:
        number = clusters(letters).max() + 1
        print(f"{time.process_time() - begin:.1f} ({number:,})", end=" ")
    print("|")


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:3], *map(int, sys.argv[3:4]))
