"""Networks as ONNX: the same scores, the same bytes, and a script that needs nothing of ours."""

import io
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from textwrap import dedent

import keras
import numpy as np
import onnx
import pandas as pd
import pytest
from made_bundles import TARGETS, made_letters, make_bundle, make_results, with_member
from made_networks import small

from basewise import architectures
from basewise.core.errors import InputError
from basewise.scoring import check_bundle
from basewise.scoring.onnx_graphs import export, open_graph, to_onnx
from basewise.sequences.alphabet import CHANNELS, encode
from basewise.store.bundles import read_bundle

LETTERS = {"dna": b"ACGTN-", "genotype": b"012."}


def cases():
    """Every architecture with each kind of output, and, of DNA, as the mean of both strands."""
    for name, entry in architectures.registry().items():
        alphabet = entry.get("alphabets", ["dna"])[0]
        for task in ("multiclass", "regression", "per_position"):
            if task in entry["tasks"]:
                yield name, alphabet, task, "none"
        if alphabet == "dna":
            yield name, alphabet, entry["tasks"][-1], "average"


@pytest.mark.slow
@pytest.mark.parametrize(("name", "alphabet", "task", "strands"), list(cases()))
def test_every_architecture_has_its_scores_as_onnx(name, alphabet, task, strands):
    letters = np.frombuffer(LETTERS[alphabet], dtype=np.uint8)
    drawn = np.random.default_rng(1).choice(letters, (300, 60))
    bits = encode(drawn, alphabet)
    keras.utils.set_random_seed(1)
    channels = len(CHANNELS[alphabet])
    what = {"channels": channels, "outputs": 3, "task": task, "reverse_complement": strands}
    network = small(name, 60, **what)
    for weight in network.trainable_weights:  # as after some training; a few start at zero
        weight.assign(weight + np.random.default_rng(2).normal(0, 0.01, weight.shape))

    content = to_onnx(network)
    onnx.checker.check_model(onnx.load_model_from_string(content), full_check=True)
    graph = open_graph(content)
    expected = np.asarray(network(bits, training=False))
    assert np.std(expected) > 0
    same = 2e-6 if task == "regression" else 1e-6
    tolerance = max(same * max(1, expected.std()), 4 * np.spacing(np.abs(expected).max()))
    np.testing.assert_allclose(graph(bits), expected, atol=tolerance, rtol=0)
    np.testing.assert_allclose(graph(bits[:1]), expected[:1], atol=tolerance, rtol=0)
    assert graph(bits[:0]).shape == (0, *expected.shape[1:])


@pytest.mark.slow
def test_the_same_weights_are_the_same_bytes_in_every_process():
    program = dedent("""
        import hashlib, keras
        from made_networks import small
        from basewise.scoring.onnx_graphs import to_onnx
        for name in ("multiscale_attention", "conv_birnn", "kmer_gcn"):
            keras.utils.set_random_seed(1)
            print(hashlib.sha256(to_onnx(small(name))).hexdigest())
    """)
    path = os.pathsep.join(sys.path)
    digests = [
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONPATH": path, "PYTHONHASHSEED": seed},
            check=True,
            stdout=subprocess.PIPE,
        ).stdout.split()
        for seed in ("1", "2")
    ]
    assert digests[0] == digests[1] and len(set(digests[0])) == 3


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory):
    """The unpacked bundle of a task, of a network that reads both strands."""
    done = {}

    def unpack(task):
        if task not in done:
            folder = tmp_path_factory.mktemp(task)
            make_bundle(folder / "d.m.zip", make_results(folder, task, model="network"))
            shutil.unpack_archive(folder / "d.m.zip", folder)
            done[task] = folder / "d.m"
        return done[task]

    return unpack


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    """A Python that finds NumPy, onnxruntime and the standard library; runs a bundle's script."""
    folder = tmp_path_factory.mktemp("bare")
    for name in ("numpy", "onnxruntime"):
        home = Path(find_spec(name).origin).parent
        for place in home.parent.glob(f"{name}*"):
            (folder / place.name).symlink_to(place)
    start = "import runpy, sys; sys.path.append({!r}); sys.argv = sys.argv[1:]; "
    start += "runpy.run_path(sys.argv[0], run_name='__main__')"

    def run(bundle, *arguments):
        command = [sys.executable, "-I", "-S", "-c", start.format(str(folder))]
        return subprocess.run(
            [*command, bundle / "score.py", *arguments], capture_output=True, text=True
        )

    return run


def test_the_bare_python_finds_nothing_else(bare, tmp_path):
    for name in ("keras", "pandas", "basewise", "onnx"):
        (tmp_path / "score.py").write_text(f"import {name}")
        assert "ModuleNotFoundError" in bare(tmp_path).stderr


@pytest.mark.slow
@pytest.mark.parametrize("task", TARGETS)
def test_a_script_reproduces_the_expected_scores_with_numpy_and_onnxruntime(task, unpacked, bare):
    done = bare(unpacked(task))
    assert done.returncode == 0, done.stderr
    assert [line.split(":")[0] for line in done.stdout.splitlines()] == [
        "fold 0, seed 1",
        "fold 0, seed 2",
    ]


@pytest.mark.slow
def test_the_script_tells_scores_that_are_not_the_expected(unpacked, bare, tmp_path):
    folder = shutil.copytree(unpacked("binary"), tmp_path / "d.m")
    table = pd.read_csv(folder / "expected/scores.tsv", sep="\t")
    table.loc[15, "score.label"] += 2e-6
    table.to_csv(folder / "expected/scores.tsv", sep="\t", index=False)
    done = bare(folder)
    assert done.returncode != 0 and done.stderr == "These are not the expected scores.\n"


