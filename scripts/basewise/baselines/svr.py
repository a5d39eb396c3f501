"""Support vector regression with a Gaussian kernel of all markers."""

from itertools import product
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.svm import SVR

from basewise.baselines import Baseline, Data
from basewise.baselines.kernels import Dual, Related, gaussian, gaussian_scores, relate
from basewise.baselines.stages import fit_stages, known_rows, stages
from basewise.baselines.stored import stored_machines
from basewise.core.arrays import Floats

BANDWIDTHS = (0.2, 0.5, 1.0, 2.0)
COSTS = (0.1, 0.3, 1.0, 3.0, 10.0)
TUBE = 0.1
"""Errors that cost nothing, in standard deviations of the fitted values."""


class Setting(NamedTuple):
    """Bandwidth of the kernel, and scikit-learn's C on values of standard deviation 1."""

    bandwidth: float
    cost: float


def svr(data: Data) -> Baseline:
    """Fit a machine for each output, in two fits, see `stages`.

    The kernel is that of `kernel_models.gaussian_kernel`. Bandwidth and C of each output are
    those with the lowest squared error on validation.
    """
    related = [relate(data.onehot, stage) for stage in stages(data.part)]
    chosen = [_best(related[0], data.target, output) for output in range(data.outputs)]
    bandwidths = np.array([setting.bandwidth for setting in chosen])

    def fit_one(one: Related) -> tuple[Any, Floats]:
        among, others, scale = gaussian(one)
        fits = [
            _fitted(among, data.target[one.known, output], setting)
            for output, setting in enumerate(chosen)
        ]
        dual = Dual(
            np.hstack([fit.weights for fit in fits]), np.hstack([fit.intercepts for fit in fits])
        )
        estimator = stored_machines(data.onehot, one, dual, bandwidths / scale)
        return estimator, gaussian_scores(others, bandwidths, dual)

    estimator, score = fit_stages(fit_one, related, data)
    vectors = sum(int(np.count_nonzero(one.dual_coef_)) for one in estimator["machines"])
    return Baseline(estimator, score, parameters=vectors + data.outputs)


def _best(one: Related, target: NDArray[np.float32], output: int) -> Setting:
    """What predicts the validation part best when it is fitted on train."""
    known_rows(target, one.known, output)
    shown = np.isin(one.scored, known_rows(target, one.scored, output, fewest=1))
    truth = target[one.scored[shown], output]
    among, others, _ = gaussian(one)

    def error(setting: Setting) -> float:
        fit = _fitted(among, target[one.known, output], setting)
        score = gaussian_scores(others[shown], np.array([setting.bandwidth]), fit)[:, 0]
        return float(np.square(score - truth).mean())

    settings = [Setting(*pair) for pair in product(BANDWIDTHS, COSTS)]
    errors = [error(setting) for setting in settings]
    best = settings[int(np.argmin(errors))]
    print(
        f"Bandwidth {best.bandwidth:g}, C = {best.cost:g}, "
        f"squared error on validation {min(errors):.4g}"
    )
    return best


def _fitted(among: Floats, values: NDArray[np.float32], setting: Setting) -> Dual:
    """Fit one output on the individuals whose value is known; the others have the weight 0."""
    known = ~np.isnan(values)
    kernel = np.exp(-setting.bandwidth * among[np.ix_(known, known)])
    shown = values[known].astype(np.float64)
    center, spread = shown.mean(), float(shown.std()) if np.ptp(shown) else 1.0
    machine = SVR(kernel="precomputed", C=setting.cost, epsilon=TUBE)
    machine.fit(kernel, (shown - center) / spread)
    weights = np.zeros((len(values), 1))
    weights[np.flatnonzero(known)[machine.support_], 0] = machine.dual_coef_[0] * spread

    return Dual(weights, machine.intercept_ * spread + center)
