"""Data without variation, or on another scale, under several kernels of OpenBLAS.

What is 0 on paper is a rounded number in a computer, and another one on another processor, for
which OpenBLAS adds in another order. Every property is one that is known without the code; the
whole file runs again for each kernel that this processor can run.
"""

import os
import platform
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import scipy.linalg  # noqa: F401 - loads SciPy's own OpenBLAS
from scipy import sparse, special
from threadpoolctl import threadpool_info

from basewise import baselines
from basewise.baselines.kernels import coordinates, gaussian, relate
from basewise.baselines.linear import ridge
from basewise.baselines.mixed_model import best_models, decompose, fit_reml
from basewise.baselines.stages import stages
from basewise.evaluation.paired import paired_tests
from basewise.evaluation.significance import mcnemar_test
from basewise.evaluation.validation import apply_isotonic, apply_temperature, fit_calibrator
from basewise.evaluation.values import value_metrics, weighted_value_metrics
from basewise.evaluation.worst_errors import worst_errors
from basewise.examples.scales import fixed_effects
from basewise.genotypes.calls import Genotypes
from basewise.genotypes.filters import filter_markers
from basewise.genotypes.relatedness import clusters, nearest, similarity_matrix
from basewise.sequences.alphabet import letters_of
from basewise.store.scores import Run
from basewise.store.shards import Piece, pack_tensors
from basewise.store.tables import METRIC_COLUMNS
from basewise.training.diagnosis import warnings_of
from basewise.training.marker_features import fit_features, principal_components

SCALES = (1e-12, 1.0, 1e12)
POWERS = (2.0**-40, 2.0**40)
"""Scales that change no digit of a number, only its exponent."""

PART = np.repeat(["train", "validation", "test"], [24, 8, 8])

NEEDED = {
    "Nehalem": ["SSE42"],
    "Sandybridge": ["AVX"],
    "Haswell": ["AVX2", "FMA3"],
    "SkylakeX": ["AVX512_SKX"],
}
"""What an x86 processor must have for a kernel, the oldest first."""

ASKED = os.environ.get("BASEWISE_KERNEL")
"""The kernel that this process was started for; None in the one that starts them."""


# Kernels of OpenBLAS.


def kernels():
    """The two newest kernels that this processor can run, or on ARM the plain one."""
    if ASKED or not openblas_in_use():
        return []
    if platform.machine() in ("aarch64", "arm64"):
        return ["ARMV8"]
    features = np._core._multiarray_umath.__cpu_features__
    runs = [name for name, needed in NEEDED.items() if all(map(features.get, needed))]
    return runs[-2:]


def openblas_in_use():
    """Kernels of the OpenBLAS of NumPy and of SciPy, in lower case; none with another BLAS."""
    found = [library for library in threadpool_info() if library["internal_api"] == "openblas"]
    return {library["architecture"].lower() for library in found}


@pytest.mark.slow
@pytest.mark.parametrize("kernel", kernels())
def test_all_of_this_file_under(kernel):
    asked = {"OPENBLAS_CORETYPE": kernel, "BASEWISE_KERNEL": kernel, "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", __file__],
        env={**os.environ, **asked},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert " passed" in done.stdout


def test_the_kernel_asked_for_is_in_use():
    if ASKED:
        assert openblas_in_use() == {ASKED.lower()}
    elif openblas_in_use() and platform.machine() in ("x86_64", "AMD64", "aarch64"):
        assert kernels()


# The mixed model.

SEARCHED = 1e-5
"""Accuracy of a ratio whose likelihood is the highest.

A likelihood that is flat at its maximum, and rounded, shows where that is to the root of the
precision, 1e-8, times a few hundred for the width of the maximum.
"""


def of_alike(kind, size, rows):
    """A kernel of individuals that do not differ, its largest entry about `size`."""
    if kind == "zero":
        return np.zeros((rows, rows))
    if kind == "constant":
        return np.full((rows, rows), size / 3)
    # every entry is the same sum, added up in the order of its place in the matrix
    one = np.random.default_rng(rows).normal(size=(1, 1999)) * np.sqrt(size / 1999)
    factors = np.repeat(one, rows, axis=0)
    return factors @ np.asfortranarray(factors.T)


