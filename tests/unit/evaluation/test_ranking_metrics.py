import numpy as np
import pytest
from sklearn.metrics import dcg_score

from basewise.evaluation.values import ndcg_metrics, weighted_ndcg_metrics

NAMES = ["ndcg_1", "ndcg_5", "ndcg_10", "ndcg_20", "ndcg_50"]


def by_definition(target, score, percent):
    """Ma et al. 2018, rank by rank; no ties."""
    centered = np.asarray(target) - np.mean(target)
    order, ideal = np.argsort(score)[::-1], np.argsort(target)[::-1]
    found = best = total = 0.0
    top = int(np.ceil(len(centered) * percent / 100))
    for rank in range(top):
        found += centered[order[rank]] / np.log2(rank + 2)
        best += centered[ideal[rank]] / np.log2(rank + 2)
        total += found / best
    return total / top


def test_ndcg_by_hand():
    """Truths 6, 3, 1, -10 around their mean 0; the two middle ones change places."""
    values = ndcg_metrics(np.array([7.0, 4, 2, -9]), np.array([4.0, 2, 3, 1]))
    second = 1 / np.log2(3)
    assert values["ndcg_1"] == values["ndcg_20"] == 1
    assert values["ndcg_50"] == pytest.approx((1 + (6 + second) / (6 + 3 * second)) / 2)


@pytest.mark.parametrize("rows", [7, 100, 237])
def test_every_level_is_that_of_the_paper(rows):
    generator = np.random.default_rng(rows)
    target = generator.normal(100, 3, rows)
    score = target + generator.normal(0, 3, rows)
    values = ndcg_metrics(target, score)
    assert list(values) == NAMES
    for name, value in values.items():
        assert value == pytest.approx(by_definition(target, score, int(name[5:]))), name


def test_ties_share_their_gain_as_in_scikit_learn():
    generator = np.random.default_rng(2)
    target, score = generator.normal(5, 1, 40), generator.integers(0, 6, 40).astype(float)
    centered = target - target.mean()
    expected = [
        dcg_score([centered], [score], k=rank) / dcg_score([centered], [centered], k=rank)
        for rank in range(1, 21)
    ]
    assert ndcg_metrics(target, score)["ndcg_50"] == pytest.approx(np.mean(expected))


def test_best_random_and_constant():
    generator = np.random.default_rng(3)
    target = generator.normal(size=60)
    assert ndcg_metrics(target, 3 * target + 2) == pytest.approx(dict.fromkeys(NAMES, 1))
    assert set(ndcg_metrics(target, np.ones(60)).values()) == {0.0}
    assert set(ndcg_metrics(np.full(60, 0.1), target).values()) == {0.0}
    random = [ndcg_metrics(target, generator.normal(size=60))["ndcg_10"] for _ in range(4000)]
    assert abs(np.mean(random)) < 4 * np.std(random) / np.sqrt(4000)


@pytest.mark.parametrize("decimals", [0, 6])
def test_weights_are_repeated_rows(decimals):
    generator = np.random.default_rng(4)
    target = generator.normal(1e4, 2, 50).round(decimals)
    score = (target + generator.normal(0, 2, 50)).round(decimals)
    copies = generator.integers(0, 4, size=(6, 50))
    copies[0] = np.eye(50, dtype=int)[7] * 3
    weighted = weighted_ndcg_metrics(target, score, copies.astype(float))
    assert list(weighted) == NAMES
    for row, times in enumerate(copies):
        repeated = ndcg_metrics(np.repeat(target, times), np.repeat(score, times))
        for name, value in repeated.items():
            assert weighted[name][row] == pytest.approx(value, abs=1e-9), (row, name)
