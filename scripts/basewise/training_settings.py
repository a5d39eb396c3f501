"""How a network is trained, as the configuration says it."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Training"]


class Training(NamedTuple):
    """How to train, see `training:` in config/README.md."""

    epochs: int
    batch_size: int
    patience: int
    learning_rate: float
    shift: int = 0
    weight_decay: float | None = None
    clip_norm: float | None = None
    refit: bool = False
    optimizer: str = "adam"
    momentum: float = 0.0
    schedule: str = "plateau"
    warmup_epochs: int = 0
    loss: str = "cross_entropy"
    focal_gamma: float = 2.0
    label_smoothing: float = 0.0
    class_weights: str = "none"
    sampling: str = "natural"
    average_decay: float = 0.0
    tensorboard: bool = False