def response_of(rows, seed=1):
    return 2.5 + np.random.default_rng(seed).normal(size=rows)


def predicted(kernel, model):
    return model.mean + kernel @ model.weights


def differing(kind, rows=30):
    rng = np.random.default_rng(4)
    factors = rng.normal(size=(rows, 50))
    if kind == "rank one":
        factors = factors[:, :1] + 1
    if kind == "identical rows":
        factors = factors[rng.integers(4, size=rows)]
    if kind == "offset":
        factors = np.c_[factors, np.full(rows, 100.0)]
    return factors @ factors.T / factors.shape[1]


DIFFERING = ("full rank", "rank one", "identical rows", "offset")


@pytest.mark.parametrize("rows", [3, 10, 57])
@pytest.mark.parametrize("size", SCALES)
@pytest.mark.parametrize("kind", ["zero", "constant", "identical rows"])
def test_a_kernel_without_differences_predicts_the_mean(kind, size, rows):
    kernel = of_alike(kind, size, rows)
    spectrum = decompose(kernel)
    np.testing.assert_array_equal(spectrum.values, 0)
    basis = np.c_[np.full(rows, rows**-0.5), spectrum.vectors]
    np.testing.assert_allclose(basis.T @ basis, np.eye(rows), atol=1e-13)
    for scale in SCALES:
        response = scale * response_of(rows)
        model = fit_reml(kernel, response)
        mean = response.mean()
        np.testing.assert_allclose(predicted(kernel, model), mean, rtol=1e-13)
        assert model.heritability == 0
        assert model.error_variance == pytest.approx(response.var(ddof=1))
        assert model.log_likelihood == pytest.approx(
            -(rows - 1) / 2 * (np.log(2 * np.pi * response.var(ddof=1)) + 1)
        )


@pytest.mark.parametrize("value", [0.0, 7.0, 0.1, 0.1e-12, 1e12 / 3])
@pytest.mark.parametrize("kind", DIFFERING)
def test_a_constant_response_is_predicted_as_it_is(kind, value):
    kernel = differing(kind)
    model = fit_reml(kernel, np.full(len(kernel), value))
    assert not model.weights.any()
    assert (model.genetic_variance, model.error_variance) == (0, 0)
    np.testing.assert_allclose(predicted(kernel, model), value, rtol=1e-15)


@pytest.mark.parametrize("factor", [*SCALES, *POWERS])
@pytest.mark.parametrize("kind", DIFFERING)
def test_the_scale_of_a_kernel_does_not_matter(kind, factor):
    kernel, response = differing(kind), response_of(30)
    model, scaled = fit_reml(kernel, response), fit_reml(factor * kernel, response)
    expected = predicted(kernel, model)
    np.testing.assert_allclose(predicted(factor * kernel, scaled), expected, rtol=SEARCHED)
    assert scaled.log_likelihood == pytest.approx(model.log_likelihood, rel=1e-12)
    assert scaled.heritability == pytest.approx(model.heritability, rel=SEARCHED)
    assert scaled.error_variance == pytest.approx(model.error_variance, rel=SEARCHED)
    genetic = scaled.genetic_variance * factor
    assert genetic == pytest.approx(model.genetic_variance, rel=SEARCHED)


@pytest.mark.parametrize("factor", [*SCALES, *POWERS])
@pytest.mark.parametrize("kind", DIFFERING)
def test_the_scale_of_a_response_is_that_of_its_prediction(kind, factor):
    kernel, response = differing(kind), response_of(30)
    expected = factor * predicted(kernel, fit_reml(kernel, response))
    scaled = fit_reml(kernel, factor * response)
    np.testing.assert_allclose(predicted(kernel, scaled), expected, rtol=SEARCHED)


def test_identical_individuals_have_one_prediction():
    kernel = differing("identical rows")
    values = predicted(kernel, fit_reml(kernel, response_of(30)))
    _, line = np.unique(kernel.round(9), axis=0, return_inverse=True)
    assert line.max() == 3
    for number in range(4):
        np.testing.assert_allclose(values[line == number], values[line == number][0], rtol=1e-12)
    assert np.ptp(values) > 1e-3


