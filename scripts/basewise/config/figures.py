"""Which figures a study has: each is drawn from the table of its name, by a job of its group."""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from .study import Study, any_of

TABLES = {"forest": "models", "targets": "distributions"}
"""Tables that do not have the name of their figure."""


class Drawing(NamedTuple):
    """A group of figures that stand in one folder, and that one job draws."""

    figures: dict[str, str]
    """Names, which the files have, to titles."""
    folder: str
    """Where they stand, with wildcards; so do their tables."""
    jobs: list[dict[str, Any]]
    """Wildcards of every job."""
    subcategory: str | None = "{model}"
    """Where they stand in Snakemake's report, below their dataset."""
    settings: Mapping[str, Callable[..., Any]] = MappingProxyType({})
    """What the job has to know of its dataset, by name."""

    @property
    def tables(self) -> dict[str, str]:
        """Table that each figure is drawn from."""
        return {name: f"{self.folder}/{TABLES.get(name, name)}.tsv" for name in self.figures}

    @property
    def pictures(self) -> list[str]:
        """Every figure of every job."""
        return [
            f"{self.folder.format(**job)}/{name}.svg" for job in self.jobs for name in self.figures
        ]

    @property
    def wildcards(self) -> dict[str, str]:
        """Wildcards of the rule, and what they match."""
        return {name: any_of({str(job[name]): 0 for job in self.jobs}) for name in self.jobs[0]}

    @property
    def place(self) -> str:
        """Wildcards as folders."""
        folders = {"dataset": "/{dataset}", "model": "/{model}", "fold": "/fold{fold}"}
        return "".join(folders[name] for name in self.wildcards)

    @property
    def message(self) -> str:
        """What the job says that it does."""
        words = {
            "dataset": ": {wildcards.dataset}",
            "model": ", {wildcards.model}",
            "fold": ", fold {wildcards.fold}",
        }
        titles = ", ".join(self.figures.values())
        return f"Drawing {titles}" + "".join(words[name] for name in self.wildcards)

    @property
    def labels(self) -> dict[str, str]:
        """What tells a figure in Snakemake's report from others of its model, beside its title."""
        return {name: f"{{{name}}}" for name in self.wildcards if name == "fold"}


def drawings(study: Study) -> dict[str, Drawing]:
    """Every group of figures that a study has, by name."""
    data, measured = study.datasets, study.measured
    of_data, of_model = "results/{dataset}/evaluation", "results/{dataset}/evaluation/{model}"
    groups = {
        "examples": Drawing(
            {"distributions": "what the examples look like", "split": "where the parts lie"},
            of_data,
            [{"dataset": dataset} for dataset in data.names],
            "data",
        ),
        "learning": Drawing(
            {"learning": "learning curves"}, of_model, _models(data.names, study.of_networks)
        ),
        "targets": Drawing(
            {"targets": "targets and covariates"},
            of_data,
            [{"dataset": dataset} for dataset in data.regressions],
            "data",
        ),
        "embedding": Drawing(
            {"embedding": "latent space"}, of_model, _models(data.names, study.of_autoencoders)
        ),
        "markers": Drawing(
            {"markers": "markers"}, of_model, _models(data.names, study.of_marker_networks)
        ),
        "tuning": Drawing(
            {"trials": "trials", "importance": "importance of settings"},
            "results/{dataset}/tuning/{model}/fold{fold}",
            [
                {**job, "fold": fold}
                for job in _models(data.names, study.of_tuned)
                for fold in data.folds(job["dataset"])
            ],
        ),
        "classifier": Drawing(
            {
                "calibration": "calibration",
                "confusion": "confusion matrix",
                "scores": "score distribution",
                "roc": "ROC curve",
                "precision_recall": "precision-recall curve",
            },
            of_model,
            _models(data.classified, study.models_of),
            settings={"classes": data.class_names},
        ),
        "regression": Drawing(
            {"predicted": "predicted against true", "residuals": "residuals"},
            of_model,
            _models(data.regressions, study.models_of),
        ),
        "comparison": Drawing(
            {"comparison": "comparison"},
            of_data,
            [{"dataset": dataset} for dataset in measured],
            "all models",
            {"task": data.task},
        ),
        "datasets": Drawing(
            {"forest": "every model of every dataset", "ranks": "average ranks"},
            "results/comparison",
            [{}],
            None,
        ),
    }
    return {name: drawing for name, drawing in groups.items() if drawing.jobs}


def _models(datasets: Iterable[str], models: Callable[[str], list[str]]) -> list[dict[str, Any]]:
    """Wildcards of some models of some datasets."""
    return [
        {"dataset": dataset, "model": model} for dataset in datasets for model in models(dataset)
    ]
