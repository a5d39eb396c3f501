import re

import numpy as np
import pandas as pd
import pytest
from support import schema

from basewise.core.errors import InputError
from basewise.examples.labels import join_labels, read_label_lines, read_label_table, write_examples
from basewise.store.tables import EXAMPLE_COLUMNS


def candidates(background=(False, False, False), **targets):
    table = pd.DataFrame(
        {
            "id": ["a", "b", "c"],
            "chrom": ["I", "I", "II"],
            "start": [0, 4, 0],
            "end": [4, 8, 4],
            "strand": ".",
            "source": "peaks.bed",
            "line": [1, 2, 3],
            "original_length": 4,
            "gc": [0.5, 1, np.nan],
            "unknown": [0, 0.25, 1],
            "soft_masked": [0, 0, 0.5],
            "group": ["I", "I", "II"],
            "part": None,
            "background": background,
        }
    )
    for name, values in targets.items():
        table[f"target.{name}"] = pd.Series(values, dtype="str")
    return table


@pytest.fixture
def read(tmp_path):
    """Reads text as a table of labels."""

    def read(text, task="binary", name="labels.tsv", **columns):
        (tmp_path / name).write_text(text)
        return read_label_table(tmp_path / name, schema("labels"), task, columns)

    return read


def targets(joined):
    return joined.examples.filter(like="target.").to_numpy().tolist()


def dropped(joined):
    return joined.dropped[["id", "source", "line", "reason"]].to_numpy().tolist()


def test_examples_carry_all_that_candidates_have_and_their_label(read):
    joined = join_labels(candidates(), "binary", labels=read("id\tlabel\nc\t1\na\t0\nb\t1\n"))
    examples = joined.examples
    assert examples.columns.tolist() == [*EXAMPLE_COLUMNS, "target.label"]
    pd.testing.assert_frame_equal(examples[candidates().columns], candidates())
    assert examples["record"].tolist() == [0, 1, 2]
    assert examples["target.label"].tolist() == [0, 1, 1]
    assert examples["target.label"].dtype == np.int8
    assert joined.dropped.empty


def test_rows_without_a_partner_are_dropped_with_file_line_and_reason(read):
    labels = read("id\tlabel\na\t0\n\nb\t1\nz\t1\nedge\t1\n")
    joined = join_labels(candidates(), "binary", labels=labels, known_dropped=frozenset({"edge"}))
    assert joined.examples["id"].tolist() == ["a", "b"]
    assert joined.examples["record"].tolist() == [0, 1]
    assert dropped(joined) == [
        ["c", "peaks.bed", 3, "no label in labels.tsv"],
        ["z", "labels.tsv", 5, "label without a sequence"],
    ]


def test_an_empty_label_drops_its_row(read):
    labels = read("name,day\nc,1.5\na,\nb,-1\n", "regression", "labels.csv", id="name", label="day")
    joined = join_labels(candidates(), "regression", labels=labels)
    assert joined.examples["record"].tolist() == [1, 2]
    assert targets(joined) == [[-1], [1.5]]
    assert dropped(joined) == [["a", "peaks.bed", 1, "the label is missing"]]


def test_an_example_may_lack_some_of_several_numbers(read):
    text = "name,day1,day2,where\nc,1.5,2,north\na,,NA,south\nb,-1,,\n"
    text += "d,2,3,east\n"
    columns = {"id": None, "label": ["day2", "day1"], "covariates": ["where"], "group": "where"}
    labels = read(text, "regression", "labels.csv", **columns)
    fourth = candidates().iloc[:1].assign(id="d", line=4)
    table = pd.concat([candidates(), fourth], ignore_index=True)
    joined = join_labels(table, "regression", labels=labels)
    assert joined.examples["id"].tolist() == ["b", "c", "d"]
    assert joined.examples.columns[-3:].tolist() == [
        "covariate.where",
        "target.day2",
        "target.day1",
    ]
    np.testing.assert_array_equal(targets(joined), [[np.nan, -1], [2, 1.5], [3, 2]])
    assert joined.examples["covariate.where"].fillna("").tolist() == ["", "north", "east"]
    assert joined.examples["group"].isna().tolist() == [True, False, False]
    assert dropped(joined) == [["a", "peaks.bed", 1, "the label is missing"]]


@pytest.mark.parametrize(
    ("labels", "told"),
    [(["1", "0", "1"], []), (["FALSE", "TRUE", "NA"], ["Class 1 is TRUE, class 0 is FALSE"])],
)
def test_the_log_tells_which_class_is_1(read, capsys, labels, told):
    rows = "".join(f"{name},{label}\n" for name, label in zip("abc", labels, strict=True))
    join_labels(candidates(), "binary", labels=read("id,label\n" + rows, "binary", "labels.csv"))
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if line.startswith("Class 1")] == told


