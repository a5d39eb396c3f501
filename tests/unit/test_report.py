import pandas as pd
import pytest

from basewise.figures import comparison_figure, confusion_figure, save_svg
from basewise.leakage import summarise
from basewise.report import verdict
from basewise.report_data import leakage_verdict


def comparison(*rows):
    columns = ["model", "metric", "value", "low", "high"]
    return pd.DataFrame([(m, "auroc", *values) for m, *values in rows], columns=columns)


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
    text = verdict(table, ["net", "weak"])
    assert text.endswith(words)
    assert f"net, has AUROC {network[0]:.3f} ({network[1]:.3f} to {network[2]:.3f})" in text


def test_the_verdict_without_a_network_names_the_best_model():
    text = verdict(comparison(("a", 0.6, 0.5, 0.7), ("b", 0.8, 0.7, 0.9)), [])
    assert text == "The best model is b, AUROC 0.800 (0.700 to 0.900)."


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
    save_svg(comparison_figure(table), tmp_path / "figure.svg")
    assert "<script" not in (tmp_path / "figure.svg").read_text()


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
