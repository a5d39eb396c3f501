"""Scales on which the targets of a regression are learned, and what covariates explain of them.

A target that is not known is NaN, on every scale.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from basewise.core.errors import InputError
from basewise.core.missing import remedy_for, without_missing
from basewise.store.tables import covariate_columns, read_examples

TRANSFORMS = ("none", "log1p", "log10", "zscore")

MOST_LEVELS = 20
"""Classes that a covariate may have in a table of any size."""

LOWER_BOUNDS = {"log1p": -1.0, "log10": 0.0}

LOGARITHMS = {"log1p": np.log1p, "log10": np.log10}


class Transform(NamedTuple):
    """A fitted scale, one of `TRANSFORMS`.

    `mean` and `scale` are of each output, float64, shape (outputs,); 0 and 1 but for ``zscore``.
    """

    name: str
    mean: NDArray[np.float64]
    scale: NDArray[np.float64]

    def as_json(self) -> dict[str, Any]:
        """As the record of a run holds it, see `from_json`."""
        return {"name": self.name, "mean": self.mean.tolist(), "scale": self.scale.tolist()}

    @classmethod
    def from_json(cls, entries: Mapping[str, Any]) -> Transform:
        """Undo `as_json`."""
        return cls(entries["name"], np.array(entries["mean"]), np.array(entries["scale"]))

    def forward(self, values: NDArray[Any]) -> NDArray[np.float32]:
        """From the target's own unit to the network's scale, shape (n, outputs).

        Raises
        ------
        InputError
            For a value that a logarithm is not defined for.
        """
        _refuse_undefined(self.name, values)
        exact = np.asarray(values, dtype=np.float64)
        if self.name in LOGARITHMS:
            exact = LOGARITHMS[self.name](exact)
        return ((exact - self.mean) / self.scale).astype(np.float32)

    def inverse(self, values: NDArray[Any]) -> NDArray[np.float32]:
        """Undo `forward`; what is too large for a float32 becomes infinite."""
        with np.errstate(over="ignore"):
            return self.exact_inverse(values).astype(np.float32)

    def exact_inverse(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """The same as it is computed, in float64."""
        exact = np.asarray(values, dtype=np.float64) * self.scale + self.mean
        with np.errstate(over="ignore"):
            if self.name == "log1p":
                exact = np.expm1(exact)
            elif self.name == "log10":
                exact = np.power(10.0, exact)
        return exact


def fit_transform(name: str, values: NDArray[Any]) -> Transform:
    """Fit a scale to the targets of the train part, shape (n, outputs), NaN where one is not known.

    ``none``; ``log1p``: ln(1 + y); ``log10``; ``zscore``: minus the mean, divided by the population
    standard deviation.

    Raises
    ------
    InputError
        For an unknown name, a value that a logarithm is not defined for, a target that no example
        has, or, with ``zscore``, one that is the same in all examples.
    """
    if name not in TRANSFORMS:
        raise InputError(f"unknown transform {name!r}; there are {', '.join(TRANSFORMS)}")

    _refuse_undefined(name, values)
    exact = np.asarray(values, dtype=np.float64)
    outputs = exact.shape[1]
    unknown = np.isnan(exact).all(axis=0)
    if unknown.any():
        raise InputError(
            f"target {int(unknown.argmax()) + 1} of {outputs} is missing in all examples of the "
            "train part; leave it out, or train on other examples"
        )

    if name != "zscore":
        return Transform(name, np.zeros(outputs), np.ones(outputs))

    lowest = np.nanmin(exact, axis=0)
    constant = np.nanmax(exact, axis=0) == lowest
    if constant.any():
        first = int(constant.argmax())
        raise InputError(
            f"target {first + 1} of {outputs} is {lowest[first]:g} in all examples of the "
            "train part, so zscore cannot scale it; leave it out or set `transform: none`"
        )

    return Transform(name, np.nanmean(exact, axis=0), np.nanstd(exact, axis=0))


def logarithms(name: str, values: NDArray[Any]) -> NDArray[np.float64]:
    """Numbers on the scale of a transform, one of `LOGARITHMS`; NaN stays.

    A prediction outside its domain counts as the nearest inside that a float32 can be.
    """
    lowest = np.nextafter(np.float32(LOWER_BOUNDS[name]), np.float32(np.inf))
    inside = np.clip(np.asarray(values, dtype=np.float64), lowest, np.finfo(np.float32).max)
    scaled: NDArray[np.float64] = LOGARITHMS[name](inside)
    return scaled


MOST_LOST = 1e-4
"""Of a target's standard deviation; a correlation changes by the square of it."""


