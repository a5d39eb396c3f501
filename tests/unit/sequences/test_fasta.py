import numpy as np
from Bio import SeqIO

from basewise.sequences.fasta import write_fasta


def test_records_are_those_that_biopython_reads(tmp_path):
    letters = np.random.default_rng(4).choice(np.frombuffer(b"ACGTN-", np.uint8), (9000, 13))
    names = [f"chr{number}:0-13" for number in range(len(letters))]
    write_fasta(tmp_path / "s.fa", names, letters)
    with open(tmp_path / "s.fa") as stream:
        records = list(SeqIO.parse(stream, "fasta"))
    assert [record.description for record in records] == names
    assert [bytes(record.seq) for record in records] == [row.tobytes() for row in letters]
