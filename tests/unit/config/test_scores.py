"""What `score` asks for, and what is wrong with it."""

import json
from pathlib import Path

import pytest
from configs import read
from support import small_config


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("peaks.attention.zip", "peaks.other.zip", "lines.attention.zip"):
        place = Path("old/bundles", name)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.touch()
    Path("unpacked").mkdir()
    Path("unpacked/checksums.txt").touch()
    Path("new.fa").touch()
    Path("new.csv").touch()


def scores(**entry):
    entry = {"models": "old/lines", "sequences": "new.fa", **entry}
    return {"score": {"new": {key: value for key, value in entry.items() if value is not None}}}


@pytest.mark.parametrize(
    ("models", "model", "file"),
    [
        ("old/lines", None, "old/bundles/lines.attention.zip"),
        ("old/peaks", "other", "old/bundles/peaks.other.zip"),
        ("old/bundles/peaks.other.zip", None, "old/bundles/peaks.other.zip"),
        ("unpacked", None, "unpacked/checksums.txt"),
    ],
)
def test_a_bundle_is_named_in_three_ways(models, model, file):
    done = read(scores(models=models, model=model))
    assert done.mistakes == []
    assert done.study.scores.bundle("new") == file
    files = [f"results/scored/new/{file}" for file in ("scores.tsv", "score.html")]
    assert done.study.scores.files == files
    assert done.study.datasets.names == []


def test_a_table_has_columns():
    columns = {"id": "name", "sequence": "seq"}
    plan = read(scores(sequences=None, table="new.csv", columns=columns, sha256="0" * 64)).study
    assert plan.scores.source("new") == "new.csv"
    expected = {"form": "table", "columns": columns, "sha256": "0" * 64, "trust_code": False}
    assert plan.scores.reading("new") == expected


def test_regions_have_a_genome():
    given = {"regions": "new.csv", "genome": "new.fa", "feature": "gene"}
    plan = read(scores(sequences=None, **given)).study
    assert plan.scores.source("new") == "new.csv"
    assert plan.scores.beside("genome", scored="new") == ["new.fa"]
    assert plan.scores.beside("aliases", scored="new") == []
    expected = {"form": "regions", "feature": "gene", "sha256": None, "trust_code": False}
    assert plan.scores.reading("new") == expected


def test_beside_datasets_the_bundle_is_made():
    config = small_config() | scores(models="results/peaks", model="conv1d")
    done = json.loads(json.dumps(config))
    for entry in done["datasets"].values():
        for key, value in entry.items():
            if str(value).startswith("input/"):
                entry[key] = "new.fa"
    plan = read(done, looks_for_files=False).study
    assert plan.scores.bundle("new") == "results/bundles/peaks.conv1d.zip"
    assert plan.scores.bundle("new") in plan.all_bundles
    assert plan.named_bundles == []


def test_the_bundle_of_an_ensemble_stands_on_those_of_its_members():
    config = small_config()
    config["models"]["both"] = {"ensemble": ["conv1d", "kmers"]}
    plan = read(config, looks_for_files=False).study
    members = [f"results/bundles/lines.{member}.zip" for member in ("conv1d", "kmers")]
    assert {"results/bundles/lines.both.zip", *members} <= set(plan.all_bundles)
    assert plan.bundles_of_members(dataset="lines", model="both") == members
    assert plan.bundles_of_members(dataset="lines", model="conv1d") == []
    assert plan.of_models(dataset="lines", model="both") == []


@pytest.mark.parametrize(
    ("entry", "line"),
    [
        ({"sequences": None}, "2: score.new: needs one of sequences, table, regions, gen"),
        ({"table": "new.csv"}, "2: score.new: needs one of sequences, table, regions"),
        ({"genome": "new.fa"}, "5: score.new.genome: goes with `regions`"),
        ({"sequences": None, "regions": "new.csv"}, "2: score.new: needs `genome` beside"),
        ({"columns": {"id": "a"}}, "5: score.new.columns: goes with `table`"),
        ({"sequences": "no.fa"}, "4: score.new.sequences: no such file: no.fa"),
        ({"models": "old/peaks"}, "3: score.new.models: old/peaks has bundles of several models;"),
        ({"models": "old/p"}, "3: score.new.models: no bundle of a model: old/p"),
        ({"model": "atention"}, "5: score.new.model: no bundle of 'atention' in old/lines; did"),
        ({"sha256": "abc"}, "5: score.new.sha256: a sha256 is 64 digits"),
        ({"sequence": "x"}, "5: score.new.sequence: unknown key 'sequence'; did you mean 'seq"),
    ],
)
def test_what_is_wrong_is_told(entry, line):
    (mistake,) = read(scores(**entry)).mistakes
    assert mistake.startswith(f"test.yaml:{line}")


def test_datasets_and_models_are_needed_without_scores():
    assert read({"seeds": [1]}).mistakes == [
        "test.yaml:1: the configuration: 'datasets' is a required property",
        "test.yaml:1: the configuration: 'models' is a required property",
    ]
