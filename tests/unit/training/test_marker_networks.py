"""Networks on genotypes: their feature stage, their training, and what they make of each marker."""

import json

import keras
import numpy as np
import pandas as pd
import pytest
from made_networks import parts, tensors_of, trained

from basewise.architectures import build
from basewise.evaluation.marker_effects import marker_effects, single_marker_correlations
from basewise.examples.scales import fixed_effects
from basewise.sequences.alphabet import encode
from basewise.training import network
from basewise.training.marker_features import fit_features, principal_components

GENOTYPES = np.random.default_rng(4).choice(
    np.frombuffer(b"012.", dtype=np.uint8), (40, 12), p=[0.4, 0.2, 0.3, 0.1]
)
DOSAGE = np.where(np.equal(GENOTYPES, ord(".")), np.nan, GENOTYPES.astype(float) - ord("0"))


def tensors_with(folder, target, letters=GENOTYPES, **what):
    what = {"task": "regression", "outputs": ["height"], "alphabet": "genotype", **what}
    return tensors_of(folder, letters, np.asarray(target, dtype=np.float32), **what)


def values_behind_stage(model, letters):
    *_, values, network = model.operations
    assert network.name == "network"
    return keras.Model(model.input, values.output).predict(encode(letters, "genotype"), verbose=0)


@pytest.mark.parametrize("network", ["dnn_markers", "sparse_markers"])
def test_a_genotype_becomes_its_scaled_dosage_less_the_training_mean(tmp_path, network):
    train = np.flatnonzero(parts(40) == "train")
    tensors = tensors_with(tmp_path, np.zeros((40, 1)))
    scaling = "each" if network == "sparse_markers" else "together"
    features = fit_features(tensors, train, {"scaling": scaling})
    mean = np.nanmean(DOSAGE[train], axis=0)
    np.testing.assert_allclose(features["mean"], mean, rtol=1e-6)
    variance = np.nan_to_num(DOSAGE[train] - mean).var(axis=0)
    if scaling == "together":
        variance = variance.mean()
    model = build(network, length=12, task="regression", features=features)
    values = values_behind_stage(model, GENOTYPES)[..., 0]
    np.testing.assert_allclose(values, np.nan_to_num(DOSAGE - mean) / variance**0.5, atol=1e-5)


def test_rare_genotypes_are_cut_off_where_each_marker_has_its_scale():
    features = {"mean": np.zeros(12, np.float32), "variance": np.full(12, 0.01, np.float32)}
    model = build("sparse_markers", length=12, task="regression", features=features)
    values = values_behind_stage(model, GENOTYPES)[..., 0]
    np.testing.assert_array_equal(values, np.where(np.nan_to_num(DOSAGE) > 0, 3, 0))


@pytest.mark.slow
def test_the_sparse_network_finds_the_markers_that_count(tmp_path):
    rng = np.random.default_rng(13)
    letters = rng.choice(np.frombuffer(b"012", dtype=np.uint8), (200, 300))
    causal = [5, 80, 222]
    target = (letters[:, causal] - 49.0).sum(axis=1, keepdims=True) + rng.normal(size=(200, 1))
    tensors_with(tmp_path, target, letters)
    how = {"learning_rate": 0.02, "optimizer": "sgd", "momentum": 0.5, "epochs": 30}
    trained(tmp_path, architecture="sparse_markers", settings={}, patience=30, **how)
    model = keras.saving.load_model(tmp_path / "m.keras")
    first, second = (layer for layer in model.get_layer("network").layers if layer.weights)
    weight = np.abs(first.get_weights()[0] * second.get_weights()[0])[:, 0]
    assert sorted(np.argsort(weight)[-3:]) == causal
    assert np.sort(weight)[-4] < 0.25 * np.sort(weight)[-3]


@pytest.mark.parametrize("shape", [(30, 9), (9, 30)])
def test_components_are_those_of_scikit_learn(shape):
    from sklearn.decomposition import PCA

    values = np.random.default_rng(1).normal(size=shape) * np.linspace(3, 0.1, shape[1])
    values -= values.mean(axis=0)
    pca = PCA(svd_solver="full").fit(values)
    enough = int((np.cumsum(pca.explained_variance_ratio_) < 0.9).sum()) + 1
    components = principal_components(values.astype(np.float32), 0.9, 500)
    assert components.shape == (shape[1], enough)
    alike = np.abs((components * pca.components_[:enough].T).sum(axis=0))
    np.testing.assert_allclose(alike, 1, atol=1e-4)
    assert principal_components(values.astype(np.float32), 1, 2).shape[1] == 2
    assert principal_components(values.astype(np.float32), 1, 99).shape[1] == min(shape[0] - 1, 9)


