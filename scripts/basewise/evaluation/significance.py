"""Tests of the difference between two models: over folds and seeds, of DeLong, and of McNemar.

E. DeLong, D. DeLong, D. Clarke-Pearson, "Comparing the areas under two or more correlated receiver
operating characteristic curves", Biometrics 44:837, 1988; by ranks as in X. Sun, W. Xu, "Fast
implementation of DeLong's algorithm", IEEE Signal Processing Letters 21:1389, 2014.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import scipy  # scipy.stats takes half a second; it loads where a test is made
from numpy.typing import NDArray

from basewise.core.arrays import ROUNDING, Floats
from basewise.evaluation.bootstrap import RunInterval, interval_over_runs
from basewise.evaluation.bounds import degrees_of_freedom


class Difference(NamedTuple):
    """A difference with its 95 % interval and the two-sided p of there being none.

    A difference that is the same wherever it is looked for has no interval (NaN), and the p of the
    sign test: that all units point one way by chance.
    """

    difference: float
    low: float
    high: float
    p: float


def error_test(
    difference: float, error: float, units: int, df: float = np.inf, size: float = 1.0
) -> Difference:
    """Test a difference with a standard error by Student's t, or by the normal distribution.

    `units` counts what is independent: examples of the rarest kind, or folds. `size` is that of the
    measures that differ: what rounding is relative to.
    """
    reach = float(error * scipy.stats.t.ppf(0.975, df))
    interval = RunInterval(difference - reach, difference + reach, error, df)
    return _difference(difference, interval, units, size)


def corrected_t_test(
    differences: Floats, test_to_train: float | None = None, size: float = 1.0
) -> Difference:
    """Test the mean of the differences of k folds, k >= 2, by the corrected resampled t-test.

    Since folds share their training examples, the variance of the mean is that of the differences
    times (1/k + test_to_train), and t has k - 1 degrees of freedom. `test_to_train` are the
    examples of the test part for each one of train; 1/(k - 1) without it. `size` as for
    `error_test`. C. Nadeau, Y. Bengio, "Inference for the generalization error", Machine Learning
    52:239, 2003.
    """
    folds = len(differences)
    ratio = 1 / (folds - 1) if test_to_train is None else test_to_train
    error = float(np.sqrt(differences.var(ddof=1) * (1 / folds + ratio)))
    return error_test(float(differences.mean()), error, folds, folds - 1, size)


def bootstrap_test(values: Floats, replicates: Floats, units: int, size: float = 1.0) -> Difference:
    """Test a difference by the paired bootstrap.

    The interval is that of `bootstrap.interval_over_runs`, and p by t with its error and degrees of
    freedom, those of the resamples being `bounds.degrees_of_freedom`.

    Parameters
    ----------
    values
        Difference of every run, shape (folds, seeds).
    replicates
        The same in every resample, which is one draw of examples for both models, shape
        (folds, seeds, resamples).
    units, size
        As for `error_test`, of all folds together.
    """
    interval = interval_over_runs(values, replicates, degrees_of_freedom(units))
    return _difference(float(values.mean()), interval, units, size)


def _difference(difference: float, interval: RunInterval, units: int, size: float) -> Difference:
    if abs(difference) <= ROUNDING * size and interval.se <= ROUNDING * size:
        return Difference(0.0, 0.0, 0.0, 1.0)
    # No variance means that all units agree, not that the difference is certain.
    if interval.se <= ROUNDING * abs(difference):
        return Difference(difference, np.nan, np.nan, min(1.0, 2 * 0.5**units))
    p = float(2 * scipy.stats.t.sf(abs(difference) / interval.se, interval.df))
    return Difference(difference, interval.low, interval.high, p)


def placements(target: NDArray[Any], score: Floats) -> tuple[Floats, Floats]:
    """Share of the other class that each example is rightly placed above, or below; ties are half.

    Of the examples of class 1 and of class 0, means over the seeds of scores (seeds, n). The mean
    of either is the mean AUROC of the seeds.
    """
    positive = target == 1
    ranks = scipy.stats.rankdata(score, axis=-1)
    # The rank among all less the rank among its own is how many of the others lie below.
    above = ranks[:, positive] - scipy.stats.rankdata(score[:, positive], axis=-1)
    below = ranks[:, ~positive] - scipy.stats.rankdata(score[:, ~positive], axis=-1)
    ones, zeros = positive.sum(), (~positive).sum()
    return (above / zeros).mean(axis=0), 1 - (below / ones).mean(axis=0)


def delong_test(folds: Sequence[tuple[NDArray[Any], Floats, Floats]]) -> Difference:
    """Test the difference of the mean AUROC of two models, given the trained models as they are.

    Of each fold there are the truth (0 or 1, each at least twice), shape (n,), and the scores of
    the two models for the same examples, shape (seeds, n); their numbers of seeds may differ. Folds
    count as independent.
    """
    differences, variances, units = [], [], 0
    for target, one, other in folds:
        pairs = zip(placements(target, one), placements(target, other), strict=True)
        apart = [first - second for first, second in pairs]
        differences.append(apart[0].mean())
        # The placements of either class vary independently (DeLong et al. 1988).
        variances.append(sum(values.var(ddof=1) / len(values) for values in apart))
        units += min(map(len, apart))

    error = np.sqrt(np.sum(variances)) / len(folds)
    return error_test(float(np.mean(differences)), float(error), units)


def mcnemar_test(
    difference: Floats, weight: Floats, cluster: NDArray[Any] | None = None
) -> Difference:
    """Test the weighted mean of paired differences, clusters being independent; Wald's interval.

    The square of the sum over the sum of squares of the clusters is chi-squared with 1 degree of
    freedom; with examples of equal weight and one run a model this is (b - c)^2 / (b + c).

    Parameters
    ----------
    difference
        How much oftener one model is right than the other, from -1 to 1, shape (n,): the mean over
        its seeds less that of the other.
    weight
        Of each example, shape (n,); they add up to 1.
    cluster
        Which cluster each example is in, shape (n,); without it each is one.
    """
    if cluster is None:
        cluster = np.arange(len(difference))
    _, place = np.unique(cluster, return_inverse=True)
    sums, sizes = np.bincount(place, weight * difference), np.bincount(place, weight)
    if (np.abs(sums) <= ROUNDING * np.bincount(place, weight * np.abs(difference))).all():
        return Difference(0.0, 0.0, 0.0, 1.0)  # in each cluster the differences cancel

    value, squares = float(sums.sum()), float((sums**2).sum())

    # Variance over clusters, with the usual factor for few of them.
    residuals = sums - value * sizes
    clusters = len(sums)
    error = np.sqrt((residuals**2).sum() * clusters / max(clusters - 1, 1))
    reach = float(scipy.stats.norm.ppf(0.975) * error)
    p = float(scipy.stats.chi2.sf(value**2 / squares, 1))

    return Difference(value, value - reach, value + reach, p)
