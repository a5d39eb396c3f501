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
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from basewise.config.inputs import own_files
from basewise.core.errors import InputError, printable
from basewise.core.files import sha256_of
from basewise.core.text import counted, listed
from basewise.provenance.archive import (
    CONFIG,
    INPUTS,
    Record,
    Source,
    environment,
    expanded,
    named_inputs,
    read_record,
    sources,
)
from basewise.provenance.checkout import CHECKOUT
from basewise.provenance.record import write_config

MARK = ".reanalysis"
"""Stands in a folder that a reanalysis works in, and says of what."""

CHECKED = ".reanalysis.yaml"
"""The configuration as it was checked, from which the workflow runs."""


class Comparison(NamedTuple):
    """How many checksums agree, and the names of those that do not."""

    same: int
    differing: list[str]
    missing: list[str]
    new: list[str]


def lay_out(folder: str | Path, files: Iterable[Source]) -> Path:
    """Make a working folder, with links so that relative paths of inputs lead to their files.

    Each link leads to one file, never to a folder. What is there already stays. The working folder
    is `folder`, or one as far inside it as paths lead above.
    """
    names = {os.path.normpath(expanded(file.written)): file.path for file in files}
    relative = {Path(name): path for name, path in names.items() if not os.path.isabs(name)}
    above = max((name.parts.count("..") for name in relative), default=0)

    inner = "inner"
    while inner in {part for name in relative for part in name.parts}:
        inner += "_"

    work = Path(folder, *[inner] * above)
    work.mkdir(parents=True, exist_ok=True)

    for name, path in relative.items():
        link = Path(os.path.normpath(work / name))
        link.parent.mkdir(parents=True, exist_ok=True)
        if not os.path.lexists(link):
            link.symlink_to(path)
    return work


def compare(recorded: pd.DataFrame, rebuilt: pd.DataFrame) -> Comparison:
    """Compare two tables of outputs, see `checksums.output_table`."""
    both = recorded.merge(rebuilt, how="outer", on=["file", "of"], suffixes=("", "_found"))
    missing, new = both["sha256_found"].isna(), both["sha256"].isna()
    same = both["sha256"] == both["sha256_found"]
    kinds = (~same & ~missing & ~new, missing, new)
    return Comparison(int(same.sum()), *(both.loc[kind, "file"].tolist() for kind in kinds))


def main(words: Sequence[str] | None = None) -> int:
    """Reanalyse the results folder that the command line names; return its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m basewise.provenance.reanalysis", description=__doc__
    )
    parser.add_argument("--into", type=Path, help="folder to work in; RESULTS-again without it")
    help_data = "a folder whose files may be read, beside the one that holds RESULTS"
    parser.add_argument("--data", type=Path, action="append", default=[], help=help_data)
    parser.add_argument("--yes", action="store_true", help="do not ask before the run starts")
    help_trust = "run Python files of the record, networks of its authors' own; read them before"
    parser.add_argument("--trust-code", action="store_true", help=help_trust)
    parser.add_argument("results", type=Path, help="the folder of finished results")
    parser.add_argument("snakemake", nargs=argparse.REMAINDER, help="its arguments")
    asked = parser.parse_args(words)
    try:
        return _reanalyse(asked)
    except InputError as mistake:
        print(f"Error: {mistake}", file=sys.stderr)
        return 1


def _reanalyse(asked: argparse.Namespace) -> int:
    results = Path(os.path.abspath(asked.results))
    record = read_record(results)
    folders = [results.parent, *map(Path.absolute, asked.data), *_data_folder()]
    files, mistakes = sources(record.inputs, folders)
    for mistake in mistakes:
        print(f"Error: {mistake}", file=sys.stderr)

    if mistakes:
        return 1

    folder = Path(os.path.abspath(asked.into or f"{results}-again"))
    place = results / "provenance"
    sums = " ".join(sha256_of(place / name) for name in (CONFIG, INPUTS))
    mark = f"{results.parent} {sums}\n"
    _check_folder(folder, results, mark)
    _check_code(record, files, is_trusted=asked.trust_code)
    _ask(record, files, folder, is_sure=asked.yes)

    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / MARK).write_text(mark, encoding="utf-8")
        write_config(record.config, folder / CHECKED)
        work = lay_out(folder, files)
    except OSError as problem:
        remedy = "name another folder with INTO"
        raise InputError(f"cannot be worked in: {problem.strerror}; {remedy}", folder) from problem
    if _run(work, folder / CHECKED, asked.snakemake):
        remedy = "the same command goes on from there"
        raise InputError(f"the workflow failed or was stopped, see above; {remedy}", work)
    return _tell(record, read_record(work / "results"), folder, kept=asked.into is not None)


def _data_folder() -> list[Path]:
    """The folder that the user has set for data, if any."""
    data = os.environ.get("BASEWISE_DATA")
    return [Path(data).absolute()] if data else []


def _check_code(record: Record, files: Sequence[Source], *, is_trusted: bool) -> None:
    """Raise InputError for Python files of others, unless the user has said that they may run.

    A yes to the run is none to these: they are not the code of the checkout.
    """
    entries = record.study.models.entries.values()
    code = {written for entry in entries for written in own_files(entry)}
    paths = [str(file.path) for file in files if file.written in code]
    if paths and not is_trusted:
        remedy = "read it, and if it may run here, add --trust-code (make: TRUST_CODE=1)"
        raise InputError(f"the record has code of its authors' own: {listed(paths)}; {remedy}")


def _ask(record: Record, files: Sequence[Source], folder: Path, *, is_sure: bool) -> None:
    """Say what will be read and run, and wait for a yes."""
    study = record.study
    runs = len(study.all_runs("run.json"))
    print(f"Inputs: {counted(len(named_inputs(record.inputs)), 'file')} as on record")
    for file in files:
        print(f"  {printable(file.written)}: {file.bytes:,} bytes, {printable(str(file.path))}")
    print(f"Datasets: {listed(study.datasets.names)}; models: {listed(study.models.entries)}")
    print(f"Runs the workflow of {CHECKOUT} in {folder}: {counted(runs, 'training')}", flush=True)
    if is_sure:
        return

    if not sys.stdin.isatty():
        raise InputError("nobody is there to say yes; add --yes (make: YES=1)")
    if input("Go on? [y/N] ").strip().lower() not in ("y", "yes"):
        raise InputError("not started; nothing was written")


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
    files = ["--configfile", str(config), "--snakefile", str(CHECKOUT / "Snakefile")]
    command = [sys.executable, "-m", "snakemake", *files, "--directory", str(work), *arguments]
    process = subprocess.Popen(command, cwd=CHECKOUT, env=environment())  # noqa: S603 user's words
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
            print(printable(f"Software: {package} {before} on record, {now} now"))
    same, *others = compared = compare(record.outputs, again.outputs)
    for kind, files in zip(("differs", "missing", "new"), others, strict=True):
        print("".join(f"{kind}: {printable(file)}\n" for file in files), end="")
    counts = (same, *map(len, others))
    print("Checksums: {} the same, {} differ, {} missing, {} new".format(*counts))
    if any(others) or kept:
        print(f"Kept: {folder}")
    else:
        shutil.rmtree(folder)

    return int(any(compared[1:]))


if __name__ == "__main__":
    sys.exit(main())
