import gzip

import pandas as pd
import pytest
from Bio import SeqIO

from basewise.core.errors import InputError
from basewise.sequences.genome import open_genome

GENOME = ">I first\nACGTA\nCCGGN\n>II\nTTTTT\n"
LETTERS = {"I": "ACGTACCGGN", "II": "TTTTT"}


def letters(path):
    with open_genome(path) as genome:
        assert [genome.length(name) for name in genome.names] == [
            len(genome.letters(name)) for name in genome.names
        ]
        return {name: genome.letters(name).tobytes().decode() for name in genome.names}


@pytest.mark.parametrize(
    "content",
    [
        GENOME,
        GENOME.lower().replace(">ii", ">II").replace(">i", ">I"),
        GENOME.replace("\n", "\r\n"),
        "\ufeff\n" + GENOME.rstrip(),
        ">I a > b\nACGTA\nCCGGN\n>II >\nTTTTT\n",
        ">I\tx\n ACGTA \tCC\n\n\nGGN\n\n>II\nTT TTT",
    ],
)
def test_ways_to_write_a_genome(tmp_path, content):
    for suffix, packed in ((".fa", bytes), (".fa.gz", gzip.compress), (".fa.bgz", gzip.compress)):
        path = tmp_path / f"genome{suffix}"
        path.write_bytes(packed(content.encode()))
        assert letters(path) == LETTERS


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "1: is empty"),
        ("ACGT\n", "1: is no FASTA file; the first line must start with '>'"),
        ("ACGT\n>I\nACGT\n", "1: is no FASTA file"),
        (">I\nA\n>II\nC\n>I x\nG\n", "5: the record 'I' stands twice; headers must name"),
        (">I\nA\n> \nC\n", "3: a record has no name"),
        (">I\nAC>GT\n>II\nA\n", r"2: '>' at I:3 \(counted from 1\) is no base"),
        (">I\rA\r>II\0\rC\r", "3: holds a NUL byte"),
        (">I\nAC GT\n\nC\u0410\n", r"4: '\u0410' at I:6 \(counted from 1\) is no base"),
    ],
)
def test_a_file_that_is_no_genome_is_named(tmp_path, content, message):
    path = tmp_path / "genome.fa"
    path.write_text(content)
    with pytest.raises(InputError, match=f"genome.fa:{message}"):
        letters(path)


def test_missing_and_damaged_files(tmp_path):
    path = tmp_path / "genome.fa.gz"
    with pytest.raises(InputError, match="genome.fa.gz: no such file"):
        letters(path)
    path.write_bytes(gzip.compress(GENOME.encode() * 50)[:30])
    with pytest.raises(InputError, match="genome.fa.gz: the gzip file is cut short"):
        letters(path)


def test_blanks_inside_lines_are_no_bases(data):
    folder = data / "pinfsc50"
    clean = letters(folder / "derived" / "pinf_sc50.clean.fa.gz")
    assert letters(folder / "pinf_sc50.fasta") == clean
    assert len(clean["Supercontig_1.50"]) == 1_042_442
    assert clean["Supercontig_1.50"].count("N") == 96_815


def test_a_header_with_another_length_is_warned_of_once(tmp_path, capsys):
    path = tmp_path / "genome.fa"
    path.write_text(">I 1..4\nACGT\n>II 3..7\nACGT\n>III 1..4 x\nA\n")
    assert letters(path) == {"I": "ACGT", "II": "ACGT", "III": "A"}
    warning = "the header of II states 5 bases, the sequence has 4; the sequence counts"
    assert capsys.readouterr().out == f"Warning: {path}: {warning}\n"


def test_headers_of_the_worm_disagree_with_its_sequences(data, capsys):
    with open_genome(data / "celegans_1pct" / "C.elegans.fa.gz") as genome:
        assert genome.names == ["I", "II", "III", "IV", "V", "X", "MtDNA"]
        assert sum(genome.length(name) for name in genome.names) == 1_002_861
    warnings = capsys.readouterr().out.splitlines()
    assert len(warnings) == 7
    assert "I states 150,725 bases, the sequence has 150,724;" in warnings[0]


def test_lengths_of_yeast_chromosomes(data):
    folder = data / "yeast_chipexo"
    known = pd.read_csv(folder / "chrom_alias.tsv", sep="\t").set_index("ensembl")["length"]
    with open_genome(folder / "Saccharomyces_cerevisiae.R64-1-1.dna.toplevel.fa.gz") as genome:
        assert {name: genome.length(name) for name in genome.names} == known.to_dict()


@pytest.mark.parametrize("file", ["mixed.fa", "cr.fa"])
def test_lines_may_end_with_carriage_returns(data, file):
    """As Biopython reads them with Python's own line ends."""
    path = data.parent / "cases/f03-genome-with-cr" / file
    with open(path) as text:
        expected = {record.id: str(record.seq) for record in SeqIO.parse(text, "fasta")}
    with open_genome(path) as genome:
        found = {name: genome.letters(name).tobytes().decode() for name in genome.names}
    assert found == expected
