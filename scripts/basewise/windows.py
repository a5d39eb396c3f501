"""Windows of one length around regions."""

from __future__ import annotations

import numpy as np
import pandas as pd

__all__ = ["cut_windows"]


def cut_windows(
    regions: pd.DataFrame, window: int, center: str = "summit", shift: int = 0
) -> pd.DataFrame:
    """Replace each region by the window of `window` bases around its centre.

    Everything is counted along the region's strand (``.`` counts as ``+``), so that the window of a
    region on the minus strand, reverse-complemented, is what the mirror image would give. A window
    may leave its chromosome: the caller decides what becomes of it.

    Parameters
    ----------
    regions
        start, end, strand and summit, see `intervals.read_intervals`.
    window
        Its bases; ``window // 2`` of them come before the centre.
    center
        ``midpoint``: base ``(end - start) // 2`` of the region; ``summit``: the summit, and the
        midpoint where there is none; ``start`` and ``end``: the region's first and last base.
    shift
        Bases by which the centre moves downstream; upstream if negative.
    """
    start, end = regions["start"].to_numpy(), regions["end"].to_numpy()
    width = end - start
    minus = (regions["strand"] == "-").to_numpy()
    offset = {"start": np.zeros_like(width), "end": width - 1}.get(center, width // 2)
    if center == "summit":
        summit = regions["summit"].to_numpy()
        from_five_prime = np.where(minus, end - 1 - summit, summit - start)
        offset = np.where(summit >= 0, from_five_prime, offset)
    first = offset + shift - window // 2
    left = np.where(minus, end - first - window, start + first)
    return regions.assign(start=left, end=left + window)
