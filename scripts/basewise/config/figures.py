"""Which figures a study has: each is drawn from the table of its name, many of them by one job."""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from .study import Study, any_of
from .teams import numbered

TABLES = {"forest": "models", "targets": "distributions"}
"""Tables that do not have the name of their figure."""

OF_EXAMPLES = {
    "distributions": "what the examples look like",
    "split": "where the parts lie",
}
OF_REGRESSIONS = {"targets": "targets and covariates"}

OF_CLASSIFIERS = {
    "calibration": "calibration",
    "confusion": "confusion matrix",
    "scores": "score distribution",
    "roc": "ROC curve",
    "precision_recall": "precision-recall curve",
}
OF_VALUES = {"predicted": "predicted against true", "residuals": "residuals"}

OF_SEARCHES = {"trials": "trials", "importance": "importance of settings"}

OF_ALL = {"forest": "every model of every dataset", "ranks": "average ranks"}


class Picture(NamedTuple):
    """A figure of a dataset, or of all."""

    figure: str
    """Its kind, which the files are called by."""
    title: str
    folder: str
    """Where it stands, with the dataset as wildcard; so does its table."""
    place: str | None
    """Where it stands in Snakemake's report, below its dataset."""
    model: str = ""
    fold: str = ""

    @property
    def table(self) -> str:
        """The table that it is drawn from."""
        return f"{self.folder}/{TABLES.get(self.figure, self.figure)}.tsv"

    @property
    def labels(self) -> dict[str, str]:
        """What tells it in Snakemake's report from others at its place."""
        return {"figure": self.title, **({"fold": self.fold} if self.fold else {})}

    def file(self, suffix: str) -> str:
        """Its SVG or PNG."""
        return f"{self.folder}/{self.figure}.{suffix}"


class Drawing(NamedTuple):
    """Pictures that one job draws, and the datasets that have just these; none if of all."""

    rule: str
    folder: str
    """Of logs and benchmarks."""
    pictures: tuple[Picture, ...]
    datasets: list[str]
    what: str
    """What the job says that it draws."""
    settings: Mapping[str, Callable[..., Any]] = MappingProxyType({})
    """What the job has to know of its dataset, by name."""

    @property
    def wildcards(self) -> dict[str, str]:
        """Wildcards of the rule, and what they match."""
        return {"dataset": any_of(self.datasets)} if self.datasets else {}

    @property
    def files(self) -> list[str]:
        """Every picture of every job, as SVG."""
        files = [picture.file("svg") for picture in self.pictures]
        return [file.format(dataset=dataset) for dataset in self.datasets or [""] for file in files]


def drawings(study: Study) -> list[Drawing]:
    """Everything that the jobs of a study draw."""
    data, names = study.datasets, study.datasets.names
    folder = "results/comparison"
    of_all = tuple(Picture(name, title, folder, None) for name, title in OF_ALL.items())
    return [
        *_alike("draw_examples", "examples", {name: _of_examples(study, name) for name in names}),
        *_alike(
            "draw_models",
            "models",
            {name: tuple(_of_models(study, name)) for name in study.measured},
            {"classes": data.class_names, "task": data.task},
        ),
        Drawing("draw_datasets", "draw_datasets", of_all, [], "the comparison of all datasets"),
    ]


def _alike(
    rule: str,
    what: str,
    pictures: Mapping[str, tuple[Picture, ...]],
    settings: Mapping[str, Callable[..., Any]] = MappingProxyType({}),
) -> list[Drawing]:
    """A rule for each set of pictures, since what a rule makes cannot depend on its dataset."""
    datasets: dict[tuple[Picture, ...], list[str]] = {}
    for dataset, of_dataset in pictures.items():
        datasets.setdefault(of_dataset, []).append(dataset)
    return [
        Drawing(
            numbered(rule, number),
            f"{rule}/{{dataset}}",
            together,
            names,
            f"the {what} of {{wildcards.dataset}}",
            settings,
        )
        for number, (together, names) in enumerate(datasets.items(), 1)
    ]


def _of_examples(study: Study, dataset: str) -> tuple[Picture, ...]:
    folder = "results/{dataset}/evaluation"
    of_task = OF_REGRESSIONS if dataset in study.datasets.regressions else {}
    titles = {**OF_EXAMPLES, **of_task}
    return tuple(Picture(name, title, folder, "data") for name, title in titles.items())


def _of_models(study: Study, dataset: str) -> Iterator[Picture]:
    """Pictures of the models of a dataset, then their comparison."""
    folder = "results/{dataset}/evaluation"
    of_task = OF_VALUES if dataset in study.datasets.regressions else OF_CLASSIFIERS
    for model in study.models_of(dataset):
        titles = dict(of_task)
        if model in study.of_networks(dataset):
            titles["learning"] = "learning curves"
        if model in study.of_autoencoders(dataset):
            titles["embedding"] = "latent space"
        if model in study.of_marker_networks(dataset):
            titles["markers"] = "markers"
        for name, title in titles.items():
            yield Picture(name, title, f"{folder}/{model}", model, model)

        for fold in study.datasets.folds(dataset) if model in study.of_tuned(dataset) else []:
            place = f"results/{{dataset}}/tuning/{model}/fold{fold}"
            for name, title in OF_SEARCHES.items():
                yield Picture(name, title, place, model, model, str(fold))

    yield Picture("comparison", "comparison", folder, "all models")
