"""Pictures of the effects of markers along the genome."""

from __future__ import annotations

from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from basewise.drawing import BLUE, GREY, LIGHT_BLUE, ORANGE, WIDE
from basewise.manhattan import (
    chromosome_names,
    layout,
    place_names,
    thinned,
    top_markers,
)

__all__ = ["manhattan_figure", "markers_figure"]

FAR = 9
"""Pixels from a point to its name from which on a line joins them."""


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
