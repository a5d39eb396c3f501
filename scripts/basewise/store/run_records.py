"""The record and the history that each run of a model leaves beside its scores."""

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from basewise import __version__
from basewise.store.json_files import DAMAGED, read_json, write_json
from basewise.store.receipts import spoiled
from basewise.store.tables import HISTORY_COLUMNS, read_table

KEYS = {
    "network": (
        "architecture settings motifs control training transform changes advice warnings "
        "parameters epochs best_epoch reconstruction weights_sha256 device seconds "
        "examples_per_second peak_memory_mb"
    ),
    "baseline": (
        "baseline settings motifs control transform chosen parameters device seconds "
        "examples_per_second peak_memory_mb"
    ),
    "ensemble": "members averages parameters device peak_memory_mb seconds",
}
"""What the file says of a run of each kind, in its order, between its names and the versions."""


class RunRecord(NamedTuple):
    """What is known of a run; what it has none of, or not yet, is empty.

    Attributes
    ----------
    dataset, model, fold, seed
        Its names.
    architecture, baseline
        What the model is; an ensemble has neither. One of the user's own is ``FILE:FUNCTION``.
    settings, training
        Of the model and, of a network, of its training, as configured or as a search found them.
    motifs
        Names of the motif files of a network or a baseline.
    control
        The model whose negative control this is.
    transform
        Name, mean and scale of what a regression learned on, see `scales.Transform`.
    chosen
        What a baseline has chosen on validation, in words, see `Baseline`.
    changes, advice, warnings
        Lines on a network, see `network.Fit`.
    parameters
        Number of fitted coefficients, shares or leaves; an ensemble's are those of its members.
    epochs, best_epoch
        Of a network.
    reconstruction
        Of an autoencoder, see `autoencoder.reconstruction_errors`.
    weights_sha256
        Checksum of the weights of a network, whose file holds a date.
    members, averages
        Of an ensemble: model and seed of each run, and the kinds of model among them.
    device
        What it ran on.
    seconds, examples_per_second
        Wall time of the training, and its speed.
    peak_memory_mb
        In units of 1,000,000 bytes.
    versions
        Package to version; file of the user's own code to its sha256.
    """

    dataset: str
    model: str
    fold: int
    seed: int
    architecture: str = ""
    baseline: str = ""
    settings: Mapping[str, Any] = {}
    motifs: Sequence[str] = ()
    control: str | None = None
    training: Mapping[str, Any] = {}
    transform: Mapping[str, Any] | None = None
    chosen: str | None = None
    changes: Sequence[str] = ()
    advice: Sequence[str] = ()
    warnings: Sequence[str] = ()
    parameters: int = 0
    epochs: int | None = None
    best_epoch: int | None = None
    reconstruction: Mapping[str, Mapping[str, float]] | None = None
    weights_sha256: str | None = None
    members: Sequence[Mapping[str, Any]] = ()
    averages: Sequence[str] = ()
    device: str = ""
    seconds: float | None = None
    examples_per_second: float | None = None
    peak_memory_mb: float | None = None
    versions: Mapping[str, str] = {}

    @property
    def names(self) -> tuple[str, str, int, int]:
        """Dataset, model, fold and seed."""
        return self[:4]

    @property
    def kind(self) -> str:
        """A key of `KEYS`."""
        if self.members:
            return "ensemble"
        return "baseline" if self.baseline else "network"


def new_run(names: Mapping[str, str], **facts: Any) -> RunRecord:
    """The record of a run that begins, from dataset, model, fold and seed as a path gives them."""
    fold, seed = int(names["fold"]), int(names["seed"])
    return RunRecord(names["dataset"], names["model"], fold, seed, **facts)


def versions(packages: Sequence[str]) -> dict[str, str]:
    """Versions of basewise and of some packages."""
    return {"basewise": __version__, **{name: version(name) for name in packages}}


def write_run(path: str | Path, run: RunRecord, packages: Sequence[str]) -> None:
    """Write the record of a run as JSON, with the versions of the packages that made it.

    Code of the user's own is among the versions already, see `own_code.code_versions`.
    """
    known = run._replace(versions={**versions(packages), **run.versions})._asdict()
    keys = (*RunRecord._fields[:4], *KEYS[run.kind].split(), "versions")
    write_json({key: known[key] for key in keys}, path)


def read_run(path: str | Path, names: tuple[str, str, int, int] | None = None) -> RunRecord:
    """Read what `write_run` wrote.

    Raises
    ------
    InputError
        When the file is no whole record, or that of another run than the caller names: dataset,
        model, fold and seed.
    """
    entries = read_json(path, RunRecord._fields[:4])
    run = RunRecord(**{key: entries[key] for key in RunRecord._fields if key in entries})
    if entries.keys() != {*RunRecord._fields[:4], *KEYS[run.kind].split(), "versions"}:
        raise spoiled(DAMAGED, path)
    if names not in (None, run.names):
        raise spoiled(
            f"is that of {run.model} on {run.dataset}, fold {run.fold}, seed {run.seed}", path
        )
    return run


def read_records(
    folder: Path, seeds: Mapping[str, Sequence[int]], folds: Sequence[int]
) -> dict[str, list[RunRecord]]:
    """Read the records of a dataset's runs: model to its records, fold by fold.

    `folder` has its results, laid out as docs/spec.md says, `seeds` those of each model.
    """
    return {
        model: [
            read_run(
                folder / f"models/{model}/fold{fold}/seed{seed}/run.json",
                (folder.name, model, fold, seed),
            )
            for fold in folds
            for seed in seeds_of_model
        ]
        for model, seeds_of_model in seeds.items()
    }


def learning_curves(names: Sequence[tuple[int, int]], paths: Sequence[str | Path]) -> pd.DataFrame:
    """Histories of a model's runs: fold, seed, epoch, ..., chosen (1 for the best epoch)."""
    tables = []
    for (fold, seed), path in zip(names, paths, strict=True):
        history = read_table(path, HISTORY_COLUMNS)
        history.insert(0, "fold", fold)
        history.insert(1, "seed", seed)
        chosen = history.index == history["val_loss"].idxmin()
        tables.append(history.assign(chosen=chosen.astype(int)))
    return pd.concat(tables, ignore_index=True)
