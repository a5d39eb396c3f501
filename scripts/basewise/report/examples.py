"""What the report says about the examples of a dataset."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from basewise.config.figures import TABLES
from basewise.core.text import listed, natural_order
from basewise.core.user_tables import unlike
from basewise.evaluation.composition import strongest_first
from basewise.examples.description import ALL, MOST_CLASSES
from basewise.report.figures import Picture, image_of
from basewise.report.wording import say
from basewise.sequences.circles import CIRCLE, circles_of
from basewise.splits.leakage import ANY, worst_folds
from basewise.store.manifest import read_manifest
from basewise.store.parts import GROUP, PARTS
from basewise.store.tables import (
    BALANCE_COLUMNS,
    COMPOSITION_COLUMNS,
    DROPPED_COLUMNS,
    FILTER_COLUMNS,
    LEAKAGE_SUMMARY_COLUMNS,
    POSITION_COLUMNS,
    REGION_FILE_COLUMNS,
    Columns,
    covariate_columns,
    read_examples,
    read_table,
    read_tables,
)

KINDS = {
    "exact": "exact copy",
    "reverse_complement": "reverse complement",
    "overlap": "overlapping interval",
    "near": "near-identical",
    ANY: "any of these",
    GROUP: "groups in both",
}

PAIRS = {
    ("test", "train"): "test in train",
    ("validation", "train"): "validation in train",
    ("test", "validation"): "test in validation",
    ("train", "train"): "twice in train",
    ("validation", "validation"): "twice in validation",
    ("test", "test"): "twice in test",
}

WORDS = {
    "dna": {"noun": "sequences", "unit": "bp"},
    "rna": {"noun": "sequences", "unit": "bp"},
    "protein": {"noun": "sequences", "unit": "amino acids"},
    "genotype": {"noun": "individuals", "unit": "markers"},
}
"""What an example is, and what its length counts, by alphabet."""

NUMBERS = {
    "length": "length (letters)",
    "gc": "share of G and C",
    "unknown": "share of unknown letters",
    "soft_masked": "share of lower case",
    "position": "place along the chromosome (0 to 1)",
    "source": "source file",
}
"""What is compared between the classes, see `composition.composition_table`."""

COMPARED = 12
"""Rows of that table that are shown."""

COUNTED = {"multilabel": "label", "regression": "measured"}
"""What the rows of the counts are, by task; otherwise classes."""


def describe_data(
    folder: Path, name: str, config: Mapping[str, Any], folds: Sequence[int]
) -> dict[str, Any]:
    """Gather what the report shows of a dataset, `config` being its entry, before any model.

    `folder` has its results, laid out as docs/spec.md says.
    """
    examples = read_examples(folder / "examples" / "examples.parquet")
    manifest = read_manifest(folder / "tensors" / "manifest.json")
    audits = [folder / "leakage" / f"fold{fold}.summary.tsv" for fold in folds]
    summary = read_tables(audits, LEAKAGE_SUMMARY_COLUMNS)
    kinds = _kinds_looked_at(summary, manifest, examples)

    return {
        "name": name,
        "description": config.get("description", ""),
        "sources": examples["source"].value_counts(sort=False).to_dict(),
        "pictures": _pictures(
            folder / "evaluation", name, _captions(config["task"], manifest, examples)
        ),
        "counted": COUNTED.get(config["task"], "class"),
        "task": config["task"].replace("_", " "),
        "examples": len(examples),
        "outputs": manifest["outputs"],
        "length": manifest["length"],
        **WORDS[manifest["alphabet"]],
        "changed": _changed(examples["original_length"], manifest["length"]),
        "background": int(examples["background"].sum()),
        "gc": examples["gc"].quantile([0.05, 0.5, 0.95]).tolist(),
        "balance": _balance(folder / "evaluation" / "balance.tsv"),
        "composition": _composition(folder / "evaluation" / "composition.tsv"),
        "positions": _rows(folder / "examples" / "positions.tsv", POSITION_COLUMNS),
        "dropped": _dropped(folder),
        "centers": _centers(folder / "extract" / "files.tsv", config.get("center")),
        "circles": circles_read(examples),
        "filters": _rows(folder / "extract" / "filters.tsv", FILTER_COLUMNS),
        "split": (config.get("split") or {}).get("method", "random"),
        "folds": len(folds),
        "leaks": bool(_leaking(summary)["rows"].any()),
        "leakage_verdict": leakage_verdict(summary),
        "looked_for": [KINDS[kind] for kind in kinds],
        "kinds": [KINDS[kind] for kind in kinds if kind != ANY],
        "leakage": _leakage_rows(summary, kinds),
    }


def leakage_verdict(summary: pd.DataFrame) -> str:
    """Say in words what the audit of one fold or several, see `leakage.summarize`, tells."""
    leaking = _leaking(summary)
    worst = worst_folds(leaking).sort_values(["part", "other_part"])

    remedies = ["homology", "group"]
    if "overlap" in set(summary["kind"]):
        remedies.append("chromosome")

    return say(
        "leakage_verdict",
        leaking=list(worst[worst["rows"] > 0].itertuples()),
        folds=len(leaking) > len(PARTS),
        remedies=remedies,
    )


def _leaking(summary: pd.DataFrame) -> pd.DataFrame:
    """Rows of all kinds of leaks together, between parts."""
    return summary[(summary["part"] != summary["other_part"]) & (summary["kind"] == ANY)]


def _kinds_looked_at(
    summary: pd.DataFrame, manifest: Mapping[str, Any], examples: pd.DataFrame
) -> list[str]:
    kinds = set(summary["kind"])
    if manifest["alphabet"] != "dna":
        kinds.discard("reverse_complement")
    if examples["start"].isna().all():
        kinds.discard("overlap")
    return [kind for kind in KINDS if kind in kinds]


def _leakage_rows(summary: pd.DataFrame, kinds: Sequence[str]) -> list[dict[str, Any]]:
    """One row a pair of parts that has any, one cell a kind: the worst fold of each."""
    worst = worst_folds(summary).set_index(["part", "other_part", "kind"])
    return [
        {
            "pair": text,
            "cells": {
                KINDS[kind]: worst.loc[(*pair, kind)].to_dict()
                if (*pair, kind) in worst.index
                else None
                for kind in kinds
            },
        }
        for pair, text in PAIRS.items()
        if worst.loc[(*pair, ANY), "rows"]
        or ((*pair, GROUP) in worst.index and worst.loc[(*pair, GROUP), "rows"])
    ]


def _changed(original: pd.Series, length: int) -> dict[str, int]:
    """How many sequences were cut or filled up, and the extremes of what they had."""
    return {
        "cut": int((original > length).sum()),
        "longest": int(original.max()),
        "filled": int((original < length).sum()),
        "shortest": int(original.min()),
    }


def _balance(path: Path) -> list[dict[str, Any]]:
    """Counts of the first fold, one row a class and one for all."""
    table = read_table(path, BALANCE_COLUMNS)
    table = table[table["fold"] == 0].fillna({"class": ALL})
    counts = table.pivot(index="class", columns="part", values="count")
    totals = counts.loc[ALL]
    return [
        {
            "class": name,
            "counts": {part: int(counts.loc[name, part]) for part in PARTS},
            "shares": {part: counts.loc[name, part] / totals[part] for part in PARTS},
        }
        for name in table["class"].unique()
    ]


def _composition(path: Path) -> dict[str, Any]:
    """The numbers that tell the classes apart best, and how many rows there are in all."""
    table = strongest_first(read_table(path, COMPOSITION_COLUMNS))
    classes = table["class"].nunique()
    rows = table[:COMPARED].to_dict("records")
    named = [{**row, "name": NUMBERS[row["variable"]]} for row in rows]
    return {"rows": named, "total": len(table), "classes": classes}


def _dropped(folder: Path) -> list[dict[str, Any]]:
    files = [folder / stage / "dropped.tsv" for stage in ("extract", "examples")]
    counts = read_tables(files, DROPPED_COLUMNS).groupby(["source", "reason"], sort=False).size()
    return [
        {"source": source, "reason": reason, "count": int(count)}
        for (source, reason), count in counts.items()
    ]


def losses(folder: Path, config: Mapping[str, Any]) -> pd.DataFrame:
    """Rows of each file that became no candidate, by reason, but for those that `keep` leaves out.

    Returns
    -------
    DataFrame
        source, reason, count, total (rows of the file, without those and background).
    """
    dropped = read_table(folder / "extract" / "dropped.tsv", DROPPED_COLUMNS)
    if "keep" in config:
        dropped = dropped[dropped["reason"] != unlike(config["keep"])]
    counts = dropped.groupby(["source", "reason"], sort=False).size().rename("count").reset_index()
    examples = read_examples(folder / "examples" / "examples.parquet")
    unlabelled = read_table(folder / "examples" / "dropped.tsv", DROPPED_COLUMNS)
    rows = pd.concat([dropped, unlabelled, examples[~examples["background"]]])["source"]
    return counts.assign(total=counts["source"].map(rows.value_counts()).astype("int64"))


def circles_read(examples: pd.DataFrame) -> str:
    """Which circular chromosomes the windows lie on, and how many over an origin; else empty."""
    circles = circles_of(examples)
    if not circles:
        return ""
    over = ((examples[CIRCLE] > 0) & (examples["end"] > examples[CIRCLE])).sum()
    chroms = sorted(circles, key=natural_order)
    return say("circles", chroms=listed(chroms), over=int(over))


def _centers(path: Path, center: str | None) -> str:
    """What the windows of each file of regions stand on; empty where there are no regions."""
    return say("centers", files=_rows(path, REGION_FILE_COLUMNS), center=center)


def _captions(task: str, manifest: Mapping[str, Any], examples: pd.DataFrame) -> dict[str, str]:
    """What the pictures show, by the stem of their files."""
    genotypes = manifest["alphabet"] == "genotype"
    classes = task in ("binary", "multiclass") and len(manifest["outputs"]) <= MOST_CLASSES
    placed = examples["start"].notna()
    return {
        "distributions": say(
            "distributions", genotypes=genotypes, by_class=classes and not genotypes
        ),
        "targets": say(
            "targets",
            targets=len(manifest["outputs"]),
            covariates=len(covariate_columns(examples)),
        ),
        "split": say("split", placed=placed.any(), left_out=(~placed).sum()),
    }


def _pictures(folder: Path, name: str, captions: Mapping[str, str]) -> list[Picture]:
    words = {
        stem: f"{text}: {name}; {TABLES.get(stem, stem)}.tsv has the counts"
        for stem, text in captions.items()
    }
    return [
        Picture(image_of(folder / f"{stem}.svg"), text, words[stem], broad=True)
        for stem, text in captions.items()
        if (folder / f"{stem}.svg").exists()
    ]


def _rows(path: Path, columns: Columns) -> list[dict[str, Any]]:
    """Rows of a table that not every dataset has."""
    return read_table(path, columns).to_dict("records") if path.exists() else []
