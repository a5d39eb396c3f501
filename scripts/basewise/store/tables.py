"""The tables that steps hand on: their columns, and reading and writing them."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from basewise.core.remarks import Remark
from basewise.sequences.circles import CIRCLE
from basewise.store.receipts import checked, spoiled, writing

OUTPUT = "label"
"""Name of the one output of a binary task, and of all classes together."""

MACRO = "macro"
"""Stands for the mean over the outputs where outputs have their names."""

MICRO, WEIGHTED = "micro", "weighted"
"""Stand for all labels taken together, and for the mean over the labels by their positives."""

CEILING = "ceiling"
"""Stands for the best possible classifier where models have their names."""


class Columns(list[str]):
    """Names of the columns of a kind of file, in their order, with blanks between them.

    A star marks a column of text (`texts`), all others hold numbers; after dots there may be
    `more`, which are text where they do not look like numbers.
    """

    def __init__(self, names: str) -> None:
        self.texts = re.findall(r"(\w+)\*", names)
        self.more = names.endswith("...")
        super().__init__(re.findall(r"\w+", names))


# of examples, from their source to their parts
CANDIDATE_COLUMNS = Columns(
    "id* chrom* start end strand* source* line original_length gc unknown soft_masked "
    "group* part* background"
)
EXAMPLE_COLUMNS = ["record", *CANDIDATE_COLUMNS]
DROPPED_COLUMNS = Columns("id* source* line reason*")
REGION_FILE_COLUMNS = Columns("source* format* windows on_summit")
REMARK_COLUMNS = Columns("kind* file* what* rows total values* guess*")
FILTER_COLUMNS = Columns("filter* setting* markers individuals")
MARKER_TABLE_COLUMNS = Columns("marker* chrom* position A* a* frequency missing")
EFFECT_COLUMNS = Columns(
    "marker* chrom* position A* a* frequency missing output* effect correlation"
)
POSITION_COLUMNS = Columns("class* bases share")
BALANCE_COLUMNS = Columns("fold part* class* count")
DISTRIBUTION_COLUMNS = Columns("variable* class* low high count share")
COMPOSITION_COLUMNS = Columns("variable* class* examples others mean mean_of_others auroc low high")
PLACE_COLUMNS = Columns("chrom* low high part* count")
SPLIT_COLUMNS = Columns("id* part* group*")
LEAK_COLUMNS = Columns("kind* id* part* other_part* other_id* similarity conflict")
LEAKAGE_SUMMARY_COLUMNS = Columns("kind* part* other_part* rows total conflicts")

# of models: training, scores, comparisons; after the dots one column for each of what is noted
HISTORY_COLUMNS = Columns("epoch ...")  # a measure
TRIAL_COLUMNS = Columns("number state* value epochs ...")  # a setting that was searched
IMPORTANCE_COLUMNS = Columns("setting* importance")
EMBEDDING_COLUMNS = Columns("id* part* x y ...")  # an output, its target
METRIC_COLUMNS = Columns("dataset* model* fold seed part* output* metric* value low high")
SUMMARY_COLUMNS = Columns("model* part* output* metric* value low high spread runs unit*")
REPLICATE_COLUMNS = Columns("fold seed output* metric* units ...")  # a resample
THRESHOLD_COLUMNS = Columns("fold seed output* rule* threshold")
CALIBRATION_COLUMNS = Columns("output* method* low high count score share share_low share_high")
ERROR_COLUMNS = Columns("rank id* place* true* predicted* score loss sequence*")
COMPARISON_COLUMNS = Columns("model* kind* part* output* metric* value low high spread runs unit*")
PAIRED_COLUMNS = Columns(
    "model* reference* against* test* output* metric* difference low high p p_holm folds decides"
)
MODEL_COLUMNS = Columns(
    "dataset* task* model* kind* metric* title* lower_is_better value low high chance runs"
)
RANK_COLUMNS = Columns("model* rank low high datasets critical_difference p")
FIGURE_COLUMNS = {  # of the table behind each figure
    "distributions": DISTRIBUTION_COLUMNS,
    "targets": DISTRIBUTION_COLUMNS,
    "split": PLACE_COLUMNS,
    "learning": Columns("fold seed epoch ..."),  # a measure
    "confusion": Columns("output* true* predicted* count"),
    "scores": Columns("output* class* low high count"),
    "roc": Columns("output* false_positive_rate true_positive_rate low high"),
    "precision_recall": Columns("output* recall precision low high prevalence"),
    "calibration": CALIBRATION_COLUMNS,
    "predicted": Columns("output* target score"),
    "residuals": Columns("output* low high count"),
    "embedding": EMBEDDING_COLUMNS,
    "markers": EFFECT_COLUMNS,
    "trials": TRIAL_COLUMNS,
    "importance": IMPORTANCE_COLUMNS,
    "comparison": COMPARISON_COLUMNS,
    "forest": MODEL_COLUMNS,
    "ranks": RANK_COLUMNS,
}

# of what a run was made from, and of what it promises
INPUT_COLUMNS = Columns("dataset* file* bytes sha256*")
OUTPUT_COLUMNS = Columns("file* of* sha256*")
SOFTWARE_COLUMNS = Columns("package* version*")
TIME_COLUMNS = Columns("rule* jobs wall_seconds cpu_seconds max_rss_mb")
COMMAND_COLUMNS = Columns("time* command* snakemake*")

FEW_VALUES = ["chrom", "strand", "source", "group", "part"]


def candidate_columns(table: pd.DataFrame) -> list[str]:
    """Columns of a table of candidates or examples that say where each comes from.

    `CANDIDATE_COLUMNS`, and `circles.CIRCLE` where a genome has circular chromosomes.
    """
    return CANDIDATE_COLUMNS + [column for column in table.columns if column == CIRCLE]


def covariate_columns(table: pd.DataFrame) -> list[str]:
    """Columns of a table that hold covariates, ``covariate.<title>``."""
    return [column for column in table.columns if column.startswith("covariate.")]


def target_column(output: str) -> str:
    """Column that holds the target of an output."""
    return f"target.{output}"


def score_column(output: str) -> str:
    """Column that holds the score of an output."""
    return f"score.{output}"


def target_columns(table: pd.DataFrame) -> list[str]:
    """Columns of a table that hold targets."""
    return [column for column in table.columns if column.startswith("target.")]


def output_of(column: str) -> str:
    """Output whose target a column holds, see `target_column`."""
    return column.removeprefix("target.")


def read_table(path: str | Path, columns: Columns, *, has_receipt: bool = True) -> pd.DataFrame:
    """Read a table of `write_table`; names stay text, even one such as NA or 1.

    Parameters
    ----------
    has_receipt
        False for a table that grows, and for one of a record that has checksums of its own.

    Raises
    ------
    InputError
        When the file is not as it was written, see `receipts.checked`, or no table, has other
        columns, or text in one of numbers.
    """
    texts = dict.fromkeys(columns.texts, str)
    if has_receipt:
        checked(path)
    try:
        table = pd.read_csv(path, sep="\t", dtype=texts, keep_default_na=False, na_values=[""])
    except (OSError, ValueError) as error:
        raise spoiled("is missing, or no table", path) from error

    names = list(table.columns)
    if columns != (names[: len(columns)] if columns.more else names):
        raise spoiled(f"has the columns {', '.join(names)} instead of {', '.join(columns)}", path)
    for name in columns if len(table) else ():
        if name not in texts and not pd.api.types.is_numeric_dtype(table[name]):
            raise spoiled(f"column {name} holds text, not only numbers", path)
    return table


def read_tables(paths: Sequence[str | Path], columns: Columns) -> pd.DataFrame:
    """Read tables of the same kind as one."""
    return pd.concat([read_table(path, columns) for path in paths], ignore_index=True)


def read_candidates(path: str | Path) -> pd.DataFrame:
    """Read the candidates of a dataset, see `read_parquet`."""
    return read_parquet(path, CANDIDATE_COLUMNS)


def read_examples(path: str | Path, ids: ArrayLike | None = None) -> pd.DataFrame:
    """Read the examples of a dataset, see `read_parquet`; `ids` are theirs, where they are at hand.

    Raises
    ------
    InputError
        As `read_parquet`, and for other examples.
    """
    examples = read_parquet(path, EXAMPLE_COLUMNS)
    if ids is not None and not np.array_equal(examples["id"], np.asarray(ids)):
        raise spoiled("holds other examples than the tensors of its dataset", path)
    return examples


def read_parquet(path: str | Path, columns: Sequence[str]) -> pd.DataFrame:
    """Read a file of `write_parquet`; InputError where it is damaged or lacks a column."""
    checked(path)
    try:
        table = pd.read_parquet(path)
    except ValueError as error:
        raise spoiled("is damaged", path) from error

    lacking = [name for name in columns if name not in table]
    if lacking:
        raise spoiled(f"has no column {lacking[0]}", path)
    return table


def write_parquet(table: pd.DataFrame, path: str | Path) -> None:
    """Write candidates, examples or replicates, whole or not at all.

    Text with few values is written with a dictionary.
    """
    with writing(path) as unfinished:
        table.to_parquet(unfinished, index=False, use_dictionary=FEW_VALUES)


def read_remarks(paths: Iterable[str | Path]) -> list[Remark]:
    """Read what steps noticed, from those of some files that are there."""
    tables = [read_table(path, REMARK_COLUMNS) for path in paths if Path(path).exists()]
    return [Remark(*row) for table in tables for row in table.fillna("").itertuples(index=False)]


def write_remarks(remarks: Sequence[Remark], path: str | Path) -> None:
    """Write what a step noticed."""
    write_table(pd.DataFrame(remarks, columns=REMARK_COLUMNS), path)


def write_table(table: pd.DataFrame, path: str | Path) -> None:
    """Write a table as tab-separated text, whole or not at all."""
    with writing(path) as unfinished:
        table.to_csv(unfinished, sep="\t", index=False)
