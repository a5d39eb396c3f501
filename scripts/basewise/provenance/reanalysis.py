"""Build a results folder again from its own record, and compare every checksum.

``python -m basewise.provenance.reanalysis RESULTS`` (`make reanalyse`) runs the workflow of this
checkout.
"""

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from string import Template
from typing import NamedTuple

import pandas as pd

from basewise.core.errors import InputError
from basewise.core.files import sha256_of
from basewise.provenance.checkout import CHECKOUT
from basewise.provenance.record import MADE
from basewise.store.tables import INPUT_COLUMNS, OUTPUT_COLUMNS, SOFTWARE_COLUMNS, read_table

CONFIG, INPUTS, OUTPUTS, SOFTWARE = "config.yaml", "inputs.tsv", "outputs.tsv", "software.tsv"

COLUMNS = {
    INPUTS: INPUT_COLUMNS,
    OUTPUTS: OUTPUT_COLUMNS,
    SOFTWARE: SOFTWARE_COLUMNS,
}

MARK = ".reanalysis"
"""Stands in a folder that a reanalysis works in, and says of what."""


class Record(NamedTuple):
    """What a results folder says of itself: its configuration, and tables as in `COLUMNS`."""

    config: Path
    inputs: pd.DataFrame
    outputs: pd.DataFrame
    software: pd.DataFrame


class Comparison(NamedTuple):
    """How many checksums agree, and the names of those that do not."""

    same: int
    differing: list[str]
    missing: list[str]
    new: list[str]


def read_record(results: str | Path) -> Record:
    """Read the record of a results folder; raise InputError where it is not whole."""
    place = Path(results) / "provenance"
    for name in (CONFIG, *COLUMNS):
        if not (place / name).is_file():
            remedy = "run the workflow there to its end, or name another folder"
            raise InputError(f"no record of a finished run; {remedy}", place / name)
    return Record(
        Path(os.path.abspath(place / CONFIG)),
        *(read_table(place / name, columns) for name, columns in COLUMNS.items()),
    )


def input_mistakes(inputs: pd.DataFrame, base: str | Path) -> Iterator[str]:
    """One line for each input that is missing, or not the one of the record (file and sha256).

    Names of files may hold environment variables; `base` is where relative ones start from.
    """
    for file, sha256 in _named(inputs):
        path = Path(base, _expanded(file))
        if not path.is_file():
            remedy = f"put it at {path}"
            if "BASEWISE_DATA" in file:
                remedy += ", or set BASEWISE_DATA to the folder that holds it"
            yield f"{file}: no such file, sha256 {sha256} on record; {remedy}"
        elif (found := sha256_of(path)) != sha256:
            remedy = "fetch the file of the record again"
            yield f"{file}: sha256 is {found}, {sha256} on record; {remedy}"


def lay_out(folder: str | Path, inputs: pd.DataFrame, base: str | Path) -> Path:
    """Make a working folder, with links so that relative paths of inputs lead to their files.

    What is there already stays. The folder of results is never a link: the workflow writes there.
    The working folder is `folder`, or one as far inside it as paths lead above `base`.
    """
    names = [os.path.normpath(_expanded(file)) for file, _ in _named(inputs)]
    relative = [Path(name) for name in names if not os.path.isabs(name)]
    above = max((path.parts.count("..") for path in relative), default=0)
    heads = {
        path if path.parts[0] == "results" else Path(*path.parts[: path.parts.count("..") + 1])
        for path in relative
    }
    inner = "inner"
    while inner in {head.name for head in heads}:
        inner += "_"
    work = Path(folder, *[inner] * above)
    work.mkdir(parents=True, exist_ok=True)
    for head in heads:
        link = Path(os.path.normpath(work / head))
        link.parent.mkdir(parents=True, exist_ok=True)
        if not os.path.lexists(link):
            link.symlink_to(Path(base, head).resolve())
    return work


def compare(recorded: pd.DataFrame, found: pd.DataFrame) -> Comparison:
    """Compare two tables of outputs, see `checksums.output_table`."""
    both = recorded.merge(found, how="outer", on=["file", "of"], suffixes=("", "_found"))
    missing, new = both["sha256_found"].isna(), both["sha256"].isna()
    same = both["sha256"] == both["sha256_found"]
    kinds = (~same & ~missing & ~new, missing, new)
    return Comparison(int(same.sum()), *(both.loc[kind, "file"].tolist() for kind in kinds))


