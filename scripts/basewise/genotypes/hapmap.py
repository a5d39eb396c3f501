"""Genotypes from HapMap text, of one letter (IUPAC) or two a genotype."""

from collections.abc import Mapping
from functools import cache
from itertools import chain, islice, product
from pathlib import Path

import numpy as np
import pandas as pd

from basewise.core.errors import InputError
from basewise.core.files import lines_of, reading
from basewise.core.text_rows import separator, split_row, titles_of
from basewise.genotypes.calls import (
    MISSING,
    Genotypes,
    known_text,
    make_genotypes,
    marker_name,
    read_position,
)

COLUMNS = 11
"""Columns before the first individual; used are the name, alleles, chromosome and position."""

IUPAC = {"R": "AG", "Y": "CT", "S": "CG", "W": "AT", "K": "GT", "M": "AC", "0": "+-"}
"""Letters for two alleles; ``0`` is TASSEL's for an insertion beside its absence."""

BASES, INDEL = "ACGT", "+-"

NAMES = (["rs#"], ["rs"], ["rs."])
"""Titles of the first column; R makes ``rs.`` of ``rs#``."""

HALF = [pair for base in BASES for pair in (f"{base}N", f"N{base}")]

UNKNOWN = ("", "N", "NN", "-", "--", ".", "./.", *HALF)


def is_hapmap(line: bytes) -> bool:
    """Whether the first line of a file is that of HapMap text."""
    titles = [title.lower() for title in titles_of(line)]
    return titles[:1] in NAMES and titles[1:2] == ["alleles"]


def read_hapmap(path: str | Path) -> Genotypes:
    """Read HapMap text, plain or gzip, as TASSEL, GAPIT and R write it.

    Columns are separated by tabs, commas, semicolons or blanks, with quotes or without: ``rs#`` (or
    ``rs``), ``alleles``, ``chrom``, ``pos``, seven that are not read, then one an individual; names
    of the rows may stand before them, as R writes tables. Genotypes have two letters, or one
    throughout a row: ``AC`` or ``M``; where ``alleles`` is ``+/-``, ``++``, ``+-``, ``--`` or
    ``+``, ``0``, ``-``. Missing are N, NN, -, --, ., ./. and nothing, and a base beside an N.

    A is the first in sort order of the two alleles that the column ``alleles`` lists, or of those
    there are where it lists others, none or more than two. A marker at which there are more than
    two, as when some individuals were read on the other strand, is dropped.

    Raises
    ------
    InputError
        For titles or rows that are not HapMap, and for a value that is no genotype.

    References
    ----------
    https://bitbucket.org/tasseladmin/tassel-5-source/wiki/UserManual/Load/Load
    """
    letters, markers, dropped, others = bytearray(), [], [], []
    with reading(path) as stream:
        lines = lines_of(stream, path)
        first = next(lines, b"")
        sign = separator(first.decode())
        ids = _individuals(first, sign, path)
        rows = ((line, row) for line, row in enumerate(lines, 2) if row.strip())
        start = list(islice(rows, 1))
        named = 1 + COLUMNS + len(ids)
        is_named = any(len(split_row(row, sign, path, line)) == named for line, row in start)
        for line, row in chain(start, rows):
            (name, text, *place), genotypes = _read_row(row, sign, is_named, ids, path, line)
            listed = _listed(text, path, line)
            alleles, values = listed, _decode(genotypes, listed)
            if values is None:
                alleles = _found(genotypes, listed)
                values = _decode(genotypes, alleles)
                if listed and not alleles <= listed:
                    others.append(name)
            if len(alleles) > 2 and _are_of_one_width(genotypes, alleles):
                reason = f"has the alleles {'/'.join(sorted(alleles))}, more than two"
                dropped.append((name, line, reason))
            elif values is None:
                raise _fault(genotypes, alleles, ids, path, line)
            else:
                letters += values
                markers.append((name, *place, *[*sorted(alleles), None, None][:2], line))
    if others:
        print(f"{len(others)} markers have alleles not listed for them, first {others[0]}")
    matrix = np.frombuffer(letters, dtype=np.uint8).reshape(len(markers), len(ids))
    return make_genotypes(
        path,
        matrix.T,
        ids=ids,
        id_lines=1,
        markers=pd.DataFrame(markers, columns=["marker", "chrom", "position", "A", "a", "line"]),
        dropped=dropped,
    )


