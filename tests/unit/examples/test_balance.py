import numpy as np
import pandas as pd
import pytest

from basewise.examples.description import class_balance

PARTS = [
    np.array(["train", "train", "test", "validation", "train"]),
    np.array(["test", "test", "train", "train", "validation"]),
]


@pytest.mark.parametrize(
    ("task", "targets", "first", "second"),
    # counts in train, validation and test, by class; "" stands for all
    [
        (
            "binary",
            {"label": [0, 1, 1, 0, 1]},
            {"": [3, 1, 1], "0": [1, 1, 0], "1": [2, 0, 1]},
            {"": [2, 1, 2], "0": [1, 0, 1], "1": [1, 1, 1]},
        ),
        (
            "multiclass",
            {"label": ["b", "a", "a", "c", "b"]},
            {"": [3, 1, 1], "a": [1, 0, 1], "b": [2, 0, 0], "c": [0, 1, 0]},
            {"": [2, 1, 2], "a": [1, 0, 1], "b": [0, 1, 1], "c": [1, 0, 0]},
        ),
        (
            "multilabel",
            {"y": [1, 1, 0, 0, 1], "x": [0, 1, 1, 1, 0]},
            {"": [3, 1, 1], "y": [3, 0, 0], "x": [1, 1, 1]},
            {"": [2, 1, 2], "y": [0, 1, 2], "x": [2, 0, 1]},
        ),
        ("regression", {"y": [0.5, 1, 2, 3, 4]}, {"": [3, 1, 1]}, {"": [2, 1, 2]}),
        (
            "regression",
            {"y": [0.5, 1, 2, 3, 4], "x": [None, 1, 2, None, 4]},
            {"": [3, 1, 1], "x": [2, 0, 1]},
            {"": [2, 1, 2], "x": [1, 1, 1]},
        ),
        ("per_position", {}, {"": [3, 1, 1]}, {"": [2, 1, 2]}),
    ],
)
def test_counts_by_hand(task, targets, first, second):
    columns = {f"target.{name}": values for name, values in targets.items()}
    examples = pd.DataFrame({"id": list("abcde"), **columns})
    table = class_balance(examples, PARTS, task)
    assert list(table.columns) == ["fold", "part", "class", "count"]
    for fold, expected in enumerate((first, second)):
        of_fold = table[table["fold"] == fold].pivot(index="class", columns="part", values="count")
        counts = of_fold[["train", "validation", "test"]]
        assert dict(zip(counts.index, counts.to_numpy().tolist(), strict=True)) == expected
