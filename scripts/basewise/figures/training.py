"""The figures of a training, and of a search for its settings."""

from typing import Any

import altair as alt
import pandas as pd

from basewise.figures.drawing import BLUE, GRAY, ORANGE, SQUARE, thinned


def learning_figure(history: pd.DataFrame) -> Any:
    """Loss of each epoch on train and validation, the chosen epoch (1) marked."""
    base = (
        alt.Chart(_sparse(history), **SQUARE)
        .transform_fold(["loss", "val_loss"], as_=["measured", "value"])
        .transform_calculate(part="datum.measured === 'loss' ? 'train' : 'validation'")
        .encode(
            x=alt.X("epoch:Q", axis=alt.Axis(tickMinStep=1, format="d")),
            y=alt.Y("value:Q", title="loss", scale=alt.Scale(zero=False)),
            color=alt.Color(
                "part:N",
                title=None,
                scale=alt.Scale(domain=["train", "validation"], range=[GRAY, BLUE]),
            ),
            detail=["fold:N", "seed:N"],
        )
    )
    chosen = base.transform_filter("datum.chosen == 1 && datum.part === 'validation'")
    return base.mark_line(strokeWidth=1.5) + chosen.mark_point(size=60, filled=True, opacity=1)


def _sparse(history: pd.DataFrame) -> pd.DataFrame:
    """Every so many epochs of a long history, with those chosen and the last."""
    step = -(-len(history) // MOST_EPOCHS)
    last = history["epoch"] == history.groupby(["fold", "seed"])["epoch"].transform("max")
    return history[(history["epoch"] % step == 0) | (history["chosen"] == 1) | last]


MOST_EPOCHS = 10_000
"""Of all runs together."""

TOO_FEW = "Too few complete trials to say what mattered."

WIDE = 320

SHOWN = {"complete": BLUE, "pruned": GRAY, "diverged": ORANGE}


def importance_figure(importance: pd.DataFrame) -> Any:
    """Share of the variance of the loss that each setting explains; without a row it says so."""
    if importance.empty:
        words = alt.Chart(pd.DataFrame({"text": [TOO_FEW]}), width=WIDE, height=40)
        return words.mark_text(fontSize=12, color=GRAY).encode(text="text:N")

    return (
        alt.Chart(importance, width=WIDE, height=alt.Step(26))
        .mark_bar(color=BLUE)
        .encode(
            x=alt.X(
                "importance:Q",
                title="share of the variance of the loss",
                axis=alt.Axis(tickCount=5),
            ),
            y=alt.Y("setting:N", title=None, sort=None),
        )
    )


def search_figure(trials: pd.DataFrame) -> Any:
    """Lowest loss of each trial, above the best of the complete ones so far."""
    table = trials[["number", "state", "value"]].dropna()
    best = table["value"].where(table["state"] == "complete").cummin().ffill()
    states = [state for state in SHOWN if state in set(table["state"])]
    colors = alt.Scale(domain=states, range=[SHOWN[state] for state in states])
    improved = best.ne(best.shift())
    shown = table.assign(best=best)
    shown = pd.concat([shown[improved], thinned(shown[~improved])]).sort_values("number")
    base = alt.Chart(shown, width=WIDE, height=220).encode(
        x=alt.X("number:Q", title="trial", axis=alt.Axis(tickMinStep=1, format="d"))
    )
    scale = alt.Scale(zero=False)
    line = base.mark_line(color=BLUE, interpolate="step-after", strokeWidth=1.5)
    points = base.mark_point(filled=True, size=45, opacity=0.85)

    return line.encode(y=alt.Y("best:Q", scale=scale)) + points.encode(
        y=alt.Y("value:Q", title="lowest loss", scale=scale),
        color=alt.Color("state:N", title=None, scale=colors),
    )
