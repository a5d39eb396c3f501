"""What is wrong with a user's file is said in one line: file, line, value and remedy."""

import gzip

import numpy as np
import pytest
from support import schema, write_inputs

from basewise.core.errors import InputError
from basewise.examples.from_regions import extract_regions
from basewise.examples.from_sequences import extract_sequences
from basewise.examples.labels import join_labels, read_label_lines, read_label_table


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A working folder with the input files of the small configuration."""
    monkeypatch.chdir(tmp_path)
    write_inputs(tmp_path / "input")
    return tmp_path


def peaks(genome="input/genome.fa", columns=None):
    """Windows around the peaks of the small configuration."""
    generator = np.random.default_rng(1)
    return extract_regions(
        genome, "input/peaks.bed", window=60, columns=columns, generator=generator
    )


def lines():
    """Examples of the small configuration that stand line by line."""
    source = {"sequences": "input/sequences.txt"}
    candidates = extract_sequences(source, alphabet="dna", task="binary").candidates
    labels = read_label_lines("input/labels.txt", candidates)
    return join_labels(candidates, "binary", labels=labels)


BAD_FILES = {
    "wrong chromosome names": (
        "peaks.bed",
        b"I\t5\t9\tpeak1\t1\n",
        "input/peaks.bed:1: 1 of 1 lines lie on chromosomes that genome.fa lacks (I); it has chr1, "
        "chr2, chr3. Give both files the same names, or a table of `aliases`; or take lines of "
        "some chromosomes with `keep: {column: 1, equals: [...]}`",
    ),
    "end before start": (
        "peaks.bed",
        b"chr1\t500\t600\tpeak1\t1\nchr1\t900\t900\tpeak2\t1\n",
        "input/peaks.bed:2: start 900 and end 900 are no interval; BED starts at 0 and ends after "
        "the last base, so end is greater than start",
    ),
    "beyond the chromosome": (
        "peaks.bed",
        b"chr1\t19990\t20001\tpeak1\t1\n",
        "input/peaks.bed:1: 1 of 1 lines end beyond their chromosome, the first is "
        "chr1:19990-20001 of 20000 bases in genome.fa; is this the right assembly?",
    ),
    "one class only": (
        "labels.txt",
        b"1\n" * 240,
        "input/labels.txt: all 240 examples have label 1; two classes are needed (label some rows "
        "0 and some 1, or draw `negatives`)",
    ),
    "a label line too few": (
        "labels.txt",
        b"0\n1\n" * 119,
        "input/labels.txt:239: has 238 labels for 240 sequences; line n labels the sequence of "
        "line n",
    ),
    "truncated gzip": (
        "genome.fa.gz",
        gzip.compress(b">chr1\n" + np.random.default_rng(1).bytes(5000))[:2000],
        "input/genome.fa.gz: the gzip file is cut short; fetch or copy it again",
    ),
}


@pytest.mark.parametrize("case", BAD_FILES)
def test_a_bad_file_is_named(folder, case):
    name, content, message = BAD_FILES[case]
    (folder / "input" / name).write_bytes(content)
    with pytest.raises(InputError) as raised:
        if name == "labels.txt":
            lines()
        else:
            peaks(f"input/{name}" if name == "genome.fa.gz" else "input/genome.fa")
    assert str(raised.value) == message


def test_rows_without_a_partner_are_listed_line_by_line(folder):
    """A label without a sequence, and a sequence without a label."""
    names = [line.split("\t")[3] for line in (folder / "input/peaks.bed").read_text().splitlines()]
    labels = "".join(f"{name}\t{row % 2}\n" for row, name in enumerate(names[:-1]))
    (folder / "input/labels.tsv").write_text(f"id\tlabel\n{labels}nobody\t1\n")
    extraction = peaks(columns={"id": 4})
    table = read_label_table("input/labels.tsv", schema("labels"), "binary", {})
    known = frozenset(extraction.dropped["id"])
    joined = join_labels(extraction.candidates, "binary", labels=table, known_dropped=known)
    assert joined.dropped.to_numpy().tolist() == [
        [names[-1], "peaks.bed", len(names), "no label in labels.tsv"],
        ["nobody", "labels.tsv", len(names) + 1, "label without a sequence"],
    ]
