"""Pictures of how models compare: within a dataset, and over all of them."""

from typing import Any

import altair as alt
import pandas as pd

from basewise.evaluation.headlines import HEADLINES
from basewise.evaluation.rankings import of_headline
from basewise.figures.drawing import BLUE, GRAY, ORANGE, PALETTE, note

WIDTH, STEP = 380, 20

MOST_ROWS = 120
"""Models of all datasets in one picture."""

KINDS = ["network", "baseline", "mixed", "control", "ceiling"]

COLORS = [BLUE, ORANGE, PALETTE[3], "#555555", PALETTE[2]]

SHAPES = ["circle", "square", "diamond", "cross", "triangle-up"]

FIELDS = ["model", "kind", "value", "low", "high"]


def comparison_figure(comparison: pd.DataFrame, task: str) -> Any:
    """The headline of every model of a dataset on test, with its interval, and the ceiling."""
    headline = HEADLINES[task][0]
    title = _axis_title(headline.title, headline.lower_is_better)
    table = of_headline(comparison, task)[FIELDS].assign(chance=headline.chance)
    return _intervals(alt.Chart(table, width=WIDTH, height=alt.Step(STEP)), title)


def forest_figure(models: pd.DataFrame) -> Any:
    """The headline of every model of every dataset; those that are judged alike share an axis."""
    if models.empty:
        return _words("No model has been measured.")

    models, hidden = _best_of_each(models)
    pictures = []
    for title, rows in models.groupby("title", sort=False):
        table = rows[["dataset", *FIELDS, "chance"]]
        chart = alt.Chart(table, width=WIDTH, height=alt.Step(STEP))
        picture = _intervals(chart, _axis_title(str(title), bool(rows["lower_is_better"].any())))
        row = alt.Row(
            "dataset:N",
            sort=rows["dataset"].unique().tolist(),
            title=None,
            header=alt.Header(labelAngle=0, labelAlign="left", labelLimit=240),
        )
        pictures.append(picture.facet(row=row).resolve_scale(y="independent"))

    picture = alt.vconcat(*pictures) if len(pictures) > 1 else pictures[0]
    if not hidden:
        return picture

    text = f"The best of each dataset; the table holds {hidden} more."
    return picture.properties(title=note(text))


def ranks_figure(ranks: pd.DataFrame) -> Any:
    """Average rank of each model, half the critical difference to either side.

    From `tables.RANK_COLUMNS`, from best to worst. What overlaps the shade of the best model is not
    told apart from it.
    """
    if ranks.empty:
        return _words("Ranks need two models or more that three datasets or more have in common.")

    chart = alt.Chart(ranks, width=WIDTH, height=alt.Step(STEP))
    y = alt.Y("model:N", sort=None, title=None, axis=alt.Axis(labelLimit=260))
    x = alt.X(
        "rank:Q",
        title="average rank, 1 is best; bars that do not overlap differ (Nemenyi, 0.05)",
        scale=alt.Scale(zero=False),
        axis=alt.Axis(tickCount=6),
    )
    best = chart.transform_window(place="row_number()").transform_filter("datum.place == 1")
    shade = best.mark_rect(color=BLUE, opacity=0.12).encode(x="low:Q", x2="high:Q")
    bars = chart.mark_rule(strokeWidth=2, color=BLUE).encode(x="low:Q", x2="high:Q", y=y)

    return shade + bars + chart.mark_point(size=80, filled=True, opacity=1, color=BLUE).encode(x, y)


def _best_of_each(models: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """As many models of each dataset as one picture can hold, the best, and how many are left."""
    lower = models["lower_is_better"] == 1
    ranks = models["value"].where(lower, -models["value"]).groupby(models["dataset"]).rank("first")
    shown = models[ranks <= max(1, MOST_ROWS // models["dataset"].nunique())]
    return shown, len(models) - len(shown)


def _intervals(chart: Any, title: str) -> Any:
    """A point and a bar a model, chance as a tick, from model, kind, value, low, high, chance."""
    base = chart.encode(
        y=alt.Y("model:N", title=None, sort=None, axis=alt.Axis(labelLimit=260)),
        color=alt.Color("kind:N", title=None, scale=alt.Scale(domain=KINDS, range=COLORS)),
    )
    x = alt.X(
        "value:Q", title=title, scale=alt.Scale(zero=False), axis=alt.Axis(tickCount=6, format="~r")
    )
    shape = alt.Shape("kind:N", title=None, scale=alt.Scale(domain=KINDS, range=SHAPES))
    chance = base.transform_filter("isValid(datum.chance)").mark_tick(thickness=2, size=12)
    return (
        chance.encode(x="chance:Q", color=alt.value(GRAY))
        + base.mark_rule(strokeWidth=2).encode(x="low:Q", x2="high:Q")
        + base.mark_point(size=80, filled=True, opacity=1).encode(x=x, shape=shape)
    )


def _axis_title(title: str, lower_is_better: bool) -> str:
    direction = "; lower is better" if lower_is_better else ""
    return f"{title} on test, 95 % interval{direction}"


def _words(text: str) -> Any:
    """A sentence in place of a figure."""
    return (
        alt.Chart(pd.DataFrame({"text": [text]}), width=WIDTH, height=60)
        .mark_text(fontSize=12, color="#333333")
        .encode(text="text:N")
    )
