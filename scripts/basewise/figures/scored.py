"""The figure of new scores: a table in, an Altair chart out."""

from typing import Any

import altair as alt
import pandas as pd

from basewise.figures.drawing import BLUE, GRAY, by_output

NEW, HELD_OUT = "new", "held out, not of the class"

SOURCES = alt.Scale(domain=[NEW, HELD_OUT], range=[BLUE, GRAY])


def scored_figure(histogram: pd.DataFrame, *, is_number: bool) -> Any:
    """Distribution of new scores, over that of held-out examples which are not of the class.

    From output, of (`NEW` or `HELD_OUT`), low, high, share. Of numbers there are new ones alone.
    """
    title = "predicted value" if is_number else "score"

    def draw(chart: Any) -> Any:
        color = alt.value(BLUE) if is_number else alt.Color("of:N", scale=SOURCES, title=None)
        return chart.mark_bar(opacity=0.55, binSpacing=0).encode(
            x=alt.X("low:Q", title=title, bin="binned"),
            x2="high:Q",
            y=alt.Y("share:Q", title="share", stack=None),
            color=color,
        )

    chart = by_output(histogram, draw)
    return chart.resolve_scale(x="independent") if isinstance(chart, alt.FacetChart) else chart
