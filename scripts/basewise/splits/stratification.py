"""Dividing rows, or whole groups of rows, into blocks that are alike in their classes.

A stratum is a class of rows whose share should be the same in every block; a row may be in several.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from basewise.core.arrays import Floats, Integers, Mask
from basewise.core.errors import InputError
from basewise.core.text import listed
from basewise.store.parts import PARTS
from basewise.store.tables import target_column, target_columns

ALL = "all examples"
"""The stratum that every example is in."""

SHOWN = 5
"""Classes that a message names."""


def strata_of(examples: pd.DataFrame, task: str) -> pd.DataFrame:
    """Which strata each example is in, Boolean.

    One column a class (binary, multiclass), or one a label and then one of all examples
    (multilabel), or one an output that some examples lack, of those that have it, and then one of
    all examples (regression), or only that (per_position).

    A label, or an output, that no example has is no stratum.
    """
    if task in ("binary", "multiclass"):
        return pd.get_dummies(examples[target_column("label")])

    strata = pd.DataFrame(index=examples.index)
    if task in ("multilabel", "regression"):
        targets = examples[target_columns(examples)]
        targets.columns = targets.columns.str.removeprefix(target_column(""))
        strata = targets.astype(bool) if task == "multilabel" else targets.notna()
        strata = strata.loc[:, strata.any()]
        if task == "regression":
            strata = strata.loc[:, ~strata.all()]

    return strata.assign(**{ALL: True})


def rare_classes(sizes: Mapping[str, int]) -> str:
    """Name classes that are too small, each with its examples, the smallest first."""
    ordered = sorted(sizes.items(), key=lambda one: one[1])
    named = [f"{name} ({size:,})" for name, size in ordered[:SHOWN]]
    more = [f"{len(sizes) - SHOWN:,} more"] if len(sizes) > SHOWN else []
    return listed(named + more)


def leaving_out(sizes: Mapping[str, int]) -> str:
    """Keys of a dataset that leave out classes that are too small."""
    smallest = f"`min_class_size: {max(*sizes.values(), 1) + 1}`"
    named = f" or `drop_classes: [{', '.join(map(str, sizes))}]`" if len(sizes) <= SHOWN else ""
    return f"leave out rare ones with {smallest}{named}"


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
    part: NDArray[np.str_], strata: pd.DataFrame, task: str, remedy: str, blocks: int = len(PARTS)
) -> pd.DataFrame:
    """Count the examples of each part in each stratum; a part that lacks what it needs is an error.

    Every part needs an example; of each class, for a task of classes; with and without each label,
    for a task of labels, unless fewer examples than `blocks` are so; with each target known, for a
    regression. `remedy` says what to change. The index of the counts are `PARTS`.
    """
    counts = strata.groupby(part).sum().reindex(PARTS, fill_value=0)
    sizes = pd.Series(part).value_counts().reindex(PARTS, fill_value=0)
    for name in PARTS:
        if not sizes[name]:
            raise InputError(f"split: the {name} part holds no example; {remedy}")

    needed = {}
    if task in ("binary", "multiclass"):
        needed["example of class"] = counts
    elif task == "multilabel":
        labels = counts.drop(columns=ALL)
        needed["example with label"] = _common(labels, blocks)
        needed["example without label"] = _common(-labels.sub(sizes, axis=0), blocks)
    elif task == "regression":
        needed["example with a known"] = counts.drop(columns=ALL)

    for kind, counted in needed.items():
        for name in PARTS:
            lacking = counted.loc[:, counted.loc[name] == 0].sum().to_dict()
            if lacking:
                problem = f"the {name} part holds no {kind} {rare_classes(lacking)}"
                leaves_out = task in ("multiclass", "multilabel") and "without" not in kind
                more = f", or {leaving_out(lacking)}" if leaves_out else ""
                raise InputError(f"split: {problem}; {remedy}{more}")

    return counts


def _common(counts: pd.DataFrame, blocks: int) -> pd.DataFrame:
    """Labels with enough examples for each block; what others lack in a part is not measured."""
    totals = counts.sum()
    rare = totals[totals < blocks].to_dict()
    if rare:
        print(f"Too few examples for every part: {rare_classes(rare)}; no measures where one lacks")
    return counts.drop(columns=list(rare))
