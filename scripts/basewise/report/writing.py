"""The report: everything a run found, in one HTML file that opens offline."""

import shlex
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from basewise import __version__
from basewise.core.files import replacing
from basewise.report.alerts import CLASS_NAMES, alerts
from basewise.report.comparison import describe_comparison, overview, speaking_output
from basewise.report.examples import describe_data, losses
from basewise.report.figures import figure_specification, image_of
from basewise.report.models import describe_model
from basewise.report.page import render_page
from basewise.report.provenance import (
    all_models,
    comparison_pictures,
    describe_provenance,
    ranks_table,
    runs_table,
)
from basewise.report.trainings import describe_tuning
from basewise.report.verdicts import verdict_lines
from basewise.store.run_records import RunRecord, read_records
from basewise.store.tables import (
    BALANCE_COLUMNS,
    COMPARISON_COLUMNS,
    COMPOSITION_COLUMNS,
    LEAKAGE_SUMMARY_COLUMNS,
    METRIC_COLUMNS,
    PAIRED_COLUMNS,
    read_remarks,
    read_table,
    read_tables,
)


def write_report(
    path: str | Path,
    *,
    results: str | Path,
    models: Mapping[str, Sequence[str]],
    titles: Mapping[str, Mapping[str, str]],
    classes: Mapping[str, Mapping[str, str] | None],
    folds: Mapping[str, Sequence[int]],
    seeds: Sequence[int],
    config: Mapping[str, Any],
) -> None:
    """Write the report of a whole run as one HTML file.

    `results` is laid out as docs/spec.md says; `models` has those of each dataset in the order to
    show, `titles` the title and citation of each, `classes` what 0 and 1 of each dataset are where
    they have names, `folds` those of each dataset; an ensemble has
    the first of the `seeds` alone.
    """
    folder = Path(results)
    datasets = [
        _dataset(folder / name, name, names, titles, folds[name], seeds, config, classes[name])
        for name, names in models.items()
    ]
    page = {
        "version": __version__,
        "datasets": datasets,
        "specifications": _specifications(folder, datasets),
        "pictures": comparison_pictures(folder / "comparison"),
        "example": next_commands(datasets, config),
        "provenance": describe_provenance(folder / "provenance"),
        "tables": {
            "models": all_models(folder / "comparison/models.tsv"),
            "runs": runs_table([run for dataset in datasets for run in dataset["runs"]]),
            "ranks": ranks_table(folder / "comparison/ranks.tsv"),
        },
        "config": yaml.safe_dump(dict(config), sort_keys=False, allow_unicode=True),
        "citations": sorted(
            {titles[name]["citation"] for names in models.values() for name in names}
        ),
    }
    html = render_page(page)
    with replacing(path) as unfinished:
        unfinished.write_text(html, encoding="utf-8")


def _dataset(
    folder: Path,
    name: str,
    models: Sequence[str],
    titles: Mapping[str, Mapping[str, str]],
    folds: Sequence[int],
    seeds: Sequence[int],
    config: Mapping[str, Any],
    class_names: Mapping[str, str] | None,
) -> dict[str, Any]:
    entry = config["datasets"][name]
    own_seeds = {
        model: seeds[:1] if "ensemble" in config["models"][model] else seeds for model in models
    }
    records = read_records(folder, own_seeds, folds)
    data = describe_data(folder, name, entry, folds)
    return {
        **data,
        "tuning": describe_tuning(folder, models, config["models"], folds),
        "runs": [run for runs in records.values() for run in runs],
        "class_names": class_names or {},
        **_results(folder, entry, titles, records, folds, data["outputs"], class_names),
    }


