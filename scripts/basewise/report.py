"""The report: everything a run found, in one HTML file that opens offline."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from basewise import __version__
from basewise.report_data import describe_data
from basewise.steps import replacing
from basewise.tables import CEILING, read_table

__all__ = ["verdict", "write_report"]

HEADLINE = {
    "auroc": "AUROC",
    "auprc": "AUPRC",
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy",
    "mcc": "MCC",
    "f1": "F1",
    "brier": "Brier score",
}
"""Measures of the comparison table, in the order of its columns."""

FIGURES = {
    "confusion": "Confusion matrix, threshold 0.5",
    "scores": "Scores by true class",
    "roc": "ROC curve",
    "precision_recall": "Precision-recall curve",
    "learning": "Learning curves; the dot is the epoch kept",
}


def write_report(
    path: str | Path,
    *,
    results: str | Path,
    models: Mapping[str, Sequence[str]],
    titles: Mapping[str, Mapping[str, str]],
    folds: Mapping[str, Sequence[int]],
    measured: Sequence[str],
    seeds: Sequence[int],
    config: Mapping[str, Any],
) -> None:
    """Write the report of a whole run.

    Parameters
    ----------
    path
        The HTML file.
    results
        Folder of the results, laid out as docs/spec.md says.
    models
        Dataset to its models, in the order to show.
    titles
        Model to the title and citation of what it is.
    folds
        Dataset to its folds.
    measured
        Datasets whose models are evaluated; of the others, the report shows the data.
    seeds
        Replicates of every fold.
    config
        The configuration as run.
    """
    folder = Path(results)
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    html = environment.get_template("report.html").render(
        version=__version__,
        datasets=[
            {
                **describe_data(folder / name, name, config["datasets"][name], folds[name]),
                "runs": _runs(folder / name, names, folds[name], seeds),
                "results": _results(folder / name, names, titles, folds[name], seeds)
                if name in measured
                else None,
            }
            for name, names in models.items()
        ],
        headline=HEADLINE,
        config=yaml.safe_dump(dict(config), sort_keys=False, allow_unicode=True),
        citations=sorted({titles[name]["citation"] for names in models.values() for name in names}),
    )
    with replacing(path) as unfinished:
        unfinished.write_text(html, encoding="utf-8")


def verdict(comparison: pd.DataFrame, networks: Sequence[str]) -> str:
    """Say in words how the best network stands against the best baseline, by AUROC on test.

    Parameters
    ----------
    comparison
        model, metric, value, low, high, without the ceiling.
    networks
        The models that are networks; the others are baselines.
    """
    auroc = comparison[comparison["metric"] == "auroc"]
    is_network = auroc["model"].isin(list(networks))
    if not is_network.any() or is_network.all():
        best = auroc.loc[auroc["value"].idxmax()]
        return f"The best model is {best['model']}, AUROC {_interval(best)}."
    network = auroc.loc[auroc[is_network]["value"].idxmax()]
    baseline = auroc.loc[auroc[~is_network]["value"].idxmax()]
    both = (
        f"The best network, {network['model']}, has AUROC {_interval(network)}; "
        f"the best baseline, {baseline['model']}, {_interval(baseline)}. "
    )
    if network["value"] <= baseline["value"]:
        return both + "The network does not beat the baseline."
    if network["low"] <= baseline["high"]:
        return both + "The network is ahead, but the intervals overlap."
    return both + "The network is ahead, and the intervals do not overlap."


def _results(
    folder: Path,
    models: Sequence[str],
    titles: Mapping[str, Mapping[str, str]],
    folds: Sequence[int],
    seeds: Sequence[int],
) -> dict[str, Any]:
    comparison = read_table(folder / "evaluation" / "comparison.tsv")
    metrics = read_table(folder / "evaluation" / "metrics.tsv")
    own = comparison[comparison["model"] != CEILING]
    pages = [_model(folder, model, titles[model]) for model in models]
    networks = [page["name"] for page in pages if page["is_network"]]
    return {
        "verdict": verdict(own, networks),
        "rows": [_comparison_row(own, page["name"], page["title"]) for page in pages],
        "ceiling": _ceiling_rows(metrics),
        "comparison": _image(folder / "evaluation" / "comparison.svg"),
        "models": pages,
        "repeats": len(folds) * len(seeds),
    }


def _runs(
    folder: Path, models: Sequence[str], folds: Sequence[int], seeds: Sequence[int]
) -> list[dict[str, Any]]:
    return [
        json.loads((folder / f"models/{model}/fold{fold}/seed{seed}/run.json").read_text("utf-8"))
        for model in models
        for fold in folds
        for seed in seeds
    ]


def _model(folder: Path, name: str, title: Mapping[str, str]) -> dict[str, Any]:
    evaluation = folder / "evaluation" / name
    figures = [
        {"title": text, "image": _image(evaluation / f"{figure}.svg")}
        for figure, text in FIGURES.items()
        if (evaluation / f"{figure}.svg").exists()
    ]
    is_network = (evaluation / "learning.svg").exists()
    return {"name": name, "title": title["title"], "is_network": is_network, "figures": figures}


def _comparison_row(comparison: pd.DataFrame, model: str, title: str) -> dict[str, Any]:
    own = comparison[comparison["model"] == model].set_index("metric")
    cells = {metric: own.loc[metric].to_dict() for metric in HEADLINE}
    return {"model": model, "title": title, "cells": cells, "runs": int(own["runs"].iloc[0])}


def _ceiling_rows(metrics: pd.DataFrame) -> list[dict[str, Any]]:
    ceiling = metrics[metrics["model"] == CEILING]
    rows = []
    for part, text in (("test", "these test rows"), ("population", "any sample")):
        values = ceiling[ceiling["part"] == part].groupby("metric")["value"].mean()
        if len(values):
            rows.append({"text": text, "cells": values.to_dict()})
    return rows


def _image(path: Path) -> str:
    content = base64.b64encode(path.read_bytes()).decode("ascii")
    return f"data:image/svg+xml;base64,{content}"


def _interval(row: Any) -> str:
    return f"{row['value']:.3f} ({row['low']:.3f} to {row['high']:.3f})"
