"""All figures by name: what draws each from its table, and what it says to a screen reader."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from basewise.figures.classes import (
    calibration_figure,
    confusion_figure,
    precision_recall_figure,
    roc_figure,
    scores_figure,
)
from basewise.figures.comparisons import comparison_figure, forest_figure, ranks_figure
from basewise.figures.drawing import save_figure
from basewise.figures.examples import (
    distributions_figure,
    embedding_figure,
    split_figure,
    targets_figure,
)
from basewise.figures.markers import markers_figure
from basewise.figures.training import importance_figure, learning_figure, search_figure
from basewise.figures.values import predicted_figure, residuals_figure
from basewise.store.tables import FIGURE_COLUMNS, read_table


class Figure(NamedTuple):
    """A kind of figure: what draws a chart of its table, and its text alternative.

    Fields in braces of the text are names of what it is of.
    """

    draw: Callable[..., Any]
    text: str


FIGURES = {
    "distributions": Figure(
        distributions_figure, "Distributions of what describes the examples of {dataset}"
    ),
    "targets": Figure(
        targets_figure, "Distributions of the targets and covariates of the examples of {dataset}"
    ),
    "split": Figure(split_figure, "Where the train, validation and test examples of {dataset} lie"),
    "learning": Figure(
        learning_figure, "Loss of {model} on {dataset} after each epoch of its training"
    ),
    "confusion": Figure(
        confusion_figure, "Confusion matrix of {model} on the test examples of {dataset}"
    ),
    "scores": Figure(
        scores_figure, "Scores of {model} on the test examples of {dataset}, by true class"
    ),
    "roc": Figure(
        roc_figure, "ROC curve of {model} on the test examples of {dataset}, with its 95 % band"
    ),
    "precision_recall": Figure(
        precision_recall_figure,
        "Precision and recall of {model} on the test examples of {dataset}, "
        "with the 95 % band of the curve",
    ),
    "calibration": Figure(
        calibration_figure,
        "Observed shares among the test examples of {dataset} by the score of {model}",
    ),
    "predicted": Figure(
        predicted_figure,
        "Predictions of {model} for the test examples of {dataset}, by the true value",
    ),
    "residuals": Figure(
        residuals_figure,
        "Differences of prediction and truth of {model} on the test examples of {dataset}",
    ),
    "embedding": Figure(
        embedding_figure, "Test examples of {dataset} in the latent space of {model}"
    ),
    "markers": Figure(markers_figure, "Markers of {dataset} by how much {model} reacts to them"),
    "trials": Figure(search_figure, "Loss of each trial of {model} on {dataset}"),
    "importance": Figure(
        importance_figure, "How much each setting of {model} on {dataset} mattered"
    ),
    "comparison": Figure(comparison_figure, "The models of {dataset} on test, with 95 % intervals"),
    "forest": Figure(forest_figure, "The models of every dataset on test, with 95 % intervals"),
    "ranks": Figure(
        ranks_figure, "Average rank of the models over the datasets, with critical differences"
    ),
}
"""In the order in which the data walks."""


def draw_figure(
    name: str,
    table: str | Path,
    svg: str | Path,
    png: str | Path,
    names: Mapping[str, str],
    *,
    classes: Mapping[str, str] | None = None,
    task: str | None = None,
) -> None:
    """Draw one of `FIGURES` from its table.

    `names` (dataset, model) are for the text alternative, `classes` are what 0 and 1 of a confusion
    matrix are called, `task` says which measures a comparison shows.
    """
    content = read_table(table, FIGURE_COLUMNS[name])
    if name == "confusion" and classes:
        called = {number: f"{number}: {word}" for number, word in classes.items()}
        content = content.replace({"true": called, "predicted": called})
    options = {"task": task} if name == "comparison" else {}
    chart = FIGURES[name].draw(content, **options)
    save_figure(chart.properties(description=FIGURES[name].text.format(**names)), svg, png)
