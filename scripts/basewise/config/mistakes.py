"""Where each part of a configuration was written, and what is said about it."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import yaml

CONTROLS = re.compile(
    r"[\0-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    r"\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)
"""Characters that could hide or forge what stands on a terminal, as in `core.errors`."""

Keys = tuple[Any, ...]
"""Keys from the top of a configuration down to one place; positions in a list count from 0."""


class Mistake(NamedTuple):
    """What is wrong with a configuration, and how to mend it."""

    keys: Keys
    text: str

    def below(self, *keys: Any) -> Mistake:
        """Return the same mistake, its keys counted from further up."""
        return self._replace(keys=(*keys, *self.keys))


class Places:
    """Lines of the YAML files of a configuration.

    `nodes` has what `yaml.compose` makes of each file; the one that is read last and wins comes
    last.
    """

    def __init__(self, nodes: Mapping[str, yaml.Node] | None = None) -> None:
        self.nodes = dict(nodes or {})

    def of(self, keys: Keys) -> str:
        """Return `FILE:LINE: keys`, in the last file that sets them; `keys` alone if none does."""
        place = ".".join(map(str, keys)) or "the configuration"

        for file in reversed(self.nodes):
            line = line_of(self.nodes[file], keys)
            if line:
                return f"{os.path.relpath(file)}:{line}: {place}"

        return place

    def lines(self, mistakes: Iterable[Mistake]) -> list[str]:
        """Return one line for each mistake, and none twice."""
        lines = (f"{self.of(keys)}: {text}" for keys, text in mistakes)
        return list(dict.fromkeys(map(printable, lines)))


def printable(text: str) -> str:
    """A text whose `CONTROLS` are shown escaped, as in `core.errors`.

    This package is loaded by itself, without the rest of the library.
    """
    return CONTROLS.sub(lambda match: match[0].encode("unicode_escape").decode("ascii"), text)


def line_of(node: yaml.Node, keys: Keys) -> int | None:
    """Line of the entry at `keys` below a YAML node, None if it is not there."""
    line = 1

    for key in keys:
        matches = [pair for pair in entries(node) if pair[0] == str(key)]
        if not matches:
            return None
        _, mark, node = matches[-1]
        line = mark.line + 1

    return line


def entries(node: yaml.Node) -> Iterator[tuple[str, yaml.Mark, yaml.Node]]:
    """Key, where it stands, and value of each entry of a YAML mapping or list."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield str(key.value), key.start_mark, value
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield str(index), value.start_mark, value


def nearest(word: object, known: Iterable[str]) -> str:
    """Hint at the right spelling of a word."""
    words = sorted(known)
    close = difflib.get_close_matches(str(word), words, n=1, cutoff=0.5)
    return f"did you mean {close[0]!r}?" if close else f"there are {', '.join(words)}"
