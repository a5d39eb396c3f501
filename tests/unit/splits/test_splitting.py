import re

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import StratifiedKFold, train_test_split
from support import schema

from basewise.core.errors import InputError
from basewise.core.remarks import sentences
from basewise.core.user_tables import read_user_table
from basewise.sequences.genome import read_aliases
from basewise.splits.splitting import (
    drawn_validation,
    parts_of_fold,
    split_by_chromosome,
    split_examples,
    split_random,
)
from basewise.store.parts import PARTS, read_split, write_split

TARGET = np.repeat([0, 1], [700, 300])


def examples(labels, chroms="I", **columns):
    n = len(labels)
    table = {"id": [f"e{row}" for row in range(n)], "chrom": chroms, "group": None, "part": None}
    return pd.DataFrame({**table, "target.label": labels, **columns})


def folds_of(table, k, /, **settings):
    folds = [split_examples(table, seed=1, folds=k, fold=fold, **settings) for fold in range(k)]
    block = np.argmax([part == "test" for part in folds], axis=0)
    for fold, part in enumerate(folds):
        np.testing.assert_array_equal(part, parts_of_fold(block, k, fold))
    return block


def test_random_split_keeps_shares_and_classes():
    part = split_random(TARGET, 0.15, 0.15, seed=3)
    for name, size in (("train", 700), ("validation", 150), ("test", 150)):
        assert (part == name).sum() == size
        assert TARGET[part == name].mean() == pytest.approx(0.3, abs=0.005)
    np.testing.assert_array_equal(part, split_random(TARGET, 0.15, 0.15, seed=3))
    assert (part != split_random(TARGET, 0.15, 0.15, seed=4)).any()


@pytest.mark.parametrize("names", [np.array([0, 1]), np.array(["donor", "acceptor"])])
def test_random_split_is_scikit_learns(names):
    task = "binary" if names.dtype == int else "multiclass"
    table, target = examples(names[TARGET]), names[TARGET]
    part = split_examples(table, task=task, seed=42, validation=0.16, test=0.20)
    rest, test = train_test_split(np.arange(1000), test_size=0.2, stratify=target, random_state=42)
    train, _ = train_test_split(rest, test_size=0.2, stratify=target[rest], random_state=42)
    assert set(np.flatnonzero(part == "test")) == set(test)
    assert set(np.flatnonzero(part == "train")) == set(train)


def test_random_folds_are_scikit_learns():
    block = folds_of(examples(TARGET), 5, task="binary")
    blocks = StratifiedKFold(5, shuffle=True, random_state=1).split(TARGET, TARGET)
    for number, (_, rows) in enumerate(blocks):
        np.testing.assert_array_equal(np.flatnonzero(block == number), rows)


def test_parts_of_fold_by_hand():
    block = np.array([0, 1, 2, 3])
    assert parts_of_fold(block, 4, 0).tolist() == ["test", "validation", "train", "train"]
    assert parts_of_fold(block, 4, 3).tolist() == ["validation", "train", "train", "test"]


def test_regression_is_divided_by_shares_alone():
    table = examples(np.zeros(200))
    part = split_examples(table, task="regression", seed=1, validation=0.1, test=0.2)
    assert pd.Series(part).value_counts().to_dict() == {"train": 140, "validation": 20, "test": 40}
    assert np.bincount(folds_of(table, 5, task="regression")).tolist() == [40] * 5


def test_chromosomes_stay_whole():
    chrom = pd.Series(["I", "II", "III", "I", "IV"])
    part = split_by_chromosome(chrom, ["II"], ["III", "IV"])
    assert part.tolist() == ["train", "validation", "test", "train", "test"]
    chroms = np.repeat([f"chr{number}" for number in range(12)], 20)
    block = folds_of(examples([0, 1] * 120, chroms), 4, task="binary", method="chromosome")
    assert (pd.Series(block).groupby(chroms).nunique() == 1).all()
    assert np.bincount(block).tolist() == [60] * 4


@pytest.mark.parametrize(
    ("validation", "test", "message"),
    [
        (["II"], ["chrIII"], "no example lies on chromosome 'chrIII'; there are I, II, III"),
        (["II"], ["II", "III"], "chromosome 'II' is in both"),
    ],
)
def test_bad_chromosomes_are_named(validation, test, message):
    with pytest.raises(InputError, match=message):
        split_by_chromosome(pd.Series(["I", "II", "III"]), validation, test)