def loses_digits(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Where a target is not what is stored of it, measured by how far targets lie apart.

    Targets have the seven digits of a float32. Numbers such as 20230715.5 or 1e9 + 1.5 differ in
    digits behind these, and become the same.
    """
    with np.errstate(over="ignore"):
        stored = values.astype(np.float32).astype(np.float64)
    known = values[~np.isnan(values)]
    largest = np.abs(known).max(initial=1.0)
    # one value alone differs from nothing, and a square of 1e200 is infinite
    varies = len(np.unique(known)) > 1
    most = MOST_LOST * largest * (known / largest).std() if varies else np.inf
    lost: NDArray[np.bool_] = (np.abs(stored - values) > most) | np.isinf(stored)
    return lost


class LearnedTargets(NamedTuple):
    """The targets of a dataset as a model learns them, without what covariates explain.

    `target` and `fixed`, what these explain, have the shape (n, outputs) and are on `scale`.
    """

    target: NDArray[np.float32]
    scale: Transform
    fixed: NDArray[np.float32]

    def in_unit(self, score: NDArray[Any], rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """What a model says of some rows, in the target's own unit, shape (rows, outputs)."""
        return self.scale.inverse(score + self.fixed[rows])


def learn_targets(
    target: NDArray[Any],
    train: NDArray[np.int64],
    transform: str,
    covariates: pd.DataFrame | None = None,
) -> LearnedTargets:
    """Scale the targets of a regression and take off what covariates explain, from train alone.

    Targets are in their own unit, shape (n, outputs), NaN where one is not known; `train` are rows.

    Raises
    ------
    InputError
        As `fit_transform`, and for any value that a logarithm is not defined for.
    """
    scale = fit_transform(transform, target[train])
    scaled = scale.forward(target)
    fixed = np.zeros_like(scaled)
    if covariates is not None:
        fixed = fixed_effects(covariates, scaled, train)
    return LearnedTargets(scaled - fixed, scale, fixed)


def check_domain(name: str, values: NDArray[Any]) -> NDArray[np.bool_]:
    """Which values a transform is not defined for, in the shape of `values`.

    ``log1p`` needs values above -1 and ``log10`` above 0; the others take any number, and all of
    them take NaN.
    """
    if name not in LOWER_BOUNDS:
        return np.zeros(np.shape(values), dtype=np.bool_)
    bad: NDArray[np.bool_] = np.asarray(values) <= LOWER_BOUNDS[name]
    return bad


def _refuse_undefined(name: str, values: NDArray[Any]) -> None:
    bad = check_domain(name, values)
    if bad.any():
        raise InputError(
            f"{name} is not defined for the target {values[bad][0]:g}, it needs numbers above "
            f"{LOWER_BOUNDS[name]:g}; set another `transform`"
        )


def read_covariates(path: str | Path, ids: ArrayLike) -> pd.DataFrame:
    """The covariates of the examples of a file, as text, see `tables.read_examples`."""
    examples = read_examples(path, ids)
    return examples[covariate_columns(examples)]


def is_numeric(values: pd.Series) -> bool:
    """Whether a covariate is a number: all that is known of it, at least one value, is."""
    known = pd.to_numeric(values.dropna(), errors="coerce")
    return bool(len(known) and np.isfinite(known).all())


def check_covariates(table: pd.DataFrame) -> None:
    """Refuse a covariate that is neither a number nor a class, with the line of the table.

    Of the different values of a class less than half look like numbers, and there are at most
    `MOST_LEVELS`, or half as many as rows.

    Raises
    ------
    InputError
        For the first value that does not go with the others of its column.
    """
    for column in covariate_columns(table):
        known, title = table[column].dropna(), column.removeprefix("covariate.")
        if known.empty:
            continue
        if is_numeric(known):
            _check_digits(table, known)
            continue
        is_text = ~np.isfinite(pd.to_numeric(known, errors="coerce"))
        levels, texts = known.nunique(), known[is_text].nunique()
        first = known[is_text].iloc[0]
        if is_numeric(known.str.replace(",", ".", n=1)):
            problem = f"is no number; {remedy_for(first)}"
        elif 2 * texts <= levels:
            problem = (
                f"is no number, as {len(known) - is_text.sum():,} of {len(known):,} values are; "
                f"correct it, or {remedy_for(first)}; if the column holds classes, give "
                "each a name that is no number"
            )
        elif texts > max(MOST_LEVELS, len(known) / 2):
            problem = (
                f"is one of {texts:,} different texts in {len(known):,} rows, too many for "
                "classes; write numbers with a decimal point and no unit, or leave the column out"
            )
        else:
            continue
        row = table.loc[known.index[is_text][0]]
        raise InputError(
            f"covariate {title}: {first!r} {problem}", row["label_file"], int(row["label_line"])
        )


DIGITS = 15
"""Digits of a number that a float64 always holds."""


def _check_digits(table: pd.DataFrame, known: pd.Series) -> None:
    """Raise InputError where numbers of a covariate differ in digits that a float64 lacks."""
    texts = known[known.str.len() > DIGITS]
    if texts.empty or known.nunique() < 2:
        return

    numbers = pd.to_numeric(known).astype("float64")
    most = Decimal(MOST_LOST * float(numbers.std(ddof=0)))
    stored = numbers[texts.index].map(Decimal)
    lost = (texts.map(Decimal) - stored).abs() > most
    if lost.any():
        row = table.loc[lost.idxmax()]
        name = str(known.name)
        raise InputError(
            f"covariate {name.removeprefix('covariate.')}: {row[name]} and others differ in digits "
            f"that get lost, for {DIGITS} are kept; subtract a constant from the column",
            row["label_file"],
            int(row["label_line"]),
        )


def fixed_effects(
    covariates: pd.DataFrame, target: NDArray[np.float32], train: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Least squares of each trait on the covariates (text columns), from training rows alone.

    A column whose known values are all numbers counts as a number, any other as classes, see
    `check_covariates`. A missing number is the training mean; a missing class, or one that training
    rows lack, has no effect of its own. The effects, shape (n, traits), add to the mean of the
    training rows.
    """
    # not at the top: importing scikit-learn takes a second, which other steps save
    from sklearn.linear_model import LinearRegression

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
    known = without_missing(values)
    if is_numeric(known) or known.isna().all():
        numbers = pd.to_numeric(known, errors="coerce").to_numpy(dtype=np.float64)
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
