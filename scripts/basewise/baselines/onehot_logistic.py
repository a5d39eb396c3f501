"""Logistic regression on the letter at each position."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from basewise.baselines import Baseline
from basewise.baselines.letters import letters_by_position
from basewise.baselines.logistic import logistic

__all__ = ["onehot_logistic"]


def onehot_logistic(
    onehot: NDArray[np.uint8],
    target: NDArray[Any],
    part: NDArray[np.str_],
    *,
    seed: int,
    task: str,
    outputs: int,
) -> Baseline:
    """Fit on one column a position and letter, see `logistic.logistic`."""
    features = letters_by_position(onehot)
    return logistic(
        features, target, part, seed=seed, task=task, outputs=outputs, standardise=False
    )
