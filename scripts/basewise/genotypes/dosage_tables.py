"""Genotypes from tables of dosages or letters, and where markers lie, from a table beside them."""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, combinations_with_replacement, islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from basewise.core.errors import InputError
from basewise.core.files import lines_of, reading
from basewise.core.missing import Codes, is_missing, remedy_for
from basewise.core.partners import lost_partners, perhaps
from basewise.core.remarks import Remark
from basewise.core.text_rows import (
    COMMENT,
    is_comment,
    separator,
    split_row,
    titles_at,
)
from basewise.core.user_tables import column_named, read_delimited
from basewise.genotypes.calls import MISSING, Genotypes, known_text, make_genotypes, read_position

TITLES = {
    "marker": ["marker", "snp", "rs", "name", "id"],
    "chrom": ["chrom", "chromosome", "chr"],
    "position": ["position", "pos", "bp"],
}
"""What a column may be called, the first choice first."""


def read_marker_map(path: str | Path) -> pd.DataFrame:
    """Read the places of markers: marker (text, unique), chrom (text), position (from 1, Int64).

    Both may be missing. The table is one as `user_tables.read_delimited` takes it, with a column
    ``marker``, ``snp``, ``rs``, ``name`` or ``id``, a column ``chrom``, ``chromosome`` or ``chr``
    and a column ``position``, ``pos`` or ``bp``, in upper or lower case.

    Raises
    ------
    InputError
        For a missing column, a repeated marker, or a position that is no whole number.
    """
    table = read_delimited(path)
    columns = {
        column: table[column_named(table, path, *titles)] for column, titles in TITLES.items()
    }
    repeated = columns["marker"].duplicated()
    if repeated.any():
        line = int(repeated.idxmax())
        raise InputError(
            f"the marker {columns['marker'][line]!r} stands on an earlier line too", path, line
        )
    places = pd.DataFrame(
        {
            "marker": columns["marker"],
            "chrom": [known_text(text) for text in columns["chrom"]],
            "position": [read_position(text, path, n) for n, text in columns["position"].items()],
        }
    )
    return places.astype({"chrom": "str", "position": "Int64"}).reset_index(drop=True)


def place_markers(names: pd.Series, path: str | Path) -> pd.DataFrame:
    """Look markers up in a map: chrom and position, missing where the map does not have the marker.

    Raises
    ------
    InputError
        When the map has none of them.
    """
    places = read_marker_map(path).set_index("marker")
    if not names.isin(places.index).any():
        raise InputError(
            f"has none of the {len(names)} markers, such as {names.iloc[0]!r}; the names must be "
            f"those of the table of genotypes{perhaps(names, pd.Series(places.index))}",
            path,
        )
    return places.reindex(names).reset_index(drop=True)


def unplaced_markers(names: pd.Series, path: str | Path) -> list[Remark]:
    """Tell which markers a map lacks, and which of the map's are no markers, see `partners`."""
    mapped = read_marker_map(path)["marker"]
    return lost_partners(
        names, mapped, path, "markers have no place", "places there have no marker"
    )


COPIES = re.compile(rb"([012])(\.0*)?")

PAIR = re.compile(rb"([ABCGTN])[/|]?([ABCGTN])")

ALLELES = b"ABCGT"
"""Bases, and the A and B of genotyping arrays."""

PAIRS = [frozenset(pair) for pair in combinations_with_replacement(ALLELES, 2)]


class _Coding(NamedTuple):
    """How a table writes genotypes.

    Attributes
    ----------
    values
        What a value must be, in words.
    characters
        Letter of each value of one character; 0 where it is none.
    letter
        The same for a longer value.
    """

    values: str
    characters: NDArray[np.uint8]
    letter: Callable[[bytes], int]


def _characters(values: bytes, letters: bytes) -> NDArray[np.uint8]:
    table = np.zeros(256, dtype=np.uint8)
    table[list(values)] = list(letters)
    return table


def _dosage(value: bytes) -> int:
    copies = COPIES.fullmatch(value)
    return copies[1][0] if copies else 0


