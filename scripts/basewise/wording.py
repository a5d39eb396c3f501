"""Numbers and lists as a sentence has them."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["counted", "listed", "numbered"]


def listed(items: Iterable[object], word: str = "and") -> str:
    """Items as a sentence names them: one, two and three."""
    texts = [str(item) for item in items]
    return f" {word} ".join([", ".join(texts[:-1]), texts[-1]] if len(texts) > 1 else texts)


def counted(number: int, one: str) -> str:
    """A number with its noun: 1 fold, 2,000 folds."""
    return f"{number:,} {one}{'s' * (number != 1)}"


def numbered(items: Iterable[str]) -> dict[str, int]:
    """A number for each item, from 1, in the order in which they come first."""
    return {item: number for number, item in enumerate(dict.fromkeys(items), start=1)}
