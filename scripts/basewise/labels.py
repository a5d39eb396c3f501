"""Joining candidates with their labels to the final list of examples."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from basewise.composition import gc_content, known_bases
from basewise.errors import InputError
from basewise.sequences import read_lines
from basewise.steps import replacing
from basewise.tables import DROPPED_COLUMNS, EXAMPLE_COLUMNS, OUTPUT, write_table

__all__ = [
    "Examples",
    "join_labels",
    "read_label_lines",
    "read_label_table",
    "write_examples",
]


class Examples(NamedTuple):
    """The examples of a dataset, and the candidates and labels that found no partner."""

    examples: pd.DataFrame
    dropped: pd.DataFrame


def read_label_lines(path: str | Path) -> pd.DataFrame:
    """Read one label a line; line 7 belongs to the candidate ``line7``.

    Returns
    -------
    DataFrame
        id, label (text), line (from 1).
    """
    labels = [line.strip() for line in read_lines(path)]
    numbers = range(1, len(labels) + 1)
    return pd.DataFrame(
        {"id": [f"line{number}" for number in numbers], "label": labels, "line": numbers}
    )


def read_label_table(path: str | Path) -> pd.DataFrame:
    """Read a tab-separated table with the columns ``id`` and ``label``.

    Returns
    -------
    DataFrame
        id, label (text), line (from 1, the header being line 1).

    Raises
    ------
    InputError
        When a column is missing, a row is short, or an id stands twice.
    """
    lines = read_lines(path)
    header = lines[0].split("\t") if lines else []
    for column in ("id", "label"):
        if column not in header:
            raise InputError(
                f"has no column {column!r}; the first line must name the columns, "
                "separated by tabs, among them id and label",
                path,
                1,
            )
    rows = []
    for number, text in enumerate(lines[1:], start=2):
        fields = text.split("\t")
        if len(fields) != len(header):
            raise InputError(f"has {len(fields)} columns, line 1 has {len(header)}", path, number)
        rows.append((fields[header.index("id")], fields[header.index("label")], number))
    table = pd.DataFrame(rows, columns=["id", "label", "line"])
    repeated = table[table["id"].duplicated()]
    if len(repeated):
        raise InputError(
            f"the id {repeated['id'].iloc[0]!r} stands on an earlier line too",
            path,
            int(repeated["line"].iloc[0]),
        )
    return table


def join_labels(
    candidates: pd.DataFrame,
    letters: NDArray[np.uint8],
    labels: pd.DataFrame | None = None,
    labels_path: str | Path = "",
    known_dropped: frozenset[str] = frozenset(),
) -> Examples:
    """Join candidates and labels on their id.

    Parameters
    ----------
    candidates
        As `extraction.Extraction` holds them.
    letters
        Their character codes, shape (n, length).
    labels
        id, label, line; None when the candidates bring their labels themselves.
    labels_path
        File of the labels, for messages.
    known_dropped
        Ids that `extract` has dropped already: their labels are not reported again.

    Returns
    -------
    (examples, dropped)
        The examples, in the candidates' order: id, chrom, start, end, strand, source, line, gc,
        unknown (share of bases that are not A, C, G or T), group (the chromosome), label (0 or
        1). The dropped: id, source, line, reason.

    Raises
    ------
    InputError
        For a label other than 0 and 1, when nothing is left, or when only one class is.
    """
    unknown = 1 - known_bases(letters).mean(axis=1)
    table = candidates.assign(gc=gc_content(letters), unknown=unknown, group=candidates["chrom"])
    dropped = pd.DataFrame(columns=DROPPED_COLUMNS)
    if labels is not None:
        source = Path(labels_path).name
        by_id = labels.set_index("id")["label"]
        table["label"] = table["id"].map(by_id)
        without = table[table["label"].isna()].assign(reason=f"no label in {source}")
        orphans = labels[~labels["id"].isin(table["id"]) & ~labels["id"].isin(known_dropped)]
        orphans = orphans.assign(source=source, reason="label without a sequence")
        dropped = pd.concat([without[DROPPED_COLUMNS], orphans[DROPPED_COLUMNS]])
        table = table[table["label"].notna()]
        _check_values(labels[labels["id"].isin(table["id"])], labels_path)
    table = table.assign(label=table["label"].astype("int8")).reset_index(drop=True)
    _check_classes(table, labels_path or candidates["source"].iloc[0])
    return Examples(table[[*EXAMPLE_COLUMNS, OUTPUT]], dropped)


def write_examples(joined: Examples, examples: str | Path, dropped: str | Path) -> None:
    """Write the examples and the rows without a partner."""
    with replacing(examples) as path:
        joined.examples.to_parquet(path, index=False)
    write_table(joined.dropped, dropped)
    counts = joined.examples[OUTPUT].value_counts().sort_index()
    classes = ", ".join(f"{count} of class {label}" for label, count in counts.items())
    print(f"{len(joined.examples)} examples ({classes}), {len(joined.dropped)} rows dropped")


def _check_values(labels: pd.DataFrame, path: str | Path) -> None:
    wrong = labels[~labels["label"].isin(["0", "1"])]
    if len(wrong):
        raise InputError(
            f"label {wrong['label'].iloc[0]!r} must be 0 or 1", path, int(wrong["line"].iloc[0])
        )


def _check_classes(examples: pd.DataFrame, path: str | Path) -> None:
    if examples.empty:
        raise InputError("no id of the labels is the id of a sequence; compare the two files", path)
    classes = sorted(examples[OUTPUT].unique())
    if len(classes) == 1:
        raise InputError(
            f"all {len(examples)} examples have label {classes[0]}; two classes are needed "
            "(label some rows 0 and some 1, or draw `negatives`)",
            path,
        )
