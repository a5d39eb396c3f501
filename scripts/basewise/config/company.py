"""Whether another run works in the folder, which `--nolock` keeps Snakemake from looking for.

A run that starts beside another deletes outputs which that one has just written, since it takes
them for those of a job that was killed; then both fail.
"""

import fcntl
import os
import sys
from collections.abc import Sequence
from pathlib import Path

LOCK = Path(".snakemake/basewise.lock")


def refuse_company(words: Sequence[str]) -> None:
    """Exit where this run, or another that works in this folder, was started with `--nolock`.

    Runs that Snakemake locks for may go on side by side, for these it keeps apart by their files.
    """
    LOCK.parent.mkdir(exist_ok=True)
    # open, and so locked, until this process ends, however it ends
    file = os.open(LOCK, os.O_CREAT | os.O_WRONLY)
    is_alone = "--nolock" in words
    try:
        fcntl.flock(file, (fcntl.LOCK_EX if is_alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except BlockingIOError:
        which = "another run works" if is_alone else "a run with --nolock works"
        sys.exit(f"Error: {which} in this folder; wait until it has ended")
    except OSError as error:
        if is_alone:
            print(f"Warning: {LOCK} cannot be locked ({error.strerror}); start no other run here")
