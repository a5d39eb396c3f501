"""What all figures share: colors, sizes, facets for outputs, and writing the files.

Colors are the color-blind safe palette of Okabe and Ito (2008).
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import altair as alt
import numpy as np
import pandas as pd
import vl_convert

from basewise.store.receipts import writing

BLUE, ORANGE, GRAY, LIGHT_BLUE = "#0072B2", "#D55E00", "#767676", "#56B4E9"

PALETTE = [BLUE, ORANGE, "#009E73", "#CC79A7", "#E69F00", LIGHT_BLUE, "#F0E442", "#000000"]

SIZE = 260

SQUARE = {"width": SIZE, "height": SIZE}

WIDE = {"width": 800, "height": 280}

UNIT = alt.Scale(domain=[0, 1], nice=False)

FACETS, ACROSS = 12, 3
"""Outputs that a picture shows at most, and how many of them side by side."""

SHARPNESS = 2
"""Pixels of a PNG for each pixel of the figure, where it is not very large."""

MOST_PIXELS = 1_200_000

MOST_POINTS = 2_400
"""Points of a picture; each takes about 300 bytes of an SVG, and no eye sees more."""

LETTERS = 32
"""Of a name, where it is written into a picture."""


def save_figure(chart: Any, svg: str | Path, png: str | Path | None = None) -> None:
    """Write a chart as a self-contained SVG file, and as PNG, each whole or not at all.

    Its `description` becomes the text alternative of the SVG.
    """
    styled = (
        chart.configure(font="Helvetica, Arial, sans-serif", background="#ffffff", padding=8)
        .configure_axis(
            gridColor="#e8e8e8",
            domainColor=GRAY,
            tickColor=GRAY,
            labelFontSize=11,
            titleFontSize=12,
            titleFontWeight="normal",
            labelColor="#333333",
            titleColor="#333333",
        )
        .configure_legend(
            orient="top", labelFontSize=11, titleFontSize=11, titleFontWeight="normal"
        )
        .configure_header(labelFontSize=12, labelColor="#333333", labelLimit=SIZE)
        .configure_view(stroke=None)
    )
    with alt.data_transformers.enable("default", max_rows=None):
        spec = styled.to_dict()

    image = vl_convert.vegalite_to_svg(spec)
    label = quoteattr(spec.get("description", "figure"))
    with writing(svg) as unfinished:
        text = image.replace("<svg ", f'<svg role="img" aria-label={label} ', 1)
        unfinished.write_text(text, encoding="utf-8")

    if png is not None:
        with writing(png) as unfinished:
            unfinished.write_bytes(vl_convert.svg_to_png(image, scale=_sharpness(image)))


def thinned(table: pd.DataFrame, most: int = MOST_POINTS) -> pd.DataFrame:
    """At most so many rows of a table, evenly spaced, the first and the last among them."""
    if len(table) <= most:
        return table
    return table.iloc[np.linspace(0, len(table) - 1, most).astype(np.int64)]


def shortened(names: pd.Series) -> pd.Series:
    """Names with an ellipsis for what is beyond `LETTERS`."""
    texts = names.astype("str")
    return texts.where(texts.str.len() <= LETTERS, texts.str[: LETTERS - 1] + "…")


def by_output(table: pd.DataFrame, draw: Callable[[Any], Any]) -> Any:
    """Draw the one output of a table, or a small picture of each of the first 12.

    `draw` goes from a chart that holds the table to the figure of an output.
    """
    outputs = table["output"].drop_duplicates()
    if len(outputs) == 1:
        return draw(alt.Chart(table, **SQUARE))
    shown = outputs.iloc[:FACETS]
    pictures = draw(alt.Chart(table[table["output"].isin(shown)], **SQUARE)).facet(
        facet=alt.Facet("output:N", title=None, sort=list(shown)), columns=ACROSS
    )
    if len(outputs) == len(shown):
        return pictures

    text = f"The first {FACETS} of {len(outputs)} outputs; the table holds all."
    return pictures.properties(title=note(text))


def note(text: str) -> alt.TitleParams:
    """A line above a picture that says what it leaves out."""
    return alt.TitleParams(text, anchor="start", fontSize=12, fontWeight="normal")


def diagonal(chart: Any, low: str, high: str) -> Any:
    """A dashed line from (low, low) to (high, high), over the data of the chart.

    These are Vega expressions of the columns ``output``, ``x_min``, ``x_max``, ``y_min``,
    ``y_max``.
    """
    return (
        chart.transform_calculate(from_=low, to=high)
        .mark_rule(color=GRAY, strokeDash=[5, 4])
        .encode(x="from_:Q", y="from_:Q", x2="to:Q", y2="to:Q")
    )


def _sharpness(image: str) -> float:
    """Pixels of a PNG for each pixel of an SVG of this size."""
    size = re.search(r'<svg [^>]*width="([\d.]+)" height="([\d.]+)"', image)
    area = float(size[1]) * float(size[2]) if size else 1.0
    return float(min(SHARPNESS, np.sqrt(MOST_PIXELS / area)))
