"""A run of one network: tensors and a split in, the files that the workflow keeps out."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

from basewise.errors import InputError
from basewise.fixed_effects import read_covariates
from basewise.parts import read_split
from basewise.scoring import score_rows, scored_rows, write_run, write_scores
from basewise.seeds import derive_seed
from basewise.shards import open_tensors
from basewise.steps import replacing
from basewise.tables import write_table
from basewise.training import Training, fit_network

__all__ = ["train_and_save"]

FRAMEWORK_BYTES = 1_000_000_000
"""Memory that TensorFlow takes with no data loaded."""


def train_and_save(
    tensors_folder: str | Path,
    split_path: str | Path,
    paths: Mapping[str, str],
    *,
    architecture: str,
    settings: Mapping[str, Any],
    motifs: Sequence[str] = (),
    covariates: str | None = None,
    training: Mapping[str, Any],
    transform: str,
    root_seed: int,
    run: Mapping[str, str],
    device: str,
    memory_mb: int,
) -> None:
    """Train one network and write what the workflow keeps of it.

    Parameters
    ----------
    tensors_folder, split_path
        Output of `shards.write_tensors` and `splits.write_split`.
    paths
        Where to write ``model`` (a `.keras` file that loads in plain Keras 3 with ``safe_mode``),
        ``history``, ``scores`` and ``run``.
    architecture, settings, training, transform
        As for `training.fit_network`.
    motifs
        The motif files, where the model names some.
    covariates
        The file of examples, where they have covariates, see `fixed_effects.read_covariates`.
    root_seed, run
        The seed derives from the root seed and the run's dataset, model, fold and seed.
    device
        What the job trains on, for the record.
    memory_mb
        Memory of the job in units of 1,000,000 bytes; tensors that need more than the framework
        leaves of it are streamed.

    Raises
    ------
    InputError
        As `training.fit_network`, and when the training diverged.
    """
    print(f"Training {run['model']} on {run['dataset']}, fold {run['fold']}, seed {run['seed']}")
    print(f"Device: {device}")
    tensors = open_tensors(tensors_folder, memory=_memory_for_tensors(memory_mb))
    part = read_split(split_path, tensors.ids)
    fit = fit_network(
        tensors,
        part,
        architecture=architecture,
        settings={**settings, **({"motifs": list(motifs)} if motifs else {})},
        training=Training(**training),
        seed=derive_seed(root_seed, run["dataset"], run["model"], run["fold"], run["seed"]),
        transform=transform,
        covariates=read_covariates(covariates) if covariates else None,
    )
    if not np.isfinite(fit.score).all():
        raise InputError(
            f"the training of {run['model']} diverged, its scores are not numbers; "
            "lower `training: learning_rate`"
        )
    with replacing(paths["model"]) as path:
        fit.model.save(path)
    write_table(fit.history, paths["history"])
    write_scores(score_rows(tensors, scored_rows(part), part, fit.score), paths["scores"])
    write_run(
        paths["run"],
        run,
        ("numpy", "pandas", "keras", "tensorflow"),
        architecture=architecture,
        settings=dict(settings),
        motifs=[Path(path).name for path in motifs],
        training=dict(training),
        transform={
            "name": fit.transform.name,
            "mean": fit.transform.mean.tolist(),
            "scale": fit.transform.scale.tolist(),
        },
        changes=fit.changes,
        advice=fit.advice,
        warnings=fit.warnings,
        parameters=fit.model.count_params(),
        epochs=len(fit.history),
        best_epoch=fit.best_epoch,
        reconstruction=fit.reconstruction,
        weights_sha256=_weights_sha256(fit.model),
        device=device,
        seconds=fit.seconds,
    )


def _memory_for_tensors(memory_mb: int) -> int:
    """Bytes of a job's memory that its tensors may take, at least half of it."""
    job = memory_mb * 1_000_000
    return max(job - FRAMEWORK_BYTES, job // 2)


def _weights_sha256(model: keras.Model) -> str:
    digest = hashlib.sha256()
    for weights in model.get_weights():
        digest.update(np.ascontiguousarray(weights).tobytes())
    return digest.hexdigest()