def test_clusters_stay_whole():
    clusters = np.random.default_rng(1).integers(0, 80, size=400)
    table = examples([0, 1] * 200)
    settings = {"task": "binary", "method": "homology", "clusters": clusters}
    for block in (split_examples(table, seed=1, **settings), folds_of(table, 5, **settings)):
        assert (pd.Series(block).groupby(clusters).nunique() == 1).all()


def test_predefined_split(tmp_path):
    path = tmp_path / "parts.tsv"

    def split(text, **settings):
        path.write_text(text)
        table = read_user_table(path, schema("split"))
        settings = {"task": "regression", "seed": 1, "method": "predefined", **settings}
        return split_examples(examples([1.0, 2.0, 3.0]), table=table, **settings).tolist()

    parts = "e1\tvalidation\ne0\ttrain\n"
    assert split(f"id\tpart\ne2\ttest\n{parts}") == list(PARTS)
    folds = "id\tfold\ne0\t10\ne1\t9\ne2\tx\n"
    assert split(folds, folds=3) == ["validation", "test", "train"]
    for text, settings, message in (
        (f"id\tpart\n{parts}", {}, "no part for 1 examples, first e2"),
        ("id\tpart\ne0\tdev\n", {}, "parts.tsv:2: part 'dev' must be one of train"),
        ("part\ntest\n", {}, "parts.tsv:1: has no column 'id'"),
        ("id\tpart\tfold\ne0\ttest\t1\n", {}, "one of the columns part and fold, and not both"),
        (
            f"id\tpart\n{parts}",
            {"folds": 3},
            "has the column part, and not fold; leave out `folds`",
        ),
        (folds, {}, "has the column fold, and not part; say how many with `folds`"),
        (folds, {"folds": 4}, r"has 3 folds \(9, 10, x\), and not `folds: 4`"),
    ):
        with pytest.raises(InputError, match=message):
            split(text, **settings)


def test_examples_bring_their_own_parts():
    settings = {"task": "regression", "seed": 1, "method": "predefined"}
    table = examples([0.0] * 3, part=["test", "train", "validation"])
    assert split_examples(table, **settings).tolist() == ["test", "train", "validation"]
    with pytest.raises(InputError, match="1 examples bring none of the parts .* first e2"):
        split_examples(table.assign(part=["test", "train", None]), **settings)
    with pytest.raises(InputError, match="needs a `table` with the columns id and fold"):
        split_examples(table, folds=3, **settings)


def test_a_published_split_without_validation_gets_one_from_train():
    """Of 40 and 20 examples of train a quarter each; test stays what it is."""
    target = [*[0] * 40, *[1] * 20, 0, 1]
    table = examples(target, part=[*["train"] * 60, "test", "test"])
    settings = {"method": "predefined", "seed": 3, "validation": 0.25}
    part = split_examples(table, task="binary", **settings)
    assert part[60:].tolist() == ["test"] * 2
    drawn = pd.crosstab(part[:60], np.array(target[:60]))
    assert drawn.loc["validation"].tolist() == [10, 5]
    assert drawn.loc["train"].tolist() == [30, 15]
    (remark,) = drawn_validation(table, part, **settings)
    assert (remark.rows, remark.total) == (15, 60)
    (told,) = sentences([remark])
    assert "15 of 60 examples of train were drawn" in told.text and not told.is_mistake

    brought = examples([0.0] * 3, part=list(PARTS))
    part = split_examples(brought, task="regression", **settings)
    assert drawn_validation(brought, part, **settings) == []


