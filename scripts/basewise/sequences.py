"""Reading and writing sequences: genomes, plain text and the workflow's own FASTA."""

from __future__ import annotations

import gzip
import shutil
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

import numpy as np
from Bio.SeqIO.FastaIO import SimpleFastaParser
from numpy.typing import NDArray
from pyfaidx import Fasta, FastaIndexingError, UnsupportedCompressionFormat

from basewise.alphabet import letters_of
from basewise.errors import InputError

__all__ = [
    "chromosome_letters",
    "open_genome",
    "read_fasta",
    "read_lines",
    "write_fasta",
    "write_genome",
]


def read_lines(path: str | Path) -> list[str]:
    """All lines of a text file, plain or gzip, without line ends and blank lines at the end.

    Raises
    ------
    InputError
        When the file is missing, is not text, or is a gzip file cut short.
    """
    with _reading(path) as stream:
        return stream.read().decode("utf-8-sig").rstrip().splitlines()


@contextmanager
def open_genome(path: str | Path) -> Iterator[Fasta]:
    """Open a genome FASTA (plain, gzip or bgzip) for access by chromosome.

    The index, and for a compressed genome the plain text too, are made in the temporary folder
    (``TMPDIR``), so that the folder of the genome may be read-only.

    Yields
    ------
    pyfaidx.Fasta
        Upper case; ``genome[name]`` is a chromosome, ``len(genome[name])`` its bases.
    """
    with TemporaryDirectory(prefix="basewise-") as folder:
        plain = Path(path)
        with _reading(path) as stream:
            if plain.suffix in (".gz", ".bgz"):
                plain = Path(folder) / "genome.fa"
                with open(plain, "wb") as copy:
                    shutil.copyfileobj(stream, copy, 1 << 20)
        try:
            genome = Fasta(
                str(plain),
                indexname=str(Path(folder) / "genome.fai"),
                as_raw=True,
                sequence_always_upper=True,
            )
        except (FastaIndexingError, UnsupportedCompressionFormat, ValueError) as error:
            raise InputError(f"not a FASTA file that can be indexed ({error})", path) from error
        if not genome.keys():
            raise InputError("holds no FASTA record; the first line must start with '>'", path)
        yield genome
        genome.close()


def chromosome_letters(genome: Fasta, chrom: str) -> NDArray[np.uint8]:
    """Upper-case character codes of a whole chromosome, shape (bases,)."""
    return np.frombuffer(genome[chrom][:].encode("ascii"), dtype=np.uint8)


def write_fasta(path: str | Path, ids: list[str], letters: NDArray[np.uint8]) -> None:
    """Write sequences of one length as single-line FASTA records.

    Parameters
    ----------
    ids
        n headers.
    letters
        Character codes, shape (n, length).
    """
    with open(path, "w", encoding="ascii") as stream:
        for name, row in zip(ids, letters, strict=True):
            stream.write(f">{name}\n{row.tobytes().decode('ascii')}\n")


def write_genome(path: str | Path, genome: Mapping[str, NDArray[np.uint8]]) -> None:
    """Write chromosomes (name to character codes) as FASTA in lines of 60 bases."""
    with open(path, "w", encoding="ascii") as stream:
        for name, letters in genome.items():
            text = letters.tobytes().decode("ascii")
            lines = [text[start : start + 60] for start in range(0, len(text), 60)]
            stream.write("\n".join([f">{name}", *lines, ""]))


def read_fasta(path: str | Path) -> tuple[list[str], NDArray[np.uint8]]:
    """Read what `write_fasta` wrote: n headers, and character codes of shape (n, length)."""
    with open(path, encoding="ascii") as stream:
        records = list(SimpleFastaParser(stream))
    return [name for name, _ in records], letters_of([sequence for _, sequence in records])


@contextmanager
def _reading(path: str | Path) -> Iterator[IO[bytes]]:
    opened = gzip.open if Path(path).suffix in (".gz", ".bgz") else open
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
            "is named .gz but is not a gzip file; rename or compress it", path
        ) from error
    except UnicodeDecodeError as error:
        raise InputError(f"is not a text file ({error.reason})", path) from error
