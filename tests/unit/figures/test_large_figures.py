"""Every figure of a study as large as they come, with names as odd as they come."""

import xml.etree.ElementTree as ET

import numpy as np
import pandas as pd
import pytest

from basewise.figures.writing import FIGURES, draw_figure
from basewise.store.parts import PARTS
from basewise.store.tables import FIGURE_COLUMNS, write_table

LIMIT = 1_000_000
"""Bytes of a picture."""

ODD = ['It\'s "quoted"', "<b> & co", "naïve 🧬", "x" * 300, "a, b;\\c", "{{ x }}", "NA", "0"]
"""Names, and beginnings of names."""

NAMING = {
    *("scores", "roc", "precision_recall", "calibration", "predicted", "residuals"),
    *("distributions", "targets", "split", "importance", "comparison", "ranks"),
}
"""Figures that show all of these names, whole or shortened."""


def names(number):
    return [f"{ODD[n % len(ODD)]} {n}" if n >= len(ODD) else ODD[n] for n in range(number)]


def crossed(**columns):
    """One row for each combination."""
    return pd.MultiIndex.from_product(columns.values(), names=columns.keys()).to_frame(index=False)


def drawn(table, *columns, scale=1.0):
    draws = np.random.default_rng(1)
    return table.assign(**{name: draws.random(len(table)) * scale for name in columns})


def many(kind):
    """The table of a figure: 300 classes, 1,000 traits, 2,000 markers, 100 models and so on."""
    draws, grid = np.random.default_rng(2), np.arange(100) / 100
    bins = {"low": grid[::2], "high": grid[::2] + 0.02}
    if kind == "distributions":
        table = crossed(variable=["length", "gc"], **{"class": names(8)}, low=bins["low"])
        return drawn(table.assign(high=table["low"] + 0.02), "share").assign(count=3)
    if kind == "targets":
        table = crossed(variable=names(1000), low=grid[::5])
        table = table.assign(variable="target." + table["variable"], high=table["low"] + 0.05)
        place = pd.DataFrame({"variable": "covariate.place", "class": names(300)})
        return drawn(pd.concat([table, place]), "share").assign(count=3)
    if kind == "split":
        table = crossed(chrom=names(20), low=np.arange(40) * 1e6, part=PARTS)
        return table.assign(high=table["low"] + 1e6, count=draws.integers(1, 9, len(table)))
    if kind == "learning":
        table = crossed(fold=range(10), seed=range(10), epoch=range(1, 501))
        chosen = (table["epoch"] == 333).astype(int)
        return drawn(table, "loss", "val_loss").assign(chosen=chosen)
    if kind == "confusion":
        table = crossed(output=["label"], true=names(300), predicted=names(300))
        return table.assign(count=draws.poisson(0.3, len(table)))
    if kind == "scores":
        table = crossed(output=names(300), **{"class": [0, 1]}, low=grid)
        return table.assign(high=table["low"] + 0.01, count=draws.integers(0, 99, len(table)))
    if kind == "roc":
        table = crossed(output=names(1000), false_positive_rate=grid[::5])
        rate = table["false_positive_rate"]
        return table.assign(true_positive_rate=rate**0.4, low=rate**0.6, high=rate**0.3)
    if kind == "precision_recall":
        table = crossed(output=names(1000), recall=grid[::5])
        fall = 1 - table["recall"]
        return table.assign(precision=fall**0.4, low=fall**0.6, high=fall**0.3, prevalence=0.1)
    if kind == "calibration":
        table = crossed(output=names(1000), method=["raw", "isotonic"], low=grid[::10])
        table = table.assign(high=table["low"] + 0.1, count=9)
        return drawn(table, "score", "share", "share_low", "share_high")
    if kind == "predicted":
        table = crossed(output=names(1000), row=range(250)).drop(columns="row")
        return drawn(table, "target", "score")
    if kind == "residuals":
        table = crossed(output=names(1000), low=np.arange(40.0))
        bell = 99 * np.exp(-(((table["low"] - 20) / 6) ** 2))
        return table.assign(high=table["low"] + 1, count=bell.astype(int))
    if kind == "embedding":
        table = pd.DataFrame({"id": names(6000), "part": "test"})
        return drawn(table, "x", "y").assign(**{"target.label": np.resize(names(300), 6000)})
    if kind == "markers":
        table = crossed(output=names(20), marker=names(2000))
        chrom = dict(zip(names(2000), np.resize(names(20), 2000), strict=True))
        table = table.assign(chrom=table["marker"].map(chrom), A="A", a="C")
        table["position"] = draws.integers(1, 1_000_000, len(table))
        return drawn(table, "frequency", "missing", "effect", "correlation")
    if kind == "trials":
        table = pd.DataFrame({"number": range(5000), "epochs": 9})
        states = draws.choice(["complete", "pruned", "diverged"], len(table))
        return drawn(table, "value").assign(state=states)
    if kind == "importance":
        return drawn(pd.DataFrame({"setting": names(100)}), "importance")
    if kind == "comparison":
        table = pd.DataFrame({"model": names(100), "part": "test", "output": "label"})
        table = drawn(table, "low", "value", "high").assign(kind="network", metric="auroc")
        return table.assign(spread=0.1, runs=3, unit="example")
    if kind == "forest":
        table = crossed(dataset=names(20), model=names(100))
        table = drawn(table, "low", "value", "high").assign(task="binary", kind="network", runs=3)
        return table.assign(title="AUROC", metric="auroc", lower_is_better=0, chance=0.5)
    table = drawn(pd.DataFrame({"model": names(100)}), "low", "rank", "high", scale=50)
    return table.assign(datasets=20, critical_difference=9.0, p=0.01)


@pytest.mark.slow
@pytest.mark.parametrize("kind", FIGURES)
def test_a_figure_stays_small_and_names_what_it_shows(kind, tmp_path):
    table = many(kind)
    first = [name for name in FIGURE_COLUMNS[kind] if name in table]
    write_table(table[[*first, *table.columns.difference(first)]], tmp_path / "a.tsv")
    pictures = [tmp_path / f"a.{form}" for form in ("svg", "png")]
    names = {"dataset": "d", "model": "m"}
    draw_figure(kind, tmp_path / "a.tsv", *pictures, names, task="binary")

    sizes = {path.suffix: path.stat().st_size for path in pictures}
    assert max(sizes.values()) < LIMIT, sizes
    svg = ET.parse(tmp_path / "a.svg")  # noqa: S314 our own
    texts = [str(node.text) for node in svg.iter("{http://www.w3.org/2000/svg}text")]
    for name in ODD if kind in NAMING else []:
        assert any(name == text or text == name[: len(text) - 1] + "…" for text in texts), name