@pytest.mark.parametrize("size", SCALES)
@pytest.mark.parametrize("slope", [0.5, 3.0])
def test_a_kernel_of_rank_one_shrinks_a_slope(size, slope):
    """The slope's square, less the error variance, is by REML what the genes explain of it."""
    factor = differing("rank one", 40)[0] * np.sqrt(size)
    along = (factor - factor.mean()) / np.linalg.norm(factor - factor.mean())
    rest = response_of(40)
    rest -= rest.mean() + along @ rest * along
    response = 5 + slope * along + rest
    error = rest @ rest / 38
    kernel = np.outer(factor, factor)
    model = fit_reml(kernel, response)
    assert 0.5**2 < error < 3.0**2
    if slope == 3:
        assert model.error_variance == pytest.approx(error, rel=SEARCHED)
        shrunken = 5 + (slope - error / slope) * along
        np.testing.assert_allclose(predicted(kernel, model), shrunken, rtol=SEARCHED)
    else:
        assert model.heritability < 1e-4
        np.testing.assert_allclose(predicted(kernel, model), 5, rtol=1e-4)


@pytest.mark.parametrize("seed", range(8))
def test_of_equally_likely_kernels_the_first_is_taken(seed):
    """Of two genotypes all Gaussian kernels are the same but for a factor and a constant."""
    rng = np.random.default_rng(seed)
    lines = rng.integers(0, 3, (2, 777))
    onehot = np.eye(4, dtype=np.uint8)[lines[np.arange(40) % 2]]
    among, _, _ = gaussian(relate(onehot, stages(PART)[1]))
    response = response_of(32, seed) + 2 * (np.arange(32) % 2)
    for bandwidths in ((0.1, 0.2, 0.5, 1, 2, 5), (5, 2, 1, 0.5, 0.2, 0.1)):
        (model,) = best_models((np.exp(-h * among) for h in bandwidths), response[:, None])
        assert model.kernel == 0


@pytest.mark.parametrize("size", SCALES)
@pytest.mark.parametrize("kind", DIFFERING)
def test_coordinates_have_the_products_and_the_rank_of_the_kernel(kind, size):
    kernel = size * differing(kind)
    found = kernel @ coordinates(kernel)
    rank = {"full rank": 30, "rank one": 1, "identical rows": 4, "offset": 30}[kind]
    assert found.shape[1] == rank
    np.testing.assert_allclose(found @ found.T, kernel, atol=1e-9 * kernel.max())
    np.testing.assert_array_equal(coordinates(0 * kernel), np.zeros((30, 1)))


# Baselines on genotypes.


def onehot_of(dosage):
    return np.eye(4, dtype=np.uint8)[dosage]


