from itertools import product

import keras
import numpy as np
import pytest

from basewise.architectures.ends import Ends, onehot_input
from basewise.architectures.kmer_counts import kmer_counts, kmer_frequencies
from basewise.sequences.alphabet import encode
from basewise.sequences.kmers import canonical_codes
from basewise.sequences.kmers import kmer_frequencies as both_strands_as_one


def counted(sequences, stage, unknown="zeros"):
    onehot = encode(sequences)
    bits, signal = onehot_input(Ends(onehot.shape[1], 4, 1, "binary", unknown))
    return np.asarray(keras.Model(bits, stage(signal))(onehot, training=False))


def naive_counts(sequence, k):
    windows = [sequence[start : start + k] for start in range(len(sequence) - k + 1)]
    return [windows.count("".join(word)) for word in product("ACGT", repeat=k)]


@pytest.mark.parametrize("k", [1, 2, 3, 4, 5, 6])
@pytest.mark.parametrize("length", [1, 4, 6, 41])
def test_counts_are_those_of_a_window_that_moves(k, length):
    letters = np.random.default_rng(k).choice(list("ACGTACGTACGTNR-"), (5, length))
    sequences = ["".join(row) for row in letters]
    expected = [naive_counts(sequence, k) for sequence in sequences]
    np.testing.assert_array_equal(counted(sequences, lambda x: kmer_counts(x, k)), expected)


def test_frequencies_merged_over_strands_are_those_of_the_baselines():
    letters = np.random.default_rng(1).choice(list("ACGTACGTN-"), (6, 50))
    sequences = ["".join(row) for row in letters]
    frequencies = counted(sequences, lambda x: kmer_frequencies(x, range(1, 6)))
    assert frequencies.shape == (6, 1364)
    merged, first = [], 0
    for k in range(1, 6):
        column = canonical_codes(k)
        sums = np.zeros((6, column.max() + 1))
        np.add.at(sums.T, column, frequencies[:, first : first + 4**k].T)
        merged.append(sums)
        first += 4**k
    expected = both_strands_as_one(encode(sequences), range(1, 6)).toarray()
    np.testing.assert_allclose(np.hstack(merged), expected, atol=1e-6)


def test_an_ambiguous_base_may_be_shared():
    shares = counted(["AN"], lambda x: kmer_frequencies(x, [1, 2]), unknown="uniform")[0]
    np.testing.assert_allclose(shares[:4], [1.25 / 2, 0.25 / 2, 0.25 / 2, 0.25 / 2])
    np.testing.assert_allclose(shares[4:8], 0.25)
    assert shares[8:].sum() == 0


def test_no_tensor_has_a_column_for_each_kmer_at_each_position():
    bits, signal = onehot_input(Ends(500, 4, 1, "binary", "uniform"))
    model = keras.Model(bits, kmer_counts(signal, 6))
    sizes = [np.prod(layer.output.shape[1:]) for layer in model.layers]
    assert max(sizes) <= 500 * 4**3
