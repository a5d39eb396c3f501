"""The figures, one function each: a table in, an Altair chart out.

Colours are the colour-blind safe palette of Okabe and Ito (2008).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import vl_convert

from basewise.headlines import Headline
from basewise.manhattan import (
    chromosome_names,
    layout,
    place_names,
    thinned,
    top_markers,
)
from basewise.tables import target_column, target_columns

__all__ = [
    "comparison_figure",
    "confusion_figure",
    "embedding_figure",
    "learning_figure",
    "manhattan_figure",
    "markers_figure",
    "precision_recall_figure",
    "roc_figure",
    "save_svg",
    "score_figure",
]

BLUE, ORANGE, GREY, LIGHT_BLUE = "#0072B2", "#D55E00", "#767676", "#56B4E9"
PALETTE = [BLUE, ORANGE, "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442", "#000000"]
SIZE = 260

CLASSES = alt.Scale(domain=["0", "1"], range=[BLUE, ORANGE])
UNIT = alt.Scale(domain=[0, 1], nice=False)
SQUARE = {"width": SIZE, "height": SIZE}
WIDE = {"width": 800, "height": 280}
FAR = 9
"""Pixels from a point to its name from which on a line joins them."""


def save_svg(chart: Any, path: str | Path) -> None:
    """Render a chart to a self-contained SVG file."""
    styled = (
        chart.configure(font="Helvetica, Arial, sans-serif", background="#ffffff", padding=8)
        .configure_axis(
            gridColor="#e8e8e8",
            domainColor=GREY,
            tickColor=GREY,
            labelFontSize=11,
            titleFontSize=12,
        )
        .configure_axis(titleFontWeight="normal", labelColor="#333333", titleColor="#333333")
        .configure_legend(
            orient="top", labelFontSize=11, titleFontSize=11, titleFontWeight="normal"
        )
        .configure_view(stroke=None)
    )
    with alt.data_transformers.enable("default", max_rows=None):
        svg = vl_convert.vegalite_to_svg(styled.to_dict())
    Path(path).write_text(svg, encoding="utf-8")


def confusion_figure(counts: pd.DataFrame) -> Any:
    """Confusion matrix: counts, and shares of the true class as shade.

    Parameters
    ----------
    counts
        true, predicted, count; several runs are added up.
    """
    table = counts.groupby(["true", "predicted"], as_index=False)["count"].sum()
    table["share"] = table["count"] / table.groupby("true")["count"].transform("sum")
    table["text"] = [
        f"{count:,} ({share:.1%})"
        for count, share in zip(table["count"], table["share"], strict=True)
    ]
    base = alt.Chart(table, **SQUARE).encode(
        x=alt.X("predicted:O", title="predicted class", axis=alt.Axis(labelAngle=0)),
        y=alt.Y("true:O", title="true class"),
    )
    shade = alt.Scale(domain=[0, 1], range=["#f3f7fb", BLUE])
    cells = base.mark_rect().encode(color=alt.Color("share:Q", scale=shade, legend=None))
    light = alt.condition("datum.share > 0.7", alt.value("#ffffff"), alt.value("#222222"))
    return cells + base.mark_text(fontSize=14).encode(text="text:N", color=light)


def score_figure(histogram: pd.DataFrame) -> Any:
    """Distribution of the test scores of each class.

    Parameters
    ----------
    histogram
        class, low, high, density.
    """
    table = histogram.assign(**{"class": histogram["class"].astype(str)})
    return (
        alt.Chart(table, **SQUARE)
        .mark_bar(opacity=0.55)
        .encode(
            x=alt.X("low:Q", title="score", scale=UNIT, bin="binned"),
            x2="high:Q",
            y=alt.Y("density:Q", title="density", stack=None),
            color=alt.Color("class:N", scale=CLASSES, title="true class"),
        )
    )


def roc_figure(points: pd.DataFrame) -> Any:
    """ROC curves, one line a run, above the diagonal of chance."""
    chance = pd.DataFrame({"false_positive_rate": [0, 1], "true_positive_rate": [0, 1]})
    return _dashed(
        chance, "false_positive_rate", "true_positive_rate", "true positive rate"
    ) + _curves(points, "false_positive_rate", "true_positive_rate")


def precision_recall_figure(points: pd.DataFrame) -> Any:
    """Precision-recall curves, one line a run, above the prevalence, which is chance."""
    chance = pd.DataFrame({"recall": [0, 1], "precision": [points["prevalence"].mean()] * 2})
    return _dashed(chance, "recall", "precision", "precision") + _curves(
        points, "recall", "precision"
    )


def learning_figure(history: pd.DataFrame) -> Any:
    """Loss of each epoch on train and validation, the chosen epoch marked.

    Parameters
    ----------
    history
        fold, seed, epoch, loss, val_loss, chosen (0 or 1).
    """
    table = history.rename(columns={"loss": "train", "val_loss": "validation"}).melt(
        ["fold", "seed", "epoch", "chosen"], ["train", "validation"], "part", "loss"
    )
    table["run"] = _run_names(table)
    colour = alt.Color(
        "part:N",
        title=None,
        scale=alt.Scale(domain=["train", "validation"], range=[GREY, BLUE]),
    )
    base = alt.Chart(table, **SQUARE).encode(
        x=alt.X("epoch:Q", axis=alt.Axis(tickMinStep=1, format="d")),
        y=alt.Y("loss:Q", scale=alt.Scale(zero=False)),
        color=colour,
        detail="run:N",
    )
    chosen = base.transform_filter("datum.chosen == 1 && datum.part == 'validation'")
    return base.mark_line() + chosen.mark_point(size=70, filled=True)


def embedding_figure(table: pd.DataFrame) -> Any:
    """Test examples in the plane of an autoencoder's latent space, coloured by their first target.

    Parameters
    ----------
    table
        From `embedding.embedding_table`.
    """
    target = target_columns(table)[0]
    name = target.removeprefix(target_column(""))
    test = table[table["part"] == "test"].rename(columns={target: "target"})
    few = test["target"].nunique() <= len(PALETTE)
    colour = (
        alt.Color("target:N", title=name, scale=alt.Scale(range=PALETTE))
        if few
        else alt.Color("target:Q", title=name, scale=alt.Scale(scheme="viridis"))
    )
    return (
        alt.Chart(test[["x", "y", "target"]], **SQUARE)
        .mark_circle(size=18, opacity=0.6)
        .encode(
            x=alt.X("x:Q", title="first component", scale=alt.Scale(zero=False)),
            y=alt.Y("y:Q", title="second component", scale=alt.Scale(zero=False)),
            color=colour,
        )
    )


def comparison_figure(comparison: pd.DataFrame, headline: Headline) -> Any:
    """One measure of every model, with its interval.

    Parameters
    ----------
    comparison
        model, metric, value, low, high.
    headline
        The measure to show.
    """
    table = comparison[comparison["metric"] == headline.metric]
    direction = "; lower is better" * headline.lower_is_better
    base = alt.Chart(table, width=320, height=alt.Step(30)).encode(
        y=alt.Y("model:N", title=None, sort=None, axis=alt.Axis(labelLimit=260)),
        x=alt.X(
            "value:Q",
            title=f"{headline.title} on test, 95 % interval{direction}",
            scale=alt.Scale(zero=False),
            axis=alt.Axis(tickCount=6),
        ),
    )
    colour = alt.condition("datum.model == 'ceiling'", alt.value(GREY), alt.value(BLUE))
    bars = base.mark_rule(strokeWidth=2).encode(x="low:Q", x2="high:Q", color=colour)
    return bars + base.mark_point(size=80, filled=True, opacity=1).encode(color=colour)


def manhattan_figure(effects: pd.DataFrame, title: str = "size of effect", named: int = 10) -> Any:
    """Effects of markers along the genome, without their sign; the largest have their names.

    Parameters
    ----------
    effects
        marker, chrom, position, effect, see `manhattan.layout`.
    title
        Of the vertical axis.
    named
        How many markers have their names.
    """
    width, height = WIDE["width"], WIDE["height"]
    laid = layout(effects)
    high = 1.15 * laid["size"].max() or 1.0
    laid["across"] = np.interp(laid["x"], laid["x"].iloc[[0, -1]], (8, width - 8))
    top = top_markers(laid, named)
    points = np.c_[top["across"], height * (1 - top["size"] / high)]
    places, ends = place_names(points, list(top["marker"]), width)
    for column, (across, down) in {"name": places.T, "end": ends.T}.items():
        top[f"{column}_across"], top[f"{column}_size"] = across, high * (1 - down / height)
    far = top[np.hypot(*(ends - points).T) > FAR]
    laid["shade"] = laid["block"] % 2
    x = alt.X(
        "across:Q",
        scale=alt.Scale(domain=[0, width], nice=False),
        axis=alt.Axis(title="chromosome", titlePadding=22, labels=False, ticks=False, grid=False),
    )
    y = alt.Y("size:Q", title=title, scale=alt.Scale(domain=[0, high], nice=False))
    colour = alt.Color("shade:N", scale=alt.Scale(range=[BLUE, LIGHT_BLUE]), legend=None)
    dots = alt.Chart(thinned(laid)[["across", "size", "shade"]], **WIDE).encode(x=x, y=y)
    largest = alt.Chart(top).encode(x=x, y=y)
    lines = alt.Chart(far).encode(x=x, y=y, x2="end_across", y2="end_size")
    names = alt.Chart(top).encode(x="name_across:Q", y="name_size:Q", text="marker:N")
    chromosomes = alt.Chart(chromosome_names(laid, laid["across"].to_numpy()))
    return (
        dots.mark_circle(size=14, opacity=0.75, aria=False).encode(color=colour)
        + lines.mark_rule(color=GREY, strokeWidth=0.7)
        + largest.mark_circle(size=40, opacity=1, color=ORANGE)
        + names.mark_text(fontSize=10, stroke="#ffffff", strokeWidth=3, aria=False)
        + names.mark_text(fontSize=10, color="#222222")
        + chromosomes.mark_text(fontSize=11, color="#333333").encode(
            x="across:Q", y=alt.value(height + 12), text="chrom:N"
        )
    )


def markers_figure(effects: pd.DataFrame) -> Any:
    """One picture of `manhattan_figure` below another, for each output of `marker_effects`."""
    known = effects.dropna(subset="effect")
    return alt.vconcat(
        *(
            manhattan_figure(of, f"effect on {name}")
            for name, of in known.groupby("output", sort=False)
        )
    )


def _curves(points: pd.DataFrame, x: str, y: str) -> Any:
    table = points.assign(run=_run_names(points), order=range(len(points)))
    return (
        alt.Chart(table)
        .mark_line(color=BLUE, interpolate="linear")
        .encode(x=f"{x}:Q", y=f"{y}:Q", detail="run:N", order="order:Q")
    )


def _dashed(table: pd.DataFrame, x: str, y: str, title: str) -> Any:
    return (
        alt.Chart(table, **SQUARE)
        .mark_line(color=GREY, strokeDash=[5, 4])
        .encode(
            x=alt.X(f"{x}:Q", scale=UNIT, title=x.replace("_", " ")),
            y=alt.Y(f"{y}:Q", scale=UNIT, title=title),
        )
    )


def _run_names(table: pd.DataFrame) -> pd.Series:
    return "fold " + table["fold"].astype(str) + ", seed " + table["seed"].astype(str)
