"""Joining candidates with their labels to the final list of examples."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from basewise.core.errors import InputError
from basewise.core.files import read_lines
from basewise.core.missing import Codes, looks_like_code, suspicious_numbers, without_missing
from basewise.core.partners import lost_partners, perhaps
from basewise.core.remarks import CODES, Remark, tell
from basewise.core.text import check_names, listed
from basewise.core.user_tables import (
    Keep,
    check_values,
    column_named,
    kept_rows,
    read_delimited,
    unlike,
)
from basewise.examples.rare_classes import left_out
from basewise.examples.replicates import averaged_rows, means
from basewise.examples.scales import check_covariates, check_domain, is_numeric, loses_digits
from basewise.examples.targets import UNLABELED, output_columns, read_targets
from basewise.genotypes.plink import is_fam, read_fam
from basewise.store.tables import (
    DROPPED_COLUMNS,
    OUTPUT,
    candidate_columns,
    covariate_columns,
    output_of,
    target_column,
    target_columns,
    write_parquet,
    write_remarks,
    write_table,
)

BACKGROUND = "background"
"""Class of background windows in a multiclass task."""

LACKING = {
    "sequence": ("sequences have no label", "labels there have no sequence"),
    "individual": ("individuals have no phenotype", "phenotypes there have no genotypes"),
}
"""What each side of the join lacks, by what a label belongs to."""

ORPHAN = {"sequence": "label without a sequence", "individual": "phenotype without genotypes"}
"""Why a row of labels is no example, by what it should label."""


class Examples(NamedTuple):
    """The examples of a dataset, the candidates and labels that are none, and what was noticed."""

    examples: pd.DataFrame
    dropped: pd.DataFrame
    remarks: list[Remark]


def read_label_lines(
    path: str | Path,
    candidates: pd.DataFrame,
    known_dropped: frozenset[str] = frozenset(),
    missing: Codes = (),
) -> pd.DataFrame:
    """Read one label a line; line 7 belongs to the candidate ``line7``.

    The candidates, and the ids that `extract` has dropped, are together the lines of the file of
    sequences, but for shuffled copies. Columns: id, target.label (text, null where missing, see
    `missing.without_missing`), file, source (its name), line (from 1).

    Raises
    ------
    InputError
        For another number of lines.
    """
    labels = [line.strip() for line in read_lines(path)]
    lines = int((~candidates["background"].astype(bool)).sum()) + len(known_dropped)
    if len(labels) != lines:
        raise InputError(
            f"has {len(labels)} labels for {lines} sequences; line n labels the sequence of line n",
            path,
            min(len(labels), lines) + 1,
        )

    numbers = range(1, len(labels) + 1)
    ids = [f"line{number}" for number in numbers]
    table = pd.DataFrame({"id": ids, target_column(OUTPUT): labels}, dtype="str")
    table[target_column(OUTPUT)] = without_missing(table[target_column(OUTPUT)], missing)

    return table.assign(line=numbers, file=str(path), source=Path(path).name, reason=None, rows=1)


def read_label_table(
    path: str | Path,
    schema: Mapping[str, Any],
    task: str,
    columns: Mapping[str, Any],
    missing: Codes = (),
    keep: Keep | None = None,
    replicates: str | None = None,
) -> pd.DataFrame:
    """Read labels, or phenotypes, from a table that names the candidates.

    Columns: id, target.<output>, group and covariate.<title> (text, null where missing, see
    `missing.without_missing`), file, source (its name), line, reason (why it is none, null of all
    rows that `keep` takes) and rows (of the table that are one, of which it has the mean).

    Parameters
    ----------
    schema
        What the column of ids must hold, see `user_tables.check_values`.
    task
        Decides how the targets are named, see `targets.output_columns`.
    columns
        Titles of the ``id`` (None: the first column), of the ``label`` or labels and, where the
        table has them, of the ``group`` and a list of ``covariates``.
    keep
        Which rows to take, see `user_tables.kept_rows`.
    replicates
        ``mean``: of several rows with one id the means are taken, see `replicates.means`.

    Raises
    ------
    InputError
        For a missing column, a table without rows, an id with blanks, an id on two lines.
    """
    rows = read_fam(path) if is_fam(path) else read_delimited(path)
    wanted = {"id": columns.get("id", "id"), **output_columns(columns.get("label", "label"), task)}
    wanted |= {f"covariate.{title}": title for title in columns.get("covariates", [])}
    wanted |= {"group": columns["group"]} if "group" in columns else {}
    if wanted["id"] is None:
        wanted["id"] = next(iter(rows), "id")
    wanted = {name: column_named(rows, path, title) for name, title in wanted.items()}
    table = pd.DataFrame(
        {
            name: rows[column] if name == "id" else without_missing(rows[column], missing)
            for name, column in wanted.items()
        }
    )
    table = table.assign(line=rows.index, file=str(path), source=Path(path).name, rows=1)
    if table.empty:
        raise InputError("holds no label below the line of column titles", path, 1)

    kept = kept_rows(rows, keep, path)
    table["reason"] = None if keep is None else pd.Series(unlike(keep), rows.index).mask(kept)
    taken = table[kept]
    if replicates is None:
        chosen = wanted["id"] if columns.get("id", "id") is None else None
        _check_repeats(taken["id"], rows[kept], chosen, wanted, task, path)
    else:
        taken = means(taken, path)
    check_values(taken, schema, path)
    titles = pd.Series(wanted)
    check_names(titles, "the title", path, titles.map(lambda _: rows.attrs["line"]))
    for name in wanted:
        check_names(taken[name], wanted[name], path, taken["line"])
    return pd.concat([taken, table[~kept]], ignore_index=True)


def _check_repeats(
    ids: pd.Series,
    rows: pd.DataFrame,
    chosen: str | None,
    wanted: Mapping[str, str],
    task: str,
    path: str | Path,
) -> None:
    """Raise InputError where names repeat; `chosen` is a first column that nobody has named."""
    if not ids.duplicated().any():
        return
    line = int(ids.duplicated().idxmax())
    names = [title for title in rows if title not in wanted.values() and rows[title].is_unique]
    if chosen is not None and names:
        # as in the FID of PLINK's tables
        raise InputError(
            f"the first column, {chosen}, names {ids[line]!r} twice; if another column "
            f"names the individuals, say so: `columns: {{id: {names[0]}}}`",
            path,
            line,
        )

    several = f"{ids.duplicated().sum():,} of {len(ids):,} rows repeat an id"
    averaged = ", or average them with `replicates: mean`" if task == "regression" else ""
    raise InputError(
        f"the id {ids[line]!r} stands on an earlier line too ({several}); take one row of each "
        f"with `keep: {{column: ..., equals: ...}}`{averaged}",
        path,
        line,
    )


def join_labels(
    candidates: pd.DataFrame,
    task: str,
    *,
    labels: pd.DataFrame | None = None,
    overlaps: pd.DataFrame | None = None,
    known_dropped: frozenset[str] = frozenset(),
    positive: str | None = None,
    transform: str = "none",
    unit: str = "sequence",
    drop_classes: Sequence[str] = (),
    min_class_size: int = 0,
) -> Examples:
    """Join candidates and labels, and read the labels as the task wants them.

    Background windows are 0 in every output, of the class ``background`` in a multiclass task.
    Where nothing else brings labels, the regions are 1.

    Parameters
    ----------
    candidates
        As `candidates.Extraction` holds them, with the labels that their source brought.
    labels
        From `read_label_table` or `read_label_lines`; its group and covariates go with the rows.
    overlaps
        From `annotations.read_overlaps`, row for row.
    known_dropped
        Ids that `extract` has dropped already: their labels are not reported again.
    positive, transform
        See `targets.read_targets` and `scales.fit_transform`.
    unit
        What a candidate is, ``sequence`` or ``individual``.
    drop_classes, min_class_size
        See `rare_classes.left_out`.

    Returns
    -------
    (examples, dropped, remarks)
        The examples in the candidates' order: record, `tables.candidate_columns`, the covariates as
        text and the targets. Those of a regression may be NaN in some, not in all, of several
        outputs. The dropped: id, source, line, reason. The remarks, which are printed: names
        without a partner, values that look like codes, and classes that are left out.

    Raises
    ------
    InputError
        When a label cannot be read, nothing is left, or only one class is.
    """
    table = candidates.assign(
        record=np.arange(len(candidates)),
        label_file=candidates["source"],
        label_line=candidates["line"],
    )
    dropped, remarks = pd.DataFrame(columns=DROPPED_COLUMNS), []
    for name in ("id", "chrom", "group", *target_columns(candidates)):
        check_names(candidates[name], output_of(name), candidates["source"], candidates["line"])
    if task == "per_position":
        return Examples(table[["record", *candidate_columns(table)]], dropped, [])
    if overlaps is not None:
        table[overlaps.columns] = overlaps
    elif labels is not None:
        kept = labels["reason"].isna()
        others, labels = labels[~kept], labels[kept]
        remarks += _lost(table, labels, known_dropped, unit) + averaged_rows(labels)
        table, dropped = _joined(table, labels, known_dropped, unit)
        dropped = pd.concat([dropped, others[DROPPED_COLUMNS]])
        check_covariates(table)

    background = table["background"].to_numpy(dtype=bool)
    if not target_columns(table):
        _check_background(table)
        table[target_column(OUTPUT)] = "1"

    learned = read_targets(table[~background], task, positive)
    remarks += _codes(table[~background] if labels is None else labels, task, positive)
    if task == "binary":
        texts = table.loc[learned.index, target_column(OUTPUT)]
        _tell_classes(texts, learned, positive, background.any())
    _check_transform(table.loc[learned.index], learned, transform)
    if task == "regression":
        _check_digits(table.loc[learned.index], learned)

    targets = learned.reindex(table.index)
    targets.loc[background] = BACKGROUND if task == "multiclass" else 0
    reasons: dict[str, str] = {}
    if task in ("multiclass", "multilabel"):
        source = table["source"] if labels is None else labels["source"]
        reasons, told = left_out(
            targets,
            task,
            file=source.iloc[0],
            drop_classes=drop_classes,
            min_class_size=min_class_size,
        )
        remarks += told
    tell(remarks)

    if task == "multilabel":
        targets = targets.drop(columns=map(target_column, reasons))
    missing = targets.isna()
    empty = missing.all(axis=1) if task == "regression" else missing.any(axis=1)
    reason = pd.Series(UNLABELED, index=table.index).where(empty)
    if task == "multiclass" and reasons:
        named = targets[target_column(OUTPUT)].map(reasons)
        reason = reason.where(empty, named)
    left = reason.isna()
    columns = ["record", *candidate_columns(table), *covariate_columns(table)]
    kept = table[columns].join(targets)[left]
    if task in ("binary", "multilabel"):
        kept = kept.astype(dict.fromkeys(targets, "int8"))
    file = candidates["source"] if labels is None else labels["file"]
    _check_classes(kept, task, file.iloc[0], unit)
    without = table[~left].assign(reason=reason[~left])
    dropped = pd.concat([dropped, without[DROPPED_COLUMNS]])
    return Examples(kept.reset_index(drop=True), dropped, remarks)


def write_examples(
    joined: Examples, examples: str | Path, dropped: str | Path, remarks: str | Path
) -> None:
    """Write the examples, the rows that are none, and what was noticed."""
    write_parquet(joined.examples, examples)
    write_table(joined.dropped, dropped)
    write_remarks(joined.remarks, remarks)
    print(f"{len(joined.examples)} examples, {len(joined.dropped)} rows dropped")
    for column in target_columns(joined.examples):
        print(joined.examples[column].describe().to_string())


def _lost(
    table: pd.DataFrame, labels: pd.DataFrame, known_dropped: frozenset[str], unit: str
) -> list[Remark]:
    """Which candidates have no label, and which labels no candidate, where these are many."""
    names = table["id"][~table["background"].astype(bool)]
    labeled = labels["id"][~labels["id"].isin(known_dropped)]
    if len(labeled) and not names.isin(labeled).any():
        raise InputError(
            f"no {unit} has a label here; compare the ids, or the column{perhaps(names, labeled)}",
            labels["file"].iloc[0],
        )
    return lost_partners(names, labeled, labels["source"].iloc[0], *LACKING[unit])


def _codes(table: pd.DataFrame, task: str, positive: str | None) -> list[Remark]:
    """Numbers and classes in a file of labels that look like codes, column by column."""
    columns = {output_of(name): table[name] for name in target_columns(table)}
    if task == "regression":
        covariates = {
            name.removeprefix("covariate."): table[name] for name in covariate_columns(table)
        }
        columns |= {name: texts for name, texts in covariates.items() if is_numeric(texts)}
    file, remarks = table["source"].iloc[0], []
    for name, texts in columns.items() if task != "multilabel" else ():
        known = texts.dropna()
        if task == "regression":
            suspicious = suspicious_numbers(
                pd.to_numeric(known, errors="coerce").to_numpy(np.float64)
            )
            codes = {f"{value:.10g}": count for value, count in suspicious.items()}
        else:
            counts = known.value_counts()
            codes = {
                str(value): count
                for value, count in counts.items()
                if looks_like_code(str(value)) and value != positive
            }
        remarks += [
            Remark(CODES, file, name, int(count), len(known), value)
            for value, count in codes.items()
        ]
    return remarks


def _joined(
    table: pd.DataFrame, labels: pd.DataFrame, known_dropped: frozenset[str], unit: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The candidates that have a label, or are background; and what found no partner."""
    source = labels["source"].iloc[0]
    at = pd.Index(labels["id"]).get_indexer(table["id"])
    labelled = at >= 0
    target_titles = target_columns(table)
    kept = table[labelled | table["background"]].drop(columns=target_titles)
    partner = labels.iloc[at[labelled | table["background"]]].set_index(kept.index)
    kept = kept.join(partner[[*target_columns(labels), *covariate_columns(labels)]])
    if "group" in labels:
        kept["group"] = partner["group"]

    kept["label_file"], kept["label_line"] = labels["file"].iloc[0], partner["line"]
    without = table[~labelled & ~table["background"]].assign(reason=f"no label in {source}")
    orphans = labels[~labels["id"].isin(table["id"]) & ~labels["id"].isin(known_dropped)]
    orphans = orphans.assign(reason=ORPHAN[unit])

    return kept, pd.concat([without[DROPPED_COLUMNS], orphans[DROPPED_COLUMNS]])


