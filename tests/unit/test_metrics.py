from functools import partial

import numpy as np
import pytest

from basewise.metrics import binary_metrics, weighted_binary_metrics
from basewise.statistics import bootstrap_intervals


def example(rows=400, seed=1):
    generator = np.random.default_rng(seed)
    target = generator.integers(2, size=rows)
    score = np.clip(generator.normal(0.4 + 0.2 * target, 0.2), 0.01, 0.99).round(2)
    return target, score


def intervals(target, score, seed, **settings):
    measure = partial(weighted_binary_metrics, target, score)
    return bootstrap_intervals(target, measure, np.random.default_rng(seed), **settings)


def test_hand_worked_confusion():
    #                 TP   FN   FP   TN   TN
    target = np.array([1, 1, 0, 0, 0])
    score = np.array([0.9, 0.2, 0.6, 0.1, 0.5])
    metrics = binary_metrics(target, score)
    assert metrics["accuracy"] == pytest.approx(3 / 5)
    assert metrics["recall"] == pytest.approx(1 / 2)
    assert metrics["specificity"] == pytest.approx(2 / 3)
    assert metrics["precision"] == pytest.approx(1 / 2)
    assert metrics["auroc"] == pytest.approx(4 / 6)


def test_weights_of_one_give_scikit_learns_values():
    target, score = example()
    weighted = weighted_binary_metrics(target, score, np.ones((1, len(target))))
    for name, value in binary_metrics(target, score).items():
        assert weighted[name][0] == pytest.approx(value, rel=1e-9), name


def test_a_weight_is_a_number_of_copies():
    target, score = example(60)
    copies = np.random.default_rng(2).integers(0, 4, size=60)
    repeated = binary_metrics(np.repeat(target, copies), np.repeat(score, copies))
    weighted = weighted_binary_metrics(target, score, copies[None].astype(float))
    for name, value in repeated.items():
        assert weighted[name][0] == pytest.approx(value, rel=1e-9), name


def test_intervals_have_the_width_of_the_binomial():
    target, score = example(2000)
    value = binary_metrics(target, score)["recall"]
    low, high = intervals(target, score, 3)["recall"]
    half_width = 1.96 * np.sqrt(value * (1 - value) / target.sum())
    assert low < value < high
    assert high - low == pytest.approx(2 * half_width, rel=0.1)


def test_a_perfect_classifier_has_no_uncertainty():
    target = np.array([0, 1] * 50)
    found = intervals(target, target * 0.8 + 0.1, 4)
    assert found["auroc"] == (1, 1)
    assert found["accuracy"] == (1, 1)


def test_intervals_repeat_with_the_generator():
    target, score = example()
    first, second = (intervals(target, score, 5, resamples=50) for _ in "ab")
    assert first == second
