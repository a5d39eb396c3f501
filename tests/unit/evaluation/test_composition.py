import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from basewise.evaluation.composition import (
    area,
    composition_table,
    notable,
    strongest_first,
)
from basewise.evaluation.significance import placements
from basewise.store.tables import COMPOSITION_COLUMNS

N = 400
PART = np.array(["train"] * 300 + ["test"] * 100)
BOTH = {"task": "binary", "alphabet": "dna"}


def examples(**columns):
    """Examples whose composition tells nothing, with other columns in their place."""
    draws = np.random.default_rng(3)
    table = {
        "source": "peaks.bed",
        "chrom": draws.choice(["I", "II"], N),
        "start": draws.integers(0, 9000, N),
        "original_length": 100,
        "gc": draws.normal(0.4, 0.05, N),
        "unknown": 0.0,
        "soft_masked": draws.random(N),
        "target.label": draws.integers(0, 2, N),
    }
    table = pd.DataFrame(table | columns)
    return table.assign(end=table["start"] + 100)


def told(table):
    return notable(table)[["variable", "class"]].to_numpy().tolist()


def test_an_area_is_that_of_scikit_learn_with_the_error_of_delong():
    draws = np.random.default_rng(2)
    label, values = draws.integers(0, 2, 200), draws.integers(0, 9, 200)
    counts = [np.bincount(values[label == one], minlength=9) for one in (1, 0)]
    found = area(*counts)
    assert found.auroc == pytest.approx(roc_auc_score(label, values))

    each = placements(label, values[None].astype(float))
    error = np.sqrt(sum(placed.var(ddof=1) / len(placed) for placed in each))
    assert (found.high - found.low) / 2 == pytest.approx(1.98 * error, rel=0.02)


def test_classes_that_are_alike_are_told_by_nothing():
    table = composition_table(examples(), PART, **BOTH)
    assert table["variable"].tolist() == ["gc", "soft_masked", "position"]
    assert table["auroc"].between(0.4, 0.6).all() and told(table) == []
    assert (table[["examples", "others"]].sum(axis=1) == 300).all()


@pytest.mark.parametrize(
    ("variable", "column", "values"),
    [
        ("length", "original_length", [90, 110]),
        ("gc", "gc", [0.52, 0.4]),
        ("unknown", "unknown", [0.0, 0.3]),
        ("soft_masked", "soft_masked", [0.9, 0.1]),
        ("position", "start", [8000, 100]),
    ],
)
def test_each_number_by_itself(variable, column, values):
    """Where one half of class 1 differs, the area is 0.75."""
    table = examples()
    differs = (table["target.label"] == 1) & (np.arange(N) % 2 == 0)
    table = examples(**{column: np.where(differs, values[1], values[0])})
    found = composition_table(table, PART, **BOTH)
    row = strongest_first(found).iloc[0]
    assert row["variable"] == variable
    assert row["low"] < 0.75 < row["high"] and row["value"] - row["low"] < 0.06
    assert told(found) == [[variable, "1"]]


def test_test_examples_and_lengths_that_were_cut_do_not_count():
    lengths = np.where(examples()["target.label"] == 1, 100, 120)
    only_test = examples(unknown=np.where((PART == "test") & (lengths == 100), 0.5, 0))
    assert "unknown" not in set(composition_table(only_test, PART, **BOTH)["variable"])

    table = examples(original_length=lengths)
    cut = composition_table(table, PART, **BOTH, length={"policy": "crop"})
    assert "length" not in set(cut["variable"])
    row = composition_table(table, PART, **BOTH, length={"policy": "pad"}).iloc[0]
    assert (row["variable"], row["auroc"], row["mean"], row["mean_of_others"]) == (
        *("length", 0, 100),
        120,
    )


def test_files_tell_unless_each_holds_one_class():
    label = examples()["target.label"]
    one_each = examples(source=np.where(label == 1, "a.fa", "b.fa"))
    assert "source" not in set(composition_table(one_each, PART, **BOTH)["variable"])

    mixed = np.where((label == 1) & (np.arange(N) % 4 > 0), "a.fa", "b.fa")
    mixed[:20] = "a.fa"
    found = composition_table(examples(source=mixed), PART, **BOTH)
    ((variable, _),) = told(found)
    row = found.set_index("variable").loc["source"]
    assert variable == "source" and np.isnan(row["mean"])
    assert row["auroc"] == pytest.approx(
        roc_auc_score(label[:300], (mixed == "a.fa")[:300].astype(int))
    )


def test_classes_and_outputs_one_by_one():
    names = np.resize(["a", "b", "c"], N)
    table = examples(**{"target.label": names, "gc": np.where(names == "b", 0.6, 0.4)})
    found = composition_table(table, PART, task="multiclass", alphabet="dna")
    gc = found[found["variable"] == "gc"].set_index("class")
    assert gc["auroc"].to_dict() == {"a": 0.25, "b": 1, "c": 0.25}
    assert notable(found).iloc[0][["class", "more", "alarming"]].tolist() == ["b", 2, True]

    outputs = {"target.x": (names == "b").astype(int), "target.y": np.resize([0, 1], N)}
    table = table.drop(columns="target.label").assign(**outputs)
    found = composition_table(table, PART, task="multilabel", alphabet="dna")
    gc = found[found["variable"] == "gc"].set_index("class")
    assert gc.loc["x", "auroc"] == 1 and told(found)[0] == ["gc", "x"]


def test_too_few_examples_and_unknown_numbers_are_not_compared():
    few = np.zeros(N, dtype=int)
    few[:9] = 1
    assert composition_table(examples(**{"target.label": few}), PART, **BOTH).empty
    assert notable(composition_table(examples(**{"target.label": few}), PART, **BOTH)).empty

    label = examples()["target.label"]
    masked = np.where(label == 1, np.nan, np.linspace(0, 1, N))
    found = composition_table(examples(soft_masked=masked), PART, **BOTH)
    assert "soft_masked" not in set(found["variable"])


@pytest.mark.parametrize(
    ("task", "alphabet"),
    [("regression", "dna"), ("per_position", "dna"), ("binary", "genotype")],
)
def test_numbers_and_genotypes_have_no_such_table(task, alphabet):
    found = composition_table(examples(), PART, task=task, alphabet=alphabet)
    assert found.empty and found.columns.tolist() == COMPOSITION_COLUMNS
    assert notable(found).empty
