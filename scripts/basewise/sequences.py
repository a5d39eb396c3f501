"""Reading text files, and reading and writing the workflow's own FASTA."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from basewise.errors import InputError

__all__ = [
    "BLANKS",
    "UPPER",
    "is_compressed",
    "read_fasta",
    "read_letters",
    "read_lines",
    "reading",
    "write_fasta",
    "write_genome",
]

UPPER = bytes(range(256)).upper()
"""Translation of character codes to upper case."""

BLANKS = b" \t\r\n\v\f"
"""Characters that are no letters of a sequence."""

RECORDS_AT_ONCE = 8192
BUFFER = 1 << 20


def is_compressed(path: str | Path) -> bool:
    """Whether a file is named as a gzip or bgzip file."""
    return Path(path).suffix in (".gz", ".bgz")


@contextmanager
def reading(path: str | Path) -> Iterator[IO[bytes]]:
    """Open a file for reading, plain or gzip, with every fault as an InputError."""
    opened = gzip.open if is_compressed(path) else open
    try:
        with opened(path, "rb") as stream:
            yield stream  # type: ignore[misc]
    except FileNotFoundError as error:
        raise InputError("no such file", path) from error
    except PermissionError as error:
        raise InputError("may not be read; check its permissions", path) from error
    except zlib.error as error:
        raise InputError("the gzip file is damaged; fetch or copy it again", path) from error
    except EOFError as error:
        raise InputError("the gzip file is cut short; fetch or copy it again", path) from error
    except gzip.BadGzipFile as error:
        raise InputError(
            "is named .gz but is not a gzip file, or is damaged; rename, compress or fetch it "
            "again",
            path,
        ) from error
    except UnicodeDecodeError as error:
        raise InputError(f"is not a text file ({error.reason})", path) from error


def read_lines(path: str | Path) -> list[str]:
    """All lines of a text file, plain or gzip, without line ends and blank lines at the end.

    Raises
    ------
    InputError
        When the file is missing, is not text, or is a gzip file cut short.
    """
    with reading(path) as stream:
        text = stream.read().decode("utf-8-sig")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    while lines and not lines[-1].strip():
        lines.pop()
    return lines


def write_fasta(path: str | Path, ids: Sequence[str], letters: NDArray[np.uint8]) -> None:
    """Write sequences of one length as single-line FASTA records.

    Parameters
    ----------
    ids
        n headers.
    letters
        Character codes, shape (n, length).
    """
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


def read_fasta(path: str | Path) -> tuple[list[str], NDArray[np.uint8]]:
    """Read what `write_fasta` wrote: n headers, and character codes of shape (n, length)."""
    with open(path, "rb", buffering=BUFFER) as stream:
        lines = stream.readlines()
    return [line[1:-1].decode() for line in lines[::2]], _letters(lines)


def read_letters(path: str | Path, records: int) -> Iterator[NDArray[np.uint8]]:
    """Read the sequences that `write_fasta` wrote, so many records at once."""
    with open(path, "rb", buffering=BUFFER) as stream:
        while lines := list(islice(stream, 2 * records)):
            yield _letters(lines)


def _letters(lines: list[bytes]) -> NDArray[np.uint8]:
    """Character codes of records of one length, from their headers and sequences by turns."""
    codes = np.frombuffer(b"".join(lines[1::2]), dtype=np.uint8)
    return codes.reshape(len(lines) // 2, -1)[:, :-1]
