import numpy as np
import pytest
from scipy.stats import multivariate_normal

from basewise.baselines.mixed_model import best_models, decompose, fit_reml, log_likelihood


def simulated(n, rank, seed, ratio=1.0):
    """A kernel of some rank, and a response with that much more error than genetic variance."""
    rng = np.random.default_rng(seed)
    factors = rng.normal(size=(n, rank))
    kernel = factors @ factors.T / rank
    genetic = factors @ rng.normal(size=rank) / np.sqrt(rank)
    return kernel, 3 + genetic + rng.normal(size=n) * np.sqrt(ratio)


def naive(kernel, response, ratio):
    """The restricted likelihood, and its estimates, from the covariance matrix itself."""
    n, ones = len(kernel), np.ones(len(kernel))
    inverse = np.linalg.inv(kernel + ratio * np.eye(n))
    information = ones @ inverse @ ones
    mean = ones @ inverse @ response / information
    weights = inverse @ (response - mean)
    genetic = (response - mean) @ weights / (n - 1)
    covariance = genetic * (kernel + ratio * np.eye(n))
    likelihood = -0.5 * (
        np.linalg.slogdet(covariance)[1]
        + np.log(information / genetic)
        - np.log(n)
        + (response - mean) @ weights / genetic
        + (n - 1) * np.log(2 * np.pi)
    )
    return likelihood, mean, genetic, weights


@pytest.mark.parametrize("rank", [4, 12, 50])
def test_likelihood_is_that_of_the_covariance_matrix(rank):
    kernel, response = simulated(12, rank, seed=rank)
    ratios = np.array([0.01, 0.3, 1, 7, 300])
    found = log_likelihood(decompose(kernel), response, ratios)
    np.testing.assert_allclose(found, [naive(kernel, response, one)[0] for one in ratios])


def test_likelihood_is_the_density_of_contrasts():
    kernel, response = simulated(8, 20, seed=2)
    contrasts = np.linalg.svd(np.ones((1, 8)))[2][1:]
    model = fit_reml(kernel, response)
    covariance = model.genetic_variance * kernel + model.error_variance * np.eye(8)
    density = multivariate_normal(np.zeros(7), contrasts @ covariance @ contrasts.T)
    assert model.log_likelihood == pytest.approx(density.logpdf(contrasts @ response))


@pytest.mark.parametrize("seed", range(30))
def test_no_ratio_of_a_fine_grid_is_better(seed):
    """Small samples: the likelihood has two maxima at times, and often its best at a border."""
    n = 4 + seed % 7
    kernel, response = simulated(n, 2 + seed % 5, seed, ratio=10.0 ** (seed % 4 - 2))
    model = fit_reml(kernel, response)
    middle = np.trace(kernel - kernel.mean(axis=0)) / (n - 1)
    grid = middle * np.logspace(-5, 5, 1001)
    best = max(naive(kernel, response, ratio)[0] for ratio in grid)
    assert model.log_likelihood >= best - 1e-9
    likelihood, mean, genetic, weights = naive(kernel, response, model.ratio)
    assert model.log_likelihood == pytest.approx(likelihood)
    assert model.mean == pytest.approx(mean)
    assert model.genetic_variance == pytest.approx(genetic)
    assert model.error_variance == pytest.approx(genetic * model.ratio)
    np.testing.assert_allclose(model.weights, weights, rtol=1e-6, atol=1e-9)


def test_heritability_of_simulated_traits_is_found():
    """Markers in linkage equilibrium, the variance of g and e the same."""
    found = []
    for seed in range(8):
        rng = np.random.default_rng(seed)
        markers = rng.binomial(2, 0.3, (400, 200)) - 0.6
        genetic = markers @ rng.normal(size=200)
        response = genetic / genetic.std() + rng.normal(size=400)
        found.append(fit_reml(markers @ markers.T / 84, response).heritability)
    assert np.mean(found) == pytest.approx(0.5, abs=0.05)
    assert np.std(found) < 0.1


def test_noise_is_predicted_by_its_mean():
    kernel, _ = simulated(300, 400, seed=1)
    response = 5 + np.random.default_rng(3).normal(size=300)
    model = fit_reml(kernel, response)
    assert model.heritability < 0.1
    assert (kernel @ model.weights).std() < 0.15


def test_a_response_without_error_is_reproduced():
    kernel, response = simulated(60, 20, seed=1, ratio=0.0)
    model = fit_reml(kernel, response)
    assert model.heritability > 0.9999
    np.testing.assert_allclose(model.mean + kernel @ model.weights, response, atol=1e-3)


def test_a_constant_response_and_a_kernel_without_differences_predict_the_mean():
    kernel, response = simulated(10, 5, seed=1)
    constant = fit_reml(kernel, np.full(10, 7.0))
    assert (constant.mean, constant.heritability) == (7, pytest.approx(0, abs=1e-4))
    assert not constant.weights.any()
    alike = fit_reml(np.ones((10, 10)), response)
    np.testing.assert_allclose(alike.mean + np.ones((10, 10)) @ alike.weights, response.mean())


def test_each_response_has_its_individuals_and_its_kernel():
    linear, response = simulated(40, 10, seed=4, ratio=0.2)
    other, _ = simulated(40, 10, seed=5)
    responses = np.column_stack([response, response[::-1], response])
    responses[::3, 1] = np.nan
    responses[1, 2] = np.nan
    models = best_models([other, linear], responses)
    for model, values in zip(models, responses.T, strict=True):
        known = ~np.isnan(values)
        alone = [fit_reml(one[np.ix_(known, known)], values[known]) for one in (other, linear)]
        best = max(alone, key=lambda one: one.log_likelihood)
        assert model.kernel == alone.index(best)
        assert model.ratio == best.ratio
        np.testing.assert_array_equal(model.weights[known], best.weights)
        assert not model.weights[~known].any()
    assert models[0].kernel == models[2].kernel == 1
