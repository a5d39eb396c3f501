"""What the report says about each model of a dataset, and what its threshold slider needs."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from basewise.evaluation.headlines import HEADLINES, ON_LOGARITHMS
from basewise.figures.markers import top_markers
from basewise.report.figures import drawn_figures, figure_outputs, pictures
from basewise.report.page import page_table
from basewise.report.trainings import lines_of, reconstruction_of
from basewise.store.run_records import RunRecord
from basewise.store.tables import (
    EFFECT_COLUMNS,
    ERROR_COLUMNS,
    FIGURE_COLUMNS,
    SUMMARY_COLUMNS,
    THRESHOLD_COLUMNS,
    read_table,
)

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

    From the evaluation of a model, with scores.tsv and, if thresholds were chosen, thresholds.tsv.
    Counts are two lists from score 0 to 1, pooled over the runs; a rule is its name and the mean of
    its thresholds over the runs.
    """
    if not (folder / "scores.tsv").exists():
        return []

    scores = read_table(folder / "scores.tsv", FIGURE_COLUMNS["scores"]).sort_values(
        "low", kind="stable"
    )
    chosen = folder / "thresholds.tsv"
    rules = (
        read_table(chosen, THRESHOLD_COLUMNS) if chosen.exists() else pd.DataFrame({"output": []})
    )
    return [
        {
            "name": name,
            "counts": [rows.loc[rows["class"] == label, "count"].tolist() for label in "01"],
            "rules": _rules(rules[rules["output"] == name]),
        }
        for name, rows in scores.groupby("output", sort=False)
    ]


def class_matrix(path: Path) -> dict[str, Any] | None:
    """Confusion matrix of several classes: ``classes`` and, of each true class, counts and shares.

    Nothing without such a file, of 0 against 1, and of more classes than the page can show.
    """
    table = read_table(path, FIGURE_COLUMNS["confusion"]) if path.exists() else None
    if table is None or table["output"].nunique() > 1:
        return None

    classes = list(dict.fromkeys([*table["true"], *table["predicted"]]))
    # the threshold slider shows the matrix of 0 against 1
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


TOP_MARKERS = 10

LONGEST = 1000
"""Letters of a sequence from which on the page holds its start only."""

CALIBRATIONS = {"": "as scored", "_temperature": "temperature", "_isotonic": "isotonic"}

CALIBRATED = {"ece": "expected calibration error", "brier": "Brier score", "log_loss": "log loss"}

FACTS: dict[str, tuple[str, Callable[[pd.Series], str]]] = {
    "chosen": ("chosen on validation", lambda values: "; ".join(dict.fromkeys(values))),
    "parameters": ("parameters", lambda values: f"{values.max():,.0f}"),
    "epochs": ("epochs", lambda values: _span(values)),
    "best_epoch": ("epoch kept", lambda values: _span(values)),
    "examples_per_second": ("examples/s in training", lambda values: f"{values.mean():,.0f}"),
    "seconds": ("seconds of training", lambda values: f"{values.mean():,.1f}"),
    "peak_memory_mb": ("peak memory", lambda values: f"{values.max():,.0f} MB"),
    "device": ("device", lambda values: "; ".join(dict.fromkeys(map(str, values)))),
}
"""Key of a run's record: what it is called, and the text for the values of several runs."""

TITLES = {
    headline.metric: headline.title
    for headlines in (
        *map(HEADLINES.get, ("per_position", "multiclass", "regression", "binary")),
        *ON_LOGARITHMS.values(),
    )
    for headline in headlines or ()
}

MEASURES = [
    {"title": "part", "of": "part", "kind": "text"},
    {"title": "of", "of": "output", "kind": "text"},
    {"title": "measure", "of": "metric", "kind": "text"},
    {"title": "value (95 % interval)", "of": "value", "kind": "interval"},
    {"title": "sd over runs", "of": "spread", "kind": "number"},
    {"title": "runs", "of": "runs", "kind": "number"},
]

ERRORS = [
    {"title": "rank", "of": "rank", "kind": "number"},
    {"title": "example", "of": "id", "kind": "text"},
    {"title": "place", "of": "place", "kind": "text"},
    {"title": "true", "of": "true", "kind": "text"},
    {"title": "predicted", "of": "predicted", "kind": "text"},
    {"title": "score", "of": "score", "kind": "number"},
    {"title": "loss", "of": "loss", "kind": "number"},
    {"title": "sequence", "of": "sequence", "kind": "long"},
]


