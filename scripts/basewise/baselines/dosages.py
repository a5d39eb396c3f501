"""Genotypes as numbers: how often an individual has the allele a at a marker, 0, 1 or 2."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from basewise.core.arrays import Floats, Integers, Mask
from basewise.sequences.alphabet import copies

MARKERS_AT_ONCE = 4096


def dosages(onehot: NDArray[np.uint8]) -> NDArray[np.float32]:
    """0 for AA, 1 for Aa, 2 for aa, nan for missing: from one-hot to shape (n, markers)."""
    numbers = np.empty(onehot.shape[:2], dtype=np.float32)
    for block in _blocks(onehot.shape[1]):
        dosage, called = _counted(onehot[:, block])
        numbers[:, block] = np.where(called, dosage, np.nan)
    return numbers


def marker_means(onehot: NDArray[np.uint8], known_rows: Integers) -> Floats:
    """Mean dosage of each marker among the calls of some individuals; nan where none is called."""
    means = np.empty(onehot.shape[1])
    for block in _blocks(len(means)):
        dosage, called = _counted(onehot[known_rows, block])
        calls = called.sum(axis=0)
        total = dosage.sum(axis=0, dtype=np.int64)
        means[block] = np.divide(total, calls, out=np.full(len(calls), np.nan), where=calls > 0)
    return means


def centered_dosages(onehot: NDArray[np.uint8], known_rows: Integers) -> NDArray[np.float32]:
    """Dosages minus the mean of each marker among the calls of `known_rows`, shape (n, markers).

    A missing genotype is 0, as if the mean stood in, and so is a marker that `known_rows`, of which
    a model may learn, have no call of.
    """
    centered = np.empty(onehot.shape[:2], dtype=np.float32)
    everyone = np.arange(len(onehot))
    for block, (values,) in centered_blocks(onehot, marker_means(onehot, known_rows), everyone):
        centered[:, block] = values
    return centered


def centered_blocks(
    onehot: NDArray[np.uint8], means: Floats, *rows: Integers
) -> Iterator[tuple[slice, list[Floats]]]:
    """Centered dosages of groups of individuals, a block of markers at a time.

    Yields the markers of the block, and of each group in `rows` the dosages, shape (individuals,
    markers of the block), see `centered_dosages`.
    """
    for block in _blocks(onehot.shape[1]):
        yield block, [_centered(onehot[group, block], means[block]) for group in rows]


def _centered(onehot: NDArray[np.uint8], means: Floats) -> Floats:
    dosage, called = _counted(onehot)
    return np.where(called & ~np.isnan(means), dosage - means, 0.0)


def _counted(onehot: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], Mask]:
    """Copies of the allele a, and whether the genotype is known."""
    dosage = copies(onehot)
    return dosage, (dosage > 0) | (onehot[..., 0] > 0)


def _blocks(markers: int) -> Iterator[slice]:
    for start in range(0, markers, MARKERS_AT_ONCE):
        yield slice(start, min(start + MARKERS_AT_ONCE, markers))
