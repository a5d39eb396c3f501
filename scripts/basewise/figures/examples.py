"""The figures of a dataset, and of what an autoencoder makes of it."""

from typing import Any

import altair as alt
import pandas as pd

from basewise.figures.drawing import (
    ACROSS,
    BLUE,
    FACETS,
    LIGHT_BLUE,
    PALETTE,
    SQUARE,
    note,
    shortened,
    thinned,
)
from basewise.store.parts import PARTS
from basewise.store.tables import target_column, target_columns

PART_COLORS = alt.Scale(domain=list(PARTS), range=[LIGHT_BLUE, "#E69F00", BLUE])

TITLES = (
    "{length: 'length (letters)', gc: 'share of G and C', unknown: 'share of unknown letters', "
    "frequency: 'frequency of allele a', missing: 'share of missing genotypes'}"
)

LEVELS = 10
"""Classes of a covariate that are shown."""

CHROMOSOMES = 30

STRIP = 700
"""Width of the longest chromosome."""


def distributions_figure(table: pd.DataFrame) -> Any:
    """Histograms of `description.distributions` side by side, a line a class.

    What is the same for all examples is not drawn, unless everything is.
    """
    table = table[~_is_value(table)]
    bins = table[table["count"] > 0].groupby("variable")["low"].nunique()
    varying = table[table["variable"].isin(bins.index[bins > 1])]
    table = table if varying.empty else varying
    classes = table["class"].nunique()
    color = (
        alt.Color("class:N", title="class", scale=alt.Scale(range=PALETTE))
        if classes > 1
        else alt.value(BLUE)
    )

    return (
        alt.Chart(table, width=220, height=160)
        .transform_calculate(
            name=f"({TITLES})[datum.variable]", middle="(datum.low + datum.high) / 2"
        )
        .mark_line(interpolate="step", strokeWidth=1.5)
        .encode(
            x=alt.X("middle:Q", title=None, scale=alt.Scale(zero=False, nice=False)),
            y=alt.Y("share:Q", title="share"),
            color=color,
        )
        .facet(facet=alt.Facet("name:N", title=None, sort=None), columns=3)
        .resolve_scale(x="independent", y="independent")
    )


def targets_figure(table: pd.DataFrame) -> Any:
    """Bars of the targets and covariates in `description.distributions`, classes by name.

    Of more than `FACETS` columns the first are shown, at most half of them covariates; of more than
    `LEVELS` classes the most frequent.
    """
    names = table["variable"][_is_value(table)].drop_duplicates()
    is_covariate = names.str.startswith("covariate.")
    covariates = list(names[is_covariate])[: FACETS // 2]
    shown = [*names[~is_covariate][: FACETS - len(covariates)], *covariates]
    bars = [_bars(table[table["variable"] == name]) for name in shown]
    picture = alt.concat(*bars, columns=ACROSS)
    if len(shown) == len(names):
        return picture

    text = f"{len(shown)} of {len(names):,} targets and covariates; the table holds all."
    return picture.properties(title=note(text))


def _is_value(table: pd.DataFrame) -> pd.Series:
    """Which rows of the distributions are of targets and covariates."""
    return table["variable"].str.startswith(("target.", "covariate."))


def _bars(rows: pd.DataFrame) -> Any:
    """Bars of one target or covariate."""
    kind, _, name = rows["variable"].iloc[0].partition(".")
    title = shortened(pd.Series([name])).iloc[0] + (" (covariate)" if kind == "covariate" else "")
    count = "count:Q"
    if rows["low"].notna().all():
        chart = alt.Chart(rows[["low", "high", "count"]], width=220, height=160)
        low = alt.X("low:Q", title=None, bin="binned", scale=alt.Scale(zero=False))
        bars = chart.mark_bar(color=BLUE).encode(
            x=low, x2="high:Q", y=alt.Y(count, title="examples")
        )
        return bars.properties(title=note(title))

    frequent = rows.nlargest(LEVELS, "count")[["class", "count"]]
    frequent["class"] = shortened(frequent["class"])
    more = len(rows) - len(frequent)
    chart = alt.Chart(frequent, width=220, height=160).mark_bar(color=BLUE)
    level = alt.Y("class:N", title=None, sort=list(frequent["class"]))
    bars = chart.encode(x=alt.X(count, title="examples"), y=level)

    return bars.properties(title=note(f"{title}, {more:,} more classes" if more else title))


def split_figure(table: pd.DataFrame) -> Any:
    """Examples of each part along the chromosomes, or of all in one bar.

    Of more than 30 chromosomes those with the most examples are shown.
    """
    color = alt.Color("part:N", title=None, scale=PART_COLORS)
    if table["chrom"].isna().all():
        return (
            alt.Chart(table, width=STRIP, height=36)
            .transform_calculate(order=f"indexof({list(PARTS)}, datum.part)")
            .mark_bar()
            .encode(x=alt.X("count:Q", title="examples"), color=color, order="order:Q")
        )

    largest = table.groupby("chrom")["count"].sum().nlargest(CHROMOSOMES).index
    shown = table[table["chrom"].isin(largest)]
    names = list(shown["chrom"].drop_duplicates())
    picture = (
        alt.Chart(shown, width=STRIP, height=max(16, min(48, 480 // len(names))))
        .transform_calculate(order=f"indexof({list(PARTS)}, datum.part)")
        .mark_bar(binSpacing=0)
        .encode(
            x=alt.X("low:Q", title="place (bases)", bin="binned", axis=alt.Axis(format="~s")),
            x2="high:Q",
            y=alt.Y("count:Q", axis=None),
            color=color,
            order="order:Q",
        )
        .facet(
            row=alt.Row(
                "chrom:N",
                title=None,
                sort=names,
                header=alt.Header(labelAngle=0, labelAlign="left"),
            ),
            spacing=4,
        )
    )
    hidden = table["chrom"].nunique() - len(names)
    if not hidden:
        return picture

    text = f"The {len(names)} with the most examples; the table holds {hidden} more."
    return picture.properties(title=note(text))


def embedding_figure(table: pd.DataFrame) -> Any:
    """Test examples in the plane of an autoencoder's latent space, by color of the first target."""
    target = target_columns(table)[0]
    name = target.removeprefix(target_column(""))
    test = table[table["part"] == "test"].rename(columns={target: "target"})
    if not pd.api.types.is_numeric_dtype(test["target"]):
        test["target"] = _frequent(test["target"])
    few = test["target"].nunique() <= len(PALETTE)
    color = (
        alt.Color("target:N", title=name, scale=alt.Scale(range=PALETTE))
        if few
        else alt.Color("target:Q", title=name, scale=alt.Scale(scheme="viridis"))
    )

    return (
        alt.Chart(thinned(test[["x", "y", "target"]]), **SQUARE)
        .mark_circle(size=18, opacity=0.6)
        .encode(
            x=alt.X("x:Q", title="first component", scale=alt.Scale(zero=False)),
            y=alt.Y("y:Q", title="second component", scale=alt.Scale(zero=False)),
            color=color,
        )
    )


def _frequent(classes: pd.Series) -> pd.Series:
    """Classes as they are; of more than there are colors the rarer ones as one."""
    counts = classes.value_counts()
    if len(counts) <= len(PALETTE):
        return classes
    kept = counts.index[: len(PALETTE) - 1]
    return classes.where(classes.isin(kept), f"{len(counts) - len(kept)} other classes")
