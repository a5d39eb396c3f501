import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import train_test_split
from support import schema

from basewise.errors import InputError
from basewise.parts import read_split, write_split
from basewise.splits import split_by_chromosome, split_by_table, split_examples, split_random
from basewise.user_tables import read_user_table

TARGET = np.repeat([0, 1], [700, 300])


def test_random_split_keeps_shares_and_classes():
    part = split_random(TARGET, 0.15, 0.15, seed=3)
    for name, size in (("train", 700), ("validation", 150), ("test", 150)):
        assert (part == name).sum() == size
        assert TARGET[part == name].mean() == pytest.approx(0.3, abs=0.005)
    np.testing.assert_array_equal(part, split_random(TARGET, 0.15, 0.15, seed=3))
    assert (part != split_random(TARGET, 0.15, 0.15, seed=4)).any()


def test_random_split_is_scikit_learns():
    part = split_random(TARGET, 0.16, 0.20, seed=42)
    rows = np.arange(1000)
    rest, test = train_test_split(rows, test_size=0.2, stratify=TARGET, random_state=42)
    train, _ = train_test_split(rest, test_size=0.2, stratify=TARGET[rest], random_state=42)
    assert set(np.flatnonzero(part == "test")) == set(test)
    assert set(np.flatnonzero(part == "train")) == set(train)


def test_chromosomes_stay_whole():
    chrom = pd.Series(["I", "II", "III", "I", "IV"])
    part = split_by_chromosome(chrom, ["II"], ["III", "IV"])
    assert part.tolist() == ["train", "validation", "test", "train", "test"]


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


def test_predefined_split(tmp_path):
    path = tmp_path / "parts.tsv"

    def split(ids, text):
        path.write_text(text)
        return split_by_table(pd.Series(ids), read_user_table(path, schema("split"))).tolist()

    assert split(["a", "b"], "id\tpart\nb\ttest\na\ttrain\n") == ["train", "test"]
    with pytest.raises(InputError, match="no part for 2 examples, first c"):
        split(["a", "c", "d"], "id\tpart\na\ttest\n")
    with pytest.raises(InputError, match="parts.tsv:2: part 'dev' must be one of train"):
        split(["b"], "id\tpart\nb\tdev\n")
    with pytest.raises(InputError, match="parts.tsv:1: has no column 'part'"):
        split(["b"], "id\tfold\nb\t1\n")


def examples(labels, chroms):
    ids = [f"e{row}" for row in range(len(labels))]
    return pd.DataFrame({"id": ids, "label": labels, "chrom": chroms, "group": chroms})


def test_a_part_without_a_class_is_an_error():
    table = examples([0, 1, 0, 1, 1, 1], ["I", "I", "II", "II", "III", "III"])
    with pytest.raises(InputError, match="the test part holds no example of class 0"):
        split_examples(table, seed=1, method="chromosome", validation=["II"], test=["III"])
    with pytest.raises(InputError, match="6 examples cannot be divided 15% test"):
        split_examples(examples([0, 1, 1, 1, 1, 1], ["I"] * 6), seed=1)


def test_the_method_decides():
    table = examples([0, 1] * 10, ["1"] * 8 + ["2"] * 6 + ["3"] * 6)
    part = split_examples(table, seed=1, method="chromosome", validation=[2], test=[3])
    assert part.tolist() == ["train"] * 8 + ["validation"] * 6 + ["test"] * 6
    given = table[["id"]].assign(part=["train"] * 4 + ["validation"] * 8 + ["test"] * 8)
    found = split_examples(table, seed=1, method="predefined", table=given)
    assert found.tolist() == given["part"].tolist()
    found = split_examples(table, seed=1, validation=0.15, test=0.25)
    assert sorted(found) == ["test"] * 5 + ["train"] * 12 + ["validation"] * 3


def test_split_file_round_trip(tmp_path):
    table = examples([0, 1, 0], ["I", "I", "II"])
    write_split(table, np.array(["train", "test", "validation"]), tmp_path / "fold0.tsv")
    assert read_split(tmp_path / "fold0.tsv", ["e2", "e0"]).tolist() == ["validation", "train"]
