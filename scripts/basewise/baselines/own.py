"""Baselines of one's own: an estimator that a function of the user's makes, on common features."""

from typing import Any

import numpy as np
import skops.io
from numpy.typing import NDArray

from basewise.baselines import Baseline, Data
from basewise.baselines.choosing import Classifier, class_probabilities, classes_of, fit_outputs
from basewise.baselines.linear import letters_by_position
from basewise.config.own_code import divided
from basewise.core.errors import InputError
from basewise.core.user_code import call_own, with_lines
from basewise.sequences.kmers import kmer_frequencies

MOST_BYTES = 2_000_000_000
"""Of the features of all examples."""


def own_features(
    onehot: NDArray[np.uint8], features: str, k: int, *, both_strands: bool
) -> NDArray[np.float32]:
    """What such an estimator reads, float32, shape (n, columns).

    ``onehot``: one column a position and letter, see `linear.letters_by_position`; ``kmers``: the
    frequencies of 1- to k-mers, of DNA both strands as one.
    """
    if features == "onehot":
        sparse = letters_by_position(onehot)
    else:
        sparse = kmer_frequencies(onehot, range(1, k + 1), both_strands=both_strands)
    if 4 * sparse.shape[0] * sparse.shape[1] > MOST_BYTES:
        raise InputError(
            f"{sparse.shape[1]:,} features of {sparse.shape[0]:,} examples take more than "
            f"{MOST_BYTES / 1e9:.0f} GB; take `features: kmers` with a smaller `k`"
        )
    return np.asarray(sparse.toarray(), dtype=np.float32)


def own_baseline(
    place: str, data: Data, *, alphabet: str, features: str, k: int, **settings: Any
) -> Baseline:
    """Fit what a function of the user's makes on the train part, one estimator an output.

    The function gives an estimator of scikit-learn that is not fitted: a classifier with
    `predict_proba`, for all classes of ``multiclass``; or a regressor.

    Raises
    ------
    InputError
        For whatever ends the function or its estimator, with its line; for what is no such
        estimator; and for one that skops cannot store.
    """
    path, function = divided(place)
    read = own_features(data.onehot, features, k, both_strands=alphabet == "dna")
    method = "predict" if data.task == "regression" else "predict_proba"

    def fit_one(values: NDArray[Any]) -> Any:
        made = call_own(path, function, {"task": data.task, "seed": data.seed}, **settings)
        if not (hasattr(made, "fit") and hasattr(made, method)):
            kind = type(made).__name__
            raise InputError(f"{function} gives a {kind}, which has no `fit` or `{method}`", path)
        rows = (data.part == "train") & np.isfinite(values)
        with_lines(path, lambda: made.fit(read[rows], values[rows]))
        return _stored(made, path, function)

    def classify(labels: NDArray[Any]) -> Classifier:
        model = fit_one(labels)
        probability = with_lines(path, lambda: class_probabilities(model, read, classes_of(data)))
        return Classifier(model, probability)

    if data.task != "regression":
        estimator, score = fit_outputs(classify, data)
    else:
        models = [fit_one(values) for values in data.target.T]
        columns = with_lines(path, lambda: [model.predict(read) for model in models])
        score = np.column_stack(columns).astype(np.float32)
        estimator = models if len(models) > 1 else models[0]
    return Baseline(estimator, score, parameters=_coefficients(estimator))


def _stored(model: Any, path: str, function: str) -> Any:
    """An estimator as whoever loads it has it; InputError where skops cannot store it."""
    try:
        content = skops.io.dumps(model)
        return skops.io.loads(content, trusted=skops.io.get_untrusted_types(data=content))
    except Exception as error:  # skops says it in many ways
        first = str(error).strip().partition("\n")[0]
        raise InputError(
            f"{function} gives a {type(model).__name__} that skops cannot store ({first}); take "
            "estimators of scikit-learn, without functions of your own in them",
            path,
        ) from error


def _coefficients(estimator: Any) -> int:
    """Coefficients of linear models; 0 of what has none."""
    models = estimator if isinstance(estimator, list) else [estimator]
    ends = [model[-1] if hasattr(model, "steps") else model for model in models]
    return sum(
        int(np.size(getattr(end, name, ()))) for end in ends for name in ("coef_", "intercept_")
    )
