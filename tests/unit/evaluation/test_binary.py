from functools import partial

import numpy as np
import pytest

from basewise.evaluation.binary import binary_metrics, weighted_binary_metrics
from basewise.evaluation.bootstrap import draw_weights, percentile_interval, replicate


def example(rows=400, seed=1):
    generator = np.random.default_rng(seed)
    target = generator.integers(2, size=rows)
    score = np.clip(generator.normal(0.4 + 0.2 * target, 0.2), 0.01, 0.99).round(2)
    return target, score


def replicates(target, score, seed, **settings):
    draws = draw_weights(target, np.random.default_rng(seed), **settings)
    return replicate(partial(weighted_binary_metrics, target, score), draws)


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


def test_calibration_error_by_hand():
    """Bins of a fifteenth: 0.1 and 0.13 share one, an edge belongs to the bin below it."""
    target = np.array([0, 1, 1, 1])
    score = np.array([0.1, 0.13, 14 / 15, 1.0])
    expected = (abs(1 - 0.23) + abs(1 - 14 / 15) + abs(1 - 1.0)) / 4
    assert binary_metrics(target, score)["ece"] == pytest.approx(expected)
    assert binary_metrics(np.array([0, 1]), np.array([0.0, 1.0]))["ece"] == 0


def test_percentiles_have_the_width_of_the_binomial():
    target, score = example(2000)
    value = binary_metrics(target, score)["recall"]
    low, high = percentile_interval(replicates(target, score, 3)["recall"])
    half_width = 1.96 * np.sqrt(value * (1 - value) / target.sum())
    assert low < value < high
    assert high - low == pytest.approx(2 * half_width, rel=0.1)


def test_resamples_repeat_with_the_generator_and_keep_the_strata():
    target, score = example()
    first, second = (replicates(target, score, 5, resamples=50) for _ in "ab")
    assert all(np.array_equal(first[name], second[name]) for name in first)
    for weight in draw_weights(target, np.random.default_rng(5), resamples=50):
        assert set(weight @ target) == {target.sum()} and set(weight.sum(axis=1)) == {len(target)}


def test_groups_are_drawn_whole():
    groups = np.array([0, 1, 1, 2, 2, 2])
    drawn = np.concatenate(list(draw_weights(groups > 0, np.random.default_rng(6), groups=groups)))
    assert drawn.shape == (1000, 6)
    assert (drawn[:, [1, 3, 4]] == drawn[:, [2, 4, 5]]).all()
    assert set(drawn[:, [0, 1, 3]].sum(axis=1)) == {3}
    assert drawn[:, 0].mean() == pytest.approx(1, abs=4 * np.sqrt(2 / 3 / 1000))
