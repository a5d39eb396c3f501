"""A network of one's own in a whole run."""

import json
from zipfile import ZipFile

import pandas as pd
import pytest
from own_code import SCALED
from support import Workflow, write_inputs

pytestmark = pytest.mark.slow

CONFIG = {
    "datasets": {
        "lines": {
            "sequences": "input/sequences.txt",
            "labels": "input/labels.txt",
            "task": "binary",
            "bundles": ["mine"],
        }
    },
    "score": {
        "again": {
            "models": "results/bundles/lines.mine.zip",
            "sequences": "input/new.fa",
            "trust_code": True,
        }
    },
    "models": {
        "mine": {"architecture": {"file": "input/my_network.py", "function": "build"}},
        "conv1d": {"architecture": "conv1d", "filters": 4},
    },
    "training": {"epochs": 2, "batch_size": 32, "patience": 5},
    "default_baselines": [],
}


@pytest.fixture(scope="module")
def workflow(tmp_path_factory):
    workflow = Workflow.copied_to(tmp_path_factory.mktemp("own"))
    write_inputs(workflow.folder / "input")
    (workflow.folder / "input/my_network.py").write_text(SCALED)
    (workflow.folder / "input/new.fa").write_text(f">new\n{'ACGTA' * 12}\n")
    done = workflow.run("--configfile", workflow.write_config(CONFIG))
    assert done.returncode == 0, done.stdout + done.stderr
    return workflow


def test_it_stands_beside_the_others(workflow):
    results = workflow.folder / "results"
    run = json.loads((results / "lines/models/mine/fold0/seed1/run.json").read_text())
    assert run["architecture"] == "my_network.py:build"
    digest = run["versions"]["my_network.py"]
    assert digest in (results / "provenance/inputs.tsv").read_text()
    assert digest in (results / "provenance/software.tsv").read_text()
    methods = (results / "provenance/methods.md").read_text()
    assert "The name mine stands for a number times what it reads; code of the authors" in methods
    with ZipFile(results / "provenance/source.zip") as archive:
        assert archive.read("own_code/my_network.py").decode() == SCALED
    assert "Own my_network.py:build" in (results / "report.html").read_text()


def test_its_bundle_scores(workflow):
    table = pd.read_csv(workflow.folder / "results/scored/again/scores.tsv", sep="\t")
    assert table["score.label"].between(0, 1).tolist() == [True]
    assert "my_network.py" in (workflow.folder / "results/scored/again/score.html").read_text()


def test_an_edit_of_its_file_trains_it_again(workflow):
    file = workflow.folder / "input/my_network.py"
    assert workflow.planned("test.yaml") == {}
    file.write_text(SCALED.replace("Conv1D(4", "Conv1D(5"))
    planned = workflow.planned("test.yaml")
    file.write_text(SCALED)
    assert planned["train_own_network"] == 1
    assert "train_conv1d" not in planned


def test_its_error_is_one_line_with_its_place(workflow):
    file = workflow.folder / "input/my_network.py"
    code = SCALED.replace("layers.GlobalMaxPooling1D()", "layers.NoSuchLayer()")
    file.write_text(code)
    done = workflow.run("--configfile", "test.yaml")
    file.write_text(SCALED)
    output = done.stdout + done.stderr
    line = 1 + code[: code.index("NoSuchLayer")].count("\n")
    assert done.returncode == 1
    assert f"Error: input/my_network.py:{line}: AttributeError: module 'keras.layers'" in output
    log = workflow.folder / "results/logs/train_own_network/lines/mine/fold0/seed1.log"
    assert "Traceback" in log.read_text()
