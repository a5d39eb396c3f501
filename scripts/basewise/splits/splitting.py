"""Dividing examples into train, validation and test."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from basewise.core.arrays import Floats, Integers
from basewise.core.errors import InputError
from basewise.core.remarks import DRAWN, Remark
from basewise.sequences.genome import Aliases, rename_chromosomes
from basewise.splits.predefined import predefined_blocks, predefined_parts
from basewise.splits.stratification import (
    check_parts,
    leaving_out,
    rare_classes,
    strata_of,
    stratify_groups,
    stratify_rows,
)
from basewise.store.parts import PARTS

TRAIN, VALIDATION, _ = PARTS

SHARE = 0.15
"""Of the examples in validation, and in test, unless the configuration says otherwise."""

UNITS = {
    "random": "examples",
    "chromosome": "chromosomes",
    "group": "groups",
    "homology": "clusters of near-identical sequences",
}
"""What each method keeps whole."""


def split_examples(
    examples: pd.DataFrame,
    *,
    task: str,
    seed: int,
    method: str = "random",
    validation: Any = SHARE,
    test: Any = SHARE,
    folds: int | None = None,
    fold: int = 0,
    table: pd.DataFrame | None = None,
    clusters: Integers | None = None,
    aliases: Aliases | None = None,
) -> NDArray[np.str_]:
    """Divide examples as the `split` entry of a dataset says, see config/README.md.

    Parameters
    ----------
    examples
        With id, chrom, group, part and the columns of the target.
    validation, test
        Of a hold-out split: shares of all examples, or lists of chromosomes (chromosome). Where a
        predefined one has no validation part, its share of train.
    folds
        Number of blocks of a k-fold split, for `parts_of_fold`; None for a hold-out split.
    table
        id with part or fold (predefined); without it the examples' own parts hold.
    clusters
        Cluster of each example, shape (n,) (homology).
    aliases
        Other names that lists of chromosomes may use, see `genome.read_aliases`.

    Raises
    ------
    InputError
        When the split cannot be made, or a part would lack a class.
    """
    strata = strata_of(examples, task)
    stratified = method == "random" and task in ("binary", "multiclass")
    if folds is not None:
        _check_fold(folds, fold)
        if method == "predefined":
            block = predefined_blocks(examples, table, folds)
        elif stratified:
            _check_sizes(strata, task, folds, f"{folds} folds; use fewer folds")
            block = _random_blocks(strata, folds, seed)
        else:
            block = _stratify(examples, strata, method, clusters, np.full(folds, 1 / folds), seed)
        part = parts_of_fold(block, folds, fold)
    elif method == "predefined":
        part = predefined_parts(examples, table)
        if VALIDATION not in part:
            part = _draw_validation(part, strata, validation, seed)
    elif method == "chromosome":
        held_out = [[str(name) for name in names] for names in (validation, test)]
        part = split_by_chromosome(examples["chrom"], *held_out, aliases=aliases)
    elif validation + test >= 1:
        raise InputError(
            f"split: validation {validation} and test {test} leave nothing to train on; "
            "their sum must be below 1"
        )
    elif stratified:
        _check_sizes(strata, task, len(PARTS), "three parts; add some")
        part = split_random(strata.to_numpy().argmax(axis=1), validation, test, seed)
    else:
        shares = np.array([1 - validation - test, validation, test])
        part = np.array(PARTS)[_stratify(examples, strata, method, clusters, shares, seed)]

    blocks = folds or len(PARTS)
    print(check_parts(part, strata, task, _remedy(method, folds), blocks).to_string())
    return part


def _draw_validation(
    part: NDArray[np.str_], strata: pd.DataFrame, share: float, seed: int
) -> NDArray[np.str_]:
    """Give validation a share of a published train part, classes as common in both."""
    train = np.flatnonzero(part == TRAIN)
    shares = np.array([1 - share, share])
    drawn = stratify_rows(strata.to_numpy()[train], shares, np.random.default_rng(seed)) == 1

    divided = part.copy()
    divided[train[drawn]] = VALIDATION
    return divided


def drawn_validation(
    examples: pd.DataFrame,
    part: NDArray[np.str_],
    *,
    method: str = "random",
    folds: int | None = None,
    table: pd.DataFrame | None = None,
    **_: Any,
) -> list[Remark]:
    """Tell how much of a published train part became validation, see `split_examples`."""
    if method != "predefined" or folds is not None:
        return []
    given = predefined_parts(examples, table)
    drawn, train = int((part != given).sum()), int((given == TRAIN).sum())
    return [Remark(DRAWN, "", "examples of train", drawn, train, "")] if drawn else []


def split_random(target: Integers, validation: float, test: float, seed: int) -> NDArray[np.str_]:
    """Split at random with the classes in equal shares: the test part first, then validation.

    Both draws are scikit-learn's `train_test_split` with the same seed, so that a published split
    made that way can be had again.
    """
    # not at the top: importing scikit-learn takes a second, which other splits save
    from sklearn.model_selection import train_test_split

    rows = np.arange(len(target))
    part = np.full(len(target), "train", dtype="<U10")
    try:
        rest, test_rows = train_test_split(rows, test_size=test, stratify=target, random_state=seed)
        _, validation_rows = train_test_split(
            rest, test_size=validation / (1 - test), stratify=target[rest], random_state=seed
        )
    except ValueError as error:
        raise InputError(
            f"split: {len(rows)} examples of {len(np.unique(target))} classes cannot be divided "
            f"{test:.0%} test and {validation:.0%} validation with every class in each; use larger "
            "shares, or leave out rare classes of many with `min_class_size`"
        ) from error

    part[test_rows] = "test"
    part[validation_rows] = "validation"
    return part


def split_by_chromosome(
    chrom: pd.Series,
    validation: Sequence[str],
    test: Sequence[str],
    *,
    aliases: Aliases | None = None,
) -> NDArray[np.str_]:
    """Put whole chromosomes into validation and test; the others train.

    `aliases` are other names that may stand for those of `chrom`.

    Raises
    ------
    InputError
        When a chromosome is named in both parts, or has no example.
    """
    present = sorted(chrom.dropna().unique())
    if not present:
        raise InputError("split: the sequences lie on no chromosome; use another method")

    validation, test = (
        rename_chromosomes(pd.Series(names, dtype="str"), present, aliases).tolist()
        for names in (validation, test)
    )

    for name in (*validation, *test):
        if name not in present:
            raise InputError(
                f"split: no example lies on chromosome {name!r}; there are {', '.join(present)}"
            )

    shared = sorted(set(validation) & set(test))
    if shared:
        raise InputError(f"split: chromosome {shared[0]!r} is in both validation and test")

    part = np.full(len(chrom), "train", dtype="<U10")
    part[chrom.isin(validation)] = "validation"
    part[chrom.isin(test)] = "test"
    return part


def parts_of_fold(block: Integers, folds: int, fold: int) -> NDArray[np.str_]:
    """Parts of one fold of a k-fold split: block `fold` tests, the next validates, others train.

    Blocks are numbered from 0; the one after the last is the first.
    """
    part_of = np.full(folds, "train", dtype="<U10")
    part_of[(fold + 1) % folds] = "validation"
    part_of[fold] = "test"
    part: NDArray[np.str_] = part_of[block]
    return part


def _check_sizes(strata: pd.DataFrame, task: str, fewest: int, purpose: str) -> None:
    """Refuse classes with too few examples for a purpose, which also says what helps."""
    sizes = strata.sum()
    rare = sizes[sizes < fewest].to_dict()
    if rare:
        or_less = f", or {leaving_out(rare)}" if task == "multiclass" else ""
        problem = f"too few examples of class {rare_classes(rare)} for {purpose}"
        raise InputError(f"split: {problem}{or_less}")


def _random_blocks(strata: pd.DataFrame, folds: int, seed: int) -> Integers:
    from sklearn.model_selection import StratifiedKFold  # as in `split_random`

    block = np.empty(len(strata), dtype=np.int64)
    blocks = StratifiedKFold(folds, shuffle=True, random_state=seed)
    classes = strata.to_numpy().argmax(axis=1)
    for number, (_, rows) in enumerate(blocks.split(classes, classes)):
        block[rows] = number

    return block


def _stratify(
    examples: pd.DataFrame,
    strata: pd.DataFrame,
    method: str,
    clusters: Integers | None,
    shares: Floats,
    seed: int,
) -> Integers:
    if method == "random":
        unit = np.arange(len(examples))
    elif method == "chromosome":
        unit = _numbered(examples, "chrom", "use another method")
    elif method == "group":
        unit = _groups(examples)
    else:
        unit, _ = pd.factorize(clusters)

    count = unit.max() + 1
    if count < len(shares):
        raise InputError(
            f"split: {count} {UNITS[method]} cannot fill {len(shares)} parts; "
            f"use {'fewer folds, or ' if count >= 3 else ''}another method"
        )

    generator = np.random.default_rng(seed)
    if method == "random":
        return stratify_rows(strata.to_numpy(), shares, generator)

    return stratify_groups(unit, strata.to_numpy(), shares, generator)


def _numbered(examples: pd.DataFrame, column: str, remedy: str) -> Integers:
    number, _ = pd.factorize(examples[column])
    missing = examples["id"][number < 0]
    if len(missing):
        raise InputError(
            f"split: {len(missing)} examples have no {column}, first {missing.iloc[0]}; {remedy}"
        )
    return np.asarray(number)


def _groups(examples: pd.DataFrame) -> NDArray[np.int64]:
    """Number of each example's group; an example without one is a group of its own."""
    alone = examples["group"].isna().to_numpy()
    if alone.all():
        return _numbered(examples, "group", "name the column that holds it with `columns: group`")
    number, names = pd.factorize(examples["group"])
    number[alone] = len(names) + np.arange(alone.sum())
    if alone.any():
        print(f"{alone.sum()} examples have no group; each is one of its own")
    return np.asarray(number)


def _check_fold(folds: int, fold: int) -> None:
    if folds < 3:
        raise InputError(
            f"split: `folds: {folds}` leaves nothing to train on; use 3 or more (one block tests, "
            "one validates)"
        )
    if not 0 <= fold < folds:
        raise InputError(
            f"split: there is no fold {fold}; `folds: {folds}` makes folds 0 to {folds - 1}"
        )


def _remedy(method: str, folds: int | None) -> str:
    if folds is not None:
        return "use fewer folds, or another method"
    return {
        "chromosome": "name other chromosomes, or use another method",
        "predefined": "change the given parts, or use another method",
    }.get(method, "give it a larger share, or use another method")
