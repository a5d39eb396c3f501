"""Genotypes from VCF and BCF."""

import os
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np
import pandas as pd
from cyvcf2 import VCF
from numpy.typing import NDArray

from basewise.core.errors import InputError
from basewise.core.files import check_utf8, is_compressed, packer, reading
from basewise.core.text_rows import titles_of
from basewise.genotypes.calls import MISSING, Genotypes, make_genotypes, read_position

VERSION = re.compile(rb"##fileformat=VCFv\d+\.\d+\s*$")

TITLES = ("#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT")
"""Columns before the first individual."""

FORMAT = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*(:[A-Za-z_][A-Za-z0-9_.]*)*")

BASES = "[ACGTRYSWKMBDHVNI]+"
"""Bases, and the I and D with which arrays name indels."""

REF = re.compile(BASES, re.IGNORECASE)

ALT = re.compile(rf"\.?{BASES}\.?|\*|<[^<>]+>|.*[][].*", re.IGNORECASE)
"""Bases, a deletion that spans the site, a symbol, or a breakend."""

DIGITS = bytes.maketrans(b"123456789", b"000000000")

WRONG_ALLELE = re.compile(rb"\d{5,}|\+")
"""Numbers of alleles that cyvcf2 may wrap around, and a sign, which it takes."""

NO_ALLELE = ("*", "<*>", "<NON_REF>", "<X>")
"""What stands under ALT for a deletion that spans the site, or for any other allele."""

RECORDS_AT_ONCE = 1024

AGAIN = "the file is cut short or damaged; fetch or write it again"


BINARY = b"BCF"
"""First bytes of BCF, unpacked."""


def is_vcf(line: bytes) -> bool:
    """Whether the first line of a file is that of VCF or BCF, in quotes or not."""
    version = line.lstrip(b'\xef\xbb\xbf"').startswith(b"##fileformat=VCF")
    return version or line.startswith(BINARY) or titles_of(line)[:3] == ["#CHROM", "POS", "ID"]


def read_vcf(path: str | Path, *, with_constant: bool = False) -> Genotypes:
    """Read VCF, plain, gzip or bgzip, or BCF, with GT of diploids or haploids in every record.

    A is REF. Each ALT allele is a marker of its own and counts its copies: other ALT alleles count
    as REF. A haploid ALT is ``2``; a genotype with an unknown allele is missing; phase is not kept.
    The name is the ID, or ``CHROM:POS:REF:ALT`` where there is none; of several ALT alleles each is
    ``ID:ALT``. ALT alleles that stand for no sequence are dropped. Lines are missing for BCF.

    Parameters
    ----------
    with_constant
        Whether records without an ALT allele are markers too, at which a is missing.

    Raises
    ------
    InputError
        For a file that is no VCF, has no individuals or genotypes, is cut short or damaged, or
        has a ploidy above two.

    References
    ----------
    https://samtools.github.io/hts-specs/VCFv4.3.pdf
    """
    packed = packer(path)
    if packed not in (None, "gzip"):
        remedy = "unpack it, or compress it with bgzip"
        raise InputError(f"is compressed by {packed}, which htslib does not read; {remedy}", path)

    with reading(path) as stream:
        is_binary = stream.read(len(BINARY)) == BINARY or Path(path).suffix.lower() == ".bcf"

    titles = None if is_binary else _check_lines(path)
    blocks, rows, markers, dropped = [], [], [], []
    with reading(path), _listening() as said:
        file = _open(path, titles, said)
        ids = list(file.samples)
        for line, variant in _records(file, path, titles, said):
            alleles = _alleles(variant, ids, path, line)
            alts = variant.ALT  # put together anew whenever it is asked for
            for allele, alt in enumerate(alts or ["."], 1):
                name = _name(variant, alt, len(alts) > 1)
                is_constant = with_constant and alt == "."
                if alt in (".", *NO_ALLELE) and not is_constant:
                    dropped.append((name, line, f"ALT {alt} names no allele"))
                    continue
                other = None if is_constant else alt.upper()
                place = variant.CHROM, variant.POS
                markers.append((name, *place, variant.REF.upper(), other, line))
                rows.append(_letters(alleles, allele))
            if len(rows) >= RECORDS_AT_ONCE:
                blocks.append(np.stack(rows, axis=1))
                rows.clear()

    blocks.append(np.array(rows, dtype=np.uint8).reshape(-1, len(ids)).T)

    return make_genotypes(
        path,
        np.concatenate(blocks, axis=1),
        ids=ids,
        id_lines=titles,
        markers=pd.DataFrame(markers, columns=["marker", "chrom", "position", "A", "a", "line"]),
        dropped=dropped,
    )


