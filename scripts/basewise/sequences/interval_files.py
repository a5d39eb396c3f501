"""Files of intervals as columns of text: BED, narrowPeak, broadPeak, GFF and GTF.

Formats: UCSC's BED and ENCODE peak formats (genome.ucsc.edu/FAQ/FAQformat), GFF3 1.26 of the
Sequence Ontology, GTF 2.2.
"""

import re
from collections import Counter
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
from basewise.core.files import COMPRESSED, read_lines, reading
from basewise.core.text_rows import title_like

FORMATS = {
    **dict.fromkeys((".gff", ".gff3", ".gtf"), "gff"),
    ".narrowpeak": "narrowPeak",
    ".broadpeak": "broadPeak",
}
"""Endings of names, in lower case, that say what a file is."""

ATTRIBUTE = re.compile(
    r"""\s* (?: (?P<key>[^\s=;"]+)
            (?: = (?P<escaped>[^;]*) | \s+ "(?P<quoted>[^"]*)"\s* | \s+ (?P<bare>[^\s;"][^;"]*) )
        | (?P<odd>[^;]*) ) (?:;|$)""",
    re.VERBOSE,
)
"""An attribute of GFF3 or of GTF, or something odd in its place."""

NOT_DATA = r"^(#|(track|browser)(\s|$))"

BED6 = "chrom start end name score strand"

BROAD_PEAK = f"{BED6} signalValue pValue qValue"

TITLES = {
    "bed": f"{BED6} thickStart thickEnd itemRgb blockCount blockSizes blockStarts".split(),
    "broadPeak": BROAD_PEAK.split(),
    "narrowPeak": f"{BROAD_PEAK} peak".split(),
    "gff": ["seqid", "source", "type", "start", "end", "score", "strand", "phase", "attributes"],
}

NEEDED = {"gff": 9, "bed": 3, "narrowPeak": 10, "broadPeak": 9}
"""Columns that a line must have at least."""

PEAK_COLUMNS = len(TITLES["narrowPeak"])
PEAK_NUMBERS = ["start", "end", "score", "signalValue", "pValue", "qValue", "peak"]
"""Columns of narrowPeak that hold numbers."""


class Fields(NamedTuple):
    """The lines of a file that hold intervals, cut into columns of text.

    `format` is ``bed``, ``narrowPeak``, ``broadPeak`` or ``gff``, which stands for GTF too.
    """

    path: str | Path
    format: str
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
        titles, is_annotation = self.titles[: len(self.columns)], self.titles is TITLES["gff"]
        # attributes of an annotation may differ from its columns in their case alone
        title = title_like(titles, name) if name in titles or not is_annotation else None
        if title is not None:
            return self.columns[titles.index(title)]
        known = ", ".join(titles)
        if is_annotation:
            values = self.attribute(name)
            if pc.any(pc.not_equal(values, "")).as_py():
                return values
            known += ", attributes"
        raise InputError(
            f"has no column {name!r}; there are {known}, or a number from 1",
            self.path,
            int(self.lines[0]),
        )

    def attribute(self, name: str) -> pa.Array:
        """Values of a key in column 9 of GFF and GTF, empty where a line has none."""
        lines = zip(self.columns[8].to_pylist(), self.lines.tolist(), strict=True)
        return _texts(attribute(text, name, self.path, number) for text, number in lines)

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
    """Whether a file is named as GFF or GTF, or begins as GFF3 does."""
    if _format_of_name(path) == "gff":
        return True
    with reading(path) as stream:
        return stream.readline().startswith(b"##gff-version")


