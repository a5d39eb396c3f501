"""Why jobs ended that could not say so themselves, from Snakemake's own log."""

import re
from collections.abc import Iterable
from pathlib import Path

ENDED = re.compile(
    r"died with <Signals\.(?P<signal>\w+): .*?Error in rule (?P<rule>\w+):.*?log: (?P<log>\S+)",
    re.DOTALL,
)

CAUSES = {
    "SIGKILL": "was killed from outside, most often since it took more memory than there is",
    "SIGABRT": "was aborted by a library, which may have written why",
    "SIGSEGV": "crashed within a library",
    "SIGBUS": "crashed while it read or wrote a file; is the disk full?",
    "SIGTERM": "was told to stop",
    "SIGXCPU": "used up its time",
}


def killed_jobs(logs: Iterable[str]) -> list[str]:
    """One line for each job that a signal has ended, with the cause and the job's log."""
    texts = [Path(log).read_text(encoding="utf-8", errors="replace") for log in logs]
    jobs = [job.groupdict() for text in texts for job in ENDED.finditer(text)]
    return [
        f"Error: {job['rule']} {CAUSES.get(job['signal'], 'was ended')} ({job['signal']}); its log "
        f"is {job['log']}"
        for job in jobs
    ]
