"""Figures of the report: one specification a kind, the data of each model, and ready pictures."""

import base64
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from basewise.figures.writing import FIGURES
from basewise.report.page import columnar
from basewise.store.receipts import checked
from basewise.store.tables import FIGURE_COLUMNS, OUTPUT, read_table

SHOWN_OUTPUTS = 20
"""Outputs whose curves are in the page; the files have all."""

DRAWN: dict[str, tuple[str, dict[str, str]]] = {
    "scores": ("Scores by true class, and the threshold", {"brier": "Brier score"}),
    "roc": ("ROC curve, mean of the runs, with its 95 % band", {"auroc": "AUROC"}),
    "precision_recall": (
        "Precision-recall curve, mean of the runs, with its 95 % band",
        {"auprc": "AUPRC"},
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

OF_CLASSES = (
    "Share of right predictions by the highest score, as scored and recalibrated on validation"
)
"""Caption of the one calibration of all classes together."""

PICTURES = {
    "embedding": "Latent space of the autoencoder, its first two principal components",
    "markers": "Markers along the genome: change of the score from aa to AA",
}

BROAD = {"markers"}

INK = "#222222"
"""Color of lines and letters that dark mode must turn."""

LEARNING = ["fold", "seed", "epoch", "loss", "val_loss", "chosen"]


class Drawn(NamedTuple):
    """A figure that the browser draws; `kind` is the stem of its files.

    `captions` has of each output what is seen in words; of all outputs together, under "".
    """

    kind: str
    captions: dict[str, str]


class Picture(NamedTuple):
    """A ready picture: its address, caption, text for who cannot see it, and whether it is wide."""

    image: str
    caption: str
    words: str
    broad: bool = False


def figure_outputs(folder: Path) -> list[str]:
    """Outputs that the figures of a model show one by one."""
    return [
        name
        for kind in ("scores", "predicted")
        if (folder / f"{kind}.tsv").exists()
        for name in _table(folder, kind, shown=None)["output"].unique()
    ]


def drawn_figures(
    folder: Path, measures: Mapping[str, Mapping[str, str]], output: str
) -> tuple[list[Drawn], dict[str, dict[str, Any]]]:
    """Figures of a model that the browser draws, and their data by kind.

    `folder` has the evaluation of the model, `measures` output to metric to its value in words,
    such as "0.83 (0.80 to 0.86)"; those of `output` speak for the model.
    """
    tables = {kind: _table(folder, kind) for kind in DRAWN if (folder / f"{kind}.tsv").exists()}
    outputs = figure_outputs(folder)

    figures = []
    for kind, table in tables.items():
        if kind == "calibration" and _of_classes(table, outputs):
            tables[kind] = table.drop(columns="output")
            captions = {"": _sentence(OF_CLASSES, _words(kind, measures.get(output, {})))}
        elif kind == "learning":
            captions = {"": _sentence(DRAWN[kind][0], _trained(table))}
        else:
            captions = _captions(kind, outputs, measures)
        figures.append(Drawn(kind, captions))

    # the scores are drawn from the counts of the threshold slider
    data = {kind: columnar(table) for kind, table in tables.items() if kind != "scores"}
    return figures, data


def figure_specification(kind: str, folder: Path) -> dict[str, Any]:
    """Vega-Lite specification of a kind of figure, with a place for the data named ``table``."""
    table = _table(folder, kind)
    if "output" in table:
        table = table[table["output"] == table["output"].iloc[0]]

    specification: dict[str, Any] = FIGURES[kind].draw(table).to_dict()
    del specification["datasets"]
    del specification["config"]
    named: dict[str, Any] = _named(specification)
    return named


def pictures(folder: Path, model: str) -> list[Picture]:
    """Pictures of a model that are drawn already."""
    return [
        Picture(image_of(folder / f"{name}.svg"), caption, f"{caption}, {model}", name in BROAD)
        for name, caption in PICTURES.items()
        if (folder / f"{name}.svg").exists()
    ]


def image_of(path: Path) -> str:
    """An SVG file as the address of an image that holds it."""
    content = base64.b64encode(checked(path).read_bytes()).decode("ascii")
    return f"data:image/svg+xml;base64,{content}"


def _table(folder: Path, kind: str, shown: int | None = SHOWN_OUTPUTS) -> pd.DataFrame:
    table = read_table(folder / f"{kind}.tsv", FIGURE_COLUMNS[kind])
    if kind == "learning":
        return table[LEARNING]
    if kind != "scores":
        return table[table["output"].isin(table["output"].unique()[:shown])]
    return table


def _of_classes(calibration: pd.DataFrame, outputs: Sequence[str]) -> bool:
    """Whether one calibration is of all classes: it has one output, and the figures others."""
    return list(calibration["output"].unique()) == [OUTPUT] and list(outputs) != [OUTPUT]


def _captions(
    kind: str, outputs: Sequence[str], measures: Mapping[str, Mapping[str, str]]
) -> dict[str, str]:
    ends = {name: f"; {name}" if len(outputs) > 1 else "" for name in outputs}
    return {
        name: _sentence(DRAWN[kind][0] + end, _words(kind, measures.get(name, {})))
        for name, end in ends.items()
    }


def _sentence(caption: str, words: str) -> str:
    return f"{caption}: {words}." if words else f"{caption}."


def _trained(learning: pd.DataFrame) -> str:
    kept = learning[learning["chosen"] == 1]
    return (
        f"{_span(learning.groupby(['fold', 'seed'])['epoch'].max())} epochs, kept "
        f"{_span(kept['epoch'])}, validation loss there {kept['val_loss'].mean():.4g}"
    )


def _words(kind: str, measures: Mapping[str, str]) -> str:
    titles = DRAWN[kind][1]
    return ", ".join(f"{titles[name]} {measures[name]}" for name in titles if name in measures)


def _span(numbers: Iterable[int]) -> str:
    low, high = min(numbers), max(numbers)
    return str(low) if low == high else f"{low} to {high}"


def _named(node: Any) -> Any:
    """The specification with data named ``table``, and ink in the color of the text around it."""
    if node == INK:
        return "currentColor"
    if isinstance(node, dict):
        return {
            key: {"name": "table"} if key == "data" and "name" in value else _named(value)
            for key, value in node.items()
        }
    return [_named(value) for value in node] if isinstance(node, list) else node
