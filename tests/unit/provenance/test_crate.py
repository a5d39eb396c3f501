import json
import subprocess
import zipfile

import pytest
from crates import broken_rules

from basewise.provenance.checkout import write_source
from basewise.provenance.crate import METADATA, write_crate

ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
"""SHA-256 of ``abc``, from FIPS 180-2."""

RECORD = {
    "Snakefile": "abc",
    "config.yaml": "datasets: {}\n",
    "inputs.tsv": f"dataset\tfile\tbytes\tsha256\nx\t$DATA/a b.fa\t3\t{ABC}\n"
    f"y\t$DATA/a b.fa\t3\t{ABC}\ny\tresults/demo/peaks/genome.fa\t3\t{ABC}\n",
    "outputs.tsv": f"file\tof\tsha256\nmetrics.tsv\tfile\t{ABC}\n"
    f"x/models/net/fold0/seed1/model.keras\tweights\t{ABC}\n",
    "software.tsv": "package\tversion\nbasewise\t0.1.0\npython\t3.11.7\nplatform\tLinux\n"
    "git commit\tc0ffee\n",
    "times.tsv": "rule\tjobs\n",
    "commands.tsv": "time\tcommand\tsnakemake\n2026-01-02T03:04:05+00:00\tsnakemake -n\t9.1\n"
    "2026-01-03T00:00:00+00:00\tsnakemake\t9.1\n",
    "methods.md": "Methods\n",
    "source.zip": "abc",
}
ENDED = 1767500000.7
"""2026-01-04T04:13:20 UTC, and a bit."""


@pytest.fixture
def folder(tmp_path):
    for name, text in RECORD.items():
        (tmp_path / name).write_text(text)
    write_crate(tmp_path, ENDED)
    return tmp_path


def entities(folder):
    graph = json.loads((folder / METADATA).read_text())["@graph"]
    return {entity["@id"]: entity for entity in graph}


def ids(references):
    return [reference["@id"] for reference in references]


def test_a_crate_is_valid(folder, monkeypatch):
    assert broken_rules(folder, monkeypatch) == []


def test_an_action_without_the_workflow_is_not(folder, monkeypatch):
    text = (folder / METADATA).read_text()
    (folder / METADATA).write_text(text.replace('"instrument"', '"agent"'))
    assert any("workflow-run-crate" in rule for rule in broken_rules(folder, monkeypatch))


def test_a_crate_says_what_was_made_from_what(folder):
    found = entities(folder)
    action, workflow = found["#run"], found["Snakefile"]
    assert action["instrument"] == {"@id": "Snakefile"} == found["./"]["mainEntity"]
    assert ids(action["object"]) == ["config.yaml", "#input/%24DATA/a%20b.fa"]
    assert ids(action["result"]) == [
        *("outputs.tsv", "#results/metrics.tsv"),
        "#results/x/models/net/fold0/seed1/model.keras/weights",
    ]
    assert {found[name]["sha256"] for name in ids(action["object"])[1:]} == {ABC}
    metrics, weights = (found[name] for name in ids(action["result"])[1:])
    assert metrics["sha256"] == weights["value"] == ABC
    assert weights["@type"] == "PropertyValue" and "sha256" not in weights
    assert action["startTime"] == "2026-01-02T03:04:05+00:00"
    assert action["endTime"] == found["./"]["datePublished"] == "2026-01-04T04:13:20+00:00"
    assert (workflow["version"], workflow["identifier"]) == ("0.1.0", "c0ffee")
    assert ids(workflow["softwareRequirements"]) == ["#software/python"]
    assert found["#software/python"]["version"] == "3.11.7"
    assert found["source.zip"]["sha256"] == workflow["sha256"] == ABC
    assert {name for name in found if not name.startswith(("#", "http", "."))} == {
        *(METADATA, *RECORD)
    }


def test_the_same_record_gives_the_same_crate(folder):
    before = (folder / METADATA).read_bytes()
    write_crate(folder, ENDED)
    assert (folder / METADATA).read_bytes() == before


def test_code_is_archived_without_what_is_the_users(tmp_path):
    kept = ["Snakefile", "config/config.yaml", "profiles/default/profile.yaml", "scripts/a.py"]
    left = ["config/mine.yaml", "profiles/slurm/profile.yaml", "scripts/__pycache__/a.pyc"]
    left += ["scripts/.a.swp", "scripts/a.py~", "scripts/a.egg-info/x", "results/metrics.tsv"]
    for name in (*kept, *left):
        (tmp_path / "code" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "code" / name).write_text(name)
    (tmp_path / "code/scripts/link.py").symlink_to(tmp_path / "code/config/mine.yaml")
    for name in ("first.zip", "second.zip"):
        write_source(tmp_path / name, tmp_path / "code")
        (tmp_path / "code" / "scripts" / "a.py").touch()
    assert (tmp_path / "first.zip").read_bytes() == (tmp_path / "second.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "first.zip") as archive:
        assert archive.testzip() is None
        assert sorted(archive.namelist()) == kept
        assert archive.read("scripts/a.py") == b"scripts/a.py"


def test_what_git_ignores_is_not_archived(tmp_path):
    code = tmp_path / "code"
    (code / "scripts").mkdir(parents=True)
    for name in ("Snakefile", "scripts/a.py", "scripts/private.py"):
        (code / name).write_text(name)
    (code / ".gitignore").write_text("private.py\n")
    subprocess.run(["git", "init", "-q", code], check=True)
    write_source(tmp_path / "code.zip", code)
    with zipfile.ZipFile(tmp_path / "code.zip") as archive:
        assert archive.namelist() == ["Snakefile", "scripts/a.py"]
