"""Thresholds chosen on validation."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from basewise.metrics import Calls, call_metrics

__all__ = ["RULES", "choose_thresholds"]

Floats = NDArray[np.float64]

RULES = ("max_f1", "max_mcc", "fixed_precision", "fixed_recall")


def choose_thresholds(
    target: NDArray[np.int64], score: Floats, precision: float = 0.9, recall: float = 0.9
) -> dict[str, float]:
    """Threshold of each rule; a score above it is a prediction of class 1.

    Tried are the middles between neighbouring distinct scores; where all scores are equal, just
    that score.

    Parameters
    ----------
    target
        0 or 1, shape (n,), both present.
    score
        Probability of class 1, shape (n,).
    precision, recall
        What `fixed_precision` and `fixed_recall` are to reach.

    Returns
    -------
    ``max_f1``, ``max_mcc``
        The threshold of the highest F1, or Matthews correlation; the lowest of equals.
    ``fixed_precision``
        The lowest threshold of that precision at least; where none reaches it, the lowest of the
        highest precision.
    ``fixed_recall``
        The highest threshold of that recall at least; where none reaches it, the lowest.
    """
    distinct, place = np.unique(score, return_inverse=True)
    if len(distinct) == 1:
        return dict.fromkeys(RULES, float(distinct[0]))
    above = slice(1, None)
    tp: Floats = np.bincount(place, target)[::-1].cumsum()[::-1][above].astype(float)
    fp: Floats = np.bincount(place, target == 0)[::-1].cumsum()[::-1][above].astype(float)
    positives, negatives = target.sum(), (target == 0).sum()
    found = call_metrics(Calls(tp, fp, positives - tp, negatives - fp))
    precise = found["precision"] >= min(precision, found["precision"].max())
    recalled = np.flatnonzero(found["recall"] >= recall)
    chosen = {
        "max_f1": np.argmax(found["f1"]),
        "max_mcc": np.argmax(found["mcc"]),
        "fixed_precision": np.argmax(precise),
        "fixed_recall": recalled[-1] if len(recalled) else 0,
    }
    middles = distinct[:-1] + np.diff(distinct) / 2
    return {rule: float(middles[chosen[rule]]) for rule in RULES}
