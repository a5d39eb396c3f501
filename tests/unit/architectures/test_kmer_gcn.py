from itertools import pairwise, product

import numpy as np
import pytest

from basewise.architectures import build
from basewise.architectures.kmer_gcn import normalized_adjacency
from basewise.sequences.alphabet import encode

WORDS = ["".join(letters) for letters in product("ACGT", repeat=3)]


def graph_of(sequence):
    """Counts of the 3-mers, and links between those that follow each other, by hand."""
    windows = [sequence[start : start + 3] for start in range(len(sequence) - 2)]
    counts = np.array([windows.count(word) for word in WORDS])
    links = np.eye(64)
    for one, other in pairwise(windows):
        if one in WORDS and other in WORDS:
            links[WORDS.index(one), WORDS.index(other)] += 1
            links[WORDS.index(other), WORDS.index(one)] += 1
    return counts, links / np.sqrt(np.outer(links.sum(axis=1), links.sum(axis=1)))


@pytest.mark.parametrize(("outputs", "parameters"), [(1, 7_873), (2, 7_906)])
def test_parameters(outputs, parameters):
    model = build("kmer_gcn", length=90, outputs=outputs, task="multiclass")
    assert model.count_params() == parameters


def test_adjacency_of_three_letters():
    words = np.eye(4, dtype=np.float32)[[[0, 0, 1]]]  # A A C
    root = np.sqrt(1 / 8)
    expected = [[3 / 4, root, 0, 0], [root, 1 / 2, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]
    np.testing.assert_allclose(np.asarray(normalized_adjacency(words))[0], expected, rtol=1e-6)


@pytest.mark.parametrize("length", [2, 3, 4, 70])
def test_the_network_is_kipf_and_wellings_on_the_graph_of_the_sequence(length):
    letters = np.random.default_rng(2).choice(list("ACGTACGTACGTN-"), (4, length))
    sequences = ["".join(row) for row in letters]
    model = build("kmer_gcn", length=length)
    embedding, *weights = model.get_weights()
    kernels, biases = weights[::2], weights[1::2]

    def score(sequence):
        counts, adjacency = graph_of(sequence)
        nodes = np.column_stack([np.log1p(counts), embedding])
        for kernel, bias in zip(kernels[:2], biases[:2], strict=True):
            nodes = np.maximum(adjacency @ nodes @ kernel + bias, 0)
        pooled = np.concatenate([nodes.mean(axis=0), nodes.max(axis=0)])
        hidden = np.maximum(pooled @ kernels[2] + biases[2], 0)
        return 1 / (1 + np.exp(-(hidden @ kernels[3] + biases[3])))

    expected = [score(sequence) for sequence in sequences]
    found = np.asarray(model(encode(sequences), training=False))
    np.testing.assert_allclose(found, expected, atol=1e-5)
