"""What covariates say about the traits, taken off before a model learns and added to its scores."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.linear_model import LinearRegression

from basewise.tables import covariate_columns

__all__ = ["fixed_effects", "read_covariates"]

MISSING = ("", "NA", "NaN", "nan")


def read_covariates(path: str | Path) -> pd.DataFrame:
    """The covariates of the examples of a file, as text."""
    examples = pd.read_parquet(path)
    return examples[covariate_columns(examples)]


def fixed_effects(
    covariates: pd.DataFrame, target: NDArray[np.float32], train: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Least squares of each trait on the covariates, from training rows alone.

    A column whose known values are all numbers counts as a number, any other as classes. A missing
    number is the training mean; a missing class, or one that training rows lack, has no effect of
    its own.

    Parameters
    ----------
    covariates
        Text columns, n rows.
    target
        Shape (n, traits), NaN where missing.
    train
        Rows to learn from.

    Returns
    -------
    float32, shape (n, traits)
        What the covariates add to the mean of the training rows.
    """
    columns = [_design(covariates[name], train) for name in covariates]
    design = np.concatenate(columns, axis=1)
    design -= design[train].mean(axis=0)
    effects = np.zeros(target.shape, dtype=np.float32)
    for trait in range(target.shape[1]):
        known = train[np.isfinite(target[train, trait])]
        shown = design[known]
        # equal values less their mean are rounding, which a coefficient without bound would fit
        constant = np.ptp(shown, axis=0) == 0
        shown[:, constant] = 0
        model = LinearRegression().fit(shown, target[known, trait].astype(np.float64))
        effects[:, trait] = design @ np.where(constant, 0, model.coef_)
    return effects


def _design(values: pd.Series, train: NDArray[np.int64]) -> NDArray[np.float64]:
    """Columns of numbers for one covariate, shape (n, columns)."""
    known = values.mask(values.isin(MISSING))
    numbers = pd.to_numeric(known, errors="coerce").to_numpy(dtype=np.float64)
    if np.isfinite(numbers[known.notna()]).all():
        seen = numbers[train][np.isfinite(numbers[train])]
        spread = np.ptp(seen) if len(seen) else 0.0
        if spread == 0:  # nothing to learn from; a mean that is rounded would differ from the rest
            return np.zeros((len(numbers), 1))
        # least squares takes what is small beside the largest column for rounding, so all are of
        # the size of a class; by a power of two, which loses no digit
        unit = np.exp2(np.floor(np.log2(spread)))
        filled: NDArray[np.float64] = np.where(np.isfinite(numbers), numbers, seen.mean()) / unit
        return filled[:, None]
    classes = np.array(sorted(known.iloc[train].dropna().unique()), dtype=object)
    return np.asarray(known.to_numpy(dtype=object)[:, None] == classes, dtype=np.float64)
