"""The code of the workflow as one file, so that results can be published with what made them."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

from basewise.checkout import CHECKOUT, files_of_checkout
from basewise.steps import replacing

__all__ = ["write_source"]

PARTS = (
    *("Snakefile", "Makefile", "LICENSE", "README.md", "pyproject.toml"),
    *("workflow", "scripts", "envs", "profiles/default", "profiles/cpu", "config/config.yaml"),
)
"""What it takes to install and run; profiles of a cluster are the user's own."""

FIRST_DATE = (1980, 1, 1, 0, 0, 0)
"""The earliest that a ZIP file can hold; equal code gives equal bytes."""


def write_source(path: str | Path, checkout: str | Path = CHECKOUT) -> None:
    """Write the code of a checkout as a ZIP file; equal code gives equal bytes."""
    with replacing(path) as unfinished, zipfile.ZipFile(unfinished, "w") as archive:
        for file in _code_of(Path(checkout)):
            entry = zipfile.ZipInfo(file.relative_to(checkout).as_posix(), FIRST_DATE)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, file.read_bytes(), zipfile.ZIP_DEFLATED)


def _code_of(checkout: Path) -> Iterator[Path]:
    listed = files_of_checkout(checkout)
    for part in (checkout / name for name in PARTS):
        for file in [part] if part.is_file() else sorted(part.rglob("*")):
            is_ours = listed is None or file in listed
            is_kept = is_ours and not any(map(_is_scratch, file.relative_to(checkout).parts))
            if is_kept and file.is_file() and not file.is_symlink():
                yield file


def _is_scratch(name: str) -> bool:
    return name == "__pycache__" or name.startswith(".") or name.endswith(("~", ".egg-info"))
