import pytest
from Bio import SeqIO

from basewise.core.errors import InputError
from basewise.examples.readers import read_fasta_records


def write(path, text):
    path.write_bytes(text.encode())
    return path


def test_records_of_several_lines(tmp_path):
    path = write(tmp_path / "a.fa", "\ufeff>a first one\r\nACGT\r\n\r\nac gn\r\n> b\r\nTT\r\n")
    records = read_fasta_records(path, alphabet="dna")
    assert records["id"].tolist() == ["a", "b"]
    assert records["line"].tolist() == [1, 5]
    assert records["sequence"].tolist() == ["ACGTACGN", "TT"]
    assert "target.label" not in records


def test_one_file_a_class(tmp_path):
    files = {"on": write(tmp_path / "on.fa", ">a\nAA\n>b\nAC\n>a\nAG\n")}
    files[0] = write(tmp_path / "off.fa", ">b\nCC\n")
    records = read_fasta_records(files, alphabet="dna")
    assert records["id"].tolist() == ["a", "b", "a#2", "b#2"]
    assert records["target.label"].tolist() == ["on", "on", "on", "0"]
    assert records["path"].tolist() == [str(path) for path in [files["on"]] * 3 + [files[0]]]


def test_files_of_a_published_split(tmp_path):
    files = {
        part: {label: write(tmp_path / f"{part}.{label}.fa", text) for label, text in of_part}
        for part, of_part in {
            "train": [("pos", ">a\nAA\n>b\nAC\n"), ("neg", ">a\nAG\n")],
            "dev": [("pos", ">c\nCA\n"), ("neg", ">d\nCC\n")],
            "test": [("neg", ">a\nTT\n"), ("pos", ">b\nTA\n")],
        }.items()
    }
    records = read_fasta_records(files, alphabet="dna")
    assert records["id"].tolist() == ["a", "b", "a#2", "c", "d", "a#3", "b#2"]
    assert records["target.label"].tolist() == ["pos", "pos", "neg", "pos", "neg", "neg", "pos"]
    assert records["part"].tolist() == [*["train"] * 3, *["validation"] * 2, *["test"] * 2]


def test_parts_whose_labels_stand_in_a_table(tmp_path):
    files = {"train": write(tmp_path / "a.fa", ">a\nAA\n")}
    files["test"] = write(tmp_path / "b.fa", ">b\nAC\n")
    records = read_fasta_records(files, alphabet="dna")
    assert records["part"].tolist() == ["train", "test"] and "target.label" not in records
    write(tmp_path / "b.fa", ">a\nAC\n")
    with pytest.raises(InputError, match=r"b.fa:1: the id 'a' stands in .*a.fa:1 too"):
        read_fasta_records(files, alphabet="dna")


def test_rna_is_read_with_u_or_t(tmp_path):
    path = write(tmp_path / "a.fa", ">a\nACGU\n>b\nacgt\n")
    assert read_fasta_records(path, alphabet="rna")["sequence"].tolist() == ["ACGT", "ACGT"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "a.fa:1: holds no FASTA record"),
        ("\nACGT\n>a\nACGT\n", "a.fa:2: stands before the first FASTA header"),
        (">a\nAC\n>\nACGT\n", "a.fa:3: the id '' must be plain"),
        (">a\n>b\nACGT\n", "a.fa:1: the sequence is empty"),
        (">a\nAC\n; note\nGT\n", "a.fa:1: ';' at position 3"),
        (">a\nAC\n>a\nGT\n", "a.fa:3: the id 'a' stands in .*a.fa:1 too"),
    ],
)
def test_bad_fasta_is_named(tmp_path, text, message):
    with pytest.raises(InputError, match=message):
        read_fasta_records(write(tmp_path / "a.fa", text), alphabet="dna")


@pytest.mark.parametrize(
    ("promoters", "others", "counts"),
    [
        ("Bacillus_prom.fa", "Bacillus_non_prom.fa", (373, 1000)),
        ("Arabidopsis_tata.fa", "Arabidopsis_non_prom.fa", (1497, 2879)),
    ],
)
def test_umarov_promoters_equal_biopython(data, promoters, others, counts):
    paths = [data / "umarov_promoters" / name for name in (promoters, others)]
    records = read_fasta_records({"promoter": paths[0], "other": paths[1]}, alphabet="dna")
    found = records["target.label"].value_counts()
    assert (found["promoter"], found["other"]) == counts
    assert records["id"].is_unique
    peer = []
    for path in paths:
        with open(path) as stream:
            peer += [str(record.seq) for record in SeqIO.parse(stream, "fasta")]
    assert records["sequence"].tolist() == peer
