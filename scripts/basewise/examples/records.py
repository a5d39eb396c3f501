"""Records: the sequences of a user's files with their names and labels, before they get one length.

Every reader (see `readers`) returns a table with the columns `RECORD_COLUMNS`, and one column
``target.<output>`` for each label in the file.
"""

import numpy as np
import pandas as pd

from basewise.core.errors import InputError
from basewise.sequences.alphabet import foreign_letters
from basewise.store.tables import target_columns

RECORD_COLUMNS = ["id", "path", "line", "sequence", "soft_masked", "group", "part"]


def make_records(rows: pd.DataFrame, alphabet: str) -> pd.DataFrame:
    """Clean and check what a reader has read.

    Gives `RECORD_COLUMNS` and the targets. Sequences are upper case and without blanks, with T for
    the U of RNA; `soft_masked` is the share of their letters that the file has in lower case,
    missing where it has all its letters in one case; an empty group, part or target is missing.

    Parameters
    ----------
    rows
        id, path (of the file), line (where the record starts, from 1) and sequence as the file
        has it; group, part and targets, as text, where the file has them.

    Raises
    ------
    InputError
        For an id that is empty, repeated or not plain, an empty sequence, a foreign letter.
    """
    texts = ["group", "part", *target_columns(rows)]
    records = rows.reindex(columns=[*RECORD_COLUMNS, *target_columns(rows)])
    records["soft_masked"] = _soft_masked(records)
    records["sequence"] = [clean_letters(sequence, alphabet) for sequence in rows["sequence"]]
    records[texts] = records[texts].astype("str").replace("", None)
    _check_ids(records)
    _check_sequences(records, alphabet)

    return records


def clean_letters(sequence: str, alphabet: str) -> str:
    """A sequence in upper case and without blanks, with T for the U of RNA."""
    # bytes.upper() leaves letters beyond ASCII alone, where str.upper() makes SS of a sharp s
    letters = "".join(sequence.split()).encode().upper().decode()
    return letters.replace("U", "T") if alphabet == "rna" else letters


def _soft_masked(records: pd.DataFrame) -> pd.Series:
    """Share of each sequence in lower case, of files that have letters in either case."""
    letters = records["sequence"]
    lower, upper = letters.str.count("[a-z]"), letters.str.count("[A-Z]")
    files, _ = pd.factorize(records["path"])
    has_both = (np.bincount(files, lower) > 0) & (np.bincount(files, upper) > 0)
    return (lower / (lower + upper)).where(has_both[files])


def _check_ids(records: pd.DataFrame) -> None:
    plain = records["id"].str.fullmatch(r"[!-~]+")
    if not plain.all():
        wrong = records[~plain].iloc[0]
        raise InputError(
            f"the id {wrong['id']!r} must be plain letters, digits and signs, without blanks",
            wrong["path"],
            int(wrong["line"]),
        )
    repeated = records["id"].duplicated()
    if repeated.any():
        second = records[repeated].iloc[0]
        first = records[records["id"] == second["id"]].iloc[0]
        raise InputError(
            f"the id {second['id']!r} stands in {first['path']}:{first['line']} too; "
            "ids must be unique",
            second["path"],
            int(second["line"]),
        )


def _check_sequences(records: pd.DataFrame, alphabet: str) -> None:
    lengths = records["sequence"].str.len().to_numpy()
    if not lengths.all():
        empty = records.iloc[int(np.argmin(lengths))]
        raise InputError("the sequence is empty", empty["path"], int(empty["line"]))
    check_letters(records, alphabet)


def check_letters(records: pd.DataFrame, alphabet: str) -> None:
    """Raise InputError for the first letter that is not in the alphabet, with file and line.

    `records` has path, line and sequence.
    """
    lengths = records["sequence"].str.len().to_numpy(dtype=np.int64)
    joined = "".join(records["sequence"]).encode("ascii", errors="replace")
    foreign = foreign_letters(np.frombuffer(joined, dtype=np.uint8)[None], alphabet)
    if len(foreign):
        ends = np.cumsum(lengths)
        row = int(np.searchsorted(ends, foreign[0, 1], side="right"))
        position = int(foreign[0, 1] - ends[row] + lengths[row])
        wrong = records.iloc[row]
        raise InputError(
            f"{wrong['sequence'][position]!r} at position {position + 1} of the sequence is not "
            f"in the {alphabet} alphabet; correct the letter, or `alphabet`",
            wrong["path"],
            int(wrong["line"]),
        )
