from collections import Counter

import numpy as np
import pytest
from Bio.Seq import Seq

from basewise.alphabet import encode, reverse_complement
from basewise.kmers import canonical_codes, kmer_frequencies

SEQUENCES = ["ACGTTGCANNACGGT", "TTTTTTTTTTTTTTT", "GATTACAGATTACAG"]


@pytest.mark.parametrize(
    ("k", "columns"), [(1, 2), (2, 10), (3, 32), (4, 136), (5, 512), (6, 2080)]
)
def test_both_strands_share_a_column(k, columns):
    assert canonical_codes(k).max() + 1 == columns


@pytest.mark.parametrize("k", [1, 2, 3])
def test_frequencies_equal_counting_by_hand(k):
    found = kmer_frequencies(encode(SEQUENCES), [k]).toarray()
    for row, sequence in zip(found, SEQUENCES, strict=True):
        words = [sequence[i : i + k] for i in range(len(sequence) - k + 1)]
        words = [word for word in words if "N" not in word]
        smaller = Counter(min(word, str(Seq(word).reverse_complement())) for word in words)
        every = sorted(
            {min("".join(w), str(Seq("".join(w)).reverse_complement())) for w in product(k)}
        )
        np.testing.assert_allclose(row, [smaller[word] / len(words) for word in every], rtol=1e-6)


def product(k):
    return [[]] if k == 0 else [[*w, base] for w in product(k - 1) for base in "ACGT"]


def test_the_strand_does_not_matter():
    onehot = encode(SEQUENCES)
    np.testing.assert_allclose(
        kmer_frequencies(onehot).toarray(),
        kmer_frequencies(reverse_complement(onehot)).toarray(),
        rtol=1e-6,
    )
