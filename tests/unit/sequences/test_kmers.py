import re
from collections import Counter
from itertools import product

import numpy as np
import pytest
from Bio.Seq import Seq

from basewise.sequences.alphabet import encode, reverse_complement
from basewise.sequences.kmers import (
    canonical_codes,
    gapped_kmer_counts,
    kmer_codes,
    kmer_frequencies,
    window_frequencies,
)

SEQUENCES = ["ACGTTGCANNACGGT", "TTTTTTTTTTTTTTT", "GATTACAGATTACAG", "NNNN-----RACGTA"]


def words(k):
    return ["".join(word) for word in product("ACGT", repeat=k)]


def smaller_strand(word):
    """The smaller of a k-mer and its reverse complement; gaps are dots."""
    mirrored = str(Seq(word.replace(".", "N")).reverse_complement()).replace("N", ".")
    return min(word, mirrored)


@pytest.mark.parametrize(
    ("k", "columns"), [(1, 2), (2, 10), (3, 32), (4, 136), (5, 512), (6, 2080)]
)
def test_both_strands_share_a_column(k, columns):
    assert canonical_codes(k).max() + 1 == columns


@pytest.mark.parametrize("offsets", [(0,), (0, 1, 2), (0, 2), (0, 1, 5)])
def test_codes_are_the_numbers_of_the_words(offsets):
    numbers = {word: number for number, word in enumerate(words(len(offsets)))}
    expected = [
        [
            numbers.get("".join(sequence[start + offset] for offset in offsets), -1)
            for start in range(len(sequence) - offsets[-1])
        ]
        for sequence in SEQUENCES
    ]
    assert kmer_codes(encode(SEQUENCES), offsets).tolist() == expected


@pytest.mark.parametrize("k", [1, 2, 3])
def test_frequencies_equal_counting_by_hand(k):
    found = kmer_frequencies(encode(SEQUENCES), [k]).toarray()
    for row, sequence in zip(found, SEQUENCES, strict=True):
        seen = [sequence[i : i + k] for i in range(len(sequence) - k + 1)]
        seen = [word for word in seen if set(word) <= set("ACGT")]
        smaller = Counter(map(smaller_strand, seen))
        every = sorted(set(map(smaller_strand, words(k))))
        np.testing.assert_allclose(row, [smaller[word] / len(seen) for word in every], rtol=1e-6)


def test_the_strand_does_not_matter():
    onehot = encode(SEQUENCES)
    np.testing.assert_allclose(
        kmer_frequencies(onehot).toarray(),
        kmer_frequencies(reverse_complement(onehot)).toarray(),
        rtol=1e-6,
    )


def test_one_strand_counts_each_kmer_by_itself():
    """AACG holds AA, AC and CG; CGTT, its other strand, CG, GT and TT."""
    found = kmer_frequencies(encode(["AACG", "CGTT"]), [2], both_strands=False).toarray()
    every = words(2)
    expected = [{"AA": 1 / 3, "AC": 1 / 3, "CG": 1 / 3}, {"CG": 1 / 3, "GT": 1 / 3, "TT": 1 / 3}]
    for row, shares in zip(found, expected, strict=True):
        np.testing.assert_allclose(row, [shares.get(word, 0) for word in every], rtol=1e-6)


def test_gapped_kmers_of_one_strand():
    """Two bases within three: AA, AC, CG and A.C, A.G; of the other strand CG, GT, TT, C.T, G.T."""
    onehot = encode(["AACG", "CGTT"])
    found = gapped_kmer_counts(onehot, 3, 2, both_strands=False).toarray()
    every = [a + b for a, b in product("ACGT", repeat=2)]
    columns = every + [f"{word[0]}.{word[1]}" for word in every]
    seen = [{columns[place] for place in np.flatnonzero(row)} for row in found]
    assert seen == [{"AA", "AC", "CG", "A.C", "A.G"}, {"CG", "GT", "TT", "C.T", "G.T"}]
    assert found.max() == 1


def gapped_words(sequence, word_length, informative):
    """Gapped k-mers of a sequence, one after another, dots for gaps."""
    for span in range(informative, word_length + 1):
        for start in range(len(sequence) - span + 1):
            piece = sequence[start : start + span]
            for mask in product(".x", repeat=span):
                if mask[0] == mask[-1] == "x" and mask.count("x") == informative:
                    word = "".join(
                        base if seen == "x" else "." for base, seen in zip(piece, mask, strict=True)
                    )
                    if re.fullmatch("[ACGT.]+", word):
                        yield smaller_strand(word)


@pytest.mark.parametrize(("word_length", "informative"), [(3, 3), (4, 2), (6, 4), (7, 5)])
def test_gapped_kmers_equal_counting_by_hand(word_length, informative):
    sequences = [*SEQUENCES, "CTGTAATCTGTAACC"]
    found = gapped_kmer_counts(encode(sequences), word_length, informative).toarray()
    counts = [Counter(gapped_words(sequence, word_length, informative)) for sequence in sequences]
    every = sorted(set().union(*counts))
    expected = np.array([[count[word] for word in every] for count in counts])
    # the order of the columns is free: the same columns, each as often
    seen = found[:, found.any(axis=0)]
    assert sorted(map(tuple, seen.T)) == sorted(map(tuple, expected.T))
    assert expected.sum() > 50


def test_how_many_gapped_kmers_there_are():
    onehot = encode(SEQUENCES)
    assert gapped_kmer_counts(onehot, 3, 3).shape[1] == 32
    # AA and A.A: 10 columns each; A..AA goes with AA..A, so 64 columns for the two
    assert gapped_kmer_counts(onehot, 3, 2).shape[1] == 20
    assert gapped_kmer_counts(onehot, 4, 3).shape[1] == 32 + 64
    assert gapped_kmer_counts(onehot, 7, 5).shape == (4, 7680)


def test_gapped_kmers_of_both_strands():
    onehot = encode(SEQUENCES)
    both = gapped_kmer_counts(onehot, 6, 4), gapped_kmer_counts(reverse_complement(onehot), 6, 4)
    assert (both[0] != both[1]).nnz == 0


@pytest.mark.parametrize("length", [0, 2, 4])
def test_sequences_too_short_for_a_kmer_have_none(length):
    onehot = encode(SEQUENCES)[:, :length]
    assert gapped_kmer_counts(onehot, 7, 5).nnz == 0
    assert kmer_frequencies(onehot, [5]).shape == (4, 512)
    assert kmer_frequencies(onehot, [5]).nnz == 0
    assert window_frequencies(onehot, 5, 3).shape == (4, length, 1024)
    assert not window_frequencies(onehot, 5, 3).any()


@pytest.mark.parametrize(("k", "window"), [(1, 1), (1, 5), (3, 5), (3, 9), (2, 51)])
def test_windows_equal_counting_by_hand(k, window):
    found = window_frequencies(encode(SEQUENCES), k, window)
    for row, sequence in zip(found, SEQUENCES, strict=True):
        for position, shares in enumerate(row):
            near = sequence[max(position - window // 2, 0) : position + window // 2 + 1]
            seen = Counter(near[i : i + k] for i in range(len(near) - k + 1))
            known = {word: seen[word] for word in words(k) if word in seen}
            total = max(sum(known.values()), 1)
            expected = [known.get(word, 0) / total for word in words(k)]
            np.testing.assert_allclose(shares, expected, rtol=1e-6)
