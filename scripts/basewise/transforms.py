"""Scales on which a network learns the targets of a regression, and the way back to their unit.

A target that is not known is NaN, on every scale.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from basewise.errors import InputError

__all__ = ["TRANSFORMS", "Transform", "check_domain", "fit_transform"]

TRANSFORMS = ("none", "log1p", "log10", "zscore")

LOWER_BOUNDS = {"log1p": -1.0, "log10": 0.0}


class Transform(NamedTuple):
    """A fitted scale.

    Attributes
    ----------
    name
        One of `TRANSFORMS`.
    mean, scale
        Of each output, float64, shape (outputs,); 0 and 1 but for ``zscore``.
    """

    name: str
    mean: NDArray[np.float64]
    scale: NDArray[np.float64]

    def forward(self, values: NDArray[Any]) -> NDArray[np.float32]:
        """From the target's own unit to the network's scale, shape (n, outputs).

        Raises
        ------
        InputError
            For a value that a logarithm is not defined for.
        """
        _refuse_undefined(self.name, values)
        exact = np.asarray(values, dtype=np.float64)
        if self.name == "log1p":
            exact = np.log1p(exact)
        elif self.name == "log10":
            exact = np.log10(exact)
        return ((exact - self.mean) / self.scale).astype(np.float32)

    def inverse(self, values: NDArray[Any]) -> NDArray[np.float32]:
        """Undo `forward`; what is too large for a float32 becomes infinite."""
        exact = np.asarray(values, dtype=np.float64) * self.scale + self.mean
        with np.errstate(over="ignore"):
            if self.name == "log1p":
                exact = np.expm1(exact)
            elif self.name == "log10":
                exact = np.power(10.0, exact)
            return exact.astype(np.float32)


def fit_transform(name: str, values: NDArray[Any]) -> Transform:
    """Fit a scale to the targets of the train part.

    Parameters
    ----------
    name
        ``none``; ``log1p``: ln(1 + y); ``log10``; ``zscore``: minus the mean, divided by the
        population standard deviation.
    values
        Targets of the train part alone, shape (n, outputs), NaN where one is not known.

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
