"""Attributions against tables that are known: small networks with given weights."""

import keras
import numpy as np
import pandas as pd
import pytest
from keras import layers, ops

from basewise.architectures.ends import Ends, both_strands, onehot_input
from basewise.architectures.entry import open_entry
from basewise.interpretation.gradients import gradient_of, integrated, quick_look
from basewise.interpretation.incremental import edited_scores_of
from basewise.interpretation.mutagenesis import centered, edited_scores, observed
from basewise.interpretation.scales import explained, score_of
from basewise.interpretation.truth import planted_places, truth_scores
from basewise.sequences.alphabet import complement_letters, encode, letters_of


class Case:
    """A case: its sequences, weights and expected tables."""

    def __init__(self, cases, name, weights="weights"):
        (self.folder,) = cases.glob(f"{name}-*")
        self.expected = self.table("expected")
        self.weights = self.table(weights)
        self.letters = self.sequences("sequences")

    def table(self, name):
        return dict(np.load(self.folder / f"{name}.npz"))

    def sequences(self, name):
        return letters_of(pd.read_csv(self.folder / f"{name}.tsv", sep="\t")["sequence"].tolist())

    @property
    def bits(self):
        return encode([row.tobytes().decode() for row in self.letters])


@pytest.fixture
def case_of(data):
    return lambda *names: Case(data.parent / "cases", *names)


def dense(weights, length, activation="linear", apart=False):
    """Flatten, then one dense layer; its activation in it or behind it."""
    kernel, bias = weights
    signal = keras.Input((length, 4))
    last = layers.Dense(kernel.shape[1], activation=None if apart else activation)
    score = last(layers.Flatten()(signal))
    last.set_weights([kernel, bias])
    return keras.Model(signal, layers.Activation(activation)(score) if apart else score)


def scan(weights, ends, padding="valid", activation="linear", overhang=0):
    """Convolution, maximum over all places, one dense layer; on bits."""
    bits, signal = onehot_input(ends)
    if overhang:
        signal = ops.pad(signal, [[0, 0], [overhang, overhang], [0, 0]], constant_values=0.25)
    convolution = layers.Conv1D(
        weights["conv_w"].shape[2], len(weights["conv_w"]), padding=padding, activation="relu"
    )
    best = layers.GlobalMaxPooling1D()(convolution(signal))
    last = layers.Dense(1, activation=activation)
    model = keras.Model(bits, last(best))
    convolution.set_weights([weights["conv_w"], weights["conv_b"]])
    last.set_weights([weights["dense_w"], weights.get("dense_b", np.zeros(1))])
    return model


def ends_of(case, unknown="uniform"):
    return Ends(case.letters.shape[1], 4, 1, "regression", unknown)


def table_of(network, case, task="regression"):
    """By every way that there is; they agree."""
    naive = edited_scores(score_of(network, task, "dna"), case.letters, "dna")
    incremental = edited_scores_of(network, task, "dna")
    if incremental is not None:
        once_more = incremental(case.letters)
        np.testing.assert_allclose(once_more, naive, atol=1e-5 * np.ptp(naive))
    return centered(naive)


def numbers_of(network, bits):
    return [np.asarray(tensor) for tensor in open_entry(network).numbers(bits)]


def test_of_a_linear_model_mutagenesis_is_its_weights(case_of):
    case = case_of("e01")
    network = dense((case.weights["kernel"], case.weights["bias"]), 12)
    table = table_of(network, case)[..., 0]
    np.testing.assert_allclose(table, case.expected["ism"], atol=1e-5)

    signal, present = numbers_of(network, case.bits)
    np.testing.assert_allclose(observed(table, signal), case.expected["observed"], atol=1e-5)
    slope = quick_look(gradient_of(explained(network, "regression")), signal, present, 0)
    by_input = observed(slope, signal)
    np.testing.assert_allclose(by_input, case.expected["gradient_x_input"], atol=1e-5)


@pytest.mark.parametrize("unknown", ["uniform", "zeros"])
def test_an_ambiguous_letter_has_four_edits(unknown, case_of):
    case = case_of("e02")
    network = scan(case.weights, ends_of(case, unknown))
    table = table_of(network, case)[..., 0]
    expected = case.expected[f"{unknown}_ism"]
    np.testing.assert_allclose(table, expected, atol=1e-5 * np.ptp(expected))
    signal, _ = numbers_of(network, case.bits)
    at_letters = case.expected[f"{unknown}_observed"]
    np.testing.assert_allclose(observed(table, signal), at_letters, atol=1e-4)


