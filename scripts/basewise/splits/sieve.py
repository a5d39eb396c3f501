"""Which of many sequences may share k-mers with known ones: a quick look before the exact one.

A near copy shares runs of neighboring k-mers, so that every k // 2-th place of it is enough to look
at. Between two runs at least k - 1 k-mers are missing, of the letters that differ; if the runs
were shorter than this step, less than `FEWEST_SHARED` of the k-mers would be shared.

A Bloom filter answers for most k-mers (B. H. Bloom, Commun ACM 13:422, 1970, doi
10.1145/362686.362692): a search among millions of hashes misses the cache at each step.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from basewise.core.arrays import Mask
from basewise.splits.sketches import (
    FEWEST_KMERS,
    NO_KMER,
    Collected,
    K,
    hash_kmers,
    hash_some_kmers,
)

FEWEST_SHARED = 1 / 3
"""Share of k-mers below which runs may be shorter than half a k-mer."""

BITS_A_KEY = 16

AT_ONCE = 4_000_000
"""Letters whose hashes are in memory."""


class Sieve(NamedTuple):
    """The k-mers of known sequences.

    Attributes
    ----------
    bits
        The filter; a bit a slot, two slots a hash.
    hashes
        Distinct, ascending; all k-mers of the known sequences below `limit`.
    has_poor
        Whether some of these have too few k-mers for any to be kept.
    """

    bits: NDArray[np.uint8]
    hashes: NDArray[np.uint64]
    limit: np.uint64
    has_poor: bool


def make_sieve(known: Collected) -> Sieve:
    """Lay out the k-mers of known sequences."""
    # sorting is several times faster than np.unique, which puts them into a table
    ordered = np.sort(known.hashes)
    distinct = ordered[np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)]]
    size = max(10, int(len(distinct) * BITS_A_KEY).bit_length())
    slots = np.zeros(1 << size, dtype=np.bool_)
    for place in _slots(distinct, size):
        slots[place] = True
    has_poor = bool((known.number == 0).any())
    return Sieve(np.packbits(slots), distinct, known.limit, has_poor)


def may_share(
    sieve: Sieve, letters: NDArray[np.uint8], alphabet: str, k: int | None, share: float
) -> Mask:
    """Which sequences may have the given share of their k-mers in common with a known one.

    A copy of a known sequence is among them, and what has no k-mers to tell by. `letters` are
    character codes, shape (n, length).
    """
    k = K[alphabet] if k is None else k
    all_kept = sieve.limit == NO_KMER
    quick = all_kept and k % 2 == 0 and k > 2 and share > FEWEST_SHARED
    hashing = hash_some_kmers if quick else hash_kmers
    rows = max(1, AT_ONCE // max(letters.shape[1], 1))
    answers = [np.empty(0, dtype=np.bool_)]
    for start in range(0, len(letters), rows):
        hashes = hashing(letters[start : start + rows], alphabet, k)
        looked_at = hashes < sieve.limit
        row, place = np.nonzero(looked_at)
        found = np.zeros(len(hashes), dtype=np.bool_)
        found[row[_holds(sieve, hashes[row, place])]] = True
        found |= ~looked_at.any(axis=1)
        if sieve.has_poor:
            ordered = np.sort(hashes, axis=1)
            found |= 1 + (ordered[:, 1:] != ordered[:, :-1]).sum(axis=1) < FEWEST_KMERS
        answers.append(found)
    return np.concatenate(answers)


def _holds(sieve: Sieve, hashes: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Places of the hashes that are known."""
    places = np.arange(len(hashes))
    size = (8 * len(sieve.bits)).bit_length() - 1
    for number in range(2):
        slot = _slots(hashes[places], size)[number]
        bit = sieve.bits[slot >> np.uint64(3)] >> (7 - (slot & np.uint64(7))).astype(np.uint8) & 1
        places = places[bit == 1]
    known = np.append(sieve.hashes, NO_KMER)
    wanted = hashes[places]
    held: NDArray[np.int64] = places[known[np.searchsorted(sieve.hashes, wanted)] == wanted]
    return held


def _slots(hashes: NDArray[np.uint64], size: int) -> list[NDArray[np.uint64]]:
    """Two slots of each hash, of 2**size: from its first and from its last bits."""
    return [hashes >> np.uint64(64 - size), hashes & np.uint64((1 << size) - 1)]
