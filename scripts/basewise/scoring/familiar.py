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

from basewise.core.arrays import Integers, Mask
from basewise.genotypes.relatedness import digest_rows
from basewise.scoring.new_sequences import Block
from basewise.sequences.alphabet import complement_letters
from basewise.sequences.circles import circles_of, on_circles
from basewise.splits.leakage import overlapping
from basewise.splits.sieve import make_sieve, may_share
from basewise.splits.similarity import align_left, nearest
from basewise.splits.sketches import NO_KMER, Collected, Sketch, arrange, collect_kmers, read_u_as_t
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


class Recognizer:
    """Finds copies and near copies of training examples among new ones, as the audit does.

    Windows of a genome may overlap those of the training too. It is taken for the same genome: the
    names of its chromosomes are compared.
    """

    def __init__(self, familiar: Familiar, contract: Contract) -> None:
        self.examples, self.kmers = familiar
        self.alphabet, self.near = contract.alphabet, contract.near
        self.sieve = make_sieve(self.kmers) if self.kmers.limit else None
        index = pd.Index(self.examples["digest"])
        self.digests = pd.Index(index.unique())
        self.rows = np.flatnonzero(~index.duplicated())

    def known_again(self, block: Block) -> Known:
        """What the examples of a block that have letters are known as."""
        letters = block.letters
        kind = np.full(len(letters), "", dtype=object)
        place = np.full(len(letters), -1)
        looked_at = np.arange(len(letters))
        if self.sieve is not None:
            near = self.near["k"], self.near["share"]
            looked_at = np.flatnonzero(may_share(self.sieve, letters, self.alphabet, *near))
        if len(looked_at):
            kind[looked_at], place[looked_at] = self._copies(letters[looked_at])

        if "chrom" in block.table:
            shared = _overlapping(self.examples, block.table[block.has_letters])
            new = (place < 0) & (shared >= 0)
            kind[new], place[new] = "overlap", shared[new]

        queries = looked_at[place[looked_at] < 0]
        if self.sieve is not None and len(queries):
            row = self._near(self.sieve.hashes, letters[queries])
            kind[queries[row >= 0]], place[queries] = "near", row

        partner = np.append(self.examples["id"].to_numpy(dtype=object), "")[place]
        return Known(kind, partner)

    def _copies(self, letters: NDArray[np.uint8]) -> tuple[NDArray[Any], Integers]:
        """Kind and row of the training examples that others are copies of; empty and -1 of none."""
        kind = np.full(len(letters), "", dtype=object)
        place = np.full(len(letters), -1)
        strands = {"exact": digests(letters, self.alphabet)}
        if self.alphabet == "dna":
            strands["reverse_complement"] = digests_of_other_strand(letters)
        for name, wanted in strands.items():
            held = self.digests.get_indexer(pd.Index(wanted))
            new = (place < 0) & (held >= 0)
            kind[new], place[new] = name, self.rows[held[new]]
        return kind, place

    def _near(self, distinct: NDArray[np.uint64], letters: NDArray[np.uint8]) -> Integers:
        """Row of the nearest training example of each, or -1."""
        known = len(self.examples)
        sketch = _beside(self.kmers, distinct, letters, self.alphabet, self.near["k"])
        queries = known + np.arange(len(letters))
        return nearest(sketch, queries, np.arange(known), self.near["share"]).row


def _overlapping(examples: pd.DataFrame, windows: pd.DataFrame) -> Integers:
    """Row of a training example that shares a base with each window, or -1."""
    circles = circles_of(windows)
    places = [table[["chrom", "start", "end"]] for table in (examples, windows)]
    every = on_circles(pd.concat(places, ignore_index=True), circles)
    rows = np.arange(len(every))
    return overlapping(every, rows[len(examples) :], rows[: len(examples)])


def _beside(
    known: Collected,
    distinct: NDArray[np.uint64],
    letters: NDArray[np.uint8],
    alphabet: str,
    k: int | None,
) -> Sketch:
    """The k-mers of training examples and, in the rows behind them, those of new ones.

    Only those that both have lead anywhere; the others are counted only. `distinct` are the hashes
    of the training examples, ascending.
    """
    new = collect_kmers(letters, alphabet, k, limit=known.limit)
    shared = _is_among(distinct, new.hashes)
    is_asked = _is_among(np.unique(new.hashes[shared]), known.hashes)
    owners = np.repeat(np.arange(len(letters)), new.number)[shared]
    owners_known = np.repeat(np.arange(len(known.number)), known.number)[is_asked]
    sketch = arrange(
        np.concatenate([known.hashes[is_asked], new.hashes[shared]]),
        np.concatenate(
            [
                np.bincount(owners_known, minlength=len(known.number)),
                np.bincount(owners, minlength=len(letters)),
            ]
        ),
    )
    return sketch._replace(number=np.concatenate([known.number, new.number]))


def _is_among(ascending: NDArray[np.uint64], hashes: NDArray[np.uint64]) -> Mask:
    """Which hashes are among others; `NO_KMER` is none."""
    among: Mask = np.append(ascending, NO_KMER)[np.searchsorted(ascending, hashes)] == hashes
    return among
