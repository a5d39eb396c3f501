"""Measures of a binary classifier: their values by scikit-learn, and many resamples at once.

The second form takes a weight for each example and resample; it is what the bootstrap needs, and a
test holds it to scikit-learn's values.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn import metrics as sk

__all__ = ["binary_metrics", "weighted_binary_metrics"]

Floats = NDArray[np.float64]


def binary_metrics(
    target: NDArray[np.int64], score: Floats, threshold: float = 0.5
) -> dict[str, float]:
    """Every measure on one set of examples.

    Parameters
    ----------
    target
        0 or 1, shape (n,), both present.
    score
        Probability of class 1, shape (n,).
    threshold
        A score above it is a prediction of class 1.

    Returns
    -------
    accuracy, balanced_accuracy, precision, recall, specificity, f1, mcc (at the threshold; 0 where
    undefined), auroc, auprc (average precision), brier, log_loss
    """
    predicted = (score > threshold).astype(np.int64)
    return {
        "accuracy": float(sk.accuracy_score(target, predicted)),
        "balanced_accuracy": float(sk.balanced_accuracy_score(target, predicted)),
        "precision": float(sk.precision_score(target, predicted, zero_division=0)),
        "recall": float(sk.recall_score(target, predicted)),
        "specificity": float(sk.recall_score(target, predicted, pos_label=0)),
        "f1": float(sk.f1_score(target, predicted, zero_division=0)),
        "mcc": float(sk.matthews_corrcoef(target, predicted)),
        "auroc": float(sk.roc_auc_score(target, score)),
        "auprc": float(sk.average_precision_score(target, score)),
        "brier": float(sk.brier_score_loss(target, score)),
        "log_loss": float(sk.log_loss(target, score)),
    }


def weighted_binary_metrics(
    target: NDArray[np.int64], score: Floats, weight: Floats, threshold: float = 0.5
) -> dict[str, Floats]:
    """The measures of `binary_metrics` for r weightings of the same n examples.

    Parameters
    ----------
    target, score
        Shape (n,).
    weight
        How often each example counts, shape (r, n).

    Returns
    -------
    The same names, each an array of shape (r,).
    """
    positive = weight * (target == 1)
    negative = weight - positive
    called = score > threshold
    tp, fp = positive[:, called].sum(axis=1), negative[:, called].sum(axis=1)
    fn, tn = positive.sum(axis=1) - tp, negative.sum(axis=1) - fp
    recall, specificity = _ratio(tp, tp + fn), _ratio(tn, tn + fp)
    truth_score = np.where(target == 1, score, 1 - score)
    smallest = np.finfo(score.dtype).eps
    loss = -np.log(np.clip(truth_score, smallest, 1 - smallest))
    total = weight.sum(axis=1)
    auroc, auprc = _areas(score, positive, negative)
    return {
        "accuracy": (tp + tn) / total,
        "balanced_accuracy": (recall + specificity) / 2,
        "precision": _ratio(tp, tp + fp),
        "recall": recall,
        "specificity": specificity,
        "f1": _ratio(2 * tp, 2 * tp + fp + fn),
        "mcc": _ratio(
            tp * tn - fp * fn,
            np.sqrt(tp + fp) * np.sqrt(tp + fn) * np.sqrt(tn + fp) * np.sqrt(tn + fn),
        ),
        "auroc": auroc,
        "auprc": auprc,
        "brier": weight @ (1 - truth_score) ** 2 / total,
        "log_loss": weight @ loss / total,
    }


def _areas(score: Floats, positive: Floats, negative: Floats) -> tuple[Floats, Floats]:
    """Area under the ROC curve and average precision, from weights of shape (r, n)."""
    order = np.argsort(-score, kind="stable")
    last_of_tie = np.append(np.diff(score[order]) != 0, True)
    true = np.cumsum(positive[:, order], axis=1)[:, last_of_tie]
    false = np.cumsum(negative[:, order], axis=1)[:, last_of_tie]
    gained = np.diff(true, axis=1, prepend=0)
    precision = _ratio(true, true + false)
    average_precision = (gained * precision).sum(axis=1) / true[:, -1]
    beaten = false[:, -1:] - false + np.diff(false, axis=1, prepend=0) / 2
    return (gained * beaten).sum(axis=1) / (true[:, -1] * false[:, -1]), average_precision


def _ratio(numerator: Floats, denominator: Floats) -> Floats:
    ratio = np.zeros_like(numerator, dtype=np.float64)
    np.divide(numerator, denominator, out=ratio, where=denominator != 0)
    return ratio
