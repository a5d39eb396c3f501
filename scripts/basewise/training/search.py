"""One job of a search for the settings of a network, within its training examples."""

import gc
import os
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import optuna
from optuna.trial import FrozenTrial

from basewise.config.own_code import code_files
from basewise.core.errors import InputError
from basewise.core.seeds import derive_seed
from basewise.core.text import counted
from basewise.examples.scales import read_covariates
from basewise.store.json_files import write_json
from basewise.store.memory import left_for_tensors
from basewise.store.parts import read_split
from basewise.store.run_records import versions
from basewise.store.shards import open_tensors
from basewise.training.checkpoints import digest_of, file_digests
from basewise.training.claims import CLAIM, Claim, check_claim, release_claim, take_claim
from basewise.training.epochs import Traces
from basewise.training.inner_split import inner_parts, inner_tensors
from basewise.training.network import Recipe, build_network, learn
from basewise.training.search_results import Searched, divide, suggest
from basewise.training.settings import Training
from basewise.training.trials import (
    Outcome,
    begin_trial,
    best_of,
    end_trial,
    finished,
    journal_state,
    mend_journal,
    open_journal,
    outcome_of,
    release_trials,
)

PACKAGES = ("numpy", "keras", "tensorflow", "jax", "optuna")


class Plan(NamedTuple):
    """How much to search: trials of all jobs together, and epochs of a trial at most.

    `jobs` work on the search, and `job` is the number of this one, from 0.
    """

    trials: int
    epochs: int
    jobs: int
    job: int


def tune_and_save(
    tensors_folder: str | Path,
    split_path: str | Path,
    output: str | Path,
    *,
    architecture: str,
    settings: Mapping[str, Any],
    motifs: Sequence[str] = (),
    covariates: str | None = None,
    training: Mapping[str, Any],
    transform: str,
    search: Mapping[str, Searched],
    plan: Plan,
    root_seed: int,
    run: Mapping[str, str],
    device_settings: Mapping[str, Any],
    memory_mb: int,
    code: str,
) -> None:
    """Do trials until a search has enough of them; several jobs may work on one search.

    Each trial trains the architecture on 80 % of the train part and is judged by its lowest loss on
    the rest of it (`inner_split.inner_parts`); validation and test examples are not looked at. The
    first trials are drawn at random, later ones by a tree-structured Parzen estimator (Bergstra et
    al. 2011, NIPS 24) from those that have ended. A trial whose loss is above the median of the
    others after as many epochs is pruned.

    The trials stand in a journal beside the folder of `output`, named by a digest of data,
    settings, code and versions but not of how many trials there are. A job that finds the journal
    of a killed one, or of a shorter search, goes on from there; journals of other searches are
    removed.

    Parameters
    ----------
    output
        File to write when there are enough trials; it names the journal.
    search
        Settings to search for, see `search_results.Searched`.
    root_seed, run
        The weights of every trial derive from the root seed and the run's dataset, model, fold and
        seed, as those of the model itself do.

    Raises
    ------
    InputError
        When the train part cannot be divided, and when another job has taken this one over.
    """
    names = (run["dataset"], run["model"], run["fold"])
    title = f"{run['model']} on {run['dataset']}, fold {run['fold']}"
    print(f"Tuning {title}: {plan.trials} trials")
    tensors = open_tensors(tensors_folder, memory=left_for_tensors(memory_mb))
    split = read_split(split_path, tensors.ids)
    part = inner_parts(
        split.part,
        split.group,
        tensors.target,
        tensors.task,
        derive_seed(root_seed, *names, "inner split"),
    )
    print(f"Learning from {np.sum(part == 'train')} training examples,", end=" ")
    print(f"judging by {np.sum(part == 'validation')} others of them")
    recipe = Recipe(
        inner_tensors(
            tensors,
            part,
            transform,
            read_covariates(covariates, tensors.ids) if covariates else None,
        ),
        part,
        architecture,
        {**settings, **({"motifs": list(motifs)} if motifs else {})},
        Training(**{**training, "epochs": plan.epochs, "refit": False}),
        derive_seed(root_seed, *names, run["seed"]),
    )
    digest = digest_of(
        files=file_digests(
            tensors_folder, split_path, [*motifs, *code_files(architecture)], covariates
        ),
        recipe=[architecture, settings, training, plan.epochs, transform, root_seed, run["seed"]],
        search=search,
        device=device_settings,
        code=code,
        versions=versions(PACKAGES),
    )
    journal = _journal(Path(output).parents[1], digest)
    claim = take_claim(journal.with_name(f"{journal.name}.job{plan.job}{CLAIM}"))
    mend_journal(journal, alone=plan.jobs == 1)
    seed = derive_seed(root_seed, *names, "search")
    _search(open_journal(journal), recipe, search, plan, seed, title, claim)
    write_json(journal_state(journal), output, indent=None)
    release_claim(claim)


