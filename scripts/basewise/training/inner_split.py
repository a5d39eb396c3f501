"""The training examples of a search, divided once more: to learn from and to judge by."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from basewise.core.arrays import Integers, Mask
from basewise.core.errors import InputError
from basewise.examples.scales import learn_targets
from basewise.splits.stratification import strata_of, stratify_groups, stratify_rows
from basewise.store.shards import Tensors
from basewise.store.tables import OUTPUT, target_column

FEWEST = 10
"""Training examples that a search needs."""

SHARES = np.array([0.8, 0.2])
"""Of the training examples to learn from and to judge by."""

UNUSED = "unused"
"""The part of all examples that are not training examples."""


def inner_parts(
    part: NDArray[np.str_], group: pd.Series, target: NDArray[np.generic], task: str, seed: int
) -> NDArray[np.str_]:
    """Divide the train part once more, 80 % to learn from and 20 % to judge by.

    Classes and labels have equal shares, as in a random split. Where the split itself keeps groups
    together (chromosomes, say), so does this one, unless the train part is a single group.

    Parameters
    ----------
    group
        Of each example, missing where it has none, n rows.
    target
        Of each example, shape (n, outputs); only those of the train part are looked at.

    Returns
    -------
    ``train``, ``validation`` or, for examples of the other parts, `UNUSED`; shape (n,)

    Raises
    ------
    InputError
        When the train part has too few examples.
    """
    train = np.flatnonzero(part == "train")
    if len(train) < FEWEST:
        raise InputError(
            f"tune: the train part has {len(train)} examples, a search needs {FEWEST}; "
            "take `tune` out of the model, or add examples"
        )

    strata = _strata(target[train], task)
    generator = np.random.default_rng(seed)
    parts_of_group = pd.Series(part).groupby(group.to_numpy()).nunique()
    unit = _numbered(group.iloc[train])
    if len(parts_of_group) and (parts_of_group == 1).all() and unit.max() > 0:
        block = stratify_groups(unit, strata, SHARES, generator)
    else:
        block = stratify_rows(strata, SHARES, generator)

    inner = np.full(len(part), UNUSED, dtype="<U10")
    inner[train] = np.array(["train", "validation"])[block]
    return inner


def inner_tensors(
    tensors: Tensors,
    inner: NDArray[np.str_],
    transform: str = "none",
    covariates: pd.DataFrame | None = None,
) -> Tensors:
    """The dataset with its targets as a network learns them, from the examples of a search alone.

    Targets of examples that `inner_parts` leaves unused are not known.
    """
    if tensors.task != "regression":
        return tensors
    used = np.flatnonzero(inner != UNUSED)
    train = np.flatnonzero(inner[used] == "train")
    of_used = None if covariates is None else covariates.iloc[used]
    target = np.full(tensors.target.shape, np.nan, dtype=np.float32)
    target[used] = learn_targets(tensors.target[used], train, transform, of_used).target
    return tensors.with_target(target)


def _strata(target: NDArray[np.generic], task: str) -> Mask:
    """Which strata each row is in, see `stratification.strata_of`."""
    names = [OUTPUT] if task in ("binary", "multiclass") else range(target.shape[1])
    columns = {} if task == "per_position" else dict(zip(names, target.T, strict=True))
    examples = pd.DataFrame(
        {target_column(str(name)): values for name, values in columns.items()},
        index=range(len(target)),
    )
    strata: Mask = strata_of(examples, task).to_numpy()
    return strata


def _numbered(names: pd.Series) -> Integers:
    """Numbers of the groups from 0; a row without one gets a number of its own."""
    number, groups = pd.factorize(names)
    alone = number < 0
    number[alone] = len(groups) + np.arange(alone.sum())
    return np.asarray(number)
