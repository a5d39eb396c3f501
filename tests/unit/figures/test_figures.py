import json
import re
import xml.etree.ElementTree as ET

import numpy as np
import pandas as pd
import pytest
import vl_convert

from basewise.figures.drawing import save_figure, shortened, thinned
from basewise.figures.examples import distributions_figure, split_figure, targets_figure
from basewise.figures.writing import FIGURES, draw_figure
from basewise.store.run_records import learning_curves
from basewise.store.tables import write_table

HOSTILE = '<script> & "me"'
GRID = np.arange(101) / 100
OF_MODELS = (
    *("confusion", "scores", "roc", "precision_recall", "calibration", "predicted", "residuals"),
    "learning",
)
BINS = {"low": np.tile(GRID[:-1], 2), "high": np.tile(GRID[1:], 2)}


def made(kind, seed=0, output="label"):
    """A table of one output, as its step writes it."""
    draw = np.random.default_rng(seed).random
    band = {"low": GRID * draw(), "high": GRID}
    columns = {
        "confusion": {
            "true": [0, 0, 1, 1],
            "predicted": [0, 1, 0, 1],
            "count": np.array([1500, 500, 30, 70]) + seed,
        },
        "scores": {"class": np.repeat([0, 1], 100), **BINS, "count": (draw(200) * 9).astype(int)},
        "roc": {"false_positive_rate": GRID, "true_positive_rate": GRID ** draw(), **band},
        "precision_recall": {
            "recall": GRID,
            "precision": 1 - GRID * draw(),
            **band,
            "prevalence": 0.5,
        },
        "calibration": {
            "method": np.repeat(["raw", "temperature", "isotonic"], 10),
            "low": np.tile(GRID[:100:10], 3),
            "high": np.tile(GRID[10::10], 3),
            "count": np.arange(30),
            "score": draw(30),
            "share": np.where(np.arange(30) == 0, np.nan, draw(30)),
            "share_low": draw(30),
            "share_high": draw(30),
        },
        "predicted": {"target": draw(40) * 10**seed, "score": draw(40)},
        "residuals": {"low": np.arange(40) - seed, "high": np.arange(1, 41) - seed, "count": 3},
        "learning": {
            "fold": 0,
            "seed": 1 + seed,
            "epoch": np.arange(1, 6),
            "loss": draw(5),
            "val_loss": draw(5),
            "chosen": [0, 0, 1, 0, 0],
        },
    }[kind]
    named = {} if kind == "learning" else {"output": output}
    return pd.DataFrame({**named, **columns})


def specification(kind, table):
    """Specification of a figure without its one data set."""
    text = FIGURES[kind].draw(table).to_dict()
    (name,) = text.pop("datasets")
    text = json.dumps(text)
    assert text.count(name) == 1
    return text.replace(name, "data")


@pytest.mark.parametrize("kind", OF_MODELS)
def test_a_specification_does_not_hang_on_the_values(kind):
    one = specification(kind, made(kind))
    assert one == specification(kind, made(kind, seed=3, output=HOSTILE))
    if kind == "confusion":
        classes = pd.DataFrame({"true": ["a"] * 9, "predicted": ["b"] * 9, "count": 1})
        assert one == specification(kind, classes.assign(output="label"))


@pytest.mark.parametrize("kind", OF_MODELS)
def test_figures_are_drawn_from_their_table_with_a_text(kind, tmp_path):
    write_table(made(kind), tmp_path / "a.tsv")
    pictures = tmp_path / "a.svg", tmp_path / "a.png"
    names = {"dataset": HOSTILE, "model": "kmers"}
    draw_figure(kind, tmp_path / "a.tsv", *pictures, names)
    root = ET.parse(tmp_path / "a.svg").getroot()  # noqa: S314 our own
    assert root.get("role") == "img"
    assert f"{HOSTILE}" in root.get("aria-label") and "kmers" in root.get("aria-label")
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.png", "a.svg", "a.tsv"]


def texts(figure, path):
    save_figure(figure, path)
    return [node.text for node in ET.parse(path).iter("{http://www.w3.org/2000/svg}text")]  # noqa: S314


def test_the_confusion_figure_shows_counts_and_shares(tmp_path):
    found = texts(FIGURES["confusion"].draw(made("confusion")), tmp_path / "a.svg")
    for text in ("1,500", "75.0%", "500", "25.0%", "30", "30.0%", "70", "70.0%"):
        assert text in found


def test_of_many_classes_the_worst_confusions_are_shown(data, tmp_path):
    """The case of 300 odd names, whose matrix took 75 MB: no cell a picture, no name lost."""
    names = pd.read_csv(
        data.parent / "cases/c10-300-classes-odd-names/t.csv", keep_default_na=False
    )["label"]
    classes = names[names != ""].unique()
    pairs = pd.MultiIndex.from_product([classes, classes], names=["true", "predicted"])
    counts = pairs.to_frame(index=False).assign(output="label", count=1)
    same = counts["true"] == counts["predicted"]
    odd = counts["true"].isin(["<b>bold</b>", 'It\'s "quoted"', "=SUM(A1)"])
    counts.loc[same, "count"] = 700
    counts.loc[odd & (counts["predicted"] == "class 100"), "count"] = 50
    found = texts(FIGURES["confusion"].draw(counts), tmp_path / "a.svg")
    assert (tmp_path / "a.svg").stat().st_size < 100_000
    assert {f"{name} → class 100" for name in counts["true"][odd]} < set(found)
    assert found.count("50") == 3
    number = len(classes) * (len(classes) - 1)
    assert any(f"The 25 most frequent of {number:,} confusions of" in str(text) for text in found)


