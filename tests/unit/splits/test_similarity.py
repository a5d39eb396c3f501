from collections import Counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from basewise.core.errors import InputError
from basewise.sequences.alphabet import CHANNELS, complement_letters, letters_of
from basewise.splits import similarity, sketches
from basewise.splits.similarity import Lookup, clusters, copy_labels, nearest, nearest_in_each
from basewise.splits.sketches import sketch_kmers

TURNED = str.maketrans("ACGT", "TGCA")


def relatives(seed, families=4, members=8, length=40, alphabet="dna"):
    """Sequences derived from a few: changed, turned, shortened, with unknown letters, copied."""
    generator = np.random.default_rng(seed)
    channels = CHANNELS[alphabet]
    base = generator.choice(list(channels.encode()), (families, length)).astype(np.uint8)
    letters = base[generator.integers(families, size=families * members)]
    for row in range(len(letters)):
        places = generator.integers(length, size=generator.integers(4))
        letters[row, places] = generator.choice(list(channels.encode()), len(places))
        if generator.random() < 0.4 and alphabet == "dna":
            letters[row] = complement_letters(letters[row])
        if generator.random() < 0.2:
            letters[row, generator.integers(length)] = ord("N" if alphabet == "dna" else "X")
        if generator.random() < 0.3:
            letters[row, generator.integers(10, length) :] = ord("-")
    return letters


def naive_kmers(letters, k, alphabet="dna"):
    text, kmers = letters.tobytes().decode(), set()
    for start in range(len(text) - k + 1):
        kmer = text[start : start + k]
        if set(kmer) <= set(CHANNELS[alphabet]):
            both = {kmer, kmer.translate(TURNED)[::-1]} if alphabet == "dna" else {kmer}
            kmers.add(min(both))
    return kmers if len(kmers) >= sketches.FEWEST_KMERS else set()


def naive_shares(letters, k, alphabet="dna"):
    kmers = [naive_kmers(row, k, alphabet) for row in letters]
    return np.array([[len(a & b) / max(len(a), 1) for b in kmers] for a in kmers])


def naive_clusters(letters, linked):
    strands = [{row.tobytes().strip(b"-")} for row in letters]
    for row, strand in zip(complement_letters(letters), strands, strict=True):
        strand.add(row.tobytes().strip(b"-"))
    label = list(range(len(letters)))
    for a in range(len(letters)):
        for b in range(a):
            if linked[a, b] or linked[b, a] or strands[a] & strands[b]:
                label = [label[b] if x == label[a] else x for x in label]
    return pd.factorize(np.array(label))[0]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([3, 5, 8]), st.sampled_from([0.3, 0.5, 0.9]))
def test_nearest_and_clusters_are_those_of_plain_sets(seed, k, share):
    letters = relatives(seed)
    shares = naive_shares(letters, k)
    queries, index = np.arange(0, 32, 2), np.arange(1, 32, 2)
    found = nearest(sketch_kmers(letters, k=k), queries, index, share)
    best = shares[np.ix_(queries, index)]
    near = best.max(axis=1) >= share
    np.testing.assert_array_equal(found.row, np.where(near, index[best.argmax(axis=1)], -1))
    np.testing.assert_array_equal(found.similarity, np.where(near, best.max(axis=1), np.nan))
    expected = naive_clusters(letters, shares >= share)
    np.testing.assert_array_equal(clusters(letters, k=k, share=share), expected)


def test_proteins_and_rna_have_one_strand():
    protein = relatives(1, alphabet="protein")
    shares = naive_shares(protein, 4, "protein")
    rows = np.arange(len(protein))
    found = nearest(sketch_kmers(protein, "protein", 4), rows[:16], rows[16:])
    np.testing.assert_array_equal(found.row >= 0, (shares[:16, 16:] >= 0.5).any(axis=1))
    assert 0 < (found.row >= 0).sum() < 16

    strand = "GAUUACAGGCCAUAUCGCAUGCUUAGGCA"
    turned = strand.replace("U", "T").translate(TURNED)[::-1]
    rna = letters_of([strand, turned, strand.replace("U", "T")])
    assert clusters(rna, "rna", k=8).tolist() == [0, 1, 0]
    assert clusters(letters_of([strand.replace("U", "T"), turned]), k=8).tolist() == [0, 0]


