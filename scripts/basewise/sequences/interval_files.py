"""Files of intervals as columns of text: BED, narrowPeak, broadPeak, GFF and GTF.

Formats: UCSC's BED and ENCODE peak formats (genome.ucsc.edu/FAQ/FAQformat), GFF3 1.26 of the
Sequence Ontology, GTF 2.2.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from basewise.core.errors import InputError
from basewise.core.files import is_compressed, read_lines

ANNOTATION = (".gff", ".gff3", ".gtf")

ATTRIBUTE = re.compile(r"""\s*([^\s=;]+)(?:=([^;]*)| +"([^"]*)"| *([^;]*));?""")

NOT_DATA = r"^(#|(track|browser)(\s|$))"

TITLES = {
    "bed": [
        *("chrom", "start", "end", "name", "score", "strand"),
        *("thickStart", "thickEnd", "itemRgb", "blockCount", "blockSizes", "blockStarts"),
    ],
    "narrowPeak": [
        *("chrom", "start", "end", "name", "score", "strand"),
        *("signalValue", "pValue", "qValue", "peak"),
    ],
    "gff": [
        *("seqid", "source", "type", "start", "end", "score", "strand", "phase", "attributes"),
    ],
}

TITLES["broadPeak"] = TITLES["narrowPeak"][:-1]


class Fields(NamedTuple):
    """The lines of a file that hold intervals, cut into columns of text."""

    path: str | Path
    titles: list[str]
    columns: list[pa.Array]
    lines: NDArray[np.int64]

    def column(self, name: str | int) -> pa.Array:
        """Values of a column, by its title or its number from 1; an attribute of GFF and GTF."""
        if isinstance(name, int) or name.isdigit():
            number = int(name)
            if not 1 <= number <= len(self.columns):
                shortest = f"has no column {name}; there are {len(self.columns)}"
                raise InputError(shortest, self.path, int(self.lines[0]))
            return self.columns[number - 1]
        if name in self.titles[: len(self.columns)]:
            return self.columns[self.titles.index(name)]
        known = ", ".join(self.titles[: len(self.columns)])
        if self.titles is TITLES["gff"]:
            values = self.attribute(name)
            if pc.any(pc.not_equal(values, "")).as_py():
                return values
            known += ", attributes"
        raise InputError(
            f"has no column {name!r}; there are {known}, or a number from 1", self.path
        )

    def attribute(self, name: str) -> pa.Array:
        """Values of a key in column 9 of GFF and GTF, empty where a line has none."""
        return _texts(_attribute(text, name) for text in self.columns[8].to_pylist())

    def has(self, title: str) -> bool:
        """Whether the lines are long enough to have a column of this title."""
        return title in self.titles[: len(self.columns)]

    def optional(self, name: str, absent: str) -> pd.Series | str:
        """Values of a column whose title may be written in any case, without blanks around."""
        titles = [title.lower() for title in self.titles[: len(self.columns)]]
        if name in titles:
            return text_series(pc.utf8_trim_whitespace(self.columns[titles.index(name)]))
        if self.titles is TITLES["gff"]:
            return text_series(self.attribute(name))
        return absent


def is_annotation(path: str | Path) -> bool:
    """Whether a file is named as GFF or GTF."""
    return _suffix(path) in ANNOTATION


def is_narrow_peak(path: str | Path) -> bool:
    """Whether a file is named as narrowPeak, whose column 10 is the summit."""
    return _titles(path) is TITLES["narrowPeak"]


def read_fields(path: str | Path, needed: int) -> Fields:
    """Cut the lines of a file into columns.

    Parameters
    ----------
    path
        The file, plain or gzip.
    needed
        Columns that a line must have at least; shorter lines than the longest end empty.

    Raises
    ------
    InputError
        When a line has fewer columns than needed, or there is none.
    """
    titles, texts = _titles(path), read_lines(path)
    if titles is TITLES["gff"] and "##FASTA" in texts:
        texts = texts[: texts.index("##FASTA")]
    lines = _texts(texts)
    is_filled = pc.not_equal(pc.utf8_trim_whitespace(lines), "")
    is_data = pc.and_not(is_filled, pc.match_substring_regex(lines, NOT_DATA))
    numbers = np.flatnonzero(is_data) + 1
    if titles is TITLES["bed"] and texts:
        for number in (*numbers[:1], 1):
            first = texts[number - 1].removeprefix("#").split("\t")
            if [title.lower() for title in first[:3]] == ["chrom", "start", "end"]:
                titles, numbers = first, numbers[numbers != number]
                break
    if not len(numbers):
        raise InputError("holds no interval", path)
    rows = pc.split_pattern(lines.take(numbers - 1), "\t")
    found = pc.list_value_length(rows).to_numpy()
    if found.min() < needed:
        place = found.argmin()
        raise InputError(
            f"{found[place]} column(s), the line needs {needed} separated by tabs: "
            f"{', '.join(_titles(path)[:needed])}",
            path,
            int(numbers[place]),
        )
    values, firsts = rows.flatten(), np.cumsum(found) - found
    columns = [
        values.take(pa.array(firsts + at, mask=at >= found)).fill_null("")
        for at in range(found.max())
    ]
    return Fields(path, titles, columns, numbers)


def text_series(texts: pa.Array) -> pd.Series:
    """The same texts in pandas."""
    return pd.Series(texts, dtype="str")


def _texts(texts: Iterable[str]) -> pa.Array:
    return pa.array(texts, pa.large_string())


def _titles(path: str | Path) -> list[str]:
    suffix = _suffix(path)
    if suffix in ANNOTATION:
        return TITLES["gff"]
    return TITLES.get(suffix.removeprefix("."), TITLES["bed"])


def _suffix(path: str | Path) -> str:
    name = Path(path)
    return Path(name.stem).suffix if is_compressed(name) else name.suffix


def _attribute(text: str, key: str) -> str:
    """Value of a key in column 9: ``ID=x;Name=y`` (GFF3) or ``gene_id "x"; ...`` (GTF)."""
    for name, escaped, quoted, bare in ATTRIBUTE.findall(text) if key in text else ():
        if name == key:
            return unquote(escaped.strip()) or quoted or bare.strip()
    return ""
