"""Of two jobs that do the same work, the one that began last goes on and the other ends.

A scheduler starts a job anew when its node no longer answers, although the first copy may still
run there; and a workflow that was killed leaves jobs behind that write as the next run's do. No
lock is held, because that of a node that is gone might stay for ever.
"""

import os
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from basewise.core.errors import InputError
from basewise.core.files import UNFINISHED

CLAIM = ".claim"
"""Name of the file, or its suffix."""


class Claim(NamedTuple):
    """What a job says of itself in a file that the next one overwrites.

    `holder` is the text: which job, where and since when; no two are alike.
    """

    path: Path
    holder: str


def take_claim(path: Path) -> Claim:
    """Take a piece of work, which the file stands for, from whoever has it."""
    job = os.environ.get("SLURM_JOB_ID")
    number, node = os.getpid(), os.uname().nodename
    process = f"process {number} on {node}"
    place = f"SLURM job {job}, {process}" if job else process
    claim = Claim(path, f"{place}, since {datetime.now().isoformat(sep=' ')}")
    path.parent.mkdir(parents=True, exist_ok=True)
    # A name of its own, as two jobs may begin at once.
    unfinished = path.with_name(f"{UNFINISHED}{path.name}-{node}-{number}")
    try:
        unfinished.write_text(claim.holder, encoding="utf-8")
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)

    return claim


def check_claim(claim: Claim) -> None:
    """Raise InputError when another job has taken the work since; call it before a write.

    A file that is gone was another's too: nobody removes his own before his end.
    """
    # A job that begins between this look and the write makes the same run, and files are whole.
    holder = _read(claim.path)
    if holder != claim.holder:
        raise InputError(
            f"another job has taken over ({holder or 'and is done'}); this one ({claim.holder}) "
            "ends here and has written nothing since"
        )


def release_claim(claim: Claim) -> None:
    """Remove the file once the work is done, unless another job has taken the work."""
    if _read(claim.path) == claim.holder:
        claim.path.unlink(missing_ok=True)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
