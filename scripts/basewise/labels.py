"""Joining candidates with their labels to the final list of examples."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from basewise.composition import gc_content, known_bases
from basewise.errors import InputError
from basewise.sequences import read_lines
from basewise.steps import replacing
from basewise.tables import DROPPED_COLUMNS, EXAMPLE_COLUMNS, OUTPUT, write_table
from basewise.user_tables import check_values

__all__ = [
    "Examples",
    "join_labels",
    "read_label_lines",
    "write_examples",
]


class Examples(NamedTuple):
    """The examples of a dataset, and the candidates and labels that found no partner."""

    examples: pd.DataFrame
    dropped: pd.DataFrame


def read_label_lines(path: str | Path, schema: Mapping[str, Any], lines: int) -> pd.DataFrame:
    """Read one label a line; line 7 belongs to the candidate ``line7``.

    Parameters
    ----------
    path
        The file.
    schema
        Of a row of the label table; its ``label`` holds here too.
    lines
        How many there must be: the number of sequences.

    Returns
    -------
    DataFrame
        id, label (text), line (from 1).

    Raises
    ------
    InputError
        For a label the schema refuses, or another number of lines.
    """
    labels = [line.strip() for line in read_lines(path)]
    if len(labels) != lines:
        raise InputError(
            f"has {len(labels)} labels for {lines} sequences; line n labels the sequence of line n",
            path,
            min(len(labels), lines) + 1,
        )
    numbers = range(1, len(labels) + 1)
    ids = [f"line{number}" for number in numbers]
    table = pd.DataFrame({"id": ids, "label": labels, "line": numbers})
    check_values(table, schema, path)
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
        When nothing is left, or only one class is.
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
