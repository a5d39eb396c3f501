"""Measures of predicted numbers: by scikit-learn and SciPy, and many resamples at once.

The second form takes a weight for each example and resample, as in `metrics`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from sklearn import metrics as sk

from basewise.metrics import ratio
from basewise.ranking_metrics import ndcg_metrics, weighted_ndcg_metrics

__all__ = ["value_metrics", "weighted_value_metrics"]

Floats = NDArray[np.float64]

ROUNDING = 1e-12
"""A variance below this share of the mean square is none."""


def value_metrics(target: Floats, score: Floats) -> dict[str, float]:
    """Every measure of one output.

    Parameters
    ----------
    target, score
        Truth and prediction in the same unit, shape (n,).

    Returns
    -------
    pearson, spearman (0 where truth or prediction is constant), r2 (0 where truth is), rmse, mae,
    and those of `ranking_metrics.ndcg_metrics`
    """
    varied = np.ptp(target) > 0
    related = varied and np.ptp(score) > 0
    return {
        "pearson": float(stats.pearsonr(target, score).statistic) if related else 0.0,
        "spearman": float(stats.spearmanr(target, score).statistic) if related else 0.0,
        "r2": float(sk.r2_score(target, score)) if varied else 0.0,
        "rmse": float(sk.root_mean_squared_error(target, score)),
        "mae": float(sk.mean_absolute_error(target, score)),
        **ndcg_metrics(target, score),
    }


def weighted_value_metrics(target: Floats, score: Floats, weight: Floats) -> dict[str, Floats]:
    """The measures of `value_metrics` for r weightings of the same n examples.

    Parameters
    ----------
    target, score
        Shape (n,).
    weight
        How often each example counts, whole numbers, shape (r, n).

    Returns
    -------
    The same names, each an array of shape (r,).
    """
    total = weight.sum(axis=1)
    # centred on a value of the data, so that what is constant becomes exactly 0
    truth, found = target - np.median(target), score - np.median(score)
    error = target - score
    moments = weight @ np.stack([truth, found, truth**2, found**2, truth * found, error**2], axis=1)
    t, f, tt, ff, tf, squared_error = moments.T
    spread, spread_found = _variation(tt, t, total), _variation(ff, f, total)
    ranks, ranks_found = _centred_ranks(target, weight), _centred_ranks(score, weight)
    return {
        "pearson": _correlation(tf - t * f / total, spread, spread_found),
        "spearman": _correlation(
            np.einsum("rn,rn,rn->r", weight, ranks, ranks_found),
            np.einsum("rn,rn,rn->r", weight, ranks, ranks),
            np.einsum("rn,rn,rn->r", weight, ranks_found, ranks_found),
        ),
        "r2": ratio(spread - squared_error, spread),
        "rmse": np.sqrt(squared_error / total),
        "mae": weight @ np.abs(error) / total,
        **weighted_ndcg_metrics(target, score, weight),
    }


def _variation(squares: Floats, values: Floats, total: Floats) -> Floats:
    """Sum of squares around the mean."""
    variation = squares - values**2 / total
    variation[variation <= ROUNDING * squares] = 0
    return variation


def _correlation(common: Floats, one: Floats, other: Floats) -> Floats:
    return ratio(common, np.sqrt(one) * np.sqrt(other))


def _centred_ranks(values: Floats, weight: Floats) -> Floats:
    """Rank of each example among the copies of all, ties sharing theirs, less the mean: (r, n)."""
    distinct, place = np.unique(values, return_inverse=True)
    order = np.argsort(place, kind="stable")
    first = np.searchsorted(place[order], np.arange(len(distinct)))
    copies = np.add.reduceat(weight[:, order], first, axis=1)
    above = np.cumsum(copies, axis=1)
    middle = above - copies / 2 - above[:, -1:] / 2
    return middle[:, place]
