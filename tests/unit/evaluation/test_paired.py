import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.metrics import roc_auc_score

from basewise.core.seeds import generator
from basewise.evaluation.headlines import Headline
from basewise.evaluation.paired import choose_references, match_runs, paired_tests
from basewise.evaluation.significance import bootstrap_test, corrected_t_test
from basewise.report.verdicts import finding
from basewise.store.scores import Run, score_table
from basewise.store.tables import METRIC_COLUMNS, PAIRED_COLUMNS

REFERENCE = np.array([0.5, 0.4, 0.6, 0.3, 0.55])
BETTER = REFERENCE + np.array([0.02, 0.04, 0.03, 0.05, 0.01])
KINDS = {"gblup": "baseline", "net": "network", "twin": "network", "shuffled": "control"}


def long_form(values, output="E1", metric="pearson", seeds=(1,), part="test"):
    """Model to its values by fold, the same for every seed."""
    rows = [
        ("d", model, fold, seed, part, output, metric, value, 0.0, 1.0)
        for model, of_folds in values.items()
        for fold, value in enumerate(of_folds)
        for seed in seeds
    ]
    return pd.DataFrame(rows, columns=METRIC_COLUMNS)


def paired_of(metrics, task="regression", replicates=None, scores=None, **settings):
    kinds = {name: KINDS.get(name, "network") for name in metrics["model"].unique()}
    kinds.pop("ceiling", None)
    given = {"kinds": kinds, **settings}
    return paired_tests(metrics, replicates or {}, scores or {}, task=task, **given)


def test_the_corrected_t_test_by_hand():
    """Mean 0.03, variance 0.00025 (1/5 + 1/4), so that t is the root of 8, with 4 degrees."""
    found = corrected_t_test(BETTER - REFERENCE)
    assert found.difference == pytest.approx(0.03)
    # 2.776445 is the 97.5 % point of t, and its distribution with 4 degrees of freedom is closed
    assert found.low == pytest.approx(0.03 - 2.776445 * np.sqrt(0.0001125), abs=1e-8)
    assert found.high == pytest.approx(0.03 + 2.776445 * np.sqrt(0.0001125), abs=1e-8)
    assert found.p == pytest.approx(1 - 0.75 * np.sqrt(8 / 3) * (1 - 2 / 9))
    uncorrected = corrected_t_test(BETTER - REFERENCE, 0)
    assert uncorrected.p == pytest.approx(stats.ttest_rel(BETTER, REFERENCE).pvalue)
    assert corrected_t_test(np.zeros(3)) == (0, 0, 0, 1)


def test_the_correction_keeps_its_level_where_folds_share_examples():
    """Two models as good as each other, by 10 folds: the plain test errs too often, ours does not.

    Differences share a part that the folds have in common; its share of the variance is the one
    that Nadeau and Bengio take, 1/10.
    """
    draws = np.random.default_rng(4)
    found = {"corrected": 0, "plain": 0}
    for _ in range(400):
        noise = np.sqrt(0.1) * draws.normal() + np.sqrt(0.9) * draws.normal(size=10)
        found["corrected"] += corrected_t_test(noise).p < 0.05
        found["plain"] += corrected_t_test(noise, 0).p < 0.05
    assert 8 <= found["corrected"] <= 34 < found["plain"]


def test_the_bootstrap_of_a_mean_is_the_z_test():
    """Resamples of a mean have its standard error, s / sqrt(n)."""
    draws = generator(1, "paired bootstrap")
    values = draws.normal(0.2, 1, 100)
    resamples = draws.choice(values, (4000, 100)).mean(axis=1)
    found = bootstrap_test(np.array([[values.mean()]]), resamples[None, None], 10**6)
    expected = 2 * stats.norm.sf(values.mean() / (values.std() / 10))
    assert found.p == pytest.approx(expected, rel=0.15)
    assert (found.low > 0) == (found.p < 0.05)


