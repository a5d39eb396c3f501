import numpy as np
import pandas as pd
import pytest

from basewise.examples.description import distributions, split_counts
from basewise.figures.examples import distributions_figure

EXAMPLES = pd.DataFrame(
    {
        "original_length": [10, 10, 12, 10],
        "gc": [0.0, 0.5, 1.0, None],
        "unknown": [0.0, 0.0, 0.1, 0.0],
        "target.label": [0, 0, 1, 1],
    }
)


def filled(table, variable):
    own = table[(table["variable"] == variable) & (table["count"] > 0)]
    columns = own[["class", "low", "high", "count", "share"]].to_numpy().tolist()
    return [[name, *(round(value, 6) for value in rest)] for name, *rest in columns]


def test_distributions_by_hand():
    table = distributions(EXAMPLES, "binary")
    assert filled(table, "length") == [
        ["0", 9.5, 10.5, 2, 1],
        ["1", 9.5, 10.5, 1, 0.5],
        ["1", 11.5, 12.5, 1, 0.5],
    ]
    assert filled(table, "gc") == [
        ["0", 0, 0.02, 1, 0.5],
        ["0", 0.5, 0.52, 1, 0.5],
        ["1", 0.98, 1, 1, 1],
    ]
    assert filled(table, "unknown")[-1] == ["1", 0.095, 0.1, 1, 0.5]
    assert table.groupby(["variable", "class"])["share"].sum().tolist() == pytest.approx([1] * 6)


def test_many_classes_and_numbers_are_described_together():
    many = pd.DataFrame({"original_length": range(100, 109), "gc": 0.5, "unknown": 0.0})
    many["target.label"] = list("abcdefghi")
    assert set(distributions(many, "multiclass")["class"]) == {""}
    assert set(distributions(many[:8], "multiclass")["class"]) == set("abcdefgh")
    numbers = many.assign(**{"target.label": range(9)})
    assert set(distributions(numbers, "regression")["class"]) == {""}


def test_lengths_that_differ_by_much_share_bins():
    many = EXAMPLES.assign(original_length=[100, 200, 900, 5000])
    table = distributions(many, "regression")
    lengths = table[table["variable"] == "length"]
    assert lengths["count"].sum() == 4 and len(lengths) <= 54
    proteins = distributions(EXAMPLES.assign(gc=np.nan), "binary")
    assert set(proteins["variable"]) == {"length", "unknown"}


def test_markers_are_described_in_place_of_individuals():
    markers = pd.DataFrame({"frequency": [0.1, 0.5, 0.5], "missing": [0.0, 0.0, 0.2]})
    table = distributions(EXAMPLES, "binary", [markers])
    assert filled(table, "frequency")[-1] == ["", 0.5, 0.52, 2, round(2 / 3, 6)]
    assert filled(table, "missing") == [
        ["", 0, 0.01, 2, round(2 / 3, 6)],
        ["", 0.19, 0.2, 1, round(1 / 3, 6)],
    ]


def test_examples_are_counted_by_their_midpoint():
    """The longest chromosome has 1,150 bases, so that a bin has 20."""
    examples = pd.DataFrame(
        {
            "chrom": ["chr10", "chr2", "chr2", "chr2"],
            "start": [1130, 10, 19, 0],
            "end": [1150, 29, 22, 10],
        }
    )
    part = np.array(["test", "train", "test", "train"])
    assert split_counts(examples, part).to_numpy().tolist() == [
        ["chr2", 0, 20, "train", 2],
        ["chr2", 20, 40, "test", 1],
        ["chr10", 1140, 1160, "test", 1],
    ]


@pytest.mark.parametrize(("longest", "size"), [(60, 1), (61, 2), (600, 10), (601, 20), (3e8, 5e6)])
def test_a_chromosome_has_at_most_60_bins(longest, size):
    examples = pd.DataFrame({"chrom": ["1"], "start": [0], "end": [int(longest)]})
    row = split_counts(examples, np.array(["train"])).iloc[0]
    assert row["high"] - row["low"] == size


def test_shuffled_copies_lie_nowhere_on_their_chromosome():
    examples = pd.DataFrame(
        {"chrom": ["chr1", "chr1", "chr2"], "start": [10, pd.NA, 40], "end": [30, pd.NA, 60]}
    )
    counts = split_counts(examples, np.array(["train", "train", "test"]))
    assert counts.to_numpy().tolist() == [["chr1", 20, 21, "train", 1], ["chr2", 50, 51, "test", 1]]


def test_examples_without_a_place_are_one_row_a_part():
    examples = pd.DataFrame({"chrom": [None] * 3, "start": None, "end": None})
    table = split_counts(examples, np.array(["test", "train", "train"]))
    assert table[["part", "count"]].to_numpy().tolist() == [
        ["train", 2],
        ["validation", 0],
        ["test", 1],
    ]
    assert table[["chrom", "low", "high"]].isna().all(axis=None)


@pytest.mark.parametrize(
    ("changed", "drawn"),
    [
        ({}, {"length", "gc", "unknown"}),
        ({"original_length": 10, "unknown": 0.0}, {"gc"}),
        ({"original_length": 10, "unknown": 0.0, "gc": 0.5}, {"length", "gc", "unknown"}),
    ],
)
def test_what_is_the_same_for_all_is_drawn_only_if_everything_is(changed, drawn):
    table = distributions(EXAMPLES.assign(**changed), "binary")
    data = distributions_figure(table).to_dict()["datasets"]
    assert {row["variable"] for rows in data.values() for row in rows} == drawn


def test_targets_and_covariates_of_a_regression():
    examples = EXAMPLES.assign(
        **{
            "target.EarHT": [0.0, 20.0, np.nan, 10.0],
            "covariate.age": ["1", None, "3", "3"],
            "covariate.place": ["north", "south", "north", "7"],
        }
    )
    table = distributions(examples.drop(columns="target.label"), "regression")
    assert filled(table, "target.EarHT") == [
        ["", 0, 1, 1, 0.333333],
        ["", 10, 11, 1, 0.333333],
        ["", 19, 20, 1, 0.333333],
    ]
    assert filled(table, "covariate.age") == [["", 1, 1.1, 1, 0.333333], ["", 2.9, 3, 2, 0.666667]]
    place = table[table["variable"] == "covariate.place"]
    assert dict(zip(place["class"], place["count"], strict=True)) == {
        "north": 2,
        "south": 1,
        "7": 1,
    }
    assert place[["low", "high"]].isna().all(axis=None)
