"""Writing FASTA: sequences, a line each, and genomes."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

RECORDS_AT_ONCE = 8192


def write_fasta(path: str | Path, ids: Sequence[str], letters: NDArray[np.uint8]) -> None:
    """Write sequences of one length as single-line FASTA records, `ids` being their headers."""
    records = np.ascontiguousarray(letters).view(f"V{letters.shape[1]}")[:, 0]
    headers = (">" + "\n>".join(ids)).encode().split(b"\n")
    with open(path, "wb", buffering=0) as stream:
        for start in range(0, len(records), RECORDS_AT_ONCE):
            rows = slice(start, start + RECORDS_AT_ONCE)
            lines = [b""] * (2 * len(records[rows]))
            lines[::2], lines[1::2] = headers[rows], records[rows].tolist()
            stream.write(b"\n".join([*lines, b""]))


def write_genome(path: str | Path, genome: Mapping[str, NDArray[np.uint8]]) -> None:
    """Write chromosomes (name to character codes) as FASTA in lines of 60 bases."""
    with open(path, "w", encoding="ascii") as stream:
        for name, letters in genome.items():
            text = letters.tobytes().decode("ascii")
            lines = [text[start : start + 60] for start in range(0, len(text), 60)]
            stream.write("\n".join([f">{name}", *lines, ""]))
