"""Networks and baselines of one's own: a function in a Python file of the user's.

Planning reads such a file, and never runs it: its settings are the parameters of the function.
Everywhere behind the configuration the function is named by its place, ``my_network.py:build``.
"""

import ast
import hashlib
import os
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from .yaml_files import expanded

Entry = dict[str, Any]

ALL_TASKS = ["binary", "multiclass", "multilabel", "regression", "per_position"]
ALL_ALPHABETS = ["dna", "rna", "protein", "genotype"]
NETWORK: Entry = {
    "module": "own",
    "function": "own_network",
    "title": "Network of one's own",
    "tasks": ALL_TASKS,
    "alphabets": ALL_ALPHABETS,
    "threads": 1,
    "mem_mb": 4000,
    "runtime": 240,
    "gpu": 1,
    "settings": {},
}
"""What the registry says of architectures, for those that are not in it."""
BASELINE: Entry = {
    "module": "own",
    "function": "own_baseline",
    "title": "Baseline of one's own",
    "tasks": [task for task in ALL_TASKS if task != "per_position"],
    "alphabets": ALL_ALPHABETS,
    "settings": {
        "features": {
            "enum": ["onehot", "kmers"],
            "default": "onehot",
            "description": "What the estimator reads of an example.",
        },
        "k": {
            "type": "integer",
            "minimum": 1,
            "maximum": 8,
            "default": 6,
            "description": "Longest k-mer counted.",
        },
    },
}
"""The same of baselines."""
OF_KMERS = ["dna", "rna"]
"""Alphabets that k-mers are counted in."""
RULE = "own_network"
"""Stands for the architecture in the names of rules: train_own_network."""
GIVEN = {
    "architecture": ("length", "channels", "outputs", "task"),
    "baseline": ("task", "seed"),
}
"""Parameters that basewise gives to a function, as far as it has them."""
TAKEN = (
    *("architecture", "baseline", "ensemble", "control", "training", "tune", "motifs", "name"),
    *("adapt", "unknown", "reverse_complement", "features", "seed", "alphabet", "target", "part"),
)
"""Names that no parameter may have: keys of a model, and arguments of `build` and `fit`."""
MOST_BYTES = 1_000_000
"""Of a Python file that is read."""
TYPES = {
    "int": "integer",
    "float": "number",
    "bool": "boolean",
    "str": "string",
    "list": "array",
    "tuple": "array",
    "dict": "object",
}
"""Python's types, and what YAML has for them."""


class OwnCodeError(ValueError):
    """A function that is not there, or cannot be called by the names of settings."""


class Signature(NamedTuple):
    """The parameters of a function, without those that it is given."""

    settings: dict[str, Entry]
    """Schema of each."""
    required: list[str]
    """Those without a default."""
    about: str
    """First line of the function's docstring."""


def is_own(name: str) -> bool:
    """Whether the name of an architecture or a baseline is the place of a function."""
    return ".py:" in name


def place_of(named: Entry) -> str:
    """Place of the function that an entry ``{file: ..., function: ...}`` names."""
    return f"{expanded(named['file'])}:{named['function']}"


def divided(place: str) -> tuple[str, str]:
    """File and function of a place."""
    file, _, function = place.rpartition(":")
    return file, function


def code_files(name: str) -> list[str]:
    """The file that an architecture or a baseline is made from; none of one in a registry."""
    return [divided(name)[0]] if is_own(name) else []


def short(name: str) -> str:
    """The same name, the place of a function without folders."""
    return os.path.basename(name) if is_own(name) else name


def code_versions(name: str) -> dict[str, str]:
    """Name of the file of a function to its sha256, for the software of a run."""
    return {
        os.path.basename(file): hashlib.sha256(Path(file).read_bytes()).hexdigest()
        for file in code_files(name)
    }


