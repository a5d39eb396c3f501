"""Which files a step reads, beside those that its rule declares.

A step of `support.Workflow.run` runs in a process of `forked_python`, which calls `run_script`. An
audit hook tells of every file that Python opens.
"""

import json
import os
import runpy
import sys
from pathlib import Path

RECORD = "BASEWISE_TEST_OPENED"
"""Variable with the file that holds a line of JSON a step."""

SNAKEMAKES_OWN = ("results/benchmarks", "results/provenance/commands.tsv")
"""What Snakemake writes of each job, and of each command.

They are no inputs: whoever deletes them would have to train everything again.
"""


def run_script(path: str, record: str) -> None:
    """Run the script of a step, and write down what it read, what its rule says, and the script.

    Snakemake has put the step's files and settings into the script, so that it runs again alone.
    """
    read: set[str] = set()
    script = Path(path).read_text()

    def hook(event, arguments):
        if event == "open" and isinstance(arguments[0], (str, bytes, os.PathLike)):
            place, mode, flags = arguments
            if not set(mode or "") & set("wax+") and not (flags or 0) & (os.O_WRONLY | os.O_RDWR):
                read.add(os.path.abspath(os.fsdecode(place)))

    sys.addaudithook(hook)
    _let_arrow_tell()
    job = runpy.run_path(path, run_name="__main__")["snakemake"]
    inputs = {
        name: [value] if isinstance(value, str) else list(value)
        for name, value in job.input.items()
    }
    files = {"inputs": inputs, "outputs": list(job.output), "read": sorted(read)}
    line = {"rule": job.rule, **files, "script": script}
    with open(record, "a") as stream:
        stream.write(json.dumps(line) + "\n")


def _let_arrow_tell() -> None:
    """Have Arrow, which opens files out of Python's sight, tell of those that it reads."""
    import pandas as pd
    from pyarrow import csv, parquet

    def telling(function):
        def told(place, *options, **settings):
            sys.audit("open", place, "r", 0)
            return function(place, *options, **settings)

        return told

    for module, name in ((csv, "read_csv"), (pd, "read_parquet"), (parquet, "ParquetFile")):
        setattr(module, name, telling(getattr(module, name)))


WAITED_FOR = {
    # no network is trained on a split before what leaks is known
    "audit",
    # the times of all that is measured are there
    "metrics of record_run",
    # where examples are grouped, so are the resamples
    "splits of compare_models",
    # where three datasets or more have two models in common
    "all_datasets of write_report: results/comparison/ranks.svg",
}
"""Inputs that a step need not read."""


def check_reads(folder: Path) -> set[str]:
    """Every step read what its rule declares, and nothing else; the rules that ran."""
    steps = steps_of(folder)
    for step in steps:
        rule = step["rule"]
        assert undeclared(step) == set(), rule
        for name, path in unread(step):
            told = {name, f"{name} of {rule}", f"{name} of {rule}: {path}"}
            assert told & WAITED_FOR, f"{rule} does not read {path}"
    return {step["rule"] for step in steps}


def steps_of(folder: Path) -> list[dict]:
    """What every step of a working copy's runs declares, and which of the copy's files it read."""
    steps = [json.loads(line) for line in (folder / "opened.jsonl").read_text().splitlines()]
    for step in steps:
        inside = [Path(path).relative_to(folder) for path in step["read"] if _is_in(path, folder)]
        step["read"] = {
            str(path)
            for path in inside
            if path.parts[0] in ("results", "input") and not _own(path, step)
        }
    return steps


def undeclared(step: dict) -> set[str]:
    """Files that a step read although its rule does not declare them."""
    declared = [path for paths in step["inputs"].values() for path in paths]
    known = [*declared, *SNAKEMAKES_OWN]
    return {path for path in step["read"] if not any(_is_in(path, place) for place in known)}


def unread(step: dict) -> set[tuple[str, str]]:
    """Inputs that a step did not read: name in the rule, and path; of a folder no file."""
    return {
        (name, path)
        for name, paths in step["inputs"].items()
        for path in paths
        if not any(_is_in(read, path) for read in step["read"])
    }


def _is_in(path: str, place: str | Path) -> bool:
    return Path(path).is_relative_to(place)


def _own(path: Path, step: dict) -> bool:
    """Whether a file is one that the step itself writes: an output, or hidden beside it."""
    hidden = any(part.startswith(".") for part in path.parts)
    return hidden or any(_is_in(str(path), output) for output in step["outputs"])