def _pair(value: bytes) -> int:
    """Number of a pair of alleles, from 128; a base beside an N is not known."""
    alleles = PAIR.fullmatch(value)
    if value == b"--" or (alleles and b"N" in alleles.groups()):
        return MISSING
    return 128 + PAIRS.index(frozenset(b"".join(alleles.groups()))) if alleles else 0


DOSAGES = _Coding("0, 1 or 2", _characters(b"012.-", b"012.."), _dosage)

PARENTS = _Coding("A, H or B", _characters(b"AHBCD.-", b"012...."), lambda value: 0)
"""Parents of a cross, as R/qtl writes them; of C and D, not AA and not BB, it knows no more."""

PAIRED = _Coding("two of A, C, G and T, or of A and B", _characters(b"N.-", b"..."), _pair)

ROWS_LOOKED_AT = 100
"""Rows from which the layout of a table is told."""

NAME_TITLES = ("taxa", "taxon", "id", "iid", "name", "line", "individual", "sample", "marker")
"""What a column of names is called, however much its names look like numbers."""


class _Layout(NamedTuple):
    """How the rows of a table are made: columns before the values, and titles of the values."""

    path: str | Path
    sign: str | None
    skip: int
    titles: list[str]
    individuals: str
    missing: Codes
    has_comments: bool
    coding: _Coding


def read_dosages(
    path: str | Path,
    *,
    individuals: str = "rows",
    map: str | Path | None = None,
    missing: Codes = (),
    heterozygous: bool = False,
) -> Genotypes:
    """Read a table of numbers or letters.

    Of numbers, the letters are the same; which alleles they count is not known. In a table without
    any 2, unless it is `heterozygous`, they say whether an allele is there: 0 is AA, 1 is aa.
    ``A``, ``H`` and ``B`` are AA, Aa and aa of a cross, as in R/qtl; its ``C`` and ``D`` (not AA,
    not BB) are missing. Two letters, ``AG``, ``A/G`` or the ``AB`` of an array, are alleles: A is
    the first in sort order, and a marker that has more than two is dropped. The first rows tell
    which it is; the values of a table are all of one kind.

    Parameters
    ----------
    path
        The table, plain or gzip. Columns are separated by tabs, commas, semicolons or blanks: by
        the first of these that stands in the first line. That line names the columns, and the
        first column the rows. A title may be lacking, as R writes tables: that of the names, or
        that of numbers of the rows, which stand before the names. Missing are -9, ``-``, ``--``, a
        base beside an N, and what `missing.is_missing` says.
    individuals
        Whether ``rows`` or ``columns`` are individuals.
    map
        Places of the markers, see `read_marker_map`.
    missing
        More codes of missing values; 0, 1 and 2 are genotypes even so.
    heterozygous
        Whether 1 is Aa in any case, as of individuals beside others that have a 2.

    Raises
    ------
    InputError
        For a row of another width, and a value that is no such number.
    """
    letters, names, lines = bytearray(), [], []
    with reading(path) as stream:
        numbered = enumerate(lines_of(stream, path), 1)
        rows = ((number, line) for number, line in numbered if line.strip())
        start = _from_titles(rows)
        if len(start) < 2:
            raise InputError("holds no row under the names of its columns", path, 1)
        layout = _layout(start[0], start[1:], path, individuals, missing)
        for number, line in chain(start[1:], rows):
            if layout.has_comments and line.startswith(b"#") and _is_comment(line, layout, number):
                continue
            name, values = _read_row(line, layout, number)
            letters += values
            names.append(name)
            lines.append(number)

    matrix = np.frombuffer(letters, dtype=np.uint8).reshape(len(names), len(layout.titles))
    if layout.coding is DOSAGES and not heterozygous and not (matrix == ord("2")).any():
        matrix[matrix == ord("1")] = ord("2")
    top = start[0][0]
    if individuals == "rows":
        ids, id_lines, markers, marker_lines = names, lines, layout.titles, [top] * matrix.shape[1]
    else:
        ids, id_lines, markers, marker_lines = layout.titles, [top] * matrix.shape[1], names, lines
        matrix = matrix.T

    table = pd.DataFrame({"marker": markers, "line": marker_lines})
    table = table.assign(chrom=None, position=None, A=None, a=None)
    if layout.coding is PARENTS:
        table = table.assign(A="A", a="B")
    if map is not None:
        table[["chrom", "position"]] = place_markers(table["marker"], map)
    dropped: list[tuple[str, int | None, str]] = []
    if layout.coding is PAIRED:
        matrix, table, dropped = _count_alleles(matrix, table)

    return make_genotypes(path, matrix, ids=ids, id_lines=id_lines, markers=table, dropped=dropped)


