"""The best possible classifier of simulated data, measured like any model."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from basewise.core.errors import InputError
from basewise.evaluation.evaluate import measure_runs
from basewise.store.scores import Run, score_table
from basewise.store.tables import CEILING, METRIC_COLUMNS, OUTPUT, target_column


def measure_ceiling(
    examples: pd.DataFrame,
    part: NDArray[np.str_],
    scores: pd.DataFrame,
    population: pd.DataFrame | None,
    *,
    dataset: str,
    fold: int,
    root_seed: int,
) -> pd.DataFrame:
    """Measure the exact class probabilities of simulated examples on validation and test.

    `scores` has the columns id and score, the probability of class 1; `population` metric and
    value: what the classifier reaches on any sample, in the result under the part ``population``
    and without an interval. Gives `tables.METRIC_COLUMNS` with the model `CEILING`.
    """
    score = examples["id"].map(scores.set_index("id")["score"].astype(float))
    if score.isna().any():
        raise InputError(
            f"ceiling: the table has no score for {examples['id'][score.isna()].iloc[0]}"
        )

    ids, target = examples["id"].to_numpy(), examples[[target_column(OUTPUT)]].to_numpy()
    table = score_table(ids, part, target, score.to_numpy()[:, None], [OUTPUT])
    run = Run(fold, 0, table[table["part"] != "train"])
    metrics = measure_runs([run], dataset=dataset, model=CEILING, root_seed=root_seed)
    if population is None:
        return metrics

    values = population.assign(
        dataset=dataset,
        model=CEILING,
        fold=fold,
        seed=0,
        part="population",
        output=OUTPUT,
        value=population["value"].astype(float),
    )
    return pd.concat([metrics, values.reindex(columns=METRIC_COLUMNS)], ignore_index=True)
