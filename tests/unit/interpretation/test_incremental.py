"""Mutagenesis that computes only what changes, against scoring every edited sequence."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from basewise import architectures
from basewise.interpretation import incremental
from basewise.interpretation.incremental import edited_scores_of
from basewise.interpretation.mutagenesis import edited_scores
from basewise.interpretation.scales import score_of

NETWORKS = {
    "deepbind": {"filters": [4], "kernel_size": [1, 7, 24], "pooling": ["max", "max_average"]},
    "conv1d_wide": {"filters": [6], "kernel_size": [1, 8]},
    "multiscale_attention": {"filters": [4], "kernel_sizes": [[3, 8], [5]]},
    "multiscale_attention_v2": {
        "filters": [4],
        "kernel_sizes": [[6, 7, 8], [11]],
        "pool_size": [1, 2, 5],
    },
    "dnn_pwm": {"dense_units": [8]},
}
OUTPUTS = {"binary": 1, "multiclass": 3, "multilabel": 2, "regression": 1}


def drawn(draws, options):
    return {name: values[draws.integers(len(values))] for name, values in options.items()}


def network_of(name, seed, length):
    """A network with weights, settings, a task and a policy that are drawn."""
    draws = np.random.default_rng(seed)
    task = list(OUTPUTS)[seed % 4]
    network = architectures.build(
        name,
        length=length,
        task=task,
        outputs=OUTPUTS[task],
        unknown=["uniform", "zeros"][draws.integers(2)],
        reverse_complement=["none", "average"][draws.integers(2)],
        **drawn(draws, NETWORKS[name]),
    )
    weights = [
        np.abs(weight + draws.normal(0, 0.3, weight.shape)) if weight.ndim == 1 else weight * 2
        for weight in network.get_weights()
    ]
    network.set_weights(weights)
    return network, task


def letters_of(draws, length, rows=3):
    letters = draws.choice(np.frombuffer(b"ACGTNRY", np.uint8), (rows, length))
    for row, missing in enumerate(draws.integers(0, length // 2 + 1, rows)):
        letters[row, length - missing :] = ord("-")
    return letters


SLOW = {"multiscale_attention", "dnn_pwm"}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] * (name in SLOW)) for name in NETWORKS]
)
@settings(max_examples=4, deadline=None, derandomize=True)
@given(seed=st.integers(0, 2**31), length=st.integers(12, 45))
def test_it_agrees_with_the_naive_way(name, seed, length):
    network, task = network_of(name, seed, length)
    letters = letters_of(np.random.default_rng(seed), length)
    quick = edited_scores_of(network, task, "dna")(letters)
    naive = edited_scores(score_of(network, task, "dna"), letters, "dna")
    assert quick.shape == naive.shape
    np.testing.assert_allclose(quick, naive, atol=1e-5 * max(np.ptp(naive), 1e-3))


def test_long_sequences_are_taken_in_pieces(monkeypatch):
    network, task = network_of("multiscale_attention_v2", 5, 40)
    letters = letters_of(np.random.default_rng(5), 40)
    whole = edited_scores_of(network, task, "dna")(letters)
    monkeypatch.setattr(incremental, "MOST_NUMBERS", 1)
    np.testing.assert_array_equal(edited_scores_of(network, task, "dna")(letters), whole)


@pytest.mark.parametrize(
    ("name", "options"),
    [("basset", {}), ("rnn", {}), ("multiscale_attention_v2", {"window": 20}), ("kmer_gcn", {})],
)
def test_networks_of_another_form_are_left_to_the_naive_way(name, options):
    network = architectures.build(name, length=60, adapt="auto", **options)
    assert edited_scores_of(network, "binary", "dna") is None