def test_the_bootstrap_of_few_examples_is_the_t_test():
    """With as many degrees of freedom as there are examples of the rarest kind, less one."""
    values, resamples = np.array([[1.0]]), generator(1, "few").normal(1, 0.4, (1, 1, 4000))
    found = bootstrap_test(values, resamples, 10)
    assert found.p == pytest.approx(2 * stats.t.sf(1 / resamples.std(), 9))
    assert (found.high - found.low) / 2 == pytest.approx(2.262 * 0.4, rel=0.05)
    few, fewest = bootstrap_test(values, resamples, 5), bootstrap_test(values, resamples, 2)
    assert found.p < few.p == fewest.p


def test_a_difference_that_does_not_vary_has_the_p_of_the_sign_test():
    """Five folds that all point one way: 2 / 2^5."""
    table = paired_of(long_form({"gblup": REFERENCE, "net": REFERENCE - 0.1}))
    row = table.iloc[0]
    assert row[["low", "high"]].isna().all() and row["p"] == 1 / 16
    assert finding(row) == "no difference shown"


def test_every_model_against_the_best_ones_and_the_named():
    values = {"ceiling": REFERENCE + 1, "gblup": REFERENCE, "net": BETTER, "twin": BETTER}
    metrics = pd.concat(
        [
            long_form(values | {"shuffled": REFERENCE + 1, "svr": REFERENCE - 0.1}, seeds=(1, 2)),
            long_form({"gblup": REFERENCE, "net": -BETTER}, part="validation"),
        ]
    )
    kinds = {**KINDS, "svr": "baseline"}
    table = paired_of(metrics, kinds=kinds, named="gblup")
    assert list(table.columns) == PAIRED_COLUMNS
    pairs = table.groupby(["against", "reference"])["model"].apply(list).to_dict()
    assert pairs == {
        ("best model", "net"): ["gblup", "twin", "svr"],
        ("best baseline", "gblup"): ["net", "twin", "svr"],
    }
    assert set(table["test"]) == {"corrected t"} and table["decides"].all()
    row = table[table["against"] == "best baseline"].iloc[0]
    assert row[["difference", "low", "high", "p"]].tolist() == pytest.approx(
        corrected_t_test(BETTER - REFERENCE)
    )
    named = paired_of(metrics, kinds={**kinds, "gblup": "network"}, named="gblup")
    assert named["against"].unique().tolist() == ["best model", "best baseline", "gblup"]


def test_references_follow_the_direction_of_the_measure():
    kinds = {"a": "baseline", "b": "network", "c": "baseline"}
    means = {"a": 0.3, "b": 0.2, "c": 0.1}
    rmse, r = Headline("rmse", "RMSE", lower_is_better=True), Headline("pearson", "r")
    assert choose_references(means, kinds, rmse, None) == {"best model": "c"}
    assert choose_references(means, kinds, r, "b") == {"best model": "a", "b": "b"}


def with_p(p):
    """Values whose difference from the reference has this p."""
    shift = stats.t.ppf(1 - p / 2, 4) * np.sqrt(0.0001125)
    return REFERENCE - shift + [-0.02, -0.01, 0, 0.01, 0.02]


def test_holm_by_hand():
    """Of 0.04, 0.01, 0.03 and 0.9: 4 * 0.01, 3 * 0.03, 2 * 0.04 but no less than that, and 0.9."""
    models = {"gblup": REFERENCE, **{f"p{p}": with_p(p) for p in (0.04, 0.01, 0.03, 0.9)}}
    outputs = [long_form(models, output=name) for name in ("E1", "E2", "macro")]
    table = paired_of(pd.concat(outputs))
    assert table["output"].tolist() == ["macro", "E1", "E2"] * 4
    assert table["decides"].tolist() == [1, 0, 0] * 4
    of_macro = table[table["output"] == "macro"]
    assert of_macro["p"].tolist() == pytest.approx([0.04, 0.01, 0.03, 0.9])
    assert of_macro["p_holm"].tolist() == pytest.approx([0.09, 0.04, 0.09, 0.9])


