"""Models of a dataset that one job takes together, for most of a job's time would be its start.

What a rule makes cannot depend on its dataset. So each set of models has a rule of its own, which
serves all datasets that have just these.
"""

from collections.abc import Iterable
from typing import NamedTuple

from .study import Study

MOST_RUNS = 12
"""Runs that one job measures. A run takes 0.4 s with 2,000 test examples and 18 s with 200,000, a
start 1.5 s: of twelve small runs half of the time is saved, and twelve large ones take minutes."""


class Team(NamedTuple):
    """Models, and the datasets whose job takes them."""

    rule: str
    models: tuple[str, ...]
    datasets: list[str]

    def files(self, file: str) -> list[str]:
        """An evaluation file of every model, with the dataset as wildcard."""
        return [f"results/{{dataset}}/evaluation/{model}/{file}" for model in self.models]


def measuring(study: Study, rule: str, datasets: Iterable[str]) -> list[Team]:
    """Models that are measured together, up to `MOST_RUNS` runs or one model."""
    return _teams(
        rule, [(dataset, models) for dataset in datasets for models in _packs(study, dataset)]
    )


def learning(study: Study, rule: str) -> list[Team]:
    """Networks of each dataset."""
    names = study.datasets.names
    return _teams(rule, [(name, models) for name in names if (models := study.of_networks(name))])


def numbered(rule: str, number: int) -> str:
    """Name of one of several rules that have the same body; the first has no number."""
    return f"{rule}_{number}" if number > 1 else rule


def _teams(rule: str, members: Iterable[tuple[str, Iterable[str]]]) -> list[Team]:
    datasets: dict[tuple[str, ...], list[str]] = {}
    for dataset, models in members:
        datasets.setdefault(tuple(models), []).append(dataset)
    return [
        Team(numbered(rule, number), models, names)
        for number, (models, names) in enumerate(datasets.items(), 1)
    ]


def _packs(study: Study, dataset: str) -> list[list[str]]:
    packs: list[list[str]] = []
    room = 0
    for model in study.models_of(dataset):
        runs = len(study.runs(dataset, model))
        if runs > room:
            packs.append([])
            room = MOST_RUNS
        packs[-1].append(model)
        room -= runs
    return packs
