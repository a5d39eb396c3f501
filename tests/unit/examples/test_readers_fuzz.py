"""Whatever a file holds, a reader gives the right records or one line that names the file."""

import csv
import io
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from basewise.core.errors import InputError
from basewise.core.user_tables import read_user_table
from basewise.examples.readers import (
    read_fasta_records,
    read_line_records,
    read_table_records,
    read_uci_records,
)

COLUMNS = {"id": "id", "label": "label"}
SCHEMA = {
    "required": ["id", "label"],
    "x-unique": "id",
    "properties": {
        "id": {"pattern": r"^\S+$", "x-remedy": "must be a name without blanks"},
        "label": {"enum": ["0", "1"], "x-remedy": "must be 0 or 1"},
    },
}
READERS = {
    "lines": lambda path: read_line_records(path, alphabet="dna"),
    "fasta": lambda path: read_fasta_records(path, alphabet="dna"),
    "classes": lambda path: read_fasta_records({"a": path, "b": path}, alphabet="dna"),
    "table": lambda path: read_table_records(path, alphabet="dna", task="binary", columns={}),
    "named": lambda path: read_table_records(path, alphabet="dna", task="binary", columns=COLUMNS),
    "parts": lambda path: read_table_records(
        {"train": path, "test": path}, alphabet="dna", task="binary", columns={}
    ),
    "uci": lambda path: read_uci_records(path, alphabet="dna"),
    "user": lambda path: read_user_table(path, SCHEMA),
}
PIECES = [
    *("ACGT", "acgn", "U", "-", "ß", "é", "0", "1", "+", "a", "#"),
    *("\n", "\n", "\r\n", "\r", "\t", " ", "\x0b", "\u2028", "\x00", "\ufeff"),
    *(",", ",", ";", '"', '""', "'", ">", "\n>a\n", "\n>b b\n"),
    *("id,sequence,label\n", "sequence\tlabel\n", "sequence", "id\tlabel\n", "+,x,acgt\n"),
]

near_valid = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)
sequence = st.text("ACGTacgtNRy", min_size=1, max_size=8)
name = st.sampled_from(["a", "b", "a#2", "a#3", ">", "1.5", "NA", "#"])
blank_lines = st.sampled_from(["", "", "\n", " \n\n"])
blanks = st.text(" \t", max_size=2)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("fuzz") / "input.txt"


def read(reader, path):
    """What the reader returns; None where it refuses the file as it should."""
    try:
        return READERS[reader](path)
    except InputError as error:
        assert str(path) in str(error)
        assert len(str(error).splitlines()) == 1
        return None


def write(path, text, line_end="\n", mark=""):
    path.write_bytes((mark + text.replace("\n", line_end)).encode())


def line_after(text):
    return text.count("\n") + 1


files = {"line_end": st.sampled_from(["\n", "\r\n", "\r"]), "mark": st.sampled_from(["", "\ufeff"])}


@pytest.mark.parametrize("reader", READERS)
@settings(deadline=None, max_examples=80)
@given(content=st.binary(max_size=40) | near_valid.map(str.encode))
def test_any_file_is_read_or_refused_in_one_line(path, reader, content):
    path.write_bytes(content)
    records = read(reader, path)
    if records is None:
        return
    assert len(records) or reader == "user"
    assert records["id"].is_unique
    if reader != "user":
        assert records["sequence"].str.fullmatch("[ACGTRYSWKMBDHVN]+").all()
        assert records["id"].str.fullmatch("[!-~]+").all()


@pytest.mark.parametrize("suffix", ["gz", "bgz"])
@settings(deadline=None, max_examples=40)
@given(content=st.binary(max_size=40), start=st.sampled_from([b"", b"\x1f\x8b", b"\x1f\x8b\x08\0"]))
def test_bytes_that_are_no_gzip_are_refused_in_one_line(path, suffix, content, start):
    compressed = path.with_suffix(f".{suffix}")
    compressed.write_bytes(start + content)
    for reader in READERS:
        assert read(reader, compressed) is None


