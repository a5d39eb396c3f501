"""Markers and individuals left out for their genotypes.

No filter looks at a phenotype or at the parts of a split, so nothing of a target can leak through
them. Linkage disequilibrium is pruned as by ``plink --indep-pairwise`` (Purcell et al. 2007,
doi 10.1086/519795), in file order.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from basewise.core.errors import InputError
from basewise.genotypes.calls import MISSING, Genotypes
from basewise.genotypes.relatedness import digest_rows

COUNT_COLUMNS = ["filter", "setting", "markers", "individuals"]

BLOCK_LETTERS = 1 << 24
"""Genotypes that are looked at at a time."""

FEWEST_TOGETHER, MOST_TOGETHER = 64, 512
"""Markers whose correlations with those before them are computed at a time."""

AA, BB = ord("0"), ord("2")


class Filtered(NamedTuple):
    """What the filters leave.

    `dropped` of the genotypes holds the markers that did not pass as well; the individuals that did
    not are `dropped_individuals`: id, source, line, reason. `counts` has one row for each filter
    that was set, in the order of application: its name and setting, and how many markers and
    individuals it left out.
    """

    genotypes: Genotypes
    dropped_individuals: pd.DataFrame
    counts: pd.DataFrame


class _Kept(NamedTuple):
    """Rows and columns of the genotypes that have passed so far, ascending."""

    genotypes: Genotypes
    rows: NDArray[np.int64]
    columns: NDArray[np.int64]


class _Lost(NamedTuple):
    """Places among the rows or columns kept so far that a filter leaves out, and why."""

    place: NDArray[np.int64]
    reason: list[str]


def filter_markers(
    genotypes: Genotypes,
    source: str,
    *,
    marker_call_rate: float = 0.0,
    individual_call_rate: float = 0.0,
    minor_allele_frequency: float = 0.0,
    duplicate_markers: str = "keep",
    ld: Mapping[str, Any] | None = None,
) -> Filtered:
    """Leave out markers and individuals, filter by filter in the order of the parameters.

    Each filter sees what those before it have left.

    Parameters
    ----------
    source
        Name of their file, for the tables of what is left out.
    marker_call_rate, individual_call_rate
        Smallest share of known genotypes of a marker, or an individual.
    minor_allele_frequency
        Smallest frequency of the rarer allele among the known genotypes of all individuals.
    duplicate_markers
        ``drop`` keeps the first of markers with the same genotypes, or with the same but for AA
        and aa that are swapped.
    ld
        ``r2`` and ``window``: a marker is left out if its squared correlation with one that is
        kept, among the `window` markers before it on its chromosome (those left out here count),
        is above `r2`. The correlation is that of the dosages (0, 1, 2) of individuals known at
        both; 0 where one does not vary. Markers without a chromosome are taken as one chromosome.

    Raises
    ------
    InputError
        When a filter leaves nothing.
    """
    kept = _Kept(genotypes, *map(np.arange, genotypes.letters.shape))
    lost_markers, counts = [genotypes.dropped], []
    lost_individuals = _listed(genotypes.individuals[:0], "id", source, [])
    filters = {
        "marker_call_rate": marker_call_rate,
        "individual_call_rate": individual_call_rate,
        "minor_allele_frequency": minor_allele_frequency,
        "duplicate_markers": duplicate_markers if duplicate_markers == "drop" else None,
        "ld": ld,
    }
    for name, setting in filters.items():
        if not setting:
            continue
        lost = _find_lost(kept, name, setting, source)
        count = dict.fromkeys(COUNT_COLUMNS, 0) | {"filter": name, "setting": _in_words(setting)}
        if name == "individual_call_rate":
            rows = genotypes.individuals.iloc[kept.rows[lost.place]]
            lost_individuals = _listed(rows, "id", source, lost.reason)
            kept = kept._replace(rows=np.delete(kept.rows, lost.place))
            count["individuals"] = len(lost.place)
        else:
            columns = genotypes.markers.iloc[kept.columns[lost.place]]
            lost_markers.append(_listed(columns, "marker", source, lost.reason))
            kept = kept._replace(columns=np.delete(kept.columns, lost.place))
            count["markers"] = len(lost.place)
        counts.append(count)

    selected = Genotypes(
        genotypes.letters[np.ix_(kept.rows, kept.columns)],
        genotypes.individuals.iloc[kept.rows].reset_index(drop=True),
        genotypes.markers.iloc[kept.columns].reset_index(drop=True),
        pd.concat(lost_markers, ignore_index=True),
    )
    return Filtered(selected, lost_individuals, pd.DataFrame(counts, columns=COUNT_COLUMNS))


def _listed(rows: pd.DataFrame, name: str, source: str, reason: list[str]) -> pd.DataFrame:
    """Rows of individuals or markers as the tables of what is left out list them."""
    listed = rows.assign(source=source, reason=pd.Series(reason, index=rows.index, dtype="str"))
    return listed[[name, "source", "line", "reason"]].reset_index(drop=True)


def _in_words(setting: Any) -> str:
    if isinstance(setting, Mapping):
        return ", ".join(f"{key} {value}" for key, value in setting.items())
    return str(setting)


def _find_lost(kept: _Kept, name: str, setting: Any, source: str) -> _Lost:
    """What the filter of this name leaves out."""
    if name == "duplicate_markers":
        return _find_duplicates(kept)
    if name == "ld":
        return _find_linked(kept, **setting)
    if name == "marker_call_rate":
        value = np.concatenate([(block != MISSING).mean(axis=0) for block in _blocks(kept)])
    elif name == "individual_call_rate":
        value = sum((block != MISSING).sum(axis=1) for block in _blocks(kept)) / len(kept.columns)
    else:
        value = np.concatenate([_minor_frequency(block) for block in _blocks(kept)])

    lost = np.flatnonzero(value < setting)
    if len(lost) == len(value):
        raise InputError(
            f"filters: `{name}: {setting}` leaves nothing; the largest value that leaves something "
            f"is {_round_down(value.max())}",
            source,
        )
    words = "call rate" if name.endswith("call_rate") else "minor allele frequency"
    return _Lost(lost, [f"{words} {_round_down(value[i])} below {setting}" for i in lost])


def _round_down(value: float) -> float:
    """To four decimals, so that what is below a setting is never shown as equal to it."""
    return math.floor(round(value * 1e4, 6)) / 1e4


def _blocks(kept: _Kept) -> Iterator[NDArray[np.uint8]]:
    """Letters that are kept, some columns at a time: (rows, some)."""
    width = max(1, BLOCK_LETTERS // len(kept.rows))
    for start in range(0, len(kept.columns), width):
        yield kept.genotypes.letters[np.ix_(kept.rows, kept.columns[start : start + width])]


def _minor_frequency(letters: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Frequency of the rarer allele of each marker; 0 where nobody is known."""
    hetero, other, missing = ((letters == code).sum(axis=0) for code in (AA + 1, BB, MISSING))
    copies = 2 * (len(letters) - missing)
    rarer = np.minimum(hetero + 2 * other, copies - hetero - 2 * other)
    frequency: NDArray[np.float64] = rarer / np.maximum(copies, 1)
    return frequency


