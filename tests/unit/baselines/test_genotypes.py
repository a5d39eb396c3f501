import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import roc_auc_score
from sklearn.svm import SVR

from basewise import baselines
from basewise.baselines import gradient_boosting, random_forest
from basewise.baselines.dosages import centered_dosages, dosages, marker_means
from basewise.baselines.kernels import coordinates, gaussian, genomic, relate
from basewise.baselines.stages import stages
from basewise.baselines.svr import BANDWIDTHS, COSTS
from basewise.core.errors import InputError
from basewise.splits.splitting import parts_of_fold
from basewise.store.parts import PARTS

NAMES = [name for name, entry in baselines.registry().items() if "genotype" in entry["alphabets"]]
FITS = [
    (name, task)
    for name in NAMES
    for task in ("binary", "regression")
    if task in baselines.registry()[name]["tasks"]
]
LEARNING = [pair for pair in FITS if pair[0] not in ("majority", "mean")]
QUICK = {"random_forest": {"trees": 30}}
TRUSTED = [*gradient_boosting.TRUSTED, *random_forest.TRUSTED]


def as_onehot(values):
    """One-hot genotypes of dosages, nan for missing."""
    letters = np.where(np.isnan(values), 3, values).astype(int)
    return np.eye(4, dtype=np.uint8)[letters]


def examples(task, rows=240, markers=60, outputs=1, seed=5):
    """Genotypes, 2 % of them missing, a trait of ten markers and some noise, a part for each."""
    rng = np.random.default_rng(seed)
    values = rng.binomial(2, rng.uniform(0.2, 0.5, markers), (rows, markers)).astype(float)
    genetic = (values - values.mean(axis=0))[:, :10] @ rng.normal(size=(10, outputs))
    trait = genetic / genetic.std(axis=0) + 0.3 * rng.normal(size=(rows, outputs))
    values[rng.random(values.shape) < 0.02] = np.nan
    part = rng.choice(PARTS, rows, p=[0.6, 0.2, 0.2])
    if task == "binary":
        return as_onehot(values), (trait > 0).astype(np.int8), part
    return as_onehot(values), (20 + 3 * trait).astype(np.float32), part


def fit(name, onehot, target, part, task="regression", **settings):
    return baselines.fit(
        name,
        onehot,
        target,
        part,
        seed=1,
        task=task,
        outputs=target.shape[1],
        alphabet="genotype",
        **{**QUICK.get(name, {}), **settings},
    )


def correlation(name, onehot, target, part):
    test = part == "test"
    return np.corrcoef(fit(name, onehot, target, part).score[test, 0], target[test, 0])[0, 1]


# Dosages.


def test_dosages_by_hand():
    values = np.array([[0, 2, np.nan], [1, 2, np.nan], [np.nan, 0, np.nan], [2, np.nan, 1]])
    onehot = as_onehot(values)
    np.testing.assert_array_equal(dosages(onehot), values)
    known = np.array([0, 1, 2])
    np.testing.assert_allclose(marker_means(onehot, known), [0.5, 4 / 3, np.nan])
    centered = centered_dosages(onehot, known)
    assert centered.dtype == np.float32
    expected = [[-0.5, 2 / 3, 0], [0.5, 2 / 3, 0], [0, -4 / 3, 0], [1.5, 0, 0]]
    np.testing.assert_allclose(centered, expected, rtol=1e-6)


def test_blocks_of_markers_change_nothing(monkeypatch):
    onehot, _, part = examples("regression")
    stage = stages(part)[0]
    whole, centered = relate(onehot, stage), centered_dosages(onehot, stage.known)
    monkeypatch.setattr("basewise.baselines.dosages.MARKERS_AT_ONCE", 7)
    for values, others in zip(relate(onehot, stage), whole, strict=True):
        np.testing.assert_allclose(values, others, atol=1e-10)
    np.testing.assert_array_equal(centered_dosages(onehot, stage.known), centered)


# Kernels, against their definitions.


