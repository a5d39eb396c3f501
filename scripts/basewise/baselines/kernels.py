"""Similarities of individuals by their markers, and models that are sums over individuals.

A `Dual` gives each individual that was fitted a weight; the score of another is the sum of the
weights times its similarity to each. No matrix of markers by markers is built.
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from basewise.baselines.dosages import centered_blocks, marker_means
from basewise.baselines.mixed_model import MixedModel, best_models
from basewise.baselines.stages import Stage, known_rows
from basewise.core.arrays import Floats, Integers

SMALLEST = 1e-10
"""Eigenvalues of a kernel below this share of the largest count as 0."""


class Related(NamedTuple):
    """Products of the individuals of a `stages.Stage`, Z Z' with the centered dosages Z.

    `means` are of each marker among `known`, shape (markers,); `products` has the shape
    (known, known), `cross` (scored, known); `squares` are the products of the scored individuals
    with themselves, shape (scored,).
    """

    known: Integers
    scored: Integers
    means: Floats
    products: Floats
    cross: Floats
    squares: Floats


class Dual(NamedTuple):
    """A model that is a sum over the individuals it was fitted on.

    Shapes: `weights` (known, outputs), `intercepts` (outputs,).
    """

    weights: Floats
    intercepts: Floats


def relate(onehot: NDArray[np.uint8], stage: Stage) -> Related:
    """Compare the individuals of a stage, block by block of markers."""
    known, scored = stage
    means = marker_means(onehot, known)
    products = np.zeros((len(known), len(known)))
    cross = np.zeros((len(scored), len(known)))
    squares = np.zeros(len(scored))
    for _, (fitted, new) in centered_blocks(onehot, means, known, scored):
        products += fitted @ fitted.T
        cross += new @ fitted.T
        squares += np.square(new).sum(axis=1)

    return Related(known, scored, means, products, cross, squares)


def genomic(related: Related) -> tuple[Floats, Floats, float]:
    """The genomic relationship matrix, Z Z' / c with c = 2 * sum of p (1 - p).

    Gives the matrix, shape (known, known); that of the scored individuals, shape (scored, known);
    and c. VanRaden, J Dairy Sci 91:4414 (2008), the first method.
    """
    share = related.means / 2
    scale = float(2 * np.nansum(share * (1 - share))) or 1.0
    return related.products / scale, related.cross / scale, scale


def gaussian(related: Related) -> tuple[Floats, Floats, float]:
    """Squared distances of the individuals, by their mean over pairs that are fitted.

    Gives them, shape (known, known); those of the scored individuals, shape (scored, known); and
    the mean that they were divided by. With a bandwidth h the kernel is exp(-h * distance), see
    `kernel_models.gaussian_kernel`.
    """
    lengths = np.diagonal(related.products)
    among = np.maximum(lengths + lengths[:, None] - 2 * related.products, 0)
    others = np.maximum(lengths + related.squares[:, None] - 2 * related.cross, 0)
    scale = float(among.sum() / (len(lengths) * (len(lengths) - 1))) or 1.0
    return among / scale, others / scale, scale


def gaussian_scores(others: Floats, bandwidths: Floats, dual: Dual) -> Floats:
    """Scores, shape (scored, outputs), from the distances of `gaussian` and h of each output."""
    sums = [
        np.exp(-bandwidth * others) @ weights
        for bandwidth, weights in zip(bandwidths, dual.weights.T, strict=True)
    ]
    return np.column_stack(sums) + dual.intercepts


def coordinates(kernel: Floats) -> Floats:
    """From a kernel to principal coordinates, whose products are the kernel again.

    Gives A, shape (known, coordinates): ``kernel @ A`` are the coordinates of the individuals, and
    ``cross @ A`` those of others; one column of zeros for a kernel of zeros. With coefficients b of
    the coordinates, ``A @ b`` are the weights of a `Dual`.
    """
    if not kernel.any():
        return np.zeros((len(kernel), 1))
    values, vectors = np.linalg.eigh(kernel)
    kept = values > SMALLEST * values[-1]
    back: Floats = vectors[:, kept] / np.sqrt(values[kept])
    return back


def reml_dual(
    kernels: Iterable[Floats], target: NDArray[np.float32], known: Integers
) -> tuple[Dual, list[MixedModel]]:
    """Fit a mixed model to each output, with the kernel of the highest restricted likelihood.

    Kernels have the shape (known, known), `target` (n, outputs), nan where a value is missing.

    Raises
    ------
    InputError
        For an output with fewer than three known values.
    """
    for output in range(target.shape[1]):
        known_rows(target, known, output)
    models = best_models(kernels, target[known].astype(np.float64))
    weights = np.column_stack([model.weights for model in models])
    return Dual(weights, np.array([model.mean for model in models])), models
