"""A genome in FASTA, and the names of its chromosomes: chr1, 1, I, NC_001133.9."""

import mmap
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from basewise.core.errors import InputError
from basewise.core.files import is_compressed, read_lines, reading

UPPER = bytes(range(256)).upper()
"""Translation of character codes to upper case."""

LOWER = bytes(97 <= code <= 122 for code in range(256))
"""Translation of character codes to 1 where they are lower case, else 0."""

BLANKS = b" \t\r\n\v\f"
"""Characters that are no letters of a sequence."""


BARE_RETURN = re.compile(rb"\r(?!\n)")


class Genome:
    """A FASTA file in memory-mapped form; chromosomes are read when asked for.

    `names` are the first words of the headers, in file order.
    """

    def __init__(self, path: str | Path, text: mmap.mmap) -> None:
        self.path = path
        self._text = text
        self._spans: dict[str, tuple[int, int]] = {}
        self._lengths: dict[str, int] = {}
        self._find_records()
        self.names = list(self._spans)

    def letters(self, chrom: str) -> NDArray[np.uint8]:
        """Upper-case character codes of a whole chromosome, shape (bases,).

        Line ends and blanks inside the lines are no bases.
        """
        start, end = self._spans[chrom]
        letters = np.frombuffer(self._text[start:end].translate(UPPER, BLANKS), dtype=np.uint8)
        self._lengths[chrom] = len(letters)
        return letters

    def soft_masked(self, chrom: str) -> NDArray[np.uint8]:
        """1 for each base of a chromosome that is in lower case, else 0, shape (bases,)."""
        start, end = self._spans[chrom]
        return np.frombuffer(self._text[start:end].translate(LOWER, BLANKS), dtype=np.uint8)

    def length(self, chrom: str) -> int:
        """Bases of a chromosome."""
        if chrom not in self._lengths:
            self.letters(chrom)
        return self._lengths[chrom]

    def lengths(self, chroms: pd.Series) -> NDArray[np.int64]:
        """Bases of the chromosome that each row names, shape (rows,)."""
        codes, names = pd.factorize(chroms)
        lengths: NDArray[np.int64] = np.array([self.length(name) for name in names])[codes]
        return lengths

    def _find_records(self) -> None:
        text = self._text
        first = text.find(b">")
        if first < 0 or text[:first].strip(b"\xef\xbb\xbf\r\n\t "):
            raise InputError("is no FASTA file; the first line must start with '>'", self.path)
        while first >= 0:
            line_end = text.find(b"\n", first)
            line_end = len(text) if line_end < 0 else line_end
            following = text.find(b"\n>", line_end)
            header = text[first + 1 : line_end].decode("utf-8", errors="replace")
            name = (header.split() or [""])[0]
            if not name or name in self._spans:
                fault = f"the record {name!r} stands twice" if name else "a record has no name"
                raise InputError(f"{fault}; headers must name the chromosomes", self.path)
            self._spans[name] = (line_end, len(text) if following < 0 else following)
            self._warn_of_range(name, header)
            first = following + 1 if following >= 0 else -1

    def _warn_of_range(self, name: str, header: str) -> None:
        stated = re.fullmatch(r"\S+\s+(\d+)\.\.(\d+)\s*", header)
        if stated:
            bases = int(stated[2]) - int(stated[1]) + 1
            if bases != self.length(name):
                print(
                    f"Warning: {self.path}: the header of {name} states {bases:,} bases, "
                    f"the sequence has {self.length(name):,}; the sequence counts"
                )


@contextmanager
def open_genome(path: str | Path) -> Iterator[Genome]:
    """Open a genome FASTA: plain, gzip or bgzip.

    A compressed genome is unpacked into the temporary folder (``TMPDIR``) first.

    Raises
    ------
    InputError
        When the file is missing, damaged or no FASTA file.
    """
    with TemporaryDirectory(prefix="basewise-") as folder:
        plain = Path(path)
        with reading(path) as stream:
            if is_compressed(path):
                plain = Path(folder) / "genome.fa"
                with open(plain, "wb") as copy:
                    shutil.copyfileobj(stream, copy, 1 << 20)
        if plain.stat().st_size == 0:
            raise InputError("is empty", path)
        if _has_bare_returns(plain):
            plain = _with_line_feeds(plain, Path(folder))
        with (
            open(plain, "rb") as file,
            mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text,
        ):
            yield Genome(path, text)


def _has_bare_returns(path: Path) -> bool:
    """Whether some line ends with CR alone, as on old Macs and in what was put together there."""
    with (
        open(path, "rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text,
    ):
        return text.find(b"\r") >= 0 and BARE_RETURN.search(text) is not None


def _with_line_feeds(path: Path, folder: Path) -> Path:
    """A copy of a file whose lines all end with LF."""
    copy = folder / "lines.fa"
    with (
        open(path, encoding="latin-1", newline=None) as text,
        open(copy, "w", encoding="latin-1", newline="\n") as written,
    ):
        shutil.copyfileobj(text, written, 1 << 20)
    return copy


NO_NAME = ("", "-", ".", "na", "NA")
"""What stands in a table of names where a chromosome has none."""

Aliases = dict[str, tuple[str, ...]]
"""Each name of a chromosome to all its names."""


def read_aliases(path: str | Path) -> Aliases:
    """Read a tab-separated table of chromosome names, such as UCSC's chromAlias.txt.

    Every field of a line is a name of the same chromosome; which column holds which kind of name
    does not matter, and a line of column titles does no harm. A number on several lines, such as
    a length, is no name.

    Raises
    ------
    InputError
        When a name that is no number stands on two lines.
    """
    aliases: Aliases = {}
    first_line: dict[str, int] = {}
    for number, line in enumerate(read_lines(path), start=1):
        names = tuple(dict.fromkeys(name.strip() for name in line.lstrip("#").split("\t")))
        for name in names:
            if name in NO_NAME:
                continue
            if name not in first_line:
                aliases[name], first_line[name] = names, number
            elif name.isdigit():
                aliases.pop(name, None)
            else:
                raise InputError(
                    f"the name {name!r} stands on line {first_line[name]} too; a name belongs to "
                    "one chromosome",
                    path,
                    number,
                )
    return aliases


def rename_chromosomes(
    chrom: pd.Series, known: Iterable[str], aliases: Aliases | None
) -> pd.Series:
    """Give chromosomes the names under which a genome knows them; others keep theirs."""
    if aliases is None:
        return chrom
    wanted = set(known)
    names = {}
    for name in chrom.unique():
        others = [other for other in aliases.get(name, ()) if other in wanted and other in aliases]
        names[name] = name if name in wanted or not others else others[0]
    return chrom.map(names)
