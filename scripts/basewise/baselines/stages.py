"""How the baselines on genotypes use the parts: everything is fitted twice.

What must be chosen (a penalty, a number of rounds) is chosen once: fitted on train, tried on
validation. Variances that REML estimates need no choice. Then the baseline is fitted on train, and
scores validation; and again on train and validation together, and scores test. The second fit is
stored. The means that center the markers, and whatever else is taken from the data, come from the
individuals of that fit alone: no value and no genotype of a test individual has a part in the score
of another.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from basewise.baselines import Data
from basewise.core.arrays import Integers
from basewise.core.errors import InputError

FEWEST = 3
"""Known values that a fit needs."""


class Stage(NamedTuple):
    """One of the two fits: numbers of the individuals it is fitted on, and of those it scores."""

    known: Integers
    scored: Integers


Fitted = TypeVar("Fitted")


def stages(part: NDArray[np.str_]) -> tuple[Stage, Stage]:
    """The fit on train that scores validation, and that on train and validation for test."""
    held_out, test = part == "validation", part == "test"
    train = part == "train"
    return (
        Stage(np.flatnonzero(train), np.flatnonzero(held_out)),
        Stage(np.flatnonzero(train | held_out), np.flatnonzero(test)),
    )


def fit_stages(
    fit_one: Callable[[Fitted], tuple[Any, NDArray[Any]]], steps: Sequence[Fitted], data: Data
) -> tuple[Any, NDArray[np.float32]]:
    """Fit each stage; give the estimator of the last one and all scores, shape (n, outputs).

    `fit_one` goes from an element of `steps`, one for each of `stages`, to an estimator and the
    scores of the stage's individuals, shape (scored, outputs). Scores of train are nan.
    """
    score = np.full((len(data.part), data.outputs), np.nan, dtype=np.float32)
    estimator = None
    for step, stage in zip(steps, stages(data.part), strict=True):
        estimator, score[stage.scored] = fit_one(step)
    return estimator, score


def known_rows(
    target: NDArray[np.float32], rows: Integers, output: int, fewest: int = FEWEST
) -> Integers:
    """Those of `rows` whose value of an output is known.

    Raises
    ------
    InputError
        When they are fewer than `fewest`.
    """
    known: Integers = rows[~np.isnan(target[rows, output])]
    if len(known) < fewest:
        raise InputError(
            f"target {output + 1} of {target.shape[1]} has {len(known)} known values among "
            f"{len(rows)} individuals of a part, {fewest} are needed; leave the target out, or "
            "split otherwise"
        )
    return known
