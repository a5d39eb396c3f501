"""The distinct k-mers of many sequences, sampled where they are too many.

The k-mers with the smallest hashes are kept, which are the same ones in every sequence
(FracMinHash: Irber et al. 2022, doi 10.1101/2022.01.11.475838; after Mash: Ondov et al. 2016,
doi 10.1186/s13059-016-0997-x). What is measured on a sample is an estimate: a share of one half has
a standard error of 0.1 with 25 k-mers of a sequence, as 2 million of 200 bases keep.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from basewise.core.arrays import Integers
from basewise.core.errors import InputError
from basewise.sequences.alphabet import CHANNELS, PADDING_CODE

# With 24 letters, pairs of mutants of one 110 bp element were missed that 16 find.
K = {"dna": 16, "rna": 16, "protein": 6}
"""Letters of a k-mer, unless told otherwise."""

FEWEST_KMERS = 10
"""A sequence with fewer distinct k-mers is not compared."""

BUDGET = 50_000_000
"""k-mers kept of all sequences together, about."""

FEWEST_SAMPLED = 25
"""k-mers kept of a sequence, on average, however many sequences there are."""

CHUNK_LETTERS = 1_000_000


NO_KMER = np.uint64(2**64 - 1)
"""Stands for a k-mer with an unknown letter; where it is the limit, all k-mers are kept."""


class Sketch(NamedTuple):
    """The k-mers of n sequences.

    Attributes
    ----------
    kmers
        int8 CSR array of ones, shape (n, k-mers): which of the k-mers that several sequences hold
        each one holds.
    number
        Distinct k-mers of each sequence, those of no other included, int64, shape (n,). 0 for a
        sequence that is not compared: it has fewer than 10 (it is short or of low complexity).
        Of a sample, those in the sample.
    """

    kmers: sparse.csr_array
    number: Integers


def sketch_kmers(letters: NDArray[np.uint8], alphabet: str = "dna", k: int | None = None) -> Sketch:
    """Collect the distinct k-mers of sequences, shape (n, length), upper case, ``-`` for padding.

    A DNA k-mer and its reverse complement are one. k-mers with an ambiguous letter or padding are
    left out. Where there are more than 50 million in all, and 25 for each sequence, about so many
    are kept, those with the smallest hashes. `k` is by default as in `K`.

    Raises
    ------
    InputError
        For k above 32 for DNA and RNA, or 12 for proteins.
    """
    return arrange(*collect_kmers(letters, alphabet, k)[:2])


class Collected(NamedTuple):
    """The k-mers that are kept of n sequences.

    `hashes` are those of the first sequence, ascending and distinct, then those of the second, and
    so on; `number` says how many each has, shape (n,); all that are below `limit` are kept.
    """

    hashes: NDArray[np.uint64]
    number: Integers
    limit: np.uint64


def collect_kmers(
    letters: NDArray[np.uint8],
    alphabet: str = "dna",
    k: int | None = None,
    *,
    budget: int | None = None,
    limit: np.uint64 | None = None,
) -> Collected:
    """Collect the k-mers of sequences, see `sketch_kmers`.

    `budget` is about how many to keep of all, by default `BUDGET`, unless `limit` says below which
    hash.
    """
    k = K[alphabet] if k is None else k
    longest = 64 // _bits(alphabet)
    if k > longest:
        raise InputError(f"near: k {k} is too long; k-mers of {alphabet} have at most {longest}")

    rows = max(1, CHUNK_LETTERS // max(letters.shape[1], 1))
    chunks = [letters[start : start + rows] for start in range(0, len(letters), rows)]
    if limit is None:
        filled = sum(int(np.count_nonzero(chunk != PADDING_CODE)) for chunk in chunks)
        wanted = max(BUDGET if budget is None else budget, FEWEST_SAMPLED * len(letters))
        limit = _smallest_hashes(wanted, filled - len(letters) * (k - 1))

    hashes, number = [np.empty(0, np.uint64)], [np.empty(0, np.int64)]
    for chunk in chunks:
        code = np.sort(hash_kmers(chunk, alphabet, k), axis=1)
        distinct = code != NO_KMER
        distinct[:, 1:] &= code[:, 1:] != code[:, :-1]
        # Counted before the sample is taken, so that a sample compares the same sequences.
        distinct &= (distinct.sum(axis=1) >= FEWEST_KMERS)[:, None] & (code < limit)
        hashes.append(code[distinct])
        number.append(distinct.sum(axis=1))

    return Collected(np.concatenate(hashes), np.concatenate(number), limit)


def read_u_as_t(letters: NDArray[np.uint8], alphabet: str) -> NDArray[np.uint8]:
    """Character codes with T in place of the U of ``rna``; those of other alphabets as they are."""
    return np.where(letters == ord("U"), ord("T"), letters) if alphabet == "rna" else letters


def _bits(alphabet: str) -> int:
    """Bits that tell the letters of an alphabet apart."""
    return (len(CHANNELS[alphabet]) - 1).bit_length()


def _smallest_hashes(wanted: int, kmers: int) -> np.uint64:
    """Hash below which about the wanted number of so many k-mers lie."""
    return np.uint64(min(2**64 * wanted // max(kmers, 1), int(NO_KMER)))


def hash_kmers(letters: NDArray[np.uint8], alphabet: str, k: int) -> NDArray[np.uint64]:
    """Hash of the k-mer at each place, the same on both strands of DNA; `NO_KMER` for unknown ones.

    uint64, shape (n, places).
    """
    channels = "".join(CHANNELS[alphabet])
    table = np.full(256, len(channels), dtype=np.uint8)
    table[list(channels.encode())] = np.arange(len(channels))
    code = table[read_u_as_t(letters, alphabet)]
    unknown = code == len(channels)
    code[unknown] = 0
    bits = _bits(alphabet)
    number = _read_windows(code, k, bits)
    if alphabet == "dna":
        # The complement of A, C, G, T = 0, 1, 2, 3 is 3 less the number; the smaller strand stands
        # for both.
        number = np.minimum(number, _read_windows(3 - code[:, ::-1], k, bits)[:, ::-1])

    # A k-mer is known where no unknown letter lies between its ends. Mixed, because the smallest
    # numbers as they are would be runs of A.
    before = np.pad(unknown.cumsum(axis=1, dtype=np.int32), ((0, 0), (1, 0)))
    return np.where(before[:, k:] == before[:, :-k], _mix(number), NO_KMER)


def hash_some_kmers(letters: NDArray[np.uint8], alphabet: str, k: int) -> NDArray[np.uint64]:
    """`hash_kmers` of every k // 2-th place, for an even k, several times faster than all."""
    half = k // 2
    channels, bits = "".join(CHANNELS[alphabet]), _bits(alphabet)
    # A product gives the numbers of half k-mers on both strands, and nan for unknown ones. Those of
    # up to 12 letters of DNA are exact in 32 bits.
    kind = np.float32 if half * bits <= 24 else np.float64
    table = np.full(256, np.nan, dtype=kind)
    table[list(channels.encode())] = np.arange(len(channels))
    powers = (2.0**bits) ** np.arange(half)
    blocks = letters.shape[1] // half
    code = table[read_u_as_t(letters, alphabet)[:, : blocks * half]].reshape(-1, half)
    halves = (code @ np.stack([powers[::-1], powers], axis=1).astype(kind)).reshape(-1, blocks, 2)

    unknown = np.isnan(halves[..., 0])
    halves[unknown] = 0
    forward, backward = halves[..., 0].astype(np.uint64), halves[..., 1].astype(np.uint64)
    shift = np.uint64(bits * half)
    number = forward[:, :-1] << shift | forward[:, 1:]
    if alphabet == "dna":
        backward = np.uint64((powers * 3).sum()) - backward
        number = np.minimum(number, backward[:, 1:] << shift | backward[:, :-1])
    return np.where(unknown[:, :-1] | unknown[:, 1:], NO_KMER, _mix(number))


