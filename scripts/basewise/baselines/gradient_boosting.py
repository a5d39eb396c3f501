"""Gradient boosted trees on k-mer frequencies."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

from basewise.baselines import Baseline
from basewise.baselines.choosing import Classifier, class_probabilities, fit_outputs
from basewise.kmers import kmer_frequencies

__all__ = ["TRUSTED", "gradient_boosting"]

TRUSTED = ["sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor"]
"""What `skops.io.load` has to be told to trust in this baseline: scikit-learn's trees."""

ROUNDS = 500
PATIENCE = 10


def gradient_boosting(
    onehot: NDArray[np.uint8],
    target: NDArray[Any],
    part: NDArray[np.str_],
    *,
    seed: int,
    task: str,
    outputs: int,
    largest_k: int = 5,
    learning_rate: float = 0.1,
) -> Baseline:
    """Fit on the frequencies of 1- to k-mers, both strands as one.

    Each round adds a tree, in ``multiclass`` one a class. They end when the loss on the validation
    part has not fallen for ten, or after 500.
    """
    features = kmer_frequencies(onehot, range(1, largest_k + 1)).toarray()
    settings = {
        "learning_rate": learning_rate,
        "max_iter": ROUNDS,
        "early_stopping": True,
        "n_iter_no_change": PATIENCE,
        "random_state": seed,
    }
    if task == "regression":
        models = [
            _boosted(HistGradientBoostingRegressor(**settings), features, values, part)
            for values in target.T
        ]
        score = np.column_stack([model.predict(features) for model in models]).astype(np.float32)
        return Baseline(models, score, parameters=sum(map(_leaves, models)))

    def fit_one(labels: NDArray[np.int64]) -> Classifier:
        model = _boosted(HistGradientBoostingClassifier(**settings), features, labels, part)
        classes = outputs if task == "multiclass" else 2
        return Classifier(model, class_probabilities(model, features, classes))

    estimator, score = fit_outputs(fit_one, target, part, task, outputs)
    models = estimator if task == "multilabel" else [estimator]
    return Baseline(estimator, score, parameters=sum(map(_leaves, models)))


def _boosted(
    model: Any, features: NDArray[np.float32], values: NDArray[Any], part: NDArray[np.str_]
) -> Any:
    """Fit a model on the train part, ended by the validation part."""
    train, validation = part == "train", part == "validation"
    if isinstance(model, HistGradientBoostingClassifier):
        validation &= np.isin(values, values[train])
    model.fit(features[train], values[train], X_val=features[validation], y_val=values[validation])
    print(f"Rounds: {model.n_iter_}" + ", still getting better" * (model.n_iter_ == ROUNDS))
    return model


def _leaves(model: Any) -> int:
    """Leaves of all trees; a label that is always the same has none."""
    rounds = getattr(model, "_predictors", [])
    return sum(tree.get_n_leaf_nodes() for trees in rounds for tree in trees)