def genotypes_of(kind, markers=60):
    rng = np.random.default_rng(8)
    dosage = rng.integers(0, 3, (40, markers))
    if kind == "homozygous and alike":
        dosage = np.repeat(dosage[:1] // 2 * 2, 40, axis=0)
    if kind == "alike":
        dosage = np.repeat(dosage[:1], 40, axis=0)
    if kind == "two lines":
        dosage = dosage[np.arange(40) % 2]
    if kind == "one marker":
        dosage[:, 1:] = dosage[0, 1:]
    return dosage


def trait(seed=1):
    return (20 + 3 * np.random.default_rng(seed).normal(size=(40, 1))).astype(np.float32)


def scores(name, dosage, target):
    fitted = baselines.fit(
        name,
        onehot_of(dosage),
        target,
        PART,
        seed=1,
        task="regression",
        outputs=1,
        alphabet="genotype",
    )
    return fitted.score[24:, 0].astype(np.float64)


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("kind", ["alike", "homozygous and alike"])
@pytest.mark.parametrize("name", ["gblup", "gaussian_kernel", "bayes_ridge"])
def test_individuals_that_are_alike_get_the_mean(name, kind, scale):
    target = (scale * trait()).astype(np.float32)
    means = np.repeat([target[:24].mean(), target[:32].mean()], 8)
    np.testing.assert_allclose(scores(name, genotypes_of(kind), target), means, rtol=1e-6)


@pytest.mark.parametrize("value", [0, 0.1, 1e-12, 1e12])
@pytest.mark.parametrize("kind", ["alike", "two lines", "one marker", "many"])
@pytest.mark.parametrize("name", ["gblup", "gaussian_kernel", "bayes_ridge", "svr"])
def test_a_trait_without_differences_is_predicted_as_it_is(name, kind, value):
    target = np.full((40, 1), value, dtype=np.float32)
    np.testing.assert_allclose(scores(name, genotypes_of(kind), target), target[24:, 0], rtol=1e-6)


@pytest.mark.parametrize("kind", ["two lines", "one marker", "many"])
@pytest.mark.parametrize("name", ["gblup", "gaussian_kernel", "bayes_ridge", "svr"])
def test_constant_markers_and_the_unit_of_a_trait_change_nothing(name, kind):
    dosage, target = genotypes_of(kind), trait()
    expected = scores(name, dosage, target)
    assert np.isfinite(expected).all()
    constant = np.repeat([[0, 2, 2, 0]], 40, axis=0)
    np.testing.assert_allclose(scores(name, np.c_[constant, dosage], target), expected, rtol=1e-6)
    for factor in POWERS:
        scaled = scores(name, dosage, (factor * target).astype(np.float32))
        np.testing.assert_allclose(scaled, factor * expected, rtol=1e-6)


@pytest.mark.parametrize("name", ["gblup", "gaussian_kernel", "bayes_ridge", "svr"])
def test_copies_of_an_individual_get_one_score(name):
    found = scores(name, genotypes_of("two lines"), trait())
    for part in (found[:8], found[8:]):
        np.testing.assert_allclose(part, np.tile(part[:2], 4), rtol=1e-6)


# Ridge regression, and covariates.


def ridge_scores(features, target, penalties=(0.1, 10.0)):
    columns = sparse.csr_matrix(np.asarray(features, dtype=np.float32))
    values = np.asarray(target, dtype=np.float32).reshape(-1, 1)
    return ridge(columns, values, PART, penalties).score[:, 0].astype(np.float64)


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("value", [0.0, 0.25, 1.0])
def test_ridge_on_constant_columns_gives_the_mean_of_train(value, scale):
    target = scale * trait()[:, 0].astype(np.float64)
    found = ridge_scores(np.full((40, 7), value), target)
    np.testing.assert_allclose(found, target[:24].mean(), rtol=1e-6)
    varied = np.random.default_rng(3).integers(0, 2, (40, 7))
    np.testing.assert_allclose(ridge_scores(varied, np.full(40, scale / 3)), scale / 3, rtol=1e-6)


def test_ridge_takes_no_notice_of_constant_columns_and_of_units():
    features, target = np.random.default_rng(3).integers(0, 2, (40, 7)), trait()[:, 0]
    expected = ridge_scores(features, target)
    with_constant = np.c_[np.full((40, 3), [0, 0.25, 1]), features]
    np.testing.assert_allclose(ridge_scores(with_constant, target), expected, rtol=1e-5)
    for factor in POWERS:
        np.testing.assert_array_equal(ridge_scores(features, factor * target), factor * expected)


@pytest.mark.parametrize("copies", [1, 2, 5])
@pytest.mark.parametrize("penalty", [0.1, 10.0])
def test_ridge_on_copies_of_a_column_is_a_shrunken_slope(copies, penalty):
    column, target = np.arange(40) % 2, trait()[:, 0].astype(np.float64)
    x, y = column[:24] - column[:24].mean(), target[:24] - target[:24].mean()
    slope = x @ y / (x @ x + penalty / copies)
    expected = target[:24].mean() + slope * (column - column[:24].mean())
    found = ridge_scores(np.repeat(column[:, None], copies, axis=1), target, [penalty])
    np.testing.assert_allclose(found, expected, rtol=1e-6)


@pytest.mark.parametrize("value", ["0.1", "0.3", "1.7e-12", "1e12"])
@pytest.mark.parametrize("other", ["0.1", "0.7", "-1e12"])
def test_a_covariate_that_train_has_one_value_of_has_no_effect(value, other):
    """Nor where that is missing, or is another one in an individual that is only scored."""
    column = np.full(40, value, dtype=object)
    column[[3, 30]], column[35] = "NA", other
    rows, target, age = np.arange(24), trait(), np.arange(40).astype(str)
    alone = fixed_effects(pd.DataFrame({"x": column}), target, rows)
    np.testing.assert_array_equal(alone, 0)
    both = fixed_effects(pd.DataFrame({"x": column, "age": age}), target, rows)
    without = fixed_effects(pd.DataFrame({"age": age}), target, rows)
    np.testing.assert_allclose(both, without, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("value", ["0.1", "0.30001", "2.7", "1.3"])
@pytest.mark.parametrize("other", ["0.9", "3.7", "10.3"])
def test_a_covariate_without_differences_among_those_with_the_trait_has_no_effect(value, other):
    target = trait()
    target[:12] = np.nan
    column = np.where(np.arange(40) < 12, other, value)
    found = fixed_effects(pd.DataFrame({"x": column}), target, np.arange(24))
    np.testing.assert_array_equal(found, 0)


@pytest.mark.parametrize("factor", [*SCALES, *POWERS])
def test_the_unit_of_a_covariate_does_not_matter(factor):
    rng = np.random.default_rng(5)
    place, depth = rng.choice(["north", "south"], 40), rng.normal(size=40) * factor
    target = (np.where(place == "north", 4, 1) + 2 / factor * depth)[:, None].astype(np.float32)
    columns = pd.DataFrame({"place": place, "depth": depth.astype(str)})
    found = fixed_effects(columns, target, np.arange(24))
    np.testing.assert_allclose(target - found, target[:24].mean(), rtol=1e-5)


# Principal components.


class Dosages:
    """Genotypes in place of `shards.Tensors`."""

    def __init__(self, dosage):
        self.dosage, self.length = dosage, dosage.shape[1]

    def onehot(self, rows):
        return onehot_of(self.dosage[rows])


@pytest.mark.parametrize("variance", [0.5, 0.95, 1.0])
@pytest.mark.parametrize("shape", [(5, 20), (20, 5), (2, 2), (1, 4)])
def test_no_variation_has_no_component(shape, variance):
    found = principal_components(np.zeros(shape, dtype=np.float32), variance, 10)
    np.testing.assert_array_equal(found, np.zeros((shape[1], 1)))


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("variance", [0.95, 1.0])
@pytest.mark.parametrize("rank", [1, 3])
@pytest.mark.parametrize("shape", [(40, 1000), (300, 40), (30, 31)])
def test_there_are_as_many_components_as_dimensions(shape, rank, variance, scale):
    """A thousand markers of a few lines: in single precision there is always some noise beside."""
    rng = np.random.default_rng(6)
    lines = rng.normal(size=(rank + 1, shape[1]))
    lines[:, 7] = 1
    values = lines[rng.integers(rank + 1, size=shape[0])]
    values = (scale * (values - values.mean(axis=0))).astype(np.float32)
    found = principal_components(values, variance, 99).astype(np.float64)
    assert found.shape[1] == (rank if variance == 1 else min(rank, found.shape[1]))
    np.testing.assert_allclose(found.T @ found, np.eye(found.shape[1]), atol=1e-4)
    np.testing.assert_allclose(found[7], 0, atol=1e-6)
    if variance == 1:
        back = values @ found @ found.T
        np.testing.assert_allclose(back, values, atol=1e-4 * np.abs(values).max())


@pytest.mark.parametrize("scaling", ["together", "each"])
@pytest.mark.parametrize("kind", ["alike", "two lines", "one marker", "many"])
def test_what_a_network_reads_of_markers_is_a_number(kind, scaling):
    dosage = genotypes_of(kind)
    settings = {"input": "components", "variance": 1, "components": 50, "scaling": scaling}
    stage = fit_features(Dosages(dosage), np.arange(24), settings)
    centered = (dosage[:24] - stage["mean"]) / np.sqrt(stage["variance"])
    read = centered @ stage["components"]
    rank = {"alike": 1, "two lines": 1, "one marker": 1, "many": 23}[kind]
    assert read.shape == (24, rank)
    assert np.isfinite(read).all()
    if kind == "alike":
        np.testing.assert_array_equal(stage["components"], 0)
        np.testing.assert_array_equal(stage["variance"], 1)
    else:
        assert read.var(axis=0).mean() == pytest.approx(1, rel=1e-4)
    if scaling == "each":
        constant = np.ptp(dosage[:24], axis=0) == 0
        np.testing.assert_array_equal(stage["variance"][constant], 1)


# Markers and individuals.


def file_of(letters):
    individuals, markers = map(np.arange, letters.shape)
    return Genotypes(
        letters,
        pd.DataFrame({"id": individuals.astype(str), "line": individuals, "group": None}),
        pd.DataFrame(
            {"marker": markers.astype(str), "chrom": None, "position": None, "line": markers}
        ),
        pd.DataFrame(columns=["marker", "source", "line", "reason"]),
    )


def pruned(dosage, r2, window=100):
    letters = (dosage + ord("0")).astype(np.uint8)
    found = filter_markers(file_of(letters), "x", ld={"r2": r2, "window": window})
    return found.genotypes.markers["line"].tolist()


@pytest.mark.parametrize("individuals", [3, 40, 1001])
@pytest.mark.parametrize("r2", [0.1, 0.9, 0.999999])
def test_one_of_identical_markers_is_kept_and_all_that_do_not_vary(individuals, r2):
    one = np.resize([0, 1, 2, 1, 1, 0, 2], individuals)
    constant = np.ones_like(one)
    assert pruned(np.c_[one, one, 2 - one, one], r2) == [0]
    assert pruned(np.c_[constant, one, 0 * one, one, 2 * constant, constant], r2) == [0, 1, 2, 4, 5]


@pytest.mark.parametrize("times", [1, 5, 7, 49, 512])
def test_a_marker_at_the_very_setting_is_kept_however_many_individuals(times):
    """A squared correlation of 1 / 4, of means that are thirds; and of 1."""
    one, other = [1, 1, 1, 0, 0, 0, 0, 0, 0], [1, 1, 0, 1, 0, 0, 0, 0, 0]
    pair = np.repeat(np.c_[one, other], times, axis=0)
    assert np.corrcoef(pair.T)[0, 1] == pytest.approx(0.5)
    assert pruned(pair, 0.25) == [0, 1]
    assert pruned(pair, 0.2499) == [0]
    assert pruned(np.c_[pair, pair, 2 - pair], 1.0) == [0, 1, 2, 3, 4, 5]


def test_relatedness_of_copies_and_of_those_who_share_just_enough():
    one = letters_of(["0120" * 5])
    other = one.copy()
    other[0, 0] = ord("2")
    unknown, few = np.full_like(one, ord(".")), one.copy()
    few[0, 9:] = ord(".")  # known at too few markers to be compared
    letters = np.concatenate([one, other, one, unknown, unknown, few])
    everyone = np.arange(6)
    shares = similarity_matrix(letters, everyone, everyone)
    expected = np.zeros((6, 6))
    expected[:3, :3] = [[1, 0.95, 1], [0.95, 1, 0.95], [1, 0.95, 1]]
    np.testing.assert_array_equal(shares, expected)
    assert clusters(letters, 0.95).tolist() == [0, 0, 0, 1, 1, 2]
    assert clusters(letters, 0.951).tolist() == [0, 1, 0, 2, 2, 3]
    assert nearest(letters, everyone[1:2], everyone[3:], 0.95).row.tolist() == [-1]


@pytest.mark.parametrize("markers", [10, 1999])
def test_individuals_that_are_alike_are_one_cluster(markers):
    letters = np.repeat(letters_of(["01" * markers]), 30, axis=0)
    np.testing.assert_array_equal(similarity_matrix(letters, np.arange(30), np.arange(30)), 1)
    assert not clusters(letters, 1.0).any()


# Calibration.


@pytest.mark.parametrize("score", [0.0, 1e-12, 0.3, 0.5, 0.9, 1 - 1e-12, 1.0])
@pytest.mark.parametrize("positives", [1, 13, 24, 39])
def test_one_score_of_all_is_calibrated_to_their_share(score, positives):
    target, share = (np.arange(40) < positives).astype(np.int64), positives / 40
    given = np.full(40, score)
    found = fit_calibrator(target, given)
    np.testing.assert_allclose(apply_isotonic(given, found.steps), share, rtol=1e-12)
    cooled = apply_temperature(given, found.temperature)
    if score == 0.5:
        assert found.temperature == 1
        np.testing.assert_array_equal(cooled, 0.5)
    kept = special.logit(np.clip(score, 1e-7, 1 - 1e-7))
    if kept * special.logit(share) > 0:  # else no temperature leads to the other side of a half
        expected = np.clip(kept / special.logit(share), 0.01, 100)
        assert found.temperature == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize("classes", [2, 3, 7])
def test_classes_that_are_always_equally_probable_need_no_temperature(classes):
    target = np.arange(40) ** 2 % classes
    given = np.full((40, classes), 1 / classes)
    found = fit_calibrator(target, given)
    assert found.temperature == 1
    shares = np.clip(np.bincount(target, minlength=classes) / 40, 1 / 42, 41 / 42)
    np.testing.assert_allclose(
        apply_isotonic(given, found.steps), np.tile(shares / shares.sum(), (40, 1)), rtol=1e-12
    )


@pytest.mark.parametrize("scale", [1e-9, 1e-3, 1])
def test_two_scores_are_calibrated_to_two_shares(scale):
    target = np.repeat([0, 1, 0, 1], [12, 4, 6, 18])
    given = scale * np.repeat([0.2, 0.6], [16, 24])
    found = fit_calibrator(target, given)
    np.testing.assert_allclose(
        apply_isotonic(given, found.steps), np.repeat([0.25, 0.75], [16, 24]), rtol=1e-12
    )


def test_classes_told_apart_without_a_mistake_stay_finite():
    target = np.arange(40) % 2
    found = fit_calibrator(target, target.astype(np.float64))
    np.testing.assert_allclose(apply_isotonic(target * 1.0, found.steps)[:2], [1 / 42, 41 / 42])
    np.testing.assert_allclose(
        apply_temperature(target * 1.0, found.temperature), target, rtol=0, atol=1e-7
    )


# Measures, and what is concluded from them.


@pytest.mark.parametrize("factor", [*SCALES, *POWERS])
def test_the_unit_of_a_trait_is_that_of_its_errors_alone(factor):
    rng = np.random.default_rng(7)
    target = rng.normal(size=50)
    score = target + rng.normal(size=50)
    once = value_metrics(target, score)
    scaled = value_metrics(factor * target, factor * score)
    weighted = weighted_value_metrics(factor * target, factor * score, np.ones((1, 50)))
    for name, value in once.items():
        expected = value * (factor if name in ("rmse", "mae") else 1)
        assert scaled[name] == pytest.approx(expected, rel=1e-9)
        assert weighted[name][0] == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("offset", [2.0**30, -1e12])
def test_an_offset_of_truth_and_prediction_changes_no_measure_of_any_resample(offset):
    rng = np.random.default_rng(7)
    target = rng.integers(-50, 50, 50) / 4  # of which no digit is lost
    score = target + rng.integers(-50, 50, 50) / 4
    weight = rng.multinomial(50, np.full(50, 0.02), size=20).astype(np.float64)
    moved = weighted_value_metrics(target + offset, score + offset, weight)
    for name, values in weighted_value_metrics(target, score, weight).items():
        np.testing.assert_allclose(moved[name], values, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("value", [0.1, 0.1e-12, 1e12 / 3])
def test_a_constant_correlates_with_nothing(value):
    constant, varied, ones = np.full(50, value), np.arange(50.0), np.ones((2, 50))
    for target, score in ((constant, varied), (varied, constant), (constant, constant)):
        once, weighted = value_metrics(target, score), weighted_value_metrics(target, score, ones)
        names = ["pearson", "spearman", "ndcg_10"] + ["r2"] * (target is constant)
        for name in names:
            assert once[name] == 0
            np.testing.assert_array_equal(weighted[name], 0)


def compared(of_folds, metric):
    rows = [
        ("d", model, fold, 1, "test", "y", name, value, np.nan, np.nan)
        for name, models in {"pearson": {"a": [0.5] * 5, "b": [0.4] * 5}, metric: of_folds}.items()
        for model, values in models.items()
        for fold, value in enumerate(values)
    ]
    table = pd.DataFrame(rows, columns=METRIC_COLUMNS)
    kinds = {"a": "network", "b": "network"}
    found = paired_tests(table, {}, {}, task="regression", kinds=kinds)
    return found[found["metric"] == metric].iloc[0]


@pytest.mark.parametrize("metric", ["rmse", "mae"])
def test_the_unit_of_an_error_does_not_decide_whether_two_models_differ(metric):
    errors = np.array([0.5, 0.4, 0.6, 0.3, 0.55])
    lower = errors - np.array([0.02, 0.04, 0.03, 0.05, 0.01])
    once = compared({"a": lower, "b": errors}, metric)
    assert once["p"] < 0.05
    for factor in SCALES:
        scaled = compared({"a": factor * lower, "b": factor * errors}, metric)
        assert scaled["p"] == pytest.approx(once["p"])
        assert scaled["difference"] == pytest.approx(factor * once["difference"])
        noise = compared({"a": factor * errors, "b": factor * errors * (1 + 1e-15)}, metric)
        assert noise[["difference", "low", "high", "p"]].tolist() == [0, 0, 0, 1]


@pytest.mark.parametrize("clusters", [7, 20])
def test_differences_that_cancel_in_each_cluster_are_none(clusters):
    """Shares of five seeds, whose sums are not 0 to the last digit."""
    difference, cluster = np.tile([0.2, 0.2, 0.2, -0.6], clusters), np.arange(4 * clusters) // 4
    weight = np.full(len(difference), 1 / len(difference))
    assert np.bincount(cluster, weight * difference).any()
    assert mcnemar_test(difference, weight, cluster) == (0, 0, 0, 1)
    assert mcnemar_test(0 * difference, weight, cluster) == (0, 0, 0, 1)


def test_errors_in_a_constant_output_are_taken_as_they_are():
    rows = pd.DataFrame(
        {
            **{"id": ["a", "b", "c"], "part": "test"},
            **{"target.x": [0.1, 0.1, 0.1], "score.x": [0.1, 0.6, 0.1]},
            **{"target.y": [0.0, 3.0, 6.0], "score.y": [9.0, 3.0, 6.0]},
        }
    )
    assert rows["target.x"].std(ddof=0) > 0
    places = {"chrom": None, "start": None, "end": None, "strand": ".", "source": "x", "line": 1}
    examples = rows[["id"]].assign(**places)
    letters = np.full((3, 2), ord("1"), dtype=np.uint8)
    piece = Piece(letters, rows[["target.x", "target.y"]].to_numpy(), rows["id"].tolist())
    what = {"task": "regression", "outputs": ["x", "y"], "alphabet": "genotype"}
    found = worst_errors([Run(0, 1, rows)], "regression", examples, pack_tensors([piece], **what))
    expected = {"a": 9 / np.std([0, 3, 6]) / 2, "b": 0.25, "c": 0}
    assert found.set_index("id")["loss"].to_dict() == pytest.approx(expected)


@pytest.mark.parametrize("scale", SCALES)
def test_one_score_for_all_is_told_from_many_in_any_unit(scale):
    target = scale * trait()
    history = pd.DataFrame({"epoch": [1, 2], "loss": 1.0, "val_loss": 1.0})
    rows = np.arange(24), np.arange(24, 32)

    def warned(score):
        found = warnings_of(history, 10, 1, target, *rows, score.astype(np.float32), "regression")
        return any("every example the same score" in line for line in found)

    assert not warned(target[24:32])
    assert warned(np.full((8, 1), target.mean()))
