"""What the report says about the trained runs of a model, from the records they leave."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

__all__ = ["Line", "lines_of", "read_records", "reconstruction_of"]

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


def read_records(
    folder: Path, seeds: Mapping[str, Sequence[int]], folds: Sequence[int]
) -> dict[str, list[dict[str, Any]]]:
    """Read the records of a dataset's runs below `folder`: model to its records, fold by fold.

    Parameters
    ----------
    folder
        Where each model has its folder.
    seeds
        Model to the seeds of its runs.
    folds
        Folds of the dataset.
    """
    return {
        model: [
            json.loads((folder / model / f"fold{fold}/seed{seed}/run.json").read_text("utf-8"))
            for fold in folds
            for seed in own
        ]
        for model, own in seeds.items()
    }


def lines_of(runs: Sequence[Mapping[str, Any]], kind: str) -> list[Line]:
    """Lines of the records under `kind`, each once.

    Lines that differ in their numbers only are one, with the numbers of the first.
    """
    first: dict[str, str] = {}
    counts: dict[str, int] = {}
    for run in runs:
        texts = {NUMBER.sub("#", text): text for text in run.get(kind) or []}
        for shape, text in texts.items():
            first.setdefault(shape, text)
            counts[shape] = counts.get(shape, 0) + 1
    return [Line(first[shape], count) for shape, count in counts.items()]


def reconstruction_of(runs: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """How well an autoencoder gives sequences back: a row a part, means over the runs."""
    records = [run["reconstruction"] for run in runs if run.get("reconstruction")]
    parts = {part: None for record in records for part in record}
    rows = []
    for part in parts:
        means = pd.DataFrame([record[part] for record in records if part in record]).mean()
        cells = {TITLES.get(name, name.replace("_", " ")): x for name, x in means.items()}
        rows.append({"part": part, "cells": cells})
    return rows