def test_copies_on_either_strand_share_a_label():
    label = copy_labels(letters_of(["ACGGN-", "NCCGT-", "ACGGN-", "-ACGGN", "ACGTA-", "ACGT--"]))
    assert label[0] == label[2] == label[3] == label[1] ^ 1
    assert label[5] % 2 == 0, "its own reverse complement is no other sequence"
    assert len(set(label // 2)) == 3
    assert len(set(copy_labels(letters_of(["ACG", "CGT", "ACU"]), "rna"))) == 3
    assert len(set(copy_labels(letters_of(["ACT", "ACU"]), "rna"))) == 1


def test_low_complexity_is_no_relation():
    repeats = letters_of(["CA" * 30, "AC" * 29 + "GT", "A" * 60, "A" * 59 + "C", "CA" * 30])
    assert clusters(repeats).tolist() == [0, 1, 2, 3, 0]
    assert (sketch_kmers(repeats).number == 0).all()


def test_sequences_shorter_than_k_are_compared_whole():
    assert clusters(letters_of(["ACGT", "AAAA", "TTTT"]), k=16).tolist() == [0, 1, 1]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([0.3, 0.5, 0.7]))
def test_frequent_kmers_change_nothing_while_others_decide(seed, share):
    letters = relatives(seed, families=8)
    letters[:, :14] = relatives(seed, families=1, members=1)[0, :14]
    kmers = [naive_kmers(row, 5) for row in letters]
    queries, index = np.arange(0, 64, 2), np.arange(1, 64, 2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(similarity, "LIMIT", 12)
        patch.setattr(similarity, "BLOCK_STEPS", 500)
        found = nearest(sketch_kmers(letters, k=5), queries, index, share)
    holders = Counter(kmer for row in index for kmer in kmers[row])
    frequent = np.array([sum(holders[kmer] > 12 for kmer in kmers[row]) for row in queries])
    decided = frequent < share * np.array([len(kmers[row]) for row in queries])
    best = naive_shares(letters, 5)[np.ix_(queries, index)]
    near = best.max(axis=1) >= share
    expected = np.where(near, index[best.argmax(axis=1)], -1)
    np.testing.assert_array_equal(found.row[decided], expected[decided])


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([3, 12, 100]), st.sampled_from([0.3, 0.5, 0.7]))
def test_several_lookups_at_once_find_what_each_finds(seed, limit, share):
    letters = relatives(seed, families=8)
    sketch = sketch_kmers(letters, k=5)
    copy = pd.factorize(copy_labels(letters) // 2)[0]
    lookups = []
    for part in np.random.default_rng(seed).integers(3, size=(4, len(letters))):
        queries, index = np.flatnonzero(part == 0), np.flatnonzero(part == 1)
        index = index[~pd.Index(copy[index]).duplicated()]
        lookups.append(Lookup(queries[~np.isin(copy[queries], copy[index])], index))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(similarity, "LIMIT", limit)
        patch.setattr(similarity, "BLOCK_STEPS", 500)
        patch.setattr(similarity, "CANDIDATES", 2)
        together = nearest_in_each(sketch, copy, lookups, share)
        for lookup, found in zip(lookups, together, strict=True):
            alone = nearest(sketch, *lookup, share)
            np.testing.assert_array_equal(found.row, alone.row)
            np.testing.assert_array_equal(found.similarity, alone.similarity)


def test_too_long_a_kmer_is_refused():
    assert clusters(letters_of(["W" * 20, "ACDEFGHIKLMNPQRSTVWY"]), "protein", k=12).max() == 1
    with pytest.raises(InputError, match="k 13 is too long; k-mers of protein have at most 12"):
        clusters(letters_of(["ACDEF"]), "protein", k=13)


def test_large_families_meet_through_a_few_members(monkeypatch):
    monkeypatch.setattr(similarity, "LIMIT", 10)
    generator = np.random.default_rng(3)
    family = np.repeat(np.arange(3), 200)
    letters = generator.choice(list(b"ACGT"), (3, 60)).astype(np.uint8)[family]
    letters[np.arange(600), generator.integers(60, size=600)] = ord("A")
    np.testing.assert_array_equal(clusters(letters, k=8), family)
    order = generator.permutation(600)
    queries, index = np.sort(order[:300]), np.sort(order[300:])
    found = nearest(sketch_kmers(letters, k=8), queries, index)
    np.testing.assert_array_equal(family[found.row], family[queries])


def test_samples_estimate_similarity(monkeypatch):
    generator = np.random.default_rng(5)
    letters = letters_of(["".join(generator.choice(list("ACGT"), 20_000))] * 3).copy()
    letters[1, generator.integers(20_000, size=600)] = ord("A")
    letters[2] = complement_letters(letters[1])
    rows = np.array([0]), np.array([1])
    whole = nearest(sketch_kmers(letters), *rows, share=0.3)
    monkeypatch.setattr(sketches, "BUDGET", 6_000)
    sample = sketch_kmers(letters)
    assert sample.number.sum() == pytest.approx(6_000, rel=0.1)
    assert (sample.kmers[[1]] != sample.kmers[[2]]).nnz == 0, "the same k-mers of every sequence"
    error = (whole.similarity * (1 - whole.similarity) / 2_000) ** 0.5
    assert nearest(sample, *rows, share=0.3).similarity == pytest.approx(
        whole.similarity, abs=4 * error[0]
    )


def test_tiles_of_a_reporter_assay_are_clusters(data):
    """But for two tiles that overlap on opposite strands, between divergent genes."""
    table = pd.read_csv(data / "yeast_native_mpra/Native_testdata_defined_media.csv")
    tile = table["baseSeq"].replace("YOR244W.2", "YOR243C.1")
    found = clusters(letters_of(table["seq110"].tolist()))
    np.testing.assert_array_equal(found, pd.factorize(tile)[0])
    assert found.max() + 1 == 199
