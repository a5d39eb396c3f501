import numpy as np
import pandas as pd
import pytest
from scipy import stats

from basewise.errors import InputError
from basewise.paired import PAIRED_COLUMNS, paired_tests, paired_verdict
from basewise.tables import METRIC_COLUMNS

REFERENCE = np.array([0.5, 0.4, 0.6, 0.3, 0.55])
BETTER = REFERENCE + np.array([0.02, 0.04, 0.03, 0.05, 0.01])


def long_form(values, output="E1", metric="pearson", seeds=(1,), part="test"):
    """Model to its values by fold, the same for every seed."""
    rows = [
        ("d", model, fold, seed, part, output, metric, value, 0.0, 1.0)
        for model, of_folds in values.items()
        for fold, value in enumerate(of_folds)
        for seed in seeds
    ]
    return pd.DataFrame(rows, columns=METRIC_COLUMNS)


def test_the_corrected_t_test_by_hand():
    """Mean 0.03, variance 0.00025 (1/5 + 1/4), so that t is the root of 8, with 4 degrees."""
    table = paired_tests(long_form({"gblup": REFERENCE, "net": BETTER}), "gblup", "pearson")
    assert list(table.columns) == PAIRED_COLUMNS
    row = table.iloc[0]
    assert row[["model", "reference", "output", "metric", "folds"]].tolist() == [
        *("net", "gblup", "E1", "pearson", 5)
    ]
    assert row["difference"] == pytest.approx(0.03)
    # 2.776445 is the 97.5 % point of t, and its distribution with 4 degrees of freedom is closed
    assert row["low"] == pytest.approx(0.03 - 2.776445 * np.sqrt(0.0001125), abs=1e-8)
    assert row["high"] == pytest.approx(0.03 + 2.776445 * np.sqrt(0.0001125), abs=1e-8)
    assert row["p"] == pytest.approx(1 - 0.75 * np.sqrt(8 / 3) * (1 - 2 / 9))
    assert row["p_holm"] == row["p"]


def test_without_the_correction_it_is_the_paired_t_test():
    table = paired_tests(long_form({"gblup": REFERENCE, "net": BETTER}), "gblup", "pearson", 0)
    assert table["p"].item() == pytest.approx(stats.ttest_rel(BETTER, REFERENCE).pvalue)


def test_only_test_rows_count_and_seeds_are_one_fold():
    """Also where one model ran once and the other thrice, in another order of folds."""
    wobble = long_form({"net": BETTER}, seeds=(1, 2, 3))
    wobble["value"] += 0.1 * (wobble["seed"] - 2)
    metrics = pd.concat(
        [
            long_form({"ceiling": REFERENCE, "gblup": REFERENCE}),
            wobble[::-1],
            long_form({"gblup": REFERENCE, "net": -BETTER}, part="validation"),
            long_form({"gblup": REFERENCE, "net": -BETTER}, metric="spearman"),
        ]
    )
    expected = paired_tests(long_form({"gblup": REFERENCE, "net": BETTER}), "gblup", "pearson")
    pd.testing.assert_frame_equal(paired_tests(metrics, "gblup", "pearson"), expected)


def with_p(p):
    """Values whose difference from the reference has this p."""
    shift = stats.t.ppf(1 - p / 2, 4) * np.sqrt(0.0001125)
    return REFERENCE + shift + [-0.02, -0.01, 0, 0.01, 0.02]


def test_holm_by_hand():
    """Of 0.04, 0.01, 0.03 and 0.9: 4 * 0.01, 3 * 0.03, 2 * 0.04 but no less than that, and 0.9."""
    models = {"gblup": REFERENCE, **{f"p{p}": with_p(p) for p in (0.04, 0.01, 0.03, 0.9)}}
    metrics = pd.concat([long_form(models), long_form(models, output="E2")])
    table = paired_tests(metrics, "gblup", "pearson")
    assert table["output"].tolist() == ["E1"] * 4 + ["E2"] * 4
    assert table["p"].tolist() == pytest.approx([0.04, 0.01, 0.03, 0.9] * 2)
    assert table["p_holm"].tolist() == pytest.approx([0.09, 0.04, 0.09, 0.9] * 2)


def test_too_few_folds_give_nothing():
    """A fold counts where both have it."""
    short = {"gblup": REFERENCE, "net": BETTER[:2]}
    table = paired_tests(long_form(short), "gblup", "pearson")
    assert table.empty and list(table.columns) == PAIRED_COLUMNS
    assert paired_verdict(table) == ""
    assert paired_tests(long_form(short), "gblup", "auroc").empty
    with pytest.raises(InputError, match="no model 'ridge' to compare with; there are gblup, net"):
        paired_tests(long_form(short), "ridge", "pearson")


def test_a_model_that_is_the_same_is_not_different():
    table = paired_tests(long_form({"gblup": REFERENCE, "twin": REFERENCE}), "gblup", "pearson")
    assert table[["difference", "low", "high", "p"]].to_numpy().tolist() == [[0, 0, 0, 1]]


def test_the_correction_keeps_its_level_where_folds_share_examples():
    """Two models as good as each other, by 10 folds: the plain test errs too often, ours does not.

    Differences share a part that the folds have in common; its share of the variance is the one
    that Nadeau and Bengio take, 1/10.
    """
    generator = np.random.default_rng(4)
    found = {"corrected": 0, "plain": 0}
    for _ in range(400):
        noise = np.sqrt(0.1) * generator.normal() + np.sqrt(0.9) * generator.normal(size=10)
        metrics = long_form({"gblup": np.zeros(10), "net": noise})
        found["corrected"] += paired_tests(metrics, "gblup", "pearson")["p"].item() < 0.05
        found["plain"] += paired_tests(metrics, "gblup", "pearson", 0)["p"].item() < 0.05
    assert 8 <= found["corrected"] <= 34 < found["plain"]


def sentence(**changed):
    rows = [
        ("dnngp", "gblup", "E1", "pearson", -0.031, -0.06, -0.002, 0.01, 0.02, 10),
        ("deepgs", "gblup", "E1", "pearson", 0.01, -0.02, 0.04, 0.6, 0.6, 10),
    ]
    return paired_verdict(pd.DataFrame(rows, columns=PAIRED_COLUMNS).assign(**changed))


def test_the_verdict_in_words():
    assert sentence() == (
        "Against gblup (10 folds): dnngp -0.031 (-0.060 to -0.002) in Pearson r, worse; "
        "deepgs +0.010 (-0.020 to 0.040), no difference shown."
    )
    assert "in RMSE, better; " in sentence(metric="rmse")
    assert "no difference shown after correction for several models; " in sentence(p_holm=0.06)
    assert "Against gblup: dnngp -0.031 (-0.060 to -0.002; 9 folds) in" in sentence(folds=[9, 10])
    assert sentence(output=["macro", "E1"]) == (
        "Against gblup (10 folds): dnngp -0.031 (-0.060 to -0.002) in mean Pearson r, worse."
    )
    assert ". Against gblup on E2 (10 folds): deepgs" in sentence(output=["E1", "E2"])
