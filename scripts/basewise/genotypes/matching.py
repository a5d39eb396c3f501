"""The markers that a model was trained on, found again in another file of genotypes.

A marker is found by chromosome and position, by its name where one side has none, and then by its
alleles. Letters come out as in the training: copies of the model's allele a.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from basewise.genotypes.calls import MISSING, Genotypes

COMPLEMENT = {"A": "T", "C": "G", "G": "C", "T": "A"}

RARE, COMMON = 0.4, 0.6
"""Frequencies between which an allele does not tell which of two it is."""

SAME, SWAPPED = "as in training", "with REF and ALT swapped"
OTHER_STRAND, SWAPPED_THERE = "on the other strand", "on the other strand, swapped"
UNKNOWN = "with alleles that one file does not name"
BY_FREQUENCY = "A/T or C/G, taken by frequency"
MATCHED = (SAME, SWAPPED, OTHER_STRAND, SWAPPED_THERE, UNKNOWN, BY_FREQUENCY)

AMBIGUOUS = "A/T or C/G, whose strand is not known"
OTHER_ALLELES, ABSENT = "with other alleles", "not in the file"
UNMATCHED = (AMBIGUOUS, OTHER_ALLELES, ABSENT)

HETEROZYGOUS, TURN = ord("1"), ord("0") ^ ord("2")


class Matched(NamedTuple):
    """Genotypes at the markers of a model.

    Attributes
    ----------
    letters
        As `calls.Genotypes`, shape (individuals, markers of the model).
    how
        How each marker was found, of `MATCHED`, or why it was not, of `UNMATCHED`.
    unused
        Markers of the file that the model does not have.
    """

    letters: NDArray[np.uint8]
    how: NDArray[Any]
    unused: int

    @property
    def is_found(self) -> NDArray[np.bool_]:
        """Which markers of the model the file has."""
        found: NDArray[np.bool_] = np.isin(self.how, MATCHED)
        return found


class _Site(NamedTuple):
    """A place in the file: REF, or what counts as it, and the column of each other allele."""

    reference: str | None
    columns: dict[str | None, int]

    @property
    def alleles(self) -> list[str]:
        return [allele for allele in (self.reference, *self.columns) if allele is not None]


class _Reading(NamedTuple):
    """How a site gives copies of an allele: those of a column, or what is left of all columns."""

    how: str
    columns: Sequence[int]
    is_rest: bool


def match_markers(model: pd.DataFrame, new: Genotypes, *, on_plus_strand: bool) -> Matched:
    """Find the markers of a model, and count its alleles a.

    An A/T or C/G marker reads the same on both strands. It is taken as it is where both files are
    on the plus strand, and else by its frequency, if that is below `RARE` or above `COMMON` in
    training and here, and the file has two alleles there.

    Parameters
    ----------
    model
        marker, chrom, position, A, a, and frequency, that of a; texts may be missing.
    on_plus_strand
        Whether the alleles of both are those of the plus strand, as in VCF.
    """
    sites, by_place, by_name = _sites(new.markers)
    letters = np.full((len(new.letters), len(model)), MISSING, dtype=np.uint8)
    how = np.full(len(model), ABSENT, dtype=object)
    used = set[int]()

    # readings of one column each are gathered, and copied together
    targets, columns, turned = [], [], []
    for target, (name, place, reference, allele, frequency) in enumerate(_rows(model)):
        candidates = by_place.get(place, []) if place else []
        candidates = candidates or [
            site for site, placed in by_name.get(name, ()) if not (place and placed)
        ]
        if not candidates:
            continue
        site, reading = _first_fit(sites, candidates, reference, allele)
        if reading is not None and _is_palindrome(reference, allele) and not on_plus_strand:
            if len(sites[site].columns) > 1:  # what one allele leaves is not the other
                reading = reading._replace(how=AMBIGUOUS)
            else:
                reading = _by_frequency(new.letters, reading, frequency)
        how[target] = OTHER_ALLELES if reading is None else reading.how
        if reading is None or reading.how == AMBIGUOUS:
            continue

        used.add(site)
        if len(reading.columns) == 1:
            targets.append(target)
            columns.append(reading.columns[0])
            turned.append(reading.is_rest)
        else:
            letters[:, target] = _rest(new.letters[:, reading.columns])

    taken = new.letters[:, columns]
    taken[:, turned] = _turned(taken[:, turned])
    letters[:, targets] = taken
    unused = sum(len(site.columns) for number, site in enumerate(sites) if number not in used)
    return Matched(letters, how, unused)


def counts_of(matched: Matched) -> list[tuple[str, int]]:
    """How many markers of the model were found, and how, in words; and how many are not needed."""
    counts = Counter(matched.how)
    listed = [(f"markers {how}", counts[how]) for how in (*MATCHED, *UNMATCHED) if counts[how]]
    unused = [("markers of the file that the model does not have", matched.unused)]
    return listed + (unused if matched.unused else [])


def _sites(
    markers: pd.DataFrame,
) -> tuple[list[_Site], dict[Any, list[int]], dict[str, list[tuple[int, bool]]]]:
    """Sites of a file, their numbers by place, and by name with whether they have a place."""
    sites: list[_Site] = []
    numbers: dict[Any, int] = {}
    by_place: dict[Any, list[int]] = defaultdict(list)
    by_name: dict[str, list[tuple[int, bool]]] = defaultdict(list)
    for column, (name, place, reference, allele, _) in enumerate(_rows(markers)):
        # lines of one place and REF are the alleles of one site; a place without alleles is alone
        key = (place, reference) if place and reference and allele else (column,)
        if key not in numbers or allele in sites[numbers[key]].columns:
            numbers[key] = len(sites)
            sites.append(_Site(reference, {}))
            if place:
                by_place[place].append(numbers[key])
        sites[numbers[key]].columns[allele] = column
        by_name[name].append((numbers[key], place is not None))
    return sites, by_place, by_name


def _rows(markers: pd.DataFrame) -> Iterator[tuple[str, Any, str | None, str | None, float]]:
    """Name, place (or None), A, a and frequency of each marker."""
    frequency = markers.get("frequency", pd.Series(np.nan, index=markers.index))
    texts = [markers[name].astype("object").where(markers[name].notna(), None) for name in "Aa"]
    chroms = markers["chrom"].astype("object").where(markers["chrom"].notna(), None)
    positions = markers["position"].astype("object").where(markers["position"].notna(), None)
    rows = zip(markers["marker"], chroms, positions, *texts, frequency, strict=True)
    for name, chrom, position, reference, allele, share in rows:
        place = None if chrom is None or position is None else (_plain(chrom), int(position))
        yield name, place, _upper(reference), _upper(allele), share


def _plain(chrom: str) -> str:
    """A chromosome without ``chr``, which one file writes and another does not."""
    return chrom[3:] if chrom[:3].lower() == "chr" and len(chrom) > 3 else chrom


def _upper(allele: str | None) -> str | None:
    return None if allele is None else allele.upper()


def _first_fit(
    sites: Sequence[_Site], candidates: Iterable[int], reference: str | None, allele: str | None
) -> tuple[int, _Reading | None]:
    """The first site with the alleles of a marker, as they are or else on the other strand."""
    strands = [(reference, allele, SAME, SWAPPED)]
    others = [None if name is None else COMPLEMENT.get(name, "") for name in (reference, allele)]
    if reference is not None and "" not in others:
        strands.append((others[0], others[1], OTHER_STRAND, SWAPPED_THERE))
    for first, second, same, swapped in strands:
        for number in candidates:
            reading = _fit(sites[number], first, second, same, swapped)
            if reading is not None:
                return number, reading
    return -1, None


def _fit(
    site: _Site, reference: str | None, allele: str | None, same: str, swapped: str
) -> _Reading | None:
    """How a site gives copies of an allele; None where its alleles are others."""
    columns = list(site.columns.values())
    if reference is None or site.reference is None:
        return _Reading(UNKNOWN, columns[:1], is_rest=False)

    wanted = [name for name in (reference, allele) if name is not None]
    present = [name for name in wanted if name in site.alleles]
    # of a site where all are alike, or were in training, one allele is known
    if not present or (len(present) < len(wanted) and len(site.alleles) > 1):
        return None
    if allele in site.columns:
        how = same if site.reference == reference or len(site.columns) > 1 else swapped
        return _Reading(how, [site.columns[allele]], is_rest=False)
    if site.reference == reference:
        return _Reading(same, columns[:1], is_rest=False)
    return _Reading(swapped, columns, is_rest=True)


def _is_palindrome(reference: str | None, allele: str | None) -> bool:
    return reference is not None and COMPLEMENT.get(reference) == allele


def _by_frequency(letters: NDArray[np.uint8], reading: _Reading, expected: float) -> _Reading:
    """Read a site on the strand on which its allele is as rare, or as common, as in training."""
    column = (
        _rest(letters[:, reading.columns]) if reading.is_rest else letters[:, reading.columns[0]]
    )
    known = column[column != MISSING] - ord("0")
    share = known.mean() / 2 if len(known) else np.nan
    if any(np.isnan(one) or RARE <= one <= COMMON for one in (share, expected)):
        return reading._replace(how=AMBIGUOUS)
    is_other = (share < RARE) != (expected < RARE)
    return reading._replace(how=BY_FREQUENCY, is_rest=reading.is_rest != is_other)


def _turned(letters: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """AA for aa, and the other way round."""
    is_homozygous = (letters != MISSING) & (letters != HETEROZYGOUS)
    turned: NDArray[np.uint8] = np.where(is_homozygous, letters ^ TURN, letters)
    return turned


def _rest(letters: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Copies of REF, which are those that no other allele has; missing where one is."""
    copies = (letters - np.uint8(ord("0"))).sum(axis=1, dtype=np.int64)
    rest: NDArray[np.uint8] = (ord("2") - np.minimum(copies, 2)).astype(np.uint8)
    rest[(letters == MISSING).any(axis=1)] = MISSING
    return rest
