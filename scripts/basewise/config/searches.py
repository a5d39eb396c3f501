"""What models with `tune` search for."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .catalog import Entry
from .mistakes import Mistake, nearest
from .schema import schema_mistakes
from .training import DEVICE_KEYS, Training

IN_TRAINING = "set it in `training`"
CHANGES_LOSS = "it changes the loss that trials are compared by"
NOT_SEARCHED = {
    "epochs": "the trials' epochs are `tune: epochs`",
    "patience": IN_TRAINING,
    "refit": IN_TRAINING,
    "tensorboard": IN_TRAINING,
    "loss": CHANGES_LOSS,
    "focal_gamma": CHANGES_LOSS,
    "label_smoothing": CHANGES_LOSS,
    "class_weights": CHANGES_LOSS,
    "motifs": "they are files",
    **dict.fromkeys(DEVICE_KEYS, IN_TRAINING),
}
"""Keys that cannot be searched, and why."""


@dataclass(frozen=True)
class Searches:
    """Searches of all models that have one."""

    training: Training

    def architectures(self) -> dict[str, Entry]:
        """Return entries of the architectures that a model with a search has."""
        models = self.training.models
        return models.architectures(models.tuned)

    def of_architecture(self, architecture: str) -> list[str]:
        """Models of an architecture that have a search."""
        models = self.training.models
        return sorted({*models.of_kind("architecture", architecture)} & {*models.tuned})

    def space(self, model: str) -> Entry:
        """Return what a model searches for, see search_space.Searched."""
        wanted, kinds = self._tune(model)["search"], self._searchable(model)
        return {
            key: {"of": kind, **_searched(wanted[key], kinds[kind][key])}
            for kind in kinds
            for key in wanted
            if key in kinds[kind]
        }

    def plan(self, model: str) -> list[int]:
        """Return how much to search: trials, epochs of each at most, and jobs that share them."""
        epochs = self._amount(model, "epochs") or self.training.whole(model)["epochs"]
        return [self.trials(model), epochs, self.jobs(model)]

    def trials(self, model: str) -> int:
        """How many trials of a model count."""
        trials: int = self._amount(model, "trials")
        return trials

    def jobs(self, model: str) -> int:
        """How many jobs share the trials."""
        jobs: int = self._amount(model, "jobs")
        return jobs

    def mistakes(self) -> Iterator[Mistake]:
        """Mistakes in what models search for."""
        for model in self.training.models.tuned:
            for mistake in self._mistakes(model):
                yield mistake.below("models", model, "tune", "search")

    def _mistakes(self, model: str) -> Iterator[Mistake]:
        """Mistakes in what a model searches for."""
        entry = self.training.models.entries[model]
        kinds = self._searchable(model).values()
        schemas = {key: schema for kind in kinds for key, schema in kind.items()}

        for key, wanted in entry["tune"]["search"].items():
            if key in NOT_SEARCHED:
                yield Mistake((key,), f"`{key}` cannot be searched; {NOT_SEARCHED[key]}")
            elif key not in schemas:
                yield Mistake((key,), f"unknown key {key!r}; {nearest(key, schemas)}")
            elif key in {**entry, **entry.get("training", {})}:
                yield Mistake((key,), f"the model sets `{key}` too; take one of them out")
            else:
                yield from _value_mistakes(key, wanted, schemas[key])

    def _searchable(self, model: str) -> dict[str, dict[str, Entry]]:
        """Schemas of what can be searched for a model: how it is trained, and its settings."""
        models = self.training.models
        settings = {**models.catalog.every_network, **models.registered(model)["settings"]}
        kinds = {"training": models.catalog.training["properties"], "settings": settings}
        return {
            kind: {key: schemas[key] for key in schemas if key not in NOT_SEARCHED}
            for kind, schemas in kinds.items()
        }

    def _amount(self, model: str, key: str) -> Any:
        """Return what a model's `tune` says, or the schema's default."""
        schema = self.training.models.catalog.tune["properties"][key]
        return self._tune(model).get(key, schema.get("default"))

    def _tune(self, model: str) -> Entry:
        """Return a model's `tune`."""
        tune: Entry = self.training.models.entries[model]["tune"]
        return tune


def _searched(wanted: Any, schema: Entry) -> Entry:
    """Choices, or a range that knows whether it is of whole numbers."""
    if isinstance(wanted, list):
        return {"choices": wanted}
    return {"integer": schema["type"] == "integer", **wanted}


def _value_mistakes(key: str, wanted: Any, schema: Entry) -> Iterator[Mistake]:
    """Mistakes in the choices or the range of one setting."""
    if isinstance(wanted, list):
        for index, choice in enumerate(wanted):
            yield from schema_mistakes(choice, schema, key, index)
        return
    if schema.get("type") not in ("integer", "number"):
        yield Mistake((key,), "a range is for numbers; give a list of choices")
        return

    yield from _range_mistakes(key, wanted)
    for end in ("low", "high"):
        yield from schema_mistakes(wanted[end], schema, key, end)

    if "step" in wanted:
        yield from schema_mistakes(wanted["step"], {"type": schema["type"]}, key, "step")


def _range_mistakes(key: str, wanted: Entry) -> Iterator[Mistake]:
    """Mistakes in how the ends of a range go together."""
    low, high = wanted["low"], wanted["high"]
    if low >= high:
        yield Mistake((key, "low"), f"{low} is not below `high`, {high}")
    if wanted.get("log") and low <= 0:
        text = f"a range by magnitudes starts above 0, not at {low}"
        yield Mistake((key, "log"), text)
    if wanted.get("log") and "step" in wanted:
        yield Mistake((key, "step"), "`step` does not go with `log`; take one out")
