"""How each network is trained, and on what."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from .catalog import Entry
from .mistakes import Keys, Mistake
from .models import Models

DEVICE_KEYS = ("backend", "threads", "precision", "deterministic", "require_gpu", "cards")
"""Keys of `training` that say what a network computes on."""


@dataclass(frozen=True)
class Training:
    """What `training` of a configuration, of models and of the registry says about each network."""

    defaults: Entry
    """`training` of the configuration, with the defaults of the schema."""
    asked: Entry
    """The same as it is written."""
    backend: str
    """What computes where the configuration does not say."""
    models: Models

    def whole(self, model: str) -> Entry:
        """Return all keys of a network's training.

        What the user asks for beats what was published, and that beats the defaults.
        """
        registered = self.models.registered(model)
        published = {
            "backend": self.backend,
            "threads": registered["threads"],
            **registered.get("training", {}),
        }
        of_model = self.models.entries[model].get("training", {})
        return {**self.defaults, **published, **self.asked, **of_model}

    def settings(self, model: str) -> Entry:
        """Return how a network is trained."""
        return {key: value for key, value in self.whole(model).items() if key not in DEVICE_KEYS}

    def device(self, model: str) -> Entry:
        """Return what a network computes on, as `device.prepare` takes it."""
        whole = self.whole(model)
        return {key: whole[key] for key in DEVICE_KEYS}

    def cpu(self, model: str) -> Entry:
        """Return the same for a step that uses a trained network on the CPU."""
        return {**self.device(model), "require_gpu": False, "cards": 1}

    def threads(self, model: str) -> int:
        """Threads that a network computes with."""
        threads: int = self.whole(model)["threads"]
        return threads

    def cards(self, model: str) -> int:
        """GPUs of a training."""
        cards: int = self.models.registered(model)["gpu"] * self.whole(model)["cards"]
        return cards


NEED_CLASSES = {"class_weights": "none", "label_smoothing": 0, "loss": "cross_entropy"}
"""Keys that mean nothing in a regression, and the value that leaves them alone."""


def training_mistakes(
    training: Training, runs_on: Mapping[str, Sequence[str]], tasks: Mapping[str, str]
) -> Iterator[Mistake]:
    """Settings of training that do not go together, or with the tasks of the datasets.

    Parameters
    ----------
    runs_on, tasks
        Dataset to the models that run on it, and to its task.
    """
    for dataset, models in runs_on.items():
        for model in chain.from_iterable(map(training.models.members, models)):
            if model in training.models.networks:
                yield from _task_mistakes(model, training, dataset, tasks[dataset])

    for model in training.models.entries:
        if model in training.models.networks:
            yield from _card_mistakes(model, training)
            yield from _warmup_mistakes(model, training)


def _task_mistakes(model: str, training: Training, dataset: str, task: str) -> Iterator[Mistake]:
    """Settings for classes where a dataset has none, or has several for one example."""
    whole = training.whole(model)
    if task == "regression":
        for key, neutral in NEED_CLASSES.items():
            if whole[key] != neutral:
                text = f"{whole[key]} needs classes, {dataset!r} is a regression; write {neutral}"
                yield Mistake(_place(key, model, training), text)

    if whole["sampling"] == "balanced" and task not in ("binary", "multiclass"):
        text = f"balanced needs one class an example, {dataset!r} is {task}; write natural"
        yield Mistake(_place("sampling", model, training), text)


def _card_mistakes(model: str, training: Training) -> Iterator[Mistake]:
    """Several cards under JAX, where Keras divides no uneven last batch; none, and one required."""
    whole, place = training.whole(model), _place("cards", model, training)
    cards = whole["cards"]
    if cards > 1 and whole["backend"] == "jax":
        yield Mistake(place, f"{cards} cards need `backend: tensorflow`, {model!r} has jax")
    if cards == 0 and whole["require_gpu"]:
        text = f"0 cards, and {model!r} has `require_gpu: true`; take one of them out"
        yield Mistake(place, text)


def _warmup_mistakes(model: str, training: Training) -> Iterator[Mistake]:
    """A warm-up that the schedule does not have, or that takes all epochs."""
    whole, place = training.whole(model), _place("warmup_epochs", model, training)
    warmup, epochs, schedule = whole["warmup_epochs"], whole["epochs"], whole["schedule"]
    if warmup and schedule not in ("cosine", "constant"):
        yield Mistake(place, f"goes with `schedule: cosine` or `constant`, not {schedule}")
    elif warmup and warmup >= epochs:
        text = f"{warmup} epochs of warm-up leave none of the {epochs} epochs"
        yield Mistake(place, text)


def _place(key: str, model: str, training: Training) -> Keys:
    """Where a key of a network's training stands: with the model, or for all."""
    of_model: dict[str, Any] = training.models.entries[model].get("training", {})
    return ("models", model, "training", key) if key in of_model else ("training", key)
