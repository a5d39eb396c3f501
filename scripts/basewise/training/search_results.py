"""What a search may try, and what it has found: its trials, and which settings mattered."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NotRequired, TypedDict

import optuna
import pandas as pd
from optuna.importance import FanovaImportanceEvaluator, get_param_importances
from optuna.trial import FrozenTrial

from basewise.core.errors import InputError
from basewise.store.json_files import read_json, write_json
from basewise.store.tables import write_table
from basewise.training.trials import best_of, check_journal, finished, open_journal, outcome_of


class Searched(TypedDict):
    """One setting of a search: `choices`, or a range from `low` to `high`, both in it.

    `of` is ``settings`` (the architecture's) or ``training``. With `log` values of all magnitudes
    are as likely; `step` is counted from `low`.
    """

    of: str
    choices: NotRequired[list[Any]]
    integer: NotRequired[bool]
    low: NotRequired[float]
    high: NotRequired[float]
    log: NotRequired[bool]
    step: NotRequired[float]


def suggest(trial: optuna.Trial, search: Mapping[str, Searched]) -> dict[str, Any]:
    """Let Optuna choose the values of a trial, setting by setting in the order of their names."""
    return {name: _suggested(trial, name, search[name]) for name in sorted(search)}


def value_of(searched: Searched, parameter: Any) -> Any:
    """The value of a setting that Optuna keeps as this parameter."""
    return json.loads(parameter) if "choices" in searched else parameter


def divide(
    values: Mapping[str, Any], search: Mapping[str, Searched]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Values of a trial: those that belong to the architecture, and those of the training."""
    settings = {name: values[name] for name in values if search[name]["of"] == "settings"}
    return settings, {name: values[name] for name in values if name not in settings}


def _suggested(trial: optuna.Trial, name: str, searched: Searched) -> Any:
    """One value; a choice goes by its JSON, since Optuna knows no lists."""
    if "choices" in searched:
        texts = [json.dumps(choice) for choice in searched["choices"]]
        return value_of(searched, trial.suggest_categorical(name, texts))
    low, high, log = searched["low"], searched["high"], searched.get("log", False)
    if searched["integer"]:
        return trial.suggest_int(
            name, int(low), int(high), step=int(searched.get("step", 1)), log=log
        )
    return trial.suggest_float(name, low, high, step=searched.get("step"), log=log)


FEWEST_COMPLETE = 4
"""Complete trials that importances are told from."""


def write_results(
    jobs: Sequence[str | Path],
    search: Mapping[str, Searched],
    trials: int,
    seed: int,
    paths: Mapping[str, str],
) -> None:
    """Write what a search has found.

    Parameters
    ----------
    jobs
        What its jobs have left, see `search.tune_and_save`.
    trials
        How many of the trials count.
    seed
        Of the random forest that gives the importances.
    paths
        Where to write ``trials`` and ``importance`` (tables) and ``best`` (JSON, for
        `settings.merge_tuned`).

    Raises
    ------
    InputError
        When the journal is gone, or no trial ran to its end.
    """
    first = Path(jobs[0])
    states = [read_json(job, ["journal", "bytes", "sha256"]) for job in jobs]
    journal = first.parents[1] / states[0]["journal"]
    check_journal(journal, states, f"`rm -rf {first.parent} {journal}` and run the workflow again")
    known = finished(open_journal(journal), trials)
    best = best_of(known)
    if best is None:
        problems = ", ".join(sorted({outcome_of(trial).problem for trial in known}))
        raise InputError(f"tune: no trial ran to its end: {problems}; search other values")

    settings, training = divide(_values(best, search), search)
    write_json({"settings": settings, "training": training}, paths["best"])
    write_table(trials_table(known, search), paths["trials"])
    write_table(importance_table(known, seed), paths["importance"])


def trials_table(trials: Sequence[FrozenTrial], search: Mapping[str, Searched]) -> pd.DataFrame:
    """The trials of a search in their order.

    Columns: number (from 1), state (see `trials.Outcome`), value (the lowest loss, missing where a
    trial has none), epochs, and one for each setting; lists as JSON.
    """
    outcomes = [outcome_of(trial) for trial in trials]
    table = pd.DataFrame(
        {
            "number": range(1, len(trials) + 1),
            "state": [outcome.state for outcome in outcomes],
            "value": [outcome.loss for outcome in outcomes],
            "epochs": [outcome.epochs for outcome in outcomes],
        }
    )
    values = [_values(trial, search) for trial in trials]
    for name in sorted(search):
        table[name] = pd.Series(
            [_text(values_of_trial[name]) for values_of_trial in values], dtype=object
        )
    return table


def importance_table(trials: Sequence[FrozenTrial], seed: int) -> pd.DataFrame:
    """How much of the variance of the loss each setting explains, in complete trials.

    Columns: setting, importance (with sum 1), the largest first; no row where there are fewer than
    `FEWEST_COMPLETE` complete trials, or all have the same loss. F. Hutter, H. Hoos, K.
    Leyton-Brown, "An efficient approach for assessing hyperparameter importance", ICML 2014, as
    Optuna computes it.
    """
    complete = [trial for trial in trials if outcome_of(trial).state == "complete"]
    importances: Mapping[str, float] = {}
    if len(complete) >= FEWEST_COMPLETE and len({trial.value for trial in complete}) > 1:
        study = optuna.create_study()
        study.add_trials(complete)
        importances = get_param_importances(study, evaluator=FanovaImportanceEvaluator(seed=seed))

    ranked = sorted(importances.items(), key=lambda entry: (-entry[1], entry[0]))
    return pd.DataFrame(
        {
            "setting": [name for name, _ in ranked],
            "importance": [round(float(share), 6) for _, share in ranked],
        }
    )


def _values(trial: FrozenTrial, search: Mapping[str, Searched]) -> dict[str, Any]:
    return {name: value_of(search[name], trial.params[name]) for name in sorted(search)}


def _text(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, list | bool) else value
