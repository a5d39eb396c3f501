"""Baselines of one's own: the estimator of the user on features that basewise makes."""

import numpy as np
import pytest
from made_bundles import make_bundle, make_results
from own_code import written
from sklearn.linear_model import LogisticRegression
from support import ROOT

import basewise as bw
from basewise import baselines
from basewise.baselines.applying import apply
from basewise.baselines.linear import letters_by_position
from basewise.core.errors import InputError
from basewise.scoring import check_bundle

CODE = '''
from sklearn.linear_model import LogisticRegression, Ridge


def make(task, strength: float = 1.0):
    """A plain linear model."""
    return Ridge(strength) if task == "regression" else LogisticRegression(C=strength)
'''
FOREIGN = """
from sklearn.linear_model import LogisticRegression


class Mine(LogisticRegression):
    pass


def make():
    return Mine()
"""
TASKS = {
    "binary": (1, lambda rows: rows[:, None] % 2),
    "multiclass": (3, lambda rows: rows[:, None] % 3),
    "multilabel": (2, lambda rows: np.stack([rows % 2, rows // 2 % 2], axis=1)),
    "regression": (2, lambda rows: np.stack([np.sin(rows), np.cos(rows)], axis=1)),
}


def examples(task):
    rows = np.arange(90)
    onehot = np.eye(4, dtype=np.uint8)[np.random.default_rng(1).integers(0, 4, (90, 20))]
    outputs, target = TASKS[task]
    part = np.resize(["train", "train", "validation", "test"], 90)
    return onehot, target(rows), part, outputs


def test_it_is_the_estimator_on_the_train_part(tmp_path):
    onehot, target, part, _ = examples("binary")
    place = written(tmp_path, CODE, function="make")
    fitted = baselines.fit(place, onehot, target, part, seed=1, strength=0.5)
    features, train = letters_by_position(onehot).toarray(), part == "train"
    known = LogisticRegression(C=0.5).fit(features[train], target[train, 0])
    np.testing.assert_allclose(fitted.score[:, 0], known.predict_proba(features)[:, 1], rtol=1e-5)
    assert fitted.parameters == 20 * 4 + 1


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("features", ["onehot", "kmers"])
def test_it_scores_again_as_it_was_fitted(tmp_path, task, features):
    onehot, target, part, outputs = examples(task)
    settings = {"features": features, **({"k": 2} if features == "kmers" else {})}
    place = written(tmp_path, CODE, function="make")
    given = {"task": task, "outputs": outputs, "alphabet": "dna"}
    fitted = baselines.fit(place, onehot, target, part, seed=1, **given, **settings)
    again = apply(place, fitted.estimator, onehot, **given, settings=settings)
    assert again.shape == (90, outputs)
    np.testing.assert_allclose(again, fitted.score, rtol=1e-5, atol=1e-6)


def test_the_example_runs_and_is_seeded():
    onehot, target, part, _ = examples("binary")
    place = f"{ROOT}/config/examples/my_baseline.py:trees"
    one, same, other = (
        baselines.fit(place, onehot, target, part, seed=seed, number=5).score for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one, same)
    assert (one != other).any()
    code = (ROOT / "config/examples/my_baseline.py").read_text().partition("from sklearn")[2]
    assert code in (ROOT / "docs/own_networks.md").read_text()


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("def make():\n    return 3\n", "make gives a int, which has no `fit` or `predict_proba`"),
        ("def make():\n    return 1 / 0\n", "my_baseline.py:2: ZeroDivisionError: division by"),
        (
            "from sklearn.svm import LinearSVC\ndef make():\n    return LinearSVC()\n",
            "make gives a LinearSVC, which has no `fit` or `predict_proba`",
        ),
    ],
)
def test_what_cannot_be_fitted_is_told_in_a_line(tmp_path, code, line):
    onehot, target, part, _ = examples("binary")
    place = written(tmp_path, code, "my_baseline.py", "make")
    with pytest.raises(InputError) as caught:
        baselines.fit(place, onehot, target, part, seed=1)
    assert line in str(caught.value)


def bundled(folder, code):
    place = written(folder, code, "my_baseline.py", "make")
    sources = make_results(folder, model=place)
    make_bundle(folder / "d.m.zip", sources._replace(own_code=[place.rpartition(":")[0]]))
    (folder / "new.fa").write_text(f">a\n{'ACGTT' * 12}\n")
    return folder / "d.m.zip"


def test_its_bundle_scores_without_its_code(tmp_path):
    bundle = bundled(tmp_path, CODE)
    contract, members = check_bundle(bundle)
    assert contract.name == "my_baseline.py:make"
    assert members.read("code/my_baseline.py").decode() == CODE
    assert bw.score(bundle, tmp_path / "new.fa")["score.label"].between(0, 1).all()


def test_a_type_of_its_own_needs_a_yes(tmp_path):
    bundle = bundled(tmp_path, FOREIGN)
    with pytest.raises(InputError, match="its baseline needs Python code to be loaded, 'code/my_b"):
        bw.score(bundle, tmp_path / "new.fa")
    scores = bw.score(bundle, tmp_path / "new.fa", trust_code=True)
    assert scores["score.label"].between(0, 1).all()
