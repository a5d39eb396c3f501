import numpy as np
import pandas as pd
import pytest

from basewise.evaluation.evaluate import evaluate
from basewise.evaluation.measures import (
    FEWEST_GROUPS,
    Measured,
    MeasuredRun,
    Resampled,
    related_groups,
    summarize_runs,
)
from basewise.store.parts import groups_of, read_split, write_split
from basewise.store.scores import Run, score_table
from basewise.store.tables import METRIC_COLUMNS, SUMMARY_COLUMNS

IDS = np.array([f"s{row}" for row in range(200)])
PART = np.repeat(["validation", "test"], 100)


def run(fold, seed, quality=1.0, noise=0):
    """Scores of 200 examples, whose targets depend on the fold alone."""
    target = np.random.default_rng(fold).integers(2, size=200)
    place = np.random.default_rng((fold, seed, noise)).normal(quality * (2 * target - 1))
    score = 1 / (1 + np.exp(-place))
    return Run(fold, seed, score_table(IDS, PART, target[:, None], score[:, None], ["label"]))


def evaluated(runs, *, model="m", groups=None, leaking=None, **settings):
    folds = {one.fold for one in runs}
    groups = groups or dict.fromkeys(folds)
    leaking = leaking or {fold: set() for fold in folds}
    names = dict(dataset="d", model=model, task="binary", root_seed=1)
    return evaluate(runs, **names, groups=groups, leaking=leaking, **settings)


def summary_row(found, metric, part="test"):
    rows = found.summary[(found.summary["metric"] == metric) & (found.summary["part"] == part)]
    return rows.set_index("metric").loc[metric]


def test_the_summary_is_the_mean_of_the_runs():
    found = evaluated([run(fold, seed) for fold in (0, 1) for seed in (1, 2)], precision=0.7)
    assert list(found.metrics) == METRIC_COLUMNS and list(found.summary) == SUMMARY_COLUMNS
    test = found.metrics[found.metrics["part"] == "test"]
    for metric in ("auroc", "brier", "f1_at_max_f1", "ece_isotonic", "threshold_fixed_precision"):
        values = test.loc[test["metric"] == metric, "value"]
        row = summary_row(found, metric)
        assert [row["value"], row["spread"]] == pytest.approx([values.mean(), values.std()])
        assert row["runs"] == 4 and row["unit"] == "example"
    assert np.isnan(summary_row(found, "temperature")["low"])
    assert set(found.metrics["part"]) == {"test", "validation"}
    assert not found.metrics.query("part == 'validation'")["metric"].str.contains("_at_").any()
    thresholds = found.thresholds.set_index("rule").loc["max_f1", "threshold"]
    expected = test.loc[test["metric"] == "threshold_max_f1", "value"]
    assert thresholds.tolist() == expected.tolist()


def test_one_run_has_the_same_interval_in_both_tables():
    found = evaluated([run(0, 1)])
    test = found.metrics[found.metrics["part"] == "test"].set_index("metric")
    summary = found.summary.set_index("metric")
    assert test["low"].to_numpy() == pytest.approx(summary["low"].to_numpy(), nan_ok=True)
    assert test["high"].to_numpy() == pytest.approx(summary["high"].to_numpy(), nan_ok=True)
    assert summary["spread"].isna().all()


def test_models_and_seeds_of_a_fold_share_their_resamples():
    """Equal scores give equal replicates, whatever the model and seed; not in another fold."""
    same = run(0, 1)
    runs = [same, Run(0, 2, same.scores), Run(1, 1, same.scores)]
    one, other = evaluated(runs), evaluated(runs, model="other")
    table = one.replicates.query("metric == 'auroc'").set_index(["fold", "seed"])
    numbers = [str(number) for number in range(1000)]
    assert table.loc[(0, 1), numbers].tolist() == table.loc[(0, 2), numbers].tolist()
    assert table.loc[(0, 1), numbers].tolist() != table.loc[(1, 1), numbers].tolist()
    pd.testing.assert_frame_equal(one.replicates, other.replicates)


def test_related_examples_make_wider_intervals():
    """Ten copies of each of twenty examples are twenty examples, to the groups' interval."""
    copies = Run(0, 1, run(0, 1).scores)
    names = copies.scores["id"].str[1:].astype(int)
    rows = copies.scores.iloc[np.where(PART == "test", 100 + names % 20, names)]
    table = rows.assign(id=IDS, part=PART).reset_index(drop=True)
    group = pd.Series((names % 20).astype(str).to_numpy(), index=IDS)
    alone = summary_row(evaluated([Run(0, 1, table)]), "accuracy")
    together = summary_row(evaluated([Run(0, 1, table)], groups={0: group}), "accuracy")
    assert (alone["unit"], together["unit"]) == ("example", "group")
    ratio = (together["high"] - together["low"]) / (alone["high"] - alone["low"])
    assert ratio == pytest.approx(np.sqrt(5), rel=0.25)


