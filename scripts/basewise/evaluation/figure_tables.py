"""The tables behind the figures of a model: counts, histograms, reliability."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
import pandas as pd
from scipy import stats
from sklearn.metrics import confusion_matrix

from basewise.core.arrays import Floats, Integers, Mask
from basewise.evaluation.validation import Validated, calibrated
from basewise.store.scores import THRESHOLD, Run, outputs_of, truth_and_score, truth_and_shares
from basewise.store.tables import CALIBRATION_COLUMNS, OUTPUT, score_column, target_column

EDGES = np.arange(101) / 100
"""Of the bins of scores."""


def confusion_counts(runs: Sequence[Run], task: str) -> pd.DataFrame:
    """Test examples by true and predicted class, all runs together: output, true, predicted, count.

    ``binary`` and ``multilabel``: of each output, class 1 is predicted by a score above 0.5.
    ``multiclass`` and ``per_position``: the class with the highest score is, the first of equals;
    their one output is `tables.OUTPUT`.
    """
    tests = _tests(runs)
    names = outputs_of(tests[0])
    if task in ("multiclass", "per_position"):
        counts = sum(_by_highest(test, names) for test in tests)
        return _count_table(OUTPUT, names, counts)

    tables = []
    for output in names:
        pairs = [truth_and_score(test, output) for test in tests]
        counts = sum(
            confusion_matrix(truth, score > THRESHOLD, labels=[0, 1]) for truth, score in pairs
        )
        tables.append(_count_table(output, [0, 1], counts))

    return pd.concat(tables, ignore_index=True)


def score_histogram(runs: Sequence[Run]) -> pd.DataFrame:
    """Test scores by true class, all runs together: output, class, low, high, count.

    The class is 1 where the truth is this output or class, else 0. The bins hold their upper edge,
    so that the scores above an edge are those in the bins from it on; the first one holds 0 as
    well.
    """
    tests = _tests(runs)
    bins = len(EDGES) - 1
    tables = []
    for output in outputs_of(tests[0]):
        pairs = [truth_and_score(test, output) for test in tests]
        cells = [truth * bins + _bin(score) for truth, score in pairs]
        counts = sum(np.bincount(cell, minlength=2 * bins) for cell in cells)
        columns = {
            "output": output,
            "class": np.repeat([0, 1], bins),
            "low": np.tile(EDGES[:-1], 2),
            "high": np.tile(EDGES[1:], 2),
            "count": counts,
        }
        tables.append(pd.DataFrame(columns))

    return pd.concat(tables, ignore_index=True)


def _tests(runs: Sequence[Run]) -> list[pd.DataFrame]:
    return [run.scores[run.scores["part"] == "test"] for run in runs]


def _bin(score: Floats) -> Integers:
    """Number of the bin of each score, shape (n,)."""
    return np.clip(np.searchsorted(EDGES, score) - 1, 0, len(EDGES) - 2)


def _by_highest(test: pd.DataFrame, names: Sequence[str]) -> Integers:
    truth, score = truth_and_shares(test)
    matrix: Integers = confusion_matrix(truth, score.argmax(axis=1), labels=range(len(names)))
    return matrix


def _count_table(output: str, names: Sequence[str | int], counts: Integers | int) -> pd.DataFrame:
    pairs = [(output, true, predicted) for true in names for predicted in names]
    table = pd.DataFrame(pairs, columns=["output", "true", "predicted"])
    return table.assign(count=np.ravel(counts))


SHOWN = 1000

RESIDUAL_BINS = 40


def predicted_values(runs: Sequence[Run]) -> pd.DataFrame:
    """Truth and prediction of test examples, all runs together: output, target, score.

    At most 1,000 rows an output, evenly spaced.
    """
    return pd.concat([_evenly(rows) for rows in _known(runs)], ignore_index=True)


def residual_histogram(runs: Sequence[Run]) -> pd.DataFrame:
    """Score less truth of the test examples, all runs together: output, low, high, count.

    In 40 bins of equal width; the last one holds its upper edge, the others their lower one.
    """
    tables = []
    for rows in _known(runs):
        count, edges = np.histogram(rows["score"] - rows["target"], RESIDUAL_BINS)
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
                "score": scores[score_column(output)].astype(np.float64),
            }
        ).dropna(subset="target")
        for output in outputs_of(scores)
    ]
    return [table for table in tables if len(table)]


def _evenly(rows: pd.DataFrame) -> pd.DataFrame:
    if len(rows) <= SHOWN:
        return rows
    return rows.iloc[np.linspace(0, len(rows) - 1, SHOWN).astype(np.int64)]


RELIABILITY_BINS = 10

RAW = "raw"


def reliability_table(
    runs: Iterable[tuple[pd.DataFrame, Mapping[str, Validated]]], task: str
) -> pd.DataFrame:
    """Scores and shares of true ones in ten bins of equal width, all runs together.

    Of each run there are the test rows of its score table, and what its validation part says. In
    `CALIBRATION_COLUMNS`: the bin (low, high], the first with 0; number of rows; mean score; share
    of the class, with its 95 % interval as if all rows were independent (Wilson 1927). Of several
    classes the score is the highest one, and the share that of right predictions. Empty bins are
    left out; a regression has no rows.
    """
    tallies: dict[tuple[str, str], Floats] = {}
    for scores, validated in runs:
        for key, truth, score in _scored(scores, task, validated):
            tallies[key] = tallies.get(key, np.zeros((3, RELIABILITY_BINS))) + _tally(truth, score)
    rows = [(*key, *row) for key, tally in tallies.items() for row in _rows(tally)]
    return pd.DataFrame(rows, columns=CALIBRATION_COLUMNS)


def _scored(
    scores: pd.DataFrame, task: str, validated: Mapping[str, Validated]
) -> Iterator[tuple[tuple[str, str], Mask, Floats]]:
    """Output and method, whether each row is true, and its score."""
    if task in ("multiclass", "per_position"):
        target, shares = truth_and_shares(scores)
        for method, shown in _methods(shares, validated.get(OUTPUT)).items():
            yield (OUTPUT, method), shown.argmax(axis=1) == target, shown.max(axis=1)
    elif task != "regression":
        for output in outputs_of(scores):
            truth, score = truth_and_score(scores, output)
            for method, shown in _methods(score, validated.get(output)).items():
                yield (output, method), truth == 1, shown


def _methods(score: Floats, validated: Validated | None) -> dict[str, Floats]:
    return {RAW: score} | (calibrated(score, validated.calibrator) if validated else {})


def _tally(truth: Mask, score: Floats) -> Floats:
    """Rows, true ones and sum of scores of each bin, shape (3, BINS)."""
    place = np.clip(np.ceil(score * RELIABILITY_BINS).astype(np.int64) - 1, 0, RELIABILITY_BINS - 1)
    return np.stack(
        [
            np.bincount(place, of_row, RELIABILITY_BINS)
            for of_row in (np.ones(len(score)), truth, score)
        ]
    )


def _rows(tally: Floats) -> Iterator[tuple[float, ...]]:
    for place in np.flatnonzero(tally[0]).tolist():
        count, true, total = tally[:, place]
        bounds = stats.binomtest(round(true), round(count)).proportion_ci(method="wilson")
        shares = (total / count, true / count, float(bounds.low), float(bounds.high))
        yield (
            place / RELIABILITY_BINS,
            (place + 1) / RELIABILITY_BINS,
            round(count),
            *map(float, shares),
        )
