"""The difference between two models, and tests of it over the folds and seeds of both."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from basewise.statistics import interval_over_runs

__all__ = ["Difference", "bootstrap_test", "corrected_t_test", "error_test"]

Floats = NDArray[np.float64]


class Difference(NamedTuple):
    """A difference with its 95 % interval and the two-sided p of there being none."""

    difference: float
    low: float
    high: float
    p: float


def error_test(difference: float, error: float, df: float = np.inf) -> Difference:
    """Test a difference with a standard error by Student's t, or by the normal distribution.

    Parameters
    ----------
    difference, error
        In the same unit; with no error at all p is 0, or 1 where the difference is 0.
    df
        Degrees of freedom.
    """
    reach = float(error * stats.t.ppf(0.975, df))
    return Difference(difference, difference - reach, difference + reach, _p(difference, error, df))


def corrected_t_test(differences: Floats, test_to_train: float | None = None) -> Difference:
    """Test the mean of the differences of k folds, k >= 2, by the corrected resampled t-test.

    Since folds share their training examples, the variance of the mean is that of the differences
    times (1/k + test_to_train), and t has k - 1 degrees of freedom.

    Parameters
    ----------
    differences
        Shape (k,).
    test_to_train
        Examples of the test part for each one of train; 1/(k - 1) without it.

    Notes
    -----
    C. Nadeau, Y. Bengio, "Inference for the generalization error", Machine Learning 52:239, 2003.
    """
    folds = len(differences)
    ratio = 1 / (folds - 1) if test_to_train is None else test_to_train
    error = float(np.sqrt(differences.var(ddof=1) * (1 / folds + ratio)))
    return error_test(float(differences.mean()), error, folds - 1)


def bootstrap_test(values: Floats, replicates: Floats) -> Difference:
    """Test a difference by the paired bootstrap.

    Parameters
    ----------
    values
        Difference of every run, shape (folds, seeds).
    replicates
        The same in every resample, which is one draw of examples for both models, shape
        (folds, seeds, resamples).

    Returns
    -------
    Difference
        The interval of `statistics.interval_over_runs`, and p by t with its error and degrees of
        freedom.
    """
    difference = float(values.mean())
    found = interval_over_runs(values, replicates)
    return Difference(difference, found.low, found.high, _p(difference, found.se, found.df))


def _p(difference: float, error: float, df: float) -> float:
    if not error:
        return float(difference == 0)
    return float(2 * stats.t.sf(abs(difference) / error, df))
