"""How a network is trained, as the configuration says it, or as a search has found it."""

from pathlib import Path
from typing import NamedTuple

from basewise.store.json_files import read_json
from basewise.store.run_records import RunRecord


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


def merge_tuned(run: RunRecord, tuned: str | Path | None) -> RunRecord:
    """A run with the settings of a search, if any, in place of those of the configuration."""
    if tuned is None:
        return run
    best = read_json(tuned, ["settings", "training"])
    return run._replace(
        settings={**run.settings, **best["settings"]},
        training={**run.training, **best["training"]},
    )
