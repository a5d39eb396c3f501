"""The contract of a bundle: what a trained model takes, what it gives, and how each run is read."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import NoneType
from typing import Any, NamedTuple

from basewise import __version__
from basewise.core.errors import InputError

FORMAT = "basewise bundle 1"


class BundledRun(NamedTuple):
    """A run of the model.

    Attributes
    ----------
    fold, seed, file
        Its names, and the member of the bundle that holds the network or the estimator.
    onnx
        The member that holds the network as ONNX; None of a baseline, and where the card says why
        there is none.
    transform
        Of a regression, see `scales.Transform`: the model's output is on this scale.
    validated
        Output to what validation says of it: ``thresholds`` by rule and ``temperature``, of which
        several classes have the latter alone; of a number ``half_width``, that of the interval
        which holds 90 % of the validation part, and ``coverage``, the share of test that it holds.
    tolerance
        Output to how far two computations of one score may lie apart.
    """

    fold: int
    seed: int
    file: str
    onnx: str | None
    transform: Mapping[str, Any] | None
    validated: Mapping[str, Mapping[str, Any]]
    tolerance: Mapping[str, float]


class Contract(NamedTuple):
    """What stands in ``contract.json``.

    Attributes
    ----------
    basewise
        Version that wrote it.
    dataset, model, kind, name, title, settings
        The model: ``network``, ``baseline`` or ``ensemble``, its architecture or baseline, and its
        settings.
    task, outputs, classes
        What is predicted; names of the targets or classes; of a binary task what 0 and 1 are, if
        they have names.
    alphabet, channels, length, letters
        What the model takes: uint8, shape (n, length, channels), see `alphabet.CHANNELS`, and each
        letter with its row.
    lengths
        ``policy`` and ``side`` for other lengths, see `from_sequences.fit_lengths`.
    window
        Of a model of regions ``center`` and ``shift``, see `intervals.cut_windows`.
    unknown, strands
        What a network sees of an ambiguous letter; how it reads the two strands.
    near
        How near copies are told: ``k`` letters and the ``share`` of k-mers, as in the audit;
        ``limit``, the hash below which k-mers are kept, 0 where none are.
    training
        ``examples`` that any run has learned from; lowest and highest ``gc`` of these, and their
        highest share of ``unknown`` letters.
    runs
        Folds and seeds.
    members
        Of an ensemble: the models whose runs in a fold it averages. Each has a folder of its own in
        the bundle, with its contract. The runs of an ensemble have no file.
    """

    basewise: str
    dataset: str
    model: str
    kind: str
    name: str
    title: str
    settings: Mapping[str, Any]
    task: str
    outputs: Sequence[str]
    classes: Mapping[str, str] | None
    alphabet: str
    channels: Sequence[str]
    length: int
    letters: Mapping[str, str]
    lengths: Mapping[str, Any]
    window: Mapping[str, Any] | None
    unknown: str
    strands: str
    near: Mapping[str, Any]
    training: Mapping[str, Any]
    runs: Sequence[BundledRun]
    members: Sequence[str] = ()


KEYS: dict[tuple[type, ...], str] = {
    (str,): "basewise dataset model kind name title task alphabet unknown strands file",
    (list,): "outputs channels runs members",
    (dict,): "settings letters lengths near training validated tolerance",
    (dict, NoneType): "classes window transform",
    (str, NoneType): "onnx",
    (int,): "length fold seed",
}
TYPES = {key: kinds for kinds, keys in KEYS.items() for key in keys.split()}
"""What JSON holds under each key."""


def as_json(contract: Contract) -> bytes:
    """The text of ``contract.json``."""
    entries = {"format": FORMAT, **contract._asdict(), "members": list(contract.members)}
    entries["runs"] = [run._asdict() for run in contract.runs]
    return (json.dumps(entries, indent=2) + "\n").encode()


def from_json(content: bytes, path: str | Path) -> Contract:
    """Undo `as_json`; a stranger may have written it.

    Raises
    ------
    InputError
        When it is no contract, or one of another version.
    """
    problem = f"its contract is damaged, or that of a newer basewise than {__version__}"
    remedy = "install the version that wrote the bundle, or fetch it again"
    try:
        entries = json.loads(content)
        if entries.pop("format") != FORMAT:
            raise ValueError
        runs = [BundledRun(**_checked(run)) for run in entries["runs"]]
        return Contract(**{**_checked(entries), "runs": runs})
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise InputError(f"{problem}; {remedy}", path) from error


def _checked(entries: Mapping[str, Any]) -> Mapping[str, Any]:
    """The same entries; TypeError for one of another type."""
    for key, value in entries.items():
        if not isinstance(value, TYPES[key]) or isinstance(value, bool):
            raise TypeError(key)
    return entries
