"""Intervals hold the truth in 93 to 97 % of data sets, with exceptions; benchmarks/coverage.py."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

from basewise.evaluation.bootstrap import interval_over_runs
from basewise.evaluation.bounds import measure_bounds

PATH = Path(__file__).parents[3] / "benchmarks" / "coverage.py"
spec = importlib.util.spec_from_file_location("coverage_of_intervals", PATH)
simulation = importlib.util.module_from_spec(spec)
sys.modules[spec.name] = simulation
spec.loader.exec_module(simulation)
Sample, Training = simulation.Sample, simulation.Training

ONE_RUN = {
    "few": lambda: simulation.of_classifier(Sample(50, 50)),
    "rare": lambda: simulation.of_classifier(Sample(20, 180)),
    "groups": lambda: simulation.of_classifier(Sample(100, 100, 20, 0.7)),
    "numbers": lambda: simulation.of_numbers(100, 0.3, 500),
}
RUNS = {"seeds": Training(1, 3, 0.0, 0.15), "folds": Training(5, 1, 0.15)}

OUTSIDE = {
    ("few", "auprc"): (0.91, 0.93),
    ("rare", "precision"): (0.97, 0.99),
    ("rare", "recall"): (0.97, 0.98),
    ("rare", "f1"): (0.97, 0.98),
    ("groups", "precision"): (0.97, 0.985),
    ("seeds difference", "auroc"): (0.92, 0.94),
    ("folds mean", "accuracy"): (0.97, 0.98),
    ("folds mean", "auroc"): (0.97, 0.98),
}
"""Known to be a little too narrow or too wide, by case and measure; docs/spec.md says so."""


def check(case, found):
    print(case, found)
    for name, share in found.items():
        low, high = OUTSIDE.get((case, name), (0.93, 0.97))
        assert low <= share <= high, (case, name, share)


@pytest.mark.slow
@pytest.mark.parametrize("case", ONE_RUN)
def test_intervals_of_a_run_hold_the_truth(case):
    check(case, ONE_RUN[case]())


@pytest.mark.slow
@pytest.mark.parametrize("case", RUNS)
def test_intervals_over_runs_hold_the_truth(case):
    sample = Sample(50, 50)
    check(f"{case} mean", simulation.of_mean(sample, RUNS[case]))
    check(f"{case} difference", simulation.of_difference(sample, RUNS[case], 0.3))


def test_the_chance_in_training_is_part_of_the_interval():
    """200 data sets of three very different seeds; half hold without the seeds' variance."""
    found = simulation.of_difference(Sample(50, 50), Training(1, 3, 0.0, 0.5), 0.3, 200)
    assert all(0.88 <= share <= 0.985 for share in found.values())


def test_a_single_run_has_its_percentiles():
    replicates = np.random.default_rng(1).gamma(2, size=(1, 1, 1000))
    found = interval_over_runs(np.array([[2.0]]), replicates)
    assert found[:2] == pytest.approx(np.quantile(replicates, (0.025, 0.975)))
    assert found.se == pytest.approx(replicates.std()) and found.df == np.inf


def test_seeds_share_their_examples_and_folds_do_not():
    """The same run three times says no more than once; in three folds its variance is a third."""
    replicates = np.random.default_rng(2).normal(0.8, 0.1, size=(3, 1, 1000))
    once = interval_over_runs(np.array([[0.8]]), replicates[:1])
    seeds = interval_over_runs(np.full((1, 3), 0.8), np.repeat(replicates[:1], 3, axis=1))
    folds = interval_over_runs(np.full((3, 1), 0.8), replicates)
    assert seeds[:3] == pytest.approx(once[:3])
    assert folds.se == pytest.approx(once.se / np.sqrt(3), rel=0.1)


def test_runs_that_differ_by_hand():
    """Without uncertainty in the examples: t with two degrees of freedom, 4.303 standard errors."""
    found = interval_over_runs(np.array([[0.7, 0.8, 0.9]]), np.full((1, 3, 10), 0.8))
    assert found.se == pytest.approx(0.1 / np.sqrt(3)) and found.df == pytest.approx(2)
    assert found.high == pytest.approx(0.8 + 4.3027 * 0.1 / np.sqrt(3), rel=1e-4)


def test_bounds_stay_within_the_range_of_a_measure():
    nothing = np.zeros(0)
    assert measure_bounds("f1_at_max_f1", 0.98, nothing, 0.05, 9, 10)[1] < 1
    assert measure_bounds("macro_auroc", 1.0, nothing, 0.0, 9, 10) == (
        pytest.approx(0.6915, abs=1e-4),
        1,
    )
    assert measure_bounds("recall", 0.0, nothing, 0.0, 99, 100) == (
        0,
        pytest.approx(0.0362, abs=1e-4),
    )
    assert measure_bounds("pearson", 0.5, nothing, 0.02, np.inf, 9) == pytest.approx(
        np.tanh(np.arctanh(0.5) + np.array([-1, 1]) * 1.96 * 0.02 / 0.75), rel=1e-4
    )
    perfect = measure_bounds("pearson", -1 + 1e-15, nothing, 0.0, 9, 10)
    assert perfect == (-1, pytest.approx(2 * 0.3085 - 1, abs=1e-4))
    assert measure_bounds("rmse", 1e-13, nothing, 1e-14, 9, 10)[0] > 0
    assert measure_bounds("brier_isotonic", 0.1, nothing, 0.05, 9, 10)[0] > 0
    assert measure_bounds("ndcg_10", -0.5, nothing, 0.1, 9, 10)[0] < -0.6
