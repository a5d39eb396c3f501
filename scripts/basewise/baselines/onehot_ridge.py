"""Ridge regression on the letter at each position."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from basewise.baselines import Baseline
from basewise.baselines.letters import letters_by_position
from basewise.baselines.ridge import ridge

__all__ = ["onehot_ridge"]

PENALTIES = (0.1, 1.0, 10.0, 100.0, 1000.0, 10_000.0)


def onehot_ridge(
    onehot: NDArray[np.uint8],
    target: NDArray[np.float32],
    part: NDArray[np.str_],
    *,
    seed: int,
    task: str,
    outputs: int,
) -> Baseline:
    """Fit on one column a position and letter, see `ridge.ridge`."""
    return ridge(letters_by_position(onehot), target, part, PENALTIES)
