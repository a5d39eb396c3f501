"""The record of a run as someone else may have sent it: data, of which nothing is believed.

Whoever builds results anew runs the workflow of their own checkout with a configuration, and on
files, that a stranger has named. So the record is read by loaders that run nothing, held against
its own checksums, and a file counts only where the configuration names it, and where it lies in
the archive or in a folder that the user has given. SECURITY.md says what this protects from.
"""

import json
import os
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath
from string import Template
from typing import Any, NamedTuple

import pandas as pd

from basewise.config.catalog import read_catalog
from basewise.config.reading import read_study
from basewise.config.records import named_sources
from basewise.config.study import Study
from basewise.config.yaml_files import read_file
from basewise.core.errors import InputError
from basewise.core.files import sha256_of
from basewise.provenance.checkout import CHECKOUT
from basewise.provenance.crate import METADATA
from basewise.provenance.record import MADE
from basewise.store.tables import INPUT_COLUMNS, OUTPUT_COLUMNS, SOFTWARE_COLUMNS, read_table

CONFIG, INPUTS, OUTPUTS, SOFTWARE = "config.yaml", "inputs.tsv", "outputs.tsv", "software.tsv"

COLUMNS = {INPUTS: INPUT_COLUMNS, OUTPUTS: OUTPUT_COLUMNS, SOFTWARE: SOFTWARE_COLUMNS}

MOST_BYTES = 100_000_000
"""Bytes of a file of a record; 300,000 outputs fill a third of it."""

RESERVED = ("results", "profiles")
"""Folders of a working folder that Snakemake and the workflow look into by themselves."""


class Record(NamedTuple):
    """What a results folder says of itself, checked."""

    config: dict[str, Any]
    study: Study
    """What the configuration asks for."""
    inputs: pd.DataFrame
    outputs: pd.DataFrame
    software: pd.DataFrame


class Source(NamedTuple):
    """A file that a run is made from."""

    written: str
    """The path as the configuration has it."""
    path: Path
    """Where it lies here, without links."""
    bytes: int


def read_record(results: str | Path) -> Record:
    """Read the record of a results folder.

    Raises
    ------
    InputError
        Where the record is not whole, is not what its own checksums say, holds a link or more
        bytes than a record has, or a configuration that this workflow would not run; and where
        its list of inputs is not that of its configuration.
    """
    folder = Path(results) / "provenance"
    for name in (CONFIG, *COLUMNS, METADATA):
        _check_kind(folder / name)
    _check_sums(folder, [CONFIG, *COLUMNS])

    config = _configuration(folder / CONFIG)
    study = _study(config, folder / CONFIG)
    tables = [
        read_table(folder / name, columns, has_receipt=False) for name, columns in COLUMNS.items()
    ]
    _check_inputs(study, tables[0], folder)
    return Record(config, study, *tables)


def _check_kind(path: Path) -> None:
    """Raise InputError unless a file of a record is an ordinary one, and of no odd size."""
    if not path.is_file():
        remedy = "run the workflow there to its end, or name another folder"
        raise InputError(f"no record of a finished run; {remedy}", path)
    if path.is_symlink() or path.parent.is_symlink():
        raise InputError("is a link, which no record has; ask for the folder again", path)
    if path.stat().st_size > MOST_BYTES:
        raise InputError(f"has more than {MOST_BYTES:,} bytes, which no record has", path)


def _check_sums(folder: Path, names: Sequence[str]) -> None:
    """Raise InputError for a file that is not the one which the crate lists."""
    try:
        graph = json.loads((folder / METADATA).read_text(encoding="utf-8"))["@graph"]
        listed = {entity["@id"]: entity.get("sha256") for entity in graph}
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise InputError("is no RO-Crate; ask for the folder again", folder / METADATA) from error

    for name in names:
        sha256 = sha256_of(folder / name)
        if sha256 != listed.get(name):
            raise InputError(
                f"sha256 is {sha256}, {METADATA} has {listed.get(name)}: it was changed after the "
                "run; ask for the folder again",
                folder / name,
            )


def _configuration(path: Path) -> dict[str, Any]:
    """The configuration of a record; Snakemake, which takes templates for code, never reads it."""
    file = read_file(path)
    if file.mistakes:
        raise InputError(file.mistakes[0])
    config: dict[str, Any] = file.content
    return config


