"""What SLURM says of its jobs."""

import re
from typing import NamedTuple


class Job(NamedTuple):
    """A job, or a task of a job array, as the scheduler has it now.

    Attributes
    ----------
    id
        Number; ``16_3`` for the third task of array 16, ``16_1-9`` for tasks that wait together.
    state
        ``PENDING``, ``RUNNING``, ``COMPLETED``, ``FAILED``, ``CANCELLED``, ``TIMEOUT``, ...
    partition, node
        Where; no node while it waits.
    cpus, memory_mb, minutes
        What it was given: `minutes` is its time limit.
    gpus
        How many cards it was given; 0 while it waits.
    cards
        Indices of the cards it holds on its node; of a job that has ended none.
    restarts
        How often SLURM has started it again.
    reason
        Why it waits or failed, as ``PartitionTimeLimit``.
    comment
        What Snakemake says it is: ``rule_train_conv1d_wildcards_...``, ``group_...``.
    name
        The run ID of the Snakemake that submitted it.
    """

    id: str
    state: str
    partition: str
    node: str
    cpus: int
    memory_mb: int
    minutes: int
    gpus: int
    cards: tuple[int, ...]
    restarts: int
    reason: str
    comment: str
    name: str


def read_jobs(text: str) -> list[Job]:
    """Jobs of ``scontrol show job -d -o``, in the order of their numbers."""
    lines = [line for line in text.splitlines() if line.startswith("JobId=")]
    jobs = [_job(dict(_pairs(line))) for line in lines]
    return sorted(jobs, key=lambda job: [int(part) for part in re.findall(r"\d+", job.id)])


def read_events(text: str) -> list[dict[str, str]]:
    """Entries of the file that jobcomp/filetxt writes."""
    return [dict(_pairs(line)) for line in text.splitlines()]


def _pairs(line: str) -> list[tuple[str, str]]:
    """KEY=VALUE ...; no value that is looked at holds a blank."""
    words = (word.partition("=") for word in line.split())
    return [(key, value) for key, equals, value in words if equals]


def _job(found: dict[str, str]) -> Job:
    array, task = found.get("ArrayJobId"), found.get("ArrayTaskId")
    asked = dict(_pairs(found["TRES"].replace(",", " ")))
    return Job(
        id=f"{array}_{task}" if array else found["JobId"],
        state=found["JobState"],
        partition=found["Partition"],
        node=found.get("NodeList", "").replace("(null)", ""),
        cpus=int(asked["cpu"]),
        memory_mb=_mebibytes(asked["mem"]),
        minutes=_minutes(found["TimeLimit"]),
        gpus=int(re.findall(r"^gpu.*:(\d+)$|$", found.get("JOB_GRES", ""))[0] or 0),
        cards=_indices(found.get("GRES", "")),
        restarts=int(found["Restarts"]),
        reason=found["Reason"],
        comment=found.get("Comment", ""),
        name=found["JobName"],
    )


def _mebibytes(text: str) -> int:
    """Memory as `scontrol` writes it: 300M, 4G, 1.50G."""
    return round(float(text[:-1]) * {"M": 1, "G": 1024}[text[-1]])


def _minutes(text: str) -> int:
    """A time limit as `scontrol` writes it, [DAYS-]HOURS:MINUTES:SECONDS."""
    days, _, clock = text.rpartition("-")
    hours, minutes, _ = clock.split(":")
    return (int(days or 0) * 24 + int(hours)) * 60 + int(minutes)


def _indices(text: str) -> tuple[int, ...]:
    """Cards of ``gpu:2(IDX:0-1)``."""
    named = re.search(r"IDX:([\d,-]+)", text)
    spans = [part.split("-") for part in named[1].split(",")] if named else []
    return tuple(i for span in spans for i in range(int(span[0]), int(span[-1]) + 1))
