"""What the report says about the models of a dataset."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from basewise.ensembles import kinds_of
from basewise.headlines import HEADLINES, Headline
from basewise.manhattan import top_markers
from basewise.paired import paired_verdict
from basewise.report_runs import lines_of, reconstruction_of
from basewise.tables import CEILING, read_table

__all__ = ["averages", "describe_models", "image_of", "verdict"]

FIGURES = {
    "confusion": "Confusion matrix, threshold 0.5",
    "scores": "Scores by true class",
    "roc": "ROC curve",
    "precision_recall": "Precision-recall curve",
    "learning": "Learning curves; the dot is the epoch kept",
    "embedding": "Latent space of the autoencoder, its first two principal components",
    "markers": "Markers along the genome: change of the score from aa to AA",
}

TOP_MARKERS = 10

BROAD_FIGURES = {"markers"}

RESAMPLED = {
    "binary": "examples within each class",
    "multiclass": "examples within each class",
    "multilabel": "examples",
    "regression": "examples",
    "per_position": "sequences, each with all its bases",
}
"""What the bootstrap of a task draws."""


def describe_models(
    folder: Path,
    task: str,
    titles: Mapping[str, Mapping[str, str]],
    runs: Mapping[str, Sequence[Mapping[str, Any]]],
    outputs: Sequence[str],
) -> dict[str, Any]:
    """Gather what the report shows of the models of a dataset.

    Parameters
    ----------
    folder
        Results of the dataset, laid out as docs/spec.md says.
    task
        As in the configuration.
    titles
        Model to the title and citation of what it is.
    runs
        Model to the records of its runs, see `scoring.write_run`; in the order to show.
    outputs
        Names of the outputs, or classes.
    """
    comparison = read_table(folder / "evaluation" / "comparison.tsv")
    metrics = read_table(folder / "evaluation" / "metrics.tsv")
    own = comparison[comparison["model"] != CEILING]
    headlines = HEADLINES[task]
    models = [_model(folder, name, titles[name], records) for name, records in runs.items()]
    return {
        "verdict": _verdict(own, runs, headlines[0]),
        "paired": paired_verdict(read_table(folder / "evaluation" / "paired.tsv")),
        "headlines": headlines,
        "rows": [_comparison_row(own, model) for model in models],
        "ceiling": _ceiling_rows(metrics),
        "comparison": image_of(folder / "evaluation" / "comparison.svg"),
        "resampled": RESAMPLED[task],
        "averaged": averages(task, outputs, metrics),
        "by_output": _by_output(task, outputs, metrics, list(runs)),
        "models": models,
        "repeats": max(len(records) for records in runs.values()),
    }


def verdict(comparison: pd.DataFrame, networks: Sequence[str], headline: Headline) -> str:
    """Say in words how the best network stands against the best baseline on test.

    Parameters
    ----------
    comparison
        model, metric, value, low, high, without the ceiling.
    networks
        The models that are networks; the others are baselines.
    headline
        The measure that ranks them.
    """
    ranked = comparison[comparison["metric"] == headline.metric].sort_values(
        "value", ascending=headline.lower_is_better, kind="stable"
    )
    if ranked.empty:
        return f"The test part holds one class only, so that {headline.title} is not defined."
    is_network = ranked["model"].isin(list(networks))
    if not is_network.any() or is_network.all():
        best = ranked.iloc[0]
        return f"The best model is {best['model']}, {headline.title} {_interval(best)}."
    network, baseline = ranked[is_network].iloc[0], ranked[~is_network].iloc[0]
    both = (
        f"The best network, {network['model']}, has {headline.title} {_interval(network)}; "
        f"the best baseline, {baseline['model']}, {_interval(baseline)}. "
    )
    better, worse = (baseline, network) if headline.lower_is_better else (network, baseline)
    if better["value"] <= worse["value"]:
        return both + "The network does not beat the baseline."
    if better["low"] <= worse["high"]:
        return both + "The network is ahead, but the intervals overlap."
    return both + "The network is ahead, and the intervals do not overlap."


def averages(task: str, outputs: Sequence[str], metrics: pd.DataFrame) -> str:
    """Say in words what a macro average is the mean of, and what it leaves out.

    Parameters
    ----------
    task
        As in the configuration.
    outputs
        Names of the outputs, or classes.
    metrics
        Of the dataset: fold, part, output.
    """
    if task == "binary" or len(outputs) == 1:
        return ""
    test = metrics[metrics["part"] == "test"]
    measured = [set(of_fold["output"]) for _, of_fold in test.groupby("fold")]
    left_out = [name for name in outputs if any(name not in found for found in measured)]
    if task == "regression":
        return f"Values are means over the {len(outputs)} outputs."
    kind = "labels" if task == "multilabel" else "classes"
    text = f"Macro: the mean over the {len(outputs)} {kind}, each counting the same."
    if not left_out:
        return text
    folds = " of some fold" * (len(measured) > 1)
    why = "is 0 or 1 throughout" if task == "multilabel" else "does not occur"
    return f"{text} Left out: {', '.join(left_out)}, which {why} in the test part{folds}."


def _model(
    folder: Path, name: str, title: Mapping[str, str], runs: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    evaluation = folder / "evaluation" / name
    figures = [
        {
            "title": text,
            "image": image_of(evaluation / f"{figure}.svg"),
            "broad": figure in BROAD_FIGURES,
        }
        for figure, text in FIGURES.items()
        if (evaluation / f"{figure}.svg").exists()
    ]
    details = {
        "figures": figures,
        "warnings": lines_of(runs, "warnings"),
        "changes": lines_of(runs, "changes"),
        "advice": lines_of(runs, "advice"),
        "reconstruction": reconstruction_of(runs),
        "markers": _top_markers(evaluation / "markers.tsv"),
    }
    return {
        "name": name,
        "title": title["title"],
        "runs": len(runs),
        "has_details": any(details.values()),
        **details,
    }


def _verdict(
    comparison: pd.DataFrame, runs: Mapping[str, Sequence[Mapping[str, Any]]], headline: Headline
) -> str:
    """The verdict; an ensemble of networks is one, an ensemble of both kinds is on neither side."""
    kinds = {name: kinds_of(records[0]) for name, records in runs.items()}
    single = [name for name in kinds if len(kinds[name]) == 1]
    networks = [name for name in single if kinds[name] == ["network"]]
    if networks in ([], single):
        return verdict(comparison, [], headline)
    return verdict(comparison[comparison["model"].isin(single)], networks, headline)


def _by_output(
    task: str, outputs: Sequence[str], metrics: pd.DataFrame, models: Sequence[str]
) -> list[dict[str, Any]]:
    """Of several traits: the measure that ranks the models for each, mean over the runs."""
    if task != "regression" or len(outputs) == 1:
        return []
    headline = HEADLINES[task][0]
    test = metrics[(metrics["part"] == "test") & (metrics["metric"] == headline.metric)]
    means = test.groupby(["model", "output"])["value"].mean().unstack("output")
    return [{"model": name, "cells": means.loc[name, list(outputs)].tolist()} for name in models]


def _top_markers(path: Path) -> list[dict[str, Any]]:
    """The markers with the largest effects on each output, with their rank by themselves."""
    if not path.exists():
        return []
    table = read_table(path)
    table["alone"] = table.groupby("output")["correlation"].transform(
        lambda found: found.abs().rank(ascending=False, method="min")
    )
    shown = TOP_MARKERS if table["output"].nunique() == 1 else TOP_MARKERS // 2
    tops = [top_markers(of, shown) for _, of in table.groupby("output", sort=False)]
    rows: list[dict[str, Any]] = pd.concat(tops).to_dict("records")
    return rows


def _comparison_row(comparison: pd.DataFrame, model: Mapping[str, Any]) -> dict[str, Any]:
    own = comparison[comparison["model"] == model["name"]].set_index("metric")
    return {"model": model, "cells": own.to_dict("index")}


def _ceiling_rows(metrics: pd.DataFrame) -> list[dict[str, Any]]:
    ceiling = metrics[metrics["model"] == CEILING]
    rows = []
    for part, text in (("test", "these test rows"), ("population", "any sample")):
        values = ceiling[ceiling["part"] == part].groupby("metric")["value"].mean()
        if len(values):
            rows.append({"text": text, "cells": values.to_dict()})
    return rows


def image_of(path: Path) -> str:
    """An SVG file as the address of an image that holds it."""
    content = base64.b64encode(path.read_bytes()).decode("ascii")
    return f"data:image/svg+xml;base64,{content}"


def _interval(row: Any) -> str:
    return f"{row['value']:.3f} ({row['low']:.3f} to {row['high']:.3f})"