@settings(deadline=None, max_examples=60)
@given(sequences=st.lists(sequence, min_size=1, max_size=5), pad=blanks, end=blank_lines, **files)
def test_lines(path, sequences, pad, end, line_end, mark):
    write(
        path,
        "\n".join(f"{pad}{item[:2]}{pad}{item[2:]}" for item in sequences) + end,
        line_end,
        mark,
    )
    records = read("lines", path)
    assert records["sequence"].tolist() == [item.upper() for item in sequences]
    assert records["line"].tolist() == list(range(1, len(sequences) + 1))


@settings(deadline=None, max_examples=100)
@given(
    rows=st.lists(st.tuples(name, blanks, st.integers(1, 4), sequence, blank_lines), min_size=1),
    first=blank_lines,
    **files,
)
def test_fasta(path, rows, first, line_end, mark):
    text, lines = first, []
    for label, pad, width, letters, gap in rows:
        lines.append(line_after(text))
        text += f">{pad}{label} of {pad}\n"
        text += "".join(
            letters[at : at + width] + pad + "\n" + gap for at in range(0, len(letters), width)
        )
    write(path, text, line_end, mark)
    ids = [row[0] for row in rows]
    records = read("fasta", path)
    assert (records is None) == (len(set(ids)) < len(ids))
    if records is not None:
        assert records["id"].tolist() == ids
        assert records["sequence"].tolist() == [row[3].upper() for row in rows]
        assert records["line"].tolist() == lines


@pytest.mark.slow
@settings(deadline=None, max_examples=100)
@given(
    rows=st.lists(
        st.tuples(st.sampled_from("+-"), name, sequence, blanks, blank_lines), min_size=1
    ),
    **files,
)
def test_uci(path, rows, line_end, mark):
    text, lines, ids, seen = "", [], [], Counter()
    for label, item, letters, pad, gap in rows:
        lines.append(line_after(text))
        text += f"{pad}{label},{pad}{item},{pad}{letters}{pad}\n{gap}"
        seen[item] += 1
        ids.append(item if seen[item] == 1 else f"{item}#{seen[item]}")
    write(path, text, line_end, mark)
    records = read("uci", path)
    assert (records is None) == (len(set(ids)) < len(ids))
    if records is not None:
        assert records["id"].tolist() == ids
        assert records["target.label"].tolist() == [row[0] for row in rows]
        assert records["sequence"].tolist() == [row[2].upper() for row in rows]
        assert records["line"].tolist() == lines


@pytest.mark.slow
@settings(deadline=None, max_examples=150)
@given(
    rows=st.lists(
        st.tuples(name, sequence, st.sampled_from("01"), st.text('x ,;\t"\n', max_size=4)),
        min_size=1,
        max_size=5,
    ),
    order=st.permutations(range(4)),
    delimiter=st.sampled_from("\t,;"),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    gap=blank_lines,
    line_end=st.sampled_from(["\n", "\r\n"]),
    mark=st.sampled_from(["", "\ufeff"]),
)
def test_tables(path, rows, order, delimiter, quoting, gap, line_end, mark):
    if any(row[0] == "#" for row in rows):  # without quotes it begins a comment
        quoting = csv.QUOTE_ALL
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=delimiter, quoting=quoting, lineterminator=line_end)
    lines = []
    for row in [("id", "sequence", "label", "note"), *rows]:
        lines.append(line_after(stream.getvalue()))
        writer.writerow([row[column] for column in order])
        stream.write(gap)
    write(path, stream.getvalue(), mark=mark)
    ids = [row[0] for row in rows]
    for reader in ("named", "user", "table"):
        records = read(reader, path)
        assert (records is None) == (reader != "table" and len(set(ids)) < len(ids))
        if records is None:
            continue
        label = "label" if reader == "user" else "target.label"
        assert records[label].tolist() == [row[2] for row in rows]
        assert records["line"].tolist() == lines[1:]
        if reader == "table":
            assert records["id"].tolist() == [f"line{line}" for line in lines[1:]]
        else:
            assert records["id"].tolist() == ids
        if reader != "user":
            assert records["sequence"].tolist() == [row[1].upper() for row in rows]
