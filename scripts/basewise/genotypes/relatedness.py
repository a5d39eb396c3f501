"""Near-identical individuals, found by the genotypes they share.

The similarity of two individuals is the share of markers with the same genotype among those where
both are known (identity by state of whole genotypes). It is 0 where fewer than 10 are. At most
20,000 evenly spaced markers are compared (of independent ones, so many give a share of 0.95 with a
standard error of 0.0015); copies are told apart by all markers.
"""

from hashlib import blake2b
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

SHARE = 0.95
"""Share of same genotypes from which on two individuals are near-identical, unless told otherwise.

Such are two samples of one line, and lines a few backcrosses apart; sisters of a cross between
unrelated parents are not, and need a split by group. Of 599 wheat lines (Crossa et al. 2010) 208
have such a partner, of 281 maize lines (Flint-Garcia et al. 2005) 34. Yields (E1) of pairs of wheat
lines above it correlate by 0.4, of pairs between 0.9 and 0.95 by 0.04.
"""

MARKERS = 20_000
"""Markers that are compared at most."""

FEWEST_CALLS = 10
"""Individuals with fewer markers known in both are not compared."""

GENOTYPES = np.frombuffer(b"012", dtype=np.uint8)

BLOCK = 512


class Nearest(NamedTuple):
    """The nearest example of each of several.

    Its `row`, -1 where none is near, and the share of what is compared (k-mers, genotypes) that it
    holds, NaN where none is near.
    """

    row: NDArray[np.int64]
    similarity: NDArray[np.float64]


def similarity_matrix(
    letters: NDArray[np.uint8], rows: NDArray[np.int64], others: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Similarity of individuals to others, as the module defines it, 0 to 1: (rows, others)."""
    columns = _compared(letters.shape[1])
    similarity = np.empty((len(rows), len(others)))
    for start in range(0, len(rows), BLOCK):
        ours = _known(letters[np.ix_(rows[start : start + BLOCK], columns)])
        for first in range(0, len(others), BLOCK):
            theirs = _known(letters[np.ix_(others[first : first + BLOCK], columns)])
            block = similarity[start : start + BLOCK, first : first + BLOCK]
            same = ours.reshape(len(ours), -1) @ theirs.reshape(len(theirs), -1).T
            calls = (ours.sum(axis=1) @ theirs.sum(axis=1).T).astype(np.float64)
            block[:] = np.where(calls < FEWEST_CALLS, 0, same / np.maximum(calls, 1))
    return similarity


def nearest(
    letters: NDArray[np.uint8],
    queries: NDArray[np.int64],
    index: NDArray[np.int64],
    share: float = SHARE,
) -> Nearest:
    """Find for each query the individual that is most similar to it, the first of equals.

    `queries` and `index` are rows; near-identical ones have the smallest similarity `share`.
    """
    row = np.full(len(queries), -1)
    similarity = np.full(len(queries), np.nan)
    for start in range(0, len(queries) if len(index) else 0, BLOCK):
        shares = similarity_matrix(letters, queries[start : start + BLOCK], index)
        best, largest = shares.argmax(axis=1), shares.max(axis=1)
        near = np.flatnonzero(largest >= share)
        row[start + near], similarity[start + near] = index[best[near]], largest[near]
    return Nearest(row, similarity)


def clusters(letters: NDArray[np.uint8], share: float = SHARE) -> NDArray[np.int64]:
    """Cluster individuals by single linkage of copies and of those with a similarity of `share`.

    Gives the number of each one's cluster, by first appearance.
    """
    label: NDArray[np.int64] = pd.factorize(digest_rows(letters))[0]
    distinct = np.flatnonzero(~pd.Index(label).duplicated())
    for start in range(0, len(distinct), BLOCK):
        queries, others = distinct[start : start + BLOCK], distinct[start:]
        query, other = np.nonzero(similarity_matrix(letters, queries, others) >= share)
        label = link(label, queries[query], others[other])
    numbered: NDArray[np.int64] = pd.factorize(label)[0]
    return numbered


def link(
    label: NDArray[np.int64], one: NDArray[np.int64], other: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Merge clusters whose members are linked, pair by pair of rows: the label of each example."""
    count = label.max(initial=-1) + 1
    ends = label[one], label[other]
    links = sparse.coo_array((np.ones(len(one), np.bool_), ends), shape=(count, count))
    merged: NDArray[np.int64] = csgraph.connected_components(links, directed=False)[1][label]
    return merged.astype(np.int64)


def digest_rows(letters: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """Digest of each row (BLAKE2b, 8 bytes), equal for equal rows."""
    rows = np.ascontiguousarray(letters)
    digests = b"".join(blake2b(row, digest_size=8).digest() for row in rows)
    return np.frombuffer(digests, dtype=np.uint64)


def _compared(markers: int) -> NDArray[np.int64]:
    """Columns that are compared: all, or `MARKERS` of them, evenly spaced."""
    number = min(markers, MARKERS)
    return np.arange(number) * markers // max(number, 1)


def _known(letters: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Whether each genotype is AA, Aa, aa: shape (individuals, 3, markers), 0 where missing."""
    known: NDArray[np.float32] = (letters[:, None] == GENOTYPES[:, None]).astype(np.float32)
    return known
