"""Measures of a binary classifier: their values by scikit-learn, and many resamples at once.

The second form takes a weight for each example and resample; it is what the bootstrap needs, and a
test holds it to scikit-learn's values.
"""

from typing import NamedTuple

import numpy as np
from scipy import sparse
from sklearn import metrics as sk

from basewise.core.arrays import Floats, Integers, Mask, ratio
from basewise.evaluation.probabilities import (
    probability_metrics,
    sum_scores,
    weighted_probability_metrics,
)


class Calls(NamedTuple):
    """True and false positives, false and true negatives, arrays of one shape."""

    tp: Floats
    fp: Floats
    fn: Floats
    tn: Floats


def binary_metrics(target: Integers, score: Floats, threshold: float = 0.5) -> dict[str, float]:
    """Every measure of the scores, from 0 to 1, of examples of class 0 and 1, both present.

    A score above the threshold predicts class 1. Gives accuracy, balanced_accuracy, precision,
    recall, specificity, f1, mcc (at the threshold; 0 where undefined), auroc, auprc (average
    precision), brier, log_loss, ece.
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
        **probability_metrics(sum_scores(target, score)),
        "brier": float(sk.brier_score_loss(target, score)),
        "log_loss": float(sk.log_loss(target, score)),
    }


def weighted_binary_metrics(
    target: Integers, score: Floats, weight: Floats, threshold: float = 0.5
) -> dict[str, Floats]:
    """The measures of `binary_metrics`, shape (r,), for r weightings of the same n examples.

    `weight` says how often each example counts, shape (r, n).
    """
    positive = target == 1
    auroc, auprc = areas(score, positive, weight)
    return {
        **call_metrics(count_calls(positive, score > threshold, weight)),
        "auroc": auroc,
        "auprc": auprc,
        **weighted_probability_metrics(sum_scores(target, score), weight),
    }


def count_calls(positive: Mask, called: Mask, weight: Floats) -> Calls:
    """Weights of right and wrong predictions, shape (r,), for weights of shape (r, n).

    `positive` is whether an example is in the class, shape (n,); `called` whether it is said to be,
    shape (n,), or (n, k) for k ways to say so, which gives arrays of shape (r, k).
    """
    in_class = positive if called.ndim == 1 else positive[:, None]
    tp, fp = weight @ (in_class & called).astype(float), weight @ (~in_class & called).astype(float)
    total = weight @ np.stack([positive, ~positive], axis=1).astype(float)
    positives, negatives = total.T if called.ndim == 1 else total.T[:, :, None]
    return Calls(tp, fp, positives - tp, negatives - fp)


def call_metrics(calls: Calls) -> dict[str, Floats]:
    """Measures of predictions: accuracy to mcc of `binary_metrics`, in the shape of the counts."""
    tp, fp, fn, tn = calls
    recall, specificity = ratio(tp, tp + fn), ratio(tn, tn + fp)
    return {
        "accuracy": ratio(tp + tn, tp + fp + fn + tn),
        "balanced_accuracy": (recall + specificity) / 2,
        "precision": ratio(tp, tp + fp),
        "recall": recall,
        "specificity": specificity,
        "f1": ratio(2 * tp, 2 * tp + fp + fn),
        "mcc": ratio(
            tp * tn - fp * fn,
            np.sqrt(tp + fp) * np.sqrt(tp + fn) * np.sqrt(tn + fp) * np.sqrt(tn + fn),
        ),
    }


def areas(score: Floats, positive: Mask, weight: Floats) -> tuple[Floats, Floats]:
    """Area under the ROC curve and average precision, shape (r,), for weights of shape (r, n).

    NaN where nothing is in the class, or all is.
    """
    # Only a score that one of the class has adds to the areas: all between two of these is one
    # step, and a rare class among many costs one product.
    levels = np.unique(-score[positive])
    step = np.searchsorted(levels, -score) + np.searchsorted(levels, -score, side="right")
    examples, size = np.flatnonzero(positive), (2 * len(levels) + 1, len(score))
    in_class = sparse.csr_array((np.ones(len(examples)), (step[examples], examples)), shape=size)
    every = sparse.csr_array((np.ones(len(score)), (step, np.arange(len(score)))), shape=size)
    true, called = (np.cumsum((steps @ weight.T).T, axis=1) for steps in (in_class, every))
    return areas_of_steps(true, called - true)


def areas_of_steps(true: Floats, false: Floats) -> tuple[Floats, Floats]:
    """The areas of `areas`, from the weights at and above each score, highest first: (r, steps)."""
    gained = np.diff(true, axis=1, prepend=0)
    precision = ratio(true, true + false)
    average_precision = ratio((gained * precision).sum(axis=1), true[:, -1], np.nan)
    beaten = false[:, -1:] - false + np.diff(false, axis=1, prepend=0) / 2
    pairs = true[:, -1] * false[:, -1]
    average_precision[pairs == 0] = np.nan
    return ratio((gained * beaten).sum(axis=1), pairs, np.nan), average_precision
