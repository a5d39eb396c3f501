"""Measures of a classifier with several classes: by scikit-learn, and many resamples at once.

A measure has the name (output, metric): the output `tables.OUTPUT` for all classes together, the
name of a class for its own. Classes that no example has are left out, of the macro averages too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn import metrics as sk

from basewise.metrics import areas, ratio
from basewise.tables import OUTPUT

__all__ = [
    "Key",
    "area_metrics",
    "class_metrics",
    "confusion_metrics",
    "losses",
    "mean_defined",
    "weighted_class_metrics",
]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Key = tuple[str, str]


def class_metrics(target: Integers, score: Floats, classes: Sequence[str]) -> dict[Key, float]:
    """Every measure on one set of examples.

    Parameters
    ----------
    target
        Place of the true class, shape (n,).
    score
        Probability of each class, shape (n, classes); the highest is the prediction, the first of
        equals.
    classes
        Their names.

    Returns
    -------
    Of all: accuracy, balanced_accuracy, macro_f1, mcc, log_loss, macro_auroc and macro_auprc (means
    of each class against the others). Of a class: precision, recall, f1 (0 where undefined), auroc,
    auprc. Without the areas where all examples are of one class.
    """
    predicted, shares = score.argmax(axis=1), score / score.sum(axis=1, keepdims=True)
    present = np.unique(target).tolist()
    precision, recall, f1, _ = sk.precision_recall_fscore_support(
        target, predicted, labels=present, zero_division=0
    )
    values = {
        (OUTPUT, "accuracy"): float(sk.accuracy_score(target, predicted)),
        (OUTPUT, "balanced_accuracy"): float(recall.mean()),
        (OUTPUT, "macro_f1"): float(f1.mean()),
        (OUTPUT, "mcc"): float(sk.matthews_corrcoef(target, predicted)),
        (OUTPUT, "log_loss"): float(sk.log_loss(target, shares, labels=range(len(classes)))),
    }
    own = {"precision": precision, "recall": recall, "f1": f1}
    if len(present) > 1:
        for name, area in (("auroc", sk.roc_auc_score), ("auprc", sk.average_precision_score)):
            own[name] = [area(target == number, score[:, number]) for number in present]
            values[OUTPUT, f"macro_{name}"] = float(np.mean(own[name]))
    return values | {
        (classes[number], name): float(found[place])
        for place, number in enumerate(present)
        for name, found in own.items()
    }


def weighted_class_metrics(
    target: Integers, score: Floats, classes: Sequence[str], weight: Floats
) -> dict[Key, Floats]:
    """The measures of `class_metrics` for r weightings of the same n examples.

    Parameters
    ----------
    target, score, classes
        As for `class_metrics`.
    weight
        How often each example counts, shape (r, n).

    Returns
    -------
    The same names, each an array of shape (r,).
    """
    number = len(classes)
    cell = target * number + score.argmax(axis=1)
    cells = sparse.csr_array(
        (np.ones(len(cell)), (cell, np.arange(len(cell)))), shape=(number**2, len(cell))
    )
    confusion = (cells @ weight.T).T.reshape(-1, number, number)
    present = {place: classes[place] for place in np.unique(target).tolist()}
    own = {name: areas(score[:, place], target == place, weight) for place, name in present.items()}
    loss = weight @ losses(target, score) / weight.sum(axis=1)
    return {
        **confusion_metrics(confusion, present),
        (OUTPUT, "log_loss"): loss,
        **area_metrics(own),
    }


def losses(target: Integers, score: Floats) -> Floats:
    """Log loss of each example, shape (n,); probabilities are brought to a sum of 1 first."""
    smallest = np.finfo(score.dtype).eps
    share = score[np.arange(len(target)), target] / score.sum(axis=1)
    loss: Floats = -np.log(np.clip(share, smallest, 1 - smallest))
    return loss


def confusion_metrics(confusion: Floats, present: Mapping[int, str]) -> dict[Key, Floats]:
    """Measures of r confusion matrices.

    Parameters
    ----------
    confusion
        Shape (r, true class, predicted class).
    present
        Place and name of the classes to measure; NaN in a matrix where nothing is of the class.
    """
    hits = np.diagonal(confusion, axis1=1, axis2=2)
    true, called = confusion.sum(axis=2), confusion.sum(axis=1)
    total = true.sum(axis=1)
    by_class = {
        "precision": ratio(hits, called),
        "recall": ratio(hits, true),
        "f1": ratio(2 * hits, true + called),
    }
    for values in by_class.values():
        values[true == 0] = np.nan
    found = {
        (OUTPUT, "accuracy"): hits.sum(axis=1) / total,
        (OUTPUT, "balanced_accuracy"): mean_defined(by_class["recall"]),
        (OUTPUT, "macro_f1"): mean_defined(by_class["f1"]),
        (OUTPUT, "mcc"): _mcc(hits.sum(axis=1), true, called, total),
    }
    return found | {
        (output, name): values[:, place]
        for name, values in by_class.items()
        for place, output in present.items()
    }


def area_metrics(own: dict[str, tuple[Floats, Floats]]) -> dict[Key, Floats]:
    """Name the areas of each class, and their macro averages; none where there is one class."""
    if len(own) < 2:
        return {}
    found = {}
    for place, name in enumerate(("auroc", "auprc")):
        of_classes = {(output, name): pair[place] for output, pair in own.items()}
        found[OUTPUT, f"macro_{name}"] = mean_defined(np.stack(list(of_classes.values()), axis=1))
        found |= of_classes
    return found


def mean_defined(values: Floats) -> Floats:
    """Mean over the last axis, without what is NaN; NaN where all is."""
    defined = ~np.isnan(values)
    return ratio(np.where(defined, values, 0).sum(axis=-1), defined.sum(axis=-1), np.nan)


def _mcc(hits: Floats, true: Floats, called: Floats, total: Floats) -> Floats:
    """Matthews correlation of several classes (Gorodkin 2004); 0 where undefined."""
    covariance = hits * total - (true * called).sum(axis=1)
    spread = np.sqrt(total**2 - (true**2).sum(axis=1))
    spread_called = np.sqrt(total**2 - (called**2).sum(axis=1))
    return ratio(covariance, spread * spread_called)
