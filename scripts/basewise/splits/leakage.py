"""Examples that training, or the choice among models, has seen before they are scored.

Leakage between parts makes a test score better than the model is: Kaufman et al. 2012,
doi 10.1145/2382577.2382579; in genomics: Whalen et al. 2022, doi 10.1038/s41576-021-00434-9.
"""

from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from basewise.core.arrays import Floats, Integers, Mask
from basewise.core.errors import InputError
from basewise.genotypes import relatedness
from basewise.genotypes.relatedness import Nearest
from basewise.sequences.circles import cut_at_origin
from basewise.splits import similarity
from basewise.splits.similarity import Lookup, copy_labels
from basewise.splits.sketches import sketch_kmers
from basewise.store.parts import GROUP, PARTS
from basewise.store.tables import LEAK_COLUMNS, target_columns

KINDS = ("exact", "reverse_complement", "overlap", "near", GROUP)
"""How an example can be known already: see `audit`."""

COPIES = KINDS[:2]
"""Kinds that are looked for within a part as well."""

ANY = "any"
"""Stands for all kinds of leaks together where examples are counted; shared groups are none."""

BETWEEN = (("validation", "train"), ("test", "train"), ("test", "validation"))

WITHIN = tuple((part, part) for part in PARTS)


def audit(
    letters: NDArray[np.uint8],
    examples: pd.DataFrame,
    part: NDArray[np.str_],
    *,
    alphabet: str = "dna",
    k: int | None = None,
    share: float | None = None,
    grouped: bool = False,
) -> pd.DataFrame:
    """List the examples of one part that have a partner in another.

    Validation and test examples are looked up in train, test examples in validation too, by kind:

    ``exact``
        The same sequence. Within a part, each copy of an earlier example is listed too.
    ``reverse_complement``
        The same sequence on the other strand (``dna`` only), if not exact. Within a part as well.
    ``overlap``
        The intervals share a base, on whichever strand (not of individuals with genotypes).
    ``near``
        The partner, which is no copy, holds at least `share` of the example's distinct k-mers, or
        has as great a share of the individual's genotypes. Not looked for where an example has
        fewer than 10 distinct k-mers, or where fewer than 10 markers are known in both.
    ``group``
        The group is the same.

    Parameters
    ----------
    letters
        Character codes, upper case, ``-`` for padding, shape (n, length).
    examples
        id, chrom, start, end (0-based, half-open), group, and the targets, n rows.
    alphabet
        ``dna``, ``rna``, ``protein`` or ``genotype``, where columns are markers and `k`, the
        letters of a k-mer, has no meaning.
    grouped
        Whether the group column was chosen to say which examples belong together.

    Returns
    -------
    DataFrame
        kind, id, part, other_part, other_id (the partner, the first of several; the most similar
        for ``near``), similarity (1 for copies, the share for ``near``, else empty),
        conflict (1 where a copy on either strand, among all in the other part, has another target,
        else 0). One row for an example, kind and other part.
    """
    return next(
        audit_folds(letters, examples, [part], alphabet=alphabet, k=k, share=share, grouped=grouped)
    )