def _find_duplicates(kept: _Kept) -> _Lost:
    digests, swaps = [], []
    for block in _blocks(kept):
        columns = np.ascontiguousarray(block.T)
        swaps.append(_start_with_aa(columns))
        digests.append(digest_rows(columns))

    # Markers with one digest have one code; the first of them stays.
    code, swapped = pd.factorize(np.concatenate(digests))[0], np.concatenate(swaps)
    first = np.flatnonzero(~pd.Index(code).duplicated())[code]
    lost = np.flatnonzero(first < np.arange(len(first)))

    names = kept.genotypes.markers["marker"].iloc[kept.columns].to_numpy()
    reasons = []
    for i in lost:
        reason = f"same genotypes as {names[first[i]]}"
        if swapped[i] != swapped[first[i]]:
            reason += ", AA and aa swapped"
        reasons.append(reason)
    return _Lost(lost, reasons)


def _start_with_aa(columns: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Swap AA and aa, in place, in rows whose first homozygote is aa; which these are."""
    homozygous = (columns == AA) | (columns == BB)
    first = columns[np.arange(len(columns)), homozygous.argmax(axis=1)]
    swapped: NDArray[np.bool_] = first == BB
    columns[homozygous & swapped[:, None]] ^= AA ^ BB
    return swapped


def _find_linked(kept: _Kept, r2: float, window: int) -> _Lost:
    """Markers in linkage disequilibrium, chromosome by chromosome."""
    chrom = kept.genotypes.markers["chrom"].iloc[kept.columns]
    # pd.factorize gives -1 to markers without a chromosome; these are a group of their own.
    code = pd.factorize(chrom)[0] + 1
    order = np.argsort(code, kind="stable")
    partners: dict[int, tuple[int, float]] = {}
    for places in np.split(order, np.bincount(code).cumsum()[:-1]):
        partners |= _prune(kept, places, r2, window)

    names = kept.genotypes.markers["marker"].iloc[kept.columns].to_numpy()
    lost = sorted(partners)
    reasons = [f"in LD with {names[partners[i][0]]}, r2 {partners[i][1]:.2f}" for i in lost]
    return _Lost(np.array(lost, dtype=np.int64), reasons)


def _prune(
    kept: _Kept, places: NDArray[np.int64], r2: float, window: int
) -> dict[int, tuple[int, float]]:
    """Of the markers of a chromosome, each one to leave out, its partner, and their r2.

    A marker goes if its r2 with a marker that stays, at most `window` before it, is above `r2`; the
    partner is that with the highest. Correlations are computed for many markers at a time.
    """
    letters, rows, columns = kept.genotypes.letters, kept.rows[:, None], kept.columns[places]
    passed = np.ones(len(places), dtype=np.bool_)
    partners = {}
    size = min(max(window, FEWEST_TOGETHER), MOST_TOGETHER)
    for start in range(0, len(places), size):
        tested = np.arange(start, min(start + size, len(places)))
        before = np.arange(max(start - window, 0), start)
        others = np.concatenate([before[passed[before]], tested])
        r_squared = _squared_correlations(
            letters[rows, columns[tested]], letters[rows, columns[others]]
        )

        # A marker has no partner in itself, nor behind it, nor before the window.
        distance = tested[:, None] - others
        r_squared[(distance < 1) | (distance > window)] = 0
        for i in np.flatnonzero((r_squared > r2).any(axis=1)):
            possible = r_squared[i] * passed[others]
            best = possible.argmax()
            if possible[best] > r2:
                passed[tested[i]] = False
                partners[int(places[tested[i]])] = int(places[others[best]]), float(possible[best])

    return partners


def _squared_correlations(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Squared correlations of markers, shape (markers of one, markers of other).

    All sums are of whole numbers and thus exact, in whatever order they are added.
    """
    calls, dosage, square = (values.T for values in _dosages(one))
    other_calls, other_dosage, other_square = _dosages(other)
    number, x, xx, y, yy, xy = (
        (a @ b).astype(np.float64)
        for a, b in (
            (calls, other_calls),
            (dosage, other_calls),
            (square, other_calls),
            (calls, other_dosage),
            (calls, other_square),
            (dosage, other_dosage),
        )
    )
    # n times the sums of squares and of products about the means, which cancels in the quotient.
    spread = (number * xx - x * x) * (number * yy - y * y)
    correlation = np.zeros_like(spread)
    np.divide((number * xy - x * y) ** 2, spread, out=correlation, where=spread > 0)
    return correlation


def _dosages(letters: NDArray[np.uint8]) -> list[NDArray[np.float32]]:
    """Whether each genotype is known, its dosage and the square of that; 0 where it is not."""
    known = letters != MISSING
    dosage = (letters - AA) * known
    return [values.astype(np.float32) for values in (known, dosage, dosage * dosage)]
