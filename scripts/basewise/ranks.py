"""Average ranks of models over several datasets.

J. Demsar, "Statistical comparisons of classifiers over multiple data sets", Journal of Machine
Learning Research 7:1, 2006.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from basewise.paired import COMPARED

__all__ = ["FEWEST_DATASETS", "RANK_COLUMNS", "critical_difference", "rank_models"]

RANK_COLUMNS = ["model", "rank", "low", "high", "datasets", "critical_difference", "p"]
FEWEST_DATASETS = 3
FEWEST_MODELS = 2


def critical_difference(models: int, datasets: int) -> float:
    """Difference of average ranks from which on two models differ, Nemenyi's test at 0.05."""
    studentized = stats.studentized_range.ppf(0.95, models, np.inf) / np.sqrt(2)
    return float(studentized * np.sqrt(models * (models + 1) / (6 * datasets)))


def rank_models(models: pd.DataFrame) -> pd.DataFrame:
    """Rank the models that all datasets have, by the headline of each dataset.

    Parameters
    ----------
    models
        `comparisons.MODEL_COLUMNS`; controls and ceilings do not count.

    Returns
    -------
    DataFrame
        `RANK_COLUMNS`, best first: mean rank (1 is best, ties share theirs) with half the critical
        difference to either side, so that models whose intervals do not overlap differ; p of
        Friedman's test that all are alike (missing for two models, where the difference says the
        same). Empty with fewer than three datasets or two models.
    """
    own = models[models["kind"].isin(COMPARED)]
    better = own["value"] * np.where(own["lower_is_better"] == 1, -1, 1)
    values = own.assign(value=better).pivot(index="dataset", columns="model", values="value")
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
    return float(stats.friedmanchisquare(*values.to_numpy().T).pvalue)
