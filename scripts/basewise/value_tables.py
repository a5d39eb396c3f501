"""The tables behind the figures of predicted numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from basewise.runs import Run, outputs_of
from basewise.tables import target_column

__all__ = ["predicted_values", "residual_histogram"]

SHOWN = 1000
BINS = 40


def predicted_values(runs: Sequence[Run]) -> pd.DataFrame:
    """Truth and prediction of test examples, all runs together.

    Returns
    -------
    DataFrame
        output, target, score; at most 1,000 rows an output, evenly spaced.
    """
    return pd.concat([_evenly(rows) for rows in _known(runs)], ignore_index=True)


def residual_histogram(runs: Sequence[Run]) -> pd.DataFrame:
    """Score less truth of the test examples, all runs together, in 40 bins of equal width.

    Returns
    -------
    DataFrame
        output, low, high, count; the last bin holds its upper edge, the others their lower one.
    """
    tables = []
    for rows in _known(runs):
        count, edges = np.histogram(rows["score"] - rows["target"], BINS)
        table = pd.DataFrame({"low": edges[:-1], "high": edges[1:], "count": count})
        table.insert(0, "output", rows["output"].iloc[0])
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def _known(runs: Sequence[Run]) -> list[pd.DataFrame]:
    """Of each output that has any: output, target and score of the test rows with a truth."""
    scores = pd.concat([run.scores[run.scores["part"] == "test"] for run in runs])
    tables = [
        pd.DataFrame(
            {
                "output": output,
                "target": scores[target_column(output)].astype(np.float64),
                "score": scores[f"score.{output}"].astype(np.float64),
            }
        ).dropna(subset="target")
        for output in outputs_of(scores)
    ]
    return [table for table in tables if len(table)]


def _evenly(rows: pd.DataFrame) -> pd.DataFrame:
    if len(rows) <= SHOWN:
        return rows
    return rows.iloc[np.linspace(0, len(rows) - 1, SHOWN).astype(np.int64)]
