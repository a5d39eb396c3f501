"""Random forests on the dosages of all markers."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

from basewise.baselines import Baseline, Data
from basewise.baselines.dosages import dosages
from basewise.baselines.stages import Stage, fit_stages, known_rows, stages

TRUSTED = ["sklearn.tree._tree.Tree"]
"""What `skops.io.load` has to be told to trust in this baseline: scikit-learn's trees."""

MOST_MARKERS = 1000
"""Looked at for a split, of however many."""


def random_forest(data: Data, *, trees: int) -> Baseline:
    """Fit a forest for each output, in two fits, see `stages`.

    Breiman's settings: a split looks at a third of the markers (classes: the square root of their
    number), here at most 1,000; leaves hold five individuals or more (classes: one). The trees
    themselves say where a missing genotype goes. Stored is a list of a forest an output, of classes
    the forest; they take dosages, nan for missing.
    Breiman, Machine Learning 45:5 (2001), doi 10.1023/A:1010933404324.
    """
    features, target = dosages(data.onehot), data.target
    markers = features.shape[1]
    settings = {"n_estimators": trees, "random_state": data.seed, "n_jobs": 1}

    def fit_values(stage: Stage) -> tuple[Any, NDArray[Any]]:
        looked_at = min(max(markers // 3, 1), MOST_MARKERS)
        forests = []
        for output in range(data.outputs):
            rows = known_rows(target, stage.known, output)
            forest = RandomForestRegressor(max_features=looked_at, min_samples_leaf=5, **settings)
            forests.append(forest.fit(features[rows], target[rows, output]))
        scored = features[stage.scored]
        return forests, np.column_stack([forest.predict(scored) for forest in forests])

    def fit_classes(stage: Stage) -> tuple[Any, NDArray[Any]]:
        forest = RandomForestClassifier(max_features="sqrt", **settings)
        forest.fit(features[stage.known], target[stage.known, 0])
        return forest, forest.predict_proba(features[stage.scored])[:, 1:]

    of_classes = data.task == "binary"
    fit_one = fit_classes if of_classes else fit_values
    estimator, score = fit_stages(fit_one, stages(data.part), data)
    forests = [estimator] if of_classes else estimator
    leaves = sum(int(tree.get_n_leaves()) for forest in forests for tree in forest.estimators_)

    return Baseline(estimator, score, parameters=leaves)
