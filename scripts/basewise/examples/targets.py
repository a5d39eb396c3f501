"""What a dataset predicts: the outputs of a task, and the values that labels may take."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import yaml

from basewise.config.dataset_mistakes import says_no
from basewise.core.errors import InputError
from basewise.core.missing import looks_like_code, remedy_for
from basewise.store.scores import outputs_of
from basewise.store.tables import (
    MACRO,
    MICRO,
    OUTPUT,
    WEIGHTED,
    output_of,
    target_column,
    target_columns,
)

Labels = str | int | Sequence[str | int]
"""Column or columns that hold the labels: titles, or numbers from 1."""

TAKEN = "is the name of all classes together; rename the class"
"""What is wrong with a class of the name `tables.OUTPUT`."""

BINARY = (
    {"0": 0.0, "1": 1.0, "0.0": 0.0, "1.0": 1.0},
    {"false": 0.0, "true": 1.0},
    {"no": 0.0, "yes": 1.0},
)
"""How two classes may be written without a name for class 1, in upper or lower case."""

UNLABELED = "the label is missing"
"""Why a row is no example."""


def output_columns(labels: Labels, task: str) -> dict[str, str | int]:
    """Target column of each output to the column of the file that holds it.

    One column of classes is the output ``label``; the outputs of ``multilabel`` and ``regression``
    are named as their columns, ``column5`` where that is a number.
    """
    several = [labels] if isinstance(labels, str | int) else list(labels)
    if task in ("binary", "multiclass"):
        return {target_column(OUTPUT): several[0]}
    return {
        target_column(f"column{name}" if isinstance(name, int) else name): name for name in several
    }


def output_names(examples: pd.DataFrame, task: str) -> list[str]:
    """What a model puts out: the sorted classes of ``multiclass``, else the targets' names."""
    if task == "multiclass":
        return sorted(examples[target_column(OUTPUT)].unique())
    return outputs_of(examples)


def read_targets(table: pd.DataFrame, task: str, positive: str | None = None) -> pd.DataFrame:
    """Turn labels as text into the values of a task: text for ``multiclass``, else float64.

    NaN stands where the label is missing.

    Parameters
    ----------
    table
        Text columns ``target.<output>``, null where missing, with ``label_file`` and ``label_line``
        for messages.
    task
        ``binary`` and ``multilabel`` take 0 and 1 and the other spellings of `BINARY`, one of them
        a column; ``multiclass`` any name, ``regression`` numbers.
    positive
        ``binary``: the class that is 1, where the labels are two names.

    Raises
    ------
    InputError
        For a value that the task cannot take; for a class or output with the name of an average.
    """
    _check_names(table, task)
    targets = {}
    for column in target_columns(table):
        texts = table[column]
        if task == "multiclass":
            _refuse(table, texts, texts == OUTPUT, TAKEN)
            _check_numbers(table, texts)
            targets[column] = texts
            continue
        if task == "regression":
            values = pd.to_numeric(texts, errors="coerce").astype("float64")
            values = values.where(np.isfinite(values))
            remedy = f"must be a number; {_among(values, texts)}"
        elif positive is None:
            lower = texts.str.lower()
            spellings = (pair for pair in BINARY if lower.isin(pair).any())
            values, remedy = lower.map(next(spellings, BINARY[0])), "must be 0 or 1"
            if task == "binary":
                remedy += "; or name the class that is 1 with `positive`" + _example(texts)
        else:
            _check_two_classes(table, texts, positive)
            values, remedy = (texts == positive).astype("float64").where(texts.notna()), ""
        _refuse(table, texts, values.isna() & texts.notna(), remedy)
        targets[column] = values.astype("float64")
    return pd.DataFrame(targets, index=table.index)


def _check_names(table: pd.DataFrame, task: str) -> None:
    for name in (MACRO, MICRO, WEIGHTED) if task in ("multilabel", "regression") else ():
        if target_column(name) in table:
            raise InputError(
                f"an output is named {name!r}, as an average over all is; rename its column",
                table["label_file"].iloc[0],
            )


def _example(texts: pd.Series) -> str:
    """How `positive` is written, where the labels are two names."""
    names = sorted(texts.dropna().unique(), key=says_no)
    return (
        f", for example `{yaml.safe_dump({'positive': names[0]}).strip()}`"
        if len(names) == 2
        else ""
    )


def _check_two_classes(table: pd.DataFrame, texts: pd.Series, positive: str) -> None:
    classes = list(texts.dropna().unique())
    if len(classes) > 2:
        third = next(filter(looks_like_code, classes), classes[2])
        first, second, *_ = (name for name in classes if name != third)
        remedy = f"is a third class beside {first!r} and {second!r}; {remedy_for(third)}"
        _refuse(table, texts, texts == third, remedy)
    if classes and positive not in classes:
        raise InputError(
            f"no row has the label {positive!r} that `positive` names; there are "
            f"{', '.join(sorted(classes))}",
            table["label_file"].iloc[0],
        )


def _check_numbers(table: pd.DataFrame, texts: pd.Series) -> None:
    """Raise InputError for a class that is the number of another, as 1.0 is of 1."""
    classes = pd.Series(texts.dropna().unique(), dtype="str")
    numbers = pd.to_numeric(classes, errors="coerce").dropna()
    if numbers.duplicated().any():
        at = numbers.duplicated().idxmax()
        first = classes[(numbers == numbers[at]).idxmax()]
        remedy = f"is the same number as the class {first!r}; write both alike"
        _refuse(table, texts, texts == classes[at], remedy)


def _among(values: pd.Series, texts: pd.Series) -> str:
    """How many values are no numbers, and what may be done about the first."""
    wrong = texts[values.isna() & texts.notna()]
    if wrong.empty:
        return ""
    return f"{len(wrong)} of {texts.count()} are none; {remedy_for(wrong.iloc[0])}"


def _refuse(table: pd.DataFrame, texts: pd.Series, wrong: pd.Series, remedy: str) -> None:
    if wrong.any():
        name = output_of(str(texts.name))
        first = table[wrong].iloc[0]
        line = first["label_line"]
        raise InputError(
            f"{name} {texts[wrong].iloc[0]!r} {remedy}",
            first["label_file"],
            None if pd.isna(line) else int(line),
        )
