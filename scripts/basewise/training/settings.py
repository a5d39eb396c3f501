"""How a network is trained, as the configuration says it, or as a search has found it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple


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


def merge_tuned(
    settings: Mapping[str, Any], training: Mapping[str, Any], tuned: str | Path | None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Settings of an architecture and of its training, those of a search in place of the given.

    Parameters
    ----------
    settings, training
        As the configuration gives them; they stay as they are.
    tuned
        From `search_results.write_results`; None changes nothing.

    Returns
    -------
    settings, training
    """
    found: dict[str, Any] = {}
    if tuned is not None:
        found = json.loads(Path(tuned).read_text(encoding="utf-8"))
    return (
        {**settings, **found.get("settings", {})},
        {**training, **found.get("training", {})},
    )
