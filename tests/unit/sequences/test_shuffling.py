from collections import Counter
from itertools import pairwise, permutations

import numpy as np
import pandas as pd
import pytest
from Bio import SeqIO
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from basewise.core.errors import InputError
from basewise.examples.candidates import Extraction, add_shuffled
from basewise.examples.from_regions import extract_regions
from basewise.examples.from_sequences import extract_sequences
from basewise.sequences.shuffling import shuffle_dinucleotides


def shuffled(sequence, generator):
    letters = np.frombuffer(sequence.encode(), dtype=np.uint8)
    return shuffle_dinucleotides(letters, generator).tobytes().decode()


def dinucleotides(sequence):
    return Counter(pairwise(sequence))


def assert_keeps_dinucleotides(sequence, generator):
    made = shuffled(sequence, generator)
    assert dinucleotides(made) == dinucleotides(sequence)
    assert (made[0], made[-1], len(made)) == (sequence[0], sequence[-1], len(sequence))
    return made


@settings(deadline=None)
@given(sequence=st.text("ACGTN", min_size=1, max_size=40), seed=st.integers(0, 100))
def test_any_sequence_keeps_its_dinucleotides(sequence, seed):
    made = assert_keeps_dinucleotides(sequence, np.random.default_rng(seed))
    assert made == shuffled(sequence, np.random.default_rng(seed))


def test_promoters_keep_their_dinucleotides_and_little_else(data):
    generator = np.random.default_rng(1)
    with open(data / "umarov_promoters" / "Bacillus_prom.fa") as stream:
        records = list(SeqIO.parse(stream, "fasta"))
    assert len(records) == 373
    same = 0
    for record in records:
        sequence = str(record.seq)
        made = assert_keeps_dinucleotides(sequence, generator)
        same += sum(a == b for a, b in zip(sequence, made, strict=True)) / len(sequence)
    assert same / len(records) < 0.4


@pytest.mark.parametrize("sequence", ["ACGATACAG", "AACAAGACC", "GATTACAGA"])
def test_every_arrangement_is_equally_likely(sequence):
    possible = {
        "".join(arrangement)
        for arrangement in set(permutations(sequence))
        if dinucleotides(arrangement) == dinucleotides(sequence)
        and (arrangement[0], arrangement[-1]) == (sequence[0], sequence[-1])
    }
    assert len(possible) > 5
    generator = np.random.default_rng(3)
    drawn = Counter(shuffled(sequence, generator) for _ in range(200 * len(possible)))
    assert set(drawn) == possible
    assert chisquare(list(drawn.values())).pvalue > 0.01


@pytest.fixture
def extraction(tmp_path):
    letters = np.random.default_rng(4).choice(list("ACGT"), 400)
    (tmp_path / "genome.fa").write_text(">I\n" + "".join(letters) + "\n")
    lines = [f"I\t{start}\t{start + 20}\tx\t0\t-\n" for start in range(0, 300, 30)]
    (tmp_path / "peaks.bed").write_text("".join(lines))
    return extract_regions(
        tmp_path / "genome.fa",
        tmp_path / "peaks.bed",
        window=20,
        generator=np.random.default_rng(1),
    )


@pytest.mark.parametrize(("ratio", "made"), [(0.5, 5), (1, 10), (2, 20), (1.3, 13)])
def test_the_ratio_says_how_many_are_made(extraction, ratio, made):
    table, letters, dropped, _ = add_shuffled(extraction, ratio, np.random.default_rng(2))
    assert len(table) == len(letters) == 10 + made
    assert table["id"].is_unique
    pd.testing.assert_frame_equal(
        table[:10], extraction.candidates.astype({"start": "Int64", "end": "Int64"})
    )
    np.testing.assert_array_equal(letters[:10], extraction.letters)
    pd.testing.assert_frame_equal(dropped, extraction.dropped)
    added = table[10:]
    assert added["background"].all()
    assert (added[["start", "end"]].isna().all(axis=None), set(added["strand"])) == (True, {"."})
    origin = added["id"].str.replace(r"_shuffled\d+$", "", regex=True)
    assert origin.value_counts().between(int(ratio), int(ratio) + 1).all()
    at = pd.Index(extraction.candidates["id"]).get_indexer(origin)
    kept = ["chrom", "group", "source", "line", "gc", "unknown", "original_length"]
    pd.testing.assert_frame_equal(
        added[kept].reset_index(drop=True),
        extraction.candidates.loc[at, kept].reset_index(drop=True),
    )
    for row, of in zip(letters[10:], at, strict=True):
        assert dinucleotides(row.tolist()) == dinucleotides(extraction.letters[of].tolist())
        assert row.tobytes() != extraction.letters[of].tobytes()


def test_the_same_seed_makes_the_same(extraction):
    first, second, other = (
        add_shuffled(extraction, 1.5, np.random.default_rng(seed)) for seed in (2, 2, 3)
    )
    pd.testing.assert_frame_equal(first.candidates, second.candidates)
    np.testing.assert_array_equal(first.letters, second.letters)
    assert (first.letters != other.letters).any()


def test_a_ratio_that_makes_none_is_an_error(extraction):
    few = Extraction(extraction.candidates[:3], extraction.letters[:3], extraction.dropped)
    with pytest.raises(InputError, match="a ratio of 0.1 makes no copy of 3 sequences"):
        add_shuffled(few, 0.1, np.random.default_rng(1))


def test_padding_stays_where_it_is(tmp_path):
    """Otherwise its place alone would give the shuffled sequences away."""
    records = [f">s{n}\n{'ACGT' * n}{'A' * (n % 3)}\n" for n in range(3, 9)]
    (tmp_path / "s.fa").write_text("".join(records))
    extraction = extract_sequences(
        {"fasta": {"one": tmp_path / "s.fa"}},
        alphabet="dna",
        task="binary",
        length={"policy": "pad"},
    )
    both = add_shuffled(extraction, 1, np.random.default_rng(1)).letters
    np.testing.assert_array_equal(both[:6] == ord("-"), both[6:] == ord("-"))
    assert (both[:6] == ord("-")).any()