def own_entry(model: Entry, kind: str) -> Entry:
    """What the registry would say of a model's function, with the settings that its file names now.

    Of a file that cannot be read there are none.
    """
    place, of_kind = place_of(model[kind]), NETWORK if kind == "architecture" else BASELINE
    try:
        signature = signature_of(place, kind)
    except (OSError, OwnCodeError):
        signature = Signature({}, [], "")
    code = f"code of the authors ({short(place)})"
    counts = {"alphabets": OF_KMERS} if model.get("features") == "kmers" else {}
    return {
        **of_kind,
        **counts,
        "title": f"Own {short(place)}",
        "citation": "; ".join(filter(None, [signature.about, code])) + ".",
        "settings": {**of_kind["settings"], **signature.settings},
        "required": signature.required,
    }


def signature_of(place: str, kind: str) -> Signature:
    """Read the parameters of a function from its file, without running that.

    `kind` is ``architecture`` or ``baseline``.

    Raises
    ------
    OSError
        When there is no such file.
    OwnCodeError
        With what is wrong in words: no Python, no such function, parameters that are not settings.
    """
    path, function = divided(place)
    state = os.stat(path)
    if not Path(path).is_file() or state.st_size > MOST_BYTES:
        raise OwnCodeError(f"is no Python file of at most {MOST_BYTES:,} bytes")
    return _signature(os.path.abspath(path), function, kind, state.st_size, state.st_mtime_ns)


@cache
def _signature(path: str, function: str, kind: str, size: int, changed: int) -> Signature:
    """Read the same once a process while nobody writes to the file."""
    try:
        module = ast.parse(Path(path).read_bytes())
    except (SyntaxError, ValueError) as error:
        line = f" in line {error.lineno}" if isinstance(error, SyntaxError) else ""
        reason = error.msg if isinstance(error, SyntaxError) else error
        raise OwnCodeError(f"is no Python: {reason}{line}") from error

    functions = {node.name: node for node in module.body if isinstance(node, ast.FunctionDef)}
    if function not in functions:
        names = ", ".join(functions) or "none"
        raise OwnCodeError(f"has no function {function!r} at its top level; there are: {names}")
    return _parameters(functions[function], kind)


def _parameters(function: ast.FunctionDef, kind: str) -> Signature:
    """Parameters of a function as settings; OwnCodeError where they cannot be."""
    arguments, name = function.args, function.name
    if arguments.vararg or arguments.kwarg or arguments.posonlyargs:
        raise OwnCodeError(
            f"{name} takes *, ** or / parameters; name each setting, so that it can be checked"
        )
    listed = [*arguments.args, *arguments.kwonlyargs]
    missing = [None] * (len(arguments.args) - len(arguments.defaults))
    defaults = [*missing, *arguments.defaults, *arguments.kw_defaults]
    taken = {*TAKEN, *(BASELINE["settings"] if kind == "baseline" else ())} - {*GIVEN[kind]}
    for parameter in listed:
        if parameter.arg in taken:
            raise OwnCodeError(
                f"{name} has a parameter `{parameter.arg}`, which is a key of basewise; rename it"
            )

    pairs = [
        (parameter, default)
        for parameter, default in zip(listed, defaults, strict=True)
        if parameter.arg not in GIVEN[kind]
    ]
    settings = {
        parameter.arg: {
            **_type_of(parameter.annotation, default),
            "description": f"A parameter of {name}.",
        }
        for parameter, default in pairs
    }
    required = [parameter.arg for parameter, default in pairs if default is None]
    about = (ast.get_docstring(function) or "").partition("\n")[0].rstrip(".")
    return Signature(settings, required, about)


def _type_of(annotation: ast.expr | None, default: ast.expr | None) -> Entry:
    """Schema of what a parameter takes: by its annotation, else by its default, else anything."""
    if isinstance(annotation, ast.Subscript):
        annotation = annotation.value
    if isinstance(annotation, ast.Name) and annotation.id in TYPES:
        return {"type": TYPES[annotation.id]}
    if annotation is not None or default is None:
        return {}
    try:
        value: Any = ast.literal_eval(default)
    except ValueError:
        return {}
    kind = TYPES.get(type(value).__name__)
    return {"type": kind} if kind else {}
