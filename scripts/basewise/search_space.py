"""What a search may try: choices or a range for each setting, and the values of one trial."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict

import optuna

__all__ = ["Searched", "divide", "suggest", "value_of"]


class Searched(TypedDict):
    """One setting of a search.

    Attributes
    ----------
    of
        What it is a setting of, ``settings`` (the architecture) or ``training``.
    choices
        Values to choose from; or
    low, high
        a range, both ends in it, of whole numbers if `integer` is true.
    log
        Whether values of all magnitudes are as likely.
    step
        Distance of the values from each other, counted from `low`.
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
