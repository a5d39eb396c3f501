"""A running average of a network's weights over the epochs of a training."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

__all__ = ["WeightAverage"]

Weights = list[NDArray[Any]]


class WeightAverage(keras.callbacks.Callback):  # type: ignore[misc]
    """Lets an epoch be validated, and the training end, with the average of its weights so far.

    At the end of each epoch average = decay * average + (1 - decay) * weights, and after the first
    one the weights themselves; moving means and variances of normalisations are averaged like the
    rest. Validation and the callbacks behind this one see the average; the next epoch goes on from
    the weights as training left them, to the bit.

    Parameters
    ----------
    decay
        Share of the old average that is kept, from 0 to below 1.

    Attributes
    ----------
    average
        The average, as `keras.Model.get_weights` orders it; None before the end of the first epoch.
    raw
        The weights as training left them, while the model holds the average; else None.

    Notes
    -----
    P. Izmailov et al., "Averaging weights leads to wider optima and better generalization", UAI
    (2018), arXiv 1803.05407; here the average decays.
    """

    def __init__(self, decay: float) -> None:
        super().__init__()
        self.decay = decay
        self.average: Weights | None = None
        self.raw: Weights | None = None

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Go on from the weights as training left them."""
        if self.raw is not None:
            self.model.set_weights(self.raw)
            self.raw = None

    def on_test_begin(self, logs: Any = None) -> None:
        """Validate the average."""
        self._show_average()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Show the average, where no validation has."""
        self._show_average()

    def _show_average(self) -> None:
        if self.raw is None:
            self.raw = self.model.get_weights()
            self.average = self._averaged(self.raw)
            self.model.set_weights(self.average)

    def _averaged(self, weights: Weights) -> Weights:
        if self.average is None:
            return weights
        pairs = zip(self.average, weights, strict=True)
        return [_mixed(before, now, self.decay) for before, now in pairs]


def _mixed(before: NDArray[Any], now: NDArray[Any], decay: float) -> NDArray[Any]:
    if not np.issubdtype(now.dtype, np.floating):
        return now
    return before * decay + now * (1 - decay)
