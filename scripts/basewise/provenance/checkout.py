"""The checkout that this library runs from: its folder, its state, and its files as an archive."""

import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from basewise.store.receipts import writing

CHECKOUT = Path(__file__).parents[3]
"""The folder that the Snakefile lies in."""


def git_state(checkout: str | Path = CHECKOUT) -> dict[str, str]:
    """Commit and branch of a checkout, and whether its files are changed.

    ``git commit``, ``git branch`` (left out where none is checked out) and ``git state``, which is
    clean or changed. A workflow that Snakemake has fetched lies in a folder named by its commit and
    has no more than that. Nothing where the folder is not the top of a checkout, or without git.
    """
    if not _is_top(checkout):
        fetched = re.fullmatch("[0-9a-f]{40}", Path(checkout).name)
        return {"git commit": fetched.group()} if fetched else {}

    commit = _git(checkout, "rev-parse", "HEAD")
    changed = _git(checkout, "status", "--porcelain", "--untracked-files=no")
    if not commit or changed is None:
        return {}

    branch = _git(checkout, "branch", "--show-current")
    state = "changed since this commit" if changed else "clean"
    return {"git commit": commit, **({"git branch": branch} if branch else {}), "git state": state}


def files_of_checkout(checkout: str | Path = CHECKOUT) -> set[Path] | None:
    """Files that git follows or would add; None where the folder is not the top of a checkout."""
    words = ("ls-files", "-z", "--cached", "--others", "--exclude-standard")
    listed = _git(checkout, *words) if _is_top(checkout) else None
    return None if listed is None else {Path(checkout, name) for name in listed.split("\0") if name}


def _is_top(folder: str | Path) -> bool:
    top = _git(folder, "rev-parse", "--show-toplevel")
    return bool(top) and Path(top or "").resolve() == Path(folder).resolve()


def _git(folder: str | Path, *arguments: str) -> str | None:
    """What git prints, None if it fails."""
    program = shutil.which("git")
    if program is None:
        return None
    command = [program, "--no-optional-locks", "-C", str(folder), *arguments]
    done = subprocess.run(command, capture_output=True, text=True)  # noqa: S603 fixed words
    return done.stdout.strip() if done.returncode == 0 else None


PARTS = (
    "Snakefile Makefile LICENSE README.md pyproject.toml "
    "workflow scripts envs profiles/default profiles/cpu config/config.yaml"
)
"""What it takes to install and run; profiles of a cluster are the user's own."""

OWN = "own_code/"
"""Folder of the user's own code."""

FIRST_DATE = (1980, 1, 1, 0, 0, 0)
"""The earliest that a ZIP file can hold; equal code gives equal bytes."""


def write_source(
    path: str | Path, checkout: str | Path = CHECKOUT, *, own_code: Sequence[str | Path] = ()
) -> None:
    """Write the code of a checkout as a ZIP file; equal code gives equal bytes.

    Python files of the user's `own_code` lie in a folder of that name, numbered where several have
    one name.
    """
    files = {file.relative_to(checkout).as_posix(): file for file in _code_of(Path(checkout))}
    for file in map(Path, own_code):
        taken = sum(name.endswith(f"/{file.name}") for name in files if name.startswith(OWN))
        files[f"{OWN}{f'{taken + 1}/' if taken else ''}{file.name}"] = file

    with writing(path) as unfinished, zipfile.ZipFile(unfinished, "w") as archive:
        for name, file in files.items():
            entry = zipfile.ZipInfo(name, FIRST_DATE)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, file.read_bytes(), zipfile.ZIP_DEFLATED)


def _code_of(checkout: Path) -> Iterator[Path]:
    listed = files_of_checkout(checkout)
    for part in (checkout / name for name in PARTS.split()):
        for file in [part] if part.is_file() else sorted(part.rglob("*")):
            is_ours = listed is None or file in listed
            is_kept = is_ours and not any(map(_is_scratch, file.relative_to(checkout).parts))
            if is_kept and file.is_file() and not file.is_symlink():
                yield file


def _is_scratch(name: str) -> bool:
    return name == "__pycache__" or name.startswith(".") or name.endswith(("~", ".egg-info"))
