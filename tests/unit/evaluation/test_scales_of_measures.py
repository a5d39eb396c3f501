"""Measures of numbers that were learned as logarithms, on both scales."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.metrics import r2_score

from basewise.evaluation.bounds import measure_bounds
from basewise.evaluation.headlines import HEADLINES, shown_headlines
from basewise.evaluation.measures import measure
from basewise.examples.scales import logarithms
from basewise.report.models import measure_title
from basewise.report.wording import say
from basewise.store.scores import score_table

TRUTH = np.array([1.0, 10, 100, 1000])
PREDICTED = np.array([10.0, 10, 10, 1000])


def measured(target, score, transform):
    outputs = [f"y{number}" for number in range(target.shape[1])]
    ids = np.arange(len(target)).astype(str)
    table = score_table(ids, np.full(len(ids), "test"), target, score, outputs, "regression")
    found = measure(table, "regression", np.random.default_rng(1), transform=transform)
    columns = ["output", "metric", "value", "low", "high"]
    return pd.DataFrame(found.rows, columns=columns).set_index(["output", "metric"])


def test_hand_worked_logarithms():
    """Truth 0, 1, 2, 3 and predictions 1, 1, 1, 3: errors 1, 0, -1, 0 around means of 1.5."""
    rows = measured(TRUTH[:, None], PREDICTED[:, None], "log10")["value"]["y0"]
    assert rows["mae_log10"] == pytest.approx(0.5)
    assert rows["rmse_log10"] == pytest.approx(np.sqrt(0.5))
    assert rows["r2_log10"] == pytest.approx(1 - 2 / 5)
    # covariance 3 (= 1.5 * .5 + .5 * .5 - .5 * .5 + 1.5 * 1.5), squares 5 and 3
    assert rows["pearson_log10"] == pytest.approx(3 / np.sqrt(15))
    assert rows["mae"] == pytest.approx((9 + 0 + 90 + 0) / 4)


def test_the_measures_that_there_were_stay():
    generator = np.random.default_rng(3)
    target = generator.lognormal(size=(80, 2))
    target[:30, 1] = np.nan
    score = target * generator.lognormal(size=(80, 2)) + 0.1
    score[:30, 1] = 1.0
    plain = measured(target, score, "none")
    for transform in ("log10", "log1p"):
        scaled = measured(target, score, transform)
        pd.testing.assert_frame_equal(scaled.loc[plain.index], plain)
        added = scaled.drop(plain.index)
        assert set(added.index.get_level_values("metric")) == {
            f"{name}_{transform}" for name in ("pearson", "r2", "rmse", "mae")
        }
        log = np.log10 if transform == "log10" else np.log1p
        pairs = [
            (log(target[rows, n]), log(score[rows, n]))
            for n, rows in ((0, slice(80)), (1, slice(30, 80)))
        ]
        expected = [stats.pearsonr(*pair).statistic for pair in pairs]
        values = scaled["value"].unstack("output")
        np.testing.assert_allclose(
            values.loc[f"pearson_{transform}", ["y0", "y1", "macro"]],
            [*expected, np.mean(expected)],
            rtol=1e-6,
        )
        expected = [r2_score(*pair) for pair in pairs]
        np.testing.assert_allclose(values.loc[f"r2_{transform}", ["y0", "y1"]], expected, rtol=1e-5)
        assert (added["low"] < added["value"]).all() and (added["value"] < added["high"]).all()


def test_bounds_are_on_the_scale_of_the_measure():
    for name in ("pearson", "r2", "rmse", "mae"):
        asked = 0.5, np.array([0.4, 0.5, 0.6]), 0.1, 20, 21
        assert measure_bounds(f"{name}_log10", *asked) == measure_bounds(name, *asked)


def test_a_prediction_without_a_logarithm_counts_as_the_lowest_with_one():
    scaled = logarithms("log10", np.array([-3.0, 0.0, 1.0, np.nan, np.inf]))
    np.testing.assert_allclose(scaled, [-44.85, -44.85, 0, np.nan, 38.53], atol=0.01)
    assert logarithms("log1p", np.array([-5.0, 0.0])).tolist() == pytest.approx(
        [-16.64, 0], abs=0.01
    )


def test_the_report_shows_both_scales_by_name():
    plain = shown_headlines("regression", {"pearson", "r2"})
    assert plain == HEADLINES["regression"]
    both = shown_headlines("regression", {"pearson", "pearson_log10", "r2_log10"})
    assert [one.title for one in both[len(plain) :]] == ["Pearson r (log10)", "R² (log10)"]
    assert measure_title("rmse_log1p") == "RMSE (log1p)"
    text = say("scales", metrics={"pearson", "pearson_log1p"})
    assert text.startswith("Measures marked (log1p) compare ln(1 + y) of truth and prediction, all")
    assert say("scales", metrics={"pearson"}) == ""
