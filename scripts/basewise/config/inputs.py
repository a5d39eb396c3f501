"""The files that a configuration names, and where to get those that are missing."""

import hashlib
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from .catalog import Entry
from .mistakes import CONTROLS, Keys, Mistake
from .yaml_files import expanded

FILES = "genome regions aliases sequences fasta table uci labels genotypes map phenotypes exclude"
"""Keys of a dataset whose value is a file, a list of files, or files by name."""

INNER_FILES = {
    "labels": ["file"],
    "overlap": ["files"],
    "features": ["file"],
    "negatives": ["away_from"],
    "split": ["table"],
    "ceiling": ["scores", "population"],
}
"""The same for keys one level below."""


READ_WHOLE = 64 * 2**20
"""Bytes up to which a file is told from another by what it holds."""


def named_files(dataset: Entry) -> list[tuple[Keys, str]]:
    """(keys, path as written) of every input file of a dataset."""
    named: list[tuple[Keys, Any]] = [
        ((key,), dataset[key]) for key in FILES.split() if key in dataset
    ]
    named = [(keys, value) for keys, value in named if not _has_inner_files(keys, value)]

    for key, names in INNER_FILES.items():
        inner = dataset.get(key)
        if isinstance(inner, dict):
            named += [((key, name), inner[name]) for name in names if name in inner]

    genotypes = dataset.get("genotypes", "")
    stem, suffix = os.path.splitext(genotypes)
    if suffix.lower() == ".bed":
        others = (".BIM", ".FAM") if suffix.isupper() else (".bim", ".fam")
        named += [(("genotypes",), stem + other) for other in others]
    return [pair for keys, value in named for pair in _files_in(keys, value)]


def input_files(dataset: Entry) -> list[tuple[Keys, str]]:
    """(keys, path) of every input file of a dataset, environment variables replaced."""
    return [(keys, expanded(path)) for keys, path in named_files(dataset)]


def fingerprint(path: str) -> str:
    """Return a text that another content of a file changes: its digest, or its size and date.

    Every job of Snakemake plans anew, so that files of more than `READ_WHOLE` bytes are not read.
    Their date counts in whole seconds, which is all that tar keeps of it.
    """
    state = os.stat(path)
    if state.st_size > READ_WHOLE:
        return f"{state.st_size} bytes of {int(state.st_mtime)}"
    return _digest(path, state.st_size, state.st_ctime_ns)


def motif_files(model: Entry) -> list[str]:
    """Files of motifs that a model names, as written."""
    motifs = model.get("motifs") or []
    return [motifs] if isinstance(motifs, str) else motifs


def own_files(model: Entry) -> list[str]:
    """Files of the user's own code that a model names, as written."""
    named = model.get("architecture") or model.get("baseline")
    return [named["file"]] if isinstance(named, dict) else []


def input_mistakes(
    dataset: Entry, sources: list[Entry], *, looks_for_files: bool
) -> Iterator[Mistake]:
    """Input files of a dataset that are not there, or that Snakemake cannot take.

    Files below results/ are made by the workflow.
    """
    for keys, path in input_files(dataset):
        is_made = not looks_for_files or path.startswith("results/")
        if problem := name_problem(path):
            yield Mistake(keys, problem)
        elif not is_made and not Path(path).is_file():
            yield Mistake(keys, f"no such file: {path}; {where_to_get(path, sources)}")


def name_problem(path: str) -> str | None:
    """Why Snakemake cannot take a file of this name."""
    if set("{}") & set(path):
        return f"{path!r} has braces in its name; rename the file"
    if CONTROLS.search(path):
        return f"{path!r} has a character that nobody sees; rename the file"
    return None


def motif_mistakes(model: Entry, sources: list[Entry]) -> Iterator[Mistake]:
    """Files of motifs that a model names and that are neither there nor made by the workflow."""
    for path in map(expanded, motif_files(model)):
        if not (path.startswith("results/") or Path(path).is_file()):
            yield Mistake(("motifs",), f"no such file: {path}; {where_to_get(path, sources)}")


def where_to_get(path: str, sources: list[Entry]) -> str:
    """Return what `sources` says about a file that is missing."""
    for entry in sources:
        if expanded(entry["file"]) == path:
            return (
                f"get it from {entry['from']} (licence: {entry['licence']}), "
                "or set BASEWISE_DATA to the folder that holds it"
            )
    return "correct the path, or put the file there"


@cache
def _digest(path: str, size: int, changed: int) -> str:
    """Digest of a file's content, read once a process while nobody writes to the file."""
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _has_inner_files(keys: Keys, value: Any) -> bool:
    """Whether a key's files stand one level below: those of `labels` with columns."""
    return keys == ("labels",) and not isinstance(value, str)


def _files_in(keys: Keys, value: Any) -> list[tuple[Keys, str]]:
    """(keys, path) of a path, a list of paths, or of names with such values."""
    if isinstance(value, dict):
        return [pair for name, inner in value.items() for pair in _files_in((*keys, name), inner)]
    return [(keys, path) for path in ([value] if isinstance(value, str) else value)]