def test_thirty_classes_are_still_a_matrix():
    counts = pd.DataFrame({"true": [f"c{n}" for n in range(30)], "predicted": "c0", "count": 1})
    assert "most frequent" not in FIGURES["confusion"].draw(counts.assign(output="label")).to_json()


def test_points_are_thinned_evenly_with_both_ends():
    table = pd.DataFrame({"x": range(1000)})
    assert thinned(table, 4)["x"].tolist() == [0, 333, 666, 999]
    assert thinned(table, 1000) is table


def test_long_names_are_shortened_and_short_ones_are_not():
    assert shortened(pd.Series(["a" * 32, "b" * 33])).tolist() == ["a" * 32, "b" * 31 + "…"]


def test_a_latent_space_of_many_classes_colors_the_frequent_ones(tmp_path):
    classes = [f"c{n}" for n in range(12) for _ in range(n + 1)]
    table = pd.DataFrame({"part": "test", "x": 0.5, "y": 0.5, "target.label": classes})
    found = texts(FIGURES["embedding"].draw(table), tmp_path / "a.svg")
    assert {"c11", "c5", "5 other classes"} < set(found) and "c4" not in found


def test_the_confusion_figure_names_the_classes(tmp_path):
    table = made("confusion")
    write_table(table, tmp_path / "confusion.tsv")
    pictures = [tmp_path / f"a.{form}" for form in ("svg", "png")]
    names = {"dataset": "d", "model": "m"}
    classes = {"0": "control", "1": "case"}
    draw_figure("confusion", tmp_path / "confusion.tsv", *pictures, names, classes=classes)
    svg = ET.parse(tmp_path / "a.svg")  # noqa: S314
    found = [node.text for node in svg.iter("{http://www.w3.org/2000/svg}text")]
    assert found.count("0: control") == found.count("1: case") == 2


def test_the_threshold_moves_the_line_and_nothing_else(tmp_path):
    chart = FIGURES["scores"].draw(made("scores")).to_dict()
    svg = {}
    for threshold in (0.25, 0.75):
        chart["params"] = [{"name": "threshold", "value": threshold}]
        svg[threshold] = vl_convert.vegalite_to_svg(chart)
    rule = re.compile(r'mark-rule role-mark.*?transform="translate\(([\d.]+)')
    places = [float(rule.search(svg[threshold])[1]) for threshold in (0.25, 0.75)]
    assert places == pytest.approx([65, 195], abs=1)
    bars = re.compile(r"mark-rect role-mark.*?</g>")
    assert bars.search(svg[0.25])[0] == bars.search(svg[0.75])[0]


def test_of_many_outputs_twelve_are_shown(tmp_path):
    table = pd.concat([made("roc", output=f"factor{number}") for number in range(14)])
    found = texts(FIGURES["roc"].draw(table), tmp_path / "a.svg")
    assert [text for text in found if text.startswith("factor")] == [
        f"factor{number}" for number in range(12)
    ]
    assert "The first 12 of 14 outputs; the table holds all." in found


def test_a_picture_of_a_split_shows_its_largest_chromosomes(tmp_path):
    rows = [(f"scaffold{n}", 0, 10, "train", n) for n in range(1, 35)]
    table = pd.DataFrame(rows, columns=["chrom", "low", "high", "part", "count"])
    found = texts(split_figure(table), tmp_path / "a.svg")
    assert {f"scaffold{n}" for n in range(5, 35)} < set(found) and "scaffold4" not in found
    assert "The 30 with the most examples; the table holds 4 more." in found


def test_distributions_are_side_by_side(tmp_path):
    rows = [(name, label, 0, 1, 5, 1) for name in ("length", "gc") for label in ("a", HOSTILE)]
    table = pd.DataFrame(rows, columns=["variable", "class", "low", "high", "count", "share"])
    found = texts(distributions_figure(table), tmp_path / "a.svg")
    assert {"length (letters)", "share of G and C", "a", HOSTILE} <= set(found)


def test_targets_and_covariates_stay_few_and_small(tmp_path):
    bins = [(float(low), low + 1.0, low) for low in range(20)]
    rows = [(f"target.t{n}", "", *row) for n in range(1000) for row in bins]
    rows += [("covariate.place", f"p{n}", np.nan, np.nan, 99 - n) for n in range(40)]
    rows += [("length", "", *row) for row in bins]
    columns = ["variable", "class", "low", "high", "count"]
    found = texts(targets_figure(pd.DataFrame(rows, columns=columns)), tmp_path / "a.svg")
    assert "12 of 1,001 targets and covariates; the table holds all." in found
    assert {"t0", "t10", "place (covariate), 30 more classes", "p0", "p9"} <= set(found)
    assert not {"t11", "p10"} & set(found)
    assert (tmp_path / "a.svg").stat().st_size < 200_000


def test_the_history_of_a_regression_holds_its_own_measure(tmp_path):
    columns = {"epoch": [1, 2, 3], "loss": [3.0, 2, 1], "mae": [2.0, 1, 1], "val_loss": [3.0, 1, 2]}
    write_table(pd.DataFrame(columns), tmp_path / "history.tsv")
    curves = learning_curves([(0, 1)], [tmp_path / "history.tsv"])
    assert curves["chosen"].tolist() == [0, 1, 0]
    assert curves["mae"].tolist() == [2, 1, 1]
    assert "validation" in texts(FIGURES["learning"].draw(curves), tmp_path / "a.svg")
