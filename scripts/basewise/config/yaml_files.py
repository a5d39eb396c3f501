"""Reading the YAML files of a configuration: what cannot be read is named by line and column."""

import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from .mistakes import Mistake, Places, entries

REMEDIES = {
    "mapping values are not allowed": (
        "a second `:` in one line, or a line indented too far; put text that holds `: ` in quotes"
    ),
    "did not find expected ',' or ']'": "a list `[` is not closed, or a comma is missing",
    "did not find expected ',' or '}'": "a `{` is not closed, or a comma is missing",
    "did not find expected key": (
        "this line does not continue what stands above; check its indentation, and quotes"
        " that end early"
    ),
    "did not find expected '-' indicator": (
        "this line does not continue the list above; check its indentation"
    ),
    "could not find expected ':'": "a `:` is missing behind a key, here or in the line above",
    "block sequence entries are not allowed": (
        "a `-` cannot begin a list here; write it in a line of its own"
    ),
    "unexpected end of stream": "a quote is not closed",
    "unexpected document indicator": "a quote is not closed",
    "found another document": "a second document begins; take the line `---` out",
    "did not find expected <document start>": (
        "this line does not continue what stands above; check its indentation"
    ),
    "unknown escape character": "`\\` has a meaning in double quotes; use single ones",
    "found undefined alias": "an alias `*` without its anchor `&`; put text with * in quotes",
    "unhashable key": "a list or a mapping cannot be a key; put it in quotes",
    "could not determine a constructor": "tags (`!`) are not taken; put text with ! in quotes",
}
"""Parts of what PyYAML says, and the same in the words of a user."""

UNQUOTED = "@`%&*!|>"
"""Characters that cannot begin a text without quotes."""

MOST_BYTES = 1_000_000
"""Bytes of a file; a thousand datasets with ten keys each take a third of it."""

MOST_VALUES = 100_000
"""Values of a file once its aliases are written out."""

DEEPEST = 50
"""Levels of lists and mappings; a configuration has seven."""


def expanded(path: str) -> str:
    """Return a path of a configuration with its environment variables and ~ replaced."""
    return os.path.expanduser(os.path.expandvars(path))


class SafeLoader(yaml.CSafeLoader):
    """YAML's safe loader, which also says where a number or date is none."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        """Return the value of a node."""
        try:
            return super().construct_object(node, deep)
        except ValueError as error:
            raise yaml.constructor.ConstructorError(
                None, None, f"{error}; put it in quotes if it is text", node.start_mark
            ) from error


class YamlFile(NamedTuple):
    """One file of a configuration: what is wrong with it, or what it holds."""

    mistakes: list[str]
    content: Any = None
    node: yaml.Node | None = None
    """Nodes, which know their lines; None for JSON that is no YAML."""
    repeated: Sequence[Mistake] = ()
    """Keys that stand twice."""


def load_yaml(path: Path) -> Any:
    """Load a YAML file of the workflow's own."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)


def read_file(path: str | Path) -> YamlFile:
    """Read a configuration's file; what is wrong with it is one line, `FILE:LINE:COLUMN: ...`."""
    shown = os.path.relpath(path)
    try:
        with open(path, "rb") as stream:
            raw = stream.read(MOST_BYTES + 1)
        if len(raw) > MOST_BYTES:
            return YamlFile([f"{shown}: has more than {MOST_BYTES:,} bytes; split it in several"])
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return YamlFile([f"{shown}:{_not_utf8(error)}"])
    except OSError as error:
        return YamlFile([f"{shown}: {_unreadable(error)}"])

    try:
        if bomb := _bomb(text):
            return YamlFile([f"{shown}{bomb}"])
        content, node, repeated = _parsed(text)
    except yaml.YAMLError as error:
        content, node, repeated = _parsed_json(text), None, []
        if content is None:
            return YamlFile([f"{shown}{_explained(error, text)}"])

    if content is None:
        return YamlFile([f"{shown}: is empty; it needs `datasets` and `models`"])
    if not isinstance(content, dict):
        wanted = "must begin with keys, such as `datasets:`"
        return YamlFile([f"{shown}:1: holds {_kind(content)}; it {wanted}"])

    return YamlFile([], content, node, repeated)


def places_of(files: Mapping[str, YamlFile]) -> Places:
    """Return the places of what files hold, by their paths."""
    return Places({path: file.node for path, file in files.items() if file.node is not None})


def repeated_keys(node: yaml.Node) -> list[Mistake]:
    """One mistake for each key that stands twice in a YAML mapping; only the last would count."""
    return list(_repeated_keys(node, set()))


