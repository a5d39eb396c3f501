"""The table of docs/results.md: headline measures on test, mean of the runs that are there.

Usage: python benchmarks/quality.py CONFIGURATION RESULTS

RESULTS is the folder `results` of a run of that configuration; the target `models` is enough.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from basewise.evaluation.evaluate import Evaluation, evaluate
from basewise.evaluation.headlines import HEADLINES, summary_output
from basewise.store.scores import read_runs

SHOWN = {"binary": ("auroc", "mcc", "accuracy"), "multilabel": ("auroc", "auprc")}
SHOWN |= {"multiclass": ("accuracy", "macro_f1"), "regression": ("pearson",)}
SHOWN |= {"per_position": ("macro_auroc", "macro_auprc", "mcc")}


def measured(folder: Path, dataset: str, model: str, task: str) -> Evaluation | None:
    """The numbers of a model's runs, if there are any."""
    paths = sorted((folder / dataset / "models" / model).glob("fold*/seed*/scores.parquet"))
    names = [(path.parts[-3], path.parts[-2]) for path in paths]
    runs = [(int(fold[4:]), int(seed[4:])) for fold, seed in names]
    if not runs:
        return None
    names_of_all: dict[str, Any] = {"dataset": dataset, "model": model, "task": task}
    unrelated: dict[str, Any] = {"root_seed": 0, "groups": {}, "leaking": {}}
    return evaluate(list(read_runs(runs, paths)), **names_of_all, **unrelated)


def lines(folder: Path, dataset: str, entry: dict[str, Any], models: list[str]) -> list[str]:
    """One line of the table for each model of a dataset."""
    task = entry["task"]
    found = []
    for model in entry.get("models", models):
        numbers = measured(folder, dataset, model, task)
        if numbers is None:
            continue
        summary = numbers.summary
        whole = summary_output(task, summary["output"].unique())
        row = summary[summary["output"] == whole].set_index("metric")
        cells = [
            f"{row.value[metric]:.3f} ({row.low[metric]:.3f}-{row.high[metric]:.3f})"
            for metric in SHOWN[task]
        ]
        cells += by_trait(numbers.metrics, entry)
        found.append(f"| {dataset} | {model} | {row.runs.iloc[0]} | {' | '.join(cells)} |")
    names = {headline.metric: headline.title for headline in HEADLINES[task]}
    titles = [*(names[metric] for metric in SHOWN[task]), *entry.get("traits", [])]
    head = f"| dataset | model | runs | {' | '.join(titles)} |"
    return [head, "|---" * (3 + len(titles)) + "|", *found]


def by_trait(metrics: pd.DataFrame, entry: dict[str, Any]) -> list[str]:
    """Of traits from genotypes: Pearson r of each, mean of the runs."""
    test = metrics[(metrics["part"] == "test") & (metrics["metric"] == "pearson")]
    means = test.groupby("output")["value"].mean()
    return [f"{means[trait]:.3f}" for trait in entry.get("traits", [])]


def main() -> None:
    """Print one table a dataset."""
    config = yaml.safe_load(Path(sys.argv[1]).read_text(encoding="utf-8"))
    for dataset, entry in config["datasets"].items():
        print("\n".join(lines(Path(sys.argv[2]), dataset, entry, list(config["models"]))) + "\n")


if __name__ == "__main__":
    main()