def test_scores_of_components_have_a_mean_variance_of_one(tmp_path):
    tensors = tensors_with(tmp_path, np.zeros((40, 1)), np.tile(GENOTYPES, 9))
    settings = {"input": "components", "variance": 0.9, "components": 500}
    features = fit_features(tensors, np.arange(40), settings)
    model = build("dnngp", length=108, task="regression", features=features, input="components")
    scores = values_behind_stage(model, np.tile(GENOTYPES, 9))[..., 0]
    assert scores.shape[1] == features["components"].shape[1] < 12
    assert scores.var(axis=0).mean() == pytest.approx(1, abs=1e-4)
    assert (np.diff(scores.var(axis=0)) < 0).all()


@pytest.mark.usefixtures("op_by_op")
@pytest.mark.parametrize(
    "architecture",
    [
        "dnn_markers",
        *(pytest.param(n, marks=pytest.mark.slow) for n in ("dnngp", "deepgs", "dlgwas")),
    ],
)
def test_nothing_of_the_test_part_reaches_a_network(tmp_path, architecture):
    """A marker that equals the test phenotypes, and other phenotypes there, change no weight."""
    test = parts(40) == "test"
    letters = np.tile(GENOTYPES, 2)
    planted = letters.copy()
    target = np.random.default_rng(5).normal(size=(40, 1))
    planted[test, 3] = np.where(target[test, 0] > 0, ord("2"), ord("0"))
    other = np.where(test[:, None], 100 * target, target)
    settings = {"components": 5} if architecture == "dnngp" else {}
    runs = []
    for name, genotypes, traits in [("a", letters, target), ("b", planted, other)]:
        (tmp_path / name).mkdir()
        tensors_with(tmp_path / name, traits, genotypes)
        how = {"architecture": architecture, "settings": settings, "transform": "zscore"}
        runs.append(trained(tmp_path / name, refit=True, **how))
    assert runs[0][1]["weights_sha256"] == runs[1][1]["weights_sha256"]
    first, second = (scores[scores["part"] == "validation"] for scores, _ in runs)
    pd.testing.assert_frame_equal(first, second)
    assert not runs[0][0].equals(runs[1][0])


@pytest.mark.usefixtures("op_by_op")
def test_a_refit_learns_from_train_and_validation(tmp_path):
    """With the refit, other genotypes and phenotypes in validation change the test scores."""
    target = np.random.default_rng(6).normal(size=(40, 1))
    tensors_with(tmp_path, target)
    once, _ = trained(tmp_path, architecture="dnn_markers", settings={}, transform="zscore")
    twice, run = trained(
        tmp_path, architecture="dnn_markers", settings={}, transform="zscore", refit=True
    )
    tested = once["part"] == "test"
    pd.testing.assert_frame_equal(once[~tested], twice[~tested])
    assert (once.loc[tested, "score.height"] != twice.loc[tested, "score.height"]).all()
    mean = keras.saving.load_model(tmp_path / "m.keras").get_layer("centre").get_weights()[0]
    np.testing.assert_allclose(mean, np.nanmean(DOSAGE[parts(40) != "test"], axis=0), rtol=1e-6)
    assert run["training"]["refit"]


@pytest.mark.usefixtures("op_by_op")
@pytest.mark.parametrize(
    "architecture", [pytest.param("dnn_markers", marks=pytest.mark.slow), "dnngp"]
)
def test_a_stage_computed_once_trains_the_same_network(tmp_path, monkeypatch, architecture):
    target = np.random.default_rng(7).normal(size=(40, 1))
    tensors_with(tmp_path, target)
    once, _ = trained(tmp_path, architecture=architecture, settings={})
    monkeypatch.setattr(network, "STAGED_BYTES", 0)
    each_time, _ = trained(tmp_path, architecture=architecture, settings={})
    np.testing.assert_allclose(each_time["score.height"], once["score.height"], atol=1e-5)
    assert once["score.height"].std() > 0


