"""The entry behind the cast: the same scores, and a gradient that is what mutagenesis says."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from made_networks import random_letters, small

from basewise import architectures
from basewise.architectures.entry import open_entry
from basewise.sequences.alphabet import encode

OUTPUTS = {"binary": 1, "multiclass": 3, "multilabel": 2, "regression": 1, "per_position": 3}
QUICK = {"conv1d", "multiscale_attention_v2", "sparse_markers"}
"""One of each kind of entry; the others build for seconds."""

REGISTRY = architectures.registry()
CASES = [
    pytest.param(name, task, marks=[] if name in QUICK and task == "binary" else pytest.mark.slow)
    for name, entry in REGISTRY.items()
    for task in entry["tasks"]
]


def bits_of(name, rows=5, length=60):
    draws = np.random.default_rng(1)
    if REGISTRY[name]["alphabets"] == ["genotype"]:
        return np.eye(4, dtype=np.uint8)[draws.integers(4, size=(rows, length))]
    letters = draws.choice(list("ACGTNR"), (rows, length), p=[0.23, 0.23, 0.23, 0.23, 0.04, 0.04])
    letters[:, 50:] = "-"
    return encode(["".join(row) for row in letters])


def with_weights(network):
    """The same network with weights that leave no output layer at zero."""
    draws = np.random.default_rng(2)
    network.set_weights(
        [w + draws.normal(0, 0.05, w.shape) * (w.ndim > 1) for w in network.get_weights()]
    )
    return network


def gradient(entry, signal, present):
    with tf.GradientTape() as tape:
        tape.watch(signal)
        score = entry.model([signal, present])[..., 0]
    return tape.gradient(score, signal).numpy()


@pytest.mark.parametrize(("name", "task"), CASES)
def test_every_network_can_be_differentiated(name, task, tmp_path):
    bits = bits_of(name)
    is_genotype = REGISTRY[name]["alphabets"] == ["genotype"]
    for strands in ("none",) if is_genotype else ("none", "average"):
        made = small(name, task=task, outputs=OUTPUTS[task], reverse_complement=strands)
        with_weights(made).save(tmp_path / "m.keras")
        entry = open_entry(keras.saving.load_model(tmp_path / "m.keras", safe_mode=True))

        signal, present = entry.numbers(bits)
        np.testing.assert_allclose(entry.model([signal, present]), made(bits), atol=1e-6)
        slope = gradient(entry, signal, present)
        assert np.isfinite(slope).all()
        assert np.abs(slope).max() > 0


@pytest.mark.parametrize(("unknown", "share"), [("uniform", 0.25), ("zeros", 0)])
def test_numbers_are_what_the_network_sees(unknown, share):
    entry = open_entry(small("deepbind", length=24, unknown=unknown))
    signal, present = map(np.asarray, entry.numbers(encode(["ACGTN-" + 18 * "A"])))
    assert signal[0, :6].tolist() == [*np.eye(4).tolist(), [share] * 4, [0] * 4]
    assert present[0, :6, 0].tolist() == [1, 1, 1, 1, 1, 0]


def test_the_padding_mask_is_no_part_of_the_gradient():
    """Of `multiscale_attention_v2`: with the mask in the graph r was .05, and the gap 353 %."""
    keras.utils.set_random_seed(1)
    entry = open_entry(architectures.build("multiscale_attention_v2", length=200))
    bits = encode([row.tobytes().decode() for row in random_letters(4, 200)])
    signal, present = entry.numbers(bits)
    slope = gradient(entry, signal, present)

    # exact mutagenesis of one sequence, less the mean over letters
    edits = np.repeat(bits[:1], 800, axis=0)
    place, letter = np.divmod(np.arange(800), 4)
    edits[np.arange(800), place] = np.eye(4, dtype=np.uint8)[letter]
    exact = np.asarray(entry.model(entry.numbers(edits)))[:, 0].reshape(200, 4)
    exact = exact - exact.mean(axis=1, keepdims=True)
    centered = slope[0] - slope[0].mean(axis=1, keepdims=True)
    seen = bits[0].astype(bool)
    assert np.corrcoef(centered[seen], exact[seen])[0, 1] > 0.6

    # integrated gradients from another sequence: their sum is the difference of the scores
    start, end = signal[1:2], signal[:1]
    steps = (np.arange(200, dtype=np.float32) + 0.5)[:, None, None] / 200
    slopes = gradient(entry, start + steps * (end - start), tf.repeat(present[:1], 200, axis=0))
    total = (slopes.mean(axis=0) * (end - start)[0]).numpy().sum()
    scores = np.asarray(entry.model([signal, present]))[:2, 0]
    assert total == pytest.approx(scores[0] - scores[1], rel=0.01)