def _tell_classes(
    texts: pd.Series, targets: pd.DataFrame, positive: str | None, has_background: bool
) -> None:
    """Write into the log which class is 1, and what is 0, where they are not called so."""
    target = targets[target_column(OUTPUT)]
    ones, others = (sorted(texts[target == value].unique()) for value in (1, 0))
    if {*ones, *others} <= {"0", "1"} and positive is None:
        return
    others += [BACKGROUND] if has_background else []
    named = positive or listed(ones, "or")
    print(f"Class 1 is {named}, class 0 is {listed(others, 'or') or 'empty'}")


def _check_background(table: pd.DataFrame) -> None:
    if not table["background"].any():
        raise InputError(
            "brings no labels; name their column with `columns: {label: ...}`, or draw `negatives`",
            table["source"].iloc[0],
        )


def _check_transform(table: pd.DataFrame, targets: pd.DataFrame, transform: str) -> None:
    for column in targets if transform != "none" else ():
        bad = check_domain(transform, targets[column].to_numpy())
        if bad.any():
            first = table[bad].iloc[0]
            raise InputError(
                f"{output_of(column)} {targets[column][bad].iloc[0]:g} has no "
                f"{transform}; choose another `transform`, or correct the value",
                first["label_file"],
                int(first["label_line"]),
            )


