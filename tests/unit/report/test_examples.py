import base64
import json
import zlib

import numpy as np
import pandas as pd
import pytest
from made_results import made_run, make_results

from basewise.report.comparison import overview
from basewise.report.examples import circles_read, losses
from basewise.report.models import class_matrix, describe_model, threshold_data
from basewise.report.page import columnar, packed, page_table
from basewise.store.tables import THRESHOLD_COLUMNS, write_table


def test_a_table_is_kept_column_by_column():
    table = pd.DataFrame({"a": [0.123456, 2.0, np.nan], "b": ["x", "x", "x"], "c": [123_456, 2, 3]})
    columns = {"a": [0.1235, 2, None], "b": "x", "c": [123_456, 2, 3]}
    assert columnar(table) == {"rows": 3, "columns": columns}
    assert columnar(table[:1])["columns"] == {"a": [0.1235], "b": ["x"], "c": [123_456]}
    shown = [{"title": "A", "of": "a", "kind": "interval"}]
    bounds = table[:1].assign(low=0.0, high=1.0)
    assert set(page_table(bounds, shown)["columns"]) == {"a", "low", "high"}


def test_circular_chromosomes_are_told():
    places = pd.DataFrame(
        {
            "chrom": ["p10", "p2", "L", "p2", "p2"],
            "start": pd.array([0, 8, 8, 1, None], dtype="Int64"),
            "end": pd.array([4, 12, 12, 5, None], dtype="Int64"),
            "circle": [20, 10, 0, 10, 10],
        }
    )
    assert circles_read(places) == (
        "Read around the origin, as circular chromosomes: p2 and p10. 1 window lies over it."
    )
    assert circles_read(places[2:3]) == circles_read(places.drop(columns="circle")) == ""


def test_packed_data_hold_no_markup():
    value = {"name": "</script><script>alert(1)</script>&\u2028"}
    text = packed(value)
    assert not set(text) & set("<>&\u2028'\"")
    assert json.loads(zlib.decompress(base64.b64decode(text))) == value
    with pytest.raises(ValueError, match="JSON"):
        packed(float("nan"))


def test_counts_and_rules_of_the_slider(tmp_path):
    rows = [("b", label, low, low + 0.5, low * 2 + label) for low in (0.5, 0.0) for label in (1, 0)]
    scores = pd.DataFrame(rows, columns=["output", "class", "low", "high", "count"])
    write_table(scores, tmp_path / "scores.tsv")
    assert threshold_data(tmp_path) == [{"name": "b", "counts": [[0, 1], [1, 2]], "rules": []}]
    rules = pd.DataFrame({"output": ["b", "b", "c"], "rule": "max_f1", "threshold": [0.2, 0.4, 1]})
    rules = rules.assign(fold=0, seed=[1, 2, 1])[THRESHOLD_COLUMNS]
    write_table(rules, tmp_path / "thresholds.tsv")
    assert threshold_data(tmp_path)[0]["rules"] == [("highest F1", 0.3)]
    assert threshold_data(tmp_path / "nowhere") == []


def test_the_matrix_of_several_classes(tmp_path):
    rows = [("label", "a", "a", 3), ("label", "a", "b", 1), ("label", "b", "b", 2)]
    rows += [("label", "c", "a", 0)]
    table = pd.DataFrame(rows, columns=["output", "true", "predicted", "count"])
    write_table(table, tmp_path / "confusion.tsv")
    found = class_matrix(tmp_path / "confusion.tsv")
    assert found["classes"] == ["a", "b", "c"]
    assert found["rows"][0] == ("a", [(3, 0.75), (1, 0.25), (0, 0.0)])
    assert found["rows"][2] == ("c", [(0, 0), (0, 0), (0, 0)])
    write_table(table.replace({"a": 0, "b": 1, "c": 1}), tmp_path / "binary.tsv")
    assert class_matrix(tmp_path / "binary.tsv") is None


def test_rows_that_keep_leaves_out_are_no_loss(tmp_path):
    make_results(tmp_path, {"data": "binary"}, models=1)
    folder, keep = tmp_path / "data", {"column": 4, "equals": "Reb1"}
    reasons = ["column 4 is not Reb1"] * 500 + ["the label is empty"] * 3 + ["leaves"]
    dropped = pd.DataFrame({"id": "x", "source": "peaks.bed", "line": 1, "reason": reasons})
    write_table(dropped, folder / "extract/dropped.tsv")
    assert losses(folder, {"keep": keep}).to_numpy().tolist() == [
        ["peaks.bed", "the label is empty", 3, 204],
        ["peaks.bed", "leaves", 1, 204],
    ]
    assert losses(folder, {})["count"].tolist() == [500, 3, 1]


def test_the_first_screen_names_the_best_model_and_the_best_baseline():
    rows = [("net", "network", 0.8), ("kmers", "baseline", 0.7), ("mean", "baseline", 0.5)]
    rows += [("shuffled", "control", 0.99), ("ceiling", "ceiling", 0.95)]
    table = pd.DataFrame(rows, columns=["model", "kind", "value"])
    table = table.assign(part="test", output="label", metric="auroc", low=0.4, high=1.0)
    found = overview(table, "binary")
    assert found["best"] == {"model": "net", "value": 0.8, "low": 0.4, "high": 1.0}
    assert found["baseline"]["model"] == "kmers"
    assert overview(table[3:], "binary")["best"] is None


def test_the_facts_of_a_model(tmp_path):
    make_results(tmp_path, {"data": "binary"}, models=1)
    run = made_run(parameters=1234, epochs=20, seconds=1.0, device="CPU")
    runs = [run._replace(best_epoch=3), run._replace(best_epoch=17, seconds=2.0)]
    found = describe_model(tmp_path / "data", "model00", {"title": "t"}, runs, "label")
    assert found["facts"] == [
        ("parameters", "1,234"),
        ("epochs", "20"),
        ("epoch kept", "3 to 17"),
        ("seconds of training", "1.5"),
        ("device", "CPU"),
    ]
    learned = "20 epochs, kept 17, validation loss there 0.04706."
    caption = f"Learning curves; the dot is the epoch kept: {learned}"
    assert found["data"]["captions"]["learning"] == {"": caption}
    assert [row["method"] for row in found["calibration"]] == [
        *("as scored", "temperature", "isotonic")
    ]
