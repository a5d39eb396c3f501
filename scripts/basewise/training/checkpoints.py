"""The state of a training on disk, so that a killed one goes on and ends with the same bytes."""

import contextlib
import hashlib
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from basewise.core.files import UNFINISHED, replacing, sha256_of
from basewise.core.jobs import announce
from basewise.store.shards import MANIFEST

FACTS = "facts"

ARRAYS = "arrays"
"""Stands in the facts where a callback's value is a list of arrays."""

DIGEST_BYTES = hashlib.sha256().digest_size
"""Bytes at the beginning of a state that are the digest of all others."""

REMEMBERED = {
    "WeightAverage": ("average", "raw"),
    "EarlyStopping": ("wait", "stopped_epoch", "best", "best_epoch", "best_weights"),
    "ReduceLROnPlateau": ("wait", "best", "cooldown_counter"),
    "Progress": ("rows",),
}
"""What each kind of callback carries from epoch to epoch."""


class Checkpoint(keras.callbacks.Callback):  # type: ignore[misc]
    """Saves after each epoch all that the next one depends on; puts it back before the first.

    These are the variables of the model (the seeds of dropout among them) and of its optimizer,
    what the other callbacks remember, and the generator that shuffles the examples. Keras's
    `BackupAndRestore` keeps less, so that a resumed training would end with other bytes.

    Stands behind the other `callbacks`. A file that cannot be read counts as none. `epochs` are
    done, and need not be done again; `ended` says that these were all, since training was stopped.
    """

    def __init__(
        self, path: Path, callbacks: Sequence[keras.callbacks.Callback], batches: Any
    ) -> None:
        super().__init__()
        self.path = path
        self.callbacks = [one for one in callbacks if type(one).__name__ in REMEMBERED]
        self.batches = batches
        self._saved = _read(path)
        facts = {} if self._saved is None else _facts(self._saved)
        self.epochs: int = facts.get("epochs", 0)
        self.ended: bool = facts.get("ended", False)

    def on_train_begin(self, logs: Any = None) -> None:
        """Put the saved state back, where there is one."""
        if self._saved is None:
            return
        # Here and last, since `EarlyStopping` and others forget at this moment what they knew.
        saved, facts = self._saved, _facts(self._saved)
        for name, variables in _variables(self.model).items():
            for variable, value in zip(variables, _listed(saved, name), strict=True):
                variable.assign(value)

        for place, callback in enumerate(self.callbacks):
            for name, value in facts["callbacks"][place].items():
                is_array = value == ARRAYS
                setattr(callback, name, _listed(saved, f"{place}.{name}") if is_array else value)

        self.batches.resume(facts["order"])
        self._saved = None

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Save the state."""
        arrays: dict[str, NDArray[Any]] = {}
        for name, variables in _variables(self.model).items():
            arrays |= _numbered(name, [ops.convert_to_numpy(value) for value in variables])

        remembered = []
        for place, callback in enumerate(self.callbacks):
            values = {name: getattr(callback, name) for name in REMEMBERED[type(callback).__name__]}
            for name in [name for name, value in values.items() if _is_arrays(value)]:
                arrays |= _numbered(f"{place}.{name}", values[name])
                values[name] = ARRAYS
            remembered.append(values)

        facts = {
            "epochs": epoch + 1,
            "ended": bool(self.model.stop_training),
            "callbacks": remembered,
            "order": self.batches.drawn_from,
        }
        _write(self.path, facts, arrays)


def digest_of(**facts: Any) -> str:
    """Digest of all that the bytes of a training depend on, 16 hexadecimal digits."""
    text = json.dumps(facts, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def file_digests(
    tensors_folder: str | Path,
    split_path: str | Path,
    motifs: Sequence[str],
    covariates: str | None,
) -> list[str]:
    """SHA-256 of each file that a training reads; the manifest has those of the shards."""
    files = [Path(tensors_folder) / MANIFEST, split_path, *motifs]
    return [sha256_of(file) for file in [*files, *([covariates] if covariates else [])]]


def state_folder(run: Path, digest: str) -> Path:
    """Folder for the states of a run; it may hold what the same training has left there.

    States of other settings, data or code (another `digest_of`) are removed from the run's folder:
    nothing would ever go on from them.
    """
    folder = run / f"{UNFINISHED}{digest}"
    for stale in set(run.glob(f"{UNFINISHED}*/")) - {folder}:
        clear_states(stale)
    return folder


def clear_states(folder: Path) -> None:
    """Remove what `state_folder` gave, once the run is complete; another job may have done so."""
    with contextlib.suppress(FileNotFoundError):
        shutil.rmtree(folder)


def _is_arrays(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, np.ndarray) for one in value)


def _variables(model: keras.Model) -> dict[str, list[Any]]:
    return {"model": model.variables, "optimizer": model.optimizer.variables}


def _numbered(name: str, values: Sequence[NDArray[Any]]) -> dict[str, NDArray[Any]]:
    return {f"{name}/{number}": value for number, value in enumerate(values)}


def _listed(saved: Mapping[str, NDArray[Any]], name: str) -> list[NDArray[Any]]:
    count = sum(key.startswith(f"{name}/") for key in saved)
    return [saved[f"{name}/{number}"] for number in range(count)]


def _facts(saved: Mapping[str, NDArray[Any]]) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads(saved[FACTS].tobytes())
    return facts


def _write(path: Path, facts: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> None:
    text = np.frombuffer(json.dumps(facts).encode(), dtype=np.uint8)
    state: dict[str, Any] = {FACTS: text, **arrays}
    with replacing(path) as unfinished, open(unfinished, "w+b") as stream:
        stream.write(bytes(DIGEST_BYTES))
        np.savez(stream, **state)
        stream.seek(DIGEST_BYTES)
        digest = hashlib.file_digest(stream, "sha256").digest()
        stream.seek(0)
        stream.write(digest)
        stream.flush()
        # On the disk before it replaces the last state: a node without power keeps one of the two.
        os.fsync(stream.fileno())


def _read(path: Path) -> dict[str, NDArray[Any]] | None:
    with contextlib.suppress(FileNotFoundError), open(path, "rb") as stream:
        digest = stream.read(DIGEST_BYTES)
        if hashlib.file_digest(stream, "sha256").digest() == digest:
            stream.seek(DIGEST_BYTES)
            with np.load(stream, allow_pickle=False) as arrays:
                return dict(arrays)
        line = f"The state in {path} is damaged; the training starts from the beginning"
        print(line)
        announce(line)
    return None
