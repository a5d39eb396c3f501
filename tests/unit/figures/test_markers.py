import numpy as np
import pandas as pd
import pytest

from basewise.figures.drawing import save_figure
from basewise.figures.markers import (
    chromosome_names,
    layout,
    manhattan_figure,
    place_names,
    sparse,
    top_markers,
)

MARKERS = pd.DataFrame(
    [
        ("m1", "10", 500, 0.1),
        ("m2", None, None, -0.9),
        ("m3", "2", 1100, 0.4),
        ("m4", "2", 100, -0.4),
        ("m5", "1", 7000, 0.2),
        ("m6", "1", None, 0.3),
        ("m7", "1", 8000, -0.5),
        ("m8", None, 300, 0.0),
    ],
    columns=["marker", "chrom", "position", "effect"],
).astype({"position": "Int64"})


def test_the_layout_by_hand():
    """Widths 1000, 1000 and 0; markers 2000 / 5 apart, so that the three unplaced are 800 wide."""
    laid = layout(MARKERS).set_index("marker")
    assert laid.index.tolist() == ["m5", "m7", "m4", "m3", "m1", "m2", "m6", "m8"]
    assert laid["chrom"].tolist() == ["1", "1", "2", "2", "10", *["unplaced"] * 3]
    assert laid["block"].tolist() == [0, 0, 1, 1, 2, 3, 3, 3]
    gap = 2800 / 40
    places = [0, 1000, 1000 + gap, 2000 + gap, 2000 + 2 * gap]
    unplaced = 2000 + 3 * gap + np.array([0, 400, 800])
    assert laid["x"].tolist() == pytest.approx([*places, *unplaced])
    assert laid["size"].tolist() == [0.2, 0.5, 0.4, 0.4, 0.1, 0.9, 0.3, 0]


@pytest.mark.parametrize(
    "markers",
    [MARKERS.assign(chrom=None), MARKERS.assign(position=pd.NA), MARKERS.drop(columns="chrom")],
)
def test_without_a_map_markers_stand_in_their_order(markers):
    laid = layout(markers.assign(chrom=markers.get("chrom", np.nan)))
    assert laid["marker"].tolist() == MARKERS["marker"].tolist()
    assert laid["x"].tolist() == list(range(8))
    assert set(laid["chrom"]) == {"unplaced"}


def test_chromosomes_of_one_marker_have_places_of_their_own():
    laid = layout(MARKERS.dropna().groupby("chrom").head(1))
    assert laid["chrom"].tolist() == ["1", "2", "10"]
    assert laid["x"].tolist() == [0, 1, 2]


def test_top_markers_by_hand():
    top = top_markers(MARKERS, 4)
    assert top["marker"].tolist() == ["m2", "m7", "m3", "m4"]
    assert top["effect"].tolist() == [-0.9, -0.5, 0.4, -0.4]
    assert top["rank"].tolist() == [1, 2, 3, 4]
    assert len(top_markers(MARKERS)) == 8


def many(markers):
    generator = np.random.default_rng(1)
    columns = {
        "marker": [f"m{number}" for number in range(markers)],
        "chrom": generator.choice(["1", "2", "3"], markers),
        "position": generator.integers(1, 10**8, markers),
        "effect": generator.normal(size=markers),
    }
    return pd.DataFrame(columns)


def test_the_largest_stay_and_the_rest_is_thinned_evenly():
    laid = layout(many(30_000))
    kept = sparse(laid)
    assert len(kept) == 4_000
    assert kept["marker"].is_unique and kept["x"].is_monotonic_increasing
    assert set(top_markers(laid, 1_000)["marker"]) <= set(kept["marker"])
    counts = np.histogram(kept["x"], bins=20)[0] / np.histogram(laid["x"], bins=20)[0]
    assert counts.min() > 0.11 and counts.max() < 0.16
    few = layout(many(4_000))
    pd.testing.assert_frame_equal(sparse(few), few)


def test_chromosomes_without_room_go_without_their_names():
    """The wide ones and the unplaced come first."""
    rows = [("wide", 1, 100), ("wide", 60, 100), ("thin", 1, 104), ("unplaced", 1, 130)]
    laid = pd.DataFrame(rows, columns=["chrom", "x", "across"])
    laid["block"] = [0, 0, 1, 2]
    laid.loc[0, "across"] = 40
    names = chromosome_names(laid, laid["across"].to_numpy())
    assert names["chrom"].tolist() == ["wide", "unplaced"]
    assert names["across"].tolist() == [70, 130]


@pytest.mark.parametrize("spread", [2, 15, 400])
def test_names_hide_neither_names_nor_points(spread):
    generator = np.random.default_rng(spread)
    points = np.c_[generator.uniform(400, 400 + spread, 10), generator.uniform(60, 70, 10)]
    names = [f"PZA{number:05d}.1" for number in range(10)]
    places, ends = place_names(points, names, 800)
    half = np.array([30, 6])
    low, high = places - half, places + half
    apart = np.maximum(low[:, None] - high[None], low[None] - high[:, None]).max(axis=2)
    assert (apart[~np.eye(10, dtype=bool)] > -1e-9).all()
    inside = (points[:, None] > low).all(axis=2) & (points[:, None] < high).all(axis=2)
    assert not inside.any()
    assert low.min() >= 0 and high[:, 0].max() <= 800
    assert (ends >= low).all() and (ends <= high).all()


def test_a_name_without_room_stands_above_its_point():
    places, _ = place_names(np.array([[5.0, 50.0]]), ["long name"], 20)
    assert places.tolist() == [[5, 38]]


def test_the_picture_holds_markers_names_and_chromosomes(tmp_path):
    """Also of more than the 5,000 rows that Altair takes by itself; names are text, not markup."""
    table = many(12_000).replace({"chrom": {"3": "<b>"}})
    save_figure(manhattan_figure(table, "effect on yield", named=3), tmp_path / "a.svg")
    svg = (tmp_path / "a.svg").read_text()
    texts = [piece.split("</text>")[0].rpartition(">")[2] for piece in svg.split("<text")[1:]]
    assert {"1", "2", "&lt;b&gt;", "effect on yield", "chromosome"} <= set(texts)
    assert {text for text in texts if text.startswith("m")} == set(top_markers(table, 3)["marker"])
    assert svg.count("translate(") > 4_000
    assert float(svg.split('width="')[1].split('"')[0]) <= 900
    save_figure(manhattan_figure(MARKERS.assign(effect=0.0).head(1)), tmp_path / "b.svg")
    assert "m1" in (tmp_path / "b.svg").read_text()
