"""A run of one network: tensors and a split in, the files that the workflow keeps out."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from basewise.config.own_code import code_files, code_versions, short
from basewise.core.errors import InputError
from basewise.core.seeds import derive_seed
from basewise.examples.control import fitted_parts, shuffle_labels
from basewise.examples.scales import read_covariates
from basewise.store.memory import left_for_tensors, peak_memory_mb
from basewise.store.parts import read_split, scored_rows
from basewise.store.receipts import writing
from basewise.store.run_records import RunRecord, versions, write_run
from basewise.store.scores import score_rows, write_scores
from basewise.store.shards import open_tensors
from basewise.store.tables import write_table
from basewise.training.checkpoints import clear_states, digest_of, file_digests, state_folder
from basewise.training.claims import CLAIM, Claim, check_claim, release_claim, take_claim
from basewise.training.epochs import Traces
from basewise.training.network import fit_network
from basewise.training.settings import Training, merge_tuned

PACKAGES = ("numpy", "pandas", "keras", "tensorflow", "jax")


def train_and_save(
    tensors_folder: str | Path,
    split_path: str | Path,
    paths: Mapping[str, str],
    run: RunRecord,
    *,
    motifs: Sequence[str] = (),
    covariates: str | None = None,
    tuned: str | None = None,
    transform: str,
    root_seed: int,
    device_settings: Mapping[str, Any],
    memory_mb: int,
    code: str,
    table: str | None = None,
) -> None:
    """Train one network and write what the workflow keeps of it.

    While it trains, its state lies in a hidden folder beside `paths`, named by a digest of data,
    settings, code and versions; a run that finds the state of a killed one goes on from there and
    writes the same bytes. The folder is gone when the run is complete. Should two jobs train the
    same run, the one that began last goes on, see `claims`.

    Parameters
    ----------
    paths
        Where to write ``model`` (a `.keras` file that loads in plain Keras 3 with ``safe_mode``),
        ``history``, ``scores`` and ``run``.
    run
        What is known of the run before it: its names, architecture, settings, training and device.
        A `control` learns shuffled labels, see `control`.
    covariates
        The file of examples, where they have covariates, see `scales.read_covariates`.
    tuned
        What a search has chosen for this model and fold, see `settings.merge_tuned`.
    root_seed
        The seed derives from it and the names of the run.
    device_settings
        Those of `training:` that say how it computes: backend, threads and so on.
    memory_mb
        Memory of the job in units of 1,000,000 bytes; tensors that need more than the framework
        leaves of it are streamed.
    code
        Digest of the code that trains.
    table
        Where to write a row an epoch while it trains; TensorBoard's files go beside it.

    Raises
    ------
    InputError
        As `network.fit_network`, when the training diverged, and when another job has taken it
        over.
    """
    title = f"{run.model} on {run.dataset}, fold {run.fold}, seed {run.seed}"
    print(f"Training {title}")
    tensors = open_tensors(tensors_folder, memory=left_for_tensors(memory_mb))
    part = read_split(split_path, tensors.ids).part
    run = merge_tuned(run, tuned)
    how = Training(**run.training)
    _check_last_batches(part, how.batch_size, device_settings.get("cards", 1))
    digest = digest_of(
        files=file_digests(
            tensors_folder, split_path, [*motifs, *code_files(run.architecture)], covariates
        ),
        architecture=run.architecture,
        settings=run.settings,
        control=run.control,
        training=run.training,
        transform=transform,
        root_seed=root_seed,
        device=device_settings,
        code=code,
        versions=versions(PACKAGES),
    )
    folder = Path(paths["run"]).parent
    claim = take_claim(folder / CLAIM)
    states = state_folder(folder, digest)
    learned = tensors
    if run.control:
        learned = shuffle_labels(tensors, part, fitted_parts(how.refit), root_seed, run)
    fit = fit_network(
        learned,
        part,
        architecture=run.architecture,
        settings={**run.settings, **({"motifs": list(motifs)} if motifs else {})},
        training=how,
        seed=derive_seed(root_seed, *run.names),
        transform=transform,
        covariates=read_covariates(covariates, tensors.ids) if covariates else None,
        memory=memory_mb * 1_000_000 if run.device.startswith("CPU") else None,
        traces=_traces(title, states, claim, table, how),
    )
    check_claim(claim)
    if not np.isfinite(fit.score).all():
        clear_states(states)
        release_claim(claim)
        raise InputError(
            f"the training of {run.model} diverged, its scores are not numbers; "
            "lower `training: learning_rate`"
        )

    with writing(paths["model"]) as path:
        fit.model.save(path)

    write_table(fit.history, paths["history"])
    write_scores(score_rows(tensors, scored_rows(part), part, fit.score), paths["scores"])
    done = run._replace(
        architecture=short(run.architecture),
        motifs=[Path(path).name for path in motifs],
        transform=fit.transform.as_json(),
        changes=fit.changes,
        advice=fit.advice,
        warnings=fit.warnings,
        parameters=fit.model.count_params(),
        epochs=len(fit.history),
        best_epoch=fit.best_epoch,
        reconstruction=fit.reconstruction,
        weights_sha256=_weights_sha256(fit.model),
        seconds=fit.seconds,
        examples_per_second=fit.examples_per_second,
        peak_memory_mb=peak_memory_mb(),
        versions=code_versions(run.architecture),
    )
    write_run(paths["run"], done, PACKAGES)
    clear_states(states)
    release_claim(claim)


def _traces(
    title: str, states: Path, claim: Claim, table: str | None, training: Training
) -> Traces:
    live = Path(table) if table else None
    board = live.with_suffix("") if live and training.tensorboard else None
    return Traces(title, states, live, board, claim=claim)


def _check_last_batches(part: NDArray[np.str_], batch_size: int, cards: int) -> None:
    """Refuse a last batch that leaves a card without an example; TensorFlow fails on it."""
    for parts in (["train"], ["validation"], ["train", "validation"], ["validation", "test"]):
        last = int(np.isin(part, parts).sum()) % batch_size
        if 0 < last < cards:
            raise InputError(
                f"the last batch of {' and '.join(parts)} has {last} examples for {cards} GPUs; "
                "take another `batch_size`"
            )


def _weights_sha256(model: keras.Model) -> str:
    digest = hashlib.sha256()
    for weights in model.get_weights():
        digest.update(np.ascontiguousarray(weights).tobytes())
    return digest.hexdigest()
