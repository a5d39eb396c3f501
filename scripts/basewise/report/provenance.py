"""What the report says about how its numbers came about, and about all datasets together."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from basewise.report.figures import Picture, image_of
from basewise.report.page import page_id, page_table
from basewise.store.receipts import checked
from basewise.store.run_records import RunRecord
from basewise.store.tables import (
    COMMAND_COLUMNS,
    INPUT_COLUMNS,
    MODEL_COLUMNS,
    RANK_COLUMNS,
    SOFTWARE_COLUMNS,
    TIME_COLUMNS,
    read_table,
)

TABLES = {
    "inputs": ("Input files", INPUT_COLUMNS),
    "software": ("Software", SOFTWARE_COLUMNS),
    "times": ("Time of each rule", TIME_COLUMNS),
    "commands": ("Commands", COMMAND_COLUMNS),
}

KINDS = {"sha256": "long"}

MODELS = [
    {"title": "dataset", "of": "dataset", "kind": "text"},
    {"title": "model", "of": "model", "kind": "link"},
    {"title": "task", "of": "task", "kind": "text"},
    {"title": "kind", "of": "kind", "kind": "text"},
    {"title": "measure", "of": "title", "kind": "text"},
    {"title": "value (95 % interval)", "of": "value", "kind": "interval"},
    {"title": "chance", "of": "chance", "kind": "number"},
    {"title": "runs", "of": "runs", "kind": "number"},
]

RUNS = {
    "dataset": ("dataset", "text"),
    "model": ("model", "text"),
    "fold": ("fold", "number"),
    "seed": ("seed", "text"),
    "parameters": ("parameters", "number"),
    "epochs": ("epochs", "number"),
    "best_epoch": ("epoch kept", "number"),
    "seconds": ("seconds", "number"),
    "examples_per_second": ("examples/s", "number"),
    "peak_memory_mb": ("peak MB", "number"),
    "device": ("on", "text"),
}

RANKS = [
    {"title": "model", "of": "model", "kind": "text"},
    {"title": "mean rank (and its bar)", "of": "rank", "kind": "interval"},
    {"title": "datasets", "of": "datasets", "kind": "number"},
    {"title": "critical difference", "of": "critical_difference", "kind": "number"},
    {"title": "p (Friedman)", "of": "p", "kind": "p"},
]

PICTURES = {
    "forest": "The measure that ranks the models of each dataset, with 95 % intervals",
    "ranks": "Mean ranks; models whose bars overlap are not told apart (Nemenyi)",
}


def all_models(path: Path) -> dict[str, Any] | None:
    """Table of all models of all datasets for the browser; nothing when no model was measured."""
    table = read_table(path, MODEL_COLUMNS) if path.exists() else pd.DataFrame()
    if table.empty:
        return None
    return page_table(
        table.assign(place=list(map(page_id, table["dataset"], table["model"]))), MODELS
    )


def runs_table(runs: Sequence[RunRecord]) -> dict[str, Any] | None:
    """Table of all runs for the browser, from their records."""
    if not runs:
        return None
    table = pd.DataFrame(runs)
    table["seed"] = table["seed"].astype(str).mask(table["members"].astype(bool), "all")
    shown = [
        {"title": title, "of": key, "kind": kind}
        for key, (title, kind) in RUNS.items()
        if table[key].notna().any()
    ]
    return page_table(table, shown)


def ranks_table(path: Path) -> dict[str, Any] | None:
    """Mean ranks for the browser; nothing when too few datasets share models."""
    table = read_table(path, RANK_COLUMNS) if path.exists() else pd.DataFrame()
    return None if table.empty else page_table(table, RANKS)


def comparison_pictures(folder: Path) -> list[Picture]:
    """Pictures of all datasets together; none of ranks where there are no ranks."""
    return [
        Picture(
            image_of(folder / f"{name}.svg"), text, f"{text}; the values are in the table", True
        )
        for name, text in PICTURES.items()
        if (folder / f"{name}.svg").exists()
        and (name != "ranks" or len(read_table(folder / "ranks.tsv", RANK_COLUMNS)))
    ]


def describe_provenance(folder: Path) -> dict[str, Any]:
    """Gather the methods paragraph and the tables of inputs, software, times and commands."""
    methods = folder / "methods.md"
    tables = {
        name: read_table(path, columns, has_receipt=name != "commands")
        for name, (_, columns) in TABLES.items()
        if (path := folder / f"{name}.tsv").exists()
    }
    return {
        "methods": checked(methods).read_text(encoding="utf-8") if methods.exists() else "",
        "tables": {
            name: {"title": TABLES[name][0], "data": page_table(table, _columns(table))}
            for name, table in tables.items()
            if len(table)
        },
    }


def _columns(table: pd.DataFrame) -> list[dict[str, str]]:
    return [
        {
            "title": str(name).replace("_", " "),
            "of": str(name),
            "kind": "number"
            if pd.api.types.is_numeric_dtype(table[name])
            else KINDS.get(name, "text"),
        }
        for name in table
    ]
