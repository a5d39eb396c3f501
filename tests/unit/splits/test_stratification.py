import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from basewise.core.errors import InputError
from basewise.splits.stratification import (
    check_parts,
    deal,
    strata_of,
    stratify_groups,
    stratify_rows,
)

HOLD_OUT = np.array([0.7, 0.15, 0.15])


def generator(seed=1):
    return np.random.default_rng(seed)


def shares_of(block, strata):
    counts = np.array([strata[block == number].sum(axis=0) for number in range(block.max() + 1)])
    return counts / strata.sum(axis=0)


@pytest.mark.parametrize(
    ("items", "have", "expected"),
    [
        (20, [0, 0, 0], [14, 3, 3]),
        (4, [0, 0, 0], [2, 1, 1]),
        (2, [3, 0, 0], [0, 1, 1]),
        (1, [2, 1, 0], [0, 0, 1]),
        (10, [30, 0, 0], [0, 5, 5]),
    ],
)
def test_deal_by_hand(items, have, expected):
    assert deal(items, np.array(have, dtype=float), HOLD_OUT).tolist() == expected


@given(
    items=st.integers(1, 200),
    weights=st.lists(st.integers(1, 20), min_size=3, max_size=8),
    have=st.integers(0, 50),
)
def test_many_items_are_dealt_like_one_after_the_other(items, weights, have):
    shares = np.array(weights) / sum(weights)
    start = deal(have, np.zeros(len(shares)), shares)
    dealt = deal(items, start.astype(float), shares)
    one_by_one = start.astype(float)
    for _ in range(items):
        one_by_one += deal(1, one_by_one, shares)
    assert dealt.sum() == items
    assert np.abs(start + dealt - one_by_one).max() <= 1


@given(seed=st.integers(0, 1000), labels=st.integers(1, 6), blocks=st.integers(3, 6))
def test_labels_that_exclude_each_other_are_dealt_exactly(seed, labels, blocks):
    label = generator(seed).integers(0, labels + 1, size=300)
    strata = np.c_[label[:, None] == np.arange(1, labels + 1), np.ones(300, dtype=bool)]
    block = stratify_rows(strata, np.full(blocks, 1 / blocks), generator(seed))
    for name in range(1, labels + 1):
        per_block = np.bincount(block[label == name], minlength=blocks)
        assert per_block.max() - per_block.min() <= 1


def test_overlapping_labels_keep_their_shares_where_chance_would_not():
    rng = generator()
    strata = np.c_[rng.random((4000, 12)) < np.linspace(0.01, 0.4, 12), np.ones(4000, dtype=bool)]
    block = stratify_rows(strata, HOLD_OUT, generator())
    error = np.abs(shares_of(block, strata) - HOLD_OUT[:, None]).max()
    chance = np.abs(shares_of(rng.permutation(block), strata) - HOLD_OUT[:, None]).max()
    assert error < 0.015 < chance


def test_the_seed_decides_rows_and_groups():
    strata = np.ones((300, 1), dtype=bool)
    group = np.repeat(np.arange(100), 3)
    for divide in (stratify_rows, lambda *rest: stratify_groups(group, *rest)):
        first, again, other = (divide(strata, HOLD_OUT, generator(seed)) for seed in (1, 1, 2))
        np.testing.assert_array_equal(first, again)
        assert (first != other).any()


def test_groups_by_hand():
    group = np.repeat([0, 1, 2, 3], [3, 2, 2, 1])
    strata = np.ones((8, 1), dtype=bool)
    block = stratify_groups(group, strata, np.full(3, 1 / 3), generator())
    sizes = np.bincount(block)
    assert sorted(sizes) == [2, 3, 3]
    assert block[0] == block[1] == block[2] and sizes[block[0]] == 3
    assert block[7] != block[0]


def test_groups_of_many_sizes_stay_whole_and_keep_shares_and_classes():
    rng = generator()
    sizes = rng.geometric(0.1, size=800)
    group = np.repeat(np.arange(800), sizes)
    rate = rng.beta(0.5, 2, size=800)
    positive = rng.random(len(group)) < rate[group]
    strata = np.c_[positive, ~positive]
    for shares in (HOLD_OUT, np.full(5, 0.2)):
        block = stratify_groups(group, strata, shares, generator())
        assert (pd.Series(block).groupby(group).nunique() == 1).all()
        assert np.abs(shares_of(block, strata) - shares[:, None]).max() < 0.002


def test_a_giant_group_trains():
    group = np.repeat([0, 1, 2], [90, 5, 5])
    block = stratify_groups(group, np.ones((100, 1), dtype=bool), HOLD_OUT, generator())
    assert np.bincount(block).tolist() == [90, 5, 5]


def test_strata_of_each_task():
    classes = pd.DataFrame({"target.label": ["EI", "N", "EI"]})
    assert strata_of(classes, "multiclass").sum().to_dict() == {"EI": 2, "N": 1}
    labels = pd.DataFrame({"target.Reb1": [1, 0, 0], "target.Abf1": [1, 1, 0]})
    counts = strata_of(labels, "multilabel").sum().to_dict()
    assert counts == {"Reb1": 1, "Abf1": 2, "all examples": 3}
    for task in ("regression", "per_position"):
        assert strata_of(labels, task).sum().to_dict() == {"all examples": 3}
    counts = strata_of(labels.assign(**{"target.Reb1": 0}), "multilabel").sum().to_dict()
    assert counts == {"Abf1": 2, "all examples": 3}
    traits = pd.DataFrame({"target.E1": [1.5, np.nan, 2], "target.E2": [0.0, 1, 2]})
    assert strata_of(traits, "regression").sum().to_dict() == {"E1": 2, "all examples": 3}


def test_every_block_has_its_share_of_known_targets():
    rng = generator()
    values = np.where(rng.random((200, 3)) < [0.05, 0.5, 0.9], np.nan, 1.0)
    traits = pd.DataFrame(values, columns=["target.a", "target.b", "target.c"])
    strata = strata_of(traits, "regression").to_numpy()
    block = stratify_rows(strata, np.full(5, 0.2), generator())
    counts = np.array([strata[block == number].sum(axis=0) for number in range(5)])
    assert (np.ptp(counts, axis=0) <= 2).all()


@pytest.mark.parametrize(
    ("task", "first", "second", "message"),
    [
        (
            "multilabel",
            [1, 1, 1, 0, 0, 0],
            [1, 0, 1, 0, 1, 0],
            r"test part holds no example with label a \(3\)",
        ),
        (
            "multilabel",
            [1, 0, 1, 1, 1, 0],
            [1, 0, 1, 0, 1, 0],
            r"validation part .* without label a \(2\)",
        ),
        ("multilabel", [1, 0, 0, 0, 0, 0], [1, 0, 1, 0, 1, 0], None),
        ("regression", [0.5] * 6, [0.1] * 6, None),
        (
            "regression",
            [0.5] * 6,
            [1, 2, np.nan, np.nan, 3, np.nan],
            "validation part holds no example with a known b",
        ),
    ],
)
def test_parts_that_lack_something(task, first, second, message):
    part = np.repeat(["train", "validation", "test"], 2)
    strata = strata_of(pd.DataFrame({"target.a": first, "target.b": second}), task)
    if message is None:
        assert check_parts(part, strata, task, "", 2)["all examples"].tolist() == [2, 2, 2]
        with pytest.raises(InputError, match="the test part holds no example; use fewer folds"):
            check_parts(part[[0, 0, 0, 2, 2, 2]], strata, task, "use fewer folds")
    else:
        with pytest.raises(InputError, match=message):
            check_parts(part, strata, task, "", 2)
