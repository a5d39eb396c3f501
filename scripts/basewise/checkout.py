"""The checkout that this library runs from: its folder, the state of its code, and its files."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

__all__ = ["CHECKOUT", "files_of_checkout", "git_state"]

CHECKOUT = Path(__file__).parents[2]
"""The folder that the Snakefile lies in."""


def git_state(checkout: str | Path = CHECKOUT) -> dict[str, str]:
    """Commit and branch of a checkout, and whether its files are changed.

    Returns
    -------
    ``git commit``, ``git branch`` (left out where none is checked out) and ``git state``, which is
    clean or changed. A workflow that Snakemake has fetched lies in a folder named by its commit
    and has no more than that. Nothing where the folder is not the top of a checkout, or without
    git.
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
