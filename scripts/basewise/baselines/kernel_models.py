"""Models on similarities of individuals: GBLUP, and the same with a Gaussian kernel."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from basewise.baselines import Baseline, Data
from basewise.baselines.choosing import Classifier, best_penalty, fitted
from basewise.baselines.kernels import (
    Dual,
    Related,
    coordinates,
    gaussian,
    gaussian_scores,
    genomic,
    relate,
    reml_dual,
)
from basewise.baselines.mixed_model import best_models
from basewise.baselines.stages import fit_stages, stages
from basewise.baselines.stored import stored_logistic, stored_machines, stored_ridge
from basewise.core.arrays import Floats, Integers

STRENGTHS = (1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)


def best_strength(kernel: Floats, cross: Floats, labels: Integers, held_out: Integers) -> float:
    """The C of scikit-learn whose fit has the lowest log loss on the validation part.

    `kernel` is that of train, shape (known, known), with the classes `labels`; `cross` that of
    validation and train, shape (scored, known), with the classes `held_out`.
    """

    def fit_strength(strength: float) -> Classifier:
        positive = probabilities(cross, logistic_dual(kernel, labels, strength))
        return Classifier(strength, np.hstack([1 - positive, positive]))

    part = np.full(len(held_out), "validation")
    strength: float = best_penalty(fit_strength, STRENGTHS, held_out, part).estimator
    return strength


def logistic_dual(kernel: Floats, labels: Integers, strength: float) -> Dual:
    """Fit on the principal coordinates of a kernel, shape (known, known); one output, the logit."""
    back = coordinates(kernel)
    model = fitted(LogisticRegression(C=strength, tol=1e-6, max_iter=1000), kernel @ back, labels)
    return Dual(back @ model.coef_.T, model.intercept_)


def probabilities(cross: Floats, dual: Dual) -> Floats:
    """Probability of class 1, shape (scored, 1)."""
    positive: Floats = expit(cross @ dual.weights + dual.intercepts)
    return positive


def gblup(data: Data) -> Baseline:
    """Fit best linear unbiased predictors of genomic values, in two fits, see `stages`.

    Values: the variances of each output by REML, on the individuals whose value is known. Classes:
    logistic regression on the principal coordinates of the genomic relationship matrix, which is
    logistic ridge regression on the markers; its penalty is chosen on validation.
    VanRaden, J Dairy Sci 91:4414 (2008), doi 10.3168/jds.2007-0980; Meuwissen, Hayes and Goddard,
    Genetics 157:1819 (2001), doi 10.1093/genetics/157.4.1819.
    """
    related = [relate(data.onehot, stage) for stage in stages(data.part)]
    fit_both = _genomic_classes if data.task == "binary" else _genomic_values
    estimator, score = fit_both(data, related)
    return Baseline(estimator, score, parameters=data.outputs * (data.onehot.shape[1] + 1))


def _genomic_values(data: Data, related: list[Related]) -> tuple[Any, NDArray[np.float32]]:
    def fit_one(one: Related) -> tuple[Any, Floats]:
        kernel, cross, scale = genomic(one)
        dual, models = reml_dual([kernel], data.target, one.known)
        for model in models:
            print(f"REML: heritability {model.heritability:.3f}, ratio {model.ratio:.4g}")
        ratios = np.array([model.ratio for model in models])
        score = cross @ dual.weights + dual.intercepts
        return stored_ridge(data.onehot, one, dual, scale, ratios), score

    return fit_stages(fit_one, related, data)


def _genomic_classes(data: Data, related: list[Related]) -> tuple[Any, NDArray[np.float32]]:
    first, labels = related[0], data.target[:, 0].astype(np.int64)
    kernel, cross, _ = genomic(first)
    strength = best_strength(kernel, cross, labels[first.known], labels[first.scored])

    def fit_one(one: Related) -> tuple[Any, Floats]:
        kernel, cross, scale = genomic(one)
        dual = logistic_dual(kernel, labels[one.known], strength)
        estimator = stored_logistic(data.onehot, one, dual, scale, strength)
        return estimator, probabilities(cross, dual)

    return fit_stages(fit_one, related, data)


BANDWIDTHS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)


def gaussian_kernel(data: Data) -> Baseline:
    """Fit a mixed model with the kernel exp(-h * distance), in two fits, see `stages`.

    The distance is squared and divided by its mean. Values: the bandwidth h and the variances of
    each output by REML. Classes: logistic regression on the principal coordinates of the kernel, h
    by REML as if the classes were numbers, the penalty chosen on validation.
    de los Campos et al., Genet Res 92:295 (2010), doi 10.1017/S0016672310000285; Crossa et al.,
    Genetics 186:713 (2010), doi 10.1534/genetics.110.118521.
    """
    related = [relate(data.onehot, stage) for stage in stages(data.part)]
    fit_both = _gaussian_classes if data.task == "binary" else _gaussian_values
    estimator, score = fit_both(data, related)
    return Baseline(estimator, score, parameters=data.outputs * (len(related[1].known) + 1))


def _gaussian_values(data: Data, related: list[Related]) -> tuple[Any, NDArray[np.float32]]:
    def fit_one(one: Related) -> tuple[Any, Floats]:
        among, others, scale = gaussian(one)
        kernels = (np.exp(-bandwidth * among) for bandwidth in BANDWIDTHS)
        dual, models = reml_dual(kernels, data.target, one.known)
        for model in models:
            bandwidth = BANDWIDTHS[model.kernel]
            print(f"REML: bandwidth {bandwidth:g}, heritability {model.heritability:.3f}")
        chosen = np.array([BANDWIDTHS[model.kernel] for model in models])
        estimator = stored_machines(data.onehot, one, dual, chosen / scale)
        return estimator, gaussian_scores(others, chosen, dual)

    return fit_stages(fit_one, related, data)


def _gaussian_classes(data: Data, related: list[Related]) -> tuple[Any, NDArray[np.float32]]:
    first, labels = related[0], data.target[:, 0].astype(np.int64)
    known = labels[first.known]
    among, others, _ = gaussian(first)
    kernels = (np.exp(-bandwidth * among) for bandwidth in BANDWIDTHS)
    bandwidth = BANDWIDTHS[best_models(kernels, known[:, None].astype(np.float64))[0].kernel]
    strength = best_strength(
        np.exp(-bandwidth * among), np.exp(-bandwidth * others), known, labels[first.scored]
    )

    def fit_one(one: Related) -> tuple[Any, Floats]:
        among, others, scale = gaussian(one)
        dual = logistic_dual(np.exp(-bandwidth * among), labels[one.known], strength)
        estimator = stored_machines(data.onehot, one, dual, np.array([bandwidth / scale]))
        return estimator, probabilities(np.exp(-bandwidth * others), dual)

    return fit_stages(fit_one, related, data)
