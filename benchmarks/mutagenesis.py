"""Mutagenesis that computes only what changes, against scoring every edited sequence, on one core.

Usage: taskset -c 0 python benchmarks/mutagenesis.py [NAME ...]
"""

import sys
import time

import numpy as np

from basewise import architectures
from basewise.interpretation.incremental import edited_scores_of
from basewise.interpretation.mutagenesis import edited_scores
from basewise.interpretation.scales import score_of

NETWORKS = ("deepbind", "conv1d_wide", "multiscale_attention", "multiscale_attention_v2", "dnn_pwm")
CASES = ((200, 40), (500, 12))
"""Letters of a sequence, and sequences."""


def main(names: list[str]) -> None:
    """Print a table."""
    print("| network | bp | naive, sequences/s | incremental | times | largest difference |")
    print("|---|---|---|---|---|---|")
    draws = np.random.default_rng(1)
    for name in names:
        for length, rows in CASES:
            network = architectures.build(name, length=length)
            letters = draws.choice(np.frombuffer(b"ACGT", np.uint8), (rows, length))
            score = score_of(network, "binary", "dna")
            quick = edited_scores_of(network, "binary", "dna")
            ways = (lambda some, by=score: edited_scores(by, some, "dna"), quick)
            seconds, tables = zip(*(timed(way, letters) for way in ways), strict=True)
            apart = np.abs(tables[0] - tables[1]).max() / np.ptp(tables[0])
            naive, fast = (rows / taken for taken in seconds)
            figures = f"{naive:.1f} | {fast:,.0f} | {fast / naive:.1f} | {apart:.1g}"
            print(f"| {name} | {length} | {figures} |", flush=True)


def timed(way, letters):
    """CPU seconds, when the graph has been traced, and the result."""
    way(letters[:1])
    began = time.process_time()
    table = way(letters)
    return time.process_time() - began, table


if __name__ == "__main__":
    main(sys.argv[1:] or list(NETWORKS))
