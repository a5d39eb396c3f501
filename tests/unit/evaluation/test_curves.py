import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import average_precision_score, precision_recall_curve, roc_curve

from basewise.evaluation.curves import GRID, bin_scores, curve_points, read_curves, read_resamples
from basewise.store.scores import Run


def made(rows, seed=0, decimals=9):
    generator = np.random.default_rng(seed)
    truth = generator.random(rows) < 0.3
    score = 1 / (1 + np.exp(1 - 2 * truth - generator.normal(size=rows)))
    return truth.astype(int), score.round(decimals)


def run(fold, seed, truth, score, ids=None):
    ids = np.arange(len(truth)).astype(str) if ids is None else ids
    columns = {"id": ids, "part": "test", "target.label": truth, "score.label": score}
    return Run(fold, seed, pd.DataFrame(columns))


def points(runs, groups=None, task="binary"):
    return curve_points(runs, task, root_seed=1, dataset="made", groups={0: groups, 1: groups})


def test_curves_by_hand():
    """Positives have the ranks 1, 3 and 4 of five, so that each recall has one precision."""
    truth, score = np.array([1, 0, 1, 1, 0]), np.array([0.9, 0.8, 0.7, 0.6, 0.5])
    reading = read_curves(truth, score)
    recall = {0: 1, 0.33: 1, 0.34: 2 / 3, 0.66: 2 / 3, 0.67: 3 / 4, 1: 3 / 4}
    found = dict(zip(GRID, reading.precision[0], strict=True))
    assert {at: found[at] for at in recall} == pytest.approx(recall)
    hits = dict(zip(GRID, reading.sensitivity[0], strict=True))
    assert {at: hits[at] for at in (0, 0.25, 0.49, 0.5, 1)} == pytest.approx(
        {0: 1 / 3, 0.25: 1 / 3, 0.49: 1 / 3, 0.5: 1, 1: 1}
    )


@pytest.mark.parametrize("decimals", [9, 1])
def test_curves_are_scikit_learns_read_at_the_grid(decimals):
    """With a copy of each example the binned curves are the same, ties included."""
    truth, score = made(400, decimals=decimals)
    reading = read_curves(truth, score)
    fall_out, recall, _ = roc_curve(truth, score)
    at_least = [recall[fall_out <= at].max() for at in GRID]
    between = np.interp(GRID, fall_out, recall)
    assert reading.sensitivity[0] == pytest.approx(np.maximum(between, at_least))
    assert reading.sensitivity[0, -1] == 1
    precision, recall, _ = precision_recall_curve(truth, score)
    step = [precision[recall >= max(at, 1e-9)][-1] for at in GRID]
    assert reading.precision[0] == pytest.approx(step)
    units = np.arange(len(truth))
    binned = read_resamples(bin_scores(truth, score, units), np.ones((1, len(truth))))
    assert binned.precision == pytest.approx(reading.precision)
    assert binned.sensitivity == pytest.approx(reading.sensitivity)


def test_the_mean_of_the_precision_is_close_to_average_precision():
    truth, score = made(3000)
    mean = read_curves(truth, score).precision[0, 1:].mean()
    assert mean == pytest.approx(average_precision_score(truth, score), abs=0.005)


def test_many_rows_are_binned_finely_enough():
    truth, score = made(50_000)
    binned = read_resamples(bin_scores(truth, score, np.arange(50_000)), np.ones((1, 50_000)))
    exact = read_curves(truth, score)
    assert np.abs(binned.sensitivity - exact.sensitivity).max() < 0.003
    assert np.abs(binned.precision - exact.precision).max() < 0.02


def test_a_curve_is_the_mean_over_the_runs_within_its_band():
    runs = [run(fold, 1, *made(300, seed=fold)) for fold in (0, 1)]
    found = points(runs)
    of_runs = [read_curves(*made(300, seed=fold)) for fold in (0, 1)]
    roc, precision_recall = found.roc, found.precision_recall
    mean = np.mean([reading.sensitivity[0] for reading in of_runs], axis=0)
    assert roc["true_positive_rate"].to_numpy() == pytest.approx(mean)
    prevalence = np.mean([made(300, seed=fold)[0].mean() for fold in (0, 1)])
    assert precision_recall["prevalence"].to_numpy() == pytest.approx(prevalence)
    middle = roc[roc["false_positive_rate"].between(0.05, 0.6)]
    assert (middle["low"] < middle["true_positive_rate"]).all()
    assert (middle["true_positive_rate"] < middle["high"]).all()
    pd.testing.assert_frame_equal(points(runs).roc, roc)


def test_the_band_has_the_width_of_the_binomial_distribution():
    """At a fixed threshold the rate of n positives varies by p (1 - p) / n."""
    truth = np.repeat([1, 0], [400, 4000])
    score = np.concatenate([np.linspace(0.5, 1, 400), np.linspace(0, 0.75, 4000)])
    roc = points([run(0, 1, truth, score)]).roc
    row = roc[roc["false_positive_rate"] == 0.2].iloc[0]
    p = row["true_positive_rate"]
    slope = (0.75 / 0.5) ** 2 * 0.2 * 0.8 / 4000
    width = 2 * 1.96 * np.sqrt(p * (1 - p) / 400 + slope)
    assert row["high"] - row["low"] == pytest.approx(width, rel=0.2)


def test_related_examples_have_wider_bands():
    """Twenty copies of each example, drawn together, tell no more than one."""
    truth, score = made(60)
    copied = run(0, 1, np.repeat(truth, 20), np.repeat(score, 20))
    groups = pd.Series(np.repeat(np.arange(60), 20), copied.scores["id"])
    width = {}
    for name, found in (("alone", points([copied])), ("together", points([copied], groups))):
        middle = found.roc[found.roc["false_positive_rate"].between(0.1, 0.5)]
        width[name] = (middle["high"] - middle["low"]).mean()
    assert 3 < width["together"] / width["alone"] < 6


def test_sequences_are_drawn_with_all_their_bases():
    truth, score = made(60)
    bases = pd.DataFrame({"id": np.repeat(np.arange(60), 20).astype(str), "part": "test"})
    for name, sign in (("in", truth), ("out", 1 - truth)):
        bases[f"target.{name}"] = np.repeat(sign, 20)
        bases[f"score.{name}"] = np.repeat(score if name == "in" else 1 - score, 20)
    found = points([Run(0, 1, bases)], task="per_position").roc
    alone = points([run(0, 1, truth, score)]).roc
    assert found["output"].unique().tolist() == ["in", "out"]
    of_class = found[found["output"] == "in"]
    middle = slice(10, 50)
    widths = [(table["high"] - table["low"]).iloc[middle].mean() for table in (of_class, alone)]
    assert widths[0] == pytest.approx(widths[1], rel=0.3)


def test_an_output_of_one_class_has_no_curve():
    found = points([run(0, 1, np.ones(5, dtype=int), np.linspace(0, 1, 5))])
    assert found.roc.empty and found.precision_recall.empty
    assert list(found.roc) == ["output", "false_positive_rate", "true_positive_rate", "low", "high"]
    assert "prevalence" in found.precision_recall
