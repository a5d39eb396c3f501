"""The baselines, by name: what a network has to beat. Same shape as `architectures`."""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import skops.io
import yaml
from numpy.typing import NDArray

from basewise.errors import InputError
from basewise.parts import read_split
from basewise.scoring import score_table, scored_rows, write_run, write_scores
from basewise.seeds import derive_seed
from basewise.shards import open_tensors
from basewise.steps import replacing

__all__ = ["Baseline", "fit", "fit_and_save", "names", "registry"]


class Baseline(NamedTuple):
    """A fitted baseline.

    Attributes
    ----------
    estimator
        The scikit-learn estimator.
    score
        Class probability of every row it was given, float32, shape (n, outputs).
    parameters
        Number of fitted coefficients.
    """

    estimator: Any
    score: NDArray[np.float32]
    parameters: int


@cache
def registry() -> dict[str, dict[str, Any]]:
    """The content of `registry.yaml`: baseline name to its entry."""
    text = files("basewise.baselines").joinpath("registry.yaml").read_text(encoding="utf-8")
    entries: dict[str, dict[str, Any]] = yaml.safe_load(text)
    return entries


def names() -> list[str]:
    """Every baseline that `fit` knows."""
    return list(registry())


def fit(
    name: str,
    onehot: NDArray[np.uint8],
    target: NDArray[np.int8],
    part: NDArray[np.str_],
    *,
    seed: int,
    **settings: Any,
) -> Baseline:
    """Fit a baseline on the train part and score every row.

    Parameters
    ----------
    name
        One of `names()`.
    onehot
        uint8, shape (n, length, channels).
    target
        0 or 1, shape (n, outputs).
    part
        Part of each example, shape (n,); the validation part chooses, the test part is only scored.
    seed
        Seed of whatever is random in the estimator.
    **settings
        The baseline's own settings, listed in the registry.

    Raises
    ------
    InputError
        For an unknown name.
    """
    if name not in registry():
        raise InputError(f"unknown baseline {name!r}; there are {', '.join(names())}")
    entry = registry()[name]
    module = import_module(f"basewise.baselines.{entry['module']}")
    baseline: Baseline = getattr(module, entry["function"])(
        onehot, target, part, seed=seed, **settings
    )
    return baseline


def fit_and_save(
    tensors_folder: str | Path,
    split_path: str | Path,
    paths: Mapping[str, str],
    *,
    baseline: str,
    settings: Mapping[str, Any],
    root_seed: int,
    run: Mapping[str, str],
) -> None:
    """Fit one baseline and write what the workflow keeps of it.

    Parameters
    ----------
    tensors_folder, split_path
        Output of `shards.write_tensors` and `splits.write_split`.
    paths
        Where to write ``model`` (a skops file, never a pickle), ``scores`` and ``run``.
    baseline, settings
        As for `fit`.
    root_seed, run
        The seed derives from the root seed and the run's dataset, model, fold and seed.
    """
    tensors = open_tensors(tensors_folder)
    part = read_split(split_path, tensors.ids)
    seed = derive_seed(root_seed, run["dataset"], run["model"], run["fold"], run["seed"])
    started = time.monotonic()
    fitted = fit(baseline, tensors.onehot(), tensors.target, part, seed=seed, **settings)
    seconds = time.monotonic() - started
    rows = scored_rows(part)
    with replacing(paths["model"]) as path:
        skops.io.dump(fitted.estimator, path)
    table = score_table(
        tensors.ids[rows], part[rows], tensors.target[rows], fitted.score[rows], tensors.outputs
    )
    write_scores(table, paths["scores"])
    write_run(
        paths["run"],
        run,
        ("numpy", "pandas", "scikit-learn"),
        baseline=baseline,
        settings=dict(settings),
        parameters=fitted.parameters,
        device="CPU",
        seconds=seconds,
    )
