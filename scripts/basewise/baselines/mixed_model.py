"""The mixed model of quantitative genetics, y = mean + g + e, its variances by REML.

g is normal with covariance kernel * genetic variance, e with identity * error variance. In the
eigenvectors of the centered kernel the restricted likelihood depends on one number alone, the ratio
of error to genetic variance (Kang et al., Genetics 178:1709 (2008), doi
10.1534/genetics.107.080101; Endelman, Plant Genome 4:250 (2011), doi
10.3835/plantgenome2011.08.0024).
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from scipy.linalg import eigh
from scipy.optimize import minimize_scalar

from basewise.core.arrays import Floats

LARGEST_RATIO = 1e5
"""Error variance over genetic variance of one individual, at most; its inverse is the least."""

RATIOS = 101
"""Ratios tried, evenly spaced on a logarithmic scale, before the best of them is refined."""

ROUNDING = 1e-10
"""What rounding may add to a kernel, as a share of its largest entry.

An entry is a sum over markers, so that its last digits depend on the order of addition, that is on
the machine. A million markers leave some 1e-13; two individuals that differ at one of them, 1e-6.
"""

SAME_LIKELIHOOD = 1e-8
"""Log-likelihoods that differ by less for each individual are equal but for rounding."""


class Spectrum(NamedTuple):
    """Eigenvalues and eigenvectors of a centered kernel, but for the vector of ones.

    `values` ascend, none below 0, shape (n - 1,), all 0 for a kernel without differences; `vectors`
    stand in columns, shape (n, n - 1).
    """

    values: Floats
    vectors: Floats


class MixedModel(NamedTuple):
    """A fitted model; its prediction is ``mean + kernel_to_fitted @ weights``.

    Attributes
    ----------
    kernel
        Number of the kernel it was fitted with, from 0.
    genetic_variance, error_variance
        In the square of the response's unit; `genetic_variance` belongs to a kernel of 1.
    ratio
        Error variance / genetic variance.
    heritability
        Share of the genetic variance among these individuals in that of the response, 0 to 1.
    log_likelihood
        Restricted, natural logarithm; infinite for a response that is the same in all.
    mean
        Generalized least squares estimate.
    weights
        (kernel + ratio * identity)^-1 (response - mean), shape (n,).
    """

    kernel: int
    genetic_variance: float
    error_variance: float
    ratio: float
    heritability: float
    log_likelihood: float
    mean: float
    weights: Floats


def decompose(kernel: Floats) -> Spectrum:
    """Decompose a kernel of n at least 2 with rows and columns centered; it may lack rank."""
    means = kernel.mean(axis=0)
    centered = kernel - means - means[:, None] + means.mean()
    shift = np.trace(centered) / (len(kernel) - 1)
    # the mean eigenvalue: where all individuals are alike it is the rounding of the centring, whose
    # eigenvectors say nothing, so that any basis does beside the ones
    alike = shift <= ROUNDING * _size(kernel)
    if alike:
        centered[:], shift = 0, 1.0

    # lifts every direction but the ones, so that no null space of the kernel mixes with them
    centered += shift * (np.eye(len(kernel)) - 1 / len(kernel))
    values, vectors = eigh(centered, overwrite_a=True)
    kept = np.zeros(len(kernel) - 1) if alike else np.maximum(values[1:] - shift, 0)

    return Spectrum(kept, vectors[:, 1:])


def log_likelihood(spectrum: Spectrum, response: Floats, ratios: Floats) -> Floats:
    """Restricted log-likelihood at each ratio, shape (r,), with the best genetic variance there.

    It is the density of the n - 1 contrasts of the response, shape (n,), so that its values can be
    compared between kernels. Ratios are error variance / genetic variance, above 0.
    """
    # In the eigenvectors the contrasts are independent, with variance genetic * (value + ratio);
    # the best genetic variance is then a mean (Kang et al. 2008).
    squares = np.square(_contrasts(spectrum, response))
    variances = spectrum.values + ratios[:, None]
    genetic = (squares / variances).mean(axis=1)
    likelihood: Floats = -0.5 * (
        len(squares) * (np.log(2 * np.pi * genetic) + 1) + np.log(variances).sum(axis=1)
    )
    return likelihood


def fit_reml(
    kernel: Floats, response: Floats, spectrum: Spectrum | None = None, number: int = 0
) -> MixedModel:
    """Fit the model by restricted maximum likelihood to a response of n at least 3 known values.

    `kernel` is the covariance of the individuals up to a factor, shape (n, n), `spectrum` its own
    where that is known already, `number` what `MixedModel.kernel` shall say.
    """
    spectrum = decompose(kernel) if spectrum is None else spectrum
    alike = not spectrum.values.any()
    spread = _size(kernel) or 1.0 if alike else float(spectrum.values.mean())
    if np.ptp(response) == 0:
        ratio, likelihood = spread * LARGEST_RATIO, np.inf
    elif alike:
        # every ratio has the same likelihood; the largest leaves all variance to the error
        ratio = spread * LARGEST_RATIO
        likelihood = float(log_likelihood(spectrum, response, np.array([ratio]))[0])
    else:
        ratio, likelihood = _best_ratio(spectrum, response, spread)

    contrasts = _contrasts(spectrum, response)
    scaled = contrasts / (spectrum.values + ratio)
    genetic = float(np.mean(contrasts * scaled))
    weights: Floats = spectrum.vectors @ scaled

    return MixedModel(
        kernel=number,
        genetic_variance=genetic,
        error_variance=genetic * ratio,
        ratio=ratio,
        heritability=float(spectrum.values.mean() / (spectrum.values.mean() + ratio)),
        log_likelihood=likelihood,
        # the weights add up to 0, so that this is the least squares mean
        mean=float(response.mean() - (kernel @ weights).mean()),
        weights=weights,
    )


def best_models(kernels: Iterable[Floats], responses: Floats) -> list[MixedModel]:
    """Fit each column of the responses with each kernel; keep that of the highest likelihood.

    Kernels have the shape (n, n). Responses are nan where a value is missing, at least three known
    in each column; a column is fitted on the individuals whose value is known, the others have the
    weight 0. Of models equal but for rounding the first is kept: kernels that differ by a factor
    and a constant, such as Gaussian ones of two genotypes, are equally likely.
    """
    outputs = responses.shape[1]
    best: list[MixedModel | None] = [None] * outputs
    # An eigendecomposition costs n^3, a fit with it n: it is made once for each pattern of missing
    # values, which most traits share.
    patterns, pattern_of = np.unique(~np.isnan(responses), axis=1, return_inverse=True)
    for number, kernel in enumerate(kernels):
        for pattern, known in enumerate(patterns.T):
            among = kernel[np.ix_(known, known)]
            spectrum = decompose(among)
            for output in np.flatnonzero(pattern_of == pattern):
                model = fit_reml(among, responses[known, output], spectrum, number)
                before = best[output]
                equal = SAME_LIKELIHOOD * len(among)
                if before is None or model.log_likelihood > before.log_likelihood + equal:
                    weights = np.zeros(len(known))
                    weights[known] = model.weights
                    best[output] = model._replace(weights=weights)

    return [model for model in best if model is not None]


def _size(kernel: Floats) -> float:
    return float(np.abs(kernel).max())


def _contrasts(spectrum: Spectrum, response: Floats) -> Floats:
    if np.ptp(response) == 0:  # whose mean is rounded, so that the difference need not be 0
        return np.zeros(len(spectrum.values))
    contrasts: Floats = (response - response.mean()) @ spectrum.vectors
    return contrasts


def _best_ratio(spectrum: Spectrum, response: Floats, spread: float) -> tuple[float, float]:
    """The ratio of the highest likelihood, within the bounds, and that likelihood."""
    # The likelihood may have several maxima: a grid finds the highest one, as in EMMA.
    middle, width = np.log(spread), np.log(LARGEST_RATIO)
    grid = np.linspace(middle - width, middle + width, RATIOS)
    likelihoods = log_likelihood(spectrum, response, np.exp(grid))
    best = int(likelihoods.argmax())
    refined = minimize_scalar(
        lambda point: -log_likelihood(spectrum, response, np.exp([point]))[0],
        bounds=(grid[max(best - 1, 0)], grid[min(best + 1, RATIOS - 1)]),
        method="bounded",
        options={"xatol": 1e-9},
    )
    if -refined.fun > likelihoods[best]:
        return float(np.exp(refined.x)), float(-refined.fun)
    return float(np.exp(grid[best])), float(likelihoods[best])
