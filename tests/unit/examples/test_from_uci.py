import pytest

from basewise.core.errors import InputError
from basewise.examples.readers import read_uci_records


def test_lines_of_class_name_and_sequence(tmp_path):
    path = tmp_path / "a.data"
    path.write_text("+,S10,\t\ttactag\n\nEI,    A-1,     CCNG \nN,S10,AC\n")
    records = read_uci_records(path, alphabet="dna")
    assert records["id"].tolist() == ["S10", "A-1", "S10#2"]
    assert records["line"].tolist() == [1, 3, 4]
    assert records["target.label"].tolist() == ["+", "EI", "N"]
    assert records["sequence"].tolist() == ["TACTAG", "CCNG", "AC"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("+,S10,ACGT\n+,ACGT\n", "a.data:2: has 2 fields; a line is `class, name, sequence`"),
        ("+,S 10,ACGT\n", "a.data:1: the id 'S 10' must be plain"),
        ("+,S10,\n", "a.data:1: the sequence is empty"),
        ("\n", "a.data:1: holds no line"),
    ],
)
def test_bad_lines_are_named(tmp_path, text, message):
    path = tmp_path / "a.data"
    path.write_text(text)
    with pytest.raises(InputError, match=message):
        read_uci_records(path, alphabet="dna")


def test_uci_promoters(data):
    records = read_uci_records(data / "uci_promoters" / "promoters.data", alphabet="dna")
    assert records["target.label"].value_counts().to_dict() == {"+": 53, "-": 53}
    assert (records["sequence"].str.len() == 57).all()
    assert records["sequence"].str.fullmatch("[ACGT]+").all()


def test_uci_splice(data):
    records = read_uci_records(data / "uci_splice" / "splice.data", alphabet="dna")
    counts = records["target.label"].value_counts().to_dict()
    assert counts == {"N": 1655, "IE": 768, "EI": 767}
    assert (records["sequence"].str.len() == 60).all()
    ambiguous = records["sequence"].str.replace("[ACGT]", "", regex=True).sum()
    assert {letter: ambiguous.count(letter) for letter in sorted(set(ambiguous))} == {
        "D": 2,
        "N": 56,
        "R": 1,
        "S": 1,
    }
    assert records["id"].str.endswith("#2").sum() == 12
    donors = records[records["target.label"] == "EI"]
    assert (donors["sequence"].str[30:32] == "GT").sum() == 759
