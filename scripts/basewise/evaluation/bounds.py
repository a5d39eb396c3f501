"""The 95 % interval of a measure, from its bootstrap standard error, on the scale that suits it.

Percentiles of the resamples are too narrow where examples of a class are few or a measure is close
to its limit. The standard error of the resamples, on a scale without limits and with a t quantile,
holds its 95 % in simulation, and the bounds never leave the range of the measure.
"""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from scipy import special

from basewise.core.arrays import ROUNDING, Floats

LEVEL = 0.975

FEWEST_UNITS = 5
"""Fewer are taken for as many, where degrees of freedom are counted."""


DECORATION = re.compile(r"^(macro|micro|weighted)_|_at_\w+$|_(temperature|isotonic|log1p|log10)$")


class Scale(NamedTuple):
    """A scale without limits, the slope of the way to it, and the way back."""

    to: Callable[[Any], Any]
    slope: Callable[[Any], Any]
    back: Callable[[Any], Any]
    limits: tuple[float, float]


SHARE = Scale(special.logit, lambda x: 1 / (x * (1 - x)), special.expit, (0, 1))

CORRELATION = Scale(np.arctanh, lambda x: 1 / (1 - x**2), np.tanh, (-1, 1))

ERROR = Scale(np.log, lambda x: 1 / x, np.exp, (0, np.inf))

BELOW_ONE = Scale(
    lambda x: -np.log1p(-x), lambda x: 1 / (1 - x), lambda x: -np.expm1(-x), (-np.inf, 1)
)

SCALES = {
    **dict.fromkeys(("mcc", "pearson", "spearman"), CORRELATION),
    **dict.fromkeys(("brier", "log_loss", "rmse", "mae"), ERROR),
    **dict.fromkeys(("r2", "ndcg"), BELOW_ONE),
}
"""By measure; all others are shares."""


def degrees_of_freedom(units: int) -> int:
    """Degrees of freedom of a standard error from this many units of the rarest kind."""
    return max(units, FEWEST_UNITS) - 1


def snapped(metric: str, value: float) -> float:
    """A share or correlation, the limit itself where it is one but for rounding."""
    limits = _scale(metric).limits
    if np.isfinite(limits).all():
        return next((float(limit) for limit in limits if abs(value - limit) <= ROUNDING), value)
    return value


def measure_bounds(
    metric: str, value: float, replicates: Floats, se: float, df: float, units: int
) -> tuple[float, float]:
    """Lower and upper bound of the 95 % interval of a measure.

    Parameters
    ----------
    metric
        Name of the measure: it says on which scale the interval is symmetric. Shares (accuracy,
        areas, ...) on the logit (Boyd et al. 2013), correlations on Fisher's z, errors on the
        logarithm, r2 and ndcg on the logarithm of their distance from 1.
    replicates
        Of resamples, shape (r,). Only the calibration error reads them: it is too high on average,
        by as much as its resamples are above it, so their percentiles are reflected about the
        value, and the lower bound is moved down by that bias again, since it grows as the error
        shrinks.
    se, df
        Standard error of the value and its degrees of freedom.
    units
        Number of examples (or groups, or sequences) of the rarest kind. A share of 0 or 1, of which
        no resample tells an uncertainty, has the bound of a binomial of as many trials; so has a
        correlation of -1 or 1, on its own range.

    Notes
    -----
    K. Boyd, K. Eng, C. Page, "Area under the precision-recall curve: point estimates and confidence
    intervals", ECML PKDD, 2013. C. Clopper, E. Pearson, Biometrika 26:404, 1934.
    """
    reach = float(special.stdtrit(df, LEVEL)) * se
    if _plain_name(metric) == "ece":
        return _reflected(value, replicates, reach)
    scale, value = _scale(metric), snapped(metric, value)
    if not scale.limits[0] < value < scale.limits[1]:
        return _at_limit(value, units, scale.limits)

    # The delta method: an error grows on the scale as the scale is steep.
    middle, reach = scale.to(value), reach * scale.slope(value)
    return float(scale.back(middle - reach)), float(scale.back(middle + reach))


def _plain_name(metric: str) -> str:
    """The measure without what it is an average of, of which scores, or at which threshold."""
    plain = DECORATION.sub("", metric)
    return "ndcg" if plain.startswith("ndcg_") else plain


def _scale(metric: str) -> Scale:
    return SCALES.get(_plain_name(metric), SHARE)


def _at_limit(value: float, units: int, limits: tuple[float, float]) -> tuple[float, float]:
    """Binomial bound, stretched to the range of the measure; none where that has no end."""
    low, high = limits
    if not np.isfinite(high - low):
        return value, value
    # Clopper and Pearson where all trials end alike: (1 - p)^units is the level.
    reach = (high - low) * float(1 - (1 - LEVEL) ** (1 / max(units, 1)))
    return (high - reach, high) if value == high else (low, low + reach)


def _reflected(value: float, replicates: Floats, reach: float) -> tuple[float, float]:
    spread = float(np.nanstd(replicates))
    stretch = reach / (special.ndtri(LEVEL) * spread) if spread else 1.0
    below, above = np.nanquantile(replicates, (1 - LEVEL, LEVEL)) - value

    # The basic bootstrap: resamples are as far above the value as it is above the truth.
    low = value - stretch * above - (np.nanmean(replicates) - value)
    return float(max(0, min(low, value))), float(max(value - stretch * below, value))
