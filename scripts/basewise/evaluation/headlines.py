"""The names of measures, and what a task is judged by."""

from collections.abc import Collection
from typing import NamedTuple

from basewise.examples.scales import LOGARITHMS
from basewise.store.tables import MACRO, OUTPUT

Key = tuple[str, str]
"""Output and metric of a measure: the output `tables.OUTPUT` is all classes together."""


class Headline(NamedTuple):
    """A measure that the comparison of models shows.

    `metric` is its name in tables, `title` in text. `chance` is the value of a model that knows
    nothing, whatever the classes; None where that depends on them.
    """

    metric: str
    title: str
    lower_is_better: bool = False
    chance: float | None = None


HEADLINES = {
    "binary": (
        Headline("auroc", "AUROC", chance=0.5),
        Headline("auprc", "AUPRC"),
        Headline("accuracy", "accuracy"),
        Headline("balanced_accuracy", "balanced accuracy"),
        Headline("mcc", "MCC", chance=0),
        Headline("f1", "F1"),
        Headline("brier", "Brier score", lower_is_better=True),
    ),
    "multilabel": (
        Headline("auroc", "macro AUROC", chance=0.5),
        Headline("auprc", "macro AUPRC"),
        Headline("mcc", "macro MCC", chance=0),
        Headline("f1", "macro F1"),
        Headline("brier", "macro Brier score", lower_is_better=True),
    ),
    "multiclass": (
        Headline("accuracy", "accuracy"),
        Headline("macro_f1", "macro F1"),
        Headline("mcc", "MCC", chance=0),
        Headline("balanced_accuracy", "balanced accuracy"),
        Headline("macro_auroc", "macro AUROC", chance=0.5),
        Headline("log_loss", "log loss", lower_is_better=True),
    ),
    "regression": (
        Headline("pearson", "Pearson r", chance=0),
        Headline("spearman", "Spearman r", chance=0),
        Headline("ndcg_10", "NDCG at 10 %"),
        Headline("r2", "R²"),
        Headline("rmse", "RMSE", lower_is_better=True),
        Headline("mae", "MAE", lower_is_better=True),
    ),
    "per_position": (
        Headline("macro_auroc", "macro AUROC", chance=0.5),
        Headline("macro_auprc", "macro AUPRC"),
        Headline("macro_f1", "macro F1"),
        Headline("mcc", "MCC", chance=0),
        Headline("accuracy", "accuracy"),
        Headline("balanced_accuracy", "balanced accuracy"),
    ),
}
"""Of each task, in the order of the columns; the first one ranks the models."""


ON_LOGARITHMS = {
    transform: (
        Headline(f"pearson_{transform}", f"Pearson r ({transform})", chance=0),
        Headline(f"r2_{transform}", f"R² ({transform})"),
        Headline(f"rmse_{transform}", f"RMSE ({transform})", lower_is_better=True),
        Headline(f"mae_{transform}", f"MAE ({transform})", lower_is_better=True),
    )
    for transform in LOGARITHMS
}
"""Measures of a regression that depend on the scale, on that of its transform."""


def shown_headlines(task: str, metrics: Collection[str]) -> tuple[Headline, ...]:
    """What a task is judged by, and the same on the scale of a transform where it is measured."""
    scaled = [headline for of_one in ON_LOGARITHMS.values() for headline in of_one]
    return (*HEADLINES[task], *(one for one in scaled if one.metric in metrics))


def chance_headline(task: str) -> Headline:
    """The first headline of a task whose value by chance is known."""
    return next(headline for headline in HEADLINES[task] if headline.chance is not None)


def summary_output(task: str, outputs: Collection[str]) -> str:
    """The output whose measures speak for the whole task, of those that were measured."""
    if task == "multilabel" or (task == "regression" and len(outputs) > 1):
        return MACRO
    return OUTPUT if task != "regression" else next(iter(outputs))
