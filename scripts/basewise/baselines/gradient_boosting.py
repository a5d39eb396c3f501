"""Gradient boosted trees, on k-mer frequencies or on the dosages of markers."""

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

from basewise.baselines import Baseline, Data
from basewise.baselines.choosing import Classifier, class_probabilities, classes_of, fit_outputs
from basewise.baselines.dosages import dosages
from basewise.baselines.stages import Stage, fit_stages, known_rows, stages
from basewise.core.arrays import Integers
from basewise.sequences.kmers import kmer_frequencies

TRUSTED = ["sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor"]
"""What `skops.io.load` has to be told to trust in this baseline: scikit-learn's trees."""

ROUNDS = 500
PATIENCE = 10
DOSAGES = 3
"""Values of a marker: as many bins as it needs."""


def gradient_boosting(
    data: Data, *, largest_k: int, learning_rate: float, both_strands: bool = True
) -> Baseline:
    """Fit on the frequencies of 1- to k-mers, both strands as one.

    Each round adds a tree, in ``multiclass`` one a class. They end when the loss on the validation
    part has not fallen for ten, or after 500.
    """
    sizes = range(1, largest_k + 1)
    features = kmer_frequencies(data.onehot, sizes, both_strands=both_strands).toarray()
    settings = {
        "learning_rate": learning_rate,
        "max_iter": ROUNDS,
        "early_stopping": True,
        "n_iter_no_change": PATIENCE,
        "random_state": data.seed,
    }
    if data.task == "regression":
        models = [
            _boosted(HistGradientBoostingRegressor(**settings), features, values, data.part)
            for values in data.target.T
        ]
        score = np.column_stack([model.predict(features) for model in models]).astype(np.float32)
        return Baseline(models, score, parameters=sum(map(_leaves, models)))

    def fit_one(labels: Integers) -> Classifier:
        model = _boosted(HistGradientBoostingClassifier(**settings), features, labels, data.part)
        return Classifier(model, class_probabilities(model, features, classes_of(data)))

    estimator, score = fit_outputs(fit_one, data)
    models = estimator if data.task == "multilabel" else [estimator]
    return Baseline(estimator, score, parameters=sum(map(_leaves, models)))


gradient_boosting_of_one_strand = partial(gradient_boosting, both_strands=False)
"""Of RNA, whose other strand is not there."""


def gradient_boosting_of_genotypes(data: Data, *, largest_k: int, learning_rate: float) -> Baseline:
    """Fit on the dosages of all markers, in two fits, see `stages`.

    The number of rounds, 500 at most, is the one with the lowest loss on validation. The trees
    themselves say where a missing genotype goes. Stored is a list of a model an output, of classes
    the model; they take dosages, nan for missing. `largest_k` has no meaning here.
    """
    features, target, part = dosages(data.onehot), data.target, data.part
    of_classes = data.task == "binary"
    kind = HistGradientBoostingClassifier if of_classes else HistGradientBoostingRegressor
    settings = {"learning_rate": learning_rate, "max_bins": DOSAGES, "random_state": data.seed}
    rounds = []
    first = stages(part)[0]
    for output in range(data.outputs):
        shown = known_rows(target, first.known, output)
        held_out = known_rows(target, first.scored, output, fewest=1)
        used = np.isin(np.arange(len(part)), [*shown, *held_out])
        model = kind(max_iter=ROUNDS, early_stopping=True, n_iter_no_change=PATIENCE, **settings)
        _boosted(model, features[used], target[used, output], part[used])
        rounds.append(max(int(np.argmax(model.validation_score_)), 1))

    def fit_one(stage: Stage) -> tuple[Any, NDArray[Any]]:
        models = []
        for output, best in enumerate(rounds):
            rows = known_rows(target, stage.known, output)
            model = kind(max_iter=best, early_stopping=False, **settings)
            models.append(model.fit(features[rows], target[rows, output]))
        scored = features[stage.scored]
        if of_classes:
            return models[0], models[0].predict_proba(scored)[:, 1:]
        return models, np.column_stack([model.predict(scored) for model in models])

    estimator, score = fit_stages(fit_one, stages(part), data)
    models = [estimator] if of_classes else estimator
    return Baseline(estimator, score, parameters=sum(map(_leaves, models)))


def _boosted(
    model: Any, features: NDArray[np.float32], values: NDArray[Any], part: NDArray[np.str_]
) -> Any:
    """Fit a model on the known values of the train part, ended by those of the validation part."""
    known = np.isfinite(values)
    train, validation = known & (part == "train"), known & (part == "validation")
    if isinstance(model, HistGradientBoostingClassifier):
        validation &= np.isin(values, values[train])
    model.fit(features[train], values[train], X_val=features[validation], y_val=values[validation])
    state = ", still getting better" if model.n_iter_ == ROUNDS else ""
    print(f"Rounds: {model.n_iter_}{state}")
    return model


def _leaves(model: Any) -> int:
    """Leaves of all trees; a label that is always the same has none."""
    rounds = getattr(model, "_predictors", [])
    return sum(tree.get_n_leaf_nodes() for trees in rounds for tree in trees)