def test_a_part_without_a_class_is_an_error():
    table = examples([0, 1, 0, 1, 1, 1], ["I", "I", "II", "II", "III", "III"])
    settings = {"task": "binary", "seed": 1}
    message = (
        r"the test part holds no example of class 0 \(2\); name other chromosomes, or use another m"
    )
    with pytest.raises(InputError, match=message):
        split_examples(table, method="chromosome", validation=["II"], test=["III"], **settings)
    with pytest.raises(InputError, match=r"too few examples of class 0 \(1\) for three parts; add"):
        split_examples(examples([0, 1, 1, 1, 1, 1]), **settings)
    with pytest.raises(InputError, match="6 examples of 2 classes cannot be divided 10% test and"):
        split_examples(examples([0, 1, 0, 1, 1, 0]), test=0.1, **settings)
    with pytest.raises(InputError, match="the test part holds no example; give it a larger share"):
        split_examples(examples(np.zeros(6)), task="regression", seed=1, test=0.01)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {},
            "too few examples of class e (1), c (2) and d (2) for three parts; add some, or leave "
            "out rare ones with `min_class_size: 3` or `drop_classes: [c, d, e]`",
        ),
        (
            {"folds": 50},
            "class e (1), c (2), d (2) and b (40) for 50 folds; use fewer folds, or leave out rare "
            "ones with `min_class_size: 41` or `drop_classes: [b, c, d, e]`",
        ),
    ],
)
def test_rare_classes_are_named_with_what_helps(settings, message):
    """And what helps does: the split is made without them."""
    classes = examples([*"a" * 60, *"b" * 40, "c", "c", "d", "d", "e"])
    settings = {"task": "multiclass", "seed": 1, **settings}
    with pytest.raises(InputError, match=re.escape(message)):
        split_examples(classes, **settings)
    common = classes[classes["target.label"].isin(["a", "b"])]
    if "folds" not in settings:
        assert set(split_examples(common, **settings)) == set(PARTS)


def test_many_rare_classes_are_not_all_named():
    """Classes called 1 to 9, each with as many examples as its name says."""
    classes = examples([*"z" * 50, *(str(size) for size in range(1, 10) for _ in range(size))])
    settings = {"task": "multiclass", "seed": 1, "folds": 10}
    message = "class 1 (1), 2 (2), 3 (3), 4 (4), 5 (5) and 4 more for 10 folds; use fewer folds, or"
    with pytest.raises(InputError, match=re.escape(message)) as told:
        split_examples(classes, **settings)
    assert str(told.value).endswith("leave out rare ones with `min_class_size: 10`")


def test_a_label_of_one_example_keeps_its_place():
    """Train has it, the other parts lack it; one that has enough must be everywhere."""
    labels = pd.DataFrame({"target.rare": [1] + [0] * 59, "target.common": [0, 1] * 30})
    table = examples([0] * 60).drop(columns="target.label").join(labels)
    part = split_examples(table, task="multilabel", seed=1)
    assert part[0] == "train" and set(part) == set(PARTS)
    chroms = table.assign(chrom=["I", "II", "III"] * 20, **{"target.common": [1, 1, 0] * 20})
    message = "test part holds no example with label common (40); name other chromosomes, or use"
    with pytest.raises(InputError, match=re.escape(message)) as told:
        split_examples(
            chroms,
            task="multilabel",
            seed=1,
            method="chromosome",
            validation=["II"],
            test=["III"],
        )
    assert "or leave out rare ones with `min_class_size: 41` or `drop_classes: [common]`" in str(
        told.value
    )


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"folds": 2}, "`folds: 2` leaves nothing to train on; use 3 or more"),
        ({"folds": 5, "fold": 5}, "there is no fold 5; `folds: 5` makes folds 0 to 4"),
        ({"folds": 11}, r"examples of class 0 \(10\) and 1 \(10\) for 11 folds; use fewer folds$"),
        (
            {"folds": 4, "method": "chromosome"},
            "3 chromosomes cannot fill 4 parts; use fewer folds",
        ),
        ({"method": "group"}, "20 examples have no group, first e0; name .* `columns: group`"),
        (
            {"method": "homology", "clusters": np.zeros(20, dtype=int)},
            "1 clusters of near-identical sequences cannot fill 3 parts; use another method",
        ),
        (
            {"method": "group", "validation": 0.5, "test": 0.5},
            "validation 0.5 and test 0.5 leave nothing to train on",
        ),
    ],
)
def test_what_cannot_be_split_is_said(settings, message):
    table = examples([0, 1] * 10, ["1"] * 8 + ["2"] * 6 + ["3"] * 6)
    with pytest.raises(InputError, match=message):
        split_examples(table, task="binary", seed=1, **settings)


