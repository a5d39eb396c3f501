import gzip

import pytest

from basewise.core.errors import InputError
from basewise.examples.readers import read_line_records


def test_a_line_is_a_sequence(tmp_path):
    path = tmp_path / "sequences.txt.gz"
    path.write_bytes(gzip.compress("\ufeffACGT\r\nac gn\r\n\r\n".encode()))
    records = read_line_records(path, alphabet="dna")
    assert records["id"].tolist() == ["line1", "line2"]
    assert records["line"].tolist() == [1, 2]
    assert records["sequence"].tolist() == ["ACGT", "ACGN"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ACGT\n\nACGT\n", "sequences.txt:2: the sequence is empty"),
        ("ACGT\nACXT\n", "sequences.txt:2: 'X' at position 3 of the sequence is not in the dna"),
        ("", "sequences.txt:1: holds no sequence"),
    ],
)
def test_bad_lines_are_named(tmp_path, text, message):
    path = tmp_path / "sequences.txt"
    path.write_text(text)
    with pytest.raises(InputError, match=message):
        read_line_records(path, alphabet="dna")


def test_the_primer(data):
    records = read_line_records(data / "primer" / "sequences.txt", alphabet="dna")
    assert len(records) == 2000
    assert (records["sequence"].str.len() == 50).all()
    assert records["sequence"].str.contains("CGACCGAACTCC").sum() == 987
