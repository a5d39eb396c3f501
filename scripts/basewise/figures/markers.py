"""Pictures of the effects of markers along the genome."""

from collections.abc import Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from basewise.core.arrays import Floats, Integers
from basewise.core.text import natural_order
from basewise.figures.drawing import BLUE, GRAY, LIGHT_BLUE, ORANGE, WIDE, note, shortened

UNPLACED = "unplaced"
"""Stands for the chromosome of markers whose place is not known."""

GAPS = 0.1
"""All gaps between chromosomes together, as a share of the width of the chromosomes."""

MOST, KEPT = 4_000, 1_000
"""Markers that are drawn, of all pictures together, and how many of these for their effects."""

TRAITS = 8
"""Pictures below each other."""

CHARACTER, LINE, POINT = 6.0, 12.0, 5.0
"""Width and height of a character, and half the width of a point, in pixels."""


Box = tuple[float, float, float, float]


def layout(table: pd.DataFrame) -> pd.DataFrame:
    """Put chromosomes side by side.

    From marker, chrom (text or missing), position (from 1, may be missing) and effect.

    Returns
    -------
    DataFrame
        The same columns, chromosomes in natural order (2 before 10) and markers by position, and

        - chrom: `UNPLACED` for markers that lack a chromosome or a position; they come last, in
          the order of the table
        - block: number of the chromosome, from 0
        - x: place in the picture, in bases from the first marker; between two chromosomes is a gap,
          and unplaced markers stand as far apart as the placed ones do on average
        - size: the effect without its sign
    """
    known = table["chrom"].notna() & table["position"].notna()
    placed = table[known]
    names = sorted(placed["chrom"].unique(), key=natural_order)
    block = placed["chrom"].map({name: number for number, name in enumerate(names)})
    position = placed["position"].astype("float64")
    placed = placed.assign(block=block, x=position - position.groupby(block).transform("min"))
    spacing = placed.groupby("block")["x"].max().sum() / max(len(placed), 1) or 1.0
    rest = table[~known]
    rest = rest.assign(chrom=UNPLACED, block=len(names), x=spacing * np.arange(len(rest)))
    laid = pd.concat([placed, rest]).astype({"block": "int64", "x": "float64"})
    widths = laid.groupby("block")["x"].max()
    gap = GAPS * widths.sum() / len(widths) or 1.0
    laid["x"] += laid["block"].map((widths + gap).cumsum().shift(fill_value=0))
    laid["size"] = laid["effect"].abs()

    return laid.sort_values(["block", "x"], kind="stable", ignore_index=True)


def top_markers(table: pd.DataFrame, n: int = 20) -> pd.DataFrame:
    """The markers with the largest effects of either sign, and their rank, from 1.

    Equal effects stand in the order of the table.
    """
    top = table.iloc[_largest_first(table)[:n]].reset_index(drop=True)
    top.insert(0, "rank", np.arange(1, len(top) + 1))
    return top


def sparse(laid: pd.DataFrame, pictures: int = 1) -> pd.DataFrame:
    """The markers with the largest effects, and every so many of the rest."""
    most, kept = MOST // pictures, KEPT // pictures
    if len(laid) <= most:
        return laid
    order = _largest_first(laid)
    rest = np.sort(order[kept:])
    even = rest[np.linspace(0, len(rest) - 1, most - kept).astype(np.int64)]
    return laid.iloc[np.sort(np.append(order[:kept], even))].reset_index(drop=True)


def chromosome_names(laid: pd.DataFrame, across: Floats) -> pd.DataFrame:
    """Names of the chromosomes that there is room for; the unplaced and the wide ones go first.

    `across` is the place of each marker of a `layout` in the picture, in pixels. Gives chrom and
    across, its middle.
    """
    blocks = laid.assign(across=across).groupby("block")
    ends = blocks["across"].agg(["min", "max"])
    names = pd.DataFrame({"chrom": blocks["chrom"].first(), "across": ends.mean(axis=1)})
    width = (ends["max"] - ends["min"]).where(names["chrom"] != UNPLACED, np.inf)
    taken: list[Box] = []
    shown = []
    for block in width.sort_values(ascending=False, kind="stable").index:
        box = _box(names["across"][block], 0.0, names["chrom"][block])
        if not _overlaps(box, taken):
            taken.append(box)
            shown.append(block)

    return names.loc[sorted(shown)].reset_index(drop=True)


