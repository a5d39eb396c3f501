"""What a search has found, put in the place of what a model's entry says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

__all__ = ["merge_tuned"]


def merge_tuned(
    settings: Mapping[str, Any], training: Mapping[str, Any], tuned: str | Path | None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Settings of an architecture and of its training, those of a search in place of the given.

    Parameters
    ----------
    settings, training
        As the configuration gives them; they stay as they are.
    tuned
        From `tuning_results.write_best`; None changes nothing.

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
