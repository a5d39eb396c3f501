"""Logistic and ridge regression on k-mer frequencies, or on the letter at each position.

The strength of the L2 penalty is chosen on the validation part.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from basewise.baselines import Baseline, Data
from basewise.baselines.choosing import (
    Classifier,
    best_penalty,
    class_probabilities,
    classes_of,
    fit_outputs,
    fitted,
)
from basewise.core.arrays import Integers
from basewise.sequences.kmers import kmer_frequencies


def letters_by_position(onehot: NDArray[np.uint8]) -> sparse.csr_matrix:
    """One column a position and letter, shape (n, length * channels).

    1 for a known letter, 0.25 each for N, nothing for padding.
    """
    possible = onehot.sum(axis=2, dtype=np.uint8)
    letters = sparse.csr_matrix(onehot.reshape(len(onehot), -1), dtype=np.float32)
    letters.data = 1 / np.repeat(possible.ravel(), possible.ravel()).astype(np.float32)
    return letters


STRENGTHS = (1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0)


def logistic(features: Any, data: Data, *, standardize: bool) -> Baseline:
    """Fit a logistic regression for all classes, or for each label, on features, dense or CSR.

    `standardize` divides each column by its standard deviation in the train part.
    """
    fit_one = partial(fit_labels, features, data, standardize=standardize)
    estimator, score = fit_outputs(fit_one, data)
    return Baseline(estimator, score, parameters=data.outputs * (features.shape[1] + 1))


def fit_labels(features: Any, data: Data, labels: Integers, *, standardize: bool) -> Classifier:
    """Fit one logistic regression on the class of each example, shape (n,)."""
    train = data.part == "train"
    scaler = StandardScaler(with_mean=False, with_std=standardize)
    scaled = scaler.fit(features[train]).transform(features)
    shown, known = scaled[train], labels[train]

    def fit_strength(strength: float) -> Classifier:
        model = LogisticRegression(C=strength, max_iter=1000, random_state=data.seed)
        fitted(model, shown, known)
        probability = class_probabilities(model, scaled, classes_of(data))
        return Classifier(make_pipeline(scaler, model), probability)

    return best_penalty(fit_strength, STRENGTHS, labels, data.part)


def ridge(
    features: sparse.csr_matrix,
    target: NDArray[np.float32],
    part: NDArray[np.str_],
    penalties: Sequence[float],
) -> Baseline:
    """Fit one ridge regression for each penalty and output, and keep the best of each output.

    Penalties are scikit-learn's alpha; the lowest squared error on the validation part wins.
    """
    fitted = [fit_values(features, values, part, penalties)[0] for values in target.T]
    score = np.column_stack([model.predict(features) for model in fitted]).astype(np.float32)
    estimator = fitted if len(fitted) > 1 else fitted[0]
    return Baseline(estimator, score, parameters=target.shape[1] * (features.shape[1] + 1))


def fit_values(
    features: Any,
    values: NDArray[np.float32],
    part: NDArray[np.str_],
    penalties: Sequence[float],
) -> tuple[Ridge, float]:
    """The best ridge regression of one output on its known values, and its error on validation."""
    known = np.isfinite(values)
    train, validation = known & (part == "train"), known & (part == "validation")
    tried = [
        Ridge(alpha=penalty, solver="lsqr", tol=1e-6).fit(features[train], values[train])
        for penalty in penalties
    ]
    errors = [
        float(np.square(model.predict(features[validation]) - values[validation]).mean())
        for model in tried
    ]
    best = int(np.argmin(errors))
    print(f"Penalty: alpha = {penalties[best]:g}, squared error on validation {errors[best]:.4g}")

    return tried[best], errors[best]


def kmer_logistic(data: Data, *, largest_k: int, both_strands: bool = True) -> Baseline:
    """Fit on the frequencies of 1- to k-mers, both strands as one, see `linear.logistic`."""
    sizes = range(1, largest_k + 1)
    features = kmer_frequencies(data.onehot, sizes, both_strands=both_strands)
    return logistic(features, data, standardize=True)


kmer_logistic_of_one_strand = partial(kmer_logistic, both_strands=False)
"""Of RNA, whose other strand is not there."""


SMALLEST_K = 3

KMER_PENALTIES = (1e-3, 1e-2, 1e-1, 1.0, 10.0)


def kmer_ridge(data: Data, *, largest_k: int, both_strands: bool = True) -> Baseline:
    """Fit on the frequencies of 3- to k-mers, both strands as one, see `linear.ridge`."""
    sizes = range(SMALLEST_K, largest_k + 1)
    features = kmer_frequencies(data.onehot, sizes, both_strands=both_strands)
    return ridge(features, data.target, data.part, KMER_PENALTIES)


kmer_ridge_of_one_strand = partial(kmer_ridge, both_strands=False)
"""Of RNA, whose other strand is not there."""


def onehot_logistic(data: Data) -> Baseline:
    """Fit on one column a position and letter, see `linear.logistic`."""
    return logistic(letters_by_position(data.onehot), data, standardize=False)


LETTER_PENALTIES = (0.1, 1.0, 10.0, 100.0, 1000.0, 10_000.0)


def onehot_ridge(data: Data) -> Baseline:
    """Fit on one column a position and letter, see `linear.ridge`."""
    features = letters_by_position(data.onehot)
    return ridge(features, data.target, data.part, LETTER_PENALTIES)
