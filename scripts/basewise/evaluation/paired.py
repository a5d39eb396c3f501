"""Is one model better than another? Every model of a dataset against the best ones.

Models are compared over folds and seeds, and example by example, where their test scores lie side
by side.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from basewise.core.arrays import Floats, Integers, Mask
from basewise.evaluation.headlines import HEADLINES, Headline, summary_output
from basewise.evaluation.significance import (
    Difference,
    bootstrap_test,
    corrected_t_test,
    delong_test,
    mcnemar_test,
)
from basewise.store.parts import Groups
from basewise.store.scores import THRESHOLD, Run, read_runs, truth_and_score, truth_and_shares
from basewise.store.tables import OUTPUT, PAIRED_COLUMNS

COMPARED = ("network", "baseline", "mixed")
"""Kinds of models that are compared: not negative controls, not the ceiling."""

FEWEST_FOLDS = 3
"""From which on the variance between folds says how sure a difference is."""

HAVE_A_UNIT = ("rmse", "mae")
"""Measures in the unit of the trait: only their own size says what a small difference is."""

FAMILY = ["against", "test", "output", "metric"]


class FoldScores(NamedTuple):
    """What a model's runs of one fold made of its n test examples, in the order of their ids.

    Attributes
    ----------
    target
        0 or 1, shape (n,); of several classes the index of the true one.
    score
        Of class 1, or of the true class, shape (seeds, n).
    correct
        Whether the prediction is right, shape (seeds, n).
    cluster
        Names of what counts as independent where it is not the example, shape (n,).
    """

    fold: int
    target: Integers
    score: Floats
    correct: Mask
    cluster: NDArray[Any] | None


class _Values(NamedTuple):
    """A measure of a model's runs: (folds, seeds), of resamples (folds, seeds, resamples).

    And the folds with their number of units of the rarest kind, 0 without resamples.
    """

    folds: list[int]
    values: Floats
    replicates: Floats | None
    units: Integers


def paired_tests(
    metrics: pd.DataFrame,
    replicates: Mapping[str, pd.DataFrame],
    scores: Mapping[str, Sequence[FoldScores]],
    *,
    task: str,
    kinds: Mapping[str, str],
    named: str | None = None,
) -> pd.DataFrame:
    """Compare every model with the best model, the best baseline and a named one.

    With one or two folds by the paired bootstrap, with more by the corrected resampled t-test,
    seeds averaged; beside it, where there are scores, by DeLong's test for the AUROC of two classes
    whose examples are unrelated, and by McNemar's for the accuracy.

    Parameters
    ----------
    metrics
        `tables.METRIC_COLUMNS` of all models.
    replicates
        Model to `evaluate.Evaluation.replicates`; the resamples of a fold are the same for all
        models.
    scores
        Model to its test scores; empty but for ``binary`` and ``multiclass``.
    kinds
        Model to what it is; those of no `COMPARED` kind are left out.

    Returns
    -------
    DataFrame
        `PAIRED_COLUMNS`: difference (model less reference) on test with its 95 % interval, the
        two-sided p, the same after Holm's correction for the models compared in the same way, the
        number of folds, and 1 in the one row of a pair that decides. Every headline of the task for
        what speaks for the whole of it, and with three folds or more the first headline for each
        output of a regression. Interval and p are empty where nothing varies (`significance`).

    Notes
    -----
    S. Holm, "A simple sequentially rejective multiple test procedure", Scand. J. Stat. 6:65, 1979.
    The best are chosen by the same test examples, so that their lead is somewhat flattered.
    """
    test = metrics[(metrics["part"] == "test") & metrics["model"].map(kinds).isin(COMPARED)]
    rows: list[tuple[object, ...]] = []
    if len(test):
        rows = list(_rows(test, replicates, scores, task, kinds, named))
    table = pd.DataFrame(rows, columns=[name for name in PAIRED_COLUMNS if name != "p_holm"])
    return table.assign(p_holm=table.groupby(FAMILY)["p"].transform(_holm))[PAIRED_COLUMNS]


def read_matched(
    names: Iterable[tuple[str, int, int]],
    paths: Iterable[str | Path],
    task: str,
    groups: Groups | None = None,
) -> dict[str, list[FoldScores]]:
    """Read score files, given the model, fold and seed of each: model to `match_runs` of it."""
    files: dict[str, list[tuple[tuple[int, int], str | Path]]] = {}
    for (model, fold, seed), path in zip(names, paths, strict=True):
        files.setdefault(model, []).append(((fold, seed), path))
    return {
        model: match_runs(read_runs(*zip(*of_model, strict=True)), task, groups)
        for model, of_model in files.items()
    }


def match_runs(runs: Iterable[Run], task: str, groups: Groups | None = None) -> list[FoldScores]:
    """Gather the test scores of a model, ``binary`` or ``multiclass``, fold by fold.

    `groups` are given where groups are resampled, not examples, see `parts.groups_of`.
    """
    of_fold: dict[int, list[pd.DataFrame]] = {}
    for fold, _, scores in runs:
        test = scores[scores["part"] == "test"].sort_values("id", ignore_index=True)
        of_fold.setdefault(fold, []).append(test)
    return [
        _fold_scores(
            fold, tables, task, None if groups is None else _clusters(tables[0], groups[fold])
        )
        for fold, tables in of_fold.items()
    ]


def choose_references(
    means: Mapping[str, float], kinds: Mapping[str, str], headline: Headline, named: str | None
) -> dict[str, str]:
    """Models to compare the others with: ``best model``, ``best baseline``, and the named one.

    By their value of the headline; of equals the first counts. A model that is several of these is
    the first of them only.
    """
    sign = -1 if headline.lower_is_better else 1
    ranked = sorted(means, key=lambda model: -sign * means[model])
    baselines = [model for model in ranked if kinds[model] == "baseline"]
    references: dict[str, str] = {}
    if_named = [named] if named is not None and named in means else []
    wanted = (("best model", ranked), ("best baseline", baselines), (named, if_named))
    for against, models in wanted:
        if models and models[0] not in references.values():
            references[str(against)] = models[0]

    return references


def _rows(
    test: pd.DataFrame,
    replicates: Mapping[str, pd.DataFrame],
    scores: Mapping[str, Sequence[FoldScores]],
    task: str,
    kinds: Mapping[str, str],
    named: str | None,
) -> Iterator[tuple[object, ...]]:
    outputs, headlines = test["output"].unique(), HEADLINES[task]
    whole, first = summary_output(task, outputs), headlines[0].metric
    asked = [(whole, headline.metric) for headline in headlines]
    if task == "regression":
        asked += [(output, first) for output in outputs if output != whole]

    values = _values(test, replicates, asked)
    models = [name for name in test["model"].unique() if (name, whole, first) in values]
    means = {model: float(values[model, whole, first].values.mean()) for model in models}
    for against, reference in choose_references(means, kinds, headlines[0], named).items():
        for model in models:
            if model == reference:
                continue
            names = (model, reference, against)
            for output, metric in asked:
                pair = [values.get((name, output, metric)) for name in names[:2]]
                has_unit = metric in HAVE_A_UNIT
                for test_name, difference, folds in _over_runs(*pair, has_unit=has_unit):
                    decides = int((output, metric) == (whole, first))
                    yield *names, test_name, output, metric, *difference, folds, decides
            for test_name, metric, difference, folds in _by_example(
                scores.get(model, ()), scores.get(reference, ()), task
            ):
                yield *names, test_name, OUTPUT, metric, *difference, folds, 0


def _values(
    test: pd.DataFrame, replicates: Mapping[str, pd.DataFrame], asked: Sequence[tuple[str, str]]
) -> dict[tuple[str, str, str], _Values]:
    """Model, output and metric to the values of the runs."""
    keys = ["model", "output", "metric"]
    drawn = {
        (model, *names): rows
        for model, table in replicates.items()
        for names, rows in table.groupby(["output", "metric"], sort=False)
    }
    known = pd.MultiIndex.from_frame(test[["output", "metric"]]).isin(asked)
    values = {}
    for key, rows in test[known].groupby(keys, sort=False):
        of_runs = rows.pivot(index="fold", columns="seed", values="value")
        resamples = drawn.get(key)
        shape = (*of_runs.shape, -1)
        values[key] = _Values(
            of_runs.index.tolist(),
            of_runs.to_numpy(dtype=np.float64),
            None if resamples is None else _resamples(resamples).reshape(shape),
            np.zeros(len(of_runs), dtype=np.int64)
            if resamples is None
            else resamples.groupby("fold")["units"].first().to_numpy(),
        )

    return values


def _resamples(table: pd.DataFrame) -> Floats:
    ordered = table.sort_values(["fold", "seed"])
    drawn = ordered.drop(columns=["fold", "seed", "output", "metric", "units"])
    return np.asarray(drawn, dtype=np.float64)


def _over_runs(
    one: _Values | None, other: _Values | None, *, has_unit: bool
) -> Iterator[tuple[str, Difference, int]]:
    """By the folds, or by the resamples of one or two; nothing where a measure is not defined."""
    if one is None or other is None:
        return
    shared = [fold for fold in one.folds if fold in other.folds]
    mine, its = _of_folds(one, shared), _of_folds(other, shared)
    size = float(max(mine.values.max(), its.values.max())) if shared and has_unit else 1.0
    if len(shared) >= FEWEST_FOLDS:
        apart = mine.values.mean(axis=1) - its.values.mean(axis=1)
        yield "corrected t", corrected_t_test(apart, size=size), len(shared)
    elif shared and mine.replicates is not None and its.replicates is not None:
        apart, drawn = mine.values - its.values, mine.replicates - its.replicates
        yield "bootstrap", bootstrap_test(apart, drawn, int(mine.units.sum()), size), len(shared)


def _of_folds(whole: _Values, folds: Sequence[int]) -> _Values:
    rows = [whole.folds.index(fold) for fold in folds]
    drawn = None if whole.replicates is None else whole.replicates[rows]
    return _Values(list(folds), whole.values[rows], drawn, whole.units[rows])


def _by_example(
    one: Sequence[FoldScores], other: Sequence[FoldScores], task: str
) -> Iterator[tuple[str, str, Difference, int]]:
    """DeLong's and McNemar's tests of two models that scored the same examples."""
    if not one or not other:
        return
    pairs = list(zip(one, other, strict=True))
    fewest = min(min((fold.target == 1).sum(), (fold.target == 0).sum()) for fold in one)
    if task == "binary" and one[0].cluster is None and fewest > 1:
        difference = delong_test([(mine.target, mine.score, its.score) for mine, its in pairs])
        yield "delong", "auroc", difference, len(pairs)

    apart = [mine.correct.mean(axis=0) - its.correct.mean(axis=0) for mine, its in pairs]
    weight = np.concatenate(
        [np.full(len(of_fold), 1 / len(of_fold) / len(pairs)) for of_fold in apart]
    )
    clusters = [mine.cluster for mine in one if mine.cluster is not None]
    cluster = np.concatenate(clusters) if clusters else None
    difference = mcnemar_test(np.concatenate(apart), weight, cluster)
    yield "mcnemar", "accuracy", difference, len(pairs)


def _holm(p: pd.Series) -> pd.Series:
    """Corrected p; one that is empty counts for nothing."""
    ordered = p.dropna().sort_values(kind="stable")
    stepped = (ordered * np.arange(len(ordered), 0, -1)).cummax()
    return stepped.clip(upper=1).reindex(p.index)


def _fold_scores(
    fold: int, tables: Sequence[pd.DataFrame], task: str, cluster: NDArray[Any] | None
) -> FoldScores:
    read = [_binary(table) if task == "binary" else _multiclass(table) for table in tables]
    scores, correct = (np.stack([columns[place] for columns in read]) for place in (1, 2))
    return FoldScores(fold, read[0][0], scores, correct, cluster)


def _clusters(table: pd.DataFrame, groups: pd.Series | None) -> NDArray[Any]:
    """Groups, and each example without one by itself."""
    alone = "example " + table["id"]
    names = alone if groups is None else ("group " + table["id"].map(groups)).fillna(alone)
    return np.asarray(names)


def _binary(table: pd.DataFrame) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    target, score = truth_and_score(table)
    return target, score, (score > THRESHOLD) == (target == 1)


def _multiclass(table: pd.DataFrame) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    target, score = truth_and_shares(table)
    return target, score[np.arange(len(target)), target], score.argmax(axis=1) == target
