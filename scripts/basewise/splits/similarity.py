"""Copies and near copies among sequences, found by the k-mers they share.

Near copies are sequences of which one holds a given share of the other's distinct k-mers. Rows of
genotypes are compared by `basewise.genotypes.relatedness`.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from basewise.core.arrays import Floats, Integers, Mask
from basewise.genotypes import relatedness
from basewise.genotypes.relatedness import Nearest, link
from basewise.sequences.alphabet import PADDING_CODE, complement_letters
from basewise.splits.sketches import Sketch, read_u_as_t, sketch_kmers

SHARE = 0.5
"""Share of k-mers from which on two sequences are near copies, unless told otherwise."""

LIMIT = 100
"""A k-mer that more sequences hold is frequent."""

CANDIDATES = 10
"""Sequences looked at for a query whose frequent k-mers alone could make it near."""

BLOCK_STEPS = 20_000_000
"""Meetings of a query and a holder of one of its k-mers that are counted at a time."""


_RARE = 1 << 20
_LAST = np.iinfo(np.int32).max


class Lookup(NamedTuple):
    """Rows that look for a near sequence, and those among which it may be, both ascending."""

    queries: Integers
    others: Integers


class _Pairs(NamedTuple):
    """Places among the queries and in the index, and the share of the query's k-mers."""

    query: Integers
    other: Integers
    similarity: Floats


class _Search:
    """A lookup among distinct sequences, and the nearest that it has met for each."""

    def __init__(self, sequences: int, queries: Integers, index: Integers, row: Integers):
        self.wanted = np.zeros(sequences, dtype=np.bool_)
        self.wanted[queries] = True
        # The row that holds a sequence of the index; -1 for others.
        self.index = index
        self.held = np.full(sequences, -1, dtype=np.int32)
        self.held[index] = row
        self.row = np.full(sequences, -1, dtype=np.int32)
        self.similarity = np.full(sequences, np.nan)

    def take(self, pairs: _Pairs) -> None:
        """Take what is nearest from all pairs of some queries, one query after another."""
        of_lookup = np.flatnonzero(self.wanted[pairs.query])
        row = self.held[pairs.other[of_lookup]]
        of_lookup, row = of_lookup[row >= 0], row[row >= 0]
        if not len(row):
            return

        query, similarity = pairs.query[of_lookup], pairs.similarity[of_lookup]
        begins = np.flatnonzero(np.diff(query, prepend=-1))
        best = np.maximum.reduceat(similarity, begins)
        # Of equals the first in the index.
        equal = similarity == np.repeat(best, np.diff(begins, append=len(query)))
        self.row[query[begins]] = np.minimum.reduceat(np.where(equal, row, _LAST), begins)
        self.similarity[query[begins]] = best


def copy_labels(letters: NDArray[np.uint8], alphabet: str = "dna") -> Integers:
    """Label sequences (n, length), with ``-`` for padding anywhere, so that copies have one label.

    Those that are reverse complements (``dna`` only) differ in the lowest bit, so that ``label //
    2`` is equal for copies on either strand. In ``rna`` U is T; in ``genotype`` columns are
    markers.
    """
    if alphabet == "genotype":
        copy: Integers = pd.factorize(relatedness.digest_rows(letters))[0]
        return 2 * copy

    forward = align_left(read_u_as_t(letters, alphabet))
    reverse = align_left(complement_letters(letters)) if alphabet == "dna" else forward
    text, other = _as_text(forward), _as_text(reverse)
    # Both strands go by the one that comes first, as the k-mers of a sketch do.
    turned = text > other
    _, label = np.unique(np.where(turned, other, text), return_inverse=True)

    return 2 * label + turned


def nearest(sketch: Sketch, queries: Integers, index: Integers, share: float = SHARE) -> Nearest:
    """Find for each query the sequence that holds most of its k-mers, the first of equals.

    `queries` and `index` are rows of the sketch; a near sequence holds the given share of the
    query's distinct k-mers. Exact, for the k-mers of the sketch, where less than that share is in
    more than 100 sequences of the index each. For a query of a larger family the answer is the best
    of ten: those that hold most of its rare k-mers and, if among the first that hold them, of its
    frequent ones. It is near, but another may be nearer.
    """
    row = np.full(len(queries), -1)
    similarity = np.full(len(queries), np.nan)
    for pairs in _near_pairs(sketch, queries, index, share):
        # Of equals the first in the index, so that the answer does not depend on the blocks.
        order = np.lexsort((pairs.other, -pairs.similarity, pairs.query))
        best = order[~pd.Index(pairs.query[order]).duplicated()]
        row[pairs.query[best]] = index[pairs.other[best]]
        similarity[pairs.query[best]] = pairs.similarity[best]
    return Nearest(row, similarity)


