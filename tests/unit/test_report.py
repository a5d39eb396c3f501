import pandas as pd
import pytest

from basewise.curves import learning_curves
from basewise.figures import comparison_figure, confusion_figure, learning_figure, save_svg
from basewise.headlines import Headline
from basewise.leakage import summarise
from basewise.report_data import leakage_verdict
from basewise.report_models import averages, verdict
from basewise.report_runs import lines_of, reconstruction_of
from basewise.tables import write_table

AUROC = Headline("auroc", "AUROC")
RMSE = Headline("rmse", "RMSE", lower_is_better=True)


def comparison(*rows, metric="auroc"):
    columns = ["model", "metric", "value", "low", "high"]
    return pd.DataFrame([(m, metric, *values) for m, *values in rows], columns=columns)


@pytest.mark.parametrize(
    ("network", "baseline", "words"),
    [
        ((0.70, 0.65, 0.75), (0.80, 0.75, 0.85), "The network does not beat the baseline."),
        ((0.82, 0.77, 0.87), (0.80, 0.75, 0.85), "ahead, but the intervals overlap."),
        ((0.92, 0.90, 0.94), (0.80, 0.75, 0.85), "ahead, and the intervals do not overlap."),
    ],
)
def test_the_verdict_says_how_network_and_baseline_stand(network, baseline, words):
    table = comparison(("net", *network), ("weak", 0.5, 0.4, 0.6), ("kmers", *baseline))
    text = verdict(table, ["net", "weak"], AUROC)
    assert text.endswith(words)
    assert f"net, has AUROC {network[0]:.3f} ({network[1]:.3f} to {network[2]:.3f})" in text


def test_the_verdict_without_a_network_names_the_best_model():
    text = verdict(comparison(("a", 0.6, 0.5, 0.7), ("b", 0.8, 0.7, 0.9)), [], AUROC)
    assert text == "The best model is b, AUROC 0.800 (0.700 to 0.900)."


@pytest.mark.parametrize(
    ("network", "baseline", "words"),
    [
        ((0.90, 0.85, 0.95), (0.80, 0.75, 0.84), "The network does not beat the baseline."),
        ((0.78, 0.73, 0.83), (0.80, 0.75, 0.84), "ahead, but the intervals overlap."),
        ((0.60, 0.55, 0.65), (0.80, 0.75, 0.84), "ahead, and the intervals do not overlap."),
    ],
)
def test_the_lower_error_wins(network, baseline, words):
    rows = ("worse", 0.99, 0.98, 1.0), ("net", *network), ("mean", 1.5, 1.4, 1.6)
    table = comparison(*rows, ("ridge", *baseline), metric="rmse")
    text = verdict(table, ["net", "worse"], RMSE)
    assert text.startswith(f"The best network, net, has RMSE {network[0]:.3f}")
    assert "the best baseline, ridge" in text
    assert text.endswith(words)


def test_the_verdict_without_a_measure_says_why():
    assert "holds one class only" in verdict(comparison(), ["net"], AUROC)


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


def test_learning_curves_of_a_regression(tmp_path):
    """Its history holds the mean absolute error where others hold the accuracy."""
    history = pd.DataFrame(
        {"epoch": [1, 2, 3], "loss": [3.0, 2, 1], "mae": [2.0, 1, 1], "val_loss": [3.0, 1, 2]}
    )
    write_table(history, tmp_path / "history.tsv")
    curves = learning_curves([(0, 1)], [tmp_path / "history.tsv"])
    assert curves["chosen"].tolist() == [0, 1, 0]
    assert curves["mae"].tolist() == [2, 1, 1]
    save_svg(learning_figure(curves), tmp_path / "figure.svg")
    assert "validation" in (tmp_path / "figure.svg").read_text()


def test_the_confusion_figure_shows_counts_and_shares(tmp_path):
    counts = pd.DataFrame(
        {"true": [0, 0, 1, 1], "predicted": [0, 1, 0, 1], "count": [1500, 500, 30, 70]}
    )
    save_svg(confusion_figure(counts), tmp_path / "figure.svg")
    svg = (tmp_path / "figure.svg").read_text()
    for text in ("1,500 (75.0%)", "500 (25.0%)", "30 (30.0%)", "70 (70.0%)"):
        assert text in svg


def test_a_name_is_escaped_in_a_figure(tmp_path):
    table = comparison(("<script>x</script>", 0.6, 0.5, 0.7))
    save_svg(comparison_figure(table, AUROC), tmp_path / "figure.svg")
    assert "<script" not in (tmp_path / "figure.svg").read_text()


def test_the_comparison_figure_says_where_lower_is_better(tmp_path):
    for headline, words in ((AUROC, False), (RMSE, True)):
        table = comparison(("net", 0.6, 0.5, 0.7), metric=headline.metric)
        save_svg(comparison_figure(table, headline), tmp_path / "figure.svg")
        svg = (tmp_path / "figure.svg").read_text()
        assert f"{headline.title} on test" in svg and ("lower is better" in svg) == words


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
