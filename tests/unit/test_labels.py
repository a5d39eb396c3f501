import numpy as np
import pandas as pd
import pytest
from support import schema

from basewise.alphabet import letters_of
from basewise.errors import InputError
from basewise.labels import join_labels, read_label_lines
from basewise.user_tables import read_user_table

SEQUENCES = ["ACGT", "GGGN", "AATT"]


def candidates(labels=(None, None, None)):
    return pd.DataFrame(
        {
            "id": ["a", "b", "c"],
            "chrom": ["I", "I", "II"],
            "start": [0, 4, 0],
            "end": [4, 8, 4],
            "strand": ".",
            "source": "peaks.bed",
            "line": [1, 2, 3],
            "label": labels,
        }
    )


def table(tmp_path, text):
    path = tmp_path / "labels.tsv"
    path.write_text(text)
    return path


def join(path, **settings):
    labels = read_user_table(path, schema("labels"))
    return join_labels(candidates(), letters_of(SEQUENCES), labels, path, **settings)


def test_examples_carry_place_composition_and_label(tmp_path):
    joined = join(table(tmp_path, "id\tlabel\nc\t1\na\t0\nb\t1\n"))
    examples = joined.examples
    assert examples["id"].tolist() == ["a", "b", "c"]
    assert examples["label"].tolist() == [0, 1, 1]
    assert examples["gc"].tolist() == [0.5, 1.0, 0.0]
    assert examples["unknown"].tolist() == [0, 0.25, 0]
    assert examples["group"].tolist() == ["I", "I", "II"]
    assert joined.dropped.empty


def test_rows_without_a_partner_are_dropped_with_file_line_and_reason(tmp_path):
    joined = join(table(tmp_path, "id\tlabel\na\t0\nb\t1\nz\t1\nedge\t1\n"), known_dropped={"edge"})
    assert joined.examples["id"].tolist() == ["a", "b"]
    assert joined.dropped.to_numpy().tolist() == [
        ["c", "peaks.bed", 3, "no label in labels.tsv"],
        ["z", "labels.tsv", 4, "label without a sequence"],
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id\tlabel\na\t0\nb\tyes\n", "labels.tsv:3: label 'yes' must be 0 or 1"),
        ("id\tlabel\na\t0\na\t1\n", "labels.tsv:3: the id 'a' stands on an earlier line"),
        ("id\tlabel\na\t0\nb\n", "labels.tsv:3: has 1 columns, line 1 has 2"),
        ("id\tlabel\na b\t0\n", "labels.tsv:2: id 'a b' must be a name without blanks"),
        ("name\tlabel\na\t0\n", "labels.tsv:1: has no column 'id'"),
        ("", "labels.tsv:1: has no column 'id'"),
        ("id\tlabel\na\t1\nb\t1\n", "labels.tsv: all 2 examples have label 1; two classes"),
        ("id\tlabel\nx\t1\n", "labels.tsv: no id of the labels is the id of a sequence"),
    ],
)
def test_bad_labels_are_named(tmp_path, text, message):
    with pytest.raises(InputError, match=message):
        join(table(tmp_path, text))


def test_candidates_may_bring_their_labels():
    joined = join_labels(candidates(["1", "0", "0"]), letters_of(SEQUENCES))
    assert joined.examples["label"].tolist() == [1, 0, 0]
    with pytest.raises(InputError, match=r"peaks.bed: all 3 examples have label 1"):
        join_labels(candidates(["1", "1", "1"]), letters_of(SEQUENCES))


def test_labels_one_a_line(tmp_path):
    path = tmp_path / "labels.txt"
    path.write_text("0\n1\n")
    assert read_label_lines(path, schema("labels"), 2).to_numpy().tolist() == [
        ["line1", "0", 1],
        ["line2", "1", 2],
    ]
    path.write_text("0\n2\n")
    with pytest.raises(InputError, match="labels.txt:2: label '2' must be 0 or 1"):
        read_label_lines(path, schema("labels"), 2)
    with pytest.raises(InputError, match="labels.txt:3: has 2 labels for 3 sequences"):
        read_label_lines(path, schema("labels"), 3)


def test_gc_of_unknown_bases_only_is_missing():
    joined = join_labels(candidates(["1", "0", "0"]), letters_of(["NNNN", "ACGT", "ACGT"]))
    assert np.isnan(joined.examples["gc"][0])
