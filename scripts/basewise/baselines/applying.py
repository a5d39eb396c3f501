"""Scores of new examples by a baseline that was fitted on others."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from basewise.baselines import entry_of, gradient_boosting, random_forest
from basewise.baselines.choosing import class_probabilities
from basewise.baselines.composition import compositions
from basewise.baselines.dosages import dosages
from basewise.baselines.gapped_kmer_svm import svm_probability
from basewise.baselines.kmer_window import K
from basewise.baselines.linear import SMALLEST_K, letters_by_position
from basewise.baselines.own import own_features
from basewise.config.own_code import is_own
from basewise.core.arrays import Floats
from basewise.sequences.kmers import gapped_kmer_counts, kmer_frequencies, window_frequencies
from basewise.sequences.motifs import best_hits

TRUSTED = [*gradient_boosting.TRUSTED, *random_forest.TRUSTED]
"""Types in a skops file that skops itself does not trust, and that baselines are made of."""

AT_ONCE = 2**18
"""Letters whose features are in memory."""


def apply(
    name: str,
    estimator: Any,
    onehot: NDArray[np.uint8],
    *,
    task: str,
    outputs: int,
    alphabet: str,
    settings: Mapping[str, Any],
) -> NDArray[np.float32]:
    """Score examples as `fit` has scored those of the test part, on the scale of the training.

    Parameters
    ----------
    estimator
        What `fit` has stored, see `Baseline`.
    onehot
        uint8, shape (n, length, channels); n > 0.
    settings
        Those with which it was fitted; what is left out has its default.

    Returns
    -------
    NDArray
        Shape (n, outputs), per position (n, length, outputs).
    """
    defaults = {key: schema["default"] for key, schema in entry_of(name)["settings"].items()}
    asked, length = {**defaults, **settings}, onehot.shape[1]
    step = max(1, AT_ONCE // length)
    scores = []
    for start in range(0, len(onehot), step):
        block = onehot[start : start + step]
        if alphabet == "genotype":
            scores.append(_scores_of_genotypes(estimator, dosages(block), task))
            continue
        features = _features(name, estimator, block, asked, both_strands=alphabet == "dna")
        scores.append(_scores(name, estimator, features, task, outputs))
    return np.concatenate(scores).astype(np.float32)


def _features(
    name: str,
    estimator: Any,
    onehot: NDArray[np.uint8],
    settings: Mapping[str, Any],
    *,
    both_strands: bool,
) -> Any:
    """What the estimator of a baseline takes: one row a sequence, or one a position."""
    if is_own(name):
        return own_features(onehot, settings["features"], settings["k"], both_strands=both_strands)
    match name:
        case "composition_logistic":
            return compositions(onehot)
        case "kmer_logistic" | "kmer_ridge" | "gradient_boosting":
            smallest = SMALLEST_K if name == "kmer_ridge" else 1
            sizes = range(smallest, settings["largest_k"] + 1)
            features = kmer_frequencies(onehot, sizes, both_strands=both_strands)
            return features.toarray() if name == "gradient_boosting" else features
        case "onehot_logistic" | "onehot_ridge":
            return letters_by_position(onehot)
        case "gapped_kmer_svm":
            words = settings["word_length"], settings["informative"]
            return gapped_kmer_counts(onehot, *words, both_strands=both_strands).astype(np.float64)
        case "motif_scan":
            return best_hits(onehot, estimator["motifs"], both_strands=both_strands)
        case "kmer_window":
            return window_frequencies(onehot, K, settings["window"])
    # "majority" and "mean" look at nothing
    return np.empty((*onehot.shape[:2], 0))


def _scores(name: str, estimator: Any, features: Any, task: str, outputs: int) -> Floats:
    """Probabilities or values, shape (n, outputs); those of one estimator, or of one an output."""
    stored = estimator["models"] if name == "motif_scan" else estimator
    models = stored if isinstance(stored, list) else [stored]
    if task == "regression":
        return np.column_stack([_of_value(model, features) for model in models])
    if task == "per_position":
        rows, length, width = features.shape
        flat = features.reshape(rows * length, width)
        return class_probabilities(stored, flat, outputs).reshape(rows, length, outputs)
    if task == "multiclass":
        return _of_classes(stored, features, outputs)
    return np.column_stack([_of_classes(model, features, 2)[:, 1] for model in models])


def _of_value(model: Any, features: Any) -> Floats:
    if isinstance(model, dict):
        return _of_value(model["model"], features[:, model["motifs"]])
    values: Floats = model.predict(features)
    return values


def _of_classes(model: Any, features: Any, classes: int) -> Floats:
    if isinstance(model, dict) and "svm" in model:
        decision = model["svm"].decision_function(features)
        return svm_probability(model, decision, np.diff(features.indptr) == 0)
    if isinstance(model, dict):
        return _of_classes(model["model"], features[:, model["motifs"]], classes)
    return class_probabilities(model, features, classes)


def _scores_of_genotypes(estimator: Any, dosage: NDArray[np.float32], task: str) -> Floats:
    """Probabilities of class 1, or values, shape (n, outputs); dosages are nan where missing."""
    if not isinstance(estimator, dict):
        models = estimator if isinstance(estimator, list) else [estimator]
        return np.column_stack([_of_dosages(model, dosage) for model in models])

    centered = np.nan_to_num(dosage - estimator["means"])
    if "model" in estimator:
        return _of_dosages(estimator["model"], centered).reshape(len(dosage), -1)
    sums = [machine.predict(centered) for machine in estimator["machines"]]
    score = np.column_stack(sums) + estimator["intercepts"]
    return np.asarray(expit(score)) if task == "binary" else score


def _of_dosages(model: Any, features: Any) -> Floats:
    of_classes = hasattr(model, "predict_proba")
    numbers: Floats = (
        model.predict_proba(features)[:, 1:] if of_classes else model.predict(features)
    )
    return numbers
