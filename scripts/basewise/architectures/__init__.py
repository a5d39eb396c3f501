"""The networks, by name. Each is a plain function that returns a `keras.Model`.

The registry (`registry.yaml` beside this file) says which module holds which architecture, what it
needs and what it accepts. A module is imported only when its architecture is built.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import yaml

from basewise.errors import InputError

if TYPE_CHECKING:
    import keras

__all__ = ["build", "names", "registry"]


@cache
def registry() -> dict[str, dict[str, Any]]:
    """The content of `registry.yaml`: architecture name to its entry."""
    text = files("basewise.architectures").joinpath("registry.yaml").read_text(encoding="utf-8")
    entries: dict[str, dict[str, Any]] = yaml.safe_load(text)
    return entries


def names() -> list[str]:
    """Every architecture that `build` knows."""
    return list(registry())


def build(
    name: str,
    *,
    length: int,
    channels: int = 4,
    outputs: int = 1,
    task: str = "binary",
    reverse_complement: str = "none",
    **settings: Any,
) -> keras.Model:
    """Build an architecture, not compiled.

    Parameters
    ----------
    name
        One of `names()`.
    length, channels
        The model takes the one-hot tensor, uint8, shape (batch, length, channels).
    outputs
        1 for `binary`, the number of classes for `multiclass`, of targets for the others.
    task
        ``binary`` or ``multilabel`` (a sigmoid for each output), ``multiclass`` (softmax) or
        ``regression`` (linear).
    reverse_complement
        ``average``: the network, then named ``network`` inside the model, reads both strands with
        the same weights and the model gives the mean of the two. ``none`` or ``augment``: the
        network alone; what augments is the training, see `training.fit_network`.
    **settings
        The architecture's own settings, listed in the registry, and ``unknown``
        (``uniform`` or ``zeros``): what the network sees of an ambiguous letter.

    Returns
    -------
    keras.Model
        Output float32, shape (batch, outputs).

    Raises
    ------
    InputError
        For an unknown name, a task the architecture has no head for, a sequence too short, or a
        reverse complement in an alphabet other than A, C, G, T.
    """
    if name not in registry():
        raise InputError(f"unknown architecture {name!r}; there are {', '.join(names())}")
    entry = registry()[name]
    if task not in entry["tasks"]:
        raise InputError(
            f"{name} has no head for task {task!r}; it has {', '.join(entry['tasks'])}"
        )
    own = entry["settings"].get("kernel_size", {"default": 1})
    minimum = max(entry["minimum_length"], settings.get("kernel_size", own["default"]))
    if length < minimum:
        raise InputError(f"{name} needs sequences of at least {minimum} letters, not {length}")
    if reverse_complement != "none" and channels != 4:
        raise InputError(
            f"`reverse_complement: {reverse_complement}` needs DNA, not an alphabet of {channels} "
            "letters; set it to none"
        )
    module = import_module(f"basewise.architectures.{entry['module']}")
    network: keras.Model = getattr(module, entry["function"])(
        length=length, channels=channels, outputs=outputs, task=task, **settings
    )
    if reverse_complement != "average":
        return network
    both_strands: keras.Model = import_module("basewise.architectures.ends").both_strands(network)
    return both_strands
