"""From a configuration to a study, or to what is wrong with it: one line a mistake."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from .catalog import Catalog, Entry
from .dataset_mistakes import dataset_mistakes, sources_of
from .inputs import input_mistakes, motif_mistakes
from .mistakes import Mistake, Places, nearest
from .model_mistakes import misfits, model_mistakes
from .schema import schema_mistakes
from .study import Study, Surroundings, study_of
from .training import training_mistakes
from .yaml_files import places_of, read_file

WITHOUT_RUNS = "--unlock --cleanup-metadata --lint --list-rules --list -l --list-target-rules --lt"
"""Options with which Snakemake plans no run."""
NOTHING: Entry = {"datasets": {}, "models": {}}
"""A configuration that plans no run."""


class Reading(NamedTuple):
    """What a configuration asks for, and what is wrong with it."""

    study: Study
    """Without any dataset where the configuration is wrong."""
    mistakes: list[str]


def read_study(
    asked: Entry,
    catalog: Catalog,
    *,
    files: Sequence[str | Path] = (),
    surroundings: Surroundings | None = None,
    looks_for_files: bool = True,
) -> Reading:
    """Read a configuration, as Snakemake has put it together from YAML files; a later one wins.

    Parameters
    ----------
    catalog
        What the workflow offers.
    files
        The YAML files, for the lines of mistakes.
    surroundings
        What else a study depends on.
    looks_for_files
        Whether input files have to be there. Rules of another workflow may make them.
    """
    surroundings = surroundings or Surroundings()
    nothing = study_of(NOTHING, catalog, surroundings)
    parsed = {str(file): read_file(file) for file in files}
    unreadable = [line for file in parsed.values() for line in file.mistakes]
    if unreadable:
        return Reading(nothing, unreadable)

    # scores may be all that is asked for
    whole = {**NOTHING, **asked}
    places = places_of(parsed)
    wrong = _first(
        [
            [mistake for file in parsed.values() for mistake in file.repeated],
            schema_mistakes(asked, catalog.schema),
            _of_alike_names(whole),
            _of_models(whole, catalog, looks_for_files),
        ],
        places,
    ) or backend_mistakes(surroundings.backend, catalog)
    if wrong:
        return Reading(nothing, wrong)

    study = study_of(whole, catalog, surroundings)
    wrong = _first(
        [
            _of_motifs(study) if looks_for_files else [],
            _of_datasets(study, looks_for_files),
            _of_bundles(study),
            study.scores.mistakes(looks_for_files),
            study.searches.mistakes(),
            training_mistakes(study.training, study.runs_on, study.tasks),
        ],
        places,
    )
    return Reading(nothing if wrong else study, wrong)


def is_readable(file: str | Path) -> bool:
    """Whether a file is YAML or JSON with keys at its top."""
    return not read_file(file).mistakes


def plans_no_run(command: Sequence[str]) -> bool:
    """Whether a command of Snakemake needs no right configuration, for it plans no run."""
    return not set(WITHOUT_RUNS.split()).isdisjoint(word.partition("=")[0] for word in command)


def backend_mistakes(backend: str | None, catalog: Catalog) -> list[str]:
    """Return a line on KERAS_BACKEND of the environment if no network can compute with it."""
    known = catalog.training["properties"]["backend"]["enum"]
    if backend is None or backend in known:
        return []
    return [f"KERAS_BACKEND is {backend!r}; unset it, or set it to {' or '.join(known)}"]


def _first(checks: Sequence[Iterable[Mistake]], places: Places) -> list[str]:
    """Lines of the first check that finds a mistake; the others are generators and never start.

    They may rely on what those before them have looked at.
    """
    for check in checks:
        lines = places.lines(check)
        if lines:
            return lines
    return []


def _of_alike_names(asked: Entry) -> Iterator[Mistake]:
    """Names whose folders are one on a disk that does not tell A from a."""
    for kind in ("datasets", "models"):
        first: dict[str, str] = {}
        for name in asked[kind]:
            other = first.setdefault(name.lower(), name)
            if other != name:
                problem = (
                    f"differs from {other} in capitals alone, which some disks do not tell apart"
                )
                yield Mistake((kind, name), f"{problem}; choose another name")


def _of_models(asked: Entry, catalog: Catalog, looks_for_files: bool) -> Iterator[Mistake]:
    """Models that the registries do not know, or with settings that they do not have."""
    seeds = asked.get("seeds", catalog.schema["properties"]["seeds"]["default"])
    yield from model_mistakes(asked["models"], seeds, catalog, looks_for_files=looks_for_files)


def _of_motifs(study: Study) -> Iterator[Mistake]:
    """Files of motifs that are not there."""
    for name in study.asked["models"]:
        for mistake in motif_mistakes(study.models.entries[name], study.datasets.sources):
            yield mistake.below("models", name)


def _of_datasets(study: Study, looks_for_files: bool) -> Iterator[Mistake]:
    """Keys of a dataset that do not go together, models that do not fit it, missing files."""
    for name, asked in study.asked["datasets"].items():
        entry, sources = study.datasets.entries[name], study.datasets.sources
        mistakes = [*dataset_mistakes(asked, entry)]
        if len(sources_of(asked)) == 1:
            mistakes += misfits(entry, study.models)
        mistakes += input_mistakes(entry, sources, looks_for_files=looks_for_files)

        for mistake in mistakes:
            yield mistake.below("datasets", name)


def _of_bundles(study: Study) -> Iterator[Mistake]:
    """Models that a dataset wants to bundle and that do not run on it, or cannot be bundled."""
    for dataset, entry in study.datasets.entries.items():
        for model in entry.get("bundles", []):
            if model not in study.runs_on[dataset]:
                text = f"{model!r} is no model of this dataset; "
                text += nearest(model, study.runs_on[dataset])
            elif model not in study.bundled_models(dataset):
                text = (
                    f"{model!r} cannot be bundled: it is a control, or stands on covariates; "
                    "name another model"
                )
            else:
                continue
            yield Mistake(("datasets", dataset, "bundles"), text)
