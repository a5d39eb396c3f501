"""What the threshold slider of the report needs: counts of scores, and the thresholds chosen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from basewise.tables import read_table

__all__ = ["class_matrix", "threshold_data"]

RULES = {
    "max_f1": "highest F1",
    "max_mcc": "highest MCC",
    "fixed_precision": "wanted precision",
    "fixed_recall": "wanted recall",
}
MOST_CLASSES = 30
"""Classes up to which their matrix is in the page."""


def threshold_data(folder: Path) -> list[dict[str, Any]]:
    """Of each output: ``counts`` of class 0 and of class 1 by score, and ``rules`` that chose.

    Parameters
    ----------
    folder
        Evaluation of a model, with scores.tsv and, if thresholds were chosen, thresholds.tsv.

    Returns
    -------
    One dict an output; counts are two lists from score 0 to 1, pooled over the runs; a rule is its
    name and the mean of its thresholds over the runs.
    """
    if not (folder / "scores.tsv").exists():
        return []
    scores = read_table(folder / "scores.tsv").sort_values("low", kind="stable")
    chosen = folder / "thresholds.tsv"
    rules = read_table(chosen) if chosen.exists() else pd.DataFrame({"output": []})
    return [
        {
            "name": name,
            "counts": [
                rows.loc[rows["class"].astype(str) == label, "count"].tolist() for label in "01"
            ],
            "rules": _rules(rules[rules["output"] == name]),
        }
        for name, rows in scores.groupby("output", sort=False)
    ]


def class_matrix(path: Path) -> dict[str, Any] | None:
    """Confusion matrix of several classes: ``classes`` and, of each true class, counts and shares.

    Nothing without such a file, of 0 against 1, and of more classes than the page can show.
    """
    table = read_table(path) if path.exists() else None
    if table is None or table["output"].nunique() > 1:
        return None
    table = table.astype({"true": str, "predicted": str})
    classes = list(dict.fromkeys([*table["true"], *table["predicted"]]))
    if set(classes) <= {"0", "1"} or len(classes) > MOST_CLASSES:
        return None
    counts = table.pivot_table(index="true", columns="predicted", values="count", aggfunc="sum")
    counts = counts.reindex(index=classes, columns=classes).fillna(0)
    shares = counts.div(counts.sum(axis=1).clip(lower=1), axis=0)
    rows = [
        (name, list(zip(counts.loc[name].astype(int), shares.loc[name], strict=True)))
        for name in classes
    ]
    return {"classes": classes, "rows": rows}


def _rules(chosen: pd.DataFrame) -> list[tuple[str, float]]:
    if chosen.empty:
        return []
    means = chosen.groupby("rule", sort=False)["threshold"].mean()
    return [(RULES.get(rule, rule), round(float(value), 4)) for rule, value in means.items()]
