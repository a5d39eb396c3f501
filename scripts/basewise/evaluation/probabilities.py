"""Measures of predicted probabilities that are sums over examples: Brier, log loss, calibration.

Each example, or each unit that holds several (a sequence of bases), is reduced to what it adds to
the sums, so that any resample of units is a matrix product.
"""

from typing import Any, NamedTuple

import numpy as np
from scipy import sparse

from basewise.core.arrays import Floats, Integers

BINS = 15
"""Bins of equal width of the expected calibration error."""


class ProbabilitySums(NamedTuple):
    """What u units add to the measures: their number, squared errors and log losses, shape (u,).

    `gap` is the truth less the probability by bin of the probability, sparse, shape (BINS, u).
    """

    examples: Floats
    squared: Floats
    loss: Floats
    gap: Any


def sum_scores(target: Integers, score: Floats, unit: Integers | None = None) -> ProbabilitySums:
    """Reduce the probabilities of class 1, `target` being 0 or 1, to sums of each unit.

    Without the number of its unit, from 0, each example is its own.
    """
    squared, loss = (score - target) ** 2, binary_losses(target, score)
    return _sums(squared, loss, score, target - score, unit)


def sum_classes(target: Integers, score: Floats, unit: Integers | None = None) -> ProbabilitySums:
    """Reduce the probabilities of each class, shape (n, classes), to sums, see `sum_scores`.

    The squared error is summed over classes; calibration is that of the highest probability, to be
    the right class.
    """
    rows = np.arange(len(target))
    squared = (score**2).sum(axis=1) - 2 * score[rows, target] + 1
    called = score.argmax(axis=1)
    top = score[rows, called]
    return _sums(squared, class_losses(target, score), top, (called == target) - top, unit)


def weighted_probability_metrics(sums: ProbabilitySums, weight: Floats) -> dict[str, Floats]:
    """brier, log_loss and ece, shape (r,), for r weightings of the units, shape (r, u).

    The expected calibration error is the mean distance of share and mean probability over 15 bins
    of equal width, each weighted by its examples. It is never below 0, and too high on average.
    C. Guo et al., "On calibration of modern neural networks", ICML, 2017.
    """
    total = weight @ sums.examples
    return {
        "brier": weight @ sums.squared / total,
        "log_loss": weight @ sums.loss / total,
        "ece": np.abs(sums.gap @ weight.T).sum(axis=0) / total,
    }


def probability_metrics(sums: ProbabilitySums) -> dict[str, float]:
    """The measures of `weighted_probability_metrics`, each unit counting once."""
    once = weighted_probability_metrics(sums, np.ones((1, len(sums.examples))))
    return {name: float(values[0]) for name, values in once.items()}


def binary_losses(target: Integers, score: Floats) -> Floats:
    """Log loss of each example, shape (n,)."""
    return _log_loss(np.where(target == 1, score, 1 - score))


def class_losses(target: Integers, score: Floats) -> Floats:
    """Log loss of each example, shape (n,); probabilities are brought to a sum of 1 first."""
    return _log_loss(score[np.arange(len(target)), target] / score.sum(axis=1))


def _log_loss(share: Floats) -> Floats:
    smallest = np.finfo(share.dtype).eps
    loss: Floats = -np.log(np.clip(share, smallest, 1 - smallest))
    return loss


def _sums(
    squared: Floats, loss: Floats, score: Floats, gap: Floats, unit: Integers | None
) -> ProbabilitySums:
    if unit is None:
        unit = np.arange(len(score))
    units = int(unit.max()) + 1
    place = np.clip(np.ceil(score * BINS).astype(np.int64) - 1, 0, BINS - 1)
    added: Floats = np.array(
        [np.bincount(unit, one, units) for one in (np.ones(len(score)), squared, loss)], dtype=float
    )
    of_bins = sparse.csr_array((gap, (place, unit)), shape=(BINS, units))
    return ProbabilitySums(added[0], added[1], added[2], of_bins)
