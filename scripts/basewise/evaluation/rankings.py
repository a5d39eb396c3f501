"""The models of a dataset in one table, those of all datasets, and their average ranks.

J. Demsar, "Statistical comparisons of classifiers over multiple data sets", Journal of Machine
Learning Research 7:1, 2006 (ranks).
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import scipy  # scipy.stats takes half a second; it loads where a test is made

from basewise.evaluation.headlines import HEADLINES, chance_headline, summary_output
from basewise.evaluation.paired import COMPARED
from basewise.store.tables import CEILING, COMPARISON_COLUMNS, MODEL_COLUMNS, RANK_COLUMNS


def compare_models(
    summaries: pd.DataFrame, ceiling: pd.DataFrame, kinds: Mapping[str, str]
) -> pd.DataFrame:
    """Put the summaries of a dataset's models and the ceiling into one table, `COMPARISON_COLUMNS`.

    Parameters
    ----------
    ceiling
        `tables.METRIC_COLUMNS` of the best possible classifier, every fold; empty without one. Its
        interval is that of a mean over independent folds.
    kinds
        Model to what it is: network, baseline, mixed (an ensemble of both) or control.
    """
    tables = [summaries.assign(kind=summaries["model"].map(kinds))]
    if len(ceiling):
        tables.append(_ceiling(ceiling))
    return pd.concat([table[COMPARISON_COLUMNS] for table in tables], ignore_index=True)


def of_headline(
    comparison: pd.DataFrame, task: str, part: str = "test", metric: str | None = None
) -> pd.DataFrame:
    """Rows that speak for the whole task: one a model, of a metric, by default the headline."""
    wanted = HEADLINES[task][0].metric if metric is None else metric
    rows = comparison[(comparison["part"] == part) & comparison["value"].notna()]
    if rows.empty:
        return rows
    output = summary_output(task, rows["output"].unique())
    return rows[(rows["output"] == output) & (rows["metric"] == wanted)]


def ranked(comparison: pd.DataFrame, task: str, part: str = "test") -> pd.DataFrame:
    """Rows of `of_headline` that are neither ceiling nor control, the best model first."""
    rows = of_headline(comparison, task, part)
    return rows[rows["kind"].isin(COMPARED)].sort_values(
        "value", ascending=HEADLINES[task][0].lower_is_better, kind="stable"
    )


def at_chance(comparison: pd.DataFrame, task: str) -> list[str]:
    """Models whose interval on test holds the value of a model that knows nothing.

    The measure is `headlines.chance_headline` of the task.
    """
    headline = chance_headline(task)
    rows = of_headline(comparison, task, metric=headline.metric)
    holds = (rows["low"] <= headline.chance) & (rows["high"] >= headline.chance)
    return [str(model) for model in rows.loc[holds, "model"]]


def collect_models(
    comparisons: Mapping[str, pd.DataFrame], tasks: Mapping[str, str]
) -> pd.DataFrame:
    """The headline of every model of every dataset, from their tables of `compare_models`.

    In `MODEL_COLUMNS`; `chance` is missing where it depends on the classes.
    """
    tables = []
    for dataset, comparison in comparisons.items():
        task = tasks[dataset]
        headline = HEADLINES[task][0]
        facts = dict(dataset=dataset, task=task, title=headline.title, chance=headline.chance)
        rows = of_headline(comparison, task)
        lower = int(headline.lower_is_better)
        tables.append(rows.assign(**facts, lower_is_better=lower)[MODEL_COLUMNS])

    nothing = pd.DataFrame(columns=MODEL_COLUMNS)
    return pd.concat(tables, ignore_index=True) if tables else nothing


def _ceiling(metrics: pd.DataFrame) -> pd.DataFrame:
    """Mean over the folds."""
    squares = metrics.assign(
        below=(metrics["value"] - metrics["low"]) ** 2,
        above=(metrics["high"] - metrics["value"]) ** 2,
    )
    grouped = squares.groupby(["part", "output", "metric"], sort=False)
    table = grouped.agg(value=("value", "mean"), spread=("value", "std"), runs=("value", "size"))
    for bound, apart, sign in (("low", "below", -1), ("high", "above", 1)):
        reach = grouped[apart].sum(min_count=1) ** 0.5 / table["runs"]
        table[bound] = table["value"] + sign * reach
    return table.reset_index().assign(model=CEILING, kind=CEILING, unit="example")


FEWEST_DATASETS = 3

FEWEST_MODELS = 2


def critical_difference(models: int, datasets: int) -> float:
    """Difference of average ranks from which on two models differ, Nemenyi's test at 0.05."""
    studentized = scipy.stats.studentized_range.ppf(0.95, models, np.inf) / np.sqrt(2)
    return float(studentized * np.sqrt(models * (models + 1) / (6 * datasets)))


def rank_models(models: pd.DataFrame) -> pd.DataFrame:
    """Rank the models that all datasets have, by the headline of each dataset, in `RANK_COLUMNS`.

    Best first: mean rank (1 is best, ties share theirs) with half the critical difference to either
    side, so that models whose intervals do not overlap differ; p of Friedman's test that all are
    alike (missing for two models, where the difference says the same). Controls and ceilings do not
    count. Empty with fewer than three datasets or two models.
    """
    compared = models[models["kind"].isin(COMPARED)]
    better = compared["value"] * np.where(compared["lower_is_better"] == 1, -1, 1)
    values = compared.assign(value=better).pivot(index="dataset", columns="model", values="value")
    values = values.astype(float).dropna(axis="columns")
    datasets, shared = values.shape
    if datasets < FEWEST_DATASETS or shared < FEWEST_MODELS:
        return pd.DataFrame(columns=RANK_COLUMNS)

    rank = values.rank(axis="columns", ascending=False).mean()
    reach = critical_difference(shared, datasets)
    table = pd.DataFrame({"model": rank.index, "rank": rank.to_numpy()})
    table = table.assign(
        low=table["rank"] - reach / 2,
        high=table["rank"] + reach / 2,
        datasets=datasets,
        critical_difference=reach,
        p=_friedman(values),
    )
    return table.sort_values("rank", kind="stable", ignore_index=True)[RANK_COLUMNS]


def _friedman(values: pd.DataFrame) -> float:
    alike = (values.nunique(axis="columns") == 1).all()
    if values.shape[1] < 3 or alike:
        return float("nan")
    return float(scipy.stats.friedmanchisquare(*values.to_numpy().T).pvalue)
