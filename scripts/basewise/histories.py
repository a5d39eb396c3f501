"""The histories of a model's trainings, as one table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from basewise.tables import read_table

__all__ = ["learning_curves"]


def learning_curves(names: Sequence[tuple[int, int]], paths: Sequence[str | Path]) -> pd.DataFrame:
    """Histories of a model's runs: fold, seed, epoch, ..., chosen (1 for the best epoch)."""
    tables = []
    for (fold, seed), path in zip(names, paths, strict=True):
        history = read_table(path)
        history.insert(0, "fold", fold)
        history.insert(1, "seed", seed)
        chosen = history.index == history["val_loss"].idxmin()
        tables.append(history.assign(chosen=chosen.astype(int)))
    return pd.concat(tables, ignore_index=True)
