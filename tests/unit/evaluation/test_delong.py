import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from basewise.evaluation.significance import delong_test, placements

# DeLong, DeLong and Clarke-Pearson (1988): albumin, total protein and 10 less the K-G score of 43
# patients with ovarian cancer, as printed in the SAS/STAT manual; which of them surgery helped.
PATIENTS = """
3.0 5.8 0 0  3.2 6.3 5 1  3.9 6.8 7 1  2.8 4.8 4 0  3.2 5.8 7 1  0.9 4.0 5 0  2.5 5.7 2 0
1.6 5.6 5 1  3.8 5.7 5 1  3.7 6.7 4 1  3.2 5.4 6 1  3.8 6.6 4 1  4.1 6.6 5 1  3.6 5.7 5 1
4.3 7.0 6 1  3.6 6.7 6 0  2.3 4.4 4 1  4.2 7.6 6 0  4.0 6.6 4 0  3.5 5.8 4 1  3.8 6.8 3 1
3.0 4.7 2 0  4.5 7.4 5 1  3.7 7.4 5 1  3.1 6.6 4 1  4.1 8.2 4 1  4.3 7.0 5 1  4.3 6.5 6 1
3.2 5.1 5 1  2.6 4.7 4 1  3.3 6.8 4 0  1.7 4.0 3 0  3.7 6.1 5 1  3.3 6.3 3 1  4.2 7.7 4 1
3.5 6.2 5 1  2.9 5.7 1 0  2.1 4.8 3 1  2.8 6.2 2 0  4.0 7.0 3 1  3.3 5.7 4 1  3.7 6.9 5 1
3.6 6.6 5 1
"""
ALBUMIN, PROTEIN, SCORE, TARGET = np.array(PATIENTS.split(), dtype=float).reshape(-1, 4).T


def compare(one, other):
    return delong_test([(TARGET, one[None], other[None])])


def test_the_published_example():
    """Areas 0.7366, 0.6478 and 0.7258; chi-squared 0.0127 and 0.5554 against the K-G score."""
    areas = [placements(TARGET, test[None])[0].mean() for test in (ALBUMIN, PROTEIN, SCORE)]
    assert areas == pytest.approx([0.7366, 0.6478, 0.7258], abs=5e-5)
    albumin, protein = compare(ALBUMIN, SCORE), compare(PROTEIN, SCORE)
    assert albumin.difference == pytest.approx(0.0108, abs=5e-5)
    assert albumin.p == pytest.approx(0.9102, abs=5e-5)
    assert protein.difference == pytest.approx(-0.0780, abs=5e-5)
    assert protein.p == pytest.approx(0.4561, abs=5e-5)
    assert (protein.high - protein.low) / 2 == pytest.approx(1.959964 * 0.1046, abs=2e-4)


def test_placements_are_counted_pair_by_pair():
    generator = np.random.default_rng(1)
    target, score = generator.permutation([1] * 9 + [0] * 14), generator.integers(0, 6, 23)
    right = (score[target == 1][:, None] > score[target == 0]).astype(float)
    right += 0.5 * (score[target == 1][:, None] == score[target == 0])
    ones, zeros = placements(target, score[None].astype(float))
    assert ones == pytest.approx(right.mean(axis=1)) and zeros == pytest.approx(right.mean(axis=0))
    assert ones.mean() == zeros.mean() == pytest.approx(roc_auc_score(target, score))


def test_seeds_are_averaged_and_folds_are_independent():
    """Twice the same seed tells nothing new; twice the same fold halves the variance."""
    one, other = ALBUMIN[None], SCORE[None]
    once = compare(ALBUMIN, SCORE)
    assert delong_test([(TARGET, one.repeat(3, axis=0), other)]) == pytest.approx(once)
    twice = delong_test([(TARGET, one, other)] * 2)
    assert twice.high - twice.low == pytest.approx((once.high - once.low) / np.sqrt(2))
    both = np.stack([ALBUMIN, PROTEIN])
    mean = delong_test([(TARGET, both, other)]).difference
    assert mean == pytest.approx((once.difference + compare(PROTEIN, SCORE).difference) / 2)


def test_a_model_that_is_the_same_is_not_different():
    assert compare(SCORE, SCORE) == (0, 0, 0, 1)


def test_a_perfect_model_and_a_constant_one_have_no_error():
    """No placement varies; that all point one way is the sign test of the rarer class."""
    found = compare(TARGET, np.full(len(TARGET), 0.5))
    assert found.difference == 0.5 and np.isnan(found[1:3]).all()
    assert found.p == 2 * 0.5 ** min(np.bincount(TARGET.astype(int)))
