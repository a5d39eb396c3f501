"""The front door: light to import, and the same numbers as the steps make."""

import doctest
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from made_bundles import make_bundle, make_results
from support import write_inputs

import basewise as bw
from basewise import library
from basewise.core.errors import InputError
from basewise.examples.simulation import simulate_promoters

HEAVY = {"tensorflow", "keras", "jax", "pandas", "numpy", "sklearn", "yaml"}


def write_promoters(folder, rows=240):
    sequences, labels = simulate_promoters(rows, 60)
    table = pd.DataFrame({"sequence": sequences, "label": labels})
    table.to_csv(folder / "promoters.csv", index=False)
    bound = "".join(f">s{row}\n{text}\n" for row, text in enumerate(sequences[: rows // 2]))
    (folder / "bound.fa").write_text(bound)


def write_lines(folder):
    draws = np.random.default_rng(1)
    lines, markers = [f"line{row}" for row in range(60)], [f"m{row}" for row in range(30)]
    copies = pd.DataFrame(draws.integers(3, size=(60, 30)), index=lines, columns=markers)
    copies.to_csv(folder / "lines.csv", index_label="id")
    trait = copies["m3"] + draws.normal(size=60)
    trait.rename("yield").to_csv(folder / "yields.csv", index_label="id")


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A folder with a small file of every kind."""
    folder = tmp_path_factory.mktemp("door") / "input"
    write_inputs(folder)
    write_promoters(folder)
    write_lines(folder)
    return folder


@pytest.fixture
def promoters(files):
    return bw.read_table(files / "promoters.csv", task="binary")


def test_importing_loads_nothing():
    code = "import sys, basewise as bw; dir(bw); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    modules = set(done.stdout.split())
    assert {name for name in modules if name.startswith("basewise")} == {"basewise"}
    assert not HEAVY & modules


def test_reading_splitting_and_baselines_need_no_tensorflow(files):
    code = (
        "import sys, basewise as bw;"
        f"split = bw.split(bw.read_table({str(files / 'promoters.csv')!r}, task='binary'));"
        "bw.audit(split); bw.evaluate(bw.train(split, 'majority'));"
        "print({'keras', 'tensorflow', 'jax'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_every_verb_is_listed_and_typed():
    assert set(bw.__all__) <= set(dir(bw))
    assert all(getattr(bw, verb) is getattr(library, verb) for verb in bw.__all__)
    with pytest.raises(AttributeError, match="no attribute 'sing'"):
        bw.sing  # noqa: B018


@pytest.fixture(scope="module")
def bundle(files, tmp_path_factory):
    """A bundle of a network in that folder."""
    sources = make_results(tmp_path_factory.mktemp("d"), runs=[(0, 1)], model="network")
    make_bundle(files / "d.m.zip", sources)
    return files / "d.m.zip"


VERBS = [verb for verb in bw.__all__ if verb != "score"]


@pytest.mark.slow
def test_the_example_of_scores(bundle, monkeypatch):
    test_examples_in_docstrings("score", bundle.parent, monkeypatch)
    sequences = pd.DataFrame({"name": ["a", "b"], "letters": ["ACGT" * 15, "acgt" * 15]})
    sequences.to_csv(bundle.parent / "new.csv", index=False)
    table = bw.score(bundle, bundle.parent / "new.csv", id="name", sequence="letters")
    assert table["id"].tolist() == ["a", "b"]
    assert table["score.label"].nunique() == 1
    with pytest.raises(InputError, match="is not one bundle"):
        bw.score(bundle.parent / "none", bundle.parent / "new.csv")


@pytest.mark.parametrize("verb", VERBS)
def test_examples_in_docstrings(verb, files, monkeypatch):
    monkeypatch.chdir(files.parent / "input")
    tests = doctest.DocTestFinder(recurse=False).find(getattr(bw, verb), verb, globs={"bw": bw})
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    assert [runner.run(test).attempted > 0 for test in tests] == [True]
    assert runner.failures == 0


def test_examples_hold_what_the_file_says(promoters, files):
    table = pd.read_csv(files / "promoters.csv")
    assert ["".join(map(chr, row)) for row in promoters.letters] == table["sequence"].tolist()
    assert promoters.table["target.label"].tolist() == table["label"].tolist()
    assert promoters.tensors.ids.tolist() == [f"line{row}" for row in range(2, 242)]
    assert promoters.tensors.target[:, 0].tolist() == table["label"].tolist()


def test_a_class_for_each_base(files):
    features = {"file": files / "genes.gtf", "classes": {"exon": "exon", "intron": "gene"}}
    regions = {"regions": files / "peaks.bed", "genome": files / "genome.fa", "window": 60}
    peaks = bw.read_regions(**regions, task="per_position", features=features)
    assert repr(peaks) == "examples: 235 examples of 60 bp, per_position\ndropped: 2 rows"
    assert peaks.tensors.outputs == ["none", "exon", "intron"]
    assert set(np.unique(peaks.tensors.target)) == {0, 1, 2}
    features["none"] = "label"
    with pytest.raises(InputError, match="'label' is the name of all classes together"):
        bw.read_regions(**regions, task="per_position", features=features)


def test_labels_by_overlap(files):
    overlap = {"files": {"bound": files / "peaks.bed"}, "bases": 60}
    where = {"regions": files / "peaks.bed", "genome": files / "genome.fa", "window": 60}
    peaks = bw.read_regions(**where, task="multilabel", overlap=overlap)
    regions = pd.read_csv(files / "peaks.bed", sep="\t", header=None)
    widths = (regions[2] - regions[1])[peaks.table["line"] - 1]
    assert peaks.table["target.bound"].tolist() == (widths >= 60).astype(int).tolist()


def test_a_traits_baseline_scores_in_its_own_unit(files):
    names = (files / "lines.csv", files / "yields.csv", ["yield"])
    lines = bw.read_genotypes(*names, task="regression")
    scores = bw.train(bw.split(lines, seed=3), "gblup").scores
    assert np.corrcoef(scores["target.yield"], scores["score.yield"])[0, 1] > 0


def test_a_fold_has_its_own_parts(promoters):
    folds = [bw.split(promoters, folds=4, fold=fold) for fold in range(4)]
    tested = sum((fold.part == "test").astype(int) for fold in folds)
    assert tested.tolist() == [1] * 240
    measures = bw.evaluate(*(bw.train(fold, "majority") for fold in folds))
    assert set(measures.summary["runs"]) == {4}
    assert str(measures).split()[:6] == ["model", "part", "metric", "value", "low", "high"]


def test_copies_in_two_parts_are_counted_and_left_out(tmp_path):
    write_promoters(tmp_path)
    table = pd.read_csv(tmp_path / "promoters.csv")
    pd.concat([table, table]).to_csv(tmp_path / "twice.csv", index=False)
    twice = bw.read_table(tmp_path / "twice.csv", task="binary", fail_on_leakage=True)
    split = bw.split(twice)
    audit = bw.audit(split)
    assert (audit.leaks["kind"] == "exact").any()
    assert "exact" in repr(audit)
    with pytest.raises(InputError, match="examples leak between the parts: exact"):
        bw.train(split, "majority")
    tolerated = bw.split(bw.read_table(tmp_path / "twice.csv", task="binary"))
    assert "test_clean" in set(bw.evaluate(bw.train(tolerated, "majority")).summary["part"])


def test_what_is_held_cannot_be_changed_by_accident(promoters):
    before = promoters.table.copy()
    table = promoters.table
    table["target.label"] = 0
    table.iloc[0] = table.iloc[1]
    pd.testing.assert_frame_equal(promoters.table, before)
    with pytest.raises(ValueError, match="read-only"):
        bw.split(promoters).part[0] = "test"
    with pytest.raises(ValueError, match="read-only"):
        promoters.letters[0, 0] = ord("A")
    with pytest.raises(TypeError, match="float"):
        bw.train(bw.split(promoters), "majority", seed=1.0)


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ({"task": "binry"}, "task: 'binry' is unknown; did you mean 'binary'"),
        ({"lenght": {"policy": "pad"}}, "unknown key 'lenght'; did you mean 'length'"),
        ({"label": "bound"}, "has no column 'bound'"),
        ({"window": 60}, "`window` does not go with `table`"),
        ({"name": "logs"}, "a dataset's name starts with a letter"),
        ({"models": ["kmers"]}, "`models` has no effect without the workflow"),
        ({"split": {"method": "group"}}, "`method: group` needs `columns: {group: ...}`"),
        ({"task": "regression", "positive": 1}, "`positive` goes with `task: binary`"),
    ],
)
def test_what_a_reader_refuses(files, keys, problem):
    with pytest.raises(InputError, match=problem) as refused:
        bw.read_table(files / "promoters.csv", **{"task": "binary", **keys})
    assert "\n" not in str(refused.value)


def test_a_file_that_is_not_there_is_named(files):
    with pytest.raises(InputError, match="no such file: nothing.csv"):
        bw.read_table("nothing.csv", task="binary")


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ({"fold": 1}, "there is no fold 1"),
        ({"methd": "random"}, "unknown key 'methd'; did you mean 'method'"),
        ({"method": "chromosome", "test": ["chr1"], "validation": ["chr2"]}, "needs a genome"),
    ],
)
def test_what_split_refuses(promoters, keys, problem):
    with pytest.raises(InputError, match=problem):
        bw.split(promoters, **keys)


@pytest.mark.parametrize(
    ("model", "keys", "problem"),
    [
        ("kmer_logistc", {}, "unknown model 'kmer_logistc'; did you mean 'kmer_logistic'"),
        ("kmer_logistic", {"epochs": 3}, "unknown key 'epochs'"),
        ("conv1d", {"filtres": 3}, "unknown key 'filtres'; did you mean 'filters'"),
        ("conv1d", {"epochs": 0}, "training.epochs: "),
        ("conv1d", {"training": {"epochs": 0}}, "training.epochs: "),
        ("conv1d", {"cards": 2}, "several GPUs needs the workflow"),
        ("conv1d", {"tune": {"search": {"filters": [2, 4]}}}, "`tune` has no effect"),
        ("gblup", {}, "'gblup' does not fit; it takes tasks .* genotype"),
    ],
)
def test_what_train_refuses(promoters, model, keys, problem):
    with pytest.raises(InputError, match=problem):
        bw.train(bw.split(promoters), model, **keys)


def test_what_evaluate_refuses(promoters):
    split = bw.split(promoters)
    one, other = bw.train(split, "majority"), bw.train(split, "kmer_logistic", largest_k=2)
    elsewhere = bw.train(bw.split(promoters, seed=9), "majority")
    with pytest.raises(InputError, match="give it what `train` gives"):
        bw.evaluate()
    with pytest.raises(InputError, match="majority and kmer_logistic differ"):
        bw.evaluate(one, other)
    with pytest.raises(InputError, match="majority and majority differ"):
        bw.evaluate(one, elsewhere)
    with pytest.raises(InputError, match="the same fold and seed is there twice"):
        bw.evaluate(one, bw.train(split, "majority"))
