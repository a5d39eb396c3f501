import numpy as np
import pandas as pd
import pytest

from basewise.evaluation.headlines import HEADLINES, Headline
from basewise.report.verdicts import verdict_lines
from basewise.store.tables import COMPARISON_COLUMNS, PAIRED_COLUMNS


def comparison(*rows, metric="auroc"):
    """Of model, kind, part and value, with intervals of 0.05 to either side."""
    table = pd.DataFrame(rows, columns=["model", "kind", "part", "value"])
    table = table.assign(low=table["value"] - 0.05, high=table["value"] + 0.05, spread=np.nan)
    return table.assign(output="label", metric=metric, runs=1, unit="example")[COMPARISON_COLUMNS]


def pairs(*rows, metric="auroc", decides=1):
    """Of model, reference, difference, p and corrected p."""
    table = pd.DataFrame(rows, columns=["model", "reference", "difference", "p", "p_holm"])
    table = table.assign(low=table["difference"] - 0.02, high=table["difference"] + 0.02)
    fixed = dict(against="best model", test="bootstrap", output="label", folds=1, decides=decides)
    return table.assign(metric=metric, **fixed)[PAIRED_COLUMNS]


BASE = (("net", "network", "test", 0.82), ("kmers", "baseline", "test", 0.80))


def lines(table, paired, task="binary", **settings):
    found = verdict_lines(table, paired, task, **settings)
    return {line.kind: line.text for line in found}


@pytest.mark.parametrize(
    ("difference", "p", "p_holm", "words"),
    [
        (
            0.05,
            0.001,
            0.002,
            "The best network, net, beats the best baseline, kmers (k-mer logit):",
        ),
        (
            0.02,
            0.3,
            0.6,
            "net, is ahead of the best baseline, kmers (k-mer logit), but this may be",
        ),
        (0.02, 0.03, 0.06, "net, is ahead of the best baseline, kmers (k-mer logit), but this may"),
        (-0.01, 0.3, 0.6, "net, does not beat the best baseline, kmers (k-mer logit): AUROC"),
        (0.0, 1, 1, "net, does not beat the best baseline, kmers (k-mer logit): AUROC"),
        (-0.05, 0.001, 0.002, "does not beat the best baseline, kmers (k-mer logit); it is worse:"),
    ],
)
def test_network_and_baseline_go_by_the_corrected_p(difference, p, p_holm, words):
    paired = pairs(("net", "kmers", difference, p, p_holm))
    text = lines(comparison(*BASE), paired, titles={"kmers": "k-mer logit"})["network"]
    assert words in text
    after = " after correction" * (p != p_holm)
    assert f"difference {difference:+.3f}" in text and text.endswith(f"p = {p_holm:.3f}{after}.")
    assert "AUROC 0.820 (0.770 to 0.870) against 0.800 (0.750 to 0.850)" in text


def test_a_difference_without_an_interval():
    paired = pairs(("net", "kmers", 0.5, 0.5, 0.5)).assign(low=np.nan, high=np.nan)
    text = lines(comparison(*BASE), paired)["network"]
    assert "net, is ahead of the best baseline, kmers, but this may be chance" in text
    assert text.endswith("difference +0.500 (the same in every resample), p = 0.500.")


def test_a_lower_error_beats(monkeypatch):
    """The best network is the one of the lowest error, and a negative difference its lead."""
    brier = Headline("brier", "Brier score", lower_is_better=True, chance=0.25)
    monkeypatch.setitem(HEADLINES, "binary", (brier,))
    rows = ("net", "network", "test", 0.7), ("bad", "network", "test", 0.9), BASE[1]
    paired = ("net", "kmers", -0.1, 0.001, 0.001), ("bad", "net", 0.2, 0.0001, 0.0001)
    found = lines(comparison(*rows, metric="brier"), pairs(*paired, metric="brier"))
    assert found["best"] == "The best model is net: Brier score 0.700 (0.650 to 0.750)."
    assert "net, beats the best baseline, kmers" in found["network"]
    assert found["differences"] == "Significantly worse than net: bad."


def test_models_that_are_worse_and_that_cannot_be_told_apart():
    table = comparison(*BASE, ("deep", "network", "test", 0.7), ("mix", "mixed", "test", 0.81))
    rows = ("kmers", "net", -0.02, 0.2, 0.4), ("deep", "net", -0.12, 0.0, 0.0)
    found = lines(table, pairs(*rows, ("mix", "net", -0.01, 0.04, 0.08)))
    assert found["differences"] == (
        "Significantly worse than net: deep. No significant difference from net: mix, kmers."
    )
    assert "was not tested against the best baseline" in found["network"]
    beside = pairs(("kmers", "net", -0.02, 0.0, 0.0), decides=0)
    assert "differences" not in lines(table, beside)


def test_the_ceiling_and_the_leaking_rows():
    rows = ("ceiling", "ceiling", "test", 0.9), ("ceiling", "ceiling", "population", 0.91)
    clean = ("net", "network", "test_clean", 0.75), ("kmers", "baseline", "test_clean", 0.79)
    found = lines(comparison(*BASE, *rows, *clean), pairs())
    assert found["best"] == "The best model is net: AUROC 0.820 (0.770 to 0.870)."
    assert found["ceiling"] == (
        "The best possible classifier has AUROC 0.900 (0.850 to 0.950); net is 0.080 away from it."
    )
    assert found["leaking"] == (
        "Without the test rows that leak, net has AUROC 0.750 (0.700 to 0.800); with them it "
        "has 0.820. The best model is then kmers, with 0.790 (0.740 to 0.840)."
    )
    assert set(lines(comparison(*BASE), pairs())) == {"best", "network"}


def test_a_control_that_knows_something_is_an_alarm():
    """It is never the best model, whatever it scores."""
    good = comparison(*BASE, ("shuffled", "control", "test", 0.52))
    assert "scores at chance: AUROC 0.520" in lines(good, pairs())["control"]
    table = comparison(*BASE, ("shuffled", "control", "test", 0.95))
    assert "One run cannot tell" in lines(table, pairs())["control"]
    bad = lines(table.assign(runs=2), pairs())
    assert "does NOT score at chance, which is 0.5: AUROC 0.950" in bad["control"]
    assert bad["best"].startswith("The best model is net")


def test_nothing_is_better_than_chance():
    rows = ("net", "network", "test", 0.53), ("kmers", "baseline", "test", 0.50)
    assert lines(comparison(*rows), pairs())["chance"] == "No model is better than chance."
    assert "chance" not in lines(comparison(*BASE), pairs())


def test_a_measure_that_is_not_defined():
    assert "not defined on the test part" in lines(comparison(), pairs())["best"]


def test_controls_alone():
    found = lines(comparison(("shuffled", "control", "test", 0.52)), pairs())
    assert "only negative controls" in found["best"] and "at chance" in found["control"]