def test_kernels_are_those_of_the_papers():
    onehot, _, part = examples("regression")
    stage = stages(part)[1]
    related = relate(onehot, stage)
    centered = centered_dosages(onehot, stage.known).astype(float)
    fitted, new = centered[stage.known], centered[stage.scored]
    share = np.nanmean(dosages(onehot)[stage.known], axis=0) / 2
    matrix, cross, scale = genomic(related)
    assert scale == pytest.approx(2 * (share * (1 - share)).sum(), rel=1e-5)
    np.testing.assert_allclose(matrix, fitted @ fitted.T / scale, atol=1e-5)
    np.testing.assert_allclose(cross, new @ fitted.T / scale, atol=1e-5)
    pairs = np.square(fitted[:, None] - fitted).sum(axis=2)
    among, others, mean = gaussian(related)
    assert mean == pytest.approx(pairs[np.triu_indices(len(pairs), 1)].mean(), rel=1e-5)
    np.testing.assert_allclose(among, pairs / mean, atol=1e-5)
    between = np.square(new[:, None] - fitted).sum(axis=2)
    np.testing.assert_allclose(others, between / mean, atol=1e-5)


def test_products_of_coordinates_are_the_kernel_even_without_full_rank():
    factors = np.random.default_rng(1).normal(size=(20, 6))
    kernel = factors @ factors.T
    found = kernel @ coordinates(kernel)
    assert found.shape == (20, 6)
    np.testing.assert_allclose(found @ found.T, kernel, atol=1e-10)


# Every baseline.


@pytest.mark.parametrize(("name", "task"), FITS)
def test_two_fits_give_the_same_bytes_and_load_again(name, task):
    onehot, target, part = examples(task)
    first, second = (fit(name, onehot, target, part, task) for _ in range(2))
    score = first.score[part != "train"]
    assert first.score.shape == target.shape
    assert first.score.dtype == np.float32
    assert first.parameters > 0
    assert score.tobytes() == second.score[part != "train"].tobytes()
    assert np.isfinite(score).all()
    if task == "binary":
        assert 0 <= score.min() <= score.max() <= 1
    stored = skops.io.dumps(first.estimator)
    assert set(skops.io.get_untrusted_types(data=stored)) <= set(TRUSTED)
    skops.io.loads(stored, trusted=TRUSTED)


@pytest.mark.parametrize(("name", "task"), LEARNING)
def test_what_there_is_to_learn_is_learnt(name, task):
    onehot, target, part = examples(task)
    score, test = fit(name, onehot, target, part, task).score[:, 0], part == "test"
    if task == "binary":
        assert roc_auc_score(target[test, 0], score[test]) > 0.8
    else:
        assert np.corrcoef(score[test], target[test, 0])[0, 1] > 0.6
        assert score[test].mean() == pytest.approx(target[test].mean(), abs=1.5)


# No test individual has a part in the score of another.


@pytest.mark.parametrize(("name", "task"), FITS)
def test_values_of_the_test_part_change_no_byte(name, task):
    onehot, target, part = examples(task)
    other, test = target.copy(), part == "test"
    other[test] = 1 - target[test] if task == "binary" else np.nan
    scores = [
        fit(name, onehot, values, part, task).score[part != "train"] for values in (target, other)
    ]
    assert scores[0].tobytes() == scores[1].tobytes()


@pytest.mark.parametrize(("name", "task"), FITS)
def test_genotypes_of_other_test_individuals_change_nothing(name, task):
    onehot, target, part = examples(task)
    test = np.flatnonzero(part == "test")
    other = onehot.copy()
    other[test[1:]] = np.random.default_rng(1).permutation(other[test[1:]], axis=1)
    alone = np.delete(np.arange(len(part)), test[1:])
    score = fit(name, onehot, target, part, task).score
    held_out = np.append(np.flatnonzero(part == "validation"), test[0])
    beside = fit(name, other, target, part, task).score
    assert beside[held_out].tobytes() == score[held_out].tobytes()
    single = fit(name, onehot[alone], target[alone], part[alone], task).score
    np.testing.assert_allclose(single[np.searchsorted(alone, held_out)], score[held_out], rtol=1e-5)


@pytest.mark.parametrize("name", ["gblup", "gaussian_kernel", "bayes_ridge", "random_forest"])
def test_validation_is_scored_by_a_fit_on_train_and_test_by_a_fit_on_both(name):
    """Nothing is chosen by these: values of validation individuals move the test scores alone."""
    onehot, target, part = examples("regression")
    held_out, other = part == "validation", target.copy()
    other[held_out] += 100
    before, after = (fit(name, onehot, values, part).score for values in (target, other))
    assert before[held_out].tobytes() == after[held_out].tobytes()
    assert after[part == "test"].mean() > before[part == "test"].mean() + 10


