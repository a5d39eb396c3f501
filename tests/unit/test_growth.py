"""What is read costs what it is long: no square, no product that nobody asked for.

Answers are looked at, structure and memory, never time: what grows with the square takes minutes
here.
"""

import tracemalloc

import pandas as pd
import pytest

from basewise.core.errors import InputError
from basewise.core.text import natural_order
from basewise.core.user_tables import read_delimited
from basewise.examples.from_sequences import fit_lengths
from basewise.examples.labels import join_labels, read_label_table
from basewise.genotypes.dosage_tables import read_dosages
from basewise.genotypes.vcf import read_vcf
from basewise.sequences.circles import read_circles
from basewise.sequences.genome import open_genome
from basewise.sequences.intervals import read_intervals
from basewise.sequences.motifs import read_motifs

MANY = 40_000

VCF = """##fileformat=VCFv4.2
##contig=<ID=1>
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t"""


@pytest.fixture
def written(tmp_path):
    def written(name, text):
        path = tmp_path / name
        path.write_text(text)
        return path

    return written


def peak_memory(function):
    tracemalloc.start()
    try:
        return function(), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("attributes", "name"),
    [
        ("ID=x;" + " " * MANY, "x"),
        (" " * MANY + "ID=x", "x"),
        ("a=1;" * MANY + "ID=x", "x"),
        ("ID=x;" + "a" * MANY, "x"),
        ("ID=x;" + "a " * MANY, "x"),
        ("=" * MANY + ";ID=x", "x"),
        ("ID=" + "x" * MANY, "x" * MANY),
    ],
)
def test_attributes_of_any_length(written, attributes, name):
    path = written("a.gff", f"I\tx\tgene\t1\t9\t.\t+\t.\t{attributes}\n")
    assert read_intervals(path)["name"].tolist() == [name]


@pytest.mark.parametrize(
    ("value", "remedy"),
    [
        ("." + "1" * MANY, "round imputed"),
        ("." + "1" * MANY + "x", "write NA"),
        ("1" * MANY, "diploids"),
        ("1." + "0" * MANY + "x", "write NA"),
    ],
)
def test_values_of_any_length(written, value, remedy):
    """The message says what to do, and does not hold 40,000 digits."""
    path = written("a.csv", f"id,m1,m2\na,0,1\nb,{value},1\n")
    with pytest.raises(InputError, match="a.csv:3: the value ") as told:
        read_dosages(path)
    assert remedy in str(told.value)
    assert len(str(told.value)) < 1200


def test_20_000_individuals(written):
    ids = "\t".join(f"i{number}" for number in range(20_000))
    calls = "\t".join(["0/1", "1/1"] * 10_000)
    path = written("a.vcf", f"{VCF}{ids}\n1\t5\tm\tA\tC\t.\t.\t.\tGT\t{calls}\n")
    letters = read_vcf(path).letters
    assert letters.shape == (20_000, 1)
    assert letters[:4].tobytes() == b"1212"


def test_alleles_of_a_record_are_no_table_of_pairs(written):
    """1,000 of them: a table of pairs for each took 1 GB, and 2,000 took 8 GB."""
    alleles = ",".join("A" * (2 + number) for number in range(1000))
    path = written("a.vcf", f"{VCF}a\tb\n1\t5\tm\tA\t{alleles}\t.\t.\t.\tGT\t0/1\t2/2\n")
    genotypes, peak = peak_memory(lambda: read_vcf(path))
    assert genotypes.letters.shape == (2, 1000)
    assert genotypes.letters[:, :3].tobytes() == b"100020"
    assert peak < 30e6


def test_20_000_titles(written):
    titles = [f"c{number}" for number in range(20_000)]
    path = written("a.csv", ",".join(titles) + "\n" + ",".join("1" * 20_000) + "\n")
    table = read_delimited(path)
    assert table.columns.tolist() == titles
    assert table.shape == (1, 20_000)


@pytest.mark.filterwarnings("error")
def test_many_traits(written):
    """pandas warns of a table that is put together column by column."""
    titles, rows = [f"t{number}" for number in range(300)], range(20)
    lines = [f"s{row}," + ",".join(f"{row}.{number}" for number in range(300)) for row in rows]
    path = written("a.csv", "id," + ",".join(titles) + "\n" + "\n".join(lines) + "\n")
    schema = {"required": ["id"], "properties": {}}
    labels = read_label_table(path, schema, "regression", {"label": titles})
    candidates = pd.DataFrame({"id": [f"s{row}" for row in rows], "source": "x", "line": rows})
    candidates = candidates.assign(
        **dict.fromkeys(("chrom", "start", "end", "group", "part"), pd.NA),
        **dict.fromkeys(("original_length", "gc", "unknown", "soft_masked"), 0.0),
        **{"strand": ".", "background": False},
    )
    examples = join_labels(candidates, "regression", labels=labels).examples
    assert [f"target.{title}" for title in titles] == examples.columns[-300:].tolist()
    assert examples["target.t299"].tolist() == [float(f"{row}.299") for row in rows]


DIGITS = "1" * MANY


def test_numbers_of_thousands_of_digits(written):
    """Python refuses to make numbers of them."""
    assert sorted([f"chr{DIGITS}", "chr2", "chr10", "chr010"], key=natural_order) == [
        *("chr2", "chr10", "chr010"),
        f"chr{DIGITS}",
    ]
    line = f"I\tx\tregion\t1\t{DIGITS}\t.\t+\t.\tIs_circular=true\n"
    assert read_circles(written("a.gff", line)).empty
    with open_genome(written("a.fa", f">I 1..{DIGITS}\nACGT\n")) as genome:
        assert genome.length("I") == 4
    head = "MEME version 4\n\nALPHABET= ACGT\n\nMOTIF a\nletter-probability matrix: alength= 4 w= "
    with pytest.raises(InputError, match="a.meme:6: the motif a announces 1"):
        read_motifs(written("a.meme", f"{head}{DIGITS}\n 0.25 0.25 0.25 0.25\n"))


def sequences(*lengths):
    letters = ["A" * length for length in lengths]
    ids = [f"s{number}" for number in range(len(letters))]
    return pd.DataFrame(
        {"id": ids, "path": "a.fa", "line": range(len(letters)), "sequence": letters}
    )


def test_padding_to_one_long_sequence_is_refused_before_any_memory_is_taken():
    records = sequences(*[100, 200] * 1000, 1_000_000)

    def refuse():
        with pytest.raises(InputError, match=r"a.fa:2000: s2000 has 1,000,000 letters; 2,001 seq"):
            fit_lengths(records, policy="pad")

    _, peak = peak_memory(refuse)
    assert peak < 5e6
    fitted = fit_lengths(records, policy="pad", bases=200)
    assert fitted.letters.shape == (2000, 200)
    assert fitted.reasons == ["1000000 letters, longer than 200"]
    assert fit_lengths(sequences(10, 1_000_000), policy="pad").letters.shape == (2, 1_000_000)
