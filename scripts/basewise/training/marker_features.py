"""What a network on genotypes learns about markers before it is trained: means and components.

From training individuals only, so that nothing about the others reaches the network.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from basewise.core.arrays import Integers
from basewise.sequences.alphabet import copies
from basewise.store.shards import Tensors

ROWS_AT_ONCE = 64
"""Individuals whose one-hot bits are unpacked at a time."""

ROUNDING = 32 * np.finfo(np.float32).eps
"""Eigenvalues of a Gram matrix in single precision below this share of the largest are rounding.

Of data of lower rank, up to 2,000 individuals and 20,000 markers, they were at most 7 times the
precision.
"""


def fit_features(
    tensors: Tensors, rows: Integers, settings: Mapping[str, Any]
) -> dict[str, NDArray[np.float32]]:
    """Learn the feature stage of a network on additively coded markers, from the given individuals.

    With ``input: components`` the first principal components are kept: as many as explain the share
    `variance` of the variance, at most `components`, and fewer than there are individuals.

    Returns
    -------
    ``mean``, ``variance``
        Mean dosage of each marker among the known genotypes, a missing genotype counts as this (0
        where no genotype is known); and what to divide by the square root of: with
        ``scaling: together`` the mean variance of all markers, otherwise each marker's own (1 where
        it does not vary). Both of shape (markers,).
    ``components``
        With ``input: components``: shape (markers, components), all scaled by one number so that
        the mean variance of their scores is 1, however many markers there are.
    """
    dosage, mean = _centered_dosages(tensors, rows)
    variance = dosage.var(axis=0)
    if settings.get("scaling", "together") == "together":
        variance = np.full_like(variance, variance.mean())
    variance[variance == 0] = 1
    stage = {"mean": mean, "variance": variance}
    if settings.get("input", "markers") == "markers":
        return stage

    dosage /= np.sqrt(variance)
    components = principal_components(dosage, settings["variance"], settings["components"])
    spread = np.sqrt((dosage @ components).var(axis=0).mean())
    return {**stage, "components": components / (spread or 1)}


def principal_components(
    values: NDArray[np.float32], variance: float, most: int
) -> NDArray[np.float32]:
    """Directions of largest variance, by the eigenvectors of the smaller of the two Gram matrices.

    Values are centered, shape (n, columns); `variance` is the share of it to explain, `most` the
    number of components at most, never more than n - 1. Shape (columns, components), orthonormal;
    ``values @ components`` are the scores. No more than the values have dimensions; one column of
    zeros for values of zeros.
    """
    tall = len(values) > values.shape[1]
    gram = values.T @ values if tall else values @ values.T
    if not gram.any():
        return np.zeros((values.shape[1], 1), dtype=np.float32)

    eigenvalues, vectors = linalg.eigh(gram.astype(np.float64))
    eigenvalues, vectors = np.maximum(eigenvalues[::-1], 0), vectors[:, ::-1]
    explained = np.cumsum(eigenvalues) / eigenvalues.sum()
    enough = int(np.searchsorted(explained, variance * (1 - 1e-9))) + 1
    rank = int((eigenvalues > ROUNDING * eigenvalues[0]).sum())
    kept = max(1, min(enough, most, len(values) - 1, rank))
    components: NDArray[np.float32] = vectors[:, :kept].astype(np.float32)
    if not tall:
        length = np.sqrt(eigenvalues[:kept])
        components = values.T @ (vectors[:, :kept] / length).astype(np.float32)

    return components


def _centered_dosages(
    tensors: Tensors, rows: Integers
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Copies of allele a less their mean, 0 where missing, (n, markers); and that mean."""
    values = np.empty((len(rows), tensors.length), dtype=np.float32)
    known = np.zeros(tensors.length, dtype=np.float32)
    total = np.zeros(tensors.length, dtype=np.float32)
    blocks = [slice(start, start + ROWS_AT_ONCE) for start in range(0, len(rows), ROWS_AT_ONCE)]
    for block in blocks:
        onehot = tensors.onehot(rows[block])
        values[block] = copies(onehot)
        total += values[block].sum(axis=0)
        known += (1 - onehot[..., 3]).sum(axis=0)
        values[block][onehot[..., 3] == 1] = np.nan

    mean = (total / np.maximum(known, 1)).astype(np.float32)
    for block in blocks:
        values[block] -= mean
        np.nan_to_num(values[block], copy=False)

    return values, mean