@pytest.mark.parametrize("name", [name for name, task in LEARNING if task == "regression"])
def test_a_marker_that_tells_test_values_is_not_found(name):
    rng = np.random.default_rng(11)
    values = rng.integers(0, 3, (400, 40)).astype(float)
    part = rng.choice(PARTS, 400, p=[0.5, 0.15, 0.35])
    target = rng.integers(0, 3, (400, 1)).astype(np.float32)
    values[part == "test", 0] = target[part == "test", 0]
    assert correlation(name, as_onehot(values), target, part) < 0.2
    values[:, 0] = target[:, 0]
    assert correlation(name, as_onehot(values), target, part) > 0.8


# Missing values of some traits.


@pytest.mark.parametrize("name", [name for name, task in FITS if task == "regression"])
def test_each_trait_is_fitted_where_it_is_known(name):
    onehot, target, part = examples("regression", outputs=2)
    gaps = target.copy()
    gaps[::4, 1] = np.nan
    score = fit(name, onehot, gaps, part).score
    first = fit(name, onehot, gaps[:, :1], part).score
    rows = part != "train"
    np.testing.assert_array_equal(score[rows, 0], first[rows, 0])
    assert np.isfinite(score[rows]).all()
    filled = np.where(np.isnan(gaps), gaps[0, 0], gaps)
    assert (score[rows, 1] != fit(name, onehot, filled, part).score[rows, 1]).any()
    if name != "mean":
        test = part == "test"
        assert np.corrcoef(score[test, 1], target[test, 1])[0, 1] > 0.5


@pytest.mark.parametrize("name", ["gblup", "svr", "gradient_boosting", "mean"])
def test_a_trait_that_train_does_not_know_is_named(name):
    onehot, target, part = examples("regression", outputs=2)
    target[part == "train", 1] = np.nan
    with pytest.raises(InputError, match="target 2 of 2 has 0 known values among"):
        fit(name, onehot, target, part)


# GBLUP and its relatives, against other ways to the same numbers.


def test_gblup_is_the_ridge_regression_on_markers():
    """With the penalty of the markers = ratio * c."""
    onehot, target, part = examples("regression", outputs=2)
    target[::5, 1] = np.nan
    found = fit("gblup", onehot, target, part)
    known, test = part != "test", part == "test"
    raw = dosages(onehot).astype(float)
    centered = np.nan_to_num(raw - np.nanmean(raw[known], axis=0))
    for output in range(2):
        rows = known & ~np.isnan(target[:, output])
        alpha = found.estimator["model"].alpha[output]
        ridge = Ridge(alpha=alpha, solver="cholesky").fit(centered[rows], target[rows, output])
        stored = found.estimator["model"].predict(centered[test])[:, output]
        np.testing.assert_allclose(stored, ridge.predict(centered[test]), atol=1e-8)
        np.testing.assert_allclose(found.score[test, output], stored, rtol=1e-6)
    np.testing.assert_array_equal(found.estimator["means"], np.nanmean(raw[known], axis=0))
    assert found.parameters == 2 * (60 + 1)


def test_gblup_of_classes_is_the_logistic_ridge_regression_on_markers():
    onehot, target, part = examples("binary")
    found = fit("gblup", onehot, target, part, "binary")
    known, test = part != "test", part == "test"
    centered = centered_dosages(onehot, np.flatnonzero(known)).astype(float)
    stored = found.estimator["model"]
    model = LogisticRegression(C=stored.C, max_iter=1000, tol=1e-8)
    expected = model.fit(centered[known], target[known, 0]).predict_proba(centered[test])[:, 1]
    np.testing.assert_allclose(found.score[test, 0], expected, atol=1e-3)
    again = stored.predict_proba(centered[test])[:, 1]
    np.testing.assert_allclose(found.score[test, 0], again, rtol=1e-4)


def test_shrinkage_by_evidence_is_close_to_that_by_reml():
    onehot, target, part = examples("regression")
    rows = part == "test"
    reml, evidence = (fit(name, onehot, target, part) for name in ("gblup", "bayes_ridge"))
    assert np.corrcoef(reml.score[rows, 0], evidence.score[rows, 0])[0, 1] > 0.99
    ratio = evidence.estimator["model"].alpha / reml.estimator["model"].alpha
    assert 0.5 < ratio[0] < 2


