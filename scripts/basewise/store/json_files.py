"""Small files of named values: JSON that the workflow hands on."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from basewise.store.receipts import checked, spoiled, writing

DAMAGED = "is missing, damaged or of another version"


def write_json(entries: Mapping[str, Any], path: str | Path, indent: int | None = 2) -> None:
    """Write named values, whole or not at all."""
    with writing(path) as unfinished:
        unfinished.write_text(json.dumps(entries, indent=indent) + "\n", encoding="utf-8")


def read_json(path: str | Path, names: Iterable[str] = ()) -> dict[str, Any]:
    """Read what `write_json` wrote; InputError where it is damaged, or lacks one of the names."""
    checked(path)
    try:
        entries: Any = json.loads(Path(path).read_bytes())
    except (OSError, ValueError) as error:
        raise spoiled(DAMAGED, path) from error
    if not isinstance(entries, dict) or not entries.keys() >= set(names):
        raise spoiled(DAMAGED, path)
    return entries