def place_names(points: Floats, names: Sequence[str], width: float) -> tuple[Floats, Floats]:
    """Find a place near each point for its name, so that names hide neither names nor points.

    Each name in turn takes the first free place: above its point, right and left of it, then
    farther and farther away. Where all is taken it stands above its point. Points, shape (n, 2),
    are pixels right of and below the upper left corner of the picture. Gives the middle of each
    name, and where a line from the point meets it.
    """
    taken = [(x - POINT, y - POINT, x + POINT, y + POINT) for x, y in points]
    places, ends = np.empty((len(points), 2)), np.empty((len(points), 2))
    for row, (point, name) in enumerate(zip(points, names, strict=True)):
        tries = point + _steps_aside(name)
        boxes = [_box(x, y, name) for x, y in tries]
        free = [
            number
            for number, box in enumerate(boxes)
            if box[0] >= 0 and box[1] >= 0 and box[2] <= width and not _overlaps(box, taken)
        ]
        chosen = free[0] if free else 0
        left, top, right, bottom = boxes[chosen]
        places[row], ends[row] = tries[chosen], np.clip(point, (left, top), (right, bottom))
        taken.append(boxes[chosen])

    return places, ends


def _steps_aside(name: str) -> Floats:
    """From a point to where its name may stand, the best first: (places, 2)."""
    aside = CHARACTER * len(name) / 2 + POINT + 2
    near = [(0, -LINE), (aside, 0), (-aside, 0)]
    far = [
        (across * aside, down * LINE)
        for across in (0, 1, -1, 1.5, -1.5, 2, -2, 3, -3, 4, -4)
        for down in range(-8, 5)
        if down < -1 or abs(across) > 1
    ]
    return np.array(near + sorted(far, key=lambda step: np.hypot(*step)))


def _box(x: float, y: float, name: str) -> Box:
    """Left, top, right and bottom of a name around its middle."""
    half = CHARACTER * len(name) / 2
    return x - half, y - LINE / 2, x + half, y + LINE / 2


def _overlaps(box: Box, others: Sequence[Box]) -> bool:
    left, top, right, bottom = box
    return any(
        left < other[2] and other[0] < right and top < other[3] and other[1] < bottom
        for other in others
    )


def _largest_first(table: pd.DataFrame) -> Integers:
    return np.argsort(-table["effect"].abs().to_numpy(), kind="stable")


FAR = 9
"""Pixels from a point to its name from which on a line joins them."""


def manhattan_figure(
    effects: pd.DataFrame, title: str = "size of effect", named: int = 10, pictures: int = 1
) -> Any:
    """Effects of markers along the genome, without their sign; the largest have their names."""
    width, height = WIDE["width"], WIDE["height"]
    names = {column: shortened(effects[column]) for column in ("marker", "chrom")}
    laid = layout(effects.assign(**names).where(effects.notna()))
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
    color = alt.Color("shade:N", scale=alt.Scale(range=[BLUE, LIGHT_BLUE]), legend=None)
    dots = alt.Chart(sparse(laid, pictures)[["across", "size", "shade"]], **WIDE).encode(x=x, y=y)
    largest = alt.Chart(top).encode(x=x, y=y)
    lines = alt.Chart(far).encode(x=x, y=y, x2="end_across", y2="end_size")
    names = alt.Chart(top).encode(x="name_across:Q", y="name_size:Q", text="marker:N")
    chromosomes = alt.Chart(chromosome_names(laid, laid["across"].to_numpy()))

    return (
        dots.mark_circle(size=14, opacity=0.75, aria=False).encode(color=color)
        + lines.mark_rule(color=GRAY, strokeWidth=0.7)
        + largest.mark_circle(size=40, opacity=1, color=ORANGE)
        + names.mark_text(fontSize=10, stroke="#ffffff", strokeWidth=3, aria=False)
        + names.mark_text(fontSize=10, color="#222222")
        + chromosomes.mark_text(fontSize=11, color="#333333").encode(
            x="across:Q", y=alt.value(height + 12), text="chrom:N"
        )
    )


def markers_figure(effects: pd.DataFrame) -> Any:
    """A `manhattan_figure` of each output of `marker_effects`, or of the first 8, one a row."""
    known = effects.dropna(subset="effect")
    outputs = known["output"].drop_duplicates()
    shown = outputs.iloc[:TRAITS]
    titles = "effect on " + shortened(shown)
    pictures = alt.vconcat(
        *(
            manhattan_figure(known[known["output"] == name], title, pictures=len(shown))
            for name, title in zip(shown, titles, strict=True)
        )
    )
    if len(outputs) == len(shown):
        return pictures

    text = f"The first {TRAITS} of {len(outputs)} outputs; the table holds all."
    return pictures.properties(title=note(text))
