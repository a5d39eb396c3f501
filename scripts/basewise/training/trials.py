"""The trials of a search, in a journal that outlives the jobs that write it."""

import hashlib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import takewhile
from pathlib import Path
from typing import Any, NamedTuple

import optuna
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend, JournalFileSymlinkLock
from optuna.trial import FrozenTrial, TrialState

from basewise.core.errors import InputError
from basewise.core.seeds import derive_seed

STARTUP_TRIALS, WARMUP_EPOCHS = 5, 3
"""Trials that run to their end before any is pruned, and epochs that each trial gets."""

JOB, PROBLEM = "job", "problem"


class Outcome(NamedTuple):
    """How a trial ended.

    `state` is ``complete``, ``pruned``, ``diverged`` (its loss was no number any more) or
    ``refused`` (the settings do not go together); `problem` says it and why, and is empty where the
    trial is complete. `loss` is the lowest of validation, NaN if there is none, `epochs` those run.
    """

    state: str
    loss: float
    epochs: int
    problem: str


def mend_journal(path: Path, alone: bool) -> None:
    """Take out what a killed job may have left in a journal: half a line and, if `alone`, its lock.

    Alone, what stands behind a damaged line is given up too: a journal is whole up to there.
    While several jobs write, the lock of a killed one breaks after half a minute.
    """
    if alone:
        path.with_name(f"{path.name}.lock").unlink(missing_ok=True)
    lock = JournalFileSymlinkLock(str(path.resolve()))
    lock.acquire()
    try:
        with open(path, "ab+") as journal:
            journal.seek(0)
            lines = journal.read().splitlines(keepends=True)
            whole = list(takewhile(_is_entry if alone else _is_line, lines))
            journal.truncate(sum(map(len, whole)))
            if len(whole) < len(lines) - 1:
                print(f"{path} is damaged; the search goes on from line {len(whole)}")
    finally:
        lock.release()


def journal_state(path: Path) -> dict[str, Any]:
    """Name of a journal, and bytes and SHA-256 of its whole lines so far; it only ever grows."""
    content = path.read_bytes()
    whole = content[: content.rfind(b"\n") + 1]
    return {
        "journal": path.name,
        "bytes": len(whole),
        "sha256": hashlib.sha256(whole).hexdigest(),
    }


def check_journal(path: Path, states: Iterable[Mapping[str, Any]], remedy: str) -> None:
    """Raise InputError when a journal no longer begins as it did; see `journal_state`."""
    content = path.read_bytes() if path.exists() else b""
    for state in states:
        begun = content[: state["bytes"]]
        if hashlib.sha256(begun).hexdigest() != state["sha256"]:
            raise InputError(f"is not as the search left it; {remedy}", path)


def open_journal(path: str | Path) -> optuna.Study:
    """Open the journal of a search, a new one if there is none; several jobs may have it open."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return optuna.create_study(
        study_name="search",
        # a lock is a link to the journal, and a relative one could not be followed
        storage=JournalStorage(JournalFileBackend(str(Path(path).resolve()))),
        pruner=optuna.pruners.MedianPruner(STARTUP_TRIALS, WARMUP_EPOCHS),
        load_if_exists=True,
    )


def release_trials(study: optuna.Study, job: int, jobs: int) -> None:
    """Give up the trials that a killed run of this job left, and those of jobs that are no more."""
    for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
        owner = trial.user_attrs.get(JOB, job if jobs == 1 else -1)
        if owner == job or owner >= jobs:
            study.tell(trial.number, state=TrialState.FAIL)


def counted(study: optuna.Study, trials: int) -> list[FrozenTrial]:
    """The first so many trials, finished or running, without those that were given up."""
    known = [
        trial
        for trial in study.get_trials(deepcopy=False)
        if trial.state != TrialState.FAIL and JOB in trial.user_attrs
    ]
    return known[:trials]


def finished(study: optuna.Study, trials: int) -> list[FrozenTrial]:
    """Those of the first so many trials that have ended."""
    return [trial for trial in counted(study, trials) if trial.state.is_finished()]


def begin_trial(
    study: optuna.Study, trials: int, job: int, seed: int
) -> tuple[optuna.Trial, int] | None:
    """The next trial of a search and its place from 1, or None when there are enough.

    With one job its values follow from the trials before it and from the search's seed, so that a
    trial that was killed is tried again with the same ones.
    """
    count = len(counted(study, trials))
    if count == trials:
        return None

    study.sampler = optuna.samplers.TPESampler(seed=derive_seed(seed, job, count))
    trial = study.ask()
    trial.set_user_attr(JOB, job)
    numbers = [known.number for known in counted(study, trials)]
    if trial.number not in numbers:
        study.tell(trial, state=TrialState.FAIL)
        return None

    return trial, numbers.index(trial.number) + 1


def end_trial(
    study: optuna.Study, trial: optuna.Trial, losses: Sequence[float], problem: str
) -> Outcome:
    """Write down how a trial ended, with its loss after each epoch and its `Outcome.problem`."""
    if losses and not math.isfinite(losses[-1]):
        problem = "diverged"
    trial.set_user_attr(PROBLEM, problem)
    if problem:
        return outcome_of(study.tell(trial, state=TrialState.PRUNED))
    return outcome_of(study.tell(trial, min(filter(math.isfinite, losses))))


def outcome_of(trial: FrozenTrial) -> Outcome:
    """How a finished trial ended."""
    problem = trial.user_attrs[PROBLEM]
    losses = [loss for loss in trial.intermediate_values.values() if math.isfinite(loss)]
    return Outcome(
        problem.partition(":")[0] or "complete",
        min(losses, default=math.nan),
        len(trial.intermediate_values),
        problem,
    )


def best_of(trials: Sequence[FrozenTrial]) -> FrozenTrial | None:
    """The complete trial with the lowest loss, the first of equal ones; None without one."""
    complete = [trial for trial in trials if outcome_of(trial).state == "complete"]
    return min(complete, key=lambda trial: outcome_of(trial).loss, default=None)


def _is_line(line: bytes) -> bool:
    return line.endswith(b"\n")


def _is_entry(line: bytes) -> bool:
    """Whether a line is a whole entry of a journal."""
    try:
        return _is_line(line) and "op_code" in json.loads(line)
    except (ValueError, TypeError):
        return False
