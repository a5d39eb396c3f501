"""What the baselines share: one classifier an output, its penalty chosen on the validation part."""

import warnings
from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.dummy import DummyClassifier
from sklearn.exceptions import ConvergenceWarning

from basewise.baselines import Data
from basewise.core.arrays import Floats, Integers

SMALLEST = 1e-15
"""What a probability of 0 counts as in the log loss."""


class Classifier(NamedTuple):
    """What is stored of a classifier, and its probability of each class, shape (n, classes)."""

    estimator: Any
    probability: Floats


def classes_of(data: Data) -> int:
    """Classes that one classifier tells apart."""
    return data.outputs if data.task == "multiclass" else 2


def fit_outputs(
    fit_one: Callable[[Integers], Classifier], data: Data
) -> tuple[Any, NDArray[np.float32]]:
    """Fit one classifier for all classes, or for each label; then the estimator is a list.

    `fit_one` fits the class of each example, shape (n,), on the train part. Scores have the shape
    (n, outputs). A label that is the same in all of the train part is not fitted: its score is its
    share there, 0 or 1.
    """
    columns = data.target.T.astype(np.int64)
    done = [_fit_labels(fit_one, labels, data.part, classes_of(data)) for labels in columns]
    if data.task == "multiclass":
        return done[0].estimator, done[0].probability.astype(np.float32)
    score = np.column_stack([one.probability[:, 1] for one in done]).astype(np.float32)
    estimators = [one.estimator for one in done]
    return estimators if data.task == "multilabel" else estimators[0], score


def best_penalty(
    fit_one: Callable[[float], Classifier],
    strengths: Sequence[float],
    labels: Integers,
    part: NDArray[np.str_],
) -> Classifier:
    """The classifier with the lowest log loss on the validation part.

    `strengths` are scikit-learn's C, ascending, the strongest penalty first. The weaker ones that
    follow a rise of the loss are not tried.
    """
    tried: list[tuple[float, float, Classifier]] = []
    for strength in strengths:
        candidate = fit_one(strength)
        loss = validation_loss(candidate, labels, part)
        tried.append((loss, strength, candidate))
        if len(tried) > 1 and loss > tried[-2][0]:
            break

    loss, strength, best = min(tried, key=itemgetter(0))
    print(f"Penalty: C = {strength:g}, log loss on validation {loss:.4f}")
    return best


def validation_loss(classifier: Classifier, labels: Integers, part: NDArray[np.str_]) -> float:
    """Log loss of a classifier on the validation part."""
    held_out = part == "validation"
    truth = classifier.probability[held_out, labels[held_out]]
    return float(-np.log(np.maximum(truth, SMALLEST)).mean())


def fitted(estimator: Any, features: Any, labels: Integers) -> Any:
    """Fit an estimator; what it warns of, a fit that did not converge, is said in one line."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ConvergenceWarning)
        estimator.fit(features, labels)
    for warning in caught:
        problem = str(warning.message).splitlines()[0]
        print(f"{type(estimator).__name__} with C = {estimator.C:g}: {problem}")
    return estimator


def class_probabilities(estimator: Any, features: Any, classes: int) -> Floats:
    """Probability of each class, shape (n, classes); 0 for one that the train part lacks."""
    given = estimator.predict_proba(features)
    probability = np.zeros((len(given), classes))
    probability[:, estimator.classes_] = given
    return probability


def _fit_labels(
    fit_one: Callable[[Integers], Classifier],
    labels: Integers,
    part: NDArray[np.str_],
    classes: int,
) -> Classifier:
    known = labels[part == "train"]
    if np.ptp(known) > 0:
        return fit_one(labels)
    share = DummyClassifier(strategy="prior").fit(np.zeros((len(known), 1)), known)
    return Classifier(share, class_probabilities(share, np.zeros((len(labels), 1)), classes))
