"""What a model has learned from, so that it is known again: digests, k-mers and places.

A bundle holds no sequence of its training examples. It holds a digest of each, which tells copies,
those of its k-mers that have the smallest hashes, which tell near copies as the audit does, and
where it lies on the genome.
"""

import io
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from basewise.core.arrays import Integers
from basewise.genotypes.relatedness import digest_rows
from basewise.scoring.new_sequences import Block
from basewise.sequences.alphabet import complement_letters
from basewise.sequences.circles import circles_of, on_circles
from basewise.splits.leakage import overlapping
from basewise.splits.similarity import align_left, nearest
from basewise.splits.sketches import Collected, Sketch, arrange, collect_kmers, read_u_as_t
from basewise.store.bundles import Bundle
from basewise.store.contracts import Contract

EXAMPLES, KMERS = "training/examples.parquet", "training/kmers.npy"
"""Members of a bundle: digest, id, place and number of k-mers of each example; the k-mers."""

COLUMNS = ["id", "digest", "kmers", "chrom", "start", "end"]

MOST_KMERS = 5_000_000
"""Of all training examples together, 40 MB; where 25 of each are more than that, none are kept."""


class Familiar(NamedTuple):
    """The training examples of a model: the table `COLUMNS`, and their k-mers one after another."""

    examples: pd.DataFrame
    kmers: Collected


def remember(
    letters: NDArray[np.uint8], examples: pd.DataFrame, alphabet: str, k: int | None
) -> Familiar:
    """Digests and k-mers of examples.

    `letters` are character codes, ``-`` for padding, shape (n, length); `examples` has id, chrom,
    start and end, row for row. Genotypes have no k-mers.
    """
    none = Collected(np.empty(0, np.uint64), np.zeros(len(letters), np.int64), np.uint64(0))
    kmers = none
    if alphabet != "genotype":
        kmers = collect_kmers(letters, alphabet, k, budget=MOST_KMERS)
        kmers = none if len(kmers.hashes) > 2 * MOST_KMERS else kmers
    table = examples[["id", "chrom", "start", "end"]].assign(
        digest=digests(letters, alphabet), kmers=kmers.number
    )
    return Familiar(table[COLUMNS].reset_index(drop=True), kmers)


def digests(letters: NDArray[np.uint8], alphabet: str) -> NDArray[np.uint64]:
    """Digest of each example, of sequences without their padding: equal for copies."""
    if alphabet == "genotype":
        return digest_rows(letters)
    return digest_rows(align_left(read_u_as_t(letters, alphabet)))


def digests_of_other_strand(letters: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """Digest of the reverse complement of each DNA sequence."""
    return digest_rows(align_left(complement_letters(letters)))


def as_members(familiar: Familiar) -> dict[str, bytes]:
    """The members of a bundle that hold them."""
    table, kmers = io.BytesIO(), io.BytesIO()
    familiar.examples.to_parquet(table, index=False)
    np.save(kmers, familiar.kmers.hashes, allow_pickle=False)
    return {EXAMPLES: table.getvalue(), KMERS: kmers.getvalue()}


def from_members(bundle: Bundle, limit: int) -> Familiar:
    """Undo `as_members`; `limit` is that of the contract."""
    try:
        examples = pd.read_parquet(io.BytesIO(bundle.read(EXAMPLES)))[COLUMNS]
        hashes = np.load(io.BytesIO(bundle.read(KMERS)), allow_pickle=False)
        number: Integers = examples["kmers"].to_numpy(dtype=np.int64)
        if hashes.dtype != np.uint64 or hashes.shape != (number.sum(),):
            raise ValueError
    except (ValueError, LookupError, TypeError, EOFError) as error:
        raise bundle.fault(EXAMPLES, "is not what basewise writes") from error
    return Familiar(examples, Collected(hashes, number, np.uint64(limit)))


class Known(NamedTuple):
    """What new examples are known as, shape (n,); both are empty where one is new.

    `kind` is ``exact``, ``reverse_complement``, ``overlap`` or ``near``, `partner` the id of the
    training example.
    """

    kind: NDArray[Any]
    partner: NDArray[Any]


def known_again(familiar: Familiar, block: Block, contract: Contract) -> Known:
    """Find copies and near copies of training examples among new ones, as the audit does.

    Windows of a genome may overlap those of the training too. It is taken for the same genome: the
    names of its chromosomes are compared.
    """
    examples, alphabet, letters = familiar.examples, contract.alphabet, block.letters
    index = pd.Index(examples["digest"])
    first = pd.Index(index.unique())
    rows = pd.Series(np.arange(len(index))).groupby(index.to_numpy(), sort=False).first().to_numpy()

    kind = np.full(len(letters), "", dtype=object)
    place = np.full(len(letters), -1)
    strands = {"exact": digests(letters, alphabet)}
    if alphabet == "dna":
        strands["reverse_complement"] = digests_of_other_strand(letters)
    for name, wanted in strands.items():
        held = first.get_indexer(pd.Index(wanted))
        new = (place < 0) & (held >= 0)
        kind[new], place[new] = name, rows[held[new]]

    if "chrom" in block.table:
        shared = _overlapping(examples, block.table[block.has_letters])
        new = (place < 0) & (shared >= 0)
        kind[new], place[new] = "overlap", shared[new]

    if familiar.kmers.limit and alphabet != "genotype":
        k, share = contract.near["k"], contract.near["share"]
        sketch = _beside(familiar.kmers, letters, alphabet, k)
        queries = np.flatnonzero(place < 0)
        near = nearest(sketch, queries + len(index), np.arange(len(index)), share)
        is_near = near.row >= 0
        kind[queries[is_near]], place[queries[is_near]] = "near", near.row[is_near]

    partner = np.append(examples["id"].to_numpy(dtype=object), "")[place]
    return Known(kind, partner)


def _overlapping(examples: pd.DataFrame, windows: pd.DataFrame) -> Integers:
    """Row of a training example that shares a base with each window, or -1."""
    circles = circles_of(windows)
    places = [table[["chrom", "start", "end"]] for table in (examples, windows)]
    every = on_circles(pd.concat(places, ignore_index=True), circles)
    rows = np.arange(len(every))
    return overlapping(every, rows[len(examples) :], rows[: len(examples)])


def _beside(known: Collected, letters: NDArray[np.uint8], alphabet: str, k: int | None) -> Sketch:
    """The k-mers of training examples and, in the rows behind them, those of new ones.

    Of these the k-mers that no training example has lead nowhere; they are counted only.
    """
    new = collect_kmers(letters, alphabet, k, limit=known.limit)
    distinct = np.append(np.unique(known.hashes), known.limit)
    shared = distinct[np.searchsorted(distinct, new.hashes)] == new.hashes
    owners = np.repeat(np.arange(len(letters)), new.number)[shared]
    sketch = arrange(
        np.concatenate([known.hashes, new.hashes[shared]]),
        np.concatenate([known.number, np.bincount(owners, minlength=len(letters))]),
    )
    return sketch._replace(number=np.concatenate([known.number, new.number]))
