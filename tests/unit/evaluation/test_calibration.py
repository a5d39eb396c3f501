import numpy as np
import pandas as pd
import pytest
from scipy import special
from sklearn import metrics as sk
from sklearn.isotonic import IsotonicRegression

from basewise.evaluation.figure_tables import reliability_table
from basewise.evaluation.validation import (
    apply_isotonic,
    apply_temperature,
    fit_calibrator,
    validate,
)
from basewise.store.scores import score_table


def overconfident(rows=20_000, classes=3, seed=1):
    """Classes drawn from probabilities, which the scores overstate by a temperature of 2.5."""
    generator = np.random.default_rng(seed)
    logits = generator.normal(size=(rows, classes))
    share = special.softmax(logits, axis=1)
    target = (generator.random((rows, 1)) > share.cumsum(axis=1)).sum(axis=1)
    return target, special.softmax(2.5 * logits, axis=1), share


def test_the_temperature_of_the_simulation_is_found():
    target, score, share = overconfident()
    found = fit_calibrator(target, score)
    assert found.temperature == pytest.approx(2.5, rel=0.05)
    assert apply_temperature(score, 2.5) == pytest.approx(share, abs=1e-3)


def test_two_classes_are_one_label():
    target, score, _ = overconfident(classes=2)
    of_label = fit_calibrator(target, score[:, 1])
    assert of_label.temperature == pytest.approx(
        fit_calibrator(target, score).temperature, rel=1e-3
    )


def test_a_temperature_by_hand():
    """Odds of 4 become odds of 2 with a temperature of 2; certainty stays finite."""
    assert apply_temperature(np.array([0.8, 0.2]), 2.0) == pytest.approx([2 / 3, 1 / 3])
    assert 0.999 < apply_temperature(np.array([1.0]), 2.0)[0] < 1


def test_isotonic_is_scikit_learns_kept_from_certainty():
    target = np.array([0, 0, 1, 0, 1, 1])
    score = np.array([0.1, 0.2, 0.3, 0.4, 0.6, 0.9])
    steps = fit_calibrator(target, score).steps
    # pooled: 0, 0, (1 + 0) / 2 twice, 1, 1; 0 and 1 are 1/8 away from themselves
    assert apply_isotonic(score, steps) == pytest.approx([1 / 8, 1 / 8, 0.5, 0.5, 7 / 8, 7 / 8])
    assert apply_isotonic(np.array([0.0, 1.0]), steps) == pytest.approx([1 / 8, 7 / 8])
    plain = IsotonicRegression().fit(score, target).predict(score)
    assert np.clip(plain, 1 / 8, 7 / 8) == pytest.approx(apply_isotonic(score, steps))


def test_several_classes_sum_to_one_and_lose_less():
    target, score, _ = overconfident()
    found = fit_calibrator(target[:10_000], score[:10_000])
    test = slice(10_000, None)
    mapped = apply_isotonic(score[test], found.steps)
    assert mapped.sum(axis=1) == pytest.approx(1)
    raw = sk.log_loss(target[test], score[test])
    assert sk.log_loss(target[test], mapped) < raw
    assert sk.log_loss(target[test], apply_temperature(score[test], found.temperature)) < raw


def test_reliability_by_hand():
    """An edge belongs to the bin below it; Wilson's interval of 1 of 2 is 0.0945 to 0.9055."""
    target, score = np.array([[0], [1], [1], [1]]), np.array([[0.0], [0.05], [0.25], [1.0]])
    ids = np.array(list("abcd"))
    table = score_table(ids, np.full(4, "test"), target, score, ["label"])
    found = reliability_table([(table, {}), (table, {})], "binary")
    assert found["low"].tolist() == [0, 0.2, 0.9] and found["count"].tolist() == [4, 2, 2]
    assert found["share"].tolist() == [0.5, 1, 1] and found["score"][0] == pytest.approx(0.025)
    once = reliability_table([(table, {})], "binary")
    assert once.loc[0, ["share_low", "share_high"]].tolist() == pytest.approx(
        [0.0945, 0.9055], abs=1e-4
    )


def test_a_calibrated_score_comes_true_as_often_as_it_says():
    target, score, _ = overconfident()
    ids = np.arange(len(target)).astype(str)
    table = score_table(
        ids, np.full(len(ids), "x"), target[:, None], score, list("abc"), "multiclass"
    )
    halves = table.iloc[:10_000], table.iloc[10_000:]
    chosen = validate(halves[0], "multiclass", 0.9, 0.9)
    found = reliability_table([(halves[1], chosen)], "multiclass")
    away = (found["score"] - found["share"]).abs() * found["count"] / 10_000
    error = away.groupby(found["method"]).sum()
    assert error["raw"] > 0.1
    assert error["temperature"] < 0.02 and error["isotonic"] < 0.02
    assert set(found["output"]) == {"label"}


def test_a_label_that_validation_lacks_has_no_choices():
    target, score = np.zeros((20, 2), dtype=int), np.random.default_rng(1).random((20, 2))
    target[:10, 0] = 1
    ids = np.arange(20).astype(str)
    table = score_table(ids, np.full(20, "x"), target, score, ["a", "b"], "multilabel")
    assert set(validate(table, "multilabel", 0.9, 0.9)) == {"a"}
    assert validate(pd.DataFrame(), "binary", 0.9, 0.9) == {}
