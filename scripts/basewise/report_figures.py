"""Figures of the report: one specification a kind, the data of each model, and ready pictures."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from basewise.figures import MODEL_FIGURES
from basewise.report_json import columnar
from basewise.tables import read_table

__all__ = ["Drawn", "Picture", "drawn_figures", "figure_specification", "image_of", "pictures"]

SHOWN_OUTPUTS = 6
"""Outputs whose curves are in the page; the files have all."""

DRAWN: dict[str, tuple[str, dict[str, str]]] = {
    "scores": ("Scores by true class, and the threshold", {"brier": "Brier score"}),
    "roc": (
        "ROC curve, mean of the runs, with its 95 % band",
        {"auroc": "AUROC", "macro_auroc": "macro AUROC"},
    ),
    "precision_recall": (
        "Precision-recall curve, mean of the runs, with its 95 % band",
        {"auprc": "AUPRC", "macro_auprc": "macro AUPRC"},
    ),
    "calibration": (
        "Share of class 1 by score, as scored and recalibrated on validation",
        {"ece": "expected calibration error"},
    ),
    "predicted": ("Predicted against true value", {"pearson": "Pearson r", "r2": "R²"}),
    "residuals": ("Score less true value", {"rmse": "RMSE", "mae": "MAE"}),
    "learning": ("Learning curves; the dot is the epoch kept", {}),
}
"""Kinds the browser draws: caption, and the measures that say what is seen, with their titles."""

PICTURES = {
    "embedding": "Latent space of the autoencoder, its first two principal components",
    "markers": "Markers along the genome: change of the score from aa to AA",
}
BROAD = {"markers"}

INK = "#222222"
"""Colour of lines and letters that dark mode must turn."""

LEARNING = ["fold", "seed", "epoch", "loss", "val_loss", "chosen"]


class Drawn(NamedTuple):
    """A figure that the browser draws: its kind, caption and what it shows in words."""

    kind: str
    caption: str
    words: str


class Picture(NamedTuple):
    """A ready picture: its address, caption, text for who cannot see it, and whether it is wide."""

    image: str
    caption: str
    words: str
    broad: bool = False


def drawn_figures(
    folder: Path, measures: Mapping[str, str]
) -> tuple[list[Drawn], dict[str, dict[str, Any]]]:
    """Figures of a model that the browser draws, and their data by kind.

    Parameters
    ----------
    folder
        Evaluation of the model.
    measures
        Metric to its value in words, such as "0.83 (0.80 to 0.86)".
    """
    tables = {kind: _table(folder, kind) for kind in DRAWN if (folder / f"{kind}.tsv").exists()}
    figures = [
        Drawn(kind, DRAWN[kind][0], _words(kind, table, measures)) for kind, table in tables.items()
    ]
    data = {kind: columnar(table) for kind, table in tables.items() if kind != "scores"}
    return figures, data


def figure_specification(kind: str, folder: Path) -> dict[str, Any]:
    """Vega-Lite specification of a kind of figure, with a place for the data named ``table``."""
    table = _table(folder, kind)
    if "output" in table:
        table = table[table["output"] == table["output"].iloc[0]]
    specification: dict[str, Any] = MODEL_FIGURES[kind](table).to_dict()
    del specification["datasets"]
    del specification["config"]
    named: dict[str, Any] = _named(specification)
    return named


def pictures(folder: Path, of: str) -> list[Picture]:
    """Pictures of a model that are drawn already."""
    return [
        Picture(image_of(folder / f"{name}.svg"), caption, f"{caption}, {of}", name in BROAD)
        for name, caption in PICTURES.items()
        if (folder / f"{name}.svg").exists()
    ]


def image_of(path: Path) -> str:
    """An SVG file as the address of an image that holds it."""
    content = base64.b64encode(path.read_bytes()).decode("ascii")
    return f"data:image/svg+xml;base64,{content}"


def _table(folder: Path, kind: str) -> pd.DataFrame:
    table = read_table(folder / f"{kind}.tsv")
    if kind == "learning":
        return table[LEARNING]
    if kind != "scores" and "output" in table:
        return table[table["output"].isin(table["output"].unique()[:SHOWN_OUTPUTS])]
    return table


def _words(kind: str, table: pd.DataFrame, measures: Mapping[str, str]) -> str:
    if kind == "learning":
        kept = table[table["chosen"] == 1]
        return (
            f"{_span(table.groupby(['fold', 'seed'])['epoch'].max())} epochs, kept "
            f"{_span(kept['epoch'])}, validation loss there {kept['val_loss'].mean():.4g}"
        )
    titles = DRAWN[kind][1]
    return ", ".join(f"{titles[name]} {measures[name]}" for name in titles if name in measures)


def _span(numbers: Iterable[int]) -> str:
    low, high = min(numbers), max(numbers)
    return str(low) if low == high else f"{low} to {high}"


def _named(node: Any) -> Any:
    """The specification with data named ``table``, and ink in the colour of the text around it."""
    if node == INK:
        return "currentColor"
    if isinstance(node, dict):
        return {
            key: {"name": "table"} if key == "data" and "name" in value else _named(value)
            for key, value in node.items()
        }
    return [_named(value) for value in node] if isinstance(node, list) else node
