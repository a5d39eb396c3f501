import numpy as np
import pytest
from scipy import stats

from basewise.evaluation.significance import mcnemar_test

# Petryshen & Rudnick 1989: how many of the patients of each of 29 psychiatrists the psychiatrist
# alone, and the patient alone, said yes of; and how many patients there were.
PSYCHIATRIST = [*(0, 1, 1, 1, 0, 3, 3, 3, 1, 0, 0, 1, 0, 0, 0), *(0, 0, 0, 3, 1, 1, 2, *[0] * 7)]
PATIENT = [4, 2, 3, 2, 1, 3, 0, 2, 2, 4, 2, 4, 3, 2, 1, 3, 1, 2, 0, 0, 0, 2, 1, 2, 2, 0, 0, 1, 1]
PATIENTS = [7, 6, 7, 6, 4, 6, 5, 8, 4, 7, 3, 6, 7, 6, 5, 4, 6, 5, 4, 3, 5, 4, 4, 2, 3, 2, 2, 3, 1]


def even(rows):
    return np.full(rows, 1 / rows)


def test_a_published_table():
    """Agresti, Categorical Data Analysis, 10.1: of 1,600 voters 150 and 86 change their minds.

    z is -4.17, the difference -0.04 with the interval (-0.06, -0.02), its error 0.0095.
    """
    difference = np.repeat([0, -1, 1, 0], [794, 150, 86, 570]).astype(float)
    found = mcnemar_test(difference, even(1600))
    assert found.difference == pytest.approx(-0.04)
    assert found.p == pytest.approx(3.1e-5, abs=5e-7)  # of z = 64 / sqrt(236)
    assert (found.high - found.low) / 2 / 1.959964 == pytest.approx(0.0095, abs=1e-4)


def test_a_published_example_of_clusters():
    """Durkalski and others (2003): 7.542, with clusters that count the same whatever their size."""
    counts = np.array([PSYCHIATRIST, PATIENT, PATIENTS])
    difference = np.concatenate([np.repeat([1, -1, 0], [b, c, n - b - c]) for b, c, n in counts.T])
    cluster = np.repeat(np.arange(29), counts[2])
    weight = np.repeat(1 / counts[2] / 29, counts[2])
    assert mcnemar_test(difference, weight, cluster).p == pytest.approx(
        stats.chi2.sf(7.542, 1), abs=2e-6
    )
    pooled = mcnemar_test(difference, even(len(cluster)), cluster)
    assert pooled.difference == pytest.approx((counts[0].sum() - counts[1].sum()) / 135)


def test_copies_in_one_cluster_tell_nothing_new():
    difference = np.random.default_rng(2).choice([-1.0, 0.0, 1.0, 1.0], 40)
    once = mcnemar_test(difference, even(40))
    copies = mcnemar_test(difference.repeat(5), even(200), np.arange(40).repeat(5))
    assert copies == pytest.approx(once)
    assert mcnemar_test(difference.repeat(5), even(200)).p < once.p


def test_models_that_are_right_alike_do_not_differ():
    assert mcnemar_test(np.zeros(5), even(5)) == (0, 0, 0, 1)


def test_the_level_is_kept_where_groups_are_related():
    """Groups of 10 whose examples go together: chance alone is called a difference in 5 %."""
    generator, found = np.random.default_rng(3), {"groups": 0, "examples": 0}
    cluster = np.arange(40).repeat(10)
    for _ in range(500):
        leaning = generator.normal(size=40).repeat(10)
        difference = np.sign(leaning + generator.normal(size=400)) * (generator.random(400) < 0.5)
        found["groups"] += mcnemar_test(difference, even(400), cluster).p < 0.05
        found["examples"] += mcnemar_test(difference, even(400)).p < 0.05
    assert 12 <= found["groups"] <= 42 and found["examples"] > 100
