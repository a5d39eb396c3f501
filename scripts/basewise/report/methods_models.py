"""Sentences of a methods section about the models and how they were trained."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from basewise.core.text import counted, listed

KINDS = {"architecture": "network", "baseline": "baseline"}

NAMED = (*KINDS, "control", "ensemble", "tune", "motifs")
"""Keys of a model's entry that are no settings of its own."""

OPTIMIZERS = {
    "adam": "Adam",
    "adamw": "AdamW",
    "rmsprop": "RMSprop",
    "sgd": "stochastic gradient descent",
}

USUAL = {
    "momentum": 0,
    "weight_decay": None,
    "clip_norm": None,
    "loss": "cross_entropy",
    "label_smoothing": 0,
    "class_weights": "none",
    "sampling": "natural",
    "average_decay": 0,
    "shift": 0,
    "precision": "float32",
}
"""Settings of a training that are worth a word where they are another value."""


def is_paper(citation: str) -> bool:
    """Whether a citation names something published, by its year; others describe the model."""
    return re.search(r"\b(19|20)\d\d\b", citation) is not None


def model_sentences(
    models: Mapping[str, Mapping[str, Any]], numbers: Mapping[str, int]
) -> list[str]:
    """Name the models, with a reference each or, where nothing is published, a description.

    Parameters
    ----------
    models
        Model to its ``title``, ``citation`` and ``entry`` in the configuration.
    numbers
        Citation to its number among the references; those that are no paper have none.
    """
    sentences = []
    for key, kind in KINDS.items():
        named = [
            _named(name, model, numbers)
            for name, model in models.items()
            if key in model["entry"] and "control" not in model["entry"]
        ]
        verb = f"{kind} was" if len(named) == 1 else f"{kind}s were"
        sentences += [f"The {verb} {listed(named)}."] if named else []
    sentences += _descriptions(models)
    for name, model in models.items():
        entry, reference = model["entry"], _reference(model, numbers)
        if "ensemble" in entry:
            members = listed(entry["ensemble"])
            of = "runs of" if len(entry["ensemble"]) == 1 else "scores of"
            sentences.append(f"The ensemble {name}{reference} is the mean of the {of} {members}.")
        if "tune" in entry:
            searched, trials = listed(entry["tune"]["search"]), entry["tune"].get("trials", 30)
            sentences.append(
                f"For {name}, {searched} were searched for within the training part of each fold "
                f"({counted(trials, 'trial')})."
            )
    controls = [
        f"{name} was trained as {model['entry']['control']}"
        for name, model in models.items()
        if "control" in model["entry"]
    ]
    if controls:
        which = "a negative control" if len(controls) == 1 else "negative controls"
        sentences.append(
            f"As {which}, {listed(controls)}, with the labels of the training part shuffled."
        )
    return sentences


def training_sentences(models: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """How the networks were trained; those that were trained alike share a sentence.

    Parameters
    ----------
    models
        Model to its ``entry`` in the configuration and its ``training``, None for other models.
    """
    alike: dict[str, list[str]] = {}
    for name, model in models.items():
        if model["training"] and "control" not in model["entry"]:
            alike.setdefault(_training(model["training"]), []).append(name)
    sentences = []
    for how, names in alike.items():
        which = f" {listed(names)}" if len(alike) > 1 else ""
        verb = "was" if len(names) == 1 else "were"
        sentences.append(f"The network{'s' * (len(names) > 1)}{which} {verb} {how}")
    return sentences


def _named(name: str, model: Mapping[str, Any], numbers: Mapping[str, int]) -> str:
    """Title, reference, and in brackets the name and the settings that the user has set."""
    own = {key: value for key, value in model["entry"].items() if key not in NAMED}
    inside = [name, *(_setting(key, value) for key, value in own.items())]
    return f"{model['title']}{_reference(model, numbers)} ({', '.join(inside)})"


def _reference(model: Mapping[str, Any], numbers: Mapping[str, int]) -> str:
    return f" [{numbers[model['citation']]}]" if is_paper(model["citation"]) else ""


def _descriptions(models: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """What the models are of which nothing is published; those that are alike share a sentence."""
    alike: dict[str, list[str]] = {}
    for name, model in models.items():
        if not is_paper(model["citation"]) and "control" not in model["entry"]:
            alike.setdefault(model["citation"].rstrip("."), []).append(name)
    return [
        f"The model{'s' * (len(names) > 1)} {listed(names)} {'are' if len(names) > 1 else 'is'} "
        f"{what[0].lower()}{what[1:]}."
        for what, names in alike.items()
    ]


def _setting(key: str, value: object) -> str:
    text = listed(value) if isinstance(value, list) else value
    return f"{key.replace('_', ' ')} {text}"


def _training(training: Mapping[str, Any]) -> str:
    """All of the sentence but its subject."""
    batch, epochs = training["batch_size"], training["epochs"]
    optimizer = OPTIMIZERS[training["optimizer"]]
    others = [
        _setting(key, training[key])
        for key, usual in USUAL.items()
        if training.get(key, usual) != usual
    ]
    refit = (
        "; training was then repeated for as many epochs on training and validation examples "
        "together, to score the test part"
    )
    return (
        f"trained with {optimizer} ({', '.join([_rate(training), *others])}) on batches of "
        f"{counted(batch, 'example')} for at most {counted(epochs, 'epoch')}, until the validation "
        f"loss had not fallen for {counted(training['patience'], 'epoch')}; the weights of the "
        f"epoch with the lowest validation loss were kept{refit * training['refit']}."
    )


def _rate(training: Mapping[str, Any]) -> str:
    schedule = {
        "plateau": "halved when the validation loss had not fallen for "
        + counted(max(1, training["patience"] // 2), "epoch"),
        "cosine": "falling to 0 along a cosine",
        "one_cycle": "rising and falling in one cycle",
        "constant": "kept",
    }[training["schedule"]]
    warm = training.get("warmup_epochs", 0)
    warmed = f", after {counted(warm, 'epoch')} of warm-up" if warm else ""
    return f"learning rate {training['learning_rate']:g}, {schedule}{warmed}"
