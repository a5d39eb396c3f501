"""The record of a run as a Workflow Run RO-Crate, which repositories and other tools can read.

RO-Crate 1.1 with the profiles Workflow Run Crate 0.5 and Process Run Crate 0.5 (Leo et al., PLOS
ONE 19:e0309210, 2024), and Workflow RO-Crate 1.0. The crate is the folder ``provenance``. Files
that lie outside it are entities ``#input/<path>`` and ``#results/<path>`` with their checksums.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from rocrate.model import ComputationalWorkflow, ContextEntity
from rocrate.rocrate import ROCrate

from basewise.core.files import replacing, sha256_of
from basewise.provenance.record import MADE
from basewise.store.receipts import checked_sha256
from basewise.store.tables import (
    COMMAND_COLUMNS,
    INPUT_COLUMNS,
    OUTPUT_COLUMNS,
    SOFTWARE_COLUMNS,
    read_table,
)

METADATA = "ro-crate-metadata.json"

PROFILES = {
    "https://w3id.org/ro/wfrun/process/0.5": "Process Run Crate",
    "https://w3id.org/ro/wfrun/workflow/0.5": "Workflow Run Crate",
    "https://w3id.org/workflowhub/workflow-ro-crate/1.0": "Workflow RO-Crate",
}

WORKFLOW_PROFILE = "https://bioschemas.org/profiles/ComputationalWorkflow/1.0-RELEASE"

SHA256 = "https://w3id.org/ro/terms/workflow-run#sha256"
"""The context of RO-Crate 1.1 has no word for it; the profile does."""

FORMATS = {
    ".json": "application/json",
    ".md": "text/markdown",
    ".parquet": "application/vnd.apache.parquet",
    ".tsv": "text/tab-separated-values",
    ".yaml": "application/yaml",
    ".zip": "application/zip",
}

CONTENTS = {
    "config.yaml": "The configuration as it was asked for; the workflow runs from it again",
    "inputs.tsv": "Input files of each dataset, with bytes and sha256",
    "outputs.tsv": "Files that every run of this configuration makes byte for byte, with sha256",
    "software.tsv": "Versions of the software, the machine, and the state of the code",
    "times.tsv": "Jobs, time and memory of each rule",
    "commands.tsv": "Commands that were given, with their time and version of Snakemake",
    "methods.md": "The methods as text, with references",
    "source.zip": "The whole code of the workflow, to install and run",
}

NOT_SOFTWARE = ("platform", "git commit", "git branch", "git state")


def write_crate(folder: str | Path, ended: float) -> None:
    """Write `METADATA` of the record of a run, the folder of the Snakefile and of `CONTENTS`.

    `ended` is when the last result was written, in seconds since 1970.
    """
    crate = _described(Path(folder), datetime.fromtimestamp(int(ended), UTC).isoformat())
    text = json.dumps(crate.metadata.generate(), indent=1, sort_keys=True, ensure_ascii=False)
    with replacing(Path(folder) / METADATA) as unfinished:
        unfinished.write_text(text + "\n", encoding="utf-8")


def _described(folder: Path, ended: str) -> ROCrate:
    crate = ROCrate(version="1.1")
    crate.metadata.extra_terms["sha256"] = SHA256
    crate.name = "A run of basewise"
    crate.description = (
        "How the results in the folder above this one were made: configuration, checksums of "
        "inputs and outputs, software, commands and times, and the code of the workflow."
    )
    crate.license = "Not stated; ask whom you have the results from"
    crate.datePublished = ended
    for identifier, name in PROFILES.items():
        profile = {"@type": "CreativeWork", "name": name, "version": identifier.rsplit("/")[-1]}
        crate.root_dataset.append_to("conformsTo", _add(crate, identifier, profile))

    software = dict(read_table(folder / "software.tsv", SOFTWARE_COLUMNS).itertuples(index=False))
    files = {name: _own_file(crate, folder / name) for name in CONTENTS if (folder / name).exists()}
    workflow = _workflow(crate, folder / "Snakefile", software)
    _action(crate, folder, ended, workflow, files)
    return crate


def _workflow(crate: ROCrate, path: Path, software: Mapping[str, str]) -> ComputationalWorkflow:
    """The main workflow, and the software that it needs."""
    commit = {"identifier": software["git commit"]} if "git commit" in software else {}
    properties = {
        "name": "basewise",
        "description": "A Snakemake workflow for deep learning on DNA and genotypes",
        "version": software["basewise"],
        "license": "https://spdx.org/licenses/MIT",
        "encodingFormat": "text/plain",
        "conformsTo": {"@id": WORKFLOW_PROFILE},
        "sha256": sha256_of(path),
        **commit,
    }
    workflow = crate.add_workflow(
        path, path.name, main=True, lang="snakemake", properties=properties
    )
    workflow["softwareRequirements"] = [
        _add(crate, f"#software/{quote(name)}", _program(name, version))
        for name, version in software.items()
        if name not in (*NOT_SOFTWARE, "basewise")
    ]
    return workflow


def _action(
    crate: ROCrate,
    folder: Path,
    ended: str,
    workflow: ComputationalWorkflow,
    files: Mapping[str, ContextEntity],
) -> None:
    """What was done: the workflow made the outputs from the inputs."""
    inputs = read_table(folder / "inputs.tsv", INPUT_COLUMNS).drop_duplicates("file")
    inputs = inputs[~inputs["file"].str.startswith(MADE)]
    outputs = read_table(folder / "outputs.tsv", OUTPUT_COLUMNS)
    properties = {
        "@type": "CreateAction",
        "name": "Run of basewise",
        **_command(folder / "commands.tsv"),
        "endTime": ended,
        "actionStatus": "http://schema.org/CompletedActionStatus",
    }
    action = _add(crate, "#run", properties)
    action["instrument"] = workflow
    action["object"] = [files["config.yaml"], *_others(crate, "input", inputs.to_dict("records"))]
    action["result"] = [
        files["outputs.tsv"],
        *_others(crate, "results", outputs.to_dict("records")),
    ]
    crate.root_dataset["mentions"] = action


def _command(path: Path) -> dict[str, str]:
    """The last command, and when the first was given; a module of another workflow has none."""
    if not path.exists():
        return {"description": "Run as a module of another workflow"}
    commands = read_table(path, COMMAND_COLUMNS, has_receipt=False)
    command, started = commands["command"].iloc[-1], commands["time"].iloc[0]
    return {"description": f"Command: {command}", "startTime": started}


def _others(crate: ROCrate, kind: str, rows: Iterable[Mapping[str, Any]]) -> list[ContextEntity]:
    """Entities of files that lie outside the crate, and of weights inside such files."""
    return [
        _add(crate, f"#{kind}/{quote(row['file'])}/weights", _weights(row))
        if row.get("of") == "weights"
        else _add(crate, f"#{kind}/{quote(row['file'])}", _other_file(row))
        for row in rows
    ]


def _other_file(row: Mapping[str, Any]) -> dict[str, str]:
    return {
        "@type": "File",
        "name": row["file"],
        "encodingFormat": _format(row["file"]),
        "sha256": row["sha256"],
        **({"contentSize": str(row["bytes"])} if "bytes" in row else {}),
    }


def _weights(row: Mapping[str, Any]) -> dict[str, str]:
    """A saved network holds a date, so the checksum is not one of its file."""
    name = f"sha256 of the weights in {row['file']}"
    return {"@type": "PropertyValue", "name": name, "value": row["sha256"]}


def _program(name: str, version: str) -> dict[str, str]:
    return {"@type": "SoftwareApplication", "name": name, "version": version}


def _own_file(crate: ROCrate, path: Path) -> ContextEntity:
    """A file of the crate; commands are added to it later, so theirs has no checksum."""
    digest = {} if path.name == "commands.tsv" else {"sha256": checked_sha256(path)}
    about = {"name": path.name, "description": CONTENTS[path.name]}
    properties = {**about, "encodingFormat": _format(path.name), **digest}
    return crate.add_file(path, path.name, properties=properties)


def _add(crate: ROCrate, identifier: str, properties: Mapping[str, Any]) -> ContextEntity:
    return crate.add(ContextEntity(crate, identifier, properties=dict(properties)))


def _format(name: str) -> str:
    return FORMATS.get(Path(name).suffix, "application/octet-stream")
