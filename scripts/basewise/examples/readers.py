"""The readers of sequences: text lines, FASTA, the UCI format, and tables."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from basewise.config.dataset_mistakes import PART_NAMES, part_files
from basewise.core.errors import InputError
from basewise.core.files import read_lines
from basewise.core.missing import Codes, without_missing
from basewise.core.text import number_repeats
from basewise.core.user_tables import Keep, column_named, kept_rows, read_delimited, title_of
from basewise.examples.records import make_records
from basewise.examples.targets import output_columns
from basewise.store.tables import target_column


def read_line_records(path: str | Path, *, alphabet: str) -> pd.DataFrame:
    """Read one sequence a line; line 7 becomes the record ``line7``, see `records.make_records`.

    Another file brings the labels.

    Raises
    ------
    InputError
        For a file without sequences, an empty line, or a letter not in the alphabet.
    """
    sequences = read_lines(path)
    if not sequences:
        raise InputError("holds no sequence; every line must be one", path, 1)
    numbers = range(1, len(sequences) + 1)
    ids = [f"line{number}" for number in numbers]
    rows = pd.DataFrame({"id": ids, "path": str(path), "line": numbers, "sequence": sequences})
    return make_records(rows, alphabet)


Named = str | Path | Mapping[str, Any]
"""A file; or files by class, by part, or by part and then by class."""


def read_fasta_records(source: Named, *, alphabet: str) -> pd.DataFrame:
    """Read FASTA, plain or gzip: one file, whose labels another file brings, or one for each class.

    Either may stand below each part of a published split, see `read_table_records`. For the records
    see `records.make_records`. The id is the first word of the header. With one file a class,
    ``target.label`` is the class, and a name that repeats, in one file or over all, is numbered:
    ``NAME``, ``NAME#2``.

    Raises
    ------
    InputError
        For a file that is no FASTA, a header without a name, an empty sequence, or a letter not in
        the alphabet; with one file, for a repeated name too, because labels are joined on it.
    """
    parts = part_files({"fasta": source})
    tables = [_named_fasta_rows(files).assign(part=PART_NAMES[n]) for n, files in parts.items()]
    rows = pd.concat(tables, ignore_index=True) if parts else _named_fasta_rows(source)
    if target_column("label") in rows:
        rows["id"] = number_repeats(rows["id"])
    return make_records(rows, alphabet)


def _named_fasta_rows(source: Named) -> pd.DataFrame:
    """Records of one file, or of one a class with their labels."""
    if not isinstance(source, Mapping):
        return _fasta_rows(source)
    files = [
        _fasta_rows(path).assign(**{target_column("label"): str(label)})
        for label, path in source.items()
    ]
    return pd.concat(files, ignore_index=True)


def _fasta_rows(path: str | Path) -> pd.DataFrame:
    ids: list[str] = []
    starts: list[int] = []
    sequences: list[list[str]] = []
    lines = read_lines(path, errors="replace")
    strange = next((number for number, text in enumerate(lines, 1) if "\ufffd" in text), None)
    if strange:
        # ids and letters are held to plain ones below; a description is not used
        print(f"Warning: {path}:{strange}: holds bytes that are no UTF-8; save it as UTF-8")

    for number, text in enumerate(lines, start=1):
        if text.startswith(">"):
            ids.append("".join(text[1:].split()[:1]))
            starts.append(number)
            sequences.append([])
        elif sequences:
            sequences[-1].append(text)
        elif text.strip():
            raise InputError("stands before the first FASTA header, a line '>id'", path, number)
    if not ids:
        raise InputError("holds no FASTA record; the first line must start with '>'", path, 1)
    joined = ["".join(lines) for lines in sequences]
    return pd.DataFrame({"id": ids, "path": str(path), "line": starts, "sequence": joined})


def read_uci_records(path: str | Path, *, alphabet: str, missing: Codes = ()) -> pd.DataFrame:
    """Read lines of ``class, name, sequence``, with any blanks around each.

    For the records see `records.make_records`. ``target.label`` is the class, ``-`` being one, the
    id is the name; a name that repeats is numbered: ``NAME``, ``NAME#2``. The format is that of
    ``promoters.data`` and ``splice.data``: Towell, Shavlik and Noordewier, AAAI-90, 861-866 (1990).

    Raises
    ------
    InputError
        For a line without three fields, a name with blanks, an empty sequence, or a letter not in
        the alphabet.
    """
    numbers: list[int] = []
    rows: list[list[str]] = []
    for number, text in enumerate(read_lines(path), start=1):
        if not text.strip():
            continue
        fields = [field.strip() for field in text.split(",")]
        if len(fields) != 3:
            raise InputError(
                f"has {len(fields)} fields; a line is `class, name, sequence`", path, number
            )
        numbers.append(number)
        rows.append(fields)

    if not rows:
        raise InputError("holds no line `class, name, sequence`", path, 1)

    table = pd.DataFrame(rows, columns=[target_column("label"), "name", "sequence"])
    label = table[target_column("label")]
    table[target_column("label")] = without_missing(label, missing).where(label != "-", "-")
    table = table.assign(id=number_repeats(table["name"]), path=str(path), line=numbers)

    return make_records(table, alphabet)


def read_table_records(
    source: str | Path | Mapping[str, str | Path],
    *,
    alphabet: str,
    task: str,
    columns: Mapping[str, Any],
    missing: Codes = (),
    keep: Keep | None = None,
) -> pd.DataFrame:
    """Read a table of sequences, or the tables of a published split, see `records.make_records`.

    With `keep` there is a column more, ``kept``; what is not kept comes last and is not checked.

    Parameters
    ----------
    source
        A table as `user_tables.read_delimited` takes it, or one table for each part. Parts are
        ``train``, ``validation`` (or ``valid``, ``val``, ``dev``) and ``test``.
    task
        With ``binary`` and ``multiclass`` the target of the one label is ``target.label``;
        otherwise each target has the name of its column.
    columns
        Names of the columns ``sequence`` (by default ``sequence``), ``label`` (a name or a list;
        by default ``label``, where the table has it), ``id``, ``group`` and ``part``. Without
        ``id``, the row that starts on line 7 is ``line7``, of several tables ``train:line7``.
    missing
        As for `missing.without_missing`.
    keep
        Which rows to take, see `user_tables.kept_rows`.

    Raises
    ------
    InputError
        For a missing column, a table without rows, an unknown part, or what `make_records` finds.
    """
    if isinstance(source, Mapping):
        tables = []
        for name, path in source.items():
            table = _table_rows(path, task, columns, missing, keep)
            table["part"] = _part(name, path)
            if "id" not in columns:
                table["id"] = table["part"] + ":" + table["id"]
            tables.append(table)
        rows = pd.concat(tables, ignore_index=True)
    else:
        rows = _table_rows(source, task, columns, missing, keep)

    records = make_records(rows[rows["kept"]], alphabet)
    if keep is None:
        return records
    others = rows[~rows["kept"]].reindex(columns=[*records.columns, "kept"])
    return pd.concat([records.assign(kept=True), others], ignore_index=True)


def _table_rows(
    path: str | Path, task: str, columns: Mapping[str, Any], missing: Codes, keep: Keep | None
) -> pd.DataFrame:
    table = read_delimited(path)
    names = {"sequence": "sequence", **columns}
    if "label" not in names and title_of(table, "label") is not None:
        names["label"] = "label"

    labels = names.pop("label", None)
    outputs = output_columns(labels, task) if labels else {}
    names = {key: column_named(table, path, name) for key, name in names.items()}
    outputs = {key: column_named(table, path, name) for key, name in outputs.items()}
    if table.empty:
        raise InputError("holds no row under the names of its columns", path, 1)

    targets = {
        target: without_missing(table[column], missing) for target, column in outputs.items()
    }
    rows = pd.DataFrame({key: table[name] for key, name in names.items()} | targets)
    rows = rows.assign(path=str(path), line=rows.index, kept=kept_rows(table, keep, path))
    if "group" in names:
        rows["group"] = without_missing(rows["group"], missing)

    if "id" not in names:
        rows["id"] = "line" + rows["line"].astype("str")

    if "part" in names:
        taken = rows["part"][rows["kept"]]
        rows["part"] = pd.Series({line: _part(name, path, line) for line, name in taken.items()})

    return rows.reset_index(drop=True)


def _part(name: str, path: str | Path, line: int | None = None) -> str:
    if name not in PART_NAMES:
        raise InputError(f"part {name!r} must be train, validation or test", path, line)
    return PART_NAMES[name]
