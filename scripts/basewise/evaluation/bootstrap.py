"""The uncertainty of a measure: resamples of the examples, and intervals from them.

B. Efron, R. Tibshirani, "An Introduction to the Bootstrap", 1993. Where examples are related, whole
groups are drawn: A. Davison, D. Hinkley, "Bootstrap Methods and their Application", 1997, 3.8.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy import special

from basewise.core.arrays import Floats, Integers, mean_defined

RESAMPLES = 1000

LEVELS = (0.025, 0.975)

CHUNK = 2_000_000
"""Weights held in memory at a time."""


Name = TypeVar("Name", bound=Hashable)


class RunInterval(NamedTuple):
    """A 95 % interval of a mean over runs, its standard error and the degrees of freedom."""

    low: float
    high: float
    se: float
    df: float


def draw_weights(
    strata: NDArray[Any],
    generator: np.random.Generator,
    *,
    groups: Integers | None = None,
    resamples: int = RESAMPLES,
) -> Iterator[Floats]:
    """Draw resamples with replacement, some at a time.

    Parameters
    ----------
    strata
        Stratum of each example, shape (n,): every resample has as many of each as the data. All
        the same for a plain bootstrap.
    generator
        Draws them; equal strata, groups and generators give equal resamples.
    groups
        Number of the group of each example, from 0, shape (n,): whole groups are drawn in place of
        examples, and strata do not count.

    Yields
    ------
    Copies of each example, shape (r, n); r adds up to `resamples`.
    """
    units = strata if groups is None else np.zeros(int(groups.max()) + 1)
    step = max(1, CHUNK // len(strata))
    for start in range(0, resamples, step):
        copies = _copies(units, min(step, resamples - start), generator)
        yield copies if groups is None else copies[:, groups]


def replicate(
    measure: Callable[[Floats], Mapping[Name, Floats]], weights: Iterable[Floats]
) -> dict[Name, Floats]:
    """Measures of every resample of `draw_weights`.

    `measure` goes from the copies of each example, shape (r, n), to values of shape (r,).
    """
    pieces: dict[Name, list[Floats]] = {}
    for weight in weights:
        for name, values in measure(weight).items():
            pieces.setdefault(name, []).append(values)
    return {name: np.concatenate(values) for name, values in pieces.items()}


def percentile_interval(replicates: Floats) -> tuple[float, float]:
    """95 % interval of a measure from its replicates, without those that are NaN."""
    low, high = np.nanquantile(replicates, LEVELS)
    return float(low), float(high)


def mean_of_runs(replicates: Floats) -> Floats:
    """Mean over folds and seeds of each resample, without runs that lack the measure in it.

    From shape (folds, seeds, resamples).
    """
    return mean_defined(replicates.reshape(-1, replicates.shape[-1]).T)


def interval_over_runs(values: Floats, replicates: Floats, df: float = np.inf) -> RunInterval:
    """95 % interval of the mean over the runs of a cross-validation, for the next fold and seed.

    The examples' part is the bootstrap distribution of the mean: the seeds of a fold share their
    resamples, folds are independent. The part of training is the variance of the runs (the means
    of the folds, or of a single fold the seeds) beyond what the resamples explain, divided by their
    number. Each bound is as far from the mean as the percentile and the standard error of training
    make it, with the t quantile of Satterthwaite's degrees of freedom (Biometrics Bulletin 2:110,
    1946). Of a single run, without `df`, it is the plain percentile interval. Training parts of
    different folds overlap, which no variance between folds shows (Bengio and Grandvalet, J. Mach.
    Learn. Res. 5:1089, 2004).

    Parameters
    ----------
    values
        Shape (folds, seeds).
    replicates
        Shape (folds, seeds, resamples); NaN counts for nothing.
    df
        Degrees of freedom of the bootstrap's standard error.
    """
    value, of_mean = float(values.mean()), mean_of_runs(replicates)
    of_examples, of_training = float(np.nanvar(of_mean)), 0.0
    parts = [of_examples**2 / df]
    if values.size > 1:
        # Folds differ in their examples too, seeds in the training alone.
        several = len(values) > 1
        runs = values.mean(axis=1) if several else values[0]
        of_runs = replicates.mean(axis=1) if several else replicates[0]
        of_training = _excess(runs, of_runs) / len(runs)
        if of_training:
            parts.append((runs.var(ddof=1) / len(runs)) ** 2 / (len(runs) - 1))

    se = float(np.sqrt(of_examples + of_training))
    df = se**4 / sum(parts) if any(parts) else np.inf
    quantile = float(special.stdtrit(df, LEVELS[1]))
    # Percentiles keep the skew of the measure. They are not BCa: its acceleration needs every
    # measure anew without each example, and `bounds` mends what percentiles lack.
    below, above = np.abs(np.array(percentile_interval(of_mean)) - value) / special.ndtri(LEVELS[1])
    low = value - quantile * float(np.hypot(below, np.sqrt(of_training)))
    high = value + quantile * float(np.hypot(above, np.sqrt(of_training)))

    return RunInterval(low, high, se, df)


def _excess(runs: Floats, replicates: Floats) -> float:
    """Variance of k runs beyond that of their resamples, (k, r), around the mean of the runs."""
    # Runs differ by their examples as well, as much as their resamples do: that is no excess.
    apart = np.nanvar(replicates - mean_of_runs(replicates[:, None]), axis=1).mean()
    return max(0.0, float(runs.var(ddof=1) - apart * len(runs) / (len(runs) - 1)))


def _copies(strata: NDArray[Any], resamples: int, generator: np.random.Generator) -> Floats:
    """How often each unit is drawn, shape (resamples, units)."""
    copies = np.empty((resamples, len(strata)))
    # Within strata, so that no resample lacks a class and the measures stay defined.
    for stratum in np.unique(strata):
        rows = np.flatnonzero(strata == stratum)
        drawn = generator.integers(len(rows), size=(resamples, len(rows)))
        # Each resample has a range of numbers of its own, so that one count serves them all.
        drawn += np.arange(resamples)[:, None] * len(rows)
        counts = np.bincount(drawn.ravel(), minlength=drawn.size)
        copies[:, rows] = counts.reshape(drawn.shape)

    return copies
