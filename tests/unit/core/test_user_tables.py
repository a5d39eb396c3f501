import gzip

import pytest

from basewise.core.errors import InputError
from basewise.core.user_tables import column_named, read_delimited, read_user_table

SCHEMA = {
    "required": ["id", "label"],
    "x-unique": "id",
    "properties": {
        "id": {"pattern": r"^\S+$", "x-remedy": "must be a name without blanks"},
        "label": {"enum": ["0", "1"], "x-remedy": "must be 0 or 1"},
    },
}


def test_a_comment_does_not_tell_what_separates_columns(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("id;label, as 0 or 1;x\n# 1, 2\na;0;5\n")
    assert read_delimited(path).columns.tolist() == ["id", "label, as 0 or 1", "x"]


@pytest.mark.parametrize(
    "text",
    [
        "id\tnote\tlabel\na\tx,y;z\t0\nb\t\t1\n",
        'id,note,label\n a , "x,y;z", 0\n"b","",1\n',
        "\ufeffid;note;label\r\na;x,y;z;0\r\n\r\nb;;1\r\n".replace("x,y;z", '"x,y;z"'),
        "id,note,label\ra,x,0\rb,y,1",
    ],
    ids=["tabs", "commas", "semicolons", "old line ends"],
)
def test_every_delimiter(tmp_path, text):
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(text.encode()))
    table = read_user_table(path, SCHEMA)
    assert table.columns.tolist() == ["id", "label", "line"]
    assert table[["id", "label"]].to_numpy().tolist() == [["a", "0"], ["b", "1"]]
    assert table["line"].tolist() == ([2, 4] if "\n\r\n" in text else [2, 3])


def test_the_first_column_may_hold_the_id(tmp_path):
    path = tmp_path / "folds.csv"
    path.write_text("line,label\n007,1\n")
    table = read_user_table(path, {**SCHEMA, "x-first": "id"})
    assert table.to_dict("list") == {"id": ["007"], "label": ["1"], "line": [2]}
    with pytest.raises(InputError, match="has no column 'id'"):
        read_user_table(path, SCHEMA)


def test_comments_are_passed_over(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(
        '# Bob\'s "big" trial, 2019\n\n#id,label\na,0\n# half, way, through\nb,1\n# end\n'
    )
    table = read_user_table(path, SCHEMA)
    assert table.to_dict("list") == {"id": ["a", "b"], "label": ["0", "1"], "line": [4, 6]}
    path.write_text("id,label\n#1,0\n#2,1\n")
    assert read_user_table(path, SCHEMA)["id"].tolist() == ["#1", "#2"]
    path.write_text('id,label\na,0\n"#b",1\n')
    assert read_user_table(path, SCHEMA)["id"].tolist() == ["a", "#b"]


def test_titles_in_another_case(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(' ID ,"Yield\n(t/ha)",label,Label,,\na,5,0,1,,\n')
    table = read_delimited(path)
    assert list(table) == ["ID", "Yield\n(t/ha)", "label", "Label"]
    assert column_named(table, path, "id") == "ID"
    assert column_named(table, path, "yield (t/ha)") == "Yield\n(t/ha)"
    assert column_named(table, path, "label") == "label"
    with pytest.raises(InputError, match="a.csv:1: has no column 'LABEL'; its columns are 'ID', "):
        column_named(table, path, "LABEL")
    assert read_user_table(path, SCHEMA)["label"].tolist() == ["0"]


def test_a_title_may_hold_a_comma(data):
    table = read_delimited(data.parent / "cases/c20-excel-phenotypes/comma_in_title.csv")
    assert table.shape == (60, 3)
    assert table["Ertrag, t/ha"][2] == "5.09"


def test_line_numbers_count_line_ends_within_quotes(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('id,"a\nb"\n1,"c\n\nd"\n2,"e ""f"""\n')
    table = read_delimited(path)
    assert table.index.tolist() == [3, 6]
    assert table["a\nb"].tolist() == ["c\n\nd", 'e "f"']


def test_empty_values_at_the_end_of_the_file(tmp_path):
    path = tmp_path / "a.tsv"
    path.write_text("id\tlabel\na\t0\nb\t\n")
    assert read_delimited(path)["label"].tolist() == ["0", ""]


def test_a_sequence_may_be_long(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("id,sequence\na," + "A" * 200_000 + "\n")
    assert read_delimited(path)["sequence"].str.len().tolist() == [200_000]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "a.csv:1: has no column 'id'; its columns are none, and the first line must"),
        ("id,class\na,0\n", "a.csv:1: has no column 'label'"),
        ("id,label,id\na,0,b\n", "a.csv:1: names the column 'id' twice"),
        ("id,label\na,0\nb\n", "a.csv:3: has 1 columns, line 1 has 2"),
        ("# of us\nid,label\na\n", "a.csv:3: has 1 columns, line 2 has 2"),
        ("# of us\nid,class\n", "a.csv:2: has no column 'label'; its columns are 'id', 'class'"),
        ("id,label\na,1,5\n", "a.csv:2: has 3 columns, line 1 has 2; .* write decimal points"),
        ("id,label\na,0\n#b,0\n", "a.csv:3: begins with '#' and has the columns of a row; del"),
        ("id,label\na,2\n", "a.csv:2: label '2' must be 0 or 1"),
        ("id,label\na,0\n\na,1\n", "a.csv:4: the id 'a' stands on an earlier line too"),
        ('id,label\na,0\n"b,1\nc,1\n', "a.csv:3: the quotes of the row do not match"),
        ('id,label\n"a"b,0\n', "a.csv:2: the quotes of the row do not match"),
    ],
)
def test_bad_tables_are_named(tmp_path, text, message):
    path = tmp_path / "a.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=message):
        read_user_table(path, SCHEMA)


@pytest.mark.parametrize(
    "text", ["FID IID  QT\n0 a -9\n0  b 1.5\n", ' FID "IID" QT \n"0" a -9 \n 0 "b" 1.5\n']
)
def test_blanks_separate_where_nothing_else_does(tmp_path, text):
    """As in tables of PLINK and of write.table; a title may hold a blank where no row is cut so."""
    path = tmp_path / "a.txt"
    path.write_text(text)
    table = read_delimited(path)
    assert list(table) == ["FID", "IID", "QT"]
    assert table.to_numpy().tolist() == [["0", "a", "-9"], ["0", "b", "1.5"]]
    path.write_text("grain yield\n5\n6\n")
    assert list(read_delimited(path)) == ["grain yield"]
    path.write_text("a b\n1 2\n3\n")
    with pytest.raises(InputError, match="a.txt:3: has 1 columns, line 1 has 2"):
        read_delimited(path)
