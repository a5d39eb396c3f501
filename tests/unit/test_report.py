import pandas as pd

from basewise.leakage import summarise
from basewise.report_comparison import averages
from basewise.report_data import leakage_verdict
from basewise.report_runs import lines_of, reconstruction_of


def test_macro_averages_say_what_they_leave_out():
    rows = [("m", fold, "test", name) for fold in (0, 1) for name in "abc"]
    metrics = pd.DataFrame(rows, columns=["model", "fold", "part", "output"])
    whole = "Macro: the mean over the 3 labels, each counting the same."
    assert averages("multilabel", list("abc"), metrics) == whole
    missing = averages("multilabel", list("abc"), metrics.drop(4))
    assert (
        missing == f"{whole} Left out: b, which is 0 or 1 throughout in the test part of some fold."
    )
    assert averages("binary", ["label"], metrics) == averages("regression", ["a"], metrics) == ""


def test_lines_of_several_runs_are_counted_once():
    runs = [
        {"warnings": ["accuracy 0.51 in epoch 3", "same score"]},
        {"warnings": ["accuracy 0.498 in epoch 12"]},
        {"warnings": []},
        {},
    ]
    lines = [("accuracy 0.51 in epoch 3", 2), ("same score", 1)]
    assert lines_of(runs, "warnings") == lines
    assert lines_of(runs, "advice") == []


def test_reconstructions_are_means_over_the_runs():
    runs = [
        {"reconstruction": {"test": {"cross_entropy": 1.0, "letters_right": 0.5}}},
        {"reconstruction": {"test": {"cross_entropy": 2.0, "letters_right": 0.7}}},
    ]
    (row,) = reconstruction_of(runs)
    assert row["part"] == "test"
    assert row["cells"] == {"cross-entropy of a letter": 1.5, "letters right": 0.6}
    assert reconstruction_of([{"reconstruction": None}, {}]) == []


def test_the_leakage_verdict_counts_examples_once():
    columns = ["kind", "id", "part", "other_part", "other_id", "similarity", "conflict"]
    leaks = [
        ("exact", "t1", "test", "train", "a", 1, 0),
        ("overlap", "t1", "test", "train", "b", None, 0),
        ("near", "t2", "test", "train", "a", 0.7, 0),
        ("exact", "a", "train", "train", "b", 1, 0),
    ]
    part = pd.Series(["train"] * 4 + ["validation"] * 2 + ["test"] * 8).to_numpy()
    summary = summarise(pd.DataFrame(leaks, columns=columns), part)
    text = leakage_verdict(summary)
    assert "part: 2 of 8 test examples (25.0%) have one in train. Scores" in text
    none = summarise(pd.DataFrame(leaks[3:], columns=columns), part)
    assert leakage_verdict(none).startswith("No held-out example has a copy")