@pytest.mark.parametrize(
    ("task", "given", "settings", "expected"),
    [
        ("binary", {"label": ["x", "y", "x"]}, {"positive": "x"}, [[1], [0], [1]]),
        ("multiclass", {"label": ["x", "y", "z"]}, {}, [["x"], ["y"], ["z"]]),
        ("multilabel", {"p": "010", "q": "011"}, {}, [[0, 0], [1, 1], [0, 1]]),
        ("regression", {"p": ["1", "2.5", "-3"]}, {}, [[1], [2.5], [-3]]),
    ],
)
def test_candidates_may_bring_their_labels(task, given, settings, expected):
    table = candidates(**{name: list(texts) for name, texts in given.items()})
    assert targets(join_labels(table, task, **settings)) == expected


def test_the_log_says_which_class_is_1(capsys):
    table = candidates(label=["x", "y", "x"])
    join_labels(table, "binary", positive="x")
    assert "Class 1 is x, class 0 is y\n" in capsys.readouterr().out
    join_labels(table.assign(background=[False, True, False]), "binary", positive="x")
    assert "Class 1 is x, class 0 is background\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("task", "given", "expected"),
    [
        ("binary", {}, [[1], [0], [1]]),
        ("binary", {"label": ["1", None, "0"]}, [[1], [0], [0]]),
        ("multiclass", {"label": ["x", None, "y"]}, [["x"], ["background"], ["y"]]),
        ("multilabel", {"p": ["1", None, "0"], "q": ["1", "1", "1"]}, [[1, 1], [0, 0], [0, 1]]),
    ],
)
def test_background_belongs_to_no_class(task, given, expected):
    assert targets(join_labels(candidates((False, True, False), **given), task)) == expected


def test_background_needs_no_row_in_a_table_of_labels(read):
    table = candidates((False, True, False))
    joined = join_labels(table, "binary", labels=read("id\tlabel\na\t1\nb\t1\nc\t0\n"))
    assert targets(joined) == [[1], [0], [0]]
    joined = join_labels(table, "binary", labels=read("id\tlabel\na\t1\n"))
    assert (joined.examples["id"].tolist(), targets(joined)) == (["a", "b"], [[1], [0]])
    assert dropped(joined) == [["c", "peaks.bed", 3, "no label in labels.tsv"]]


def test_overlaps_are_joined_row_for_row():
    overlaps = pd.DataFrame({"target.p": list("101"), "target.q": list("110")})
    joined = join_labels(candidates((False, False, True)), "multilabel", overlaps=overlaps)
    assert targets(joined) == [[1, 1], [0, 1], [0, 0]]


def test_every_candidate_is_an_example_of_labels_for_each_position():
    joined = join_labels(candidates(), "per_position")
    assert joined.examples.columns.tolist() == EXAMPLE_COLUMNS
    assert len(joined.examples) == 3


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id\tlabel\na\t0\nb\tyes\n", "labels.tsv:3: label 'yes' must be 0 or 1"),
        ("id\tlabel\na\t0\na\t1\n", "labels.tsv:3: the id 'a' stands on an earlier line"),
        ("id\tlabel\na\t0\nb\n", "labels.tsv:3: has 1 columns, line 1 has 2"),
        ("id\tlabel\na b\t0\n", "labels.tsv:2: id 'a b' must be a name without blanks"),
        ("name\tlabel\na\t0\n", "labels.tsv:1: has no column 'id'"),
        ("id\tclass\na\t0\n", "labels.tsv:1: has no column 'label'"),
        ("", "labels.tsv:1: has no column 'id'"),
        ("id\tlabel\n", "labels.tsv:1: holds no label"),
        ("id\tlabel\na\t1\nb\t1\n", "labels.tsv: all 2 examples have label 1; two classes"),
        ("id\tlabel\nx\t1\n", "labels.tsv: no sequence has a label here; compare"),
        ("id\tlabel\na\t\nb\t\n", "labels.tsv: no sequence has a label here; compare"),
    ],
)
def test_bad_labels_are_named(read, text, message):
    with pytest.raises(InputError, match=message):
        join_labels(candidates(), "binary", labels=read(text))


@pytest.mark.parametrize(
    ("task", "given", "message"),
    [
        ("binary", ["1", "1", "1"], "peaks.bed: all 3 examples have label 1; two classes"),
        ("multiclass", ["x", "x", "x"], "peaks.bed: all 3 examples have label x; two classes"),
        ("regression", ["2", "2", "2"], "all 3 examples have label 2.0; a regression needs"),
        ("binary", ["1", "0", "x"], "peaks.bed:3: label 'x' must be 0 or 1"),
    ],
)
def test_labels_of_candidates_are_checked(task, given, message):
    with pytest.raises(InputError, match=message):
        join_labels(candidates(label=given), task)