def _count_alleles(
    pairs: NDArray[np.uint8], markers: pd.DataFrame
) -> tuple[NDArray[np.uint8], pd.DataFrame, list[tuple[str, int | None, str]]]:
    """From numbers of `_pair` to letters: of markers of two alleles at most; and those of more."""
    columns, taken, alleles, dropped = [], [], [], []
    for row, column in zip(markers.itertuples(), pairs.T, strict=True):
        known = column != MISSING
        numbers = column[known] - 128
        names = sorted(set().union(*(PAIRS[number] for number in np.unique(numbers))))
        if len(names) > 2:
            listed = "/".join(map(chr, names))
            dropped.append((row.marker, row.line, f"has the alleles {listed}, more than two"))
            continue

        # a pair without A is aa; one with it has as many copies of a as other letters
        copies = [len(pair) - 1 if pair & set(names[:1]) else 2 for pair in PAIRS]
        letters = np.full(len(column), MISSING, dtype=np.uint8)
        letters[known] = ord("0") + np.array(copies, dtype=np.uint8)[numbers]
        columns.append(letters)
        taken.append(row.Index)
        alleles.append([*map(chr, names), None, None][:2])

    first, second = zip(*alleles, strict=True) if alleles else ((), ())
    kept = markers.loc[taken].assign(A=list(first), a=list(second)).reset_index(drop=True)
    matrix = np.array(columns, dtype=np.uint8).reshape(len(taken), len(pairs)).T
    return matrix, kept, dropped


def _from_titles(rows: Iterator[tuple[int, bytes]]) -> list[tuple[int, bytes]]:
    """The line of titles and the first rows, each with its number, without comments above."""
    head: list[tuple[int, bytes]] = []
    while not head or head[-1][1].startswith(b"#"):
        following = next(rows, None)
        if following is None:
            break
        head.append(following)
    at = titles_at([line.decode() for _, line in head])
    return [*head[at:], *islice(rows, ROWS_LOOKED_AT)]


def _layout(
    first: tuple[int, bytes],
    rows: Sequence[tuple[int, bytes]],
    path: str | Path,
    individuals: str,
    missing: Codes,
) -> _Layout:
    """Tell from the first lines, each with its number, where names and values stand."""
    top, line = first[0], first[1].removeprefix(COMMENT.encode())
    plain = [(number, row) for number, row in rows if not row.startswith(COMMENT.encode())]
    looked_at = plain or rows
    number, row = looked_at[0]
    sign = separator(line.decode(), row.decode())
    titles = [title.decode().strip() for title in split_row(line, sign, path, top)]
    fields = [split_row(row, sign, path, number) for number, row in looked_at]
    coding = _coding(fields)
    width = len(fields[0])
    if width - len(titles) not in (0, 1):
        raise InputError(f"has {width} columns, the titles are {len(titles)}", path, number)

    skip = 1
    if width == len(titles):
        titles = titles[1:]
    elif len(titles) > 1 and _holds_names(titles[0], fields, coding, missing):
        titles, skip = titles[1:], 2

    if not titles or "" in titles:
        raise InputError(
            "must name each column; tabs, commas, semicolons or blanks separate them",
            path,
            top,
        )

    if len(set(titles)) < len(titles) and all(
        _letter(title.encode(), coding, missing) for title in titles
    ):
        raise InputError(
            f"must name the columns, and holds values such as {titles[0]!r}; add a line of titles",
            path,
            top,
        )

    return _Layout(path, sign, skip, titles, individuals, missing, bool(plain), coding)


