"""Logistic regression on the principal coordinates of a kernel, with an L2 penalty."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from basewise.baselines.choosing import Classifier, best_penalty, fitted
from basewise.baselines.kernels import Dual, coordinates

__all__ = ["best_strength", "logistic_dual", "probabilities"]

STRENGTHS = (1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)


def best_strength(
    kernel: NDArray[np.float64],
    cross: NDArray[np.float64],
    labels: NDArray[np.int64],
    held_out: NDArray[np.int64],
) -> float:
    """The strength whose fit has the lowest log loss on the validation part.

    Parameters
    ----------
    kernel, cross
        Of the train part, shape (known, known); of validation and train, shape (scored, known).
    labels, held_out
        Class, 0 or 1, of the individuals of train, and of validation.

    Returns
    -------
    scikit-learn's C.
    """

    def fit_strength(strength: float) -> Classifier:
        positive = probabilities(cross, logistic_dual(kernel, labels, strength))
        return Classifier(strength, np.hstack([1 - positive, positive]))

    part = np.full(len(held_out), "validation")
    strength: float = best_penalty(fit_strength, STRENGTHS, held_out, part).estimator
    return strength


def logistic_dual(kernel: NDArray[np.float64], labels: NDArray[np.int64], strength: float) -> Dual:
    """Fit on the principal coordinates of a kernel, shape (known, known); one output, the logit."""
    back = coordinates(kernel)
    model = fitted(LogisticRegression(C=strength, tol=1e-6, max_iter=1000), kernel @ back, labels)
    return Dual(back @ model.coef_.T, model.intercept_)


def probabilities(cross: NDArray[np.float64], dual: Dual) -> NDArray[np.float64]:
    """Probability of class 1, shape (scored, 1)."""
    positive: NDArray[np.float64] = expit(cross @ dual.weights + dual.intercepts)
    return positive
