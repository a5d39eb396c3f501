"""Which of many sequences may share k-mers with known ones: a quick look before the exact one.

A near copy shares runs of neighboring k-mers, so that every k // 2-th place of it is enough to look
at. Between two runs at least k - 1 k-mers are missing, of the letters that differ; if all runs
were shorter than this step, about a third of the k-mers would be shared at most, in short
sequences more, see `_most_missed`. Where that is enough, or a letter is not known, all places are
looked at.

A Bloom filter answers for most k-mers (B. H. Bloom, Commun ACM 13:422, 1970, doi
10.1145/362686.362692): a search among millions of hashes misses the cache at each step.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from basewise.core.arrays import Mask
from basewise.sequences.alphabet import CHANNELS
from basewise.splits.sketches import (
    FEWEST_KMERS,
    NO_KMER,
    Collected,
    K,
    hash_kmers,
    hash_some_kmers,
    read_u_as_t,
)

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
    places = letters.shape[1] - k + 1
    quick = all_kept and k % 2 == 0 and k > 2 and share * places > _most_missed(places, k)
    rows = max(1, AT_ONCE // max(letters.shape[1], 1))
    answers = [np.empty(0, dtype=np.bool_)]
    for start in range(0, len(letters), rows):
        chunk = letters[start : start + rows]
        found = np.zeros(len(chunk), dtype=np.bool_)
        if quick:
            found = _has_known(sieve, hash_some_kmers(chunk, alphabet, k))
            left = np.flatnonzero(~found & ~_is_plain(chunk, alphabet))
        else:
            left = np.arange(len(chunk))
        if len(left):
            found[left] = _has_known(sieve, hash_kmers(chunk[left], alphabet, k))
        answers.append(found)
    return np.concatenate(answers)


def _most_missed(places: int, k: int) -> float:
    """Most k-mers of so many that a sequence may share, none of which is a k // 2-th.

    A run of them is shorter than half a k-mer, and k - 1 are missing between two; the first k-mer
    of all is looked at.
    """
    run = k // 2 - 1
    return (places + k - 2) * run / (run + k - 1)


def _is_plain(letters: NDArray[np.uint8], alphabet: str) -> Mask:
    """Which sequences are as long as their rows, and of known letters alone."""
    is_channel = np.zeros(256, dtype=np.bool_)
    is_channel[list("".join(CHANNELS[alphabet]).encode())] = True
    plain: Mask = np.logical_and.reduce(is_channel[read_u_as_t(letters, alphabet)], axis=1)
    return plain


def _has_known(sieve: Sieve, hashes: NDArray[np.uint64]) -> Mask:
    """Which rows have a known k-mer, or nothing to tell by."""
    looked_at = hashes < sieve.limit
    row, place = np.nonzero(looked_at)
    found = np.zeros(len(hashes), dtype=np.bool_)
    found[row[_holds(sieve, hashes[row, place])]] = True
    found |= ~looked_at.any(axis=1)
    if sieve.has_poor:
        ordered = np.sort(hashes, axis=1)
        found |= 1 + (ordered[:, 1:] != ordered[:, :-1]).sum(axis=1) < FEWEST_KMERS
    return found


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
