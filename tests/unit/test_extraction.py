import gzip
import shutil

import numpy as np
import pandas as pd
import pytest
from pyfaidx import Fasta

from basewise.errors import InputError
from basewise.extraction import write_extraction
from basewise.from_lines import extract_lines
from basewise.from_regions import extract_regions
from basewise.sequences import read_fasta

#          0123456789
GENOME = ">I first\nACGTA\nCCGGN\n>II\nTTTTTAAAAA\n"


@pytest.fixture
def genome(tmp_path):
    path = tmp_path / "genome.fa"
    path.write_text(GENOME)
    return path


def extract(genome, text, window, **settings):
    regions = genome.with_name("regions.bed")
    regions.write_text(text)
    settings.setdefault("generator", np.random.default_rng(1))
    return extract_regions(genome, regions, window=window, **settings)


def sequences(extraction):
    return [row.tobytes().decode() for row in extraction.letters]


def test_intervals_are_zero_based_and_half_open(genome):
    extraction = extract(genome, "I\t0\t4\nI\t4\t8\nI\t6\t10\nII\t3\t7\n", 4)
    assert sequences(extraction) == ["ACGT", "ACCG", "GGN".rjust(4, "C"), "TTAA"]
    assert extraction.candidates["id"].tolist() == ["I:0-4", "I:4-8", "I:6-10", "II:3-7"]


def test_the_minus_strand_is_reverse_complemented(genome):
    text = "I\t0\t4\tx\t0\t-\nI\t6\t10\tx\t0\t-\nI\t4\t8\tx\t0\t+\n"
    assert sequences(extract(genome, text, 4)) == ["ACGT", "NCCG", "ACCG"]


def test_windows_that_leave_the_chromosome_are_dropped_with_the_reason(genome):
    extraction = extract(genome, "I\t1\t2\nI\t2\t3\nI\t8\t9\nI\t9\t10\n", 4)
    assert extraction.candidates["id"].tolist() == ["I:0-4", "I:6-10"]
    assert extraction.dropped["line"].tolist() == [1, 4]
    assert set(extraction.dropped["reason"]) == {"the 4 bp window leaves the chromosome"}


def test_a_window_that_fits_no_chromosome_is_an_error(genome):
    with pytest.raises(InputError, match="no window of 11 bases fits, the longest .* has 10"):
        extract(genome, "I\t0\t4\n", 11)


def test_a_letter_that_is_no_base_is_named_by_its_place(genome):
    genome.write_text(GENOME.replace("CCGG", "C*GG"))
    with pytest.raises(InputError, match=r"genome.fa: '\*' at I:7 \(counted from 1\)"):
        extract(genome, "I\t4\t8\n", 4)


def test_lines_that_keep_leaves_out_are_listed(genome):
    text = "I\t0\t4\ta\nI\t4\t8\tb\n"
    extraction = extract(genome, text, 4, keep={"column": 4, "equals": "b"})
    assert extraction.candidates["id"].tolist() == ["I:4-8"]
    assert extraction.dropped.to_numpy().tolist() == [["a", "regions.bed", 1, "column 4 is not b"]]


def test_background_stays_off_the_regions_themselves(tmp_path):
    """A region wider than its window, and one whose window is dropped, block all they cover."""
    genome = tmp_path / "genome.fa"
    genome.write_text(">I\n" + "ACGT" * 500 + "\n")
    for seed in range(20):
        extraction = extract(
            genome,
            "I\t100\t1100\nI\t1890\t2000\n",
            150,
            negatives={"ratio": 4, "match": "none", "distance": 0},
            generator=np.random.default_rng(seed),
        )
        background = extraction.candidates[extraction.candidates["label"] == "0"]
        assert len(background) == 4
        starts = background["start"].to_numpy()
        assert ((starts >= 1100) & (starts + 150 <= 1890)).all()


def test_a_repeated_window_is_dropped(genome):
    extraction = extract(genome, "I\t0\t4\nI\t1\t3\n", 4)
    assert extraction.dropped[["line", "reason"]].to_numpy().tolist() == [
        [2, "same window as an earlier line"]
    ]
    named = extract(genome, "I\t0\t4\ta\nI\t1\t3\tb\n", 4, named=True)
    assert named.candidates["id"].tolist() == ["a"]


