"""Classes and labels that a dataset leaves out."""

import re

import pandas as pd
import pytest

from basewise.core.errors import InputError
from basewise.core.remarks import sentences
from basewise.examples.labels import join_labels
from basewise.store.tables import CANDIDATE_COLUMNS


def candidates(**labels):
    """Sequences in peaks.bed, one a line, with their labels as text."""
    count = len(next(iter(labels.values())))
    table = pd.DataFrame(None, index=range(count), columns=list(CANDIDATE_COLUMNS))
    table = table.assign(id=[f"e{n}" for n in range(count)], source="peaks.bed", background=False)
    table["line"] = range(1, count + 1)
    return table.assign(**{f"target.{name}": values for name, values in labels.items()})


def told(joined):
    return [sentence.text for sentence in sentences(joined.remarks)]


def test_classes_are_left_out_by_name_and_by_size():
    """Six of a, four of b, two of c and one of d; one has none."""
    table = candidates(label=[*"aaaaaabbbbccd", None])
    joined = join_labels(table, "multiclass", drop_classes=["b"], min_class_size=2)
    assert joined.examples["target.label"].tolist() == [*"aaaaaacc"]
    reasons = joined.dropped.set_index("id")["reason"].to_dict()
    assert reasons == {
        **dict.fromkeys(["e6", "e7", "e8", "e9"], "`drop_classes` names its class"),
        "e12": "its class is smaller than `min_class_size: 2`",
        "e13": "the label is missing",
    }
    assert told(joined) == [
        "`drop_classes` leaves out the class b (4 examples).",
        "`min_class_size: 2` leaves out the class d (1 example).",
    ]


def test_of_labels_the_outputs_are_left_out_and_the_examples_stay():
    """Who lacks a label that is left out is an example even so."""
    table = candidates(x=["1", "0", "1", "0"], y=["0", None, "1", "0"], z=["1", "1", "0", "1"])
    joined = join_labels(table, "multilabel", min_class_size=2)
    assert [name for name in joined.examples if name.startswith("target")] == [
        "target.x",
        "target.z",
    ]
    assert len(joined.examples) == 4 and joined.dropped.empty
    assert told(joined) == ["`min_class_size: 2` leaves out the label y (1 example)."]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"drop_classes": ["B"]},
            "peaks.bed: `drop_classes` names 'B', and there is no such class; there are a, b and c",
        ),
        (
            {"min_class_size": 3, "drop_classes": ["b"]},
            "`drop_classes` and `min_class_size` leave 1 of 3 classes, and 2 are needed; leave out",
        ),
    ],
)
def test_what_cannot_be_left_out_is_said(settings, message):
    with pytest.raises(InputError, match=re.escape(message)):
        join_labels(candidates(label=[*"aaabbbc"]), "multiclass", **settings)


def test_a_label_that_no_example_has_is_answered_with_the_key():
    table = candidates(x=["1", "0"], y=["0", "0"], z=["1", "1"])
    with pytest.raises(InputError, match=re.escape("throughout: `drop_classes: [y, z]`")):
        join_labels(table, "multilabel")
    joined = join_labels(table, "multilabel", drop_classes=["y", "z"])
    assert list(joined.examples.filter(like="target.")) == ["target.x"]
