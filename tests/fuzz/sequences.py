"""FASTA, genomes, one sequence a line, and UCI's format."""

import io
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
from Bio.SeqIO.FastaIO import SimpleFastaParser
from fuzz.judging import Format
from fuzz.plain import BASES, known, lines_of, need, numbered, records, text_of, unique

from basewise.examples.readers import read_fasta_records, read_line_records, read_uci_records
from basewise.sequences.genome import open_genome

FASTA = """\
>a1 first of four
ACGTACGTNN
acgtrysw
>a2
TTTTACGTAC

GGCA
>b|3 [organism=x]
CCCC GGGG
>a4\tlast
ACGTAC
"""

GENOME = """\
>c1 1..24
ACGTACGTNNAC
GTGTRYACCCAT
>c2
TTTTACGTACTT
ACAC
>c3 empty is the next
ACG
"""

LINES = "ACGTACGT\nacgtNNRY\nTTTTACGA\nCCCC GGGG\nACGATTAA\n"

UCI = """\
+,S10,\t\ttactagcaatacgcttgcgt
+,AMPC,\ttgctatcctgacagttgtca
-,867,\t\tatatgaacgttgagactgcc
-, 1169 ,cgaacgagtcaatcagaccg
+,S10,ttactagcaatacgcttgcg
"""


def _pairs(table: pd.DataFrame) -> list[tuple[str, str]]:
    return list(zip(table["id"], table["sequence"], strict=True))


def _biopython(content: bytes) -> list[tuple[str, str]]:
    """Headers and sequences, by Biopython."""
    text = text_of(content, "replace").lstrip(" \t\n\v\f")
    need(text.startswith(">"), "no header first")
    return list(SimpleFastaParser(io.StringIO(text)))


def _fasta(files: Mapping[str, bytes]) -> list[tuple[str, str]]:
    found = _biopython(files["x.fa"])
    return records([("".join(header.split()[:1]), sequence) for header, sequence in found])


def _read_genome(path: Path) -> list[tuple[str, str]]:
    with open_genome(path) as genome:
        letters = [
            (name, genome.letters(name).tobytes().decode("latin-1")) for name in genome.names
        ]
        assert [genome.length(name) for name in genome.names] == [len(text) for _, text in letters]
    return letters


def _genome(files: Mapping[str, bytes]) -> list[tuple[str, str]]:
    chromosomes = []
    for header, sequence in _biopython(files["g.fa"]):
        need(header.split(), "a chromosome without a name")
        letters = "".join(sequence.split()).upper()
        need(set(letters) <= BASES, "no bases")
        chromosomes.append((header.split()[0], letters))
    unique([name for name, _ in chromosomes])
    return chromosomes


def _lines(files: Mapping[str, bytes]) -> list[tuple[str, str]]:
    return records([(f"line{number}", line) for number, line in lines_of(files["x.txt"])])


def _read_uci(path: Path) -> list[tuple[str, str, str | None]]:
    table = read_uci_records(path, alphabet="dna")
    labels = [None if pd.isna(label) else label for label in table["target.label"]]
    return list(zip(table["id"], table["sequence"], labels, strict=True))


def _uci(files: Mapping[str, bytes]) -> list[tuple[str, str, str | None]]:
    rows = []
    for number, line in lines_of(files["x.data"]):
        values = [value.strip() for value in line.split(",")]
        if line.strip():
            need(len(values) == 3, f"line {number} has {len(values)} fields")
            rows.append(values)
    names = numbered(name for _, name, _ in rows)
    cleaned = records([(name, row[2]) for name, row in zip(names, rows, strict=True)])
    labels = [row[0] if row[0] == "-" else known(row[0]) for row in rows]
    return [(*record, label) for record, label in zip(cleaned, labels, strict=True)]


FORMATS = {
    "FASTA": Format(
        [{"x.fa": FASTA}],
        lambda path: _pairs(read_fasta_records(path, alphabet="dna")),
        _fasta,
    ),
    "genome": Format([{"g.fa": GENOME}], _read_genome, _genome),
    "lines": Format(
        [{"x.txt": LINES}],
        lambda path: _pairs(read_line_records(path, alphabet="dna")),
        _lines,
    ),
    "UCI": Format([{"x.data": UCI}], _read_uci, _uci),
}
