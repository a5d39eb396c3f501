"""The plan of all runs: which models run on which datasets, folds and seeds, and their files."""

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

from .catalog import Catalog, Entry
from .datasets import Datasets
from .models import Models, with_controls, with_default_baselines
from .schema import filled
from .scores import Scores
from .searches import Searches
from .training import Training


class Surroundings(NamedTuple):
    """What a study depends on beside its configuration."""

    backend: str | None = None
    """KERAS_BACKEND of the environment."""
    placed: Callable[[str], Any] = str
    """Where a file of the user's lies; a module's prefix moves some."""


@dataclass(frozen=True)
class Study:
    """Everything that a right configuration asks for.

    Files are listed dataset by dataset, within it model by model, then by fold and seed.
    """

    asked: Entry
    """The configuration as it is written."""
    config: Entry
    """The same with the settings of controls and all defaults."""
    catalog: Catalog
    surroundings: Surroundings

    @cached_property
    def datasets(self) -> Datasets:
        """Datasets by name."""
        sources = self.config.get("sources", [])
        return Datasets(self.config["datasets"], sources, self.surroundings.placed)

    @cached_property
    def models(self) -> Models:
        """Models by name."""
        entries, placed = self.config["models"], self.surroundings.placed
        defaults = [name for name in entries if name not in self.asked["models"]]
        return Models(entries, self.seeds, self.catalog, defaults, placed)

    @cached_property
    def training(self) -> Training:
        """How networks are trained."""
        asked, backend = self.asked.get("training", {}), self.surroundings.backend
        return Training(self.config["training"], asked, backend or "tensorflow", self.models)

    @cached_property
    def searches(self) -> Searches:
        """What models search for."""
        return Searches(self.training)

    @property
    def seeds(self) -> list[int]:
        """Seeds of replicates."""
        seeds: list[int] = self.config["seeds"]
        return seeds

    @property
    def root_seed(self) -> int:
        """Number that every random choice derives from."""
        seed: int = self.config["root_seed"]
        return seed

    @cached_property
    def scores(self) -> Scores:
        """New examples to score."""
        return Scores(self.config.get("score", {}), self.all_bundles, self.surroundings.placed)

    @property
    def scoring_device(self) -> Entry:
        """What new examples are scored on, as `device.prepare` takes it."""
        training = self.config["training"]
        backend = self.surroundings.backend or training.get("backend", "tensorflow")
        return {"backend": backend, "threads": training.get("threads", 1)}

    # Which models run where.

    @cached_property
    def runs_on(self) -> dict[str, list[str]]:
        """Models that run on each dataset: those it names, or all that fit it, and defaults."""
        return {name: self._running(entry) for name, entry in self.datasets.entries.items()}

    def models_of(self, dataset: str) -> list[str]:
        """Models that run on a dataset."""
        return self.runs_on[dataset]

    @property
    def measured(self) -> list[str]:
        """Datasets that have a model; the others go as far as tensors and splits."""
        return [dataset for dataset, models in self.runs_on.items() if models]

    @property
    def tasks(self) -> dict[str, str]:
        """Task of each dataset."""
        return {dataset: self.datasets.task(dataset) for dataset in self.datasets.names}

    @property
    def folds(self) -> dict[str, list[int]]:
        """Folds of each dataset."""
        return {dataset: self.datasets.folds(dataset) for dataset in self.datasets.names}

    def of_networks(self, dataset: str) -> list[str]:
        """Models of a dataset that are networks."""
        return [model for model in self.runs_on[dataset] if model in self.models.networks]

    def of_autoencoders(self, dataset: str) -> list[str]:
        """Models of a dataset that have a latent space to look at."""
        return [model for model in self.runs_on[dataset] if model in self.models.autoencoders]

    def of_tuned(self, dataset: str) -> list[str]:
        """Models of a dataset that search for settings."""
        return [model for model in self.runs_on[dataset] if model in self.models.tuned]

    def of_marker_networks(self, dataset: str) -> list[str]:
        """Models of a dataset whose reaction to each marker is looked at."""
        is_of_genotypes = dataset in self.datasets.having("genotypes")
        return self.of_networks(dataset) if is_of_genotypes else []

    def kinds(self, dataset: str) -> dict[str, str]:
        """What each model of a dataset is."""
        return {model: self.models.kind(model) for model in self.runs_on[dataset]}

    def reference(self, dataset: str) -> str | None:
        """Model that others are tested against as well, GBLUP."""
        models = set(self.runs_on[dataset]) & set(self.models.of_kind("baseline", "gblup"))
        return next((name for name in sorted(models) if self.models.kind(name) == "baseline"), None)

    def seeds_of(self, model: str) -> list[int]:
        """Seeds of a model's runs; an ensemble averages over all and is filed under the first."""
        return self.seeds[:1] if model in self.models.ensembles else self.seeds

    def runs(self, dataset: str, model: str) -> list[tuple[int, int]]:
        """Fold and seed of every run of a model."""
        seeds = self.seeds_of(model)
        return [(fold, seed) for fold in self.datasets.folds(dataset) for seed in seeds]

    def runs_of(self, models: Iterable[str], *, dataset: str) -> dict[str, list[tuple[int, int]]]:
        """Fold and seed of every run of some models."""
        return {model: self.runs(dataset, model) for model in models}

    def matched_runs(self, dataset: str) -> list[tuple[str, int, int]]:
        """Model, fold and seed of every run whose scores are paired by example."""
        is_paired = self.datasets.task(dataset) in ("binary", "multiclass")
        models = self.runs_on[dataset] if is_paired else []
        return [(model, fold, seed) for model in models for fold, seed in self.runs(dataset, model)]

    # Files of one job's dataset, model or fold.

    def first_fold(self, dataset: str) -> int:
        """First fold of a dataset."""
        return self.datasets.folds(dataset)[0]

    def of_runs(self, file: str, *, dataset: str, model: str) -> list[str]:
        """A file of every fold and seed of a model."""
        folder = f"results/{dataset}/models/{model}"
        return [
            f"{folder}/fold{fold}/seed{seed}/{file}" for fold, seed in self.runs(dataset, model)
        ]

    def of_several(self, file: str, models: Iterable[str], *, dataset: str) -> list[str]:
        """A file of every fold and seed of some models."""
        return [
            path for model in models for path in self.of_runs(file, dataset=dataset, model=model)
        ]

    def first_network(self, dataset: str, model: str) -> str:
        """Network of the first fold and seed."""
        return self.of_runs("model.keras", dataset=dataset, model=model)[0]

    def of_members(self, file: str, *, dataset: str, model: str, fold: str) -> list[str]:
        """A file of every run that an ensemble averages in a fold."""
        return [
            f"results/{dataset}/models/{member}/fold{fold}/seed{seed}/{file}"
            for member in self.models.members(model)
            for seed in self.seeds
        ]

    def matched_scores(self, dataset: str) -> list[str]:
        """Scores of `matched_runs`."""
        folder = f"results/{dataset}/models"
        runs = self.matched_runs(dataset)
        return [
            f"{folder}/{name}/fold{fold}/seed{seed}/scores.parquet" for name, fold, seed in runs
        ]

    def evaluations(self, file: str, *, dataset: str) -> list[str]:
        """An evaluation file of every model of a dataset."""
        return [f"results/{dataset}/evaluation/{model}/{file}" for model in self.runs_on[dataset]]

    def ceilings(self, dataset: str) -> list[str]:
        """Ceiling of every fold, where the dataset has one."""
        if dataset not in self.datasets.having("ceiling"):
            return []
        folder = f"results/{dataset}/evaluation/ceiling"
        return [f"{folder}/fold{fold}.tsv" for fold in self.datasets.folds(dataset)]

    def search_results(self, dataset: str, model: str, fold: str) -> list[str]:
        """What the jobs of a search leave."""
        folder = f"results/{dataset}/tuning/{model}/fold{fold}/jobs"
        return [f"{folder}/{job}.json" for job in range(self.searches.jobs(model))]

    def best_settings(self, dataset: str, model: str, fold: str) -> list[str]:
        """Best settings that the search of a model has found, where it has one."""
        has_search = model in self.models.tuned
        return [f"results/{dataset}/tuning/{model}/fold{fold}/best.json"] if has_search else []

    def of_models(self, *, dataset: str, model: str) -> list[str]:
        """Network or estimator of every fold and seed of a model; an ensemble has none."""
        if model in self.models.ensembles:
            return []
        file = "model.keras" if model in self.models.networks else "model.skops"
        return self.of_runs(file, dataset=dataset, model=model)

    def bundles_of_members(self, *, dataset: str, model: str) -> list[str]:
        """Bundles of what an ensemble averages."""
        members = self.models.members(model) if model in self.models.ensembles else []
        return [f"results/bundles/{dataset}.{member}.zip" for member in members]

    def bundled_models(self, dataset: str) -> list[str]:
        """Models of a dataset that can be bundled."""
        if self.datasets.covariates(dataset):
            return []
        return [model for model in self.runs_on[dataset] if model in self.models.bundled]

    # Files of all datasets.

    @property
    def all_bundles(self) -> list[str]:
        """Bundle of every model of every dataset."""
        return [
            f"results/bundles/{dataset}.{model}.zip"
            for dataset in self.datasets.names
            for model in self.bundled_models(dataset)
        ]

    @property
    def named_bundles(self) -> list[str]:
        """Bundles that datasets ask for."""
        return [
            f"results/bundles/{dataset}.{model}.zip"
            for dataset, entry in self.datasets.entries.items()
            for model in entry.get("bundles", [])
        ]

    def all_runs(self, file: str) -> list[str]:
        """A file of every fold and seed of every model of every dataset."""
        return [
            path
            for dataset, models in self.runs_on.items()
            for model in models
            for path in self.of_runs(file, dataset=dataset, model=model)
        ]

    def of_baselines(self, file: str) -> list[str]:
        """A file of every fold and seed of every baseline of every dataset."""
        return [
            path
            for dataset, models in self.runs_on.items()
            for model in models
            if model in self.models.baselines
            for path in self.of_runs(file, dataset=dataset, model=model)
        ]

    def all_searches(self, *files: str) -> list[str]:
        """Files of the search of every tuned model, of every fold of every dataset."""
        return [
            f"results/{dataset}/tuning/{model}/fold{fold}/{file}"
            for dataset in self.datasets.names
            for model in self.of_tuned(dataset)
            for fold in self.datasets.folds(dataset)
            for file in files
        ]

    def _running(self, dataset: Entry) -> list[str]:
        """Models of a dataset, and the default baselines that fit it and belong to them."""
        named = dataset.get("models") or self._fitting(dataset)
        defaults = [
            name
            for name in self.models.defaults
            if self.models.fits(name, dataset) and self.models.stands_beside(name, named)
        ]
        return [*named, *defaults]

    def _fitting(self, dataset: Entry) -> list[str]:
        """Models of the configuration that fit a dataset; of an ensemble all members."""
        return [
            name
            for name in self.asked["models"]
            if all(self.models.fits(member, dataset) for member in self.models.members(name))
        ]


