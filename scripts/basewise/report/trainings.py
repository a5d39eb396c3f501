"""What the report says about the trainings of a model, and the searches for its settings."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from basewise.report.figures import image_of
from basewise.store.run_records import RunRecord
from basewise.store.tables import TRIAL_COLUMNS, read_table

NUMBER = re.compile(r"\d+(\.\d+)?(e[-+]?\d+)?")

TITLES = {
    "cross_entropy": "cross-entropy of a letter",
    "letters_right": "letters right",
    "pca_letters_right": "letters right with PCA",
}


class Line(NamedTuple):
    """Something that was said in a training, and in how many runs of the model."""

    text: str
    runs: int


def lines_of(runs: Sequence[RunRecord], kind: str) -> list[Line]:
    """Lines of the records under `kind`, each once.

    Lines that differ in their numbers only are one, with the numbers of the first.
    """
    first: dict[str, str] = {}
    counts: dict[str, int] = {}
    for run in runs:
        texts = {NUMBER.sub("#", text): text for text in getattr(run, kind)}
        for shape, text in texts.items():
            first.setdefault(shape, text)
            counts[shape] = counts.get(shape, 0) + 1
    return [Line(first[shape], count) for shape, count in counts.items()]


def reconstruction_of(runs: Sequence[RunRecord]) -> list[dict[str, Any]]:
    """How well an autoencoder gives sequences back: a row a part, means over the runs."""
    records = [run.reconstruction for run in runs if run.reconstruction]
    parts = {part: None for record in records for part in record}
    rows = []
    for part in parts:
        means = pd.DataFrame([record[part] for record in records if part in record]).mean()
        cells = {TITLES.get(name, name.replace("_", " ")): x for name, x in means.items()}
        rows.append({"part": part, "cells": cells})
    return rows


SHOWN = 5
"""Best trials in the report."""


def describe_tuning(
    folder: Path, models: Sequence[str], config: Mapping[str, Any], folds: Sequence[int]
) -> list[dict[str, Any]]:
    """Gather what the report shows of the searches of a dataset, one entry a model and fold.

    `folder` has its results, laid out as docs/spec.md says; the models with `tune` in `config` are
    shown.
    """
    return [
        {"model": model, "fold": fold, **_search(folder / "tuning" / model / f"fold{fold}")}
        for model in models
        if "tune" in config[model]
        for fold in folds
    ]


def _search(folder: Path) -> dict[str, Any]:
    trials = read_table(folder / "trials.tsv", TRIAL_COLUMNS)
    best = trials[trials["state"] == "complete"].sort_values("value", kind="stable")[:SHOWN]
    return {
        "counts": trials["state"].value_counts().to_dict(),
        "trials": len(trials),
        "settings": [name for name in trials if name not in TRIAL_COLUMNS],
        "best": best.to_dict("records"),
        "figures": {
            "Lowest loss of each trial; the line is the best so far": image_of(
                folder / "trials.svg"
            ),
            "Importance of each setting for the loss": image_of(folder / "importance.svg"),
        },
    }
