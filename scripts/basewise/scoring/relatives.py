"""How well individuals are known by their relatives in training: the reliability of GBLUP.

It is the share of an individual's genetic variance that the training individuals explain,
k' (K + ratio I)^-1 k / kii, with the genomic relationships K of the training individuals (VanRaden
2008, the first method), k and kii of the new one, and the ratio of error to genetic variance by
REML; the same for every model of these individuals. With Z = U S V' of centered dosages and x of
the new one it is the sum of S^2 / (S^2 + c ratio) (V'x)^2 / x'x. A missing genotype adds nothing
above, and the variance of its marker below.
"""

import io
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from basewise.baselines.kernels import SMALLEST
from basewise.baselines.mixed_model import best_models
from basewise.core.arrays import Floats, Integers
from basewise.genotypes.calls import MISSING
from basewise.store.bundles import Bundle

AXES, WEIGHTS = "training/axes.npy", "training/weights.npy"
"""Members of a bundle: means, variances and axes of the markers; weights of the axes."""

MOST_INDIVIDUALS = 2_000
"""Training individuals that are looked at, evenly spaced: fewer can only lower a reliability."""

MOST_NUMBERS = 12_500_000
"""In the axes, 50 MB: of more markers evenly spaced ones are taken."""

FEWEST = 3
"""Known values that REML needs."""


class Relatives(NamedTuple):
    """The training individuals as far as reliabilities need them.

    Attributes
    ----------
    axes
        float32, shape (2 + axes, markers): mean and variance of each marker's dosage, and V'.
    weights
        S^2 / (S^2 + c ratio) of each output, shape (outputs, axes).
    markers
        How many the model has; the axes are of evenly spaced ones of these.
    """

    axes: NDArray[np.float32]
    weights: Floats
    markers: int


def relatives_of(letters: NDArray[np.uint8], target: Floats) -> Relatives:
    """From letters of training individuals and their targets, nan where one is not known."""
    individuals = _spaced(len(letters), MOST_INDIVIDUALS)
    columns = _spaced(letters.shape[1], MOST_NUMBERS // len(individuals))
    dosage, is_known = _dosages(letters[np.ix_(individuals, columns)])
    calls = np.maximum(is_known.sum(axis=0), 1)
    means = dosage.sum(axis=0) / calls
    centered = np.where(is_known, dosage - means, 0)
    variances = np.square(centered).sum(axis=0) / calls

    products = centered @ centered.T
    scale = float((means * (1 - means / 2)).sum()) or 1.0
    squares, vectors = np.linalg.eigh(products)
    kept = squares > SMALLEST * max(squares[-1], SMALLEST)
    axes = (vectors[:, kept] / np.sqrt(squares[kept])).T @ centered
    shown = target[individuals].astype(np.float64)
    weights = [_weights(products / scale, values, squares[kept], scale) for values in shown.T]
    table = np.vstack([means, variances, axes]).astype(np.float32)
    return Relatives(table, np.array(weights), letters.shape[1])


def _weights(kernel: Floats, values: Floats, squares: Floats, scale: float) -> Floats:
    if np.isfinite(values).sum() < FEWEST:
        return np.zeros(len(squares))
    (model,) = best_models([kernel], values[:, None])
    return squares / (squares + scale * model.ratio)


def reliabilities(relatives: Relatives, letters: NDArray[np.uint8]) -> Floats:
    """Reliability of each output, from 0 to 1, of individuals; shape (n, outputs)."""
    columns = _spaced(relatives.markers, relatives.axes.shape[1])
    means, variances, axes = relatives.axes[0], relatives.axes[1], relatives.axes[2:]
    dosage, is_known = _dosages(letters[:, columns])
    centered = np.where(is_known, dosage - means.astype(np.float64), 0)
    explained = np.square(centered @ axes.T.astype(np.float64)) @ relatives.weights.T
    missing = np.where(is_known, 0, variances.astype(np.float64)).sum(axis=1)
    total = np.square(centered).sum(axis=1) + missing
    reliability: Floats = np.clip(explained / np.where(total > 0, total, 1)[:, None], 0, 1)
    return reliability


def _spaced(count: int, most: int) -> Integers:
    """Numbers below a count: all, or as many as are wanted, evenly spaced."""
    number = min(count, max(most, 1))
    return np.arange(number) * count // number


def _dosages(letters: NDArray[np.uint8]) -> tuple[Floats, NDArray[np.bool_]]:
    is_known = letters != MISSING
    return np.where(is_known, letters.astype(np.float64) - ord("0"), 0), is_known


def as_members(relatives: Relatives) -> dict[str, bytes]:
    """The members of a bundle that hold them."""
    members = {}
    for name, array in ((AXES, relatives.axes), (WEIGHTS, relatives.weights)):
        stream = io.BytesIO()
        np.save(stream, array, allow_pickle=False)
        members[name] = stream.getvalue()
    return members


def from_members(bundle: Bundle, markers: int, outputs: int) -> Relatives:
    """Undo `as_members`."""
    try:
        axes, weights = (
            np.load(io.BytesIO(bundle.read(name)), allow_pickle=False) for name in (AXES, WEIGHTS)
        )
        fits = weights.shape == (outputs, len(axes) - 2) and 0 < axes.shape[1] <= markers
        if not fits or axes.dtype != np.float32 or weights.dtype != np.float64:
            raise ValueError
    except (ValueError, LookupError, TypeError, EOFError) as error:
        raise bundle.fault(AXES, "is not what basewise writes") from error
    return Relatives(axes, weights, markers)
