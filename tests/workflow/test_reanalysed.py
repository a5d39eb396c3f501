"""The record of a finished run, and a run made again from it."""

import hashlib
import json
import zipfile

import pandas as pd
import pytest
import yaml
from crates import broken_rules
from support import Workflow, small_config

from basewise.provenance.reanalysis import main


def test_the_recorded_configuration_is_the_one_that_ran(finished):
    recorded = yaml.safe_load((finished.folder / "results/provenance/config.yaml").read_text())
    assert recorded == small_config()
    assert finished.planned("results/provenance/config.yaml") == {}


def test_the_record_is_a_workflow_run_crate(finished, monkeypatch):
    assert broken_rules(finished.folder / "results/provenance", monkeypatch) == []


def test_checksums_are_those_of_the_files(finished):
    results = finished.folder / "results"
    table = pd.read_csv(results / "provenance/outputs.tsv", sep="\t")
    for row in table.itertuples():
        if row.of == "file":
            found = hashlib.sha256((results / row.file).read_bytes()).hexdigest()
        else:
            run = (results / row.file).with_name("run.json")
            found = json.loads(run.read_text())["weights_sha256"]
        assert found == row.sha256, row.file
    scores = {str(path.relative_to(results)) for path in results.rglob("scores.parquet")}
    assert scores <= set(table["file"])
    assert set(table.loc[table["of"] == "weights", "file"]) == {
        str(path.relative_to(results)) for path in results.rglob("model.keras")
    }


def test_the_archived_code_can_be_run(finished, tmp_path):
    with zipfile.ZipFile(finished.folder / "results/provenance/source.zip") as archive:
        archive.extractall(tmp_path)
    assert Workflow(tmp_path).planned("config/config.yaml")["write_report"] == 1


@pytest.mark.slow
def test_a_run_made_again_has_the_same_checksums(workflow, capsys):
    config = small_config()
    del config["datasets"]["peaks"], config["models"]["attention"]
    config["seeds"] = [1]
    crate = "results/provenance/ro-crate-metadata.json"
    done = workflow.snakemake(crate, "--configfile", workflow.write_config(config))
    assert done.returncode == 0, done.stdout + done.stderr
    recorded = workflow.folder / "results/provenance/outputs.tsv"
    table = pd.read_csv(recorded, sep="\t")
    table.loc[table["file"] == "metrics.tsv", "sha256"] = "0" * 64
    table.to_csv(recorded, sep="\t", index=False)
    recorded_crate = workflow.folder / crate
    metadata = json.loads(recorded_crate.read_text())
    (listed,) = (entity for entity in metadata["@graph"] if entity["@id"] == "outputs.tsv")
    listed["sha256"] = hashlib.sha256(recorded.read_bytes()).hexdigest()
    recorded_crate.write_text(json.dumps(metadata))
    arguments = ["--workflow-profile", "profiles/cpu", "--", crate]
    assert main(["--yes", str(workflow.folder / "results"), *arguments]) == 1
    said = capsys.readouterr().out
    assert "differs: metrics.tsv\n" in said
    assert f"Checksums: {len(table) - 1} the same, 1 differ, 0 missing, 0 new" in said
