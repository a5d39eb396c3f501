"""The manifest of a folder of tensors, which tells a whole folder from a damaged one."""

import hashlib
import json
from pathlib import Path
from typing import Any

from basewise.store.receipts import checked, spoiled, writing

FORMAT = "basewise tensors 2"

DAMAGED = "is missing, damaged or of another version"


def write_manifest(path: str | Path, entries: dict[str, Any]) -> None:
    """Write the entries as JSON, with the name of the format and their own checksum."""
    manifest = {"format": FORMAT, **entries}
    manifest["sha256"] = _digest(manifest)
    with writing(path) as unfinished:
        unfinished.write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def read_manifest(path: str | Path) -> dict[str, Any]:
    """Read what `write_manifest` wrote.

    Raises
    ------
    InputError
        When the file is missing, is not what was written, or has another format.
    """
    checked(path)
    try:
        manifest: dict[str, Any] = json.loads(Path(path).read_text(encoding="utf-8"))
        sha256 = manifest.pop("sha256")
        whole = manifest["format"] == FORMAT and sha256 == _digest(manifest)
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise spoiled(DAMAGED, path) from error
    if not whole:
        raise spoiled(DAMAGED, path)
    return manifest


def _digest(entries: dict[str, Any]) -> str:
    """SHA-256 of the entries, however they were laid out in the file."""
    return hashlib.sha256(json.dumps(entries, sort_keys=True).encode()).hexdigest()
