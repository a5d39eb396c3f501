"""Is one model better than another? Paired tests over the folds of a cross-validation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from basewise.errors import InputError
from basewise.headlines import HEADLINES
from basewise.tables import CEILING, MACRO

__all__ = ["PAIRED_COLUMNS", "paired_tests", "paired_verdict"]

PAIRED_COLUMNS = [
    *("model", "reference", "output", "metric"),
    *("difference", "low", "high", "p", "p_holm", "folds"),
]
FEWEST_FOLDS = 3
LEVEL = 0.05

SHOWN = [headline for headlines in HEADLINES.values() for headline in headlines]
TITLES = {headline.metric: headline.title for headline in reversed(SHOWN)}
LOWER_IS_BETTER = {headline.metric for headline in SHOWN if headline.lower_is_better}


def paired_tests(
    metrics: pd.DataFrame, reference: str, metric: str, test_to_train: float | None = None
) -> pd.DataFrame:
    """Compare every model with a reference by the corrected resampled t-test.

    The values of a fold are averaged over seeds, and models are compared by their differences from
    the reference fold by fold. Since folds share their training examples, the variance of the mean
    difference over k folds is that of the differences times (1/k + test_to_train), and t has k - 1
    degrees of freedom.

    Parameters
    ----------
    metrics
        `tables.METRIC_COLUMNS` of one dataset; of each model and output the folds count that the
        reference has, too.
    reference
        Name of the model to compare with.
    metric
        What to compare by.
    test_to_train
        Examples of the test part for each one of train; 1/(k - 1) for k folds without it.

    Returns
    -------
    DataFrame
        `PAIRED_COLUMNS`: difference (model less reference) on test with its 95 % interval, the
        two-sided p, the same after Holm's correction for the number of models, and the number of
        folds; one row an output (with ``macro``, where there are several) and model, in the order
        of the input. Models with fewer than three folds have no rows.

    Raises
    ------
    InputError
        When the metrics have no such model.

    Notes
    -----
    C. Nadeau, Y. Bengio, "Inference for the generalization error", Machine Learning 52:239, 2003.
    S. Holm, "A simple sequentially rejective multiple test procedure", Scand. J. Stat. 6:65, 1979.
    """
    models = [name for name in metrics["model"].unique() if name != CEILING]
    if reference not in models:
        raise InputError(
            f"paired tests: there is no model {reference!r} to compare with; there are "
            f"{', '.join(models)}"
        )
    test = metrics[(metrics["part"] == "test") & (metrics["metric"] == metric)]
    keys = ["output", "model", "fold"]
    of_fold = test.groupby(keys, sort=False)["value"].mean().unstack("fold")
    rows = [
        (model, reference, output, metric, *found)
        for output in test["output"].unique()
        for model in models
        if model != reference and {(output, model), (output, reference)} <= set(of_fold.index)
        for found in _tested(of_fold, output, model, reference, test_to_train)
    ]
    table = pd.DataFrame(rows, columns=[name for name in PAIRED_COLUMNS if name != "p_holm"])
    corrected = table.groupby("output")["p"].transform(_holm)
    return table.assign(p_holm=corrected)[PAIRED_COLUMNS]


def paired_verdict(table: pd.DataFrame) -> str:
    """Say in words which models differ from the reference.

    Parameters
    ----------
    table
        From `paired_tests`. Where it has the mean over the outputs, this speaks for all of them;
        give the rows of one output to hear of that one.

    Returns
    -------
    One sentence an output, such as "Against gblup (10 folds): dnngp -0.031 (-0.060 to -0.002) in
    Pearson r, worse; deepgs +0.010 (-0.020 to 0.040), no difference shown." Better and worse is
    what has a corrected p below 0.05. Nothing for an empty table.
    """
    if MACRO in set(table["output"]):
        table = table[table["output"] == MACRO]
    several = table["output"].nunique() > 1
    sentences = []
    for output, rows in table.groupby("output", sort=False):
        metric, alike = rows["metric"].iloc[0], rows["folds"].nunique() == 1
        subject = f"Against {rows['reference'].iloc[0]}{f' on {output}' * several}"
        folds = f" ({rows['folds'].iloc[0]} folds)" * alike
        unit = f" in {'mean ' * (output == MACRO)}{TITLES.get(metric, metric)}"
        clauses = [
            _clause(row, "" if alike else f"; {row.folds} folds", "" if number else unit)
            for number, row in enumerate(rows.itertuples())
        ]
        sentences.append(f"{subject}{folds}: {'; '.join(clauses)}.")
    return " ".join(sentences)


def _tested(
    of_fold: pd.DataFrame, output: str, model: str, reference: str, test_to_train: float | None
) -> list[tuple[float, float, float, float, int]]:
    """Difference, low, high, p and folds; nothing where there are too few folds."""
    both = of_fold.loc[(output, model)] - of_fold.loc[(output, reference)]
    differences = both.dropna().to_numpy()
    folds = len(differences)
    if folds < FEWEST_FOLDS:
        return []
    ratio = 1 / (folds - 1) if test_to_train is None else test_to_train
    mean, variance = float(differences.mean()), float(differences.var(ddof=1))
    error = np.sqrt(variance * (1 / folds + ratio))
    reach = float(error * stats.t.ppf(0.975, folds - 1))
    p = float(2 * stats.t.sf(abs(mean) / error, folds - 1)) if error else float(mean == 0)
    return [(mean, mean - reach, mean + reach, p, folds)]


def _holm(p: pd.Series) -> NDArray[np.float64]:
    values = p.to_numpy()
    order = np.argsort(values, kind="stable")
    stepped = np.maximum.accumulate(values[order] * np.arange(len(values), 0, -1))
    corrected = np.empty(len(values))
    corrected[order] = np.minimum(stepped, 1)
    return corrected


def _clause(row: Any, folds: str, unit: str) -> str:
    bounds = f"{row.low:.3f} to {row.high:.3f}{folds}"
    return f"{row.model} {row.difference:+.3f} ({bounds}){unit}, {_finding(row)}"


def _finding(row: Any) -> str:
    if row.p_holm < LEVEL:
        higher = row.difference > 0
        return "worse" if higher == (row.metric in LOWER_IS_BETTER) else "better"
    if row.p < LEVEL:
        return "no difference shown after correction for several models"
    return "no difference shown"