@pytest.mark.parametrize(
    ("name", "task"),
    [("gaussian_kernel", "regression"), ("gaussian_kernel", "binary"), ("svr",) * 2],
)
def test_stored_kernels_give_the_scores_again(name, task):
    task = "regression" if task == "svr" else task
    onehot, target, part = examples(task)
    found = fit(name, onehot, target, part, task)
    stored, test = found.estimator, part == "test"
    centered = np.nan_to_num(dosages(onehot)[test] - stored["means"])
    again = stored["machines"][0].predict(centered) + stored["intercepts"]
    if task == "binary":
        again = 1 / (1 + np.exp(-again))
    np.testing.assert_allclose(found.score[test, 0], again, rtol=1e-4)


def test_markers_that_predict_nothing_give_the_mean():
    onehot, _, part = examples("regression")
    noise = np.random.default_rng(4).normal(50, 1, (len(part), 1)).astype(np.float32)
    for name in ("gblup", "gaussian_kernel", "bayes_ridge"):
        score = fit(name, onehot, noise, part).score[part == "test"]
        assert score.mean() == pytest.approx(50, abs=0.3)
        assert score.std() < 0.4


def test_markers_without_differences_give_the_mean():
    onehot, target, part = examples("regression")
    alike = np.repeat(onehot[:1], len(part), axis=0)
    for name in ("gblup", "gaussian_kernel", "svr", "bayes_ridge"):
        score = fit(name, alike, target, part).score[part == "test", 0]
        assert np.ptp(score) < 1e-4
        assert score[0] == pytest.approx(target[part != "test"].mean(), abs=1)


# What validation chooses.


def test_the_support_vector_machine_is_the_best_on_validation():
    onehot, target, part = examples("regression")
    train, held_out = part == "train", part == "validation"
    centered = centered_dosages(onehot, np.flatnonzero(train)).astype(float)
    pairs = np.square(centered[train][:, None] - centered[train]).sum(axis=2)
    mean = pairs[np.triu_indices(len(pairs), 1)].mean()
    values, middle, spread = target[:, 0], target[train].mean(), target[train].std()
    scores = []
    for bandwidth in BANDWIDTHS:
        for cost in COSTS:
            machine = SVR(gamma=bandwidth / mean, C=cost, epsilon=0.1)
            machine.fit(centered[train], (values[train] - middle) / spread)
            scores.append(machine.predict(centered[held_out]) * spread + middle)
    errors = [np.square(score - values[held_out]).mean() for score in scores]
    found = fit("svr", onehot, target, part).score[held_out, 0]
    np.testing.assert_allclose(found, scores[np.argmin(errors)], rtol=1e-3)


@pytest.mark.slow
def test_boosting_has_the_rounds_that_are_best_on_validation():
    onehot, target, part = examples("regression")
    train, held_out = part == "train", part == "validation"
    (model,) = fit("gradient_boosting", onehot, target, part).estimator
    longer = clone(model).set_params(max_iter=model.n_iter_ + 10)
    features = dosages(onehot)
    longer.fit(features[train], target[train, 0])
    errors = [
        np.square(score - target[held_out, 0]).mean()
        for score in longer.staged_predict(features[held_out])
    ]
    assert model.n_iter_ == 1 + np.argmin(errors) > 1


# Real data, against the numbers that its README measures.


def wheat(data):
    folder = data / "wheat599" / "derived"
    tables = [
        pd.read_csv(folder / name, index_col="line", dtype={"line": "str"})
        for name in ("genotypes.csv.gz", "phenotypes.csv", "folds.csv")
    ]
    markers, traits, folds = (table.loc[tables[0].index].to_numpy() for table in tables)
    return as_onehot(2.0 * markers), traits.astype(np.float32), folds[:, 0] - 1


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("gblup", [0.512, 0.481, 0.385, 0.478]),
        pytest.param("gaussian_kernel", [0.593, 0.480, 0.447, 0.526], marks=pytest.mark.slow),
    ],
)
def test_wheat(data, name, expected):
    onehot, target, block = wheat(data)
    found = np.zeros((10, 4))
    for fold in range(10):
        part = parts_of_fold(block, 10, fold)
        score = fit(name, onehot, target, part).score
        test = part == "test"
        found[fold] = [
            np.corrcoef(*pair)[0, 1] for pair in zip(score[test].T, target[test].T, strict=True)
        ]
    np.testing.assert_allclose(
        found.mean(axis=0), expected, atol=0.002 if name == "gblup" else 0.015
    )
