"""How often scores come true, raw and calibrated: the table behind a calibration curve."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from basewise.runs import outputs_of, truth_and_score, truth_and_shares
from basewise.tables import OUTPUT
from basewise.validated import Validated, calibrated

__all__ = ["CALIBRATION_COLUMNS", "reliability_table"]

CALIBRATION_COLUMNS = [
    *("output", "method", "low", "high", "count"),
    *("score", "share", "share_low", "share_high"),
]

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

BINS = 10
RAW = "raw"


def reliability_table(
    runs: Iterable[tuple[pd.DataFrame, Mapping[str, Validated]]], task: str
) -> pd.DataFrame:
    """Scores and shares of true ones in ten bins of equal width, all runs together.

    Parameters
    ----------
    runs
        Test rows of the score table of each run, and what its validation part says.
    task
        As in the configuration; a regression has no rows.

    Returns
    -------
    DataFrame
        `CALIBRATION_COLUMNS`: the bin (low, high], the first with 0; number of rows; mean score;
        share of the class, with its 95 % interval as if all rows were independent (Wilson 1927). Of
        several classes the score is the highest one, and the share that of right predictions.
        Empty bins are left out.
    """
    tallies: dict[tuple[str, str], Floats] = {}
    for scores, validated in runs:
        for key, truth, score in _scored(scores, task, validated):
            tallies[key] = tallies.get(key, np.zeros((3, BINS))) + _tally(truth, score)
    rows = [(*key, *row) for key, tally in tallies.items() for row in _rows(tally)]
    return pd.DataFrame(rows, columns=CALIBRATION_COLUMNS)


def _scored(
    scores: pd.DataFrame, task: str, validated: Mapping[str, Validated]
) -> Iterator[tuple[tuple[str, str], Mask, Floats]]:
    """Output and method, whether each row is true, and its score."""
    if task in ("multiclass", "per_position"):
        target, shares = truth_and_shares(scores)
        for method, own in _methods(shares, validated.get(OUTPUT)).items():
            yield (OUTPUT, method), own.argmax(axis=1) == target, own.max(axis=1)
    elif task != "regression":
        for output in outputs_of(scores):
            truth, score = truth_and_score(scores, output)
            for method, own in _methods(score, validated.get(output)).items():
                yield (output, method), truth == 1, own


def _methods(score: Floats, validated: Validated | None) -> dict[str, Floats]:
    return {RAW: score} | (calibrated(score, validated.calibrator) if validated else {})


def _tally(truth: Mask, score: Floats) -> Floats:
    """Rows, true ones and sum of scores of each bin, shape (3, BINS)."""
    place = np.clip(np.ceil(score * BINS).astype(np.int64) - 1, 0, BINS - 1)
    return np.stack(
        [np.bincount(place, of_row, BINS) for of_row in (np.ones(len(score)), truth, score)]
    )


def _rows(tally: Floats) -> Iterator[tuple[float, ...]]:
    for place in np.flatnonzero(tally[0]).tolist():
        count, true, total = tally[:, place]
        bounds = stats.binomtest(round(true), round(count)).proportion_ci(method="wilson")
        shares = (total / count, true / count, float(bounds.low), float(bounds.high))
        yield place / BINS, (place + 1) / BINS, round(count), *map(float, shares)
