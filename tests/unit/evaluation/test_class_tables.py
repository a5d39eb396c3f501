import numpy as np
import pandas as pd
from hypothesis import example, given
from hypothesis import strategies as st

from basewise.evaluation.figure_tables import (
    confusion_counts,
    predicted_values,
    residual_histogram,
    score_histogram,
)
from basewise.store.scores import Run
from basewise.store.tables import Columns, read_table, write_table


def run(seed=1, part="test", **columns):
    rows = len(next(iter(columns.values())))
    return Run(0, seed, pd.DataFrame({"id": map(str, range(rows)), "part": part, **columns}))


def of_label(truth, score, **names):
    return run(**{"target.label": truth, "score.label": score}, **names)


def test_a_confusion_matrix_by_hand_over_runs():
    runs = [of_label([0, 0, 1, 1], [0.5, 0.6, 0.5, 0.9]), of_label([1, 0], [0.7, 0.1], seed=2)]
    table = confusion_counts(runs, "binary")
    assert table.to_numpy().tolist() == [
        ["label", 0, 0, 2],
        ["label", 0, 1, 1],
        ["label", 1, 0, 1],
        ["label", 1, 1, 2],
    ]


def test_the_first_of_equal_classes_is_predicted():
    classes = {"target.a": [1, 0, 0], "target.b": [0, 1, 0], "target.c": [0, 0, 1]}
    scores = {"score.a": [0.4, 0.4, 0.1], "score.b": [0.4, 0.4, 0.1], "score.c": [0.2, 0.2, 0.8]}
    columns = {}
    for name in "abc":
        columns |= {
            f"{kind}.{name}": (classes | scores)[f"{kind}.{name}"] for kind in ("target", "score")
        }
    table = confusion_counts([run(**columns)], "multiclass")
    assert table["output"].unique().tolist() == ["label"]
    matrix = table.pivot(index="true", columns="predicted", values="count")
    assert matrix.to_numpy().tolist() == [[1, 0, 0], [1, 0, 0], [0, 0, 1]]
    several = confusion_counts([run(**columns)], "multilabel")
    assert several.groupby("output")["count"].sum().to_dict() == {"a": 3, "b": 3, "c": 3}


@given(
    st.lists(st.integers(0, 1000).map(lambda number: number / 1000), min_size=1, max_size=30),
    st.integers(1, 99).map(lambda number: number / 100),
)
@example([0.25, 0.5, 1.0], 0.5)
def test_bins_from_an_edge_on_hold_the_scores_above_it(scores, edge):
    truth = np.arange(len(scores)) % 2
    score = np.array(scores, dtype=np.float32)
    table = score_histogram([of_label(truth, score), of_label(truth, score, seed=2)])
    above = table[table["low"] >= edge].groupby("class")["count"].sum()
    exact = score.astype(np.float64) > edge
    assert above.tolist() == [2 * int((exact & (truth == side)).sum()) for side in (0, 1)]
    assert table["count"].sum() == 2 * len(scores)


def test_only_test_rows_count():
    runs = [of_label([0, 1], [0.0, 1.0], part=["validation", "test"])]
    table = score_histogram(runs)
    assert table[table["count"] > 0].to_numpy().tolist() == [["label", 1, 0.99, 1.0, 1]]


def test_predictions_and_residuals_by_hand():
    columns = {"target.y": [1.0, None, 3.0], "score.y": [1.5, 9.0, 1.0]}
    runs = [run(**columns, **{"target.x": [1.0, 2, 3], "score.x": [1.0, 2, 7]})]
    values = predicted_values(runs)
    assert values[values["output"] == "y"].to_numpy().tolist() == [["y", 1, 1.5], ["y", 3, 1]]
    table = residual_histogram(runs)
    of_x = table[(table["output"] == "x") & (table["count"] > 0)]
    bins = of_x[["low", "high", "count"]].to_numpy()
    assert bins.round(9).tolist() == [[0, 0.1, 2], [3.9, 4, 1]]
    assert table.groupby("output").size().to_dict() == {"y": 40, "x": 40}


def test_at_most_a_thousand_predictions_from_first_to_last():
    table = predicted_values([run(**{"target.y": np.arange(2500.0), "score.y": np.zeros(2500)})])
    assert len(table) == 1000
    assert table["target"].iloc[[0, -1]].tolist() == [0, 2499]
    assert table["target"].diff().dropna().isin([2, 3]).all()


def test_names_that_look_like_numbers_stay_names(tmp_path):
    """Also where a table has nothing else: 01 is not 1, and an empty column is no number."""
    names = {name: ["01", "2"] for name in ("true", "predicted", "group", "place", "sequence")}
    write_table(pd.DataFrame({**names, "count": [3, 4]}), tmp_path / "a.tsv")
    found = read_table(
        tmp_path / "a.tsv", Columns("true* predicted* group* place* sequence* count")
    )
    assert {name: found[name].tolist() for name in names} == names
    assert found["count"].tolist() == [3, 4]
