"""A quick look at k-mers, held against the exact one."""

import numpy as np
import pytest

from basewise.sequences.alphabet import complement_letters
from basewise.splits.sieve import make_sieve, may_share
from basewise.splits.sketches import NO_KMER, collect_kmers, hash_kmers, hash_some_kmers

DNA = np.frombuffer(b"ACGT", dtype=np.uint8)


def drawn(rows, length=200, letters=DNA, seed=4):
    return np.random.default_rng(seed).choice(letters, (rows, length))


@pytest.mark.parametrize(
    ("alphabet", "letters", "k"),
    [
        *(("dna", b"ACGTNR-", k) for k in (4, 8, 16, 24, 26, 32)),
        ("rna", b"ACGUTN", 16),
        ("protein", b"ACDEFGHIKLMNPQRSTVWYX", 6),
        ("protein", b"ACDEFGHIKLMNPQRSTVWY", 12),
    ],
)
@pytest.mark.parametrize("length", [60, 61])
def test_some_hashes_are_every_half_kmer_of_all(alphabet, letters, k, length):
    rows = drawn(50, length, np.frombuffer(letters, dtype=np.uint8))
    rows[:40] = drawn(40, length, np.frombuffer(letters[:4], dtype=np.uint8))
    some = hash_some_kmers(rows, alphabet, k)
    every = hash_kmers(rows, alphabet, k)
    np.testing.assert_array_equal(some, every[:, :: k // 2][:, : some.shape[1]])
    assert some.shape[1] >= (every.shape[1] - 1) // (k // 2)
    assert (some == NO_KMER).any() or len(letters) <= 20


def test_what_shares_a_third_of_its_kmers_gets_through_and_little_else():
    known = drawn(300)
    draws = np.random.default_rng(1)
    shares, passed = [], []
    sieve = make_sieve(collect_kmers(known))
    for changes in (0, 1, 2, 3, 4, 6, 8):
        new = known.copy()
        for row in new:
            row[draws.choice(200, changes, replace=False)] = draws.choice(DNA, changes)
        new = np.roll(new, draws.integers(-9, 9), axis=1)
        new[::2] = complement_letters(new[::2])
        hashes, ours = hash_kmers(known, "dna", 16), hash_kmers(new, "dna", 16)
        shares += [np.isin(b, a).mean() for a, b in zip(hashes, ours, strict=True)]
        passed += may_share(sieve, new, "dna", None, 0.5).tolist()
    shares, passed = np.array(shares), np.array(passed)
    assert passed[shares >= 1 / 3].all()
    assert ((shares > 0.3) & (shares < 0.7)).sum() > 100
    assert not may_share(sieve, drawn(2000, seed=9), "dna", None, 0.5).any()


@pytest.mark.parametrize(
    ("length", "changed", "share", "alphabet"),
    [
        # places 1 to 7 and 25 to 31 are shared, no eighth one is
        (23 + 2, [0, 23, 24], 0.5, "dna"),
        (47, [0, 23, 24], 0.4, "dna"),
        (23 + 2, [0, 23, 24], 0.5, "rna"),
    ],
)
def test_short_runs_between_eighth_kmers_are_met(length, changed, share, alphabet):
    letters = np.frombuffer(b"ACGT" if alphabet == "dna" else b"ACGU", dtype=np.uint8)
    known = drawn(200, length, letters)
    new = known.copy()
    new[:, changed] = letters[(np.searchsorted(letters, new[:, changed]) + 1) % 4]
    every, ours = hash_kmers(known, alphabet, 16), hash_kmers(new, alphabet, 16)
    shared = np.isin(ours, every)
    assert not shared[:, ::8].any()
    near = shared.mean(axis=1) >= share
    assert near.mean() > 0.9
    sieve = make_sieve(collect_kmers(known, alphabet))
    assert may_share(sieve, new, alphabet, None, share)[near].all()


def test_what_is_left_of_a_known_sequence_is_met():
    known = drawn(200)
    sieve = make_sieve(collect_kmers(known))
    new = drawn(200, seed=8)
    new[:, :60] = ord("-")
    new[:, 60:84], new[:, 84:86] = known[:, 61:85], ord("N")
    new[:, 100:] = ord("-")
    assert may_share(sieve, new, "dna", None, 0.5).all()


def test_a_sample_of_kmers_is_looked_at_everywhere():
    known = drawn(300)
    sieve = make_sieve(collect_kmers(known, budget=1000))
    assert sieve.limit < NO_KMER
    assert may_share(sieve, known, "dna", None, 0.5).all()
    others = drawn(2000, seed=9)
    passed = may_share(sieve, others, "dna", None, 0.5)
    # nothing to tell by: no k-mer of it is in the sample
    without = ~(hash_kmers(others, "dna", 16) < sieve.limit).any(axis=1)
    np.testing.assert_array_equal(passed, without)


def test_what_has_too_few_kmers_gets_through_where_known_ones_have_too_few():
    poor = np.resize(np.frombuffer(b"A", np.uint8), (1, 200))
    repeat = np.resize(np.frombuffer(b"ACGTT", np.uint8), (1, 200))
    rich = make_sieve(collect_kmers(drawn(10)))
    assert not may_share(rich, np.concatenate([poor, repeat]), "dna", None, 0.5).any()
    both = make_sieve(collect_kmers(np.concatenate([drawn(10), poor])))
    assert may_share(both, np.concatenate([poor, repeat]), "dna", None, 0.5).all()
    assert may_share(rich, np.frombuffer(b"N" * 200, np.uint8)[None], "dna", None, 0.5).all()
