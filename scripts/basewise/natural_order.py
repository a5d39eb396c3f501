"""Names in the order that a reader expects: 2 before 10."""

from __future__ import annotations

import re

__all__ = ["natural_order"]


def natural_order(name: str) -> list[str | int]:
    """Sorting key of a name: its numbers as numbers, what is between them as text."""
    pieces = re.split(r"(\d+)", name)
    return [int(piece) if place % 2 else piece for place, piece in enumerate(pieces)]
