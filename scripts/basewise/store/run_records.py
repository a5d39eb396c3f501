"""The record and the history that each run of a model leaves beside its scores."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd

from basewise import __version__
from basewise.core.files import replacing
from basewise.store.tables import read_table


def versions(packages: Sequence[str]) -> dict[str, str]:
    """Versions of basewise and of some packages."""
    return {"basewise": __version__, **{name: version(name) for name in packages}}


def write_run(
    path: str | Path, run: Mapping[str, str], packages: Sequence[str], **facts: Any
) -> None:
    """Write the record of a run as JSON: its names, the facts, and the versions of what made it.

    Parameters
    ----------
    run
        dataset, model, fold and seed.
    packages
        Whose versions to record.
    **facts
        For example ``parameters``, ``seconds``, ``device``.
    """
    record = {
        "dataset": run["dataset"],
        "model": run["model"],
        "fold": int(run["fold"]),
        "seed": int(run["seed"]),
        **facts,
        "versions": versions(packages),
    }
    with replacing(path) as unfinished:
        unfinished.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


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


def learning_curves(names: Sequence[tuple[int, int]], paths: Sequence[str | Path]) -> pd.DataFrame:
    """Histories of a model's runs: fold, seed, epoch, ..., chosen (1 for the best epoch)."""
    tables = []
    for (fold, seed), path in zip(names, paths, strict=True):
        history = read_table(path)
        history.insert(0, "fold", fold)
        history.insert(1, "seed", seed)
        chosen = history.index == history["val_loss"].idxmin()
        tables.append(history.assign(chosen=chosen.astype(int)))
    return pd.concat(tables, ignore_index=True)