def read_fields(path: str | Path, format: str | None = None) -> Fields:
    """Cut the lines of a file, plain or gzip, into columns.

    Without a format, see `Fields`, the name of the file says so, and what it holds: whatever its
    name, ten columns that can only be those of narrowPeak are.

    Raises
    ------
    InputError
        When a line has fewer columns than the format needs, or others than the first line or
        the line of titles; when there is none.
    """
    named = format or ("gff" if is_annotation(path) else _format_of_name(path))
    titles, texts = TITLES[named], read_lines(path)
    if named == "gff" and "##FASTA" in texts:
        texts = texts[: texts.index("##FASTA")]
    lines = _texts(texts)
    is_filled = pc.not_equal(pc.utf8_trim_whitespace(lines), "")
    is_data = pc.and_not(is_filled, pc.match_substring_regex(lines, NOT_DATA))
    numbers, titled = np.flatnonzero(is_data) + 1, 0
    if named != "gff" and texts:
        for number in (*numbers[:1], 1):
            first = texts[number - 1].removeprefix("#").split("\t")
            if [title.lower() for title in first[:3]] == ["chrom", "start", "end"]:
                titles, titled, numbers = first, int(number), numbers[numbers != number]
                break
    if not len(numbers):
        raise InputError("holds no interval", path, 1)
    repeated = [title for title, count in Counter(titles).items() if title and count > 1]
    if repeated:
        raise InputError(f"names the column {repeated[0]!r} twice", path, titled)

    rows = pc.split_pattern(lines.take(numbers - 1), "\t")
    widths, needed = pc.list_value_length(rows).to_numpy(), NEEDED[named]
    if widths.min() < needed:
        place = widths.argmin()
        raise InputError(
            f"{widths[place]} column(s), the line needs {needed} separated by tabs: "
            f"{', '.join(TITLES[named][:needed])}",
            path,
            int(numbers[place]),
        )
    width = needed if named == "gff" else widths[0]
    is_other = widths != width
    if is_other.any():
        place = is_other.argmax()
        problem = f"has {widths[place]} columns, and {width} are wanted as in other lines"
        raise InputError(f"{problem}; is it cut short?", path, int(numbers[place]))
    if titles not in TITLES.values() and len(titles) != width:
        problem = f"names {len(titles)} columns, and the lines have {width}"
        raise InputError(f"{problem}; name each, separated by tabs", path, titled)

    values = rows.flatten()
    columns = [values.take(np.arange(at, len(values), width)) for at in range(width)]
    fields = Fields(path, named, titles, columns, numbers)
    if format is None and named in ("bed", "broadPeak") and len(columns) == PEAK_COLUMNS:
        return _narrow_peak(fields)
    return fields


def text_series(texts: pa.Array) -> pd.Series:
    """The same texts in pandas."""
    return pd.Series(texts, dtype="str")


def _texts(texts: Iterable[str | None]) -> pa.Array:
    return pa.array(texts, pa.large_string())


def _format_of_name(path: str | Path) -> str:
    """What the name of a file says that it is."""
    name = Path(Path(path).name.lower())
    suffix = Path(name.stem).suffix if name.suffix in COMPRESSED else name.suffix
    return FORMATS.get(suffix, "bed")


def _narrow_peak(fields: Fields) -> Fields:
    """Fields of ten columns as narrowPeak where they can be nothing else, else as they are.

    BED may have ten columns as well: ``thickStart`` and ``thickEnd`` lie in the region then.
    """
    is_titled = fields.titles not in TITLES.values()
    if is_titled and fields.titles[-1].lower() != "peak":
        return fields
    titled = zip(TITLES["narrowPeak"], fields.columns, strict=True)
    table = pd.DataFrame({title: text_series(texts) for title, texts in titled})
    numbers = table[PEAK_NUMBERS].apply(pd.to_numeric, errors="coerce")
    start, end, offset = (numbers[title] for title in ("start", "end", "peak"))
    fits = {
        **{title: numbers[title].notna() for title in PEAK_NUMBERS[2:-1]},
        "strand": table["strand"].isin(["+", "-", ".", ""]),
        "peak": (offset >= -1) & (offset < end - start) & (offset % 1 == 0),
    }
    fitting = pd.DataFrame(fits)
    thick = (start <= numbers["signalValue"]) & (numbers["pValue"] <= end)
    thick &= numbers["signalValue"] <= numbers["pValue"]
    if thick.all() or fitting.all(axis=1).mean() < 0.5:
        return fields
    if fitting.all(axis=None):
        titles = fields.titles if is_titled else TITLES["narrowPeak"]
        return fields._replace(format="narrowPeak", titles=titles)

    row = int((~fitting.all(axis=1)).idxmax())
    title = fitting.loc[row].idxmin()
    print(
        f"Warning: {fields.path}:{fields.lines[row]}: {title} {table[title][row]!r} is not that of "
        "a narrowPeak, which the other lines look like; the file is read as BED, without summits. "
        "Correct the line, or say what the file is with `regions_format`"
    )
    return fields


def attribute(text: str, key: str, path: str | Path, line: int) -> str:
    """Value of a key in column 9: ``ID=x;Name=y`` (GFF3) or ``gene_id "x"; ...`` (GTF).

    Empty where it has none.

    Raises
    ------
    InputError
        Where quotes or separators hide which it is.
    """
    value = _attribute(text, key)
    if value is None:
        remedy = f'write {key}=value; (GFF3) or {key} "value"; (GTF)'
        raise InputError(f"the attributes {text!r} cannot be told apart; {remedy}", path, line)
    return value


def _attribute(text: str, key: str) -> str | None:
    """The same, or None where it is hidden."""
    for part in ATTRIBUTE.finditer(text) if key in text else ():
        odd = part["odd"] or ""
        if '"' in odd or key in odd.split():
            return None
        if part["key"] != key:
            continue
        if part["escaped"] is None:
            return part["quoted"] or (part["bare"] or "").strip()
        return None if "=" in part["escaped"] else unquote(part["escaped"].strip())
    return ""
