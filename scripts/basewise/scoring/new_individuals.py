"""New individuals at the markers of a model: copies of its alleles, or missing."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from basewise.core.errors import InputError
from basewise.core.text import counted
from basewise.genotypes.calls import MISSING
from basewise.genotypes.matching import ABSENT, counts_of, match_markers
from basewise.genotypes.reading import is_named_vcf, read_genotypes
from basewise.scoring.checking import Checked
from basewise.scoring.new_sequences import LETTERS, Block, Blocks
from basewise.store.tables import MARKER_TABLE_COLUMNS

MARKERS = "markers.tsv"
"""The member of a bundle that holds the markers of its model."""

FEWEST_MARKERS = 0.8
"""Share of the model's markers that a file must have; an individual with fewer is flagged."""

FEW_MARKERS = "fewer than 80 % of the markers"

NAMED = 3
"""Missing markers that a refusal names."""


def open_individuals(
    path: str | Path,
    checked: Checked,
    *,
    map: str | Path | None = None,
    absent: str = "missing",
    **reading: Any,
) -> Blocks:
    """Read genotypes, find the markers of a model in them, and say how.

    Parameters
    ----------
    path, map
        Of any format, see `reading.read_genotypes`; places of its markers, of a table.
    absent
        What a marker is that the file does not list: ``missing``, or, of VCF with variants alone,
        ``reference``.
    **reading
        ``individuals`` and ``missing`` of a table.

    Raises
    ------
    InputError
        For what the readers find, and where the file has too few of the markers.
    """
    contract, bundle = checked
    if contract.alphabet != "genotype":
        raise InputError(f"a model of {contract.alphabet} reads no genotypes", path)
    model = _markers(checked)
    is_vcf = [is_named_vcf(name) for name in (path, str(contract.training.get("source", "")))]
    if absent == "reference" and not all(is_vcf):
        raise InputError("`absent: reference` goes with VCF, in training and here", path)

    heterozygous = bool(contract.training.get("heterozygous"))
    new = read_genotypes(path, map=map, with_constant=True, heterozygous=heterozygous, **reading)
    matched = match_markers(model, new, on_plus_strand=all(is_vcf))
    total, found = len(model), int(matched.is_found.sum())
    print(f"{counted(len(new.individuals), 'individual')}, {found:,} of {total:,} markers found")
    for what, count in counts_of(matched):
        print(f"{what}: {count:,}")

    letters, usable = matched.letters, found
    if absent == "reference" and found:
        is_absent = matched.how == ABSENT
        # what is not listed cannot tell another assembly; what is listed has other alleles there
        listed = total - int(is_absent.sum())
        if found < FEWEST_MARKERS * listed:
            raise InputError(
                f"lists {listed:,} markers of {bundle.path.name}, {listed - found:,} of them with "
                "other alleles: is it of another assembly? Give a file of the assembly that the "
                "model was trained on",
                path,
            )
        letters[:, is_absent] = ord("0")
        usable += int(is_absent.sum())
    if usable < FEWEST_MARKERS * total:
        lost = model["marker"][~matched.is_found]
        named = ", ".join(lost[:NAMED]) + (", ..." if len(lost) > NAMED else "")
        raise InputError(
            f"has {found:,} of the {total:,} markers of {bundle.path.name}, "
            f"{_percent(found, total)} %, and 80 % are needed; without {named}. Give a file of the "
            "same markers, names or places, and alleles",
            path,
        )

    filled = (letters == MISSING).mean(axis=1)
    step = LETTERS // total + 1

    def blocks() -> Iterator[Block]:
        for start in range(0, len(letters), step):
            some = slice(start, start + step)
            table = new.individuals[["id", "line"]].iloc[some].reset_index(drop=True)
            few = np.where(filled[some] > 1 - FEWEST_MARKERS + 1e-9, FEW_MARKERS, "")
            yield Block(table.assign(reason="", filled=filled[some]), letters[some], few)

    return blocks


def _percent(part: int, total: int) -> float:
    """In percent, rounded down, so that it never looks like enough."""
    return int(1000 * part / total) / 10


def _markers(checked: Checked) -> pd.DataFrame:
    """The markers of a model, as `match_markers` takes them."""
    content = checked.bundle.read(MARKERS)
    try:
        text = dict.fromkeys(["marker", "chrom", "A", "a"], "str")
        table = pd.read_csv(
            io.BytesIO(content),
            sep="\t",
            dtype={**text, "position": "Int64"},
            keep_default_na=False,
            na_values={name: [""] for name in MARKER_TABLE_COLUMNS if name != "marker"},
        )
        markers: pd.DataFrame = table[list(MARKER_TABLE_COLUMNS)]
        if len(markers) != checked.contract.length:
            raise ValueError
    except (ValueError, LookupError, TypeError) as error:
        raise checked.bundle.fault(MARKERS, "is not what basewise writes") from error
    return markers