def _individuals(line: bytes, sign: str | None, path: str | Path) -> list[str]:
    titles = [title.decode() for title in split_row(line, sign, path, 1)]
    titles = titles[1:] if titles[:1] == [""] else titles
    if not is_hapmap(line) or [title.lower() for title in titles[2:4]] != ["chrom", "pos"]:
        raise InputError(
            "is no HapMap text: its first line must name the columns rs#, alleles, chrom, pos, "
            "separated by tabs, commas or blanks",
            path,
            1,
        )
    if len(titles) <= COLUMNS:
        raise InputError(
            f"names {len(titles)} columns; the individuals must follow after {COLUMNS}", path, 1
        )
    return titles[COLUMNS:]


def _read_row(
    row: bytes, sign: str | None, is_named: bool, ids: list[str], path: str | Path, line: int
) -> tuple[tuple[str, str, str | None, int | None], list[bytes]]:
    """Name, alleles, chromosome and position of a marker, and its genotypes in upper case."""
    columns = is_named + COLUMNS
    if sign and b'"' not in row:
        *front, last = row.rstrip(b"\r\n").split(sign.encode(), columns)
        genotypes = last.upper().split(sign.encode())
    else:
        front, genotypes = [], []
    if len(front) != columns or len(genotypes) != len(ids):
        values = split_row(row, sign, path, line)
        front, genotypes = values[:columns], [value.upper() for value in values[columns:]]
    if len(genotypes) != len(ids):
        like = "the first row" if is_named else "line 1"
        raise InputError(
            f"has {len(front) + len(genotypes)} columns, {like} has {columns + len(ids)}; correct "
            "the row, or fetch the file again if it is cut short",
            path,
            line,
        )
    name, alleles, chrom, at = (value.decode().strip() for value in front[is_named:][:4])
    place = known_text(chrom), read_position(at, path, line)
    return (marker_name(name, *place), alleles, *place), genotypes


def _listed(text: str, path: str | Path, line: int) -> frozenset[str]:
    """Alleles of the column of that name; a ``-`` without a ``+`` stands for missing."""
    alleles = frozenset() if text.upper() in ("NA", "N/A") else frozenset(text.upper().split("/"))
    if alleles == frozenset(INDEL):
        return alleles
    alleles -= {"", "N", "-", "."}
    if not alleles <= frozenset(BASES):
        raise InputError(
            f"the alleles {text!r} must be bases such as A/C, or +/-; give longer ones as VCF",
            path,
            line,
        )
    return alleles


@cache
def _pairs(alleles: frozenset[str]) -> Mapping[bytes, str]:
    """Alleles of each value that can be made of some alleles; none of those that are missing."""
    pairs = dict.fromkeys(UNKNOWN, "")
    pairs |= {first + second: first + second for first, second in product(alleles, repeat=2)}
    pairs |= {allele: 2 * allele for allele in alleles}
    pairs |= {code: pair for code, pair in IUPAC.items() if alleles.issuperset(pair)}
    return {code.encode(): pair for code, pair in pairs.items()}


@cache
def _codes(alleles: frozenset[str], width: int) -> Mapping[bytes, int]:
    """Letter of each value that is missing or has so many characters."""
    first = min(alleles, default="")
    return {
        code: ord("0") + sum(allele != first for allele in pair) if pair else MISSING
        for code, pair in _pairs(alleles).items()
        if len(code) == width or not pair
    }


def _decode(genotypes: list[bytes], alleles: frozenset[str]) -> bytes | None:
    """Letters of genotypes of at most two alleles, None where they are not made of these."""
    for width in (2, 1) if len(alleles) <= 2 else ():
        codes = _codes(alleles, width)
        try:
            return bytes(map(codes.__getitem__, genotypes))
        except KeyError:
            continue
    return None


def _found(genotypes: list[bytes], listed: frozenset[str]) -> frozenset[str]:
    """Alleles of the genotypes, whatever is listed."""
    pairs = _pairs(frozenset(INDEL if "+" in listed else BASES))
    return frozenset(allele for value in set(genotypes) for allele in pairs.get(value, ""))


def _are_of_one_width(genotypes: list[bytes], alleles: frozenset[str]) -> bool:
    """Whether genotypes are made of some alleles, each of one letter or each of two."""
    return any(all(value in _codes(alleles, width) for value in genotypes) for width in (1, 2))


def _fault(
    genotypes: list[bytes], alleles: frozenset[str], ids: list[str], path: str | Path, line: int
) -> InputError:
    """Name the first genotype that is none, or is not as long as the first of all."""
    pairs = _pairs(alleles)
    width = next((len(value) for value in genotypes if pairs.get(value)), 2)
    place = next(n for n, value in enumerate(genotypes) if value not in _codes(alleles, width))
    return InputError(
        f"the genotype {genotypes[place].decode()!r} of individual {ids[place]!r} is not "
        f"{'one letter' if width == 1 else 'two letters'} of the alleles "
        f"{'/'.join(sorted(alleles or BASES))}; correct it, or write N where it is missing",
        path,
        line,
    )