def test_groups_count_only_where_they_are_many_and_shared():
    ids = pd.Series([f"s{row}" for row in range(2 * FEWEST_GROUPS)])

    def numbers(names):
        return related_groups(ids, pd.Series(names, index=ids))

    assert related_groups(ids, None) is None
    assert numbers([str(row) for row in range(len(ids))]) is None
    assert numbers([str(row % (FEWEST_GROUPS - 1)) for row in range(len(ids))]) is None
    found = numbers([str(row // 2) if row > 3 else None for row in range(len(ids))])
    assert len(set(found[:4])) == 4 and len(set(found)) == FEWEST_GROUPS + 2
    assert (found[4::2] == found[5::2]).all()


def test_test_is_measured_without_what_leaks():
    one = run(0, 1)
    test = one.scores[one.scores["part"] == "test"]
    right = test[(test["score.label"] > 0.5) == (test["target.label"] == 1)]
    leaking = set(right["id"].iloc[:20])
    found = evaluated([one], leaking={0: leaking})
    expected = (len(right) - 20) / 80
    assert summary_row(found, "accuracy", "test_clean")["value"] == pytest.approx(expected)
    assert summary_row(found, "accuracy")["value"] == pytest.approx(len(right) / 100)
    assert "threshold_max_f1" in set(found.summary.query("part == 'test_clean'")["metric"])


def test_a_clean_part_without_a_class_is_not_measured():
    one = run(0, 1)
    positives = set(one.scores.loc[one.scores["target.label"] == 1, "id"])
    found = evaluated([one], leaking={0: positives})
    assert set(found.summary["part"]) == {"test"}


@pytest.mark.parametrize(
    ("task", "left", "measured"),
    [
        ("multiclass", 0, False),
        ("regression", 0, False),
        ("regression", 4, False),
        ("regression", 5, True),
    ],
)
def test_a_clean_part_of_too_few_rows_is_not_measured(task, left, measured):
    target = (
        np.arange(200)[:, None] % 3 if task == "multiclass" else np.sin(np.arange(200))[:, None]
    )
    outputs = ["a", "b", "c"] if task == "multiclass" else ["height"]
    score = np.random.default_rng(1).random((200, len(outputs)))
    one = Run(0, 1, score_table(IDS, PART, target, score, outputs, task))
    names = dict(dataset="d", model="m", task=task, root_seed=1, groups={0: None})
    found = evaluate([one], leaking={0: set(IDS[: 200 - left])}, **names)
    assert ("test_clean" in set(found.summary["part"])) == measured


def test_a_class_that_resamples_lack_in_some_of_many_folds_has_an_interval():
    """Of 20 folds a third lacks it in each resample; of the others the mean is as uncertain."""
    draws, runs = np.random.default_rng(1), []
    for fold in range(20):
        replicates = draws.normal(0.8, 0.1, 1000)
        replicates[draws.random(1000) < 1 / 3] = np.nan
        found = {("rare", "auroc"): Resampled(0.8, replicates, 50)}
        runs.append(MeasuredRun(fold, 1, Measured([("rare", "auroc", 0.8, 0, 0)], [], found, "e")))
    row = summarize_runs(runs, "m", "test").iloc[0]
    expected = 2 * 1.96 * 0.1 / np.sqrt(20 * 2 / 3)
    assert row["high"] - row["low"] == pytest.approx(expected, rel=0.1)
    assert row["low"] < row["value"] < row["high"]


def test_a_fold_with_few_groups_is_named_beside_the_others(tmp_path):
    """Names of groups stay text, so that 01 is not 1."""
    groups = pd.Series([f"{row // 8:02d}" for row in range(200)], index=IDS)
    paths = []
    for fold, names in enumerate((groups, groups.where(groups > "20", "01"))):
        paths.append(tmp_path / f"fold{fold}.tsv")
        write_split(pd.DataFrame({"id": IDS, "group": names.to_numpy()}), PART, paths[-1])
    read = groups_of(map(read_split, paths))
    pd.testing.assert_series_equal(read[0], groups, check_names=False, check_dtype=False)
    found = evaluated([run(0, 1), run(1, 1)], groups=read)
    assert set(found.summary["unit"]) == {"example or group"}