def _check_lines(path: str | Path) -> int:
    """Line of the column titles, once all lines are as the format wants them.

    htslib takes a record that is wider than the titles, wraps a position beyond 32 bits around,
    and ends the process at a FORMAT that is none; so each record is looked at before it.
    """
    number = 1
    with reading(path) as stream:
        for number, line in enumerate(stream, 1):
            if number == 1 and not VERSION.match(line):
                raise InputError(
                    "is no VCF: its first line must be such as ##fileformat=VCFv4.3, without "
                    'quotes (R: write.table(..., quote = FALSE, sep = "\\t"))',
                    path,
                    1,
                )
            _check_line(line, path, number)
            if not line.startswith(b"##"):
                break
        else:
            raise InputError("holds no line of column titles (#CHROM ...)", path, number)
        width = _check_titles(line, path, number)

        for place, record in enumerate(stream, number + 1):
            _check_line(record, path, place)
            _check_record(record, width, path, place)
    return number


def _check_line(line: bytes, path: str | Path, number: int) -> None:
    """Raise InputError for what htslib takes as a letter, or for the end of the file."""
    check_utf8(line, path, number)
    for sign, name in ((b"\r", "carriage return"), (b"\0", "NUL byte")):
        if sign in line.removesuffix(b"\n").removesuffix(b"\r"):
            raise InputError(f"holds a {name}; end each line with LF or CR LF", path, number)


def _check_titles(line: bytes, path: str | Path, number: int) -> int:
    """How many columns the titles name."""
    titles = line.decode().rstrip("\r\n").split("\t")
    if tuple(titles[: len(TITLES)]) != TITLES[: len(titles)]:
        raise InputError(
            f"must hold the column titles ({', '.join(TITLES)}), separated by tabs and without "
            "quotes",
            path,
            number,
        )
    ids = pd.Index(titles[len(TITLES) :])
    if ids.empty:
        raise InputError("names no individuals after FORMAT; genotypes need them", path, number)
    if ids.has_duplicates:
        repeated = ids[ids.duplicated()][0]
        raise InputError(f"names the individual {repeated!r} twice", path, number)
    return len(titles)


def _check_record(record: bytes, width: int, path: str | Path, line: int) -> None:
    columns = record.count(b"\t") + 1
    if columns != width:
        remedy = "mend the line, or fetch the file again if it is cut short"
        raise InputError(f"has {columns} columns, the titles have {width}; {remedy}", path, line)

    *fields, calls = record.split(b"\t", len(TITLES))
    chrom, position, name, ref, alt, *_, form = (field.decode() for field in fields)
    if not (chrom and name):
        problem = f"has nothing under {'ID' if chrom else 'CHROM'}"
        raise InputError(f"{problem}; mend or remove the line", path, line)
    alts = [] if alt == "." else alt.split(",")
    wrong = [] if REF.fullmatch(ref) else [ref]
    wrong += [allele for allele in alts if not ALT.fullmatch(allele)]
    if wrong:
        problem = f"{wrong[0]!r} is no allele, and stands under REF or ALT"
        raise InputError(f"{problem}; mend or remove the line", path, line)
    if read_position(position, path, line) is None and position != "0":
        raise InputError(f"the position is {position!r}; a record needs one", path, line)
    keys = form.split(":")
    if not FORMAT.fullmatch(form) or keys.count("GT") != 1:
        raise InputError(
            f"the record has no genotypes: GT must stand under FORMAT, not {form!r}; is the line "
            "cut short?",
            path,
            line,
        )
    # whether there is a number of five digits, or a sign, is quickly seen; where it stands is not
    if b"+" in calls or b"00000" in calls.translate(DIGITS):
        place = keys.index("GT")
        genotypes = (part for call in calls.split(b"\t") for part in call.split(b":")[place:][:1])
        wrong_one = next(filter(WRONG_ALLELE.search, genotypes), None)
        if wrong_one is not None:
            problem = f"the genotype {wrong_one.decode()!r} names an allele that is not there"
            raise InputError(f"{problem}; correct it", path, line)


@contextmanager
def _listening() -> Iterator[IO[bytes]]:
    """Keep what htslib writes to file descriptor 2, and pass it on at the end."""
    sys.stderr.flush()
    console = os.dup(2)
    with tempfile.TemporaryFile() as said:
        os.dup2(said.fileno(), 2)
        try:
            yield said
        finally:
            os.dup2(console, 2)
            said.seek(0)
            os.write(console, said.read())
            os.close(console)


