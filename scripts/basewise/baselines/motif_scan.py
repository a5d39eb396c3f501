"""What known motifs tell by themselves: the best hit of each in every sequence."""

import warnings
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_selection import SelectKBest, f_classif, f_regression

from basewise.baselines import Baseline, Data
from basewise.baselines.choosing import Classifier, fit_outputs, validation_loss
from basewise.baselines.linear import fit_labels, fit_values
from basewise.core.arrays import Integers, Mask
from basewise.sequences.motifs import best_hits, log_odds, read_motifs

PENALTIES = (1.0, 10.0, 100.0, 1000.0, 10_000.0)
"""Of a ridge regression on scores in bits."""

Fitted = TypeVar("Fitted")


def motif_scan(data: Data, *, motifs: str | Sequence[str], both_strands: bool = True) -> Baseline:
    """Fit on the best hit of each motif, see `motifs.best_hits`.

    Two models compete for each output, and the better one on validation stays: a logistic
    regression (`linear.fit_labels`) or a ridge regression (`linear.fit_values`) on all motifs, and
    the same on a single one. That is the motif with the highest F in train: whose hits differ most
    between the classes, or follow the values most closely. `motifs` names files for
    `motifs.read_motifs`. Stored are ``motifs``, the matrices of `log_odds`, and ``models``: of
    each output ``{"motifs": ..., "model": ...}``, the places of those that count, and an estimator.
    """
    known = read_motifs(motifs)
    matrices = [log_odds(motif.probabilities) for motif in known]
    hits = best_hits(data.onehot, matrices, both_strands=both_strands)
    part, train, chosen = data.part, data.part == "train", list[str]()

    def better(
        values: NDArray[Any],
        rows: Mask,
        strength: Callable[..., Any],
        fit: Callable[[NDArray[np.float32]], tuple[Fitted, float]],
    ) -> tuple[Fitted, list[int]]:
        """The model on all motifs, or that on one; and their places."""
        single = _strongest(hits[rows], values[rows], strength)
        (one, alone), (every, together) = fit(hits[:, [single]]), fit(hits)
        print(
            f"Loss on validation: {alone:.4g} with {known[single].name} alone, {together:.4g} with "
            f"all {len(known)} motifs"
        )
        is_single = alone <= together
        chosen.append(f"{known[single].name} alone" if is_single else all_of_them)

        return (one, [single]) if is_single else (every, list(range(len(known))))

    def fit_class(labels: Integers) -> Classifier:
        def fit(features: NDArray[np.float32]) -> tuple[Classifier, float]:
            model = fit_labels(features, data, labels, standardize=True)
            return model, validation_loss(model, labels, part)

        model, places = better(labels, train, f_classif, fit)
        return model._replace(estimator={"motifs": places, "model": model.estimator})

    def fit_value(values: NDArray[np.float32]) -> dict[str, Any]:
        fit = partial(fit_values, values=values, part=part, penalties=PENALTIES)
        model, places = better(values, train & np.isfinite(values), f_regression, fit)
        return {"motifs": places, "model": model}

    all_of_them = f"all {len(known)} motifs"
    if data.task == "regression":
        models = [fit_value(values) for values in data.target.T]
        values = [one["model"].predict(hits[:, one["motifs"]]) for one in models]
        score = np.column_stack(values).astype(np.float32)
        estimator = models if len(models) > 1 else models[0]
    else:
        estimator, score = fit_outputs(fit_class, data)

    every = chosen.count(all_of_them)
    single = len(chosen) - every
    of_each = data.outputs if data.task == "multiclass" else 1
    parameters = (2 * single + (len(known) + 1) * every) * of_each
    words = f"one motif for {single} outputs, {all_of_them} for {every}"

    stored = {"motifs": matrices, "models": estimator}
    return Baseline(stored, score, parameters, chosen[0] if len(chosen) == 1 else words)


motif_scan_of_one_strand = partial(motif_scan, both_strands=False)
"""Of RNA, whose other strand is not there."""


def _strongest(
    hits: NDArray[np.float32], values: NDArray[Any], strength: Callable[..., Any]
) -> int:
    """Place of the column that a test finds strongest; constant ones have no strength."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore", UserWarning)
        selector = SelectKBest(strength, k=1).fit(hits, values)
    return int(selector.get_support(indices=True)[0])