def nearest_in_each(
    sketch: Sketch, copy: Integers, lookups: Sequence[Lookup], share: float = SHARE
) -> list[Nearest]:
    """Find what `nearest` finds for each of several lookups, in about the time of one.

    Sequences that are near each other are so in every lookup, but for families that are too large
    to be followed: those are looked up one lookup after another. `copy` says which rows hold the
    same sequence, numbered by first appearance, shape (n,); the others of a lookup hold no two
    copies, nor one of its queries.
    """
    first = np.flatnonzero(~pd.Index(copy).duplicated())
    distinct = Sketch(sketch.kmers[first], sketch.number[first])
    holders = np.bincount(distinct.kmers.indices, minlength=distinct.kmers.shape[1])
    frequent = distinct.kmers @ (holders > LIMIT).astype(np.int32)
    # The others of a lookup are a part of all, in which no more k-mers are frequent.
    crowded = frequent >= share * distinct.number

    searches = [
        _Search(len(first), copy[queries], copy[others], others) for queries, others in lookups
    ]
    looked_up = np.logical_or.reduce([search.wanted for search in searches])
    # What no crowded query holds does not matter to any.
    in_crowded = looked_up & crowded & (distinct.number > 0)
    columns = np.unique(distinct.kmers[in_crowded].indices)
    families = Sketch(distinct.kmers[:, columns], distinct.number)
    for search in searches:
        queries = np.flatnonzero(search.wanted & in_crowded)
        near = nearest(families, queries, search.index, share)
        search.row[queries] = np.append(search.held, -1)[near.row]
        search.similarity[queries] = near.similarity

    of_small = np.flatnonzero(looked_up & ~crowded)
    for pairs in _all_near_pairs(distinct, of_small, holders > LIMIT, share):
        for search in searches:
            search.take(pairs)
    return [
        Nearest(search.row[copy[queries]].astype(np.int64), search.similarity[copy[queries]])
        for search, (queries, _) in zip(searches, lookups, strict=True)
    ]


