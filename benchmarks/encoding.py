"""Letters to packed one-hot bits, against one-hot encoding by comparison in plain NumPy.

Usage: python benchmarks/encoding.py
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from basewise.sequences.alphabet import pack_letters

BASES = np.frombuffer(b"ACGT", dtype=np.uint8)
ROWS, LENGTH = 100_000, 500


def megabases_a_second(encode: Callable[[], object]) -> float:
    """Best of five passes over all sequences."""
    seconds = []
    for _ in range(5):
        begin = time.perf_counter()
        encode()
        seconds.append(time.perf_counter() - begin)
    return ROWS * LENGTH / min(seconds) / 1e6


def main() -> None:
    """Print one line of a table."""
    letters = BASES[np.random.default_rng(1).integers(4, size=(ROWS, LENGTH))]
    ours = megabases_a_second(lambda: pack_letters(letters))
    peer = megabases_a_second(lambda: (letters[:, :, None] == BASES).view(np.uint8))
    print(
        f"| encode {ROWS:,} x {LENGTH} bp, Mbase/s | basewise {ours:,.0f} "
        f"| NumPy {peer:,.0f} | ratio {ours / peer:.1f} |"
    )


if __name__ == "__main__":
    main()
