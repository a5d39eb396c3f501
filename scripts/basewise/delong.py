"""Do two models have the same area under the ROC curve? The test of DeLong and others.

E. DeLong, D. DeLong, D. Clarke-Pearson, "Comparing the areas under two or more correlated receiver
operating characteristic curves", Biometrics 44:837, 1988; by ranks as in X. Sun, W. Xu, "Fast
implementation of DeLong's algorithm", IEEE Signal Processing Letters 21:1389, 2014.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from basewise.differences import Difference, error_test

__all__ = ["delong_test", "placements"]

Floats = NDArray[np.float64]


def placements(target: NDArray[Any], score: Floats) -> tuple[Floats, Floats]:
    """Share of the other class that each example is rightly placed above, or below; ties are half.

    Parameters
    ----------
    target
        0 or 1, shape (n,).
    score
        Shape (seeds, n).

    Returns
    -------
    Of the examples of class 1 and of class 0, means over the seeds. The mean of either is the mean
    AUROC of the seeds.
    """
    positive = target == 1
    ranks = stats.rankdata(score, axis=-1)
    above = ranks[:, positive] - stats.rankdata(score[:, positive], axis=-1)
    below = ranks[:, ~positive] - stats.rankdata(score[:, ~positive], axis=-1)
    ones, zeros = positive.sum(), (~positive).sum()
    return (above / zeros).mean(axis=0), 1 - (below / ones).mean(axis=0)


def delong_test(folds: Sequence[tuple[NDArray[Any], Floats, Floats]]) -> Difference:
    """Test the difference of the mean AUROC of two models, given the trained models as they are.

    Parameters
    ----------
    folds
        Of each fold the truth (0 or 1, each at least twice), shape (n,), and the scores of the two
        models for the same examples, shape (seeds, n); their numbers of seeds may differ. Folds
        count as independent.
    """
    differences, variances, units = [], [], 0
    for target, one, other in folds:
        pairs = zip(placements(target, one), placements(target, other), strict=True)
        apart = [first - second for first, second in pairs]
        differences.append(apart[0].mean())
        variances.append(sum(values.var(ddof=1) / len(values) for values in apart))
        units += min(map(len, apart))
    error = np.sqrt(np.sum(variances)) / len(folds)
    return error_test(float(np.mean(differences)), float(error), units)