def audit_folds(
    letters: NDArray[np.uint8],
    examples: pd.DataFrame,
    parts: Iterable[NDArray[np.str_]],
    *,
    alphabet: str = "dna",
    k: int | None = None,
    share: float | None = None,
    grouped: bool = False,
) -> Iterator[pd.DataFrame]:
    """What `audit` lists, fold by fold; what does not depend on the parts is computed once."""
    parts = list(parts)
    label = copy_labels(letters, alphabet)
    target = _target_codes(examples)
    near = _near_partners(letters, label // 2, parts, alphabet, k, share)
    kinds = _kinds(alphabet, grouped)

    for part in parts:
        tables = []
        for name, other in BETWEEN + WITHIN:
            rows, others = np.flatnonzero(part == name), np.flatnonzero(part == other)
            exact, reverse = _copies(label, rows, others)
            conflict = _conflicts(label // 2, target, rows, others)
            tables += [
                _leaks("exact", rows, exact, 1, conflict),
                _leaks("reverse_complement", rows, reverse, 1, conflict),
            ]
            if name == other:
                continue

            if "overlap" in kinds:
                tables.append(_leaks("overlap", rows, overlapping(examples, rows, others)))

            no_copies = rows[(exact < 0) & (reverse < 0)]
            tables.append(_leaks("near", no_copies, *next(near)))

            if "group" in kinds:
                same = _of_same_group(examples["group"], rows, others)
                tables.append(_leaks("group", rows, same))

        leaks = pd.concat(tables, ignore_index=True)
        ids = examples["id"].to_numpy()
        leaks = leaks.assign(id=ids[leaks["row"]], part=part[leaks["row"]])
        leaks = leaks.assign(other_id=ids[leaks["other"]], other_part=part[leaks["other"]])
        yield leaks[LEAK_COLUMNS]


def summarize(
    leaks: pd.DataFrame,
    part: NDArray[np.str_],
    *,
    alphabet: str = "dna",
    groups: pd.Series | None = None,
) -> pd.DataFrame:
    """Count the leaks of `audit`, which has looked for what `alphabet` and `groups` name.

    Columns: kind, part, other_part, rows (examples listed), total (examples of the part),
    conflicts. One row for each kind and pair of parts that is looked at, with 0 where nothing is
    seen, and one for `ANY` kind. Groups that stand in both parts are counted as groups, and apart:
    an example whose group is known is no copy of another. `groups` has the group of each example,
    where the user has named them.
    """
    kinds = _kinds(alphabet, grouped=groups is not None)
    looked_at = [(kind, *pair) for kind in kinds for pair in BETWEEN]
    looked_at += [(kind, *pair) for kind in kinds if kind in COPIES for pair in WITHIN]
    looked_at += [(ANY, *pair) for pair in BETWEEN + WITHIN]

    # An example that is known in several ways counts once as known in any.
    of_group = leaks["kind"] == GROUP
    of_any = leaks[~of_group].drop_duplicates(["id", "part", "other_part"]).assign(kind=ANY)
    # of all examples of a group the other is the first
    straddling = leaks[of_group].drop_duplicates(["other_id", "part", "other_part"])
    cells = pd.concat([leaks[~of_group], straddling, of_any]).groupby(
        ["kind", "part", "other_part"]
    )["conflict"]
    counts = cells.agg(rows="size", conflicts="sum")

    index = pd.MultiIndex.from_tuples(looked_at, names=counts.index.names)
    summary = counts.reindex(index, fill_value=0).reset_index()

    totals = pd.Series(part).value_counts()
    summary["total"] = summary["part"].map(totals)
    if groups is not None:
        counted = groups.groupby(part).nunique()
        of_groups = summary["kind"] == GROUP
        summary.loc[of_groups, "total"] = summary["part"].map(counted)[of_groups]
    summary["total"] = summary["total"].fillna(0).astype(int)
    return summary[["kind", "part", "other_part", "rows", "total", "conflicts"]]


def worst_folds(summary: pd.DataFrame) -> pd.DataFrame:
    """Of each kind and pair of parts the row with the largest share, from several `summarize`."""
    share = summary["rows"] / summary["total"]
    rows = summary.loc[share.sort_values(ascending=False, kind="stable").index]
    return rows.drop_duplicates(["kind", "part", "other_part"])


def check_leakage(summary: pd.DataFrame) -> None:
    """Raise InputError when a part that is evaluated has a partner in another, by `summarize`."""
    between = (summary["part"] != summary["other_part"]) & ~summary["kind"].isin([ANY, GROUP])
    leaking = summary[between & (summary["rows"] > 0)]
    if len(leaking):
        counts = ", ".join(
            f"{row.kind.replace('_', ' ')} {row.rows} of {row.total} {row.part} in {row.other_part}"
            for row in leaking.itertuples()
        )
        of_sequences = (summary["kind"] == "overlap").any()
        methods = "homology, group or chromosome" if of_sequences else "homology or group"
        raise InputError(
            f"examples leak between the parts: {counts}; split by {methods}, "
            "drop the examples that the log lists, or set `fail_on_leakage: false`"
        )


def _kinds(alphabet: str, grouped: bool) -> list[str]:
    """The kinds that are looked for."""
    looked_for = {
        "reverse_complement": alphabet == "dna",
        "overlap": alphabet != "genotype",
        "group": grouped,
    }
    return [kind for kind in KINDS if looked_for.get(kind, True)]


def _near_partners(
    letters: NDArray[np.uint8],
    copy: Integers,
    parts: list[NDArray[np.str_]],
    alphabet: str,
    k: int | None,
    share: float | None,
) -> Iterator[Nearest]:
    """The nearest of each row that is no copy, for one fold and pair of `BETWEEN` after another."""
    number: Integers = pd.factorize(copy)[0]
    lookups = [
        _without_copies(number, np.flatnonzero(part == name), np.flatnonzero(part == other))
        for part in parts
        for name, other in BETWEEN
    ]
    if alphabet == "genotype":
        share = relatedness.SHARE if share is None else share
        for lookup in lookups:
            yield relatedness.nearest(letters, *lookup, share=share)
    else:
        share = similarity.SHARE if share is None else share
        sketch = sketch_kmers(letters, alphabet, k)
        yield from similarity.nearest_in_each(sketch, number, lookups, share)


def _without_copies(copy: Integers, rows: Integers, others: Integers) -> Lookup:
    """The rows that no other is a copy of, and of the others the first of each sequence."""
    held = np.zeros(len(copy), dtype=np.bool_)
    held[copy[others]] = True
    return Lookup(rows[~held[copy[rows]]], others[~pd.Index(copy[others]).duplicated()])


def _leaks(
    kind: str,
    rows: Integers,
    partner: Integers,
    similarity: Floats | float = np.nan,
    conflict: Mask | bool = False,
) -> pd.DataFrame:
    """Table of the rows that have a partner (not -1): kind, row, other, similarity, conflict."""
    leaks = pd.DataFrame({"row": rows, "other": partner}).assign(
        kind=kind, similarity=similarity, conflict=conflict
    )
    return leaks[partner >= 0].astype({"similarity": np.float64, "conflict": np.int8})


def _copies(label: Integers, rows: Integers, others: Integers) -> tuple[Integers, Integers]:
    """First exact copy and, where there is none, first reverse complement of each row, or -1.

    Within a part only copies of earlier rows count.
    """
    held = pd.Series(label[others])
    exact = _first_partners(label[rows], held, others)
    # The lowest bit of a label is the strand, see `copy_labels`.
    reverse = _first_partners(label[rows] ^ 1, held, others)

    # Within a part each pair of copies would be listed from both of its ends.
    if np.array_equal(rows, others):
        exact[exact >= rows] = -1
        reverse[reverse >= rows] = -1

    reverse[exact >= 0] = -1
    return exact, reverse


def _of_same_group(group: pd.Series, rows: Integers, others: Integers) -> Integers:
    """First of the others with the row's group, or -1; null is no group."""
    others = others[group.iloc[others].notna()]
    return _first_partners(group.iloc[rows], group.iloc[others], others)


def _first_partners(wanted: pd.Series | Integers, held: pd.Series, others: Integers) -> Integers:
    """First of the others that holds what is wanted, or -1: int64, as many as `wanted`."""
    first = ~held.duplicated().to_numpy()
    # By a hash of what is held, so that the work grows with the examples and not with their pairs.
    place = pd.Index(held[first]).get_indexer(pd.Index(wanted))
    partner: Integers = np.append(others[first], -1)[place]
    return partner


def _conflicts(copy: Integers, target: Integers, rows: Integers, others: Integers) -> Mask:
    """Whether one of the others has the row's copy label and another target, shape (rows,)."""
    # The least and the greatest target of the copies tell whether any differs; comparing all
    # pairs would take the square of the largest family.
    extremes = pd.Series(target[others]).groupby(copy[others]).agg(["min", "max"])
    of_copies = extremes.reindex(copy[rows]).to_numpy()
    another = (of_copies != target[rows, None]).any(axis=1)
    conflict: Mask = another & ~np.isnan(of_copies[:, 0])
    return conflict


def _target_codes(examples: pd.DataFrame) -> Integers:
    """A number for each distinct target, int64, shape (n,); without target columns all are 0."""
    columns = target_columns(examples)
    if not columns:
        return np.zeros(len(examples), dtype=np.int64)
    groups = examples.groupby(columns, dropna=False, sort=False)
    codes: Integers = groups.ngroup().to_numpy(dtype=np.int64)
    return codes


def overlapping(examples: pd.DataFrame, rows: Integers, others: Integers) -> Integers:
    """One of the others, the one that reaches furthest, that shares a base with the row, or -1."""
    pieces = cut_at_origin(examples.reset_index(drop=True))
    example = pieces.index.to_numpy()
    of_row, of_other = (np.flatnonzero(np.isin(example, wanted)) for wanted in (rows, others))
    partner = _overlapping_pieces(pieces, of_row, of_other)

    partners = np.full(len(examples), -1)
    has_any = partner >= 0
    partners[example[of_row[has_any]]] = example[partner[has_any]]
    return partners[rows]


def _overlapping_pieces(pieces: pd.DataFrame, rows: Integers, others: Integers) -> Integers:
    """The same of intervals that lie on one axis."""
    chrom = pd.factorize(pieces["chrom"])[0]
    start = pieces["start"].to_numpy(dtype=np.int64, na_value=0)
    end = pieces["end"].to_numpy(dtype=np.int64, na_value=0)
    # One axis for all chromosomes, on which each begins behind the longest end of the one before.
    start, end = (chrom * end.max(initial=0) + place for place in (start, end))
    others = others[chrom[others] >= 0]
    partner = np.full(len(rows), -1)
    if not len(others):
        return partner

    # Sorted by start, whoever reaches furthest among those that start before the row ends overlaps
    # it, if any of them does: a running maximum in place of an interval tree.
    others = others[np.argsort(start[others], kind="stable")]
    reach = np.maximum.accumulate(end[others])
    furthest = np.searchsorted(reach, reach)
    last = np.searchsorted(start[others], end[rows]) - 1
    overlaps = (chrom[rows] >= 0) & (last >= 0) & (reach[last] > start[rows])
    partner[overlaps] = others[furthest[last[overlaps]]]

    return partner