def clusters(
    letters: NDArray[np.uint8],
    alphabet: str = "dna",
    *,
    k: int | None = None,
    share: float | None = None,
) -> Integers:
    """Cluster sequences by single linkage of copies, reverse complements and near copies.

    Gives the number of each one's cluster, by first appearance.

    Parameters
    ----------
    letters
        Character codes, upper case, ``-`` for padding, shape (n, length).
    alphabet
        ``dna``, ``rna``, ``protein`` or ``genotype``, which goes to `relatedness.clusters` and
        where `k`, the letters of a k-mer, has no meaning.
    share
        Two sequences are linked when either holds this share of the other's distinct k-mers.
        Those with fewer than 10 are linked to their copies only. By default `SHARE`, that of
        `relatedness` for genotypes.
    """
    if alphabet == "genotype":
        return relatedness.clusters(letters, relatedness.SHARE if share is None else share)
    label: Integers = pd.factorize(copy_labels(letters, alphabet) // 2)[0]
    sketch = sketch_kmers(letters, alphabet, k)
    distinct = np.flatnonzero(~pd.Index(label).duplicated())
    for pairs in _near_pairs(sketch, distinct, distinct, SHARE if share is None else share):
        label = link(label, distinct[pairs.query], distinct[pairs.other])
    numbered: Integers = pd.factorize(label)[0]
    return numbered


def align_left(letters: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Move padding behind the letters, so that it does not tell copies apart."""
    padding = letters == PADDING_CODE
    if not padding.any():
        return letters
    return np.take_along_axis(letters, padding.argsort(axis=1, kind="stable"), axis=1)


def _as_text(letters: NDArray[np.uint8]) -> NDArray[np.bytes_]:
    """Rows of characters as n byte strings."""
    return np.ascontiguousarray(letters).view(f"S{letters.shape[1]}").ravel()


def _near_pairs(
    sketch: Sketch, queries: Integers, index: Integers, share: float
) -> Iterator[_Pairs]:
    """Pairs of which `index` has the given share of the query's k-mers, some queries at a time."""
    kmers, others = sketch.kmers[queries], sketch.kmers[index]
    number = sketch.number[queries]

    # Through a k-mer that m sequences hold, m * m pairs would meet. One that more than LIMIT hold
    # (a repeat, a family) leads to the first of them only, and is counted where a pair may be near.
    holders = np.bincount(others.indices, minlength=others.shape[1])
    postings = _first_holders(others, holders)
    kmers_frequent, others_frequent = kmers[:, holders > LIMIT], others[:, holders > LIMIT]
    frequent = kmers_frequent.sum(axis=1)
    # Queries that any sequence with all their frequent k-mers would be near to.
    crowded = frequent >= share * number

    # As many queries at a time as have BLOCK_STEPS meetings, so that memory has a bound.
    steps = (kmers @ np.minimum(holders, LIMIT)).cumsum()
    breaks = np.searchsorted(steps, np.arange(BLOCK_STEPS, steps.max(initial=0), BLOCK_STEPS))
    for rows in np.split(np.arange(len(queries)), breaks):
        # One product counts both: rare k-mers in units of _RARE, frequent ones in units of 1.
        met = (kmers[rows] @ postings).tocoo()
        query, rare = rows[met.row], met.data // _RARE

        # First what could be near, if all frequent k-mers of the query were shared.
        possible = np.flatnonzero((rare + frequent[query]) / number[query] >= share)
        possible = possible[np.lexsort((-met.data[possible], query[possible]))]
        possible = possible[_worth_counting(query[possible], crowded)]
        query, other = query[possible], met.col[possible]

        # Then the frequent k-mers that are shared indeed.
        both = kmers_frequent[query].multiply(others_frequent[other])
        similarity = (rare[possible] + both.sum(axis=1)) / number[query]
        near = similarity >= share
        yield _Pairs(query[near], other[near], similarity[near])


def _all_near_pairs(
    sketch: Sketch, queries: Integers, is_frequent: Mask, share: float
) -> Iterator[_Pairs]:
    """All pairs in which a sequence has the given share of the query's k-mers, by query.

    Frequent k-mers are less than that share of each query: whoever is near it holds a rare one.
    """
    number = sketch.number
    counts = np.int16 if number.max(initial=0) < 2**15 else np.int32
    rare = sketch.kmers[:, ~is_frequent].astype(counts)
    frequent = sketch.kmers[:, is_frequent]
    of_frequent = frequent.sum(axis=1)
    # Rare k-mers that a near sequence shares at least, rounded down.
    fewest = (share * number - of_frequent).astype(np.int32)
    holders = np.bincount(rare.indices, minlength=rare.shape[1])
    postings = rare.T.tocsr()

    steps = (rare[queries] @ holders).cumsum()
    breaks = np.searchsorted(steps, np.arange(BLOCK_STEPS, steps.max(initial=0), BLOCK_STEPS))
    for rows in np.split(queries, breaks):
        met = (rare[rows] @ postings).tocoo()
        possible = met.data >= fewest[rows][met.row]
        query, other = rows[met.row[possible]], met.col[possible]
        shared = met.data[possible].astype(np.int64)
        del met

        has_frequent = np.flatnonzero(of_frequent[query])
        both = frequent[query[has_frequent]].multiply(frequent[other[has_frequent]])
        shared[has_frequent] += both.sum(axis=1)

        similarity = shared / number[query]
        near = similarity >= share
        yield _Pairs(query[near], other[near], similarity[near])


def _first_holders(others: sparse.csr_array, holders: Integers) -> sparse.csr_array:
    """The first `LIMIT` rows that hold each k-mer; a frequent k-mer weighs 1, a rare one `_RARE`.

    int64, shape (k-mers, rows).
    """
    postings = others.T.tocsr()
    place = np.arange(postings.nnz, dtype=np.int32) - np.repeat(postings.indptr[:-1], holders)
    first = np.minimum(holders, LIMIT)
    weight = np.repeat(np.where(holders > LIMIT, 1, _RARE), first)
    starts = np.append(0, first.cumsum())
    return sparse.csr_array((weight, postings.indices[place < LIMIT], starts), postings.shape)


def _worth_counting(query: Integers, crowded: Mask) -> Mask:
    """Which pairs, sorted by query and best first, to look at: of crowded queries the first few."""
    place = np.arange(len(query)) - np.searchsorted(query, query)
    worth: Mask = ~crowded[query] | (place < CANDIDATES)
    return worth