def _check_digits(table: pd.DataFrame, targets: pd.DataFrame) -> None:
    for column in targets:
        lost = loses_digits(targets[column].to_numpy(dtype=np.float64))
        if lost.any():
            first, value = table[lost].iloc[0], targets[column][lost].iloc[0]
            problem = "and others differ in digits that get lost, for seven are stored"
            if abs(value) > np.finfo(np.float32).max:
                problem = "is too large to be stored"
            raise InputError(
                f"{output_of(column)} {value:.12g} {problem} ({lost.sum()} of {len(lost)} values); "
                "subtract a constant from the column, or measure it in another unit",
                first["label_file"],
                int(first["label_line"]),
            )


def _check_classes(examples: pd.DataFrame, task: str, file: str, unit: str) -> None:
    if examples.empty:
        raise InputError(f"no {unit} has a label here; compare the ids, or the column", file)

    columns = target_columns(examples)
    constant = [output_of(name) for name in columns if examples[name].nunique() < 2]
    if not constant:
        return

    remedy = "two classes are needed (label some rows 0 and some 1, or draw `negatives`)"
    if task == "regression":
        remedy = "a regression needs different values"
    elif task == "multilabel" and len(constant) < len(columns):
        remedy = f"leave out what is 0 or 1 throughout: `drop_classes: [{', '.join(constant)}]`"

    values = examples[target_column(constant[0])].dropna().unique()
    same = f"{constant[0]} {values[0]}" if len(values) else f"no {constant[0]}"
    raise InputError(f"all {len(examples)} examples have {same}; {remedy}", file)