@pytest.mark.parametrize(
    ("transform", "value", "allowed"),
    [("log10", "0", False), ("log1p", "-1", False), ("log1p", "0", True), ("zscore", "-1", True)],
)
def test_a_value_outside_the_domain_of_the_transform_is_named(transform, value, allowed):
    table = candidates(y=["1", value, "3"])
    if allowed:
        assert len(join_labels(table, "regression", transform=transform).examples) == 3
        return
    with pytest.raises(InputError, match=f"peaks.bed:2: y {value} has no {transform}; choose"):
        join_labels(table, "regression", transform=transform)


@pytest.mark.parametrize("file", ["d.csv", None])
def test_numbers_that_become_one_when_stored_are_refused(data, tmp_path, file):
    if file is None:
        path = tmp_path / "y.csv"
        path.write_text("id,y\na,1\nb,1e39\nc,2\n")
        line, value = 3, "y 1e+39 is too large to be stored"
    else:
        path = data.parent / "cases/f06-large-numbers" / file
        line, value = 2, "y 1000000015.19 and others differ in digits that get lost"
    columns = {"id": "id", "label": "y"}
    table = read_label_table(path, schema("labels"), "regression", columns)
    made = pd.concat([candidates()] * 27, ignore_index=True)[: len(table)].assign(id=table["id"])
    with pytest.raises(InputError, match=re.escape(f"csv:{line}: {value}")):
        join_labels(made, "regression", labels=table)


def test_labels_one_a_line(tmp_path):
    path = tmp_path / "labels.txt"
    path.write_text("0\r\n 1\r\n0\r\n\r\n")
    table = candidates().assign(id=["line3", "line1", "line2"])
    labels = read_label_lines(path, table)
    assert labels[["id", "target.label", "line"]].to_numpy().tolist() == [
        ["line1", "0", 1],
        ["line2", "1", 2],
        ["line3", "0", 3],
    ]
    assert targets(join_labels(table, "binary", labels=labels)) == [[0], [0], [1]]
    with pytest.raises(InputError, match="labels.txt:4: has 3 labels for 4 sequences"):
        read_label_lines(path, table, frozenset({"line4"}))
    with pytest.raises(InputError, match="labels.txt:3: has 3 labels for 2 sequences"):
        read_label_lines(path, table[:2])


def test_labels_one_a_line_count_the_lines_of_the_source(tmp_path):
    """What extraction dropped is a line of the file; a shuffled copy is none."""
    path = tmp_path / "labels.txt"
    path.write_text("0\n1\n0\n")
    table = candidates().assign(id=["line1", "line2", "s1"], background=[False, False, True])
    dropped = frozenset({"line3"})
    labels = read_label_lines(path, table, dropped)
    joined = join_labels(table, "binary", labels=labels, known_dropped=dropped)
    assert joined.dropped.empty and targets(joined) == [[0], [1], [0]]


def test_candidates_without_labels_or_background_are_an_error():
    with pytest.raises(InputError, match="peaks.bed: brings no labels; name their column"):
        join_labels(candidates().filter(regex="^(?!target)"), "binary")


def test_written_examples_read_back(tmp_path):
    joined = join_labels(candidates(label=["1", None, "0"]), "binary")
    write_examples(joined, *(tmp_path / name for name in ("e.parquet", "d.tsv", "r.tsv")))
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "e.parquet"), joined.examples)
    assert pd.read_csv(tmp_path / "d.tsv", sep="\t").to_numpy().tolist() == dropped(joined)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("id\tlabel\na\t1\nb\u200f\t0\n", "labels.tsv:3: id 'b\\u200f' holds"),
        ('id,label\na,"x\ny"\n', "labels.tsv:2: label 'x\\ny' holds"),
        ("id\tlabel\na\tx\nb\tx\u202e\n", "labels.tsv:3: label 'x\\u202e' holds"),
        ("id\tlabel\tfamily\na\tx\tf\x1b[2K\n", "labels.tsv:2: family 'f\\x1b[2K' holds"),
        ("id\tlabel\tplace\na\tx\tp\u200b\n", "labels.tsv:2: place 'p\\u200b' holds"),
    ],
)
def test_names_with_characters_that_nobody_sees_are_refused(read, text, place):
    more = {key: title for key, title in (("group", "family"),) if title in text}
    more |= {"covariates": ["place"]} if "place" in text else {}
    with pytest.raises(InputError, match=re.escape(place)):
        read(text, "multiclass", **more)


@pytest.mark.parametrize("column", ["id", "chrom", "group"])
def test_candidates_with_characters_that_nobody_sees_are_refused(column):
    table = candidates(label=["x", "y", "x"])
    table.loc[1, column] = "b\x1b"
    with pytest.raises(InputError, match=re.escape(f"peaks.bed:2: {column} 'b\\x1b' holds a")):
        join_labels(table, "multiclass")
    table = candidates(label=["x", "y\u2028", "x"])
    with pytest.raises(InputError, match=re.escape("peaks.bed:2: label 'y\\u2028' holds a")):
        join_labels(table, "multiclass")
