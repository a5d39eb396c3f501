import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import zipfile

import numpy as np
import pandas as pd
import pytest
import yaml
from made_bundles import (
    BASELINES,
    made_letters,
    make_bundle,
    make_ensemble,
    make_results,
    packed_again,
    parts_of,
    with_member,
)
from support import ROOT

from basewise.core.errors import InputError
from basewise.scoring import check_bundle, checking
from basewise.scoring.familiar import from_members
from basewise.store.bundles import read_bundle, write_bundle
from basewise.store.contracts import as_json


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("results")
    return folder, make_results(folder)


@pytest.fixture(scope="module")
def bundle(results, tmp_path_factory):
    path = tmp_path_factory.mktemp("bundles") / "d.m.zip"
    make_bundle(path, results[1], length={"policy": "pad", "side": "left"})
    return path


@pytest.fixture(scope="module")
def damaged(bundle, tmp_path_factory, data):
    """What damage.py of the case v41 makes of the bundle."""
    folder = tmp_path_factory.mktemp("damaged")
    script = data.parent / "cases/v41-bundle-damaged/damage.py"
    subprocess.run([sys.executable, script, bundle, folder], check=True)
    return folder


def test_the_contract_says_how_the_model_is_used(bundle, results):
    contract = check_bundle(bundle).contract
    assert (contract.dataset, contract.model, contract.kind) == ("d", "m", "baseline")
    assert (contract.length, contract.channels) == (60, list("ACGT"))
    assert contract.lengths == {"policy": "pad", "side": "left"}
    assert [(run.fold, run.seed) for run in contract.runs] == [(0, 1), (0, 2)]
    scores = pd.read_parquet(results[1].scores[0])
    held_out = scores[scores["part"] == "validation"]["score.label"]
    thresholds = contract.runs[0].validated["label"]["thresholds"]
    assert all(held_out.min() < at < held_out.max() for at in thresholds.values())
    assert contract.training["examples"] == (parts_of(results[0]) != "test").sum()


def test_expected_scores_are_those_of_the_test_part(bundle, results):
    expected = pd.read_csv(io.BytesIO(read_bundle(bundle).read("expected/scores.tsv")), sep="\t")
    inputs = pd.read_csv(io.BytesIO(read_bundle(bundle).read("expected/inputs.tsv")), sep="\t")
    assert list(expected.columns) == ["fold", "seed", "id", "score.label"]
    assert len(inputs) == 10 and len(expected) == 20
    scores = pd.read_parquet(results[1].scores[1]).set_index("id")
    of_run = expected[expected["seed"] == 2].set_index("id")
    assert (scores["part"][of_run.index] == "test").all()
    np.testing.assert_allclose(of_run["score.label"], scores["score.label"][of_run.index])


def test_training_examples_are_there_as_digests_alone(bundle, results):
    opened = check_bundle(bundle)
    familiar = from_members(opened.bundle, opened.contract.near["limit"])
    learned = np.flatnonzero(parts_of(results[0]) != "test")
    assert familiar.examples["id"].tolist() == [f"e{row}" for row in learned]
    assert familiar.examples["digest"].is_unique
    assert (familiar.examples["kmers"] == 60 - 16 + 1).all()
    assert len(familiar.kmers.hashes) == len(learned) * 45


LETTERS = {
    "dna": b"ACGTN",
    "rna": b"ACGT",
    "protein": b"ACDEFGHIKLMNPQRSTVWYX",
    "genotype": b"012.",
}


@pytest.mark.parametrize(("alphabet", "task"), BASELINES)
def test_every_task_and_alphabet_has_a_bundle(alphabet, task, tmp_path):
    letters = made_letters(letters=LETTERS[alphabet])
    sources = make_results(tmp_path, task, runs=[(0, 1)], alphabet=alphabet, letters=letters)
    make_bundle(tmp_path / "b.zip", sources)
    contract, bundle = check_bundle(tmp_path / "b.zip")
    assert (contract.alphabet, contract.task) == (alphabet, task)

    inputs = pd.read_csv(io.BytesIO(bundle.read("expected/inputs.tsv")), sep="\t", dtype=str)
    rows = inputs["id"].str.removeprefix("e").astype(int)
    assert inputs["sequence"].tolist() == ["".join(map(chr, row)) for row in letters[rows]]
    expected = pd.read_csv(io.BytesIO(bundle.read("expected/scores.tsv")), sep="\t")
    assert len(expected) == len(inputs) * (60 if task == "per_position" else 1)
    columns = [column for column in expected if column.startswith("score.")]
    assert columns == [f"score.{output}" for output in contract.outputs]
    assert from_members(bundle, contract.near["limit"]).examples["digest"].is_unique


def test_the_card_is_markdown_behind_yaml(bundle):
    _, front, text = read_bundle(bundle).read("README.md").decode().split("---\n", 2)
    assert yaml.safe_load(front)["license"] == "not stated"
    assert text.startswith("\n# k-mers on d\n")


