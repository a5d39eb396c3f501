"""The best possible classifier of simulated data, measured like any model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from basewise.errors import InputError
from basewise.evaluation import measure_runs
from basewise.runs import Run
from basewise.scoring import score_table
from basewise.tables import CEILING, METRIC_COLUMNS, OUTPUT

__all__ = ["measure_ceiling"]


def measure_ceiling(
    examples: pd.DataFrame,
    part: NDArray[np.str_],
    scores_path: str | Path,
    population_path: str | Path | None,
    *,
    dataset: str,
    fold: int,
    root_seed: int,
) -> pd.DataFrame:
    """Measure the exact class probabilities of simulated examples on validation and test.

    Parameters
    ----------
    examples
        With their id and label.
    part
        Part of each example, shape (n,).
    scores_path
        Table with the columns id and score.
    population_path
        Table with the columns metric and value: what the classifier reaches on any sample.

    Returns
    -------
    DataFrame
        `tables.METRIC_COLUMNS` with the model `CEILING`; the population's values have the part
        ``population`` and no interval.
    """
    known = pd.read_csv(scores_path, sep="\t").set_index("id")["score"]
    score = examples["id"].map(known)
    if score.isna().any():
        raise InputError(f"has no score for {examples['id'][score.isna()].iloc[0]}", scores_path)
    ids, columns = examples["id"].to_numpy(), [OUTPUT]
    table = score_table(ids, part, examples[columns].to_numpy(), score.to_numpy()[:, None], columns)
    run = Run(fold, 0, table[table["part"] != "train"])
    metrics = measure_runs([run], dataset=dataset, model=CEILING, root_seed=root_seed)
    if population_path is None:
        return metrics
    population = pd.read_csv(population_path, sep="\t").assign(
        dataset=dataset, model=CEILING, fold=fold, seed=0, part="population", output=OUTPUT
    )
    return pd.concat([metrics, population.reindex(columns=METRIC_COLUMNS)], ignore_index=True)
