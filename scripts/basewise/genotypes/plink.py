"""Genotypes from PLINK: a .bed with its .bim and .fam."""

from pathlib import Path

import numpy as np
import pandas as pd
from bed_reader import open_bed
from numpy.typing import NDArray

from basewise.core.errors import InputError
from basewise.core.files import lines_of, reading
from basewise.genotypes.calls import (
    MISSING,
    Genotypes,
    known_text,
    make_genotypes,
    marker_name,
    read_position,
)

MAGIC = b"\x6c\x1b"

BY_INDIVIDUAL, BY_MARKER = b"\x00", b"\x01"

MARKERS_AT_ONCE = 1024


def read_plink(path: str | Path) -> Genotypes:
    """Read a PLINK 1 binary file set: the ``.bed``, in the order of markers, ``.bim`` and ``.fam``.

    A is the first allele of the two in sort order, whichever of them is A1; of an allele that the
    file does not know (``0``) the other is A. An individual is named by its IID, by ``FID_IID``
    where IIDs repeat. Its group is the FID, unless FIDs repeat the IIDs or are all the same. Lines
    are those of the ``.fam`` and the ``.bim``.

    Raises
    ------
    InputError
        For a missing or damaged file, or files that do not belong together.

    References
    ----------
    https://www.cog-genomics.org/plink/1.9/formats#bed
    """
    bed = Path(path)
    _check_start(bed)
    fam_file, bim_file = beside(bed, ".fam"), beside(bed, ".bim")
    for file in (fam_file, bim_file):
        if not file.exists():
            problem = f"has no {file.name} beside it; a PLINK file set has three files"
            raise InputError(problem, bed)
    fam, fam_lines = _read_columns(fam_file, "individual")
    bim, bim_lines = _read_columns(bim_file, "marker")
    _check_size(bed, len(fam), len(bim))
    markers, swapped = _markers(bim, bim_lines, bim_file)
    letters = _read_letters(bed, len(fam), swapped)
    ids, groups = _names(fam)

    return make_genotypes(
        fam_file,
        letters,
        ids=ids,
        id_lines=fam_lines,
        markers=markers,
        groups=groups,
    )


FAM_TITLES = ["name", "FID", "IID", "father", "mother", "sex", "phenotype"]


def is_fam(path: str | Path) -> bool:
    """Whether a file is a ``.fam``, by its name."""
    return Path(path).suffix.lower() == ".fam"


def read_fam(path: str | Path) -> pd.DataFrame:
    """Read a ``.fam`` as a table of text, `FAM_TITLES`; the index is the line of each row.

    ``name`` is what `read_plink` calls the individual. A sex of 0 is not known.

    Raises
    ------
    InputError
        For a row that has not six values, and a file without rows.
    """
    rows, lines = _read_columns(Path(path), "individual")
    table = pd.DataFrame(rows, index=lines, columns=FAM_TITLES[1:], dtype="str")
    table.insert(0, FAM_TITLES[0], _names(rows)[0])
    table["sex"] = table["sex"].mask(table["sex"] == "0", "NA")
    table.attrs["line"] = 1
    return table


def beside(bed: Path, suffix: str) -> Path:
    """Another file of the set, its suffix in upper case where that of the .bed is."""
    return bed.with_suffix(suffix.upper() if bed.suffix.isupper() else suffix)


def _read_columns(path: Path, what: str) -> tuple[list[list[str]], list[int]]:
    """Rows of six values, and their lines."""
    rows, lines = [], []
    with reading(path) as stream:
        for number, line in enumerate(lines_of(stream, path), 1):
            values = line.decode().split()
            if len(values) not in (0, 6):
                raise InputError(
                    f"has {len(values)} columns, each {what} must have 6", path, number
                )
            if values:
                rows.append(values)
                lines.append(number)
    if not rows:
        raise InputError(f"holds no {what}", path, 1)
    return rows, lines


def _check_start(path: Path) -> None:
    with reading(path) as stream:
        start = stream.read(3)
    if start == MAGIC + BY_INDIVIDUAL:
        raise InputError(
            "is in the old order of individuals; write it anew with plink --make-bed", path
        )
    if start != MAGIC + BY_MARKER:
        raise InputError(
            f"is no PLINK .bed: it starts with the bytes {start.hex(' ') or 'of nothing'}, not "
            f"{MAGIC.hex(' ')} 01; intervals (BED) hold no genotypes",
            path,
        )


def _check_size(path: Path, individuals: int, markers: int) -> None:
    wanted, size = 3 + -(-individuals // 4) * markers, path.stat().st_size
    if size != wanted:
        raise InputError(
            f"has {size:,} bytes; {individuals:,} individuals (.fam) and {markers:,} markers "
            f"(.bim) make {wanted:,}: the file is cut short, or is that of another .bim or .fam",
            path,
        )


def _markers(
    bim: list[list[str]], lines: list[int], path: Path
) -> tuple[pd.DataFrame, NDArray[np.bool_]]:
    """Table of the markers, and at which of them A1 is A."""
    rows, swapped = [], np.zeros(len(bim), dtype=np.bool_)
    for number, (values, line) in enumerate(zip(bim, lines, strict=True)):
        chrom, name, _, at, first, second = values
        alleles = [known_text(first.upper()), known_text(second.upper())]
        if alleles[0] is not None and alleles[0] == alleles[1]:
            raise InputError(f"names the allele {first!r} twice", path, line)
        major, minor = sorted(alleles, key=lambda allele: (allele is None, allele))
        swapped[number] = major is not None and major == alleles[0]
        place = known_text(chrom), read_position(at, path, line)
        rows.append((marker_name(name, *place), *place, major, minor, line))
    table = pd.DataFrame(rows, columns=["marker", "chrom", "position", "A", "a", "line"])
    return table, swapped


def _read_letters(path: Path, individuals: int, swapped: NDArray[np.bool_]) -> NDArray[np.uint8]:
    letters = np.empty((individuals, len(swapped)), dtype=np.uint8)
    zero = np.where(swapped, ord("2"), ord("0")).astype(np.int8)
    step = np.where(swapped, -1, 1).astype(np.int8)
    with open_bed(path, iid_count=individuals, sid_count=len(swapped), num_threads=1) as bed:
        for start in range(0, len(swapped), MARKERS_AT_ONCE):
            block = slice(start, start + MARKERS_AT_ONCE)
            copies = bed.read(np.s_[:, block], dtype="int8", order="F")
            letters[:, block] = np.where(copies < 0, MISSING, zero[block] + step[block] * copies)
    return letters


def _names(fam: list[list[str]]) -> tuple[list[str], list[str | None] | None]:
    """Names of the individuals, and their families."""
    families, ids = [values[0] for values in fam], [values[1] for values in fam]
    groups = [known_text(family) for family in families]
    same = families == ids or len(set(families)) == 1
    if len(set(ids)) < len(ids):
        ids = [f"{family}_{name}" for family, name in zip(families, ids, strict=True)]
    return ids, None if same else groups