def test_what_all_classes_share_is_evidence_for_none(case_of):
    case = case_of("e03")
    network = dense((case.weights["kernel"], case.weights["bias"]), 9, "softmax")
    table = table_of(network, case, "multiclass")
    np.testing.assert_allclose(table, case.expected["logodds_ism"], atol=1e-4)
    assert np.abs(table[:, 2]).max() < 2e-6


@pytest.mark.parametrize("apart", [False, True])
def test_a_sure_model_still_has_reasons(apart, case_of):
    case = case_of("e04")
    for bias in case.weights["bias"]:
        network = dense((case.weights["kernel"], np.array([bias])), 10, "sigmoid", apart)
        table = table_of(network, case, "binary")[..., 0]
        expected = np.broadcast_to(case.expected["ism"], table.shape)
        np.testing.assert_allclose(table, expected, atol=2e-4)


def test_twins_on_dna_have_one_explanation(case_of):
    case = case_of("e05", "weights_a")
    tables, slopes, sums = [], [], []
    references = encode([row.tobytes().decode() for row in case.sequences("references")])
    for weights in (case.weights, case.table("weights_b")):
        network = scan(weights, ends_of(case))
        model = explained(network, "regression")
        signal, present = numbers_of(network, case.bits)
        of_references, _ = numbers_of(network, references)
        gradient = gradient_of(model)
        tables.append(table_of(network, case)[..., 0])
        slopes.append(quick_look(gradient, signal, present, 0))
        ways = integrated(model, gradient, signal, present, of_references[:, None], 0)
        sums.append(ways.places)
    for table, slope in zip(tables, slopes, strict=True):
        np.testing.assert_allclose(table, case.expected["ism"], atol=1e-4)
        np.testing.assert_allclose(slope, case.expected["gradient_corrected"], atol=1e-4)
    # Where a step falls on the kink of a ReLU, rounding says on which side.
    np.testing.assert_allclose(sums[0], sums[1], atol=0.01 * np.ptp(case.expected["score"]))


def test_padding_is_no_part_of_the_explanation(case_of):
    case = case_of("e06")
    weights = case.weights
    bits, signal = onehot_input(ends_of(case))
    letters = ops.max(ops.cast(bits, "float32"), axis=-1, keepdims=True)
    convolution = layers.Conv1D(3, 5, padding="same")
    score = convolution(signal) - 1000.0 * (1.0 - letters)
    soft = ops.logsumexp(ops.pad(score, [[0, 0], [0, 1], [0, 0]]), axis=1)
    last = layers.Dense(1)
    network = keras.Model(bits, last(soft))
    convolution.set_weights([weights["conv_w"], weights["conv_b"]])
    last.set_weights([weights["dense_w"], weights["dense_b"]])

    table = table_of(network, case)[..., 0]
    np.testing.assert_allclose(table, case.expected["ism"], atol=1e-4)
    is_padding = case.letters == ord("-")
    assert (table[is_padding] == 0).all()

    signal, present = numbers_of(network, case.bits)
    model = explained(network, "regression")
    gradient = gradient_of(model)
    slope = quick_look(gradient, signal, present, 0)
    expected = centered(case.expected["gradient"]) * present
    np.testing.assert_allclose(slope, expected, atol=1e-4)

    references = encode([row.tobytes().decode() for row in case.sequences("references")])
    ways, _ = numbers_of(network, references)
    found = integrated(model, gradient, signal, present, ways[:, None], 0)
    difference = case.expected["score"] - case.expected["reference_score"]
    np.testing.assert_allclose(found.places.sum(axis=1), difference, rtol=0.01)
    places = case.expected["ig"].sum(axis=2)
    assert (np.abs(found.places - places).max(axis=1) < 0.01 * np.abs(difference)).all()
    assert (found.gap < 0.01).all()


def test_gradients_are_integrated_over_the_difference(case_of):
    case = case_of("e07")
    network = dense((case.weights["kernel"], case.weights["bias"]), 15)
    table = pd.read_csv(case.folder / "references.tsv", sep="\t")
    of_each = encode(table["sequence"].tolist()).reshape(4, 3, 15, 4).astype(np.float32)
    signal, present = numbers_of(network, case.bits)
    model = explained(network, "regression")
    found = integrated(model, gradient_of(model), signal, present, of_each, 0)
    np.testing.assert_allclose(found.places, case.expected["per_position"], atol=1e-5)
    np.testing.assert_allclose(found.table, case.expected["hypothetical"], atol=1e-5)