def _results(
    folder: Path,
    entry: Mapping[str, Any],
    titles: Mapping[str, Mapping[str, str]],
    records: Mapping[str, Sequence[RunRecord]],
    folds: Sequence[int],
    outputs: Sequence[str],
    class_names: Mapping[str, str] | None,
) -> dict[str, Any]:
    """What is said of a dataset's models; of one without, that it has none."""
    evaluation, task = folder / "evaluation", entry["task"]
    comparison, metrics = (
        read_table(evaluation / file, columns) if records else pd.DataFrame(columns=columns)
        for file, columns in (
            ("comparison.tsv", COMPARISON_COLUMNS),
            ("metrics.tsv", METRIC_COLUMNS),
        )
    )
    leakage = [folder / "leakage" / f"fold{fold}.summary.tsv" for fold in folds]
    warnings = alerts(
        comparison=comparison,
        metrics=metrics,
        balance=read_table(evaluation / "balance.tsv", BALANCE_COLUMNS),
        losses=losses(folder, entry),
        composition=read_table(evaluation / "composition.tsv", COMPOSITION_COLUMNS),
        leakage_summary=read_tables(leakage, LEAKAGE_SUMMARY_COLUMNS),
        records=records,
        task=task,
        alphabet=entry["alphabet"],
        remarks=read_remarks(
            folder / stage / "remarks.tsv" for stage in ("extract", "examples", "splits")
        ),
        class_names=class_names or _plain_names(entry),
    )
    if not records:
        return {"results": None, "models": [], "overview": None, "verdicts": [], "alerts": warnings}

    paired = read_table(evaluation / "paired.tsv", PAIRED_COLUMNS)
    names = {name: titles[name]["title"] for name in records}
    speaking = speaking_output(comparison, task)
    return {
        "results": describe_comparison(folder, task, comparison, paired, names, outputs),
        "comparison": image_of(evaluation / "comparison.svg"),
        "overview": overview(comparison, task),
        "verdicts": verdict_lines(comparison, paired, task, names),
        "alerts": warnings,
        "models": [
            describe_model(folder, name, titles[name], runs, speaking)
            for name, runs in records.items()
        ],
    }


def next_commands(
    datasets: Sequence[Mapping[str, Any]], config: Mapping[str, Any]
) -> dict[str, Any] | None:
    """The commands that score new data with the best model of the first dataset that has one."""
    bests = {
        dataset["name"]: dataset["overview"]["best"]
        for dataset in datasets
        if dataset["overview"] and _is_applicable(config["datasets"][dataset["name"]])
    }
    name, best = next(((name, best) for name, best in bests.items() if best), ("", None))
    if best is None:
        return None

    is_genotype = config["datasets"][name]["alphabet"] == "genotype"
    form, file = ("genotypes", "new.vcf.gz") if is_genotype else ("sequences", "new.fa")
    model = best["model"]
    bundle = f"results/bundles/{name}.{model}.zip"
    entry = f"score: {{new: {{models: {bundle}, {form}: {file}}}}}"
    return {
        "dataset": name,
        "model": model,
        "file": file,
        "commands": [
            f"snakemake {bundle} --configfile results/provenance/config.yaml",
            f"{shlex.join(['echo', entry])} > score.yaml",
            "snakemake score --configfile score.yaml",
        ],
    }


def _is_applicable(entry: Mapping[str, Any]) -> bool:
    """Whether models of a dataset can score new examples: these have no covariates."""
    return entry["task"] != "per_position" and not entry.get("covariates")


def _plain_names(entry: Mapping[str, Any]) -> dict[str, str]:
    """What classes are called that have no names; 0 is background where some was drawn."""
    is_drawn = entry.get("negatives", {}).get("method", "none") != "none"
    return {**CLASS_NAMES, "0": "background"} if is_drawn else CLASS_NAMES


def _specifications(folder: Path, datasets: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """One specification a kind of figure, from the first model that has it."""
    first: dict[str, Path] = {}
    for dataset in datasets:
        for model in dataset["models"]:
            for figure in model["figures"]:
                first.setdefault(figure.kind, folder / model["place"])
    return {kind: figure_specification(kind, place) for kind, place in first.items()}
