"""A linear support vector machine on gapped k-mers, in the manner of gkm-SVM."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer, normalize
from sklearn.svm import LinearSVC

from basewise.baselines import Baseline, Data
from basewise.baselines.choosing import Classifier, best_penalty, fit_outputs, fitted
from basewise.core.arrays import Floats, Integers, Mask
from basewise.core.errors import InputError
from basewise.sequences.kmers import gapped_kmer_counts

STRENGTHS = (0.01, 0.1, 1.0)


def gapped_kmer_svm(
    data: Data, *, word_length: int, informative: int, both_strands: bool = True
) -> Baseline:
    """Fit a support vector machine for each label on counts of gapped k-mers.

    The counts of a sequence are divided by their length as a vector. gkm-SVM divides by it too,
    and gives nan to a sequence that has no k-mer; such a sequence gets the share of class 1 in the
    train part here. Decision values become probabilities by `platt_scaling`; estimators are stored
    as ``{"svm": ..., "platt": ..., "share": ...}``, see `svm_probability`. Ghandi
    et al., PLoS Comput Biol 10:e1003711 (2014).

    Raises
    ------
    InputError
        When no sequence of the train part has a k-mer.
    """
    if informative > word_length:
        raise InputError(
            f"`informative: {informative}` bases do not fit into `word_length: {word_length}`"
        )

    counts = gapped_kmer_counts(data.onehot, word_length, informative, both_strands=both_strands)
    train, held_out = data.part == "train", data.part == "validation"
    empty = np.diff(counts.indptr) == 0
    if empty[train].all():
        raise InputError(
            f"no sequence of the train part holds {informative} known bases within {word_length}; "
            "lower `informative`, or use another baseline"
        )

    features = normalize(counts.astype(np.float64), copy=False)
    shown = features[train]

    def fit_one(labels: Integers) -> Classifier:
        def fit_strength(strength: float) -> Classifier:
            model = LinearSVC(C=strength, dual=True, random_state=data.seed)
            decision = fitted(model, shown, labels[train]).decision_function(features)
            platt = platt_scaling(decision[held_out], labels[held_out])
            share = float(labels[train].mean())
            stored = {"svm": make_pipeline(Normalizer(), model), "platt": platt, "share": share}
            return Classifier(stored, svm_probability(stored, decision, empty))

        return best_penalty(fit_strength, STRENGTHS, labels, data.part)

    estimator, score = fit_outputs(fit_one, data)
    return Baseline(estimator, score, parameters=data.outputs * (features.shape[1] + 3))


gapped_kmer_svm_of_one_strand = partial(gapped_kmer_svm, both_strands=False)
"""Of RNA, whose other strand is not there."""


def svm_probability(stored: Mapping[str, Any], decision: Floats, empty: Mask) -> Floats:
    """Probability of both classes, shape (n, 2), of decision values and of what has no k-mer."""
    probability: Floats = stored["platt"].predict_proba(decision[:, None])
    probability[empty] = 1 - stored["share"], stored["share"]
    return probability


def platt_scaling(decision: Floats, labels: Integers) -> LogisticRegression:
    """Fit the logistic function that turns decision values, shape (n,), into probabilities.

    Each label counts as the mean of a Beta distribution with one more example of each class, so
    that classes that are told apart without a mistake do not become certainties.
    Platt, in Advances in Large Margin Classifiers, 61-74, MIT Press (2000).
    """
    positives = int(labels.sum())
    certainty = np.array([1 / (len(labels) - positives + 2), (positives + 1) / (positives + 2)])
    weight = certainty[labels]
    return LogisticRegression(C=np.inf, tol=1e-8).fit(
        np.concatenate([decision, decision])[:, None],
        np.repeat([1, 0], len(decision)),
        sample_weight=np.concatenate([weight, 1 - weight]),
    )