def scored(seed, shift, rows=200):
    """Scores of two classes, alike for all seeds but for some noise."""
    target = np.arange(rows) % 2
    noise = generator(0, "scores", seed).normal(size=rows)
    score = 1 / (1 + np.exp(-(shift * (target - 0.5) + noise)))
    ids, part = np.array([f"x{row}" for row in range(rows)]), np.full(rows, "test")
    table = score_table(ids, part, target[:, None], score[:, None], ["label"])
    return Run(0, seed, table.sample(frac=1, random_state=seed))


def resampled(runs, metric):
    """Replicates of the share of right answers, with the same draws for all runs."""
    weight = generator(0, "draws").multinomial(200, np.full(200, 1 / 200), size=300) / 200
    rows = []
    for fold, seed, table in runs:
        ordered = table.sort_values("id")
        right = (ordered["score.label"] > 0.5) == (ordered["target.label"] == 1)
        rows.append((fold, seed, "label", metric, 100, right.mean(), *(weight @ right)))
    columns = ["fold", "seed", "output", "metric", "units", "value", *map(str, range(300))]
    return pd.DataFrame(rows, columns=columns)


def test_one_fold_is_compared_by_resamples_and_by_examples():
    """An ensemble of one run against three; the measure is the accuracy under another name."""
    runs = {
        "net": [scored(seed, 3) for seed in (1, 2, 3)],
        "mean": [scored(9, 3.2)],
        "kmers": [scored(seed, 1) for seed in (4, 5, 6)],
    }
    tables = {model: resampled(own, "auroc") for model, own in runs.items()}
    metrics = pd.concat(
        [
            table.assign(dataset="d", model=model, part="test", low=0.0, high=1.0)[METRIC_COLUMNS]
            for model, table in tables.items()
        ]
    )
    drawn = {model: table.drop(columns="value") for model, table in tables.items()}
    scores = {model: match_runs(own, "binary") for model, own in runs.items()}
    kinds = {"net": "network", "mean": "network", "kmers": "baseline"}
    table = paired_of(metrics, "binary", drawn, scores, kinds=kinds)
    against = table[table["against"] == "best baseline"].set_index(["model", "test"])
    assert set(against.loc["net"].index) == {"bootstrap", "delong", "mcnemar"}
    assert against.loc["net", "decides"].to_dict() == {"bootstrap": 1, "delong": 0, "mcnemar": 0}
    value = metrics.groupby("model")["value"].mean()
    for model in ("net", "mean"):
        rows = against.loc[model]
        expected = pytest.approx(value[model] - value["kmers"])
        assert rows.loc[["bootstrap", "mcnemar"], "difference"].tolist() == [expected] * 2
        assert (rows["p"] < 0.02).all() and (rows["low"] > 0).all()
    areas = {
        model: np.mean(
            [roc_auc_score(run.scores["target.label"], run.scores["score.label"]) for run in own]
        )
        for model, own in runs.items()
    }
    apart = against.loc[("net", "delong"), "difference"]
    assert apart == pytest.approx(areas["net"] - areas["kmers"])
    related = match_runs(runs["net"], "binary", {0: pd.Series({"x0": "a", "x1": "a"})})
    assert len(set(related[0].cluster)) == 199
    table = paired_of(metrics, "binary", drawn, {**scores, "net": related}, kinds=kinds)
    assert "delong" not in set(table[table["model"] == "net"]["test"])


def test_nothing_measured_gives_an_empty_table():
    table = paired_of(long_form({"net": REFERENCE}, metric="rmse"), "binary")
    assert table.empty and list(table.columns) == PAIRED_COLUMNS
    assert paired_of(long_form({}), "regression").empty