def test_chromosomes_may_have_other_names_in_the_split(tmp_path):
    path = tmp_path / "alias.tsv"
    path.write_text("I\tchr1\tNC_1\nII\tchr2\tNC_2\nIII\tchr3\tNC_3\n")
    table = examples([0, 1] * 9, ["I"] * 6 + ["II"] * 6 + ["chr3"] * 6)
    settings = {"task": "binary", "seed": 1, "method": "chromosome", "aliases": read_aliases(path)}
    plain = split_examples(table, **settings, validation=["II"], test=["chr3"]).tolist()
    assert split_examples(table, **settings, validation=["chr2"], test=["III"]).tolist() == plain
    assert split_examples(table, **settings, validation=["NC_2"], test=["NC_3"]).tolist() == plain
    with pytest.raises(
        InputError, match="no example lies on chromosome 'chr9'; there are I, II, c"
    ):
        split_examples(table, **settings, validation=["chr9"], test=["III"])
    with pytest.raises(InputError, match="chromosome 'II' is in both validation and test"):
        split_examples(table, **settings, validation=["chr2"], test=["NC_2"])


def test_the_balance_is_printed(capsys):
    table = examples([0, 1] * 10, ["1"] * 8 + ["2"] * 6 + ["3"] * 6)
    split_examples(table, task="binary", seed=1, method="chromosome", validation=[2], test=["3"])
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert rows[-3:] == [["train", "4", "4"], ["validation", "3", "3"], ["test", "3", "3"]]


def test_split_file_round_trip(tmp_path):
    path = tmp_path / "fold0.tsv"
    table = examples([0, 1, 0]).assign(id=["NA", '"7"', "é"])
    write_split(table, np.array(["train", "test", "validation"]), path)
    assert read_split(path, table["id"]).part.tolist() == ["train", "test", "validation"]
    assert read_split(path, np.array(["é", "NA"])).part.tolist() == ["validation", "train"]
    with pytest.raises(InputError, match="gives no part for 2 of 3 examples, first e8"):
        read_split(path, ["NA", "e8", "e9"])


def test_tiles_of_the_yeast_mpra_stay_whole(data):
    table = pd.read_csv(data / "yeast_native_mpra/Native_testdata_defined_media.csv", index_col=0)
    tiles = examples(table["meanEL"].to_numpy(), group=table["baseSeq"].to_numpy())
    settings = {"task": "regression", "method": "group"}
    part = split_examples(tiles, seed=1, **settings)
    for block, shares in ((part, [0.15, 0.7, 0.15]), (folds_of(tiles, 5, **settings), [0.2] * 5)):
        assert (pd.Series(block).groupby(table["baseSeq"].to_numpy()).nunique() == 1).all()
        found = np.unique(block, return_counts=True)[1] / len(tiles)
        np.testing.assert_allclose(found, shares, atol=0.02)


def test_factors_of_the_yeast_bins_keep_their_shares(data):
    bins = pd.read_csv(data / "yeast_chipexo/derived/bins200_multilabel.tsv.gz", sep="\t")
    targets = bins.iloc[:, 4:].add_prefix("target.")
    table = examples(bins["name"], bins["chrom"]).drop(columns="target.label").join(targets)
    part = split_examples(table, task="multilabel", seed=1)
    for name, share in zip(PARTS, (0.7, 0.15, 0.15), strict=True):
        found = targets[part == name].sum() / targets.sum()
        np.testing.assert_allclose(found, share, atol=0.015)
    block = folds_of(table, 5, task="multilabel")
    np.testing.assert_allclose(targets.groupby(block).sum() / targets.sum(), 0.2, atol=0.015)


def test_classes_of_the_splice_sites_keep_their_shares(data):
    lines = (data / "uci_splice/splice.data").read_text().splitlines()
    classes = np.array([line.split(",")[0] for line in lines])
    part = split_examples(examples(classes), task="multiclass", seed=1)
    for name, share in zip(PARTS, (0.7, 0.15, 0.15), strict=True):
        counts = pd.Series(classes[part == name]).value_counts()
        assert (counts - share * pd.Series({"EI": 767, "IE": 768, "N": 1655})).abs().max() < 2


def test_published_folds_of_the_wheat_lines(data):
    folds = pd.read_csv(data / "wheat599/derived/folds.csv", dtype=str)
    folds = folds.rename(columns={"line": "id"})
    table = examples(np.zeros(599)).assign(id=folds["id"])
    block = folds_of(table, 10, task="regression", method="predefined", table=folds[::-1])
    assert (block + 1 == folds["fold"].astype(int)).all()
