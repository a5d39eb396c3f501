import keras
import numpy as np
import pytest
from sklearn.preprocessing import StandardScaler

from basewise.architectures import build
from basewise.architectures.dnn import log_odds
from basewise.architectures.features import fit_features
from basewise.sequences.alphabet import encode, reverse_complement
from basewise.sequences.motifs import read_motifs

JASPAR = """>MA1 wide
A [9 0 0 0 3 0 1 9]
C [0 9 0 0 3 0 2 0]
G [1 0 9 1 3 0 3 0]
T [0 0 0 8 0 9 4 0]
>MA2 narrow
A [0 8 0]
C [5 0 0]
G [0 1 7]
T [4 0 2]
"""


def random_sequences(count, length, letters="ACGT"):
    drawn = np.random.default_rng(3).choice(list(letters), (count, length))
    return ["".join(row) for row in drawn]


def around_scale(model, onehot):
    """What enters and what leaves the layer that standardizes."""
    layer = model.get_layer("standardise")
    both = keras.Model(model.input, [layer.input, layer.output])
    return [np.asarray(values) for values in both(onehot, training=False)]


@pytest.fixture
def jaspar(tmp_path):
    path = tmp_path / "motifs.txt"
    path.write_text(JASPAR)
    return str(path)


@pytest.mark.parametrize(("outputs", "parameters"), [(1, 366_977), (3, 367_107)])
def test_published_parameters_of_the_network(outputs, parameters):
    model = build("dnn_kmer", length=50, outputs=outputs, task="multilabel")
    assert model.get_layer("network").count_params() == parameters


def outputs_for(onehot):
    """What the outputs of a model for these examples are, as `fit_features` asks for them."""
    return lambda model: np.asarray(model(onehot, training=False))


@pytest.mark.parametrize("name", ["dnn_kmer", "dnn_pwm"])
def test_the_network_sees_standardized_features(name):
    onehot = encode(random_sequences(200, 80))
    features = fit_features(build(name, length=80), outputs_for(onehot))
    fitted = build(name, length=80, features=features)
    values, seen = around_scale(fitted, onehot)
    expected = StandardScaler().fit_transform(values)
    np.testing.assert_allclose(seen, expected, atol=0.01)
    np.testing.assert_allclose(seen.mean(axis=0), 0, atol=1e-3)
    scores = fitted.get_layer("network")(seen, training=False)
    np.testing.assert_allclose(scores, fitted(onehot, training=False), atol=1e-6)


def test_features_that_train_has_one_value_of_are_not_blown_up():
    """A mean in single precision is rounded, and with it the variance of equal values."""
    onehot = encode(random_sequences(1, 80) * 200)
    model = build("dnn_kmer", length=80)
    values, _ = around_scale(model, onehot)
    assert (np.ptp(values, axis=0) == 0).all()
    assert (values.var(axis=0) > 0).any()
    np.testing.assert_array_equal(fit_features(model, outputs_for(onehot))["variance"], 1)


@pytest.mark.parametrize("length", [1, 5, 40])
def test_scores_are_the_best_of_every_place_on_both_strands(jaspar, length):
    onehot = encode(random_sequences(6, length, "ACGTN-"))
    known = onehot * (onehot.sum(axis=2, keepdims=True) == 1)

    def best(signal, odds):
        width = len(odds)
        framed = np.pad(signal, ((width, width), (0, 0)))
        return max((framed[at : at + width] * odds).sum() for at in range(len(signal) + width + 1))

    odds = [log_odds(motif.probabilities) for motif in read_motifs(jaspar)]
    expected = [
        [max(best(strand, each) for strand in (one, reverse_complement(one))) for each in odds]
        for one in known
    ]
    scores, _ = around_scale(build("dnn_pwm", length=length, motifs=jaspar), onehot)
    np.testing.assert_allclose(scores, expected, atol=1e-5)


@pytest.mark.parametrize("sequence", ["GGGCGGTT", "TTGGGCGG", "TTCCGCCC"])
def test_a_perfect_gc_box_has_the_highest_score_of_all(sequence):
    scores = around_scale(build("dnn_pwm", length=8), encode([sequence]))[0][0]
    assert scores[7] == pytest.approx(6 * np.log2(1.01 / 1.04 / 0.25), abs=1e-5)
    assert scores.argmax() == 7


def test_training_leaves_motifs_and_scale_as_they_are(jaspar):
    onehot = encode(random_sequences(64, 30))
    model = build("dnn_pwm", length=30, motifs=jaspar)
    frozen = [model.get_layer(name).get_weights() for name in ("motifs", "standardise")]
    dense = model.get_layer("network").get_weights()[0].copy()
    model.compile("adam", "binary_crossentropy")
    model.fit(onehot, np.arange(64) % 2, verbose=0)
    for before, name in zip(frozen, ("motifs", "standardise"), strict=True):
        for old, new in zip(before, model.get_layer(name).get_weights(), strict=True):
            np.testing.assert_array_equal(old, new)
    assert np.abs(model.get_layer("network").get_weights()[0] - dense).max() > 1e-5


def test_the_middle_is_scored_once_more_and_kmers_stand_beside(jaspar):
    site, rest = "GCCGT", "A" * 40
    sequences = [f"{rest}{site}{rest}", f"{site}{rest}{rest}"]
    settings = {"motifs": jaspar, "central": 20, "largest_k": 2}
    values, _ = around_scale(build("dnn_pwm", length=85, **settings), encode(sequences))
    assert values.shape == (2, 2 + 2 + 4 + 16)
    whole, central, letters = values[:, :2], values[:, 2:4], values[:, 4:8]
    np.testing.assert_allclose(whole[0], central[0])
    assert (central[1] < whole[1]).all()
    strands = np.array([[80, 2, 2, 1], [1, 2, 2, 80]]).mean(axis=0) / 85
    np.testing.assert_allclose(letters, [strands, strands], rtol=1e-5)
