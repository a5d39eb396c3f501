"""The networks, by name. Each is a plain function that returns a `keras.Model`.

The registry (`registry.yaml` beside this file) says which module holds which architecture, what it
needs and what it accepts. A module is imported only when its architecture is built.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, partial
from importlib import import_module
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import yaml

from basewise.architectures.adaptation import (
    adapted_settings,
    blocks_of,
    shortest_length,
    steps_left,
)
from basewise.config.own_code import NETWORK, is_own
from basewise.core.errors import InputError
from basewise.sequences.alphabet import CHANNELS

if TYPE_CHECKING:
    import keras
    from numpy.typing import NDArray


@cache
def registry() -> dict[str, dict[str, Any]]:
    """The content of `registry.yaml`: architecture name to its entry."""
    text = files("basewise.architectures").joinpath("registry.yaml").read_text(encoding="utf-8")
    entries: dict[str, dict[str, Any]] = yaml.safe_load(text)
    return entries


def entry_of(name: str) -> dict[str, Any]:
    """What the registry says of an architecture; of one's own what holds for any.

    Raises
    ------
    InputError
        For a name that is neither.
    """
    if is_own(name):
        return NETWORK
    if name not in registry():
        raise InputError(f"unknown architecture {name!r}; there are {', '.join(names())}")
    return registry()[name]


def look_up(place: str) -> Any:
    """A function of the library as a registry names it, ``module:function``.

    Only here are names followed at run time, so that the digest of a step's code can cover what
    the registry names, see `config.code`.
    """
    module, _, function = place.partition(":")
    return getattr(import_module(f"basewise.{module}"), function)


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
    features: Mapping[str, NDArray[Any]] | None = None,
    reverse_complement: str = "none",
    adapt: str = "error",
    **settings: Any,
) -> keras.Model:
    """Build an architecture, not compiled.

    Parameters
    ----------
    name
        One of `names()`; or the place of a function that makes it, ``my_network.py:build``, see
        docs/own_networks.md.
    length, channels
        The model takes the one-hot tensor, uint8, shape (batch, length, channels). Networks on
        additively coded markers also take 1 channel: numbers, float32, with no stage in front.
    outputs
        1 for `binary`, the number of classes for `multiclass` and `per_position`, of targets for
        the others.
    task
        ``binary`` or ``multilabel`` (a sigmoid for each output), ``multiclass`` (softmax),
        ``regression`` (linear) or ``per_position`` (a softmax at each position).
    features
        What a feature stage in front of the network has learned from training examples, see
        `features.fit_features`; None for a stage that has seen none. Such a model holds the
        published network under the name ``network``.
    reverse_complement
        ``average``: the network, then named ``network`` inside the model, reads both strands with
        the same weights and the model gives the mean of the two. ``none`` or ``augment``: the
        network alone; what augments is the training, see `network.fit_network`.
    adapt
        For a sequence that is too short, ``error`` raises and ``auto`` scales the settings, see
        `adapt_settings`.
    **settings
        The architecture's own settings, listed in the registry, and ``unknown``
        (``uniform`` or ``zeros``): what the network sees of an ambiguous letter.

    Returns
    -------
    keras.Model
        Output float32, shape (batch, outputs), per position (batch, length, outputs). It takes
        bits and so has no gradient; `entry.open_entry` gives the same network behind the cast.

    Raises
    ------
    InputError
        For an unknown name, a task the architecture has no head for, a sequence too short, settings
        that do not go together, an alphabet that the architecture does not take, or a reverse
        complement in one other than A, C, G, T.
    """
    entry = entry_of(name)
    if task not in entry["tasks"]:
        raise InputError(
            f"{name} has no head for task {task!r}; it has {', '.join(entry['tasks'])}"
        )

    letters = {len(CHANNELS[alphabet]) for alphabet in entry["alphabets"]}
    letters |= {1} if "features" in entry else set()
    if channels not in letters:
        raise InputError(
            f"{name} takes {' or '.join(entry['alphabets'])}, not an alphabet of {channels} letters"
        )
    if reverse_complement != "none" and channels != 4:
        raise InputError(
            f"`reverse_complement: {reverse_complement}` needs DNA, not an alphabet of {channels} "
            "letters; set it to none"
        )

    changed = adapt_settings(name, length, outputs, task, adapt, settings)
    if features is not None:
        changed["features"] = features

    from basewise.architectures.ends import Ends, both_strands  # Keras, which names need not load

    chosen = {**full_settings(name, settings), **changed}
    unknown = chosen.pop("unknown", entry.get("unknown", "uniform"))
    ends = Ends(length, channels, outputs, task, unknown)
    make = look_up(f"architectures.{entry['module']}:{entry['function']}")
    if is_own(name):
        make = partial(make, name)
    network: keras.Model = make(ends, **chosen)

    return both_strands(network) if reverse_complement == "average" else network


def adapt_settings(
    name: str, length: int, outputs: int, task: str, adapt: str, settings: Mapping[str, Any]
) -> dict[str, Any]:
    """Settings of an architecture that have to change for a sequence of this length.

    None unless `adapt` is ``auto``, see `adaptation.adapted_settings`; arguments as for `build`.

    Raises
    ------
    InputError
        When the architecture cannot take the length, or lists of settings differ in length.
    """
    if is_own(name):
        return {}
    entry = entry_of(name)
    full = full_settings(name, settings)
    blocks = [key for key in ("filters", "kernel_sizes", "pool_sizes") if _is_list(full.get(key))]
    if len({len(full[key]) for key in blocks}) > 1:
        raise InputError(f"{name}: {', '.join(blocks)} need one entry a block each")
    if task == "per_position" or "steps" not in entry:
        return {}

    changed = adapted_settings(length, outputs, full, entry["steps"]) if adapt == "auto" else {}
    kernels, pools = blocks_of({**full, **changed})
    if steps_left(length, kernels, pools) < 1:
        shortest = shortest_length(kernels, pools)
        remedy = "" if adapt == "auto" else "; `adapt: auto` scales it to shorter ones"
        raise InputError(
            f"{name} needs sequences of at least {shortest} letters, not {length}{remedy}"
        )

    return changed


def full_settings(name: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings of an architecture with the registry's defaults filled in."""
    defaults = {key: schema["default"] for key, schema in entry_of(name)["settings"].items()}
    return {**defaults, **settings}


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple)