def _said(said: IO[bytes], start: int = 0) -> str:
    said.seek(start)
    return said.read().decode(errors="replace")


def _reason(said: IO[bytes], start: int = 0) -> str:
    """What htslib says first of its errors, without the mark in front; nothing if of none."""
    errors = [line for line in _said(said, start).split("\n") if line.startswith("[E::")]
    return errors[0].partition("] ")[2] if errors else ""


def _open(path: str | Path, titles: int | None, said: IO[bytes]) -> Any:
    try:
        return VCF(str(path), lazy=True)
    except Exception as error:  # cyvcf2 raises nothing narrower
        problem = f"the header is not that of VCF or BCF: {_reason(said) or error}"
        raise InputError(problem, path, titles) from error


def _records(
    file: Any, path: str | Path, titles: int | None, said: IO[bytes]
) -> Iterator[tuple[int | None, Any]]:
    """Each record with its line."""
    line, last = titles, None
    while True:
        line = None if line is None else line + 1
        variant = _next(file, path, line, said)
        if variant is None:
            break
        yield line, variant
        last = variant
    if "EOF marker is absent" in _said(said):
        raise InputError(f"the compressed data have no end; {AGAIN}", path)
    if last is not None and line is not None and _ends_within_line(path):
        ploidy = (last.genotype.array()[:, :-1] != -2).sum(axis=1)
        if ploidy[-1] < ploidy.max():
            raise InputError(f"the last line ends within a genotype; {AGAIN}", path, line - 1)


def _next(file: Any, path: str | Path, line: int | None, said: IO[bytes]) -> Any:
    """Next record, or None.

    Where a contig is not in the header, cyvcf2 hands out records that htslib could not read, and
    to touch these would crash; so what htslib says counts, too.
    """
    start = os.fstat(said.fileno()).st_size
    failure = None
    try:
        variant = next(file, None)
    except Exception as error:
        failure = error
    reason = _reason(said, start) if os.fstat(said.fileno()).st_size > start else ""
    if failure or reason:
        raise InputError(
            f"the record cannot be read ({reason or failure}); {AGAIN}", path, line
        ) from failure
    return variant


def _ends_within_line(path: str | Path) -> bool:
    if is_compressed(path):
        return False
    with open(path, "rb") as stream:
        stream.seek(-1, os.SEEK_END)
        return stream.read() != b"\n"


def _name(variant: Any, alt: str, is_one_of_several: bool) -> str:
    if variant.ID is None:
        return f"{variant.CHROM}:{variant.POS}:{variant.REF}:{alt}"
    return f"{variant.ID}:{alt}" if is_one_of_several else str(variant.ID)


def _alleles(
    variant: Any, ids: Sequence[str], path: str | Path, line: int | None
) -> NDArray[np.int16]:
    """Alleles of each individual: -2 (none: haploid), -1 (missing), 0 (REF), 1 ...; (n, 1 or 2)."""
    try:
        alleles: NDArray[np.int16] = variant.genotype.array()[:, :-1]
    except Exception as error:  # a blank line is a record too; touching its CHROM would crash
        place = "" if line else f" ({variant.CHROM}:{variant.POS})"
        raise InputError(
            f"the record{place} has no genotypes: GT must stand under FORMAT; is the line blank or "
            "cut short?",
            path,
            line,
        ) from error
    site, known = f"{variant.CHROM}:{variant.POS}", len(variant.ALT)
    if alleles.shape[1] > 2:
        ploidy = (alleles != -2).sum(axis=1)
        name = "" if variant.ID is None else f"{variant.ID} "
        raise InputError(
            f"the record {name}at {site} has a genotype of {ploidy.max()} alleles, first of "
            f"{ids[int((ploidy > 2).argmax())]!r}; basewise takes diploids and haploids: leave the "
            "record out, or call diploid genotypes",
            path,
            line,
        )
    if alleles.max() > known:
        raise InputError(
            f"a genotype at {site} names allele {alleles.max()}, and ALT has {known}", path, line
        )
    return alleles


def _letters(alleles: NDArray[np.int16], allele: int) -> NDArray[np.uint8]:
    """Letter of each individual by its copies of one of `_alleles`; a haploid has two or none."""
    first = alleles[:, 0]
    second = np.where(alleles[:, -1] == -2, first, alleles[:, -1])
    letters: NDArray[np.uint8] = (
        (first == allele).astype(np.uint8) + (second == allele) + np.uint8(ord("0"))
    )
    letters[(first < 0) | (second == -1)] = MISSING
    return letters
