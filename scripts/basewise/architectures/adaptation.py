"""Lengths that a stack of convolutions can take, and settings scaled to a shorter sequence."""

from collections.abc import Mapping, Sequence
from typing import Any

SMALLEST_DENSE = 32
DENSE_PER_OUTPUT = 16


def steps_left(length: int, kernels: Sequence[int], pools: Sequence[int]) -> int:
    """Positions that blocks of a valid convolution and a maximum leave of a sequence."""
    for kernel, pool in zip(kernels, pools, strict=True):
        length = max(length - kernel + 1, 0) // pool
    return length


def shortest_length(kernels: Sequence[int], pools: Sequence[int]) -> int:
    """Shortest sequence of which `steps_left` leaves a position."""
    length = 1
    for kernel, pool in zip(reversed(kernels), reversed(pools), strict=True):
        length = length * pool + kernel - 1
    return length


def adapted_settings(
    length: int, outputs: int, settings: Mapping[str, Any], wanted_steps: int
) -> dict[str, Any]:
    """Settings to change for a short sequence and few outputs, out of those with all defaults.

    Pools (`pool_size` or `pool_sizes`) shrink until `wanted_steps` positions reach what follows the
    convolutions, no further than needed; the last blocks go when the sequence is too short for them
    with no pooling at all; `dense_units` shrinks to 16 an output, at least 32. Kernels keep their
    width.
    """
    kernels, pools = blocks_of(settings)
    kept, smaller = len(kernels), list(pools)
    while steps_left(length, kernels[:kept], smaller[:kept]) < wanted_steps:
        widest = max(range(kept), key=lambda block: (smaller[block], block))
        if smaller[widest] > 1:
            smaller[widest] -= 1
        elif kept > 1 and steps_left(length, kernels[:kept], smaller[:kept]) < 1:
            kept, smaller = kept - 1, list(pools)
        else:
            break

    for block in reversed(range(kept)):
        while smaller[block] < pools[block]:
            wider = [pool + (number == block) for number, pool in enumerate(smaller)]
            if steps_left(length, kernels[:kept], wider) < wanted_steps:
                break
            smaller = wider

    changed: dict[str, Any] = {}
    if "pool_size" in settings:
        changed["pool_size"] = smaller[0]
    if "pool_sizes" in settings:
        changed["pool_sizes"] = smaller[:kept]
        changed["kernel_sizes"] = list(kernels[:kept])
        changed["filters"] = list(settings["filters"][:kept])
    if "dense_units" in settings:
        enough = max(SMALLEST_DENSE, DENSE_PER_OUTPUT * outputs)
        changed["dense_units"] = min(settings["dense_units"], enough)

    return {name: value for name, value in changed.items() if value != settings[name]}


def blocks_of(settings: Mapping[str, Any]) -> tuple[list[int], list[int]]:
    """Kernel and pool width of each block, 1 where an architecture does not pool."""
    if "kernel_sizes" in settings:
        kernels = list(settings["kernel_sizes"])
        return kernels, list(settings.get("pool_sizes", [1] * len(kernels)))
    return [settings.get("kernel_size", 1)], [settings.get("pool_size", 1)]
