"""What known motifs tell by themselves: the best hit of each in every sequence."""

import warnings
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_selection import SelectKBest, f_classif, f_regression
from sklearn.pipeline import make_pipeline

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
    `motifs.read_motifs`.
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
    ) -> tuple[Fitted, SelectKBest | None]:
        """The model on all motifs, or that on one and what selects it."""
        selector = _strongest(hits[rows], values[rows], strength)
        single = int(selector.get_support(indices=True)[0])
        (one, alone), (every, together) = fit(hits[:, [single]]), fit(hits)
        print(
            f"Loss on validation: {alone:.4g} with {known[single].name} alone, {together:.4g} with "
            f"all {len(known)} motifs"
        )
        is_single = alone <= together
        chosen.append(f"{known[single].name} alone" if is_single else all_of_them)

        return (one, selector) if is_single else (every, None)

    def fit_class(labels: Integers) -> Classifier:
        def fit(features: NDArray[np.float32]) -> tuple[Classifier, float]:
            model = fit_labels(features, data, labels, standardize=True)
            return model, validation_loss(model, labels, part)

        model, selector = better(labels, train, f_classif, fit)
        return model._replace(estimator=_behind(selector, model.estimator))

    def fit_value(values: NDArray[np.float32]) -> Any:
        fit = partial(fit_values, values=values, part=part, penalties=PENALTIES)
        model, selector = better(values, train & np.isfinite(values), f_regression, fit)
        return _behind(selector, model)

    all_of_them = f"all {len(known)} motifs"
    if data.task == "regression":
        models = [fit_value(values) for values in data.target.T]
        score = np.column_stack([model.predict(hits) for model in models]).astype(np.float32)
        estimator = models if len(models) > 1 else models[0]
    else:
        estimator, score = fit_outputs(fit_class, data)

    every = chosen.count(all_of_them)
    single = len(chosen) - every
    of_each = data.outputs if data.task == "multiclass" else 1
    parameters = (2 * single + (len(known) + 1) * every) * of_each
    words = f"one motif for {single} outputs, {all_of_them} for {every}"

    return Baseline(estimator, score, parameters, chosen[0] if len(chosen) == 1 else words)


motif_scan_of_one_strand = partial(motif_scan, both_strands=False)
"""Of RNA, whose other strand is not there."""


def _strongest(
    hits: NDArray[np.float32], values: NDArray[Any], strength: Callable[..., Any]
) -> SelectKBest:
    """What selects the column that a test finds strongest; constant ones have no strength."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore", UserWarning)
        return SelectKBest(strength, k=1).fit(hits, values)


def _behind(selector: SelectKBest | None, estimator: Any) -> Any:
    return make_pipeline(selector, estimator) if selector else estimator
