"""Reading and writing the workflow's own FASTA: a line for each sequence."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from basewise.core.unpacking import BUFFER

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


def read_letters(path: str | Path, records: int) -> Iterator[NDArray[np.uint8]]:
    """Read the sequences that `write_fasta` wrote, so many records at once."""
    with open(path, "rb", buffering=BUFFER) as stream:
        while lines := list(islice(stream, 2 * records)):
            codes = np.frombuffer(b"".join(lines[1::2]), dtype=np.uint8)
            yield codes.reshape(len(lines) // 2, -1)[:, :-1]
