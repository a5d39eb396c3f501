import csv

import pytest

from basewise.core.errors import InputError
from basewise.examples.from_sequences import extract_sequences
from basewise.examples.readers import read_table_records


def read(path, text=None, task="binary", **columns):
    if text is not None:
        path.write_text(text)
    return read_table_records(path, alphabet="dna", task=task, columns=columns)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a.csv"


def test_defaults(path):
    records = read(path, "label,note,sequence\n1,x,acgt\n\n,y,ACGN\n")
    assert records["id"].tolist() == ["line2", "line4"]
    assert records["line"].tolist() == [2, 4]
    assert records["sequence"].tolist() == ["ACGT", "ACGN"]
    assert records["target.label"][0] == "1"
    assert records["target.label"].isna().tolist() == [False, True]
    assert "target.label" not in read(path, "sequence\nACGT\n")


def test_columns_are_named(path):
    text = 'name;seq;"class";set;family\ns1;"AC\nGT";a;valid;f\ns2;ACGT;"b;c";test;\n'
    columns = {"id": "name", "sequence": "seq", "label": "class", "part": "set", "group": "family"}
    records = read(path, text, "multiclass", **columns)
    assert records["id"].tolist() == ["s1", "s2"]
    assert records["line"].tolist() == [2, 4]
    assert records["sequence"].tolist() == ["ACGT", "ACGT"]
    assert records["target.label"].tolist() == ["a", "b;c"]
    assert records["part"].tolist() == ["validation", "test"]
    assert records["group"][0] == "f"
    assert records["group"].isna().tolist() == [False, True]


def test_targets_have_the_names_of_their_columns(path):
    text = "sequence\tGata1\tTal1\nACGT\t0\t1\n"
    labels = read(path, text, "multilabel", label=["Tal1", "Gata1"])
    assert labels[["target.Gata1", "target.Tal1"]].to_numpy().tolist() == [["0", "1"]]
    value = read(path, None, "regression", label="Gata1")
    assert value["target.Gata1"].tolist() == ["0"]
    assert read(path, None, "binary", label="Gata1")["target.label"].tolist() == ["0"]


def test_one_table_a_part(tmp_path):
    files = {name: tmp_path / f"{name}.csv" for name in ("train", "dev", "test")}
    for file in files.values():
        file.write_text("sequence,label\nACGT,1\n")
    records = read(files)
    assert records["id"].tolist() == ["train:line2", "validation:line2", "test:line2"]
    assert records["part"].tolist() == ["train", "validation", "test"]


@pytest.mark.parametrize(
    ("text", "columns", "message"),
    [
        ("sequence\n", {}, "a.csv:1: holds no row under the names of its columns"),
        ("", {}, "a.csv:1: has no column 'sequence'"),
        ("seq,label\nA,1\n", {}, "a.csv:1: has no column 'sequence'; its columns are 'seq', 'l"),
        ("sequence\nA\n", {"label": ["x"]}, "a.csv:1: has no column 'x'; its columns are"),
        ("sequence,n\nA,a\nC,a\n", {"id": "n"}, "a.csv:3: the id 'a' stands in .*a.csv:2 too"),
        ("sequence,n\nA,\n", {"id": "n"}, "a.csv:2: the id '' must be plain"),
        ("sequence,p\nA,eval\n", {"part": "p"}, "a.csv:2: part 'eval' must be train, validation"),
        ('sequence,p\n"A\nC",b\nX,b\n', {}, "a.csv:4: 'X' at position 1"),
    ],
)
def test_bad_tables_are_named(path, text, columns, message):
    with pytest.raises(InputError, match=message):
        read(path, text, **columns)


@pytest.mark.parametrize(
    ("name", "counts", "length", "positives"),
    [
        ("gue_prom_300_tata", (4904, 613, 613), 300, (2444, 323, 298)),
        ("gue_tf_human_4", (19000, 1000, 1000), 101, (9495, 505, 500)),
    ],
)
def test_published_splits(data, name, counts, length, positives):
    files = {part: data / name / f"{part}.csv" for part in ("train", "dev", "test")}
    records = read(files)
    parts = records.groupby("part", sort=False)["target.label"]
    assert tuple(parts.size()[["train", "validation", "test"]]) == counts
    ones = parts.agg(lambda labels: (labels == "1").sum())
    assert tuple(ones[["train", "validation", "test"]]) == positives
    assert (records["sequence"].str.len() == length).all()


@pytest.mark.parametrize(
    ("name", "sequence", "value", "count"),
    [
        ("Native_complex", "sequence", "Measured Expression", 3733),
        ("Random_complex", "sequence", "Measured Expression", 2954),
        ("Native_testdata_defined_media", "seq110", "meanEL", 3782),
    ],
)
def test_yeast_promoters(data, name, sequence, value, count):
    source = data / "yeast_native_mpra" / f"{name}.csv"
    records = read(source, None, "regression", sequence=sequence, label=value)
    assert len(records) == count
    with open(source, newline="") as stream:
        peer = [(row[sequence], row[value]) for row in csv.DictReader(stream)]
    found = records[["sequence", f"target.{value}"]].itertuples(index=False, name=None)
    assert list(found) == peer


def test_rows_of_a_table_are_taken_by_a_column(tmp_path):
    """What is not taken is listed, and not checked."""
    path = tmp_path / "a.csv"
    path.write_text("name,sequence,label,set\na,ACGT,1,x\nb,A!,0,y\nc,AAAA,0,x\n")
    keep = {"column": "set", "equals": "x"}
    columns = {"id": "name"}
    extraction = extract_sequences(
        {"table": path}, alphabet="dna", task="binary", columns=columns, keep=keep
    )
    assert extraction.candidates["id"].tolist() == ["a", "c"]
    assert extraction.dropped.to_numpy().tolist() == [["b", "a.csv", 3, "column set is not x"]]
