"""Giving sequences one length: all must have it, or longer ones are cut, or shorter ones padded."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from basewise.alphabet import letters_of
from basewise.errors import InputError

__all__ = ["Fitted", "fit_lengths"]


class Fitted(NamedTuple):
    """Sequences of one length.

    Attributes
    ----------
    letters
        Character codes of those that fit, padding being ``-``, shape (m, length).
    kept
        Which sequences fit, bool, shape (n,).
    original
        Lengths before, int64, shape (n,).
    reasons
        Why each of the others does not fit, n - m texts.
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
        With ``exact``, for a sequence of another length; otherwise when no sequence fits.
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
    if policy != "exact":
        cut, padded = ((original > length) & kept).sum(), ((original < length) & kept).sum()
        print(f"length {length}: {cut} cut, {padded} padded, {(~kept).sum()} dropped")
    size = "shorter" if policy == "crop" else "longer"
    return Fitted(
        letters_of([_fit(sequence, length, side) for sequence in records["sequence"][kept]]),
        kept,
        original,
        [f"{found} letters, {size} than {length}" for found in original[~kept]],
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


def _fit(sequence: str, length: int, side: str) -> str:
    rest = abs(length - len(sequence))
    before = {"left": 0, "center": rest // 2, "right": rest}[side]
    if len(sequence) > length:
        return sequence[before : before + length]
    return "-" * before + sequence + "-" * (rest - before)