def _journal(folder: Path, digest: str) -> Path:
    """File of the journal; those of other searches are removed."""
    folder.mkdir(parents=True, exist_ok=True)
    journal = folder / f"journal-{digest}.log"
    for file in folder.glob("journal-*"):
        if not file.name.startswith(journal.name):
            file.unlink(missing_ok=True)
    return journal


def _search(
    study: optuna.Study,
    recipe: Recipe,
    search: Mapping[str, Searched],
    plan: Plan,
    seed: int,
    title: str,
    claim: Claim,
) -> None:
    """Do trials until there are enough, and print a line for each."""
    release_trials(study, plan.job, plan.jobs)
    if done := len(finished(study, plan.trials)):
        print(f"Going on after {done} of {plan.trials} trials", flush=True)
    while (begun := begin_trial(study, plan.trials, plan.job, seed)) is not None:
        trial, place = begun
        values = suggest(trial, search)
        settings, training = divide(values, search)
        changed = recipe._replace(
            settings={**recipe.settings, **settings}, training=recipe.training._replace(**training)
        )
        losses, problem = _tried(changed, trial, f"{title}, trial {place}", claim)
        check_claim(claim)
        outcome = end_trial(study, trial, losses, problem)
        print(f"Trial {place} of {plan.trials}: {_listed(values)}: {_said(outcome)}", end="; ")
        print(_best(finished(study, plan.trials)), flush=True)


def _tried(
    recipe: Recipe, trial: optuna.Trial, title: str, claim: Claim
) -> tuple[list[float], str]:
    """Validation loss of each epoch of a trial, and what kept it from its end, if anything."""
    losses: list[float] = []

    def watch(epoch: int, loss: float) -> None:
        losses.append(loss)
        trial.report(loss, epoch)
        if trial.should_prune():
            raise optuna.TrialPruned

    gc.collect()
    with open(os.devnull, "w", encoding="utf-8") as nowhere, redirect_stdout(nowhere):
        try:
            learn(recipe, build_network(recipe, "train"), Traces(title, watch=watch, claim=claim))
        except optuna.TrialPruned:
            return losses, "pruned"
        except InputError as refusal:
            return losses, f"refused: {refusal}"

    return losses, ""


def _listed(values: Mapping[str, Any]) -> str:
    texts = {
        name: f"{value:.4g}" if isinstance(value, float) else value
        for name, value in values.items()
    }
    return ", ".join(f"{name} {text}" for name, text in texts.items())


def _said(outcome: Outcome) -> str:
    if outcome.state == "refused":
        return outcome.problem
    return f"{outcome.state} after {counted(outcome.epochs, 'epoch')}, loss {outcome.loss:.4f}"


def _best(trials: Sequence[FrozenTrial]) -> str:
    best = best_of(trials)
    if best is None:
        return "none is complete yet"
    return f"best so far {outcome_of(best).loss:.4f} (trial {trials.index(best) + 1})"
