"""What the report says about the models of a dataset beside each other."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from basewise.evaluation.headlines import HEADLINES, shown_headlines, summary_output
from basewise.evaluation.rankings import of_headline, ranked
from basewise.report.models import in_words, measure_title
from basewise.report.page import page_id, page_table
from basewise.report.verdicts import finding
from basewise.report.wording import say
from basewise.store.tables import CEILING, METRIC_COLUMNS, read_table

RESAMPLED = {
    "example": "examples",
    "group": "whole groups of related examples",
    "sequence": "sequences, each with all its bases",
}
"""What the bootstrap draws, by the unit in the tables."""

TESTS = {
    "bootstrap": "paired bootstrap",
    "corrected t": "corrected resampled t-test",
    "delong": "DeLong",
    "mcnemar": "McNemar",
}

PAIRED = [
    {"title": "model", "of": "model", "kind": "link"},
    {"title": "against", "of": "reference", "kind": "text"},
    {"title": "which is the", "of": "against", "kind": "text"},
    {"title": "by", "of": "test", "kind": "text"},
    {"title": "measure", "of": "metric", "kind": "text"},
    {"title": "difference (95 % interval)", "of": "difference", "kind": "interval"},
    {"title": "p", "of": "p", "kind": "p"},
    {"title": "p, Holm", "of": "p_holm", "kind": "p"},
    {"title": "in words", "of": "words", "kind": "text"},
]


def speaking_output(comparison: pd.DataFrame, task: str) -> str:
    """The output whose measures speak for the whole task."""
    return summary_output(task, comparison.loc[comparison["part"] == "test", "output"].unique())


def describe_comparison(
    folder: Path,
    task: str,
    comparison: pd.DataFrame,
    paired: pd.DataFrame,
    models: Mapping[str, str],
    outputs: Sequence[str],
) -> dict[str, Any]:
    """Gather what the report shows of a dataset's models together, in the order of their titles.

    `folder` has the results of the dataset, laid out as docs/spec.md says.
    """
    metrics = read_table(folder / "evaluation" / "metrics.tsv", METRIC_COLUMNS)
    test = comparison[(comparison["part"] == "test") & (comparison["kind"] != CEILING)]
    speaking = test[test["output"] == speaking_output(test, task)]
    units = [RESAMPLED.get(unit, unit) for unit in test["unit"].dropna().unique()]

    return {
        "headlines": shown_headlines(task, set(speaking["metric"])),
        "rows": [_row(speaking, name, title) for name, title in models.items()],
        "ceiling": _ceiling(metrics),
        "clean": _clean_rows(comparison, task, list(models)),
        "paired": _paired(paired, folder.name),
        "resampled": " or ".join(units),
        "scales": say("scales", metrics=set(speaking["metric"])),
        "averaged": averages(task, outputs, metrics),
        "by_output": _by_output(task, outputs, metrics, list(models)),
        "repeats": int(test["runs"].max()) if len(test) else 0,
    }


def overview(comparison: pd.DataFrame, task: str) -> dict[str, Any]:
    """The best model and the best baseline on test, for the first screen."""
    best = ranked(comparison, task)
    return {
        "measure": HEADLINES[task][0].title,
        "best": _named(best),
        "baseline": _named(best[best["kind"] == "baseline"]),
    }


def averages(task: str, outputs: Sequence[str], metrics: pd.DataFrame) -> str:
    """Say in words what a macro average is the mean of, and what it leaves out.

    `metrics` has fold, part and output.
    """
    if task == "binary" or len(outputs) == 1:
        return ""

    # what is not defined in a fold has no row there
    test = metrics[metrics["part"] == "test"]
    measured = [set(of_fold["output"]) for _, of_fold in test.groupby("fold")]
    left_out = [name for name in outputs if any(name not in names for names in measured)]
    facts = {"outputs": len(outputs), "left_out": left_out, "folds": len(measured) > 1}
    return say("averages", task=task, **facts)


def _named(best: pd.DataFrame) -> dict[str, Any] | None:
    shown = ["model", "value", "low", "high"]
    return None if best.empty else dict(best.iloc[0][shown])


def _row(test: pd.DataFrame, name: str, title: str) -> dict[str, Any]:
    measures = test[test["model"] == name].drop_duplicates("metric").set_index("metric")
    kind = measures["kind"].iloc[0] if len(measures) else ""
    return {"name": name, "title": title, "kind": kind, "cells": measures.to_dict("index")}


def _clean_rows(comparison: pd.DataFrame, task: str, models: Sequence[str]) -> list[dict[str, Any]]:
    """The headline measure with and without the test rows that leak, where there are some."""
    whole, clean = (
        of_headline(comparison, task, part).set_index("model") for part in ("test", "test_clean")
    )
    return [
        {
            "model": name,
            "all": in_words(whole.loc[name]),
            "clean": in_words(clean.loc[name]),
            "change": clean.loc[name, "value"] - whole.loc[name, "value"],
        }
        for name in models
        if name in clean.index and name in whole.index
    ]


def _paired(table: pd.DataFrame, dataset: str) -> dict[str, Any] | None:
    """The paired tests for the browser, those that decide first."""
    if table.empty:
        return None
    table = table.sort_values("decides", ascending=False, kind="stable")
    shown = table.assign(
        words=[finding(row) for row in table.itertuples()],
        place=[page_id(dataset, model) for model in table["model"]],
        metric=table["metric"].map(measure_title),
        test=table["test"].map(TESTS).fillna(table["test"]),
    )
    return page_table(shown, PAIRED)


def _by_output(
    task: str, outputs: Sequence[str], metrics: pd.DataFrame, models: Sequence[str]
) -> list[dict[str, Any]]:
    """Of several traits: the measure that ranks the models for each, mean over the runs."""
    if task != "regression" or len(outputs) == 1:
        return []
    test = metrics[(metrics["part"] == "test") & (metrics["metric"] == HEADLINES[task][0].metric)]
    means = test.groupby(["model", "output"])["value"].mean().unstack("output")
    return [{"model": name, "cells": means.loc[name, list(outputs)].tolist()} for name in models]


def _ceiling(metrics: pd.DataFrame) -> list[dict[str, Any]]:
    ceiling = metrics[metrics["model"] == CEILING]
    rows = []
    for part, text in (("test", "these test rows"), ("population", "any sample")):
        values = ceiling[ceiling["part"] == part].groupby("metric")["value"].mean()
        if len(values):
            rows.append({"text": text, "cells": values.to_dict()})
    return rows
