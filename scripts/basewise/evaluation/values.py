"""Measures of predicted numbers: by scikit-learn and SciPy, and many resamples at once.

The second form takes a weight for each example and resample, as in `binary`. Breeders keep the best
few individuals of many, so that normalized discounted cumulative gain tells how well the numbers
pick out the highest.
"""

import numpy as np
from scipy import stats
from sklearn import metrics as sk

from basewise.core.arrays import ROUNDING, Floats, ratio

LEVELS = (1, 5, 10, 20, 50)
"""Percent of the examples that are the top."""

NAMES = [f"ndcg_{level}" for level in LEVELS]


def ndcg_metrics(target: Floats, score: Floats) -> dict[str, float]:
    """Mean normalized discounted cumulative gain of the top of a ranking.

    With the examples ranked by score, y_i the truth of the one at rank i less the mean of all, z_i
    the same with the examples ranked by truth, and d_i = 1 / log2(i + 1): NDCG(j) is the sum of
    y_i d_i over the ranks 1 to j, divided by that of z_i d_i. The measure is the mean of NDCG(j)
    over j = 1 to k, where k is a share of the examples, rounded up. Examples of the same score
    share the mean of their truths. W. Ma et al., "A deep convolutional neural network approach for
    predicting phenotypes from genotypes", Planta 248:1307, 2018.

    Gives ndcg_1, ndcg_5, ndcg_10, ndcg_20, ndcg_50: of the top 1 to 50 %. 1 is the best ranking, 0
    what a random one has on average, below 0 is worse; 0 where the truth is constant.
    """
    truth = target - np.median(target)
    _, tied, copies = np.unique(-score, return_inverse=True, return_counts=True)
    sums = np.bincount(tied, truth)
    mean = sums.sum() / len(truth)
    gained, best = np.repeat(sums / copies, copies), np.sort(truth)[::-1]
    return dict(zip(NAMES, _of_levels(gained - mean, best - mean).tolist(), strict=True))


def weighted_ndcg_metrics(target: Floats, score: Floats, weight: Floats) -> dict[str, Floats]:
    """The measures of `ndcg_metrics`, shape (r,), for r weightings of the same n examples.

    `weight` says how often each example counts, whole numbers, shape (r, n).
    """
    truth = target - np.median(target)
    by_score, by_truth = np.argsort(-score, kind="stable"), np.argsort(-truth, kind="stable")
    first = np.flatnonzero(np.append(True, np.diff(score[by_score]) != 0))
    copies = np.add.reduceat(weight[:, by_score], first, axis=1)
    sums = np.add.reduceat((weight * truth)[:, by_score], first, axis=1)
    mean = (sums.sum(axis=1) / weight.sum(axis=1))[:, None]
    gained, best = ratio(sums, copies) - mean, truth[by_truth] - mean
    copies, copies_of_best = copies.astype(np.int64), weight[:, by_truth].astype(np.int64)
    values = np.empty((len(weight), len(LEVELS)))
    for row in range(len(weight)):
        ranked = np.repeat(gained[row], copies[row]), np.repeat(best[row], copies_of_best[row])
        values[row] = _of_levels(*ranked)

    return dict(zip(NAMES, values.T, strict=True))


def _of_levels(gained: Floats, best: Floats) -> Floats:
    """Mean NDCG of each level, from the centered truth at each rank by score, and by truth."""
    if best[0] == best[-1]:
        return np.zeros(len(LEVELS))
    ranks = np.array([-(-len(best) * level // 100) for level in LEVELS])
    top = slice(ranks[-1])
    discount = 1 / np.log2(np.arange(2, ranks[-1] + 2))
    of_rank = ratio(np.cumsum(gained[top] * discount), np.cumsum(best[top] * discount))
    means: Floats = np.cumsum(of_rank)[ranks - 1] / ranks
    return means


def value_metrics(target: Floats, score: Floats) -> dict[str, float]:
    """Every measure of one output, from truth and prediction in the same unit.

    pearson, spearman (0 where truth or prediction is constant), r2 (0 where truth is), rmse, mae,
    and those of `values.ndcg_metrics`.
    """
    related = np.ptp(target) > 0 and np.ptp(score) > 0
    linear = linear_metrics(target, score)
    return {
        "pearson": linear.pop("pearson"),
        "spearman": float(stats.spearmanr(target, score).statistic) if related else 0.0,
        **linear,
        **ndcg_metrics(target, score),
    }


def linear_metrics(target: Floats, score: Floats) -> dict[str, float]:
    """The measures that depend on the scale of truth and prediction: pearson, r2, rmse, mae."""
    varied = np.ptp(target) > 0
    related = varied and np.ptp(score) > 0
    return {
        "pearson": float(stats.pearsonr(target, score).statistic) if related else 0.0,
        "r2": float(sk.r2_score(target, score)) if varied else 0.0,
        "rmse": float(sk.root_mean_squared_error(target, score)),
        "mae": float(sk.mean_absolute_error(target, score)),
    }


def weighted_value_metrics(target: Floats, score: Floats, weight: Floats) -> dict[str, Floats]:
    """The measures of `value_metrics`, shape (r,), for r weightings of the same n examples.

    `weight` says how often each example counts, whole numbers, shape (r, n).
    """
    ranks, ranks_found = _centered_ranks(target, weight), _centered_ranks(score, weight)
    linear = weighted_linear_metrics(target, score, weight)
    return {
        "pearson": linear.pop("pearson"),
        "spearman": _correlation(
            np.einsum("rn,rn,rn->r", weight, ranks, ranks_found),
            np.einsum("rn,rn,rn->r", weight, ranks, ranks),
            np.einsum("rn,rn,rn->r", weight, ranks_found, ranks_found),
        ),
        **linear,
        **weighted_ndcg_metrics(target, score, weight),
    }


def weighted_linear_metrics(target: Floats, score: Floats, weight: Floats) -> dict[str, Floats]:
    """The measures of `linear_metrics`, shape (r,), for r weightings of the same n examples."""
    total = weight.sum(axis=1)
    # centered on a value of the data, so that what is constant becomes exactly 0
    truth, predicted = target - np.median(target), score - np.median(score)
    error = target - score
    moments = weight @ np.stack(
        [truth, predicted, truth**2, predicted**2, truth * predicted, error**2], axis=1
    )
    t, f, tt, ff, tf, squared_error = moments.T
    spread, spread_found = _variation(tt, t, total), _variation(ff, f, total)

    return {
        "pearson": _correlation(tf - t * f / total, spread, spread_found),
        "r2": ratio(spread - squared_error, spread),
        "rmse": np.sqrt(squared_error / total),
        "mae": weight @ np.abs(error) / total,
    }


def _variation(squares: Floats, values: Floats, total: Floats) -> Floats:
    """Sum of squares around the mean."""
    variation = squares - values**2 / total
    variation[variation <= ROUNDING * squares] = 0
    return variation


def _correlation(common: Floats, one: Floats, other: Floats) -> Floats:
    return ratio(common, np.sqrt(one) * np.sqrt(other))


def _centered_ranks(values: Floats, weight: Floats) -> Floats:
    """Rank of each example among the copies of all, ties sharing theirs, less the mean: (r, n)."""
    distinct, place = np.unique(values, return_inverse=True)
    order = np.argsort(place, kind="stable")
    first = np.searchsorted(place[order], np.arange(len(distinct)))
    copies = np.add.reduceat(weight[:, order], first, axis=1)
    above = np.cumsum(copies, axis=1)
    middle = above - copies / 2 - above[:, -1:] / 2
    return middle[:, place]