def test_the_same_run_gives_the_same_bytes(bundle, results, tmp_path):
    make_bundle(tmp_path / "again.zip", results[1], length={"policy": "pad", "side": "left"})
    assert (tmp_path / "again.zip").read_bytes() == bundle.read_bytes()


def test_sha256sum_checks_an_unpacked_bundle(bundle, tmp_path):
    shutil.unpack_archive(bundle, tmp_path)
    command = ["sha256sum", "--check", "--strict", "--quiet", "checksums.txt"]
    subprocess.run(command, cwd=tmp_path / "d.m", check=True)


def test_covariates_are_refused(results, tmp_path):
    table = pd.read_parquet(results[1].examples).assign(**{"covariate.age": "3"})
    table.to_parquet(tmp_path / "examples.parquet")
    sources = results[1]._replace(examples=str(tmp_path / "examples.parquet"))
    with pytest.raises(InputError, match="covariates"):
        make_bundle(tmp_path / "b.zip", sources)


DAMAGE = {
    "half": "no whole bundle",
    "no_directory": "no whole bundle",
    "empty": "not a whole zip",
    "html": "not a whole zip",
    "bits": "damaged",
    "payload_changed": "sha256 differs",
    "missing": "lacks '",
    "extra": r"'extra\.py' is not in checksums\.txt",
    "dotdot": r"'\.\./outside\.txt' would lie outside",
    "absolute": r"'TMP/outside\.txt' lies beside",
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_bundle_is_refused(name, damaged):
    before = sorted(damaged.parent.rglob("*"))
    with pytest.raises(InputError, match=DAMAGE[name]) as refusal:
        check_bundle(damaged / f"{name}.zip")
    assert "\n" not in str(refusal.value)
    assert sorted(damaged.parent.rglob("*")) == before


def test_the_damaged_bundles_of_the_case_are_refused(data):
    for path in sorted((data.parent / "cases/v41-bundle-damaged/damaged").iterdir()):
        with pytest.raises(InputError):
            check_bundle(path)


def test_the_unpacked_folder_has_the_same_answers(bundle, tmp_path):
    shutil.unpack_archive(bundle, tmp_path)
    folder = tmp_path / "d.m"
    assert check_bundle(folder).contract == check_bundle(bundle).contract
    assert check_bundle(tmp_path).contract == check_bundle(bundle).contract

    card = folder / "README.md"
    text = card.read_bytes()
    card.write_bytes(text + b" ")
    with pytest.raises(InputError, match="sha256 differs"):
        check_bundle(folder)
    card.unlink()
    with pytest.raises(InputError, match="lacks 'README.md'"):
        check_bundle(folder)
    os.symlink("/etc/hostname", card)
    with pytest.raises(InputError, match="'README.md' is a link"):
        check_bundle(folder)
    card.unlink()
    card.write_bytes(text)
    (folder / "extra.py").write_text("print(1)")
    with pytest.raises(InputError, match=r"'extra\.py' is not in"):
        check_bundle(folder)


def test_what_others_have_packed_again_is_read(bundle, tmp_path):
    more = [("__MACOSX/d.m/._contract.json", b"x"), ("other/.DS_Store", b"x")]
    again = packed_again(
        bundle, tmp_path / "a.zip", lambda name, old: (name.replace("d.m/", "other/"), old), more
    )
    flat = packed_again(bundle, tmp_path / "b.zip", lambda name, old: (name[4:], old))
    for path in (again, flat):
        assert check_bundle(path).contract == check_bundle(bundle).contract


def test_links_repeats_and_wrong_totals_are_refused(bundle, tmp_path):
    link = zipfile.ZipInfo("d.m/link")
    link.external_attr = 0o120777 << 16
    path = packed_again(bundle, tmp_path / "link.zip", more=[(link, b"/etc/passwd")])
    with pytest.raises(InputError, match="'d.m/link' is a link"):
        check_bundle(path)
    with pytest.warns(UserWarning, match="Duplicate"):
        twice = [("d.m/README.md", b"x")]
        path = packed_again(bundle, tmp_path / "twice.zip", more=twice)
    with pytest.raises(InputError, match=r"holds 'd\.m/README\.md' twice"):
        check_bundle(path)
    with pytest.raises(InputError, match="is not the bundle whose sha256"):
        check_bundle(bundle, "0" * 64)
    check_bundle(bundle, hashlib.sha256(bundle.read_bytes()).hexdigest())
    with pytest.raises(InputError, match="no such file"):
        check_bundle(tmp_path / "none.zip")


@pytest.mark.parametrize(
    "change",
    [
        {"format": "basewise bundle 99"},
        {"length": "60"},
        {"length": True},
        {"runs": []},
        {"alphabet": "klingon"},
        {"more": 1},
        {"lengths": {"policy": "stretch", "side": "left"}},
        {"lengths": {}},
        {"near": {"limit": "0"}},
        {"training": {"gc": [0.1, "x"]}},
    ],
)
def test_a_contract_of_another_version_is_refused(change, bundle, tmp_path):
    content = json.loads(read_bundle(bundle).read("contract.json")) | change
    path = with_member(bundle, tmp_path / "b.zip", "contract.json", json.dumps(content).encode())
    with pytest.raises(InputError, match="contract"):
        check_bundle(path)


def test_an_ensemble_of_other_models_is_refused(tmp_path):
    one, two = (
        make_results(tmp_path / name, runs=[(0, 1)], name=name, model=name, **settings)
        for name, settings in (("kmer_logistic", {"largest_k": 3}), ("majority", {}))
    )
    sources = make_ensemble(tmp_path, {"kmer_logistic": one, "majority": two})
    make_bundle(tmp_path / "both.zip", sources)
    contract, bundle = check_bundle(tmp_path / "both.zip")
    assert contract.members == ["kmer_logistic", "majority"]
    assert not {name for name in bundle.sums if name.startswith("members/majority/training")}

    member = "members/majority/contract.json"
    before = json.loads(bundle.read(member))
    for change in ({"outputs": ["x"]}, {"length": 61}, {"runs": [before["runs"][0] | {"fold": 1}]}):
        content = json.dumps(before | change).encode()
        path = with_member(tmp_path / "both.zip", tmp_path / "b.zip", member, content, "d.both")
        with pytest.raises(InputError, match="'majority' is no model that this ensemble averages"):
            check_bundle(path)
    estimator = "members/majority/models/fold0/seed1/model.skops"
    path = with_member(tmp_path / "both.zip", tmp_path / "c.zip", estimator, b"x", "d.both")
    with pytest.raises(InputError, match="is no file of skops"):
        check_bundle(path)


class Evil:
    """Not a type that skops trusts."""


def test_an_estimator_with_another_type_is_refused(bundle, tmp_path):
    import skops.io

    content = skops.io.dumps({"model": Evil()})
    path = with_member(bundle, tmp_path / "b.zip", "models/fold0/seed1/model.skops", content)
    with pytest.raises(InputError, match=r"holds .*Evil, which no baseline does"):
        check_bundle(path)
    path = with_member(bundle, tmp_path / "c.zip", "models/fold0/seed1/model.skops", b"x")
    with pytest.raises(InputError, match="is no file of skops"):
        check_bundle(path)


def network_bundle(folder, layer, files=("config.json", "metadata.json", "model.weights.h5")):
    """A bundle of a network with one layer, which nobody has trained."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in files:
            archive.writestr(name, json.dumps({"config": {"layers": [layer]}}))
    return stream.getvalue()


@pytest.mark.parametrize(
    "layer",
    [
        {"module": "keras.layers", "class_name": "Lambda"},
        {"module": "keras.layers", "class_name": "TFSMLayer"},
        {"module": "os", "class_name": "system"},
        {"module": "builtins", "class_name": "function", "config": "eval"},
        {"module": None, "class_name": "__lambda__"},
        {"module": ["keras.layers"], "class_name": "Dense"},
        {"module": "keras.layers", "class_name": {"a": 1}},
        {"module": "keras.layers", "class_name": "Dense", "x": {"class_name": "mine>Layer"}},
    ],
)
def test_a_network_with_a_foreign_class_is_refused(layer, bundle, tmp_path):
    with pytest.raises(InputError, match=r"model\.keras' holds the class"):
        check_bundle(network_of(bundle, tmp_path, network_bundle(tmp_path, layer)))


def test_a_network_with_other_files_is_refused(bundle, tmp_path):
    dense = {"module": "keras.layers", "class_name": "Dense"}
    check_bundle(network_of(bundle, tmp_path, network_bundle(tmp_path, dense)))
    for content in (network_bundle(tmp_path, dense, ["config.json", "assets/a"]), b"<html>"):
        with pytest.raises(InputError, match="Keras"):
            check_bundle(network_of(bundle, tmp_path, content))


def test_a_configuration_that_unpacks_to_too_much_is_refused(bundle, tmp_path, monkeypatch):
    monkeypatch.setattr(checking, "MOST_CONFIG", 50)
    dense = {"module": "keras.layers", "class_name": "Dense"}
    with pytest.raises(InputError, match="has a configuration of more than 50 bytes"):
        check_bundle(network_of(bundle, tmp_path, network_bundle(tmp_path, dense)))


def network_of(bundle, folder, content):
    """A bundle whose one run is this network."""
    contract = check_bundle(bundle).contract
    run = contract.runs[0]._replace(file="models/fold0/seed1/model.keras")
    changed = contract._replace(kind="network", name="conv1d", runs=[run])
    members = {"contract.json": as_json(changed), run.file: content}
    write_bundle(folder / "network.zip", "d.m", members)
    return folder / "network.zip"


def test_the_check_needs_no_keras(bundle):
    code = (
        "import sys; from basewise.scoring import check_bundle; check_bundle(sys.argv[1]); "
        "assert not {'keras', 'tensorflow', 'onnxruntime'} & set(sys.modules)"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "scripts")}
    subprocess.run([sys.executable, "-c", code, bundle], check=True, env=environment)
