"""The difference between two models, and tests of it over the folds and seeds of both."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from basewise.bounds import degrees_of_freedom
from basewise.statistics import RunInterval, interval_over_runs

__all__ = ["Difference", "bootstrap_test", "corrected_t_test", "error_test"]

Floats = NDArray[np.float64]

ROUNDING = 1e-12
"""A difference below this share of the measures is none, as an error of the difference."""


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

    Parameters
    ----------
    difference, error
        In the same unit.
    units
        Number of what is independent: examples of the rarest kind, or folds.
    df
        Degrees of freedom.
    size
        Of the measures that differ: what rounding is relative to.
    """
    reach = float(error * stats.t.ppf(0.975, df))
    interval = RunInterval(difference - reach, difference + reach, error, df)
    return _difference(difference, interval, units, size)


def corrected_t_test(
    differences: Floats, test_to_train: float | None = None, size: float = 1.0
) -> Difference:
    """Test the mean of the differences of k folds, k >= 2, by the corrected resampled t-test.

    Since folds share their training examples, the variance of the mean is that of the differences
    times (1/k + test_to_train), and t has k - 1 degrees of freedom.

    Parameters
    ----------
    differences
        Shape (k,).
    test_to_train
        Examples of the test part for each one of train; 1/(k - 1) without it.
    size
        As for `error_test`.

    Notes
    -----
    C. Nadeau, Y. Bengio, "Inference for the generalization error", Machine Learning 52:239, 2003.
    """
    folds = len(differences)
    ratio = 1 / (folds - 1) if test_to_train is None else test_to_train
    error = float(np.sqrt(differences.var(ddof=1) * (1 / folds + ratio)))
    return error_test(float(differences.mean()), error, folds, folds - 1, size)


def bootstrap_test(values: Floats, replicates: Floats, units: int, size: float = 1.0) -> Difference:
    """Test a difference by the paired bootstrap.

    Parameters
    ----------
    values
        Difference of every run, shape (folds, seeds).
    replicates
        The same in every resample, which is one draw of examples for both models, shape
        (folds, seeds, resamples).
    units
        Number of examples, groups or sequences of the rarest kind, of all folds together.
    size
        As for `error_test`.

    Returns
    -------
    Difference
        The interval of `statistics.interval_over_runs`, and p by t with its error and degrees of
        freedom, those of the resamples being `bounds.degrees_of_freedom`.
    """
    found = interval_over_runs(values, replicates, degrees_of_freedom(units))
    return _difference(float(values.mean()), found, units, size)


def _difference(difference: float, found: RunInterval, units: int, size: float) -> Difference:
    if abs(difference) <= ROUNDING * size and found.se <= ROUNDING * size:
        return Difference(0.0, 0.0, 0.0, 1.0)
    if found.se <= ROUNDING * abs(difference):
        return Difference(difference, np.nan, np.nan, min(1.0, 2 * 0.5**units))
    p = float(2 * stats.t.sf(abs(difference) / found.se, found.df))
    return Difference(difference, found.low, found.high, p)
