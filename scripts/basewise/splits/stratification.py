"""Dividing rows, or whole groups of rows, into blocks that are alike in their classes.

A stratum is a class of rows whose share should be the same in every block; a row may be in several.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from basewise.core.arrays import Floats, Integers, Mask
from basewise.core.errors import InputError
from basewise.store.parts import PARTS
from basewise.store.tables import target_column, target_columns

ALL = "all examples"
"""The stratum that every example is in."""

NAMED = {"multilabel": "label", "regression": "target"}
"""What an output of the task is called."""


def strata_of(examples: pd.DataFrame, task: str) -> pd.DataFrame:
    """Which strata each example is in, Boolean.

    One column a class (binary, multiclass), or one a label and then one of all examples
    (multilabel), or one an output that some examples lack, of those that have it, and then one of
    all examples (regression), or only that (per_position).

    Raises
    ------
    InputError
        For a label, or an output, that no example has.
    """
    if task in ("binary", "multiclass"):
        return pd.get_dummies(examples[target_column("label")])

    strata = pd.DataFrame(index=examples.index)
    if task in NAMED:
        targets = examples[target_columns(examples)]
        targets.columns = targets.columns.str.removeprefix(target_column(""))
        strata = targets.astype(bool) if task == "multilabel" else targets.notna()
        for name in strata.columns[~strata.any()]:
            raise InputError(
                f"split: no example has the {NAMED[task]} {name!r}; leave the {NAMED[task]} out"
            )
        if task == "regression":
            strata = strata.loc[:, ~strata.all()]

    return strata.assign(**{ALL: True})


def stratify_rows(strata: Mask, shares: Floats, generator: np.random.Generator) -> Integers:
    """Divide rows by iterative stratification; gives the block of each.

    The stratum with the fewest rows left is dealt out first, each block receiving in proportion to
    what it still lacks of that stratum. All rows of the stratum are dealt in one go, where the
    published algorithm deals them one by one. K. Sechidis, G. Tsoumakas, I. Vlahavas, "On the
    stratification of multi-label data", ECML PKDD 2011.

    Parameters
    ----------
    strata
        Which strata a row is in, shape (n, strata); every row is in the last one.
    shares
        Of the rows in each block, shape (blocks,), with sum 1.
    generator
        Decides which rows of a stratum go where.
    """
    block = np.empty(len(strata), dtype=np.int64)
    have = np.zeros((len(shares), strata.shape[1]))
    left = strata.sum(axis=0)
    waiting = generator.permutation(len(strata))
    while len(waiting):
        # The rarest stratum first: its rows leave the fewest ways to share them out.
        rarest = np.flatnonzero(left)[left[left > 0].argmin()]
        chosen = strata[waiting, rarest]
        rows = waiting[chosen]
        ends = deal(len(rows), have[:, rarest], shares).cumsum()
        for number, dealt in enumerate(np.split(rows, ends[:-1])):
            block[dealt] = number
            brought = strata[dealt].sum(axis=0)
            have[number] += brought
            left -= brought
        waiting = waiting[~chosen]

    return block


def stratify_groups(
    group: Integers, strata: Mask, shares: Floats, generator: np.random.Generator
) -> Integers:
    """Divide rows so that no group is in two blocks; gives the block of each.

    The largest group goes first, each to the block where it most lowers the chi-square distance
    between the blocks and their shares, over all strata. The size of a group is the sum of its
    shares of the strata. Groups that bring the same of every stratum are dealt in one go.

    Parameters
    ----------
    group
        Number of each row's group, from 0 without gaps, shape (n,).
    strata, shares
        As for `stratify_rows`; no stratum is empty.
    generator
        Orders groups that bring the same.
    """
    counts = pd.DataFrame(
        {column: np.bincount(group, strata[:, column]) for column in range(strata.shape[1])}
    )

    # As shares of each stratum, a rare class weighs as much as a common one (chi-square).
    share_of = counts.to_numpy() / strata.sum(axis=0)
    profile = counts.groupby(list(counts), sort=False).ngroup().to_numpy()
    order = generator.permutation(len(counts))
    order = order[np.lexsort((profile[order], -share_of.sum(axis=1)[order]))]

    # Groups that bring the same stand side by side, and only their number is dealt.
    starts = np.flatnonzero(np.diff(profile[order])) + 1
    block = np.empty(len(counts), dtype=np.int64)
    have = np.zeros((len(shares), strata.shape[1]))
    for alike in np.split(order, starts):
        brings = share_of[alike[0]]
        # What a block has in units of one such group: the projection on what that brings. The
        # distance falls most where this is furthest below the share.
        dealt = deal(len(alike), have @ brings / (brings @ brings), shares)
        block[alike] = np.repeat(np.arange(len(shares)), dealt)
        have += np.outer(dealt, brings)

    return block[group]


def deal(items: int, have: Floats, shares: Floats) -> Integers:
    """How many of equal items each block receives, by Webster's method of highest averages.

    Each item goes to the block with the smallest ``(have + 1/2) / share``. Most of many items are
    dealt at once, in proportion to what each block lacks. `have` and `shares`, with sum 1, are of
    each block, shape (blocks,).
    """
    dealt = np.zeros(len(shares), dtype=np.int64)
    if items > len(shares):
        lack = np.clip(shares * (have.sum() + items) - have, 0, None)
        dealt = np.floor(items * lack / lack.sum()).astype(np.int64)

    # What rounding has left goes one by one.
    for _ in range(items - int(dealt.sum())):
        dealt[np.argmin((have + dealt + 0.5) / shares)] += 1
    return dealt


def check_parts(
    part: NDArray[np.str_], strata: pd.DataFrame, task: str, remedy: str
) -> pd.DataFrame:
    """Count the examples of each part in each stratum; a part that lacks what it needs is an error.

    Every part needs an example; of each class, for a task of classes; with and without each label,
    for a task of labels; with each target known, for a regression. `remedy` says what to change.
    The index of the counts are `PARTS`.
    """
    counts = strata.groupby(part).sum().reindex(PARTS, fill_value=0)
    sizes = pd.Series(part).value_counts().reindex(PARTS, fill_value=0)
    needed = {"example": sizes.to_frame("")}
    if task in ("binary", "multiclass"):
        needed["example of class"] = counts
    elif task == "multilabel":
        labels = counts.drop(columns=ALL)
        needed |= {
            "example with label": labels,
            "example without label": -labels.sub(sizes, axis=0),
        }
    elif task == "regression":
        needed["example with a known"] = counts.drop(columns=ALL)

    for kind, counted in needed.items():
        for name in PARTS:
            lacking = [str(column) for column in counted.columns[counted.loc[name] == 0]]
            if lacking:
                problem = f"{kind} {', '.join(lacking)}".rstrip()
                raise InputError(f"split: the {name} part holds no {problem}; {remedy}")

    return counts
