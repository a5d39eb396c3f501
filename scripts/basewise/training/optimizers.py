"""Optimizers, how their learning rate changes, and the running average of weights."""

import math
from functools import partial
from typing import Any

import keras
import numpy as np
from keras import ops
from keras.optimizers import schedules
from numpy.typing import NDArray

from basewise.core.errors import InputError
from basewise.training.settings import Training

ADAMW_DECAY = 0.004
"""Weight decay of AdamW when none is asked for, as in Keras."""

RISE = 0.3
"""Share of a one-cycle training in which the learning rate rises."""

START = 25
"""The highest learning rate of a cycle is this many times the first one."""

END = 250_000
"""And this many times the last one."""

WARMING = ("cosine", "constant")


class OneCycle(schedules.LearningRateSchedule):  # type: ignore[misc]
    """A learning rate that rises along a half cosine and falls along a longer one to almost 0.

    It starts at 1/25 of the highest rate, reaches that after 30 % of the steps, and ends at
    1/250,000 of it, as PyTorch's ``OneCycleLR`` does by default; later steps have the last rate.
    L. N. Smith, N. Topin, "Super-convergence: very fast training of neural networks using large
    learning rates", Proc. SPIE 11006 (2019), arXiv 1708.07120.
    """

    def __init__(self, highest: float, steps: int) -> None:
        self.highest = highest
        self.last = steps - 1
        self.peak = RISE * steps - 1

    def __call__(self, step: Any) -> Any:
        """The learning rate of a step, counted from 0."""
        step = ops.minimum(ops.cast(step, "float32"), self.last)
        rising = _between(self.highest / START, self.highest, step / self.peak)
        fallen = (step - self.peak) / (self.last - self.peak)
        falling = _between(self.highest, self.highest / END, fallen)
        return ops.where(step <= self.peak, rising, falling)


def optimizer_of(training: Training, steps: int, epochs: int) -> keras.optimizers.Optimizer:
    """The optimizer of a training, its learning rate a number or a schedule.

    Adam, AdamW, RMSprop (Keras's defaults) or stochastic gradient descent with momentum. Weight
    decay is decoupled from the gradient, times the learning rate, and spares biases and
    normalizations. With `plateau`, and `constant` without warm-up, the learning rate is a number
    that callbacks may set; else it is the highest one of a schedule over `epochs` of `steps` each.
    Warm-up is linear from 0; a cosine ends at 0, one cycle as `OneCycle` says.

    I. Loshchilov, F. Hutter, "Decoupled weight decay regularization", ICLR (2019); "SGDR:
    stochastic gradient descent with warm restarts", ICLR (2017). P. Goyal et al., "Accurate, large
    minibatch SGD", arXiv 1706.02677 (2017), for the warm-up.

    Raises
    ------
    InputError
        For a warm-up that the schedule does not have, or that takes all epochs.
    """
    _check_warmup(training, epochs)
    build = {
        "adam": keras.optimizers.Adam,
        "adamw": keras.optimizers.AdamW,
        "rmsprop": keras.optimizers.RMSprop,
        # a configuration says 0, which Keras refuses
        "sgd": partial(keras.optimizers.SGD, momentum=float(training.momentum)),
    }[training.optimizer]
    optimizer = build(
        learning_rate=_rate(training, steps, epochs),
        weight_decay=_decay(training),
        global_clipnorm=training.clip_norm,
    )
    optimizer.exclude_from_weight_decay(var_names=["bias", "beta", "gamma"])
    return optimizer


def _rate(training: Training, steps: int, epochs: int) -> float | schedules.LearningRateSchedule:
    rate, total = float(training.learning_rate), steps * epochs
    warm = steps * training.warmup_epochs
    if training.schedule == "one_cycle":
        return OneCycle(rate, total)
    if training.schedule == "cosine":
        if not warm:
            return schedules.CosineDecay(rate, total)
        return schedules.CosineDecay(0.0, total - warm, warmup_target=rate, warmup_steps=warm)
    return schedules.PolynomialDecay(0.0, warm, end_learning_rate=rate) if warm else rate


def _decay(training: Training) -> float | None:
    if training.optimizer == "adamw":
        return ADAMW_DECAY if training.weight_decay is None else training.weight_decay
    return training.weight_decay or None


def _between(start: float, end: float, share: Any) -> Any:
    """Half a cosine from start (share 0) to end (share 1)."""
    return end + (start - end) / 2 * (1 + ops.cos(math.pi * share))


def _check_warmup(training: Training, epochs: int) -> None:
    if training.warmup_epochs and training.schedule not in WARMING:
        raise InputError(
            f"`warmup_epochs: {training.warmup_epochs}` goes with `schedule: cosine` or "
            f"`constant`, not with {training.schedule}; take one of those, or leave it out"
        )
    if training.warmup_epochs and training.warmup_epochs >= epochs:
        raise InputError(
            f"`warmup_epochs: {training.warmup_epochs}` takes all of the {epochs} epochs; "
            "take fewer, or raise `epochs`"
        )


Weights = list[NDArray[Any]]


class WeightAverage(keras.callbacks.Callback):  # type: ignore[misc]
    """Lets an epoch be validated, and the training end, with the average of its weights so far.

    At the end of each epoch average = decay * average + (1 - decay) * weights, and after the first
    one the weights themselves; moving means and variances of normalizations are averaged like the
    rest. Validation and the callbacks behind this one see the average; the next epoch goes on from
    the weights as training left them, `raw`, to the bit. P. Izmailov et al., "Averaging weights
    leads to wider optima and better generalization", UAI (2018), arXiv 1803.05407; here the average
    decays.
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
