"""The figures of a classifier: a table in, an Altair chart out.

Of one output, a specification does not depend on the values in the table.
"""

from typing import Any

import altair as alt
import pandas as pd

from basewise.core.text import number_repeats
from basewise.figures.drawing import (
    BLUE,
    GRAY,
    LIGHT_BLUE,
    ORANGE,
    PALETTE,
    SIZE,
    UNIT,
    by_output,
    diagonal,
    note,
    shortened,
)

CLASSES = alt.Scale(domain=["0", "1"], range=[BLUE, ORANGE])

METHODS = alt.Scale(domain=["raw", "temperature", "isotonic"], range=[BLUE, ORANGE, PALETTE[2]])

SHADES = alt.Scale(domain=[0, 1], range=["#f3f7fb", LIGHT_BLUE])

BAND = 0.22

BARS = 50

FEW, MANY, LEGIBLE = 4, 8, 30
"""Classes whose counts are written large, written at all, and drawn as a matrix."""

WORST = 25
"""Confusions that are shown of more classes."""


def confusion_figure(counts: pd.DataFrame) -> Any:
    """Confusion matrix: counts, and shares of the true class as shade.

    Of many classes nobody could read it: then the worst confusions are bars.
    """
    if counts["true"].nunique() > LEGIBLE:
        return _worst_confusions(counts)

    def draw(chart: Any) -> Any:
        base = (
            chart.transform_joinaggregate(of_class="sum(count)", groupby=["output", "true"])
            .transform_joinaggregate(classes="distinct(true)", groupby=["output"])
            .transform_calculate(
                share="datum.of_class > 0 ? datum.count / datum.of_class : 0",
                large=f"datum.classes <= {FEW}",
                written=f"datum.classes <= {MANY}",
            )
            .transform_calculate(
                number="datum.written ? format(datum.count, ',') : ''",
                percent="datum.written ? format(datum.share, datum.large ? '.1%' : '.0%') : ''",
            )
            .encode(
                x=alt.X("predicted:O", title="predicted class", sort=None, axis=_names(0)),
                y=alt.Y("true:O", title="true class", sort=None, axis=_names(0)),
            )
        )
        cells = base.mark_rect().encode(color=alt.Color("share:Q", scale=SHADES, legend=None))
        words = base.encode(
            color=alt.value("#111111"),
            size=alt.condition("datum.large", alt.value(14), alt.value(9)),
        )
        above = words.mark_text(baseline="bottom").encode(text="number:N")
        return cells + above + words.mark_text(baseline="top", dy=2).encode(text="percent:N")

    return by_output(counts, draw)


def _worst_confusions(counts: pd.DataFrame) -> Any:
    """A bar for each of the most frequent confusions: its share of the true class."""
    of_class = counts.groupby("true")["count"].transform("sum")
    confused = counts[(counts["true"] != counts["predicted"]) & (counts["count"] > 0)]
    worst = confused.sort_values("count", ascending=False, kind="stable").head(WORST)
    pairs = shortened(worst["true"]) + " → " + shortened(worst["predicted"])
    shares = worst["count"] / of_class[worst.index]
    named = worst[["count"]].assign(pair=number_repeats(pairs), share=shares)

    bars = (
        alt.Chart(named, width=SIZE, height=alt.Step(18))
        .mark_bar(color=LIGHT_BLUE)
        .encode(
            x=alt.X("share:Q", title="share of the true class", axis=alt.Axis(format="%")),
            y=alt.Y(
                "pair:N",
                sort=None,
                title="true class → predicted class",
                axis=alt.Axis(labelLimit=460, titlePadding=12),
            ),
        )
    )
    words = bars.mark_text(align="left", dx=3, color="#333333").encode(text="count:Q")
    text = (
        f"The {len(named)} most frequent of {len(confused):,} confusions of "
        f"{counts['true'].nunique()} classes, with their counts; the table holds all."
    )
    return (bars + words).properties(title=note(text))


def scores_figure(histogram: pd.DataFrame) -> Any:
    """Distribution of the test scores of each class, and the threshold, which is a parameter.

    From output, class (0 or 1), low, high, count.
    """
    threshold = alt.param(name="threshold", value=0.5)

    def draw(chart: Any) -> Any:
        bars = (
            chart.transform_calculate(
                from_=f"floor(datum.low * {BARS} + 0.001) / {BARS}", true="toString(datum.class)"
            )
            .transform_aggregate(of_bar="sum(count)", groupby=["output", "true", "from_"])
            .transform_joinaggregate(of_class="sum(of_bar)", groupby=["output", "true"])
            .transform_calculate(
                share="datum.of_bar / datum.of_class", to=f"datum.from_ + 1 / {BARS}"
            )
            .mark_bar(opacity=0.55, binSpacing=0)
            .encode(
                x=alt.X("from_:Q", title="score", scale=UNIT, bin="binned"),
                x2="to:Q",
                y=alt.Y("share:Q", title="share of the true class", stack=None),
                color=alt.Color("true:N", scale=CLASSES, title="true class"),
            )
        )
        line = (
            chart.transform_aggregate(bins="count()", groupby=["output"])
            .transform_calculate(at="threshold")
            .mark_rule(color="#222222", strokeDash=[5, 4], strokeWidth=1.5)
            .encode(x="at:Q")
        )
        return bars + line

    return by_output(histogram, draw).add_params(threshold)


def roc_figure(points: pd.DataFrame) -> Any:
    """ROC curve with its band, above the diagonal of chance, see `curves.Curves`."""
    return by_output(
        points,
        lambda chart: _curve(
            chart, "false_positive_rate", "true_positive_rate", "false_positive_rate"
        ),
    )


def precision_recall_figure(points: pd.DataFrame) -> Any:
    """Precision-recall curve with its band, above the prevalence, which is chance."""
    return by_output(points, lambda chart: _curve(chart, "recall", "precision", "prevalence"))


def calibration_figure(bins: pd.DataFrame) -> Any:
    """Observed share by score, as scored and recalibrated; the diagonal is perfect.

    From output, method, low, high, count, score, share, share_low, share_high.
    """

    def draw(chart: Any) -> Any:
        base = chart.transform_filter("datum.count > 0").encode(
            x=alt.X("score:Q", title="mean score", scale=UNIT),
            y=alt.Y("share:Q", title="observed share", scale=UNIT),
            color=alt.Color("method:N", title=None, scale=METHODS),
        )
        perfect = diagonal(chart.transform_aggregate(bins="count()", groupby=["output"]), "0", "1")
        bars = base.mark_rule(opacity=0.5).encode(y="share_low:Q", y2="share_high:Q")
        sizes = alt.Scale(type="sqrt", range=[8, 90])
        points = base.mark_circle(opacity=0.9).encode(
            size=alt.Size("count:Q", scale=sizes, legend=None)
        )

        return perfect + bars + base.mark_line(strokeWidth=1.2) + points

    return by_output(bins, draw)


def _curve(chart: Any, x: str, y: str, chance: str) -> Any:
    base = chart.encode(x=alt.X(f"{x}:Q", scale=UNIT, title=x.replace("_", " ")))
    band = base.mark_area(color=BLUE, opacity=BAND).encode(
        y=alt.Y("low:Q", scale=UNIT, title=y.replace("_", " ")), y2="high:Q"
    )
    line = base.mark_line(color=GRAY, strokeDash=[5, 4]).encode(y=f"{chance}:Q")
    return band + line + base.mark_line(color=BLUE).encode(y=f"{y}:Q")


def _names(angle: int) -> alt.Axis:
    return alt.Axis(labelAngle=angle, labelLimit=80)