@pytest.mark.slow
@pytest.mark.parametrize("examples", [0, 1, 1000])
def test_the_script_scores_a_fasta_file_of_any_number(examples, unpacked, bare, tmp_path):
    """Case v43: numbers of a large unit, the transform undone in float64 outside of the graph."""
    folder = unpacked("regression")
    letters = made_letters(1000)[:examples]
    sequences = [row.tobytes().decode() for row in letters]
    text = "".join(
        f">s{row} -> x\n{one[:30]}\n{one[30:].lower()}\n" for row, one in enumerate(sequences)
    )
    (tmp_path / "new.fa").write_text(text)
    done = bare(folder, tmp_path / "new.fa")
    assert done.returncode == 0, done.stderr
    table = pd.read_csv(io.StringIO(done.stdout), sep="\t")
    assert table["id"].tolist() == [f"s{row}" for row in range(examples)]

    contract = check_bundle(folder).contract
    total = np.zeros(examples)
    for run in contract.runs:
        graph = open_graph((folder / run.onnx).read_bytes())
        score = graph(encode(letters)).astype(float)[:, 0]
        total += score * run.transform["scale"][0] + run.transform["mean"][0]
    np.testing.assert_allclose(
        table["score.height"].astype(float), total / 2, atol=1e-6 * 640, rtol=0
    )
    assert run.tolerance["height"] == pytest.approx(1e-5 * 640, rel=0.1)


@pytest.mark.slow
@pytest.mark.parametrize("sequence", ["ACGT", "ACGE" * 15])
def test_the_script_refuses_other_lengths_and_letters_in_a_line(sequence, unpacked, bare, tmp_path):
    (tmp_path / "new.fa").write_text(f">a\n{sequence}\n")
    done = bare(unpacked("binary"), tmp_path / "new.fa")
    assert done.returncode != 0
    assert done.stderr.startswith("a: not 60 letters of ") and done.stderr.count("\n") == 1


@pytest.mark.slow
def test_a_graph_that_does_not_agree_is_left_out(tmp_path, monkeypatch):
    from basewise.scoring import onnx_graphs

    network = small("deepbind")
    network.save(tmp_path / "model.keras")
    bits, tolerance = encode(made_letters(10)), np.array([1e-6])
    what = tmp_path / "model.keras", bits, np.asarray, tolerance
    assert export(*what).content == to_onnx(network)
    assert not export(*what).problem

    monkeypatch.setattr(onnx_graphs, "open_graph", lambda content: lambda bits: network(bits) + 0.1)
    assert export(*what) == (None, "its scores are up to 0.1 from those of Keras")

    monkeypatch.undo()
    inputs = keras.Input((60, 4), dtype="uint8")
    summed = keras.ops.sum(keras.ops.cast(inputs, "float32"), axis=(1, 2))
    keras.Model(inputs, keras.ops.log1p(summed)[:, None]).save(tmp_path / "model.keras")
    content, problem = export(*what)
    assert content is None and problem.startswith("it cannot be converted")


def changed(content, change):
    model = onnx.load_model_from_string(content)
    change(model)
    return model.SerializeToString()


def outside(model):
    weight = model.graph.initializer[0]
    weight.data_location = onnx.TensorProto.EXTERNAL
    weight.external_data.add(key="location", value="../../etc/passwd")


def outside_in_a_loop(model):
    node = model.graph.node.add(op_type="If")
    inner = node.attribute.add(name="then_branch", type=onnx.AttributeProto.GRAPH).g
    inner.initializer.add(data_location=onnx.TensorProto.EXTERNAL)


def sparse(model):
    node = model.graph.node.add(op_type="Constant")
    values = node.attribute.add(name="value", type=onnx.AttributeProto.SPARSE_TENSORS)
    values.sparse_tensors.add().values.data_location = onnx.TensorProto.EXTERNAL


def of_others(model):
    model.graph.node.add(op_type="Evil", domain="com.example")


def imported(model):
    model.opset_import.add(domain="com.example", version=1)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "told"),
    [
        (outside, "keeps weights in another file"),
        (outside_in_a_loop, "keeps weights in another file"),
        (sparse, "holds weights as no architecture of basewise does"),
        (of_others, "holds operations that are not ONNX's own"),
        (imported, "holds operations that are not ONNX's own"),
    ],
)
def test_a_graph_that_may_do_more_than_compute_is_refused(change, told, unpacked, tmp_path):
    member = "models/fold0/seed1/model.onnx"
    bundle = unpacked("binary").parent / "d.m.zip"
    content = changed(read_bundle(bundle).read(member), change)
    with pytest.raises(InputError, match=told):
        check_bundle(with_member(bundle, tmp_path / "b.zip", member, content))
    with pytest.raises(InputError, match="is no network in ONNX"):
        check_bundle(with_member(bundle, tmp_path / "c.zip", member, b"<html>"))


@pytest.mark.slow
def test_two_bundles_of_a_network_have_the_same_bytes(tmp_path):
    sources = make_results(tmp_path, runs=[(0, 1)], model="network")
    for name in "ab":
        make_bundle(tmp_path / f"{name}.zip", sources)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    card = read_bundle(tmp_path / "a.zip").read("README.md").decode()
    assert "`python score.py new.fa`" in card and "There is no ONNX" not in card