@pytest.mark.slow
def test_traits_may_be_missing(tmp_path):
    """A trait that is missing adds nothing to the loss, and the other one is learned."""
    rng = np.random.default_rng(8)
    target = np.c_[2 * np.nan_to_num(DOSAGE[:, 0]), rng.normal(size=40)]
    target[rng.random(40) < 0.3, 1] = np.nan
    tensors_with(tmp_path, target, outputs=["one", "two"])
    how = {"architecture": "dnn_markers", "settings": {}, "transform": "zscore"}
    scores, _ = trained(tmp_path, epochs=20, learning_rate=0.015, patience=20, **how)
    history = pd.read_csv(tmp_path / "h.tsv", sep="\t")
    assert np.isfinite(history).all(axis=None)
    assert np.isfinite(scores["score.two"]).all()
    assert scores["target.two"].isna().any()
    assert np.corrcoef(scores["score.one"], scores["target.one"])[0, 1] > 0.5


def test_covariates_are_taken_off_and_added_again():
    rng = np.random.default_rng(9)
    place = rng.choice(["north", "south"], 60)
    age = rng.integers(1, 9, 60)
    covariates = pd.DataFrame({"covariate.place": place, "covariate.age": age.astype(str)})
    target = (np.where(place == "north", 4.0, 1.0) - 0.5 * age)[:, None].astype(np.float32)
    train = np.arange(40)
    effects = fixed_effects(covariates, target, train)
    np.testing.assert_allclose(target - effects, target[train].mean(), atol=1e-5)
    covariates.loc[50] = ["west", ""]
    unknown = fixed_effects(covariates, target, train)[50, 0]
    share = (place[train] == "north").mean()
    np.testing.assert_allclose(unknown, -1.5 * (share - (1 - share)), atol=1e-4)
    other = target.copy()
    other[40:] = 1e6
    np.testing.assert_array_equal(
        fixed_effects(covariates, other, train), fixed_effects(covariates, target, train)
    )


def test_the_effect_of_a_marker_by_substitution(tmp_path):
    """In a linear network it is -2 times the marker's weight, whoever it is substituted in."""
    features = {"mean": np.full(12, 0.5, np.float32), "variance": np.ones(12, np.float32)}
    model = build(
        "dnn_markers",
        length=12,
        task="regression",
        features=features,
        dense_units=[1],
        activation="selu",
    )
    weights = np.random.default_rng(10).normal(size=(12, 1)).astype(np.float32)
    hidden, value = [layer for layer in model.get_layer("network").layers if layer.weights]
    hidden.set_weights([weights, np.array([100.0], dtype=np.float32)])  # far in the linear half
    value.set_weights([np.eye(13, 1, dtype=np.float32), np.zeros(1, dtype=np.float32)])
    effects = marker_effects(model, encode(GENOTYPES[:3], "genotype"), np.array([7, 0]))
    np.testing.assert_allclose(effects[:, 0], -2 * 1.0507 * weights[[7, 0], 0], rtol=1e-3)


def test_correlations_of_single_markers(tmp_path):
    target = np.random.default_rng(11).normal(size=(40, 2))
    target[::5, 1] = np.nan
    letters = GENOTYPES.copy()
    letters[:, 5] = ord("2")
    tensors = tensors_with(tmp_path, target, letters, outputs=["one", "two"])
    rows = np.arange(3, 40)
    found = single_marker_correlations(tensors, rows)
    table = pd.DataFrame(DOSAGE).iloc[rows].assign(one=target[rows, 0], two=target[rows, 1])
    expected = table.corr().loc[range(12), ["one", "two"]].to_numpy().copy()
    expected[5] = 0
    np.testing.assert_allclose(found, expected, atol=1e-5)


@pytest.mark.usefixtures("op_by_op")
def test_a_run_names_its_scale(tmp_path):
    target = 100 + 10 * np.random.default_rng(12).normal(size=(40, 1))
    tensors_with(tmp_path, target)
    scores, run = trained(tmp_path, architecture="dlgwas", settings={}, transform="zscore")
    learned = json.loads((tmp_path / "run.json").read_text())["transform"]
    np.testing.assert_allclose(learned["mean"], target[parts(40) == "train"].mean(), rtol=1e-5)
    assert scores["score.height"].between(60, 140).all()
    assert run["architecture"] == "dlgwas"