def test_names_are_ids_when_labels_join_on_them(genome):
    named = extract(genome, "I\t0\t4\ta\nI\t4\t8\tb\n", 4, named=True)
    assert named.candidates["id"].tolist() == ["a", "b"]
    with pytest.raises(InputError, match="regions.bed:2: the name 'a' stands on an earlier line"):
        extract(genome, "I\t0\t4\ta\nI\t4\t8\ta\n", 4, named=True)
    with pytest.raises(InputError, match="regions.bed:1: column 4 must name"):
        extract(genome, "I\t0\t4\n", 4, named=True)


def test_lower_case_and_gzip_genomes_give_the_same(genome, tmp_path):
    lower = tmp_path / "genome.fa.gz"
    lower.write_bytes(
        gzip.compress(GENOME.lower().replace(">ii", ">II").replace(">i", ">I").encode())
    )
    text = "I\t0\t4\nII\t3\t7\n"
    assert sequences(extract(lower, text, 4)) == sequences(extract(genome, text, 4))


def test_a_truncated_genome_is_named(genome, tmp_path):
    whole = gzip.compress(np.random.default_rng(1).bytes(10_000))
    cut = tmp_path / "genome.fa.gz"
    cut.write_bytes(whole[:5000])
    with pytest.raises(InputError, match="genome.fa.gz: the gzip file is cut short"):
        extract(cut, "I\t0\t4\n", 4)


def test_a_genome_that_is_no_fasta_is_named(tmp_path):
    path = tmp_path / "genome.fa"
    path.write_text("ACGT\n")
    with pytest.raises(InputError, match=r"genome.fa: "):
        extract(path, "I\t0\t4\n", 4)


def test_text_lines(tmp_path):
    path = tmp_path / "sequences.txt"
    path.write_text("ACGT\nacgn\n")
    extraction = extract_lines(path)
    assert sequences(extraction) == ["ACGT", "ACGN"]
    assert extraction.candidates["id"].tolist() == ["line1", "line2"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ACGT\nACG\n", "sequences.txt:2: the sequence has 3 bases, the first line has 4"),
        ("ACGT\n\nACGT\n", "sequences.txt:2: the line is empty"),
        ("ACGT\nACXT\n", "sequences.txt:2: 'X' at position 3 is no base and no IUPAC code"),
        ("ACGT\nAC-T\n", "sequences.txt:2: '-' at position 3 is no base"),
        ("", "sequences.txt: holds no sequence"),
    ],
)
def test_bad_text_lines_are_named(tmp_path, text, message):
    path = tmp_path / "sequences.txt"
    path.write_text(text)
    with pytest.raises(InputError, match=message):
        extract_lines(path)


def test_written_files_read_back(genome, tmp_path):
    extraction = extract(genome, "I\t0\t4\nI\t1\t2\n", 4)
    paths = [tmp_path / name for name in ("s.fa", "c.parquet", "d.tsv")]
    write_extraction(extraction, *paths)
    ids, letters = read_fasta(paths[0])
    assert ids == ["I:0-4"]
    np.testing.assert_array_equal(letters, extraction.letters)
    assert pd.read_parquet(paths[1])["start"].tolist() == [0]
    assert pd.read_csv(paths[2], sep="\t")["source"].tolist() == ["regions.bed"]


def test_windows_equal_pyfaidx_on_the_yeast_genome(data, tmp_path):
    source = data / "yeast_chipexo" / "Saccharomyces_cerevisiae.R64-1-1.dna.toplevel.fa.gz"
    plain = tmp_path / "yeast.fa"
    with gzip.open(source) as compressed, open(plain, "wb") as stream:
        shutil.copyfileobj(compressed, stream)
    peer = Fasta(str(plain))
    generator = np.random.default_rng(7)
    chroms = generator.choice(list(peer.keys()), 1000)
    starts = [int(generator.integers(len(peer[chrom]) - 200)) for chrom in chroms]
    strands = generator.choice(["+", "-"], 1000)
    lines = [
        f"{chrom}\t{start}\t{start + 200}\tx\t0\t{strand}\n"
        for chrom, start, strand in zip(chroms, starts, strands, strict=True)
    ]
    regions = tmp_path / "regions.bed"
    regions.write_text("".join(lines))
    extraction = extract_regions(source, regions, window=200, generator=generator)
    assert len(extraction.dropped) == 0
    for chrom, start, strand, found in zip(
        chroms, starts, strands, sequences(extraction), strict=True
    ):
        expected = peer[chrom][start : start + 200]
        assert found == str(expected if strand == "+" else expected.reverse.complement).upper()