def _repeated_keys(node: yaml.Node, seen: set[int]) -> Iterator[Mistake]:
    """Look at each node once, also where aliases repeat it."""
    if id(node) in seen:
        return
    seen.add(id(node))

    if isinstance(node, yaml.MappingNode):
        times = Counter(key for key, _, _ in entries(node))
        for key in [key for key in times if times[key] > 1]:
            yield Mistake((key,), f"the key {key!r} stands twice; rename or join them")

    for key, _, value in entries(node):
        for mistake in _repeated_keys(value, seen):
            yield mistake.below(key)


def parse_untrusted(text: str) -> Any:
    """Content of a stranger's YAML; None where it is none, or stands for too much."""
    try:
        return None if len(text) > MOST_BYTES or _bomb(text) else _parsed(text)[0]
    except yaml.YAMLError:
        return None


def _parsed(text: str) -> tuple[Any, yaml.Node | None, list[Mistake]]:
    """Content and nodes of a YAML text, and its repeated keys."""
    loader = SafeLoader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return None, None, []
        # Once it is constructed, a mapping also holds the keys that `<<` merges into it.
        repeated = repeated_keys(node)
        return loader.construct_document(node), node, repeated
    finally:
        loader.dispose()


def _parsed_json(text: str) -> Any:
    """Content of a JSON text, None if it is none, or nested too deep.

    Snakemake takes JSON as well, and not all of it is YAML.
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _bomb(text: str) -> str | None:
    """Return `:LINE: problem and remedy` where a small text stands for too much.

    Events of the parser come one by one, so that neither depth nor aliases cost anything here.
    """
    opened: list[tuple[str | None, int]] = []
    values: dict[str, int] = {}
    total = 0

    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        line = getattr(event.start_mark, "line", 0) + 1
        anchor = getattr(event, "anchor", None)

        if isinstance(event, yaml.CollectionStartEvent):
            opened.append((anchor, total))
            if len(opened) > DEEPEST:
                return f":{line}: is nested deeper than {DEEPEST} levels; take brackets out"
        elif isinstance(event, yaml.AliasEvent):
            if anchor in dict(opened):
                return f":{line}: the alias *{anchor} stands inside its own anchor; take it out"
            total += values.get(str(anchor), 0)
        elif isinstance(event, yaml.ScalarEvent):
            total += 1
            values[str(anchor)] = 1
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, before = opened.pop()
            values[str(anchor)] = total - before

        if total > MOST_VALUES:
            return f":{line}: stands for more than {MOST_VALUES:,} values; take aliases (`*`) out"
    return None


def _explained(error: yaml.YAMLError, text: str) -> str:
    """Return `:LINE:COLUMN: problem and remedy` of what YAML could not read."""
    problem = str(getattr(error, "problem", None) or error).splitlines()[0]
    mark = getattr(error, "problem_mark", None)
    if mark is None:
        return f": {problem}; take the character out"

    opened = getattr(error, "context_mark", None)
    is_open = "unexpected" in problem or "expected ','" in problem
    if is_open and opened is not None:
        mark = opened
    lines = text.splitlines()
    character = lines[mark.line][mark.column :][:1] if mark.line < len(lines) else ""
    return f":{mark.line + 1}:{mark.column + 1}: {_remedy(problem, character)}"


def _remedy(problem: str, character: str) -> str:
    """What is wrong at a place, in the words of a user."""
    if character == "\t":
        return "a tab; indent with spaces"
    if "cannot start any token" in problem and character in UNQUOTED:
        return f"text cannot begin with {character}; put it in quotes"
    return next((remedy for part, remedy in REMEDIES.items() if part in problem), problem)


def _not_utf8(error: UnicodeDecodeError) -> str:
    """Return `LINE:COLUMN: ...` of the first byte that is not UTF-8."""
    before = error.object[: error.start]
    line, column = before.count(b"\n") + 1, len(before.rpartition(b"\n")[2]) + 1
    return f"{line}:{column}: not UTF-8 (byte {error.object[error.start]:#x}); save it as UTF-8"


def _unreadable(error: OSError) -> str:
    """Why a file cannot be opened."""
    if isinstance(error, FileNotFoundError):
        return "no such file; write it, or name yours with --configfile"
    return f"{(error.strerror or str(error)).lower()}; name another file with --configfile"


def _kind(content: object) -> str:
    """What stands at the top of a file that holds no keys."""
    return "a list" if isinstance(content, list) else "a single value"
