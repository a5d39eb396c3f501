import numpy as np
import pandas as pd
import pytest

from basewise.core.errors import InputError
from basewise.examples.targets import output_columns, output_names, read_targets


def table(**columns):
    count = len(next(iter(columns.values())))
    return pd.DataFrame(
        {
            **{
                f"target.{name}": pd.Series(values, dtype="str") for name, values in columns.items()
            },
            "label_file": "labels.tsv",
            "label_line": range(2, 2 + count),
        }
    )


def values(task, *texts, **settings):
    return read_targets(table(label=list(texts)), task, **settings)["target.label"].tolist()


@pytest.mark.parametrize(
    ("labels", "task", "expected"),
    [
        ("kind", "binary", {"target.label": "kind"}),
        (["kind"], "multiclass", {"target.label": "kind"}),
        (5, "binary", {"target.label": 5}),
        (["a", 6], "multilabel", {"target.a": "a", "target.column6": 6}),
        ("a", "regression", {"target.a": "a"}),
    ],
)
def test_targets_are_named_after_their_columns(labels, task, expected):
    assert output_columns(labels, task) == expected


def test_outputs():
    examples = table(b=["x"], a=["y"])
    assert output_names(examples, "multilabel") == ["b", "a"]
    assert output_names(table(label=["b", "a", "b"]), "multiclass") == ["a", "b"]


def test_what_each_task_reads():
    nan = np.nan
    np.testing.assert_equal(values("binary", "0", "1", None), [0, 1, nan])
    np.testing.assert_equal(values("binary", "+", "-", "+", positive="-"), [0, 1, 0])
    np.testing.assert_equal(values("binary", "1", "0", None, positive="0"), [0, 1, nan])
    np.testing.assert_equal(values("regression", "1e-3", "-2", " 7", None), [1e-3, -2, 7, nan])
    classes = read_targets(table(label=["a", "b", None]), "multiclass")["target.label"]
    assert classes[:2].tolist() == ["a", "b"]
    assert classes.isna().tolist() == [False, False, True]
    for no, yes in (("0.0", "1.0"), ("FALSE", "TRUE"), ("no", "Yes")):
        np.testing.assert_equal(values("binary", no, yes, None), [0, 1, nan])
        np.testing.assert_equal(values("multilabel", yes, no, None), [1, 0, nan])
    np.testing.assert_equal(values("binary", "no", "yes", positive="no"), [1, 0])
    several = read_targets(table(a=["0", "1"], b=["1", None]), "multilabel")
    np.testing.assert_equal(several.to_numpy(), [[0, 1], [1, nan]])


@pytest.mark.parametrize(
    ("task", "texts", "positive", "message"),
    [
        ("binary", ["0", "yes"], None, "label 'yes' must be 0 or 1; or name .* `positive`"),
        ("binary", ["true", "yes"], None, "label 'yes' must be 0 or 1"),
        ("multilabel", ["0", "2"], None, "label '2' must be 0 or 1$"),
        ("multilabel", ["1.0", "True"], None, "label 'True' must be 0 or 1$"),
        ("multiclass", ["1", "1.0"], None, "label '1.0' is the same number as the class '1'; wr"),
        ("regression", ["1", "1,5"], None, "label '1,5' must be a number; 1 of 2 .* write 1.5$"),
        ("regression", ["1", "inf"], None, "label 'inf' must be a number"),
        ("regression", ["1", "1e999"], None, "label '1e999' must be a number"),
    ],
)
def test_a_value_that_does_not_fit_is_named(task, texts, positive, message):
    with pytest.raises(InputError, match=f"^labels.tsv:3: {message}"):
        values(task, *texts, positive=positive)


def test_of_two_names_one_is_proposed_as_positive():
    message = "^labels.tsv:2: label 'ctrl' must be 0 or 1; .*`positive`, for example .*: case`$"
    with pytest.raises(InputError, match=message):
        values("binary", "ctrl", "case")
    with pytest.raises(InputError, match="`positive: 'on'`$"):  # a bare one is true to YAML
        values("binary", "on", "off")


def test_names_of_averages_are_taken():
    with pytest.raises(InputError, match="^labels.tsv:3: label 'label' is the name of all classes"):
        values("multiclass", "a", "label")
    with pytest.raises(InputError, match="^labels.tsv: an output is named 'micro', as an average"):
        read_targets(table(day=["0", "1"], micro=["1", "0"]), "multilabel")


def test_positive_needs_two_names():
    with pytest.raises(
        InputError, match="^labels.tsv:5: label 'c' is a third class .* 'a' and 'b'"
    ):
        values("binary", "a", None, "b", "c", positive="a")
    with pytest.raises(InputError, match="no row has the label 'x' that `positive` names; .* a, b"):
        values("binary", "b", "a", positive="x")
