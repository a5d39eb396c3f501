"""From the score files of a model to its numbers."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from basewise.core.seeds import generator
from basewise.evaluation.bootstrap import RESAMPLES
from basewise.evaluation.bounds import FEWEST_UNITS
from basewise.evaluation.figure_tables import reliability_table
from basewise.evaluation.headlines import HEADLINES, summary_output
from basewise.evaluation.measures import MeasuredRun, measure, summarize_runs
from basewise.evaluation.validation import Validated, validate
from basewise.store.parts import Groups
from basewise.store.scores import Run
from basewise.store.tables import METRIC_COLUMNS, OUTPUT, REPLICATE_COLUMNS, THRESHOLD_COLUMNS

TEST, VALIDATION = "test", "validation"

CLEAN = "test_clean"
"""The test part without the rows that leak into train or validation."""

REACHED = 0.9


class Study(NamedTuple):
    """What the resamples of all models share."""

    dataset: str
    task: str
    root_seed: int
    transform: str = "none"


class Evaluation(NamedTuple):
    """The numbers of a model.

    Attributes
    ----------
    metrics
        Every measure of every run and part: `tables.METRIC_COLUMNS`.
    summary
        The same over the runs, for test and `CLEAN`: `tables.SUMMARY_COLUMNS`.
    replicates
        Headline measures of the resamples of test: fold, seed, output, metric, units (number of
        examples, groups or sequences of the rarest kind), and a column a resample, named by its
        number from 0. The same number is the same draw of examples for every model and seed of a
        fold.
    thresholds, calibration
        `THRESHOLD_COLUMNS`, chosen on validation; `tables.CALIBRATION_COLUMNS`, of test.
    """

    metrics: pd.DataFrame
    summary: pd.DataFrame
    replicates: pd.DataFrame
    thresholds: pd.DataFrame
    calibration: pd.DataFrame


def evaluate(
    runs: Sequence[Run],
    *,
    dataset: str,
    model: str,
    task: str,
    root_seed: int,
    groups: Groups,
    leaking: Mapping[int, set[str]],
    transform: str = "none",
    precision: float = REACHED,
    recall: float = REACHED,
) -> Evaluation:
    """Measure every run of a model, and all of them together.

    Parameters
    ----------
    runs
        Folds and seeds with their scores, in the order of the dataset.
    root_seed
        Resamples derive from it, the dataset, the fold and the part, not from model and seed.
    groups
        Fold to the group of each id, null for none; None where nothing is grouped.
    leaking
        Fold to the ids of test that leak into train or validation. Where one has some, all folds
        are measured without theirs, too; not those in which a class would be gone, or all but a few
        of the numbers of a regression.
    transform
        What a regression was learned on: a logarithm has measures of its own.
    precision, recall
        What the thresholds ``fixed_precision`` and ``fixed_recall`` are to reach on validation.
    """
    study = Study(dataset, task, root_seed, transform)
    chosen = [validate(_rows(run, VALIDATION), task, precision, recall) for run in runs]
    parts: dict[str, list[MeasuredRun]] = {TEST: [], VALIDATION: [], CLEAN: []}
    for run, validated in zip(runs, chosen, strict=True):
        grouped = groups.get(run.fold)
        parts[VALIDATION].append(_measured(study, run, _rows(run, VALIDATION), VALIDATION, grouped))
        parts[TEST].append(_measured(study, run, _rows(run, TEST), TEST, grouped, validated))
        if any(leaking.values()):
            rows, whole = _rows(run, TEST), parts[TEST][-1]
            kept = rows[~rows["id"].isin(leaking.get(run.fold, set()))]
            if len(kept):
                clean = _measured(study, run, kept, CLEAN, grouped, validated)
                if _as_complete(clean, whole, task):
                    parts[CLEAN].append(clean)

    measured = {part: runs_of_part for part, runs_of_part in parts.items() if runs_of_part}
    summaries = [summarize_runs(parts[part], model, part) for part in (TEST, CLEAN) if parts[part]]
    summary = pd.concat(summaries, ignore_index=True)
    return Evaluation(
        _metrics(dataset, model, measured),
        summary,
        _replicates(parts[TEST], task),
        _thresholds(runs, chosen),
        reliability_table(
            ((_rows(run, TEST), by_output) for run, by_output in zip(runs, chosen, strict=True)),
            task,
        ),
    )


def measure_runs(
    runs: Iterable[Run], *, dataset: str, model: str, task: str = "binary", root_seed: int = 0
) -> pd.DataFrame:
    """Every measure of every run on validation and test, with bootstrap intervals of examples.

    In `METRIC_COLUMNS`, long form.
    """
    study = Study(dataset, task, root_seed)
    measured: dict[str, list[MeasuredRun]] = {TEST: [], VALIDATION: []}
    for run in runs:
        for part, measured_part in measured.items():
            rows = _rows(run, part)
            if not rows.empty:
                measured_part.append(_measured(study, run, rows, part, None))
    return _metrics(dataset, model, measured)


def _rows(run: Run, part: str) -> pd.DataFrame:
    return run.scores[run.scores["part"] == part].reset_index(drop=True)


def _measured(
    study: Study,
    run: Run,
    scores: pd.DataFrame,
    part: str,
    groups: pd.Series | None,
    validated: Mapping[str, Validated] | None = None,
) -> MeasuredRun:
    """Measures of some rows of a run; draws have the name of the part."""
    draws = generator(study.root_seed, "bootstrap", study.dataset, run.fold, part)
    measured = measure(
        scores, study.task, draws, groups=groups, validated=validated, transform=study.transform
    )
    if measured.left_out:
        print(
            f"Fold {run.fold}, seed {run.seed}: left out {', '.join(measured.left_out)}, of which "
            f"the {part} part lacks a class, or every value"
        )
    return MeasuredRun(run.fold, run.seed, measured)


def _as_complete(clean: MeasuredRun, whole: MeasuredRun, task: str) -> bool:
    """Whether nothing is left out that the whole part has, and no number has too few values."""
    units = [resampled.units for resampled in clean.measured.resampled.values()]
    if task == "regression" and min(units, default=0) < FEWEST_UNITS:
        return False
    return set(clean.measured.left_out) <= set(whole.measured.left_out)


def _metrics(
    dataset: str, model: str, measured: Mapping[str, Sequence[MeasuredRun]]
) -> pd.DataFrame:
    rows = [
        (dataset, model, run.fold, run.seed, part, *row)
        for part, runs in measured.items()
        for run in runs
        for row in run.measured.rows
    ]
    return pd.DataFrame(rows, columns=METRIC_COLUMNS)


def _replicates(runs: Sequence[MeasuredRun], task: str) -> pd.DataFrame:
    """Replicates of the headline measures; a run that lacks one has no row of it."""
    metrics = [headline.metric for headline in HEADLINES[task]]
    labels, values = [], [np.empty((0, RESAMPLES))]
    for run in runs:
        of_test = run.measured.resampled
        outputs = list(dict.fromkeys(output for output, _ in of_test))
        whole = summary_output(task, outputs) if outputs else OUTPUT
        for metric in metrics:
            if (whole, metric) in of_test:
                resampled = of_test[whole, metric]
                labels.append((run.fold, run.seed, whole, metric, resampled.units))
                values.append(resampled.replicates[None])

    names = [str(number) for number in range(RESAMPLES)]
    table = pd.DataFrame(labels, columns=REPLICATE_COLUMNS)
    return pd.concat([table, pd.DataFrame(np.concatenate(values), columns=names)], axis=1)


def _thresholds(runs: Sequence[Run], chosen: Sequence[Mapping[str, Validated]]) -> pd.DataFrame:
    rows = [
        (run.fold, run.seed, output, rule, threshold)
        for run, by_output in zip(runs, chosen, strict=True)
        for output, validated in by_output.items()
        for rule, threshold in validated.thresholds.items()
    ]
    return pd.DataFrame(rows, columns=THRESHOLD_COLUMNS)
