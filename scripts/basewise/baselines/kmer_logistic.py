"""Logistic regression on k-mer frequencies."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from basewise.baselines import Baseline
from basewise.kmers import kmer_frequencies

__all__ = ["kmer_logistic"]

STRENGTHS = (1e-4, 1e-3, 1e-2, 1e-1, 1.0)


def kmer_logistic(
    onehot: NDArray[np.uint8],
    target: NDArray[np.int8],
    part: NDArray[np.str_],
    *,
    seed: int,
    largest_k: int = 6,
) -> Baseline:
    """Fit one logistic regression for each strength of the L2 penalty and keep the best.

    Frequencies are divided by their standard deviation in the train part; the strength with the
    lowest log loss on the validation part wins.
    """
    features = kmer_frequencies(onehot, range(1, largest_k + 1))
    train, validation = part == "train", part == "validation"
    truth = target[:, 0]

    def fitted(strength: float) -> Pipeline:
        model = make_pipeline(
            StandardScaler(with_mean=False),
            LogisticRegression(C=strength, max_iter=1000, random_state=seed),
        )
        return model.fit(features[train], truth[train])

    def loss(model: Pipeline) -> float:
        return float(log_loss(truth[validation], model.predict_proba(features[validation])))

    best = min((fitted(strength) for strength in STRENGTHS), key=loss)
    score = best.predict_proba(features)[:, 1:].astype(np.float32)
    return Baseline(best, score, parameters=features.shape[1] + 1)
