"""How well predicted numbers pick out the highest: normalised discounted cumulative gain.

Breeders keep the best few individuals of many, so that what counts is the truth of those at the top
of the ranking. As in `value_metrics` there is a plain form, and one for many resamples at once.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from basewise.metrics import ratio

__all__ = ["ndcg_metrics", "weighted_ndcg_metrics"]

Floats = NDArray[np.float64]

LEVELS = (1, 5, 10, 20, 50)
"""Percent of the examples that are the top."""

NAMES = [f"ndcg_{level}" for level in LEVELS]


def ndcg_metrics(target: Floats, score: Floats) -> dict[str, float]:
    """Mean normalised discounted cumulative gain of the top of a ranking.

    With the examples ranked by score, y_i the truth of the one at rank i less the mean of all, z_i
    the same with the examples ranked by truth, and d_i = 1 / log2(i + 1): NDCG(j) is the sum of
    y_i d_i over the ranks 1 to j, divided by that of z_i d_i. The measure is the mean of NDCG(j)
    over j = 1 to k, where k is a share of the examples, rounded up. Examples of the same score
    share the mean of their truths.

    Parameters
    ----------
    target, score
        Truth and prediction, higher is better, shape (n,).

    Returns
    -------
    ndcg_1, ndcg_5, ndcg_10, ndcg_20, ndcg_50: of the top 1 to 50 %. 1 is the best ranking, 0 what a
    random one has on average, below 0 is worse; 0 where the truth is constant.

    Notes
    -----
    W. Ma et al., "A deep convolutional neural network approach for predicting phenotypes from
    genotypes", Planta 248:1307, 2018.
    """
    truth = target - np.median(target)
    _, tied, copies = np.unique(-score, return_inverse=True, return_counts=True)
    sums = np.bincount(tied, truth)
    mean = sums.sum() / len(truth)
    found, best = np.repeat(sums / copies, copies), np.sort(truth)[::-1]
    return dict(zip(NAMES, _of_levels(found - mean, best - mean).tolist(), strict=True))


def weighted_ndcg_metrics(target: Floats, score: Floats, weight: Floats) -> dict[str, Floats]:
    """The measures of `ndcg_metrics` for r weightings of the same n examples.

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
    truth = target - np.median(target)
    by_score, by_truth = np.argsort(-score, kind="stable"), np.argsort(-truth, kind="stable")
    first = np.flatnonzero(np.append(True, np.diff(score[by_score]) != 0))
    copies = np.add.reduceat(weight[:, by_score], first, axis=1)
    sums = np.add.reduceat((weight * truth)[:, by_score], first, axis=1)
    mean = (sums.sum(axis=1) / weight.sum(axis=1))[:, None]
    found, best = ratio(sums, copies) - mean, truth[by_truth] - mean
    copies, copies_of_best = copies.astype(np.int64), weight[:, by_truth].astype(np.int64)
    values = np.empty((len(weight), len(LEVELS)))
    for row in range(len(weight)):
        ranked = np.repeat(found[row], copies[row]), np.repeat(best[row], copies_of_best[row])
        values[row] = _of_levels(*ranked)
    return dict(zip(NAMES, values.T, strict=True))


def _of_levels(found: Floats, best: Floats) -> Floats:
    """Mean NDCG of each level, from the centred truth at each rank by score, and by truth."""
    if best[0] == best[-1]:
        return np.zeros(len(LEVELS))
    ranks = np.array([-(-len(best) * level // 100) for level in LEVELS])
    top = slice(ranks[-1])
    discount = 1 / np.log2(np.arange(2, ranks[-1] + 2))
    of_rank = ratio(np.cumsum(found[top] * discount), np.cumsum(best[top] * discount))
    means: Floats = np.cumsum(of_rank)[ranks - 1] / ranks
    return means