def _coding(rows: Sequence[Sequence[bytes]]) -> _Coding:
    """How most of the first values are written; names among them, as R has rows, are outvoted."""
    values = [value for row in rows for value in row[1:]]
    counts = [
        sum(bool(_dosage(value)) for value in values),
        sum(value in (b"A", b"H", b"B") for value in values),
        sum(_pair(value) > MISSING for value in values),
    ]
    return (DOSAGES, PARENTS, PAIRED)[counts.index(max(counts))]


def _is_comment(line: bytes, layout: _Layout, number: int) -> bool:
    width = layout.skip + len(layout.titles)
    return is_comment(line.decode(), layout.sign, width, layout.path, number)


def _holds_names(
    title: str, rows: Sequence[Sequence[bytes]], coding: _Coding, missing: Codes
) -> bool:
    """Whether the second of a row's values is its name, and the first its number.

    What the column is called does not tell by itself: a marker can be called id. Names that are
    numbers, such as 301, are still no dosages.
    """
    values = [fields[1] for fields in rows if len(fields) > 1]
    if title.lower() in NAME_TITLES:
        return not all(_letter(value, coding, missing) for value in values)
    return not all(
        _letter(value, coding, missing) or re.fullmatch(rb"[-+.\d]*", value) for value in values
    )


def _read_row(line: bytes, layout: _Layout, number: int) -> tuple[str, bytes]:
    """Name of a row, and its letters."""
    width, skip = len(layout.titles), layout.skip
    sign = layout.sign.encode() if layout.sign else None

    # A line of values of one character has a separator in every second place: no loop over them.
    parts = line.rstrip(b"\r\n").split(sign, skip)
    if sign and b'"' not in line and [len(rest) for rest in parts[skip:]] == [2 * width - 1]:
        characters = np.frombuffer(parts[skip], dtype=np.uint8)
        letters = layout.coding.characters[characters[::2]]
        if letters.all() and (characters[1::2] == sign[0]).all():
            return parts[skip - 1].decode().strip(), letters.tobytes()
    fields = split_row(line, layout.sign, layout.path, number)
    if len(fields) != width + skip:
        raise InputError(
            f"has {len(fields)} columns, the first row has {width + skip}", layout.path, number
        )
    name, values = fields[skip - 1].decode().strip(), fields[skip:]
    codes = {value: _letter(value, layout.coding, layout.missing) for value in set(values)}
    if not all(codes.values()):
        raise _fault(name, values, layout, number)
    return name, bytes(map(codes.__getitem__, values))


def _letter(value: bytes, coding: _Coding, missing: Codes) -> int:
    """Letter of a value; 0 where it is none."""
    single = int(coding.characters[value[0]]) if len(value) == 1 else 0
    letter = single or coding.letter(value)
    if letter:
        return letter
    return MISSING if is_missing(value.decode(), (-9, *missing)) else 0


def _fault(name: str, values: Sequence[bytes], layout: _Layout, number: int) -> InputError:
    coding, missing = layout.coding, layout.missing
    place = next(place for place, value in enumerate(values) if not _letter(value, coding, missing))
    value, title = values[place].decode(), layout.titles[place]
    individual, marker = (name, title) if layout.individuals == "rows" else (title, name)
    if re.fullmatch(r"-1(\.0*)?", value):
        remedy = "for the coding -1, 0, 1 add 1 to every value, and write NA where missing"
    elif re.fullmatch(r"\d+(\.0*)?", value):
        remedy = "basewise takes diploids, no ploidy above two"
    elif re.fullmatch(r"\d*\.\d+", value):
        remedy = "round imputed numbers of copies, or give the genotypes called"
    else:
        remedy = (
            remedy_for(value)
            if "," in value
            else f"write NA where it is missing; {remedy_for(value)}"
        )
    return InputError(
        f"the value {value!r} of individual {individual!r} at marker {marker!r} is not "
        f"{coding.values}; {remedy}",
        layout.path,
        number,
    )
