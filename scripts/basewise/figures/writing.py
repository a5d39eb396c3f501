"""The kinds of figures of a model, and writing them with their tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from basewise.figures.classes import (
    calibration_figure,
    confusion_figure,
    precision_recall_figure,
    roc_figure,
    scores_figure,
)
from basewise.figures.drawing import save_figure
from basewise.figures.training import learning_figure
from basewise.figures.values import predicted_figure, residuals_figure
from basewise.store.tables import write_table

MODEL_FIGURES: dict[str, Callable[[pd.DataFrame], Any]] = {
    "confusion": confusion_figure,
    "scores": scores_figure,
    "roc": roc_figure,
    "precision_recall": precision_recall_figure,
    "calibration": calibration_figure,
    "predicted": predicted_figure,
    "residuals": residuals_figure,
    "learning": learning_figure,
}
"""Name of the table behind a figure to what draws it."""

SHOWN = {
    "confusion": "Confusion matrix of {model} on the test examples of {dataset}",
    "scores": "Scores of {model} on the test examples of {dataset}, by true class",
    "roc": "ROC curve of {model} on the test examples of {dataset}, with its 95 % band",
    "precision_recall": "Precision and recall of {model} on the test examples of {dataset}, "
    "with the 95 % band of the curve",
    "calibration": "Observed shares among the test examples of {dataset} by the score of {model}",
    "predicted": "Predictions of {model} for the test examples of {dataset}, by the true value",
    "residuals": "Differences of prediction and truth of {model} on the test examples of {dataset}",
    "learning": "Loss of {model} on {dataset} after each epoch of its training",
}


def write_figures(
    tables: Mapping[str, pd.DataFrame], paths: Mapping[str, str], *, dataset: str, model: str
) -> None:
    """Write tables, and the figure of each.

    Parameters
    ----------
    tables
        Kind, one of `MODEL_FIGURES`, to its table.
    paths
        For each kind the path of its table, ``<kind>_figure`` of the SVG and ``<kind>_image`` of
        the PNG.
    """
    for kind, table in tables.items():
        write_table(table, paths[kind])
        text = SHOWN[kind].format(dataset=dataset, model=model)
        figure = MODEL_FIGURES[kind](table).properties(description=text)
        save_figure(figure, paths[f"{kind}_figure"], paths[f"{kind}_image"])
