"""Tables that MultiQC shows beside those of other tools, as its custom content.

The format: https://docs.seqera.io/multiqc/custom_content (files ``*_mqc.tsv`` with a YAML head).
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from basewise.core.files import replacing
from basewise.evaluation.headlines import HEADLINES
from basewise.evaluation.rankings import of_headline
from basewise.examples.description import ALL
from basewise.store.parts import PARTS, read_leaking
from basewise.store.run_records import RunRecord, read_run
from basewise.store.tables import (
    BALANCE_COLUMNS,
    COMPARISON_COLUMNS,
    DROPPED_COLUMNS,
    read_table,
    read_tables,
)

MODELS = {
    "id": "basewise_models",
    "section_name": "basewise: models",
    "description": "How well the models of each dataset do on its test part, best first.",
}

DATA = {
    "id": "basewise_data",
    "section_name": "basewise: data",
    "description": "The examples of each dataset and how they are divided.",
}

COUNT = {"format": "{:,.0f}", "scale": "Blues"}

VALUE = {"format": "{:,.4f}", "scale": "RdYlGn"}

BOUND = {"format": "{:,.4f}", "scale": False}

COLUMNS: dict[str, dict[str, Any]] = {
    "task": {"title": "Task", "description": "What is predicted"},
    "kind": {"title": "Kind", "description": "Network, baseline, ensemble of both, or control"},
    "measure": {"title": "Measure", "description": "What ranks the models"},
    "value": {"title": "Value", "description": "Mean over folds and seeds", **VALUE},
    "low": {"title": "Low", "description": "Lower end of the 95 % interval", **BOUND},
    "high": {"title": "High", "description": "Upper end of the 95 % interval", **BOUND},
    "runs": {"title": "Runs", "description": "Folds times seeds", **COUNT},
    "parameters": {"title": "Parameters", "description": "Of one run", **COUNT},
    "seconds": {"title": "Seconds", "description": "To train, mean of a run", **COUNT},
    "examples": {"title": "Examples", "description": "In all parts", **COUNT},
    "dropped": {"title": "Dropped", "description": "Input rows that are no example", **COUNT},
    "folds": {"title": "Folds", "description": "Of the cross-validation; 1 is none", **COUNT},
    **{
        part: {"title": part.capitalize(), "description": "Examples, mean over folds", **COUNT}
        for part in PARTS
    },
    "leaking": {
        "title": "Leaking",
        "description": "Test examples with a partner in another part, mean over folds",
        **COUNT,
    },
}
"""How MultiQC shows the columns of both tables."""


def models_table(
    dataset: str, task: str, comparison: pd.DataFrame, records: Sequence[RunRecord]
) -> pd.DataFrame:
    """Lay out the models of a dataset, one a row, from `tables.COMPARISON_COLUMNS`.

    Columns: Sample (``dataset | model``), task, kind, measure, value, low, high, runs, parameters,
    seconds (of a run, mean; empty for an ensemble and the ceiling).
    """
    headline = HEADLINES[task][0]
    rows = of_headline(comparison, task).sort_values(
        "value", ascending=headline.lower_is_better, kind="stable"
    )
    columns = ["model", "parameters", "seconds"]
    facts = pd.DataFrame(records, columns=RunRecord._fields)[columns].groupby("model").mean()
    table = rows.join(facts, on="model").assign(task=task, measure=headline.title)
    shown = ["task", "kind", "measure", "value", "low", "high", "runs", "parameters", "seconds"]
    table.insert(0, "Sample", [f"{dataset} | {model}" for model in table["model"]])

    return table[["Sample", *shown]].reset_index(drop=True)


def data_table(folder: Path, task: str, folds: int) -> pd.DataFrame:
    """Describe the examples of the dataset with its results in `folder`, in one row.

    Columns: Sample (the dataset), task, examples, dropped, folds, train, validation, test, leaking.
    """
    balance = read_table(folder / "evaluation" / "balance.tsv", BALANCE_COLUMNS).fillna(
        {"class": ALL}
    )
    totals = balance[balance["class"] == ALL]
    sizes = totals.groupby("part")["count"].mean()
    dropped = [folder / stage / "dropped.tsv" for stage in ("extract", "examples")]
    leaking = read_leaking([folder / "leakage" / f"fold{fold}.tsv" for fold in range(folds)])
    row = {
        "Sample": folder.name,
        "task": task,
        "examples": int(totals.loc[totals["fold"] == 0, "count"].sum()),
        "dropped": len(read_tables(dropped, DROPPED_COLUMNS)),
        "folds": folds,
        **{part: sizes[part] for part in PARTS},
        "leaking": sum(map(len, leaking.values())) / folds,
    }

    return pd.DataFrame([row])


def write_multiqc(
    models_path: str | Path,
    data_path: str | Path,
    *,
    results: str | Path,
    tasks: Mapping[str, str],
    measured: Sequence[str],
    folds: Mapping[str, int],
    runs: Sequence[str | Path],
) -> None:
    """Write both tables; MultiQC finds files by their end, ``_mqc.tsv``.

    `results` is laid out as docs/spec.md says, `measured` are the datasets that have models, `runs`
    their `run.json` files.
    """
    folder = Path(results)
    records = [read_run(path) for path in runs]
    models = [
        models_table(
            name,
            tasks[name],
            read_table(folder / name / "evaluation" / "comparison.tsv", COMPARISON_COLUMNS),
            [record for record in records if record.dataset == name],
        )
        for name in measured
    ]
    data = [data_table(folder / name, tasks[name], folds[name]) for name in tasks]
    _write(pd.concat(models) if models else pd.DataFrame({"Sample": []}), MODELS, models_path)
    _write(pd.concat(data), DATA, data_path)


def _write(table: pd.DataFrame, head: Mapping[str, str], path: str | Path) -> None:
    """Write a table under a head of comments that tell MultiQC how to show it."""
    settings = {
        **head,
        "plot_type": "table",
        "pconfig": {"id": f"{head['id']}_table", "title": head["section_name"], "sort_rows": False},
        "headers": {name: COLUMNS[name] for name in table.columns[1:]},
    }
    text = yaml.safe_dump(settings, sort_keys=False, allow_unicode=True, width=1000)
    with replacing(path) as unfinished:
        comments = "".join(f"# {line}\n" for line in text.splitlines())
        rows = table.to_csv(sep="\t", index=False, float_format="%.10g")
        unfinished.write_text(comments + rows, encoding="utf-8")
