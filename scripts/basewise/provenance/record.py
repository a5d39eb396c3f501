"""What a run was made from: its input files and configuration, the software, and its time."""

import json
import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from basewise.core.errors import InputError
from basewise.core.files import sha256_of
from basewise.provenance.checkout import CHECKOUT, git_state
from basewise.store.receipts import writing
from basewise.store.run_records import read_run, versions

MADE = "results/demo/"
"""Inputs that the workflow makes itself."""

BENCHMARKED = {"s": "wall_seconds", "cpu_time": "cpu_seconds", "max_rss": "max_rss_mb"}
"""Keys of Snakemake's benchmark records to columns of `times_table`."""


def input_table(files: Iterable[tuple[str, str, str]]) -> pd.DataFrame:
    """Size and checksum of the files that datasets are made from; each is read once.

    Of each file: its dataset, its path as the configuration has it, and where it lies; paths may
    hold environment variables and ``~``. Columns: dataset, file (the path as in the configuration),
    bytes, sha256.
    """
    known: dict[str, tuple[int, str]] = {}
    rows = []
    for dataset, written, place in files:
        path = os.path.realpath(os.path.expanduser(os.path.expandvars(place)))
        if path not in known:
            known[path] = os.path.getsize(path), sha256_of(path)
        rows.append((dataset, written, *known[path]))
    return pd.DataFrame(rows, columns=["dataset", "file", "bytes", "sha256"])


def software_table(
    packages: Sequence[str],
    records: Sequence[str | Path],
    *,
    snakemake: str,
    checkout: str | Path = CHECKOUT,
) -> pd.DataFrame:
    """Versions of the software of a run, the machine it ended on, and the state of the code.

    Columns: package, version; several versions of one package are separated by commas.

    Parameters
    ----------
    packages
        Whose versions to list, those that are installed here.
    records
        The `run.json` files. What they name beats what is installed here: a training may have run
        in another environment.
    snakemake
        The version that runs the workflow; the environment of a step may have none.
    """
    of_runs: dict[str, set[str]] = {}
    for record in records:
        for name, used in read_run(record).versions.items():
            of_runs.setdefault(name, set()).add(used)

    installed = versions([name for name in packages if _is_installed(name)])
    named = {"python": platform.python_version(), "snakemake": snakemake, **installed}
    named |= {name: ", ".join(sorted(used)) for name, used in of_runs.items()}
    first = {name: named.pop(name) for name in ("basewise", "python", "snakemake")}
    rows = [*first.items(), *sorted(named.items()), ("platform", platform.platform())]

    return pd.DataFrame([*rows, *git_state(checkout).items()], columns=["package", "version"])


def times_table(folder: str | Path) -> pd.DataFrame:
    """Sum up Snakemake's benchmark files, rule by rule.

    `folder` holds ``<rule>.jsonl``, or ``<rule>/`` with such files at any depth. Columns: rule,
    jobs, wall_seconds, cpu_seconds (sums), max_rss_mb (the highest, in units of 2**20 bytes); empty
    where a job was too short to be looked at.
    """
    rows = [
        {"rule": rule.stem, **numbers}
        for rule in sorted(Path(folder).glob("*"))
        for file in ([rule] if rule.is_file() else sorted(rule.rglob("*.jsonl")))
        for numbers in _benchmarks(file)
    ]
    table = pd.DataFrame(rows, columns=["rule", *BENCHMARKED.values()])
    rules = table.groupby("rule")
    summed = rules[["wall_seconds", "cpu_seconds"]].sum(min_count=1)
    summed.insert(0, "jobs", rules.size())

    return summed.join(rules["max_rss_mb"].max()).round(1).reset_index()


def write_config(config: Mapping[str, Any], path: str | Path) -> None:
    """Write a configuration as YAML, whole or not at all."""
    with writing(path) as unfinished:
        text = yaml.safe_dump(config, sort_keys=False, allow_unicode=True)
        unfinished.write_text(text, encoding="utf-8")


def _benchmarks(path: Path) -> list[dict[str, float]]:
    """The numbers of each line of a benchmark file, which Snakemake writes for a job."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        return [_numbers(json.loads(line)) for line in lines]
    except (OSError, ValueError, TypeError, AttributeError) as error:
        problem = f"is damaged, the time of a job is lost; `rm {path}` and run the workflow again"
        raise InputError(problem, path) from error


def _numbers(record: Mapping[str, Any]) -> dict[str, float]:
    """The numbers of a benchmark record; what was not measured is NA or null in it."""
    values = {column: record.get(key) for key, column in BENCHMARKED.items()}
    return {column: float("nan" if x in (None, "NA") else x) for column, x in values.items()}


def _is_installed(package: str) -> bool:
    try:
        version(package)
    except PackageNotFoundError:
        return False
    return True
