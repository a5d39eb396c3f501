import numpy as np
import pytest
from sklearn import metrics as sk

from basewise.evaluation.binary import binary_metrics
from basewise.evaluation.validation import RULES, choose_thresholds, threshold_metrics


def scored(rows=300, seed=1):
    generator = np.random.default_rng(seed)
    target = (generator.random(rows) < 0.3).astype(int)
    return target, (1 / (1 + np.exp(-generator.normal(2 * target - 1)))).round(2)


def test_thresholds_by_hand():
    target = np.array([0, 0, 1, 0, 1, 1])
    score = np.array([0.1, 0.2, 0.3, 0.4, 0.6, 0.9])
    found = choose_thresholds(target, score, precision=1.0, recall=0.6)
    # F1 of > 0.25: 6/7, of > 0.5: 4/5; correlation of > 0.25 and of > 0.5 are both 1/sqrt(2)
    assert found["max_f1"] == pytest.approx(0.25)
    assert found["max_mcc"] == pytest.approx(0.25)
    assert found["fixed_precision"] == pytest.approx(0.5)
    assert found["fixed_recall"] == pytest.approx(0.5)


def test_no_other_threshold_is_better():
    target, score = scored()
    found = choose_thresholds(target, score, 0.8, 0.8)
    for rule, measure in (("max_f1", sk.f1_score), ("max_mcc", sk.matthews_corrcoef)):
        best = max(measure(target, score > threshold) for threshold in np.unique(score)[:-1])
        assert measure(target, score > found[rule]) == pytest.approx(best)
    lower, higher = (
        found[rule] + by for rule, by in (("fixed_precision", -0.01), ("fixed_recall", 0.01))
    )
    assert sk.precision_score(target, score > found["fixed_precision"]) >= 0.8
    assert sk.precision_score(target, score > lower) < 0.8
    assert sk.recall_score(target, score > found["fixed_recall"]) >= 0.8
    assert sk.recall_score(target, score > higher) < 0.8


def test_what_cannot_be_reached():
    target, score = np.array([1, 0, 1, 0]), np.array([0.1, 0.3, 0.5, 0.9])
    found = choose_thresholds(target, score, precision=0.9, recall=0.9)
    assert found["fixed_precision"] == pytest.approx(0.4)  # a half; no threshold has more
    assert found["fixed_recall"] == pytest.approx(0.2)
    assert choose_thresholds(target, np.full(4, 0.4)) == dict.fromkeys(RULES, 0.4)


def test_measures_at_a_threshold_are_those_of_its_predictions():
    target, score = scored()
    thresholds = {"max_f1": 0.31, "fixed_recall": 0.62}
    copies = np.random.default_rng(2).integers(0, 4, size=len(target))
    found = threshold_metrics(target == 1, score, thresholds, copies[None].astype(float))
    for rule, threshold in thresholds.items():
        expected = binary_metrics(np.repeat(target, copies), np.repeat(score, copies), threshold)
        for metric in ("accuracy", "balanced_accuracy", "precision", "recall", "specificity", "f1"):
            assert found[f"{metric}_at_{rule}"][0] == pytest.approx(expected[metric])
        assert found[f"mcc_at_{rule}"][0] == pytest.approx(expected["mcc"])
