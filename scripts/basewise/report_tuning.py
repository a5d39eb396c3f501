"""What the report says about the searches for settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from basewise.report_figures import image_of
from basewise.tables import read_table

__all__ = ["describe_tuning"]

SHOWN = 5
"""Best trials in the report."""

FACTS = ["number", "state", "value", "epochs"]


def describe_tuning(
    folder: Path, models: Sequence[str], config: Mapping[str, Any], folds: Sequence[int]
) -> list[dict[str, Any]]:
    """Gather what the report shows of the searches of a dataset, one entry a model and fold.

    Parameters
    ----------
    folder
        Results of the dataset, laid out as docs/spec.md says.
    models, config
        Models of the dataset, and `models` of the configuration; those with `tune` are shown.
    folds
        Of the dataset.
    """
    return [
        {"model": model, "fold": fold, **_search(folder / "tuning" / model / f"fold{fold}")}
        for model in models
        if "tune" in config[model]
        for fold in folds
    ]


def _search(folder: Path) -> dict[str, Any]:
    trials = read_table(folder / "trials.tsv")
    best = trials[trials["state"] == "complete"].sort_values("value", kind="stable")[:SHOWN]
    return {
        "counts": trials["state"].value_counts().to_dict(),
        "trials": len(trials),
        "settings": [name for name in trials if name not in FACTS],
        "best": best.to_dict("records"),
        "figures": {
            "Lowest loss of each trial; the line is the best so far": image_of(
                folder / "trials.svg"
            ),
            "Importance of each setting for the loss": image_of(folder / "importance.svg"),
        },
    }
