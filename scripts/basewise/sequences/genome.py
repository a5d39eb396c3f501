"""A genome in FASTA, and the names of its chromosomes: chr1, 1, I, NC_001133.9."""

import codecs
import mmap
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

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

KNOWN = b"ACGTRYSWKMBDHVNacgtryswkmbdhvn" + BLANKS
"""What may stand in a sequence."""

BARE_RETURN = re.compile(rb"\r(?!\n)")


class Genome:
    """A FASTA file in memory-mapped form; chromosomes are read when asked for.

    `names` are the first words of the headers, in file order. `circles` are the circular
    chromosomes with their bases: a FASTA file does not tell them, see `circles.find_circles`.
    """

    def __init__(self, path: str | Path, text: mmap.mmap) -> None:
        self.path = path
        self.circles: dict[str, int] = {}
        self._text = text
        self._spans: dict[str, tuple[int, int]] = {}
        self._lengths: dict[str, int] = {}
        self._find_records()
        self.names = list(self._spans)

    def letters(self, chrom: str) -> NDArray[np.uint8]:
        """Upper-case character codes of a whole chromosome, shape (bases,).

        Line ends and blanks inside the lines are no bases.

        Raises
        ------
        InputError
            For a letter that is no base and no IUPAC code.
        """
        start, end = self._spans[chrom]
        text = self._text[start:end]
        if foreign := text.translate(None, KNOWN):
            raise self._foreign(foreign[:1], chrom, start)
        return np.frombuffer(text.translate(UPPER, BLANKS), dtype=np.uint8)

    def soft_masked(self, chrom: str) -> NDArray[np.uint8]:
        """1 for each base of a chromosome that is in lower case, else 0, shape (bases,)."""
        start, end = self._spans[chrom]
        return np.frombuffer(self._text[start:end].translate(LOWER, BLANKS), dtype=np.uint8)

    def length(self, chrom: str) -> int:
        """Bases of a chromosome."""
        if chrom not in self._lengths:
            start, end = self._spans[chrom]
            self._lengths[chrom] = len(self._text[start:end].translate(None, BLANKS))
        return self._lengths[chrom]

    def lengths(self, chroms: pd.Series) -> NDArray[np.int64]:
        """Bases of the chromosome that each row names, shape (rows,)."""
        codes, names = pd.factorize(chroms)
        lengths: NDArray[np.int64] = np.array([self.length(name) for name in names])[codes]
        return lengths

    def _find_records(self) -> None:
        text = self._text
        first = text.find(b">")
        if first < 0 or text[:first].removeprefix(codecs.BOM_UTF8).strip():
            raise InputError("is no FASTA file; the first line must start with '>'", self.path, 1)
        nul = text.find(b"\0")
        if nul >= 0:
            raise InputError("holds a NUL byte; is it text?", self.path, self._line(nul))
        while first >= 0:
            line_end = text.find(b"\n", first)
            line_end = len(text) if line_end < 0 else line_end
            # one character is looked for many times faster than two
            following = text.find(b">", line_end)
            while following > 0 and text[following - 1] != ord("\n"):
                following = text.find(b">", following + 1)
            header = text[first + 1 : line_end].decode("utf-8", errors="replace")
            name = (header.split() or [""])[0]
            if not name or name in self._spans:
                fault = f"the record {name!r} stands twice" if name else "a record has no name"
                remedy = "headers must name the chromosomes"
                raise InputError(f"{fault}; {remedy}", self.path, self._line(first))
            self._spans[name] = (line_end, len(text) if following < 0 else following - 1)
            self._warn_of_range(name, header)
            first = following

    def _line(self, place: int) -> int:
        """Line of the file, from 1, on which a byte stands."""
        return self._text[:place].count(b"\n") + 1

    def _foreign(self, letter: bytes, chrom: str, start: int) -> InputError:
        """What is wrong with the first letter of its kind in a chromosome."""
        place = self._text.find(letter, start)
        base = len(self._text[start:place].translate(None, BLANKS)) + 1
        shown = self._text[place : place + 4].decode("utf-8", errors="replace")[0]
        problem = f"{shown!r} at {chrom}:{base} (counted from 1) is no base and no IUPAC code"
        return InputError(problem, self.path, self._line(place))

    def _warn_of_range(self, name: str, header: str) -> None:
        stated = re.fullmatch(r"\S+\s+(\d{1,15})\.\.(\d{1,15})\s*", header)
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
            raise InputError("is empty", path, 1)
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


class Aliases(NamedTuple):
    """Each name of a chromosome to all its names, and to the line of the file that has them."""

    path: str | Path
    names: dict[str, tuple[str, ...]]
    lines: dict[str, int]


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
    aliases = Aliases(path, {}, {})
    for number, line in enumerate(read_lines(path), start=1):
        names = tuple(dict.fromkeys(name.strip() for name in line.lstrip("#").split("\t")))
        for name in names:
            if name in NO_NAME:
                continue
            if name not in aliases.lines:
                aliases.names[name], aliases.lines[name] = names, number
            elif name.isdigit():
                aliases.names.pop(name, None)
            else:
                raise InputError(
                    f"the name {name!r} stands on line {aliases.lines[name]} too; a name belongs "
                    "to one chromosome",
                    path,
                    number,
                )
    return aliases


def rename_chromosomes(
    chrom: pd.Series, known: Iterable[str], aliases: Aliases | None
) -> pd.Series:
    """Give chromosomes the names under which a genome knows them; others keep theirs.

    Raises
    ------
    InputError
        When the aliases have one of them on a line with two chromosomes of the genome.
    """
    if aliases is None:
        return chrom
    wanted = set(known) & set(aliases.names)
    names = {}
    for name in chrom.unique():
        others = [other for other in aliases.names.get(name, ()) if other in wanted]
        names[name] = others[0] if others and name not in others else name
        if names[name] != name and len(others) > 1:
            problem = f"{others[0]!r} and {others[1]!r} are two chromosomes"
            remedy = "a line must hold the names of one"
            raise InputError(f"{problem}; {remedy}", aliases.path, aliases.lines[name])
    return chrom.map(names)
