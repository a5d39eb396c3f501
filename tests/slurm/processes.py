"""Processes of this machine by what they have to do with a folder, from /proc."""

import os
import signal
from pathlib import Path


def holders(place: Path) -> list[int]:
    """Processes that run and have a file in a folder open, or name the folder in their environment.

    A step's supervisor of SLURM leaves its parent and empties its environment, but keeps the log
    of its node open. This process is left out.
    """
    pids = (int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit())
    return [pid for pid in pids if pid != os.getpid() and _holds(pid, str(place))]


def family(pid: int) -> list[int]:
    """A process, its children, theirs, and so on."""
    try:
        lists = [path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/children")]
    except OSError:
        return []
    return [
        pid,
        *(found for text in lists for child in text.split() for found in family(int(child))),
    ]


def kill(pids: list[int]) -> None:
    """SIGKILL; those that have ended are passed over."""
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def _holds(pid: int, place: str) -> bool:
    folder = Path(f"/proc/{pid}")
    try:
        files = [os.readlink(link) for link in (folder / "fd").iterdir()]
        environment = os.fsdecode((folder / "environ").read_bytes())
    except OSError:
        return False
    return place in environment or any(file.startswith(place) for file in files)
