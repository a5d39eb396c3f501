"""Candidates from files of sequences, all of one length: cut, padded, or as they are."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from basewise.core.errors import InputError
from basewise.core.missing import Codes
from basewise.core.text import file_names
from basewise.core.user_tables import Keep, unlike
from basewise.examples.candidates import Extraction
from basewise.examples.readers import (
    read_fasta_records,
    read_line_records,
    read_table_records,
    read_uci_records,
)
from basewise.sequences.alphabet import letters_of
from basewise.sequences.composition import describe
from basewise.store.tables import CANDIDATE_COLUMNS, DROPPED_COLUMNS, target_columns

LARGE = 100_000_000
"""Letters of padded sequences that are always taken."""

MOST_PADDING = 20
"""Padded letters for each letter of a sequence, where there are more than `LARGE`."""


class Fitted(NamedTuple):
    """Sequences of one length.

    `letters` are the codes of those that fit, padding being ``-``, shape (m, length); `kept` says
    which these are of the n, `original` all lengths before, and `reasons` why each of the others
    does not fit.
    """

    letters: NDArray[np.uint8]
    kept: NDArray[np.bool_]
    original: NDArray[np.int64]
    reasons: list[str]


def fit_lengths(
    records: pd.DataFrame, policy: str = "exact", bases: int | None = None, side: str = "center"
) -> Fitted:
    """Give all sequences one length, and print how many were changed.

    Parameters
    ----------
    records
        path, line and sequence, see `records.make_records`; at least one row.
    policy
        ``exact``: all sequences must have the length already. ``crop``: longer ones are cut, and
        shorter ones dropped. ``pad``: shorter ones are padded with ``-``, and longer ones dropped.
    bases
        The length; by default that of the first sequence (exact), of the shortest (crop) or of
        the longest (pad).
    side
        What of a sequence is kept, or where it stands among its padding: its ``center``, or at
        its ``left`` or ``right`` end. When a number of letters does not halve, the center cuts
        or pads the odd one at the right.

    Raises
    ------
    InputError
        With ``exact``, for a sequence of another length; otherwise when no sequence fits, and
        with ``pad`` when nearly all would be padding.
    """
    original = records["sequence"].str.len().to_numpy(dtype=np.int64)
    default = {"exact": original[0], "crop": original.min(), "pad": original.max()}[policy]
    length = int(default) if bases is None else bases
    if policy == "exact":
        _check_equal(records, original, length, bases)

    kept = original >= length if policy == "crop" else original <= length
    if not kept.any():
        raise InputError(
            f"no sequence has {length} letters or {'more' if policy == 'crop' else 'fewer'}; they "
            f"have {original.min()} to {original.max()}: change `length: bases`",
            records["path"].iloc[0],
        )

    if policy == "pad":
        _check_padding(records[kept], original[kept], length)

    if policy != "exact":
        cut, padded = ((original > length) & kept).sum(), ((original < length) & kept).sum()
        print(f"length {length}: {cut} cut, {padded} padded, {(~kept).sum()} dropped")

    size = "shorter" if policy == "crop" else "longer"

    return Fitted(
        letters_of([fit_length(sequence, length, side) for sequence in records["sequence"][kept]]),
        kept,
        original,
        [f"{letters} letters, {size} than {length}" for letters in original[~kept]],
    )


def _check_equal(
    records: pd.DataFrame, original: NDArray[np.int64], length: int, bases: int | None
) -> None:
    other = np.flatnonzero(original != length)
    if len(other):
        wanted = f"the first has {length}" if bases is None else f"`length: bases` is {length}"
        raise InputError(
            f"the sequence has {original[other[0]]} letters, {wanted}; correct it, or set "
            "`length: {policy: crop}` or `length: {policy: pad}`",
            records["path"].iloc[other[0]],
            int(records["line"].iloc[other[0]]),
        )


def _check_padding(records: pd.DataFrame, original: NDArray[np.int64], length: int) -> None:
    """Refuse what one long sequence would make of many short ones, before any memory is taken."""
    letters = len(original) * length
    if letters > max(LARGE, MOST_PADDING * original.sum()):
        longest, usual = original.argmax(), np.quantile(original, 0.99, method="lower")
        raise InputError(
            f"{records['id'].iloc[longest]} has {original[longest]:,} letters; "
            f"{len(original):,} sequences padded to {length:,} would take {letters:,}, and have "
            f"{original.sum():,} of their own. Set `length: {{policy: pad, bases: {usual}}}`, "
            "which 99 % of them fit and which drops the others, or `policy: crop`",
            records["path"].iloc[longest],
            int(records["line"].iloc[longest]),
        )


def fit_length(sequence: str, length: int, side: str) -> str:
    """Cut or pad one sequence, see `fit_lengths`."""
    rest = abs(length - len(sequence))
    before = {"left": 0, "center": rest // 2, "right": rest}[side]
    if len(sequence) > length:
        return sequence[before : before + length]
    return "-" * before + sequence + "-" * (rest - before)


def extract_sequences(
    source: Mapping[str, Any],
    *,
    alphabet: str,
    task: str,
    columns: Mapping[str, Any] | None = None,
    length: Mapping[str, Any] | None = None,
    missing: Codes = (),
    keep: Keep | None = None,
) -> Extraction:
    """Read sequences and give them one length: candidates in file order, with their targets.

    Parameters
    ----------
    source
        One of ``sequences``, ``fasta``, ``table`` and ``uci`` (see `readers`), with its path or,
        where there is a file for each part or class, a mapping of their names.
    task, columns
        Of a table, see `readers.read_table_records`.
    missing
        Codes of a table or of `uci`, see `missing.without_missing`.
    keep
        Rows of a table to take, see `user_tables.kept_rows`.
    length
        Arguments of `from_sequences.fit_lengths`; without it, all sequences must have one length.

    Raises
    ------
    InputError
        For whatever is wrong with a file.
    """
    if "sequences" in source:
        records = read_line_records(source["sequences"], alphabet=alphabet)
    elif "fasta" in source:
        records = read_fasta_records(source["fasta"], alphabet=alphabet)
    elif "table" in source:
        records = read_table_records(
            source["table"],
            alphabet=alphabet,
            task=task,
            columns=columns or {},
            missing=missing,
            keep=keep,
        )
    else:
        records = read_uci_records(source["uci"], alphabet=alphabet, missing=missing)

    left_out = pd.DataFrame(columns=DROPPED_COLUMNS)
    if keep is not None:
        names = file_names(records["path"].unique())
        others = records[~records["kept"]]
        left_out = others.assign(source=others["path"].map(names), reason=unlike(keep))
        records = records[records["kept"].astype(bool)].reset_index(drop=True)
    extraction = _extraction(records, fit_lengths(records, **(length or {})), alphabet)
    dropped = pd.concat([left_out[DROPPED_COLUMNS], extraction.dropped], ignore_index=True)
    return extraction._replace(dropped=dropped)


def _extraction(records: pd.DataFrame, fitted: Fitted, alphabet: str) -> Extraction:
    composition = describe(fitted.letters, alphabet)
    names = file_names(records["path"].unique())
    records = records.assign(source=records["path"].map(names), original_length=fitted.original)
    absent = pd.Series(pd.NA, index=records.index)
    candidates = records.assign(
        chrom=absent.astype("str"),
        start=absent.astype("Int64"),
        end=absent.astype("Int64"),
        strand=".",
        background=False,
    )[fitted.kept].assign(gc=composition.gc, unknown=composition.unknown)
    candidates = candidates[[*CANDIDATE_COLUMNS, *target_columns(records)]]
    dropped = records[~fitted.kept].assign(reason=fitted.reasons)[DROPPED_COLUMNS]

    return Extraction(candidates.reset_index(drop=True), fitted.letters, dropped)