def describe_model(
    folder: Path, name: str, title: Mapping[str, str], runs: Sequence[RunRecord], output: str
) -> dict[str, Any]:
    """Gather what the report shows of one model; ``data`` is for the browser.

    `folder` has the results of the dataset, laid out as docs/spec.md says; the measures of `output`
    speak for the model.
    """
    place = folder / "evaluation" / name
    summary = read_table(place / "summary.tsv", SUMMARY_COLUMNS)
    test = summary[summary["part"] == "test"]
    words = {
        name: {row["metric"]: in_words(row) for row in rows.to_dict("records")}
        for name, rows in test.groupby("output")
    }

    figures, drawn = drawn_figures(place, words, output)
    thresholds = threshold_data(place)
    titled = summary.assign(metric=summary["metric"].map(measure_title))
    tables = {"measures": page_table(titled, MEASURES), "errors": _worst(place / "errors.tsv")}

    return {
        "name": name,
        "title": title["title"],
        "runs": len(runs),
        "place": place.relative_to(folder.parent).as_posix(),
        "facts": _facts(runs),
        **{kind: lines_of(runs, kind) for kind in ("warnings", "changes", "advice")},
        "reconstruction": reconstruction_of(runs),
        "markers": _top_markers(place / "markers.tsv"),
        "calibration": _calibration(words.get(output, {})),
        "matrix": class_matrix(place / "confusion.tsv"),
        "figures": figures,
        "pictures": pictures(place, f"{name} on {folder.name}"),
        "outputs": figure_outputs(place),
        "thresholds": bool(thresholds),
        "data": {
            "figures": drawn,
            "captions": {figure.kind: figure.captions for figure in figures},
            "thresholds": thresholds,
            "tables": tables,
        },
    }


def in_words(row: Any) -> str:
    """A value with its interval, such as "0.831 (0.802 to 0.858)"."""
    return f"{row['value']:.3f} ({row['low']:.3f} to {row['high']:.3f})"


def measure_title(metric: str) -> str:
    """What a measure is called in text, by its name in tables."""
    return TITLES.get(metric, metric.replace("_", " "))


def _facts(runs: Sequence[RunRecord]) -> list[tuple[str, str]]:
    table = pd.DataFrame(runs)
    known = [key for key in FACTS if table[key].notna().any()]
    return [(FACTS[key][0], FACTS[key][1](table[key].dropna())) for key in known]


def _span(values: pd.Series) -> str:
    low, high = int(values.min()), int(values.max())
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def _calibration(measures: Mapping[str, str]) -> list[dict[str, Any]]:
    """Errors of the scores as they are and recalibrated: a row a method, a cell a measure."""
    rows = []
    for ending, method in CALIBRATIONS.items():
        cells = {text: measures.get(f"{name}{ending}", "") for name, text in CALIBRATED.items()}
        if any(cells.values()):
            rows.append({"method": method, "cells": cells})
    return rows if len(rows) > 1 else []


def _worst(path: Path) -> dict[str, Any] | None:
    """The test examples with the highest loss, for the browser."""
    if not path.exists():
        return None
    table = read_table(path, ERROR_COLUMNS)
    shown = [column for column in ERRORS if table[column["of"]].notna().any()]
    cut = table["sequence"].str.len() > LONGEST
    table.loc[cut, "sequence"] = table.loc[cut, "sequence"].str[:LONGEST] + "..."
    return page_table(table, shown) if len(table) else None


def _top_markers(path: Path) -> list[dict[str, Any]]:
    """The markers with the largest effects on each output, with their rank by themselves."""
    if not path.exists():
        return []
    table = read_table(path, EFFECT_COLUMNS)
    table["alone"] = table.groupby("output")["correlation"].transform(
        lambda correlations: correlations.abs().rank(ascending=False, method="min")
    )

    shown = TOP_MARKERS if table["output"].nunique() == 1 else TOP_MARKERS // 2
    tops = [top_markers(effects, shown) for _, effects in table.groupby("output", sort=False)]
    rows: list[dict[str, Any]] = pd.concat(tops).to_dict("records")
    return rows