def _read_windows(code: NDArray[np.uint8], k: int, bits: int) -> NDArray[np.uint64]:
    """The k letters from each place on as one number, shape (n, max(length - k + 1, 0))."""
    places = max(code.shape[1] - k + 1, 0)
    if k == 1:
        return code.astype(np.uint64)
    # By doubling: log2(k) passes over the letters in place of k.
    half = _read_windows(code, k // 2, bits)
    number = half[:, :places] << np.uint64(bits * (k // 2)) | half[:, k // 2 :][:, :places]
    if k % 2:
        number = number << np.uint64(bits) | code[:, k - 1 :]
    return number


def _mix(number: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Hash numbers one to one (splitmix64: Steele et al. 2014, doi 10.1145/2660193.2660195)."""
    number = number + np.uint64(0x9E3779B97F4A7C15)
    number = (number ^ number >> np.uint64(30)) * np.uint64(0xBF58476D1CE4E5B9)
    number = (number ^ number >> np.uint64(27)) * np.uint64(0x94D049BB133111EB)
    return number ^ number >> np.uint64(31)


def arrange(hashes: NDArray[np.uint64], number: Integers) -> Sketch:
    """Lay the k-mers of n sequences, as `Collected` has them, out as a matrix."""
    first = _first_places(hashes)
    kept = first >= 0
    # Columns stand in the order in which their k-mers first appear.
    is_first = first == np.arange(len(hashes))
    column = (is_first.cumsum(dtype=np.int32) - 1)[first[kept]]

    ends = np.append(0, number.cumsum())
    starts = np.append(0, kept.cumsum())[ends]
    shape = len(number), int(is_first.sum())
    kmers = sparse.csr_array((np.ones(len(column), np.int8), column, starts), shape=shape)
    kmers.sort_indices()

    return Sketch(kmers, number)


def _first_places(hashes: NDArray[np.uint64]) -> Integers:
    """Where the same hash stands first, -1 for one that no other equals.

    A k-mer of one sequence alone leads to no other; it counts in its `Sketch.number` only.
    """
    place_type = np.int32 if len(hashes) < 2**31 else np.int64
    first: Integers = np.full(len(hashes), -1, dtype=place_type)
    # By their last eight bits, so that the table of a share fits into a processor's cache.
    last = hashes.astype(np.uint8)
    ends = np.bincount(last, minlength=256).cumsum()
    for place in np.split(np.argsort(last, kind="stable"), ends[:-1]):
        code, distinct = pd.factorize(hashes[place])
        several = (np.bincount(code, minlength=len(distinct)) > 1)[code]
        # Codes are given in order of appearance: where one is larger than all before, it is new.
        is_new = np.diff(np.maximum.accumulate(code), prepend=-1) > 0
        first[place[several]] = place[is_new][code[several]]
    return first
