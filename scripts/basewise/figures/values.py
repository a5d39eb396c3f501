"""The figures of predicted numbers: a table in, an Altair chart out."""

from typing import Any

import altair as alt
import pandas as pd

from basewise.figures.drawing import BLUE, FACETS, GRAY, MOST_POINTS, by_output, diagonal, thinned

FREE = alt.Scale(zero=False, nice=False, padding=6)


def predicted_figure(values: pd.DataFrame) -> Any:
    """Prediction of each example by its truth; on the diagonal they are equal."""

    def draw(chart: Any) -> Any:
        ends = chart.transform_aggregate(
            x_min="min(target)",
            x_max="max(target)",
            y_min="min(score)",
            y_max="max(score)",
            groupby=["output"],
        )
        equal = diagonal(ends, "min(datum.x_min, datum.y_min)", "max(datum.x_max, datum.y_max)")
        points = chart.mark_circle(size=16, opacity=0.45, color=BLUE).encode(
            x=alt.X("target:Q", title="true value", scale=FREE),
            y=alt.Y("score:Q", title="predicted value", scale=FREE),
        )
        return equal + points

    shown = values["output"].drop_duplicates().iloc[:FACETS]
    most = MOST_POINTS // len(shown)
    rows = [
        thinned(points_of_output, most)
        for _, points_of_output in values.groupby("output", sort=False)
    ]
    return _free(by_output(pd.concat(rows), draw))


def residuals_figure(histogram: pd.DataFrame) -> Any:
    """Distribution of prediction less truth; the line stands at 0."""

    def draw(chart: Any) -> Any:
        bars = chart.mark_bar(color=BLUE, opacity=0.7).encode(
            x=alt.X("low:Q", title="predicted less true value", bin="binned"),
            x2="high:Q",
            y=alt.Y("count:Q", title="predictions"),
        )
        zero = chart.transform_aggregate(bins="count()", groupby=["output"]).transform_calculate(
            at="0"
        )
        return bars + zero.mark_rule(color=GRAY, strokeDash=[5, 4]).encode(x="at:Q")

    return _free(by_output(histogram, draw))


def _free(chart: Any) -> Any:
    """Each output on its own scale."""
    if isinstance(chart, alt.FacetChart):
        return chart.resolve_scale(x="independent", y="independent")
    return chart