def _study(config: Mapping[str, Any], path: Path) -> Study:
    """What a configuration asks for; every key of it is one of the schema's."""
    reading = read_study(dict(config), read_catalog(CHECKOUT), files=[path], looks_for_files=False)
    if reading.mistakes:
        more = len(reading.mistakes) - 1
        also = f" (and {more} more)" if more else ""
        raise InputError(f"{reading.mistakes[0]}{also}; this checkout cannot run it")
    return reading.study


def _check_inputs(study: Study, inputs: pd.DataFrame, folder: Path) -> None:
    """Raise InputError unless the inputs on record are those that the configuration names."""
    named = {path for _, path, _ in named_sources(study)}
    listed = set(inputs["file"])
    for kind, files in (("does not list", named - listed), ("lists", listed - named)):
        if files:
            other = "names" if kind == "does not list" else "does not name"
            raise InputError(
                f"{kind} {sorted(files)[0]!r}, which {CONFIG} {other}; ask for the folder again",
                folder / INPUTS,
            )


def sources(inputs: pd.DataFrame, folders: Sequence[Path]) -> tuple[list[Source], list[str]]:
    """Find the files that a run on record was made from.

    Parameters
    ----------
    inputs
        file (may hold environment variables), bytes and sha256 of each.
    folders
        Where files may lie; relative paths start from them. The first that has a file counts.

    Returns
    -------
    (sources, mistakes)
        Each file once, without those that the workflow makes itself; and a line for each file that
        is missing, must not be read, or is not the one on record.
    """
    listed, mistakes = [], []
    for file, size, sha256 in named_inputs(inputs):
        try:
            path = _located(file, folders, sha256)
            _check_same(path, size, sha256)
            listed.append(Source(file, path, size))
        except InputError as mistake:
            mistakes.append(str(mistake))
    return listed, mistakes


def named_inputs(inputs: pd.DataFrame) -> list[tuple[str, int, str]]:
    """File, bytes and sha256 of each input that the workflow does not make itself."""
    rows = inputs[["file", "bytes", "sha256"]].drop_duplicates("file")
    return [
        (str(file), int(size), str(sha256))
        for file, size, sha256 in rows.itertuples(index=False, name=None)
        if not str(file).startswith(MADE)
    ]


def _located(file: str, folders: Sequence[Path], sha256: str) -> Path:
    """Where a file lies, without links; raise InputError where it must not be read."""
    written = expanded(file)
    parts = PurePath(os.path.normpath(written)).parts
    if any(part.startswith(".") and part != ".." for part in parts) or parts[0] in RESERVED:
        remedy = "move the file in the run that is on record"
        raise InputError(f"{file!r} is hidden, or lies where the workflow looks itself; {remedy}")

    for folder in folders:
        path = Path(os.path.realpath(folder / written))
        if _is_below(path, folders) and path.is_file():
            return path

    place = Path(os.path.normpath(folders[0] / written))
    if place.exists() and not place.is_file():
        raise InputError(f"{file!r} is no file but a folder or a device")
    if place.exists():
        remedy = f"if it may be read, give its folder: --data {place.parent} (make: DATA=...)"
        raise InputError(f"{file!r} lies outside {folders[0]}; {remedy}")
    remedy = f"put it at {place}, or give its folder with --data (make: DATA=...)"
    if "BASEWISE_DATA" in file:
        remedy += ", or set BASEWISE_DATA to the folder that holds it"
    raise InputError(f"{file!r}: no such file, sha256 {sha256} on record; {remedy}")


def _is_below(path: Path, folders: Sequence[Path]) -> bool:
    return any(path.is_relative_to(os.path.realpath(folder)) for folder in folders)


def _check_same(path: Path, size: int, sha256: str) -> None:
    """Raise InputError for a file of another size or content than on record.

    The size comes first: what is no ordinary file, such as a pipe, is never waited for.
    """
    status = path.stat()
    remedy = "fetch the file of the record again"
    if not stat.S_ISREG(status.st_mode) or status.st_size != size:
        raise InputError(f"has {status.st_size} bytes, {size} on record; {remedy}", path)
    now = sha256_of(path)
    if now != sha256:
        raise InputError(f"sha256 is {now}, {sha256} on record; {remedy}", path)


def expanded(file: str) -> str:
    """A path with the environment variables of the workflow replaced."""
    return os.path.expanduser(Template(file).safe_substitute(environment()))


def environment() -> dict[str, str]:
    """Environment of a workflow run anew: what computes stands on record, not here.

    Python does not look for modules in the folder it works in.
    """
    mine = {name: value for name, value in os.environ.items() if name != "KERAS_BACKEND"}
    return {"BASEWISE_DATA": "resources", **mine, "PYTHONSAFEPATH": "1"}
