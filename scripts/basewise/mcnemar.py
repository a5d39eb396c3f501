"""Do two models get the same share of examples right? McNemar's test, for clusters of examples.

Q. McNemar, "Note on the sampling error of the difference between correlated proportions",
Psychometrika 12:153, 1947. For clusters: V. Durkalski and others, "Analysis of clustered
matched-pair data", Statistics in Medicine 22:2417, 2003, in the form that tests the pooled
difference, Z. Yang, X. Sun, J. Hardin, Biometrical Journal 52:638, 2010; with clusters of one size
both are the same.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from basewise.differences import Difference

__all__ = ["mcnemar_test"]

Floats = NDArray[np.float64]

ROUNDING = 1e-12
"""A sum below this share of what is added up is none."""


def mcnemar_test(
    difference: Floats, weight: Floats, cluster: NDArray[Any] | None = None
) -> Difference:
    """Test the weighted mean of paired differences, clusters being independent.

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

    Returns
    -------
    Difference
        With the interval of Wald.
    """
    if cluster is None:
        cluster = np.arange(len(difference))
    _, place = np.unique(cluster, return_inverse=True)
    sums, sizes = np.bincount(place, weight * difference), np.bincount(place, weight)
    if (np.abs(sums) <= ROUNDING * np.bincount(place, weight * np.abs(difference))).all():
        return Difference(0.0, 0.0, 0.0, 1.0)  # in each cluster the differences cancel
    value, squares = float(sums.sum()), float((sums**2).sum())
    residuals = sums - value * sizes
    clusters = len(sums)
    error = np.sqrt((residuals**2).sum() * clusters / max(clusters - 1, 1))
    reach = float(stats.norm.ppf(0.975) * error)
    p = float(stats.chi2.sf(value**2 / squares, 1))
    return Difference(value, value - reach, value + reach, p)
