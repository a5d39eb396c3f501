"""Whether a dataset fits into the memory of a job."""

from __future__ import annotations

__all__ = ["fits"]

UNITS = {"dna": "bp", "rna": "nt", "protein": "aa", "genotype": "markers"}


def fits(rows: int, length: int, alphabet: str, needed: int, limit: int | None) -> bool:
    """Say in one line how much memory a dataset needs and whether it stays within the limit.

    Parameters
    ----------
    rows, length, alphabet
        Shape of the dataset, for the line.
    needed, limit
        Bytes; without a limit everything fits.
    """
    fitting = limit is None or needed <= limit
    bound = "" if limit is None else f", limit {_size(limit)}"
    print(
        f"Tensors: {rows:,} x {length} {UNITS[alphabet]} need {_size(needed)}{bound}: "
        f"{'in memory' if fitting else 'streaming shards'}"
    )
    return fitting


def _size(count: int) -> str:
    return f"{count / 1e9:,.1f} GB" if count >= 1e9 else f"{count / 1e6:,.1f} MB"