def main(words: Sequence[str] | None = None) -> int:
    """Reanalyse the results folder that the command line names; return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m basewise.reanalysis", description=__doc__)
    parser.add_argument("--into", type=Path, help="folder to work in; RESULTS-again without it")
    parser.add_argument("results", type=Path, help="the folder of finished results")
    parser.add_argument("snakemake", nargs=argparse.REMAINDER, help="its arguments")
    asked = parser.parse_args(words)
    try:
        return _reanalyse(Path(os.path.abspath(asked.results)), asked.into, asked.snakemake)
    except InputError as mistake:
        print(f"Error: {mistake}", file=sys.stderr)
        return 1


def _reanalyse(results: Path, into: Path | None, arguments: Sequence[str]) -> int:
    record = read_record(results)
    base = _start_of_paths(results, record.inputs)
    mark = f"{base} {sha256_of(record.config)} {sha256_of(record.config.with_name(INPUTS))}\n"
    folder = Path(os.path.abspath(into or f"{results}-again"))
    _check_folder(folder, results, mark)
    mistakes = list(input_mistakes(record.inputs, base))
    for mistake in mistakes:
        print(f"Error: {mistake}", file=sys.stderr)
    if mistakes:
        return 1
    print(f"Inputs: {record.inputs['file'].nunique()} files as on record", flush=True)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / MARK).write_text(mark, encoding="utf-8")
        work = lay_out(folder, record.inputs, base)
    except OSError as problem:
        remedy = "name another folder with INTO"
        raise InputError(f"cannot be worked in: {problem.strerror}; {remedy}", folder) from problem
    if _run(work, record.config, arguments):
        remedy = "the same command goes on from there"
        raise InputError(f"the workflow failed or was stopped, see above; {remedy}", work)
    return _tell(record, read_record(work / "results"), folder, kept=into is not None)


def _start_of_paths(results: Path, inputs: pd.DataFrame) -> Path:
    """The folder beside the results, or one above it where a module's prefix has moved them."""
    files = [_expanded(file) for file, _ in _named(inputs)]
    relative = [file for file in files if not os.path.isabs(file)]
    whole = (at for at in results.parents if all((at / file).is_file() for file in relative))
    return next(whole, results.parent)


def _check_folder(folder: Path, results: Path, mark: str) -> None:
    """Raise InputError unless a folder is new, or one that the same reanalysis has begun."""
    place, kept = folder.resolve(), results.resolve()
    if place == kept or kept in place.parents:
        raise InputError(f"lies inside {results}; name another folder with INTO", folder)
    begun = folder / MARK
    if folder.exists() and not (begun.is_file() and begun.read_text(encoding="utf-8") == mark):
        remedy = "remove it, or name another with INTO"
        raise InputError(f"exists already and is something else; {remedy}", folder)


def _run(work: Path, config: Path, arguments: Sequence[str]) -> int:
    """Run the workflow of this checkout in a folder; profiles are named from the checkout."""
    # Targets may come first among the arguments, and --configfile takes all that follow it.
    command = [
        *(sys.executable, "-m", "snakemake", "--configfile", str(config)),
        *("--snakefile", str(CHECKOUT / "Snakefile"), "--directory", str(work), *arguments),
    ]
    process = subprocess.Popen(command, cwd=CHECKOUT, env=_environment())  # noqa: S603 user's words
    while process.returncode is None:
        # Snakemake has had the Ctrl-C too, and ends its jobs first.
        with contextlib.suppress(KeyboardInterrupt):
            process.wait()
    return process.returncode


def _tell(record: Record, again: Record, folder: Path, *, kept: bool) -> int:
    """Print what differs; keep the new folder if anything does."""
    versions = record.software.merge(again.software, how="outer", on="package", suffixes=("", "_"))
    for package, before, now in versions.fillna("none").itertuples(index=False):
        if before != now:
            print(f"Software: {package} {before} on record, {now} now")
    same, *others = compared = compare(record.outputs, again.outputs)
    for kind, files in zip(("differs", "missing", "new"), others, strict=True):
        print("".join(f"{kind}: {file}\n" for file in files), end="")
    counts = (same, *map(len, others))
    print("Checksums: {} the same, {} differ, {} missing, {} new".format(*counts))
    if any(others) or kept:
        print(f"Kept: {folder}")
    else:
        shutil.rmtree(folder)
    return int(any(compared[1:]))


def _named(inputs: pd.DataFrame) -> list[tuple[str, str]]:
    """File and sha256 of each input that the workflow does not make itself."""
    pairs = inputs[["file", "sha256"]].drop_duplicates().itertuples(index=False, name=None)
    return [(file, sha256) for file, sha256 in pairs if not file.startswith(MADE)]


def _expanded(file: str) -> str:
    return os.path.expanduser(Template(file).safe_substitute(_environment()))


def _environment() -> dict[str, str]:
    """That of the workflow: what computes is on record."""
    mine = {name: value for name, value in os.environ.items() if name != "KERAS_BACKEND"}
    return {"BASEWISE_DATA": "resources", **mine}


if __name__ == "__main__":
    sys.exit(main())