@pytest.mark.parametrize("at_once", [1, 7, 256])
def test_steps_are_added_until_the_gap_is_small(at_once, monkeypatch, case_of):
    monkeypatch.setattr("basewise.interpretation.gradients.AT_ONCE", at_once)
    case = case_of("e08")
    signal = keras.Input((8, 4))
    first, last = layers.Dense(4, activation="relu"), layers.Dense(1)
    network = keras.Model(signal, last(first(layers.Flatten()(signal))))
    first.set_weights([case.weights["kernel1"], case.weights["bias1"]])
    last.set_weights([case.weights["kernel2"], case.weights.get("bias2", np.zeros(1))])

    signal, present = numbers_of(network, case.bits)
    references = encode([row.tobytes().decode() for row in case.sequences("references")])
    model = explained(network, "regression")
    found = integrated(
        model, gradient_of(model), signal, present, references[None].astype(np.float32), 0
    )
    difference = case.expected["difference"]
    gaps = pd.read_csv(case.folder / "gaps.tsv", sep="\t").set_index("steps")["midpoint_percent"]
    assert found.gap[0] < 0.01
    assert 100 * found.gap[0] == pytest.approx(gaps[found.steps[0]], abs=0.01)
    assert gaps[gaps.index < found.steps[0]].tail(1).item() > 1
    np.testing.assert_allclose(found.places[0], case.expected["per_position"], rtol=0.01)
    assert found.places.sum() == pytest.approx(difference, rel=0.01)


def test_both_strands_are_the_log_odds_of_the_mean(case_of):
    case = case_of("e09")
    network = both_strands(scan(case.weights, ends_of(case), activation="sigmoid"))
    table = table_of(network, case, "binary")[..., 0]
    np.testing.assert_allclose(table, case.expected["ism"], atol=1e-4)
    scores = score_of(network, "binary", "dna")(case.letters)[:, 0]
    np.testing.assert_allclose(scores, case.expected["logodds"], atol=1e-4)

    other = complement_letters(case.letters)
    mirrored = centered(edited_scores(score_of(network, "binary", "dna"), other, "dna"))[..., 0]
    mirror = mirrored[:, ::-1, ::-1]
    np.testing.assert_allclose(mirror, table, atol=2e-6 * np.ptp(table))


@pytest.mark.parametrize("ends", ["same", "valid", "overhang"])
def test_the_first_and_last_bases_are_explained_too(ends, case_of):
    case = case_of("e10")
    padding = "same" if ends == "same" else "valid"
    network = scan(case.weights, ends_of(case), padding, overhang=6 * (ends == "overhang"))
    expected = case.expected[f"{ends}_ism"]
    table = table_of(network, case)[..., 0]
    np.testing.assert_allclose(table, expected, atol=1e-5 * np.ptp(expected))


def test_one_of_two_copies_can_go(case_of):
    case = case_of("e11")
    network = scan(case.weights, ends_of(case))
    table = table_of(network, case)[..., 0]
    np.testing.assert_allclose(table, case.expected["ism"], atol=1e-6)


def test_attributions_are_scored_against_planted_places(data):
    (case_folder,) = (data.parent / "cases").glob("e12-*")
    saved = np.load(case_folder / "attributions.npz")
    sequences = pd.read_csv(case_folder / "sequences.tsv", sep="\t").set_index("id")["sequence"]
    planted = pd.read_csv(case_folder / "planted.tsv", sep="\t")
    expected = pd.read_csv(case_folder / "expected.tsv", sep="\t").set_index("id")
    ids = pd.Index(saved["id"])

    signal = encode(sequences[ids].tolist()).astype(float)
    said = observed(saved["scores"], signal)
    where = planted_places(planted, ids, 20)
    scores = truth_scores(said, where, signal.any(axis=2)).set_index(ids)
    known = scores.dropna()
    assert set(ids) - set(known.index) == {"s5"}
    for ours, theirs in {"auroc": "absolute", "signed_auroc": "observed"}.items():
        for measure in ("auroc", "auprc"):
            name = ours.replace("auroc", measure)
            of_case = expected[f"{theirs}_{measure}"][known.index]
            np.testing.assert_allclose(known[name], of_case, atol=2e-6)