def study_of(asked: Entry, catalog: Catalog, surroundings: Surroundings | None = None) -> Study:
    """Make a study of a configuration whose schema and models are right."""
    config = filled(asked, catalog.schema)
    models, wanted = with_controls(config["models"]), config["default_baselines"]
    config["models"] = with_default_baselines(models, wanted)
    study = Study(asked, config, catalog, surroundings or Surroundings())

    running = {name for models in study.runs_on.values() for name in models}
    kept = {name for name in config["models"] if name in asked["models"] or name in running}
    models = {name: model for name, model in config["models"].items() if name in kept}
    return replace(study, config={**config, "models": models})


def files_of(datasets: Iterable[str], stage: str, *files: str) -> list[str]:
    """Files of one stage of some datasets."""
    return [f"results/{dataset}/{stage}/{file}" for dataset in datasets for file in files]


def evaluations_of(
    datasets: Iterable[str], models: Callable[[str], list[str]], *files: str
) -> list[str]:
    """Evaluation files of some models of some datasets."""
    return [
        f"results/{dataset}/evaluation/{model}/{file}"
        for dataset in datasets
        for model in models(dataset)
        for file in files
    ]


def any_of(names: Iterable[str]) -> str:
    """Return a wildcard constraint that matches these names and nothing else."""
    return "|".join(names) or "(?!)"


def ask(method: Callable[..., Any], *arguments: Any) -> Callable[[Any], Any]:
    """Return an input or params function: `method` given the wildcards that its parameters name."""
    names = {"dataset", "model", "fold", "scored"} & inspect.signature(method).parameters.keys()

    def answer(wildcards: Any) -> Any:
        return method(*arguments, **{name: getattr(wildcards, name) for name in names})

    return answer
