"""Candidates from files of sequences: text lines, FASTA, tables and the UCI format."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from basewise.composition import describe
from basewise.extraction import Extraction
from basewise.from_fasta import read_fasta_records
from basewise.from_lines import read_line_records
from basewise.from_table import read_table_records
from basewise.from_uci import read_uci_records
from basewise.lengths import Fitted, fit_lengths
from basewise.tables import CANDIDATE_COLUMNS, DROPPED_COLUMNS, target_columns

__all__ = ["extract_sequences"]


def extract_sequences(
    source: Mapping[str, Any],
    *,
    alphabet: str,
    task: str,
    columns: Mapping[str, Any] | None = None,
    length: Mapping[str, Any] | None = None,
) -> Extraction:
    """Read sequences and give them one length.

    Parameters
    ----------
    source
        One of ``sequences`` (see `from_lines`), ``fasta`` (`from_fasta`), ``table`` (`from_table`)
        and ``uci`` (`from_uci`), with its path or, for a FASTA a class or a table a part, a mapping
        of names to paths.
    alphabet
        ``dna``, ``rna`` or ``protein``.
    task, columns
        Of a table, see `from_table.read_table_records`.
    length
        Arguments of `lengths.fit_lengths`; without it, all sequences must have one length.

    Returns
    -------
    Extraction
        Candidates in file order, with the targets that the files bring.

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
            source["table"], alphabet=alphabet, task=task, columns=columns or {}
        )
    else:
        records = read_uci_records(source["uci"], alphabet=alphabet)
    return _extraction(records, fit_lengths(records, **(length or {})), alphabet)


def _extraction(records: pd.DataFrame, fitted: Fitted, alphabet: str) -> Extraction:
    composition = describe(fitted.letters, alphabet)
    names = {path: Path(path).name for path in records["path"].unique()}
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
