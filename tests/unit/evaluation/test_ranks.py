import numpy as np
import pandas as pd
import pytest
from scipy import stats

from basewise.evaluation.rankings import (
    at_chance,
    collect_models,
    compare_models,
    critical_difference,
    rank_models,
    ranked,
)
from basewise.figures.comparisons import comparison_figure, forest_figure, ranks_figure
from basewise.figures.drawing import save_figure
from basewise.store.tables import COMPARISON_COLUMNS, METRIC_COLUMNS, MODEL_COLUMNS, RANK_COLUMNS

# Demsar (2006), table 6: AUROC of four variants of C4.5 on 14 data sets.
MODELS = ["C4.5", "C4.5+m", "C4.5+cf", "C4.5+m+cf"]
AREAS = """
.763 .768 .771 .798  .599 .591 .590 .569  .954 .971 .968 .967  .628 .661 .654 .657
.882 .888 .886 .898  .936 .931 .916 .931  .661 .668 .609 .685  .583 .583 .563 .625
.775 .838 .866 .875  1.00 1.00 1.00 1.00  .940 .962 .965 .962  .619 .666 .614 .669
.972 .981 .975 .9749  .957 .978 .946 .970
"""


def models_table(values, **changed):
    """A row a dataset and model."""
    rows = [
        (f"d{place}", "binary", model, "baseline", "auroc", "AUROC", 0, value, value, value, 0.5, 1)
        for place, row in enumerate(values)
        for model, value in zip(MODELS, row, strict=False)
    ]
    return pd.DataFrame(rows, columns=MODEL_COLUMNS).assign(**changed)


DEMSAR = np.array(AREAS.split(), dtype=float).reshape(14, 4)


def test_the_published_example():
    """Ranks 3.143, 2.000, 2.893 and 1.964, critical difference 1.25; chi-squared is 9.28.

    That is without the correction for ties, three of two models and one of four in 14 rows.
    """
    table = rank_models(models_table(DEMSAR)).set_index("model")
    assert table["rank"].round(3).to_dict() == {
        "C4.5+m+cf": 1.964,
        "C4.5+m": 2.0,
        "C4.5+cf": 2.893,
        "C4.5": 3.143,
    }
    assert table["critical_difference"].iloc[0] == pytest.approx(1.25, abs=0.005)
    assert ((table["high"] - table["low"]) / 2).tolist() == pytest.approx(
        [1.2536 / 2] * 4, abs=1e-4
    )
    assert table["p"].iloc[0] == pytest.approx(stats.chi2.sf(9.28 / (1 - 78 / 840), 3), rel=0.01)


def test_critical_values_are_those_of_the_table():
    """Demsar, table 5 (a): q at 0.05 for 2 to 10 models."""
    table = [1.960, 2.343, 2.569, 2.728, 2.850, 2.949, 3.031, 3.102, 3.164]
    found = [critical_difference(k, 1) / np.sqrt(k * (k + 1) / 6) for k in range(2, 11)]
    assert found == pytest.approx(table, abs=0.0015)


def test_lower_is_better_where_the_measure_says_so():
    errors = models_table(1 - DEMSAR, lower_is_better=1)
    pd.testing.assert_frame_equal(rank_models(errors), rank_models(models_table(DEMSAR)))


def test_only_models_that_all_datasets_have_are_ranked():
    table = models_table(DEMSAR)
    assert set(rank_models(table.drop(0))["model"]) == {"C4.5+m+cf", "C4.5+m", "C4.5+cf"}
    assert rank_models(table.iloc[:8]).empty and rank_models(table[::4]).empty
    controls = table.assign(kind=np.where(table["model"] == "C4.5", "control", "network"))
    assert len(rank_models(controls)) == 3
    assert list(rank_models(table[:0]).columns) == RANK_COLUMNS


def comparison(**kinds):
    """Model to its kind; the values go up by 0.1 from 0.5."""
    rows = [
        (model, kind, "test", "label", "auroc", 0.5 + 0.1 * n, 0.45 + 0.1 * n, 0.54 + 0.1 * n)
        for n, (model, kind) in enumerate(kinds.items())
    ]
    table = pd.DataFrame(rows, columns=COMPARISON_COLUMNS[:8])
    return table.assign(spread=np.nan, runs=1, unit="example")


def test_summaries_and_the_ceiling_are_one_table():
    """The mean of two folds whose bounds are 0.03 and 0.04 away lies within 0.05 / 2."""
    rows = [
        ("d", "ceiling", 0, 0, "test", "label", "auroc", 0.8, 0.77, 0.84),
        ("d", "ceiling", 1, 0, "test", "label", "auroc", 0.9, 0.86, 0.93),
        ("d", "ceiling", 0, 0, "population", "label", "auroc", 0.84, np.nan, np.nan),
    ]
    ceiling = pd.DataFrame(rows, columns=METRIC_COLUMNS)
    summaries = comparison(net="network", noise="control").drop(columns="kind")
    table = compare_models(summaries, ceiling, {"net": "network", "noise": "control"})
    assert list(table.columns) == COMPARISON_COLUMNS
    assert table["kind"].tolist() == ["network", "control", "ceiling", "ceiling"]
    own = table.iloc[2]
    assert own[["value", "low", "high", "runs"]].tolist() == pytest.approx([0.85, 0.825, 0.875, 2])
    assert table.iloc[3][["low", "high"]].isna().all()
    assert ranked(table, "binary")["model"].tolist() == ["net"]
    assert at_chance(table, "binary") == ["net"]


def test_the_datasets_side_by_side():
    tables = {"x": comparison(net="network", top="ceiling"), "y": comparison(net="network")[:0]}
    table = collect_models(tables, {"x": "binary", "y": "regression"})
    assert list(table.columns) == MODEL_COLUMNS
    assert table[["dataset", "model", "title", "chance"]].to_numpy().tolist() == [
        ["x", "net", "AUROC", 0.5],
        ["x", "top", "AUROC", 0.5],
    ]
    assert collect_models({}, {}).empty


def test_figures_say_what_they_show(tmp_path):
    """Also with a name that looks like a tag, and where there is nothing to show."""
    named = comparison(**{"<script>": "network", "kmers": "baseline", "ceiling": "ceiling"})
    models = collect_models({"d": named}, {"d": "binary"})
    for figure, words in (
        (comparison_figure(named, "binary"), "AUROC on test, 95 % interval<"),
        (forest_figure(models), "AUROC on test"),
        (forest_figure(models.assign(lower_is_better=1)), "lower is better"),
        (forest_figure(models[:0]), "No model has been measured"),
        (ranks_figure(rank_models(models_table(DEMSAR))), "average rank"),
        (ranks_figure(rank_models(models)), "three datasets"),
    ):
        save_figure(figure, tmp_path / "figure.svg")
        svg = (tmp_path / "figure.svg").read_text()
        assert words in svg and "<script" not in svg


def test_the_figure_of_a_dataset_is_the_same_for_other_values():
    """Apart from its one set of data."""
    specs = [
        comparison_figure(table, "binary").to_dict()
        for table in (comparison(net="network"), comparison(a="baseline", b="control"))
    ]
    for spec in specs:
        assert len(spec.pop("datasets")) == 1
        spec.pop("data")
    assert specs[0] == specs[1]
