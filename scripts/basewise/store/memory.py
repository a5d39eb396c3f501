"""What memory a job needs, before it trains and after."""

import resource
import sys
from itertools import chain
from math import ceil, prod
from pathlib import Path
from typing import Any, NamedTuple

UNITS = {"dna": "bp", "rna": "nt", "protein": "aa", "genotype": "markers"}

FRAMEWORK_BYTES = 1_000_000_000
"""Memory that TensorFlow or JAX takes with no data loaded."""

NUMBER_BYTES = 4

COPIES = 3
"""Of each weight: in use, those of the best epoch, and the ones being saved."""

TRAINED_COPIES = 5
"""Of each weight that is trained besides: its gradient, two numbers of Adam, these being saved."""

OUTPUT_COPIES = 2
"""Of each output of a layer: itself and its gradient."""

MEGABYTE = 1_000_000


class Forecast(NamedTuple):
    """Bytes that a training is going to need, by what needs them."""

    framework: int
    tensors: int
    network: int
    batch: int

    @property
    def total(self) -> int:
        """All of them together."""
        return sum(self)

    def line(self, limit: int | None) -> str:
        """Say it in words, "Memory: about 2.1 GB of 6.0 GB: framework 1.0 GB, ..."."""
        bound = "" if limit is None else f" of {_size(limit)}"
        parts = [f"{name} {_size(count)}" for name, count in self._asdict().items()]
        return f"Memory: about {_size(self.total)}{bound}: {', '.join(parts)}"


def forecast(model: Any, batch_size: int, tensors: int) -> Forecast:
    """Estimate what training a network takes, with a dataset of so many bytes in memory.

    On the CPU the measured peak of nine networks, of 60,000 to 52 million weights on 500 to 2,000
    letters, was 0.9 to 1.2 times as much. With a GPU, network and batch lie on the card.
    """
    trained = sum(prod(weights.shape) for weights in model.trainable_variables)
    network = COPIES * model.count_params() + TRAINED_COPIES * trained
    batch = OUTPUT_COPIES * batch_size * numbers_of(model)
    return Forecast(FRAMEWORK_BYTES, tensors, NUMBER_BYTES * network, NUMBER_BYTES * batch)


def numbers_of(model: Any) -> int:
    """Numbers that all layers put out for one example, those of models within a model too."""
    total = 0
    for node in chain.from_iterable(model._nodes_by_depth.values()):
        if hasattr(node.operation, "operations"):
            total += numbers_of(node.operation)
        else:
            total += sum(prod(size or 1 for size in output.shape) for output in node.outputs)
    return total


def too_much(needed: Forecast, limit: int, rule: str) -> list[str]:
    """Advice, one line, where the training of a rule may need more bytes than its job has."""
    if needed.total <= limit:
        return []
    enough = 1000 * ceil(1.2 * needed.total / MEGABYTE / 1000)
    return [
        f"this training may need {_size(needed.total)} of memory, the job has {_size(limit)}; "
        f"lower `training: batch_size`, or set `set-resources: {rule}: mem_mb={enough}` in a "
        "profile"
    ]


def left_for_tensors(memory_mb: int) -> int:
    """Bytes that tensors may take of the memory of a job that trains, at least half of it.

    Its memory is in units of 1,000,000 bytes.
    """
    job = memory_mb * MEGABYTE
    return max(job - FRAMEWORK_BYTES, job // 2)


def peak_memory_mb() -> int:
    """The most memory this process has had so far, in units of 1,000,000 bytes."""
    status = Path("/proc/self/status")
    for line in status.read_text().splitlines() if status.exists() else []:
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024 // MEGABYTE
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit // MEGABYTE


def fits(rows: int, length: int, alphabet: str, needed: int, limit: int | None) -> bool:
    """Say in one line how many bytes a dataset needs and whether it stays within the limit.

    Without a limit everything fits.
    """
    fitting = limit is None or needed <= limit
    bound = "" if limit is None else f", limit {_size(limit)}"
    print(
        f"Tensors: {rows:,} x {length} {UNITS[alphabet]} need {_size(needed)}{bound}: "
        f"{'in memory' if fitting else 'streaming shards'}"
    )
    return fitting


def _size(count: int) -> str:
    return f"{count / 1e9:,.1f} GB" if count >= 1e9 else f"{count / 1e6:,.1f} MB"
