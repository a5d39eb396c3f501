import gzip

import numpy as np
import pytest
from Bio import motifs as bio_motifs
from Bio.Seq import Seq

from basewise.core.errors import InputError
from basewise.sequences import motifs as motifs_module
from basewise.sequences.alphabet import encode
from basewise.sequences.motifs import best_hits, log_odds, read_motifs

MEME = """MEME version 4

ALPHABET= ACGT

strands: + -

Background letter frequencies
A 0.25 C 0.25 G 0.25 T 0.25

MOTIF first other
letter-probability matrix: alength= 4 w= 2 nsites= 3 E= 0
 0.123456 0.376544 0.250000 0.250000
 0.000000 0.000000 0.000000 1.000000

MOTIF second
letter-probability matrix: alength= 4 w= 1
 0.7 0.1 0.1 0.1
"""
JASPAR = ">MA0001.1 One\nA [1 0]\nC [1 0]\nG [2 4]\nT [0 0]\n>two\n0 1\n0 1\n5 1\n0 1\n"


def written(folder, text):
    path = folder / "motifs.txt"
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("file", "motifs", "widths", "first"),
    [
        ("JASPAR2018_CORE_vertebrates.txt", 579, (6, 21), "MA0002.2 RUNX1"),
        ("JASPAR2018_CORE_fungi.txt", 176, (5, 21), "MA0265.1 ABF1"),
        ("macisaac_yeast.v1.meme", 124, (5, 23), "ABF1"),
    ],
)
def test_known_collections(data, file, motifs, widths, first):
    collection = read_motifs(data / "motifs" / file)
    assert len({motif.name for motif in collection}) == motifs
    lengths = [len(motif.probabilities) for motif in collection]
    assert (min(lengths), max(lengths)) == widths
    assert collection[0].name == first
    for motif in collection:
        np.testing.assert_allclose(motif.probabilities.sum(axis=1), 1, atol=1e-12)


def test_the_reb1_profile(data):
    motifs = dict(read_motifs(data / "motifs" / "JASPAR2018_CORE_fungi.txt"))
    reb1 = motifs["MA0363.1 REB1"]
    assert "".join("ACGT"[letter] for letter in reb1.argmax(axis=1)) == "GTTACCCGG"
    np.testing.assert_allclose(reb1[[0, 7]], [[0.3, 0.1, 0.5, 0.1], [0, 0, 0.6, 0.4]])


def test_meme_probabilities_keep_their_digits(data, tmp_path):
    abf1 = read_motifs(data / "motifs" / "macisaac_yeast.v1.meme")[0]
    np.testing.assert_allclose(abf1.probabilities[0], [0.230603, 0.132401, 0.118831, 0.518165])
    first, second = read_motifs(written(tmp_path, MEME))
    assert (first.name, second.name) == ("first", "second")
    np.testing.assert_allclose(first.probabilities[0], [0.123456, 0.376544, 0.25, 0.25])
    np.testing.assert_allclose(second.probabilities, [[0.7, 0.1, 0.1, 0.1]])


def test_jaspar_counts_with_and_without_brackets(tmp_path):
    (one, bracketed), (two, bare) = read_motifs(written(tmp_path, JASPAR))
    assert (one, two) == ("MA0001.1 One", "two")
    assert bracketed.tolist() == [[0.25, 0.25, 0.5, 0], [0, 0, 1, 0]]
    assert bare.tolist() == [[0, 0, 1, 0], [0.25] * 4]


def test_compressed_collections_and_rna(tmp_path):
    path = tmp_path / "motifs.meme.gz"
    path.write_bytes(gzip.compress(MEME.replace("ACGT", "ACGU").encode()))
    np.testing.assert_allclose(read_motifs(path)[0].probabilities[1], [0, 0, 0, 1])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "announces 0 motifs and holds 0 whole ones"),
        ("# notes\n", "holds no motifs that can be read"),
        ("ACGT\nCCCC\n", "holds no motifs that can be read"),
        (">chr1\nACGT\n", "holds no motifs that can be read"),
        (JASPAR.replace("5 1", "5"), "holds no motifs that can be read"),
        (JASPAR[: JASPAR.index("T [")], "announces 1 motifs and holds 0 whole ones"),
        (JASPAR.replace("5 1", "0 1"), "the motif two has a position without counts"),
        (
            JASPAR.replace("5 1", "-5 1"),
            "has a position without counts, or one below 0",
        ),
        (JASPAR.replace("5 1", "nan 1"), "the motif two has a position without counts"),
        (MEME.replace("ACGT", "ACDEFGHIKLMNPQRSTVWY"), "holds no motifs that can be read"),
        (MEME.replace("probability", "odds", 1), "announces 2 motifs and holds 1 whole ones"),
        (MEME[: MEME.index("MOTIF")], "announces 0 motifs and holds 0 whole ones"),
    ],
)
def test_what_is_no_collection_is_refused(tmp_path, text, message):
    path = written(tmp_path, text)
    with pytest.raises(InputError, match=message) as refused:
        read_motifs(path)
    assert str(path) in str(refused.value)
    assert "\n" not in str(refused.value)


ACC = np.array([[4.0, 1, 2, 0], [0, 3, 1, 1]])
"""Bits of a matrix of two positions, worked by hand below."""


@pytest.mark.parametrize(
    ("sequence", "forward", "either"),
    [
        ("AC", 7, 7),
        ("GT", 3, 7),  # GT reads AC on the other strand
        ("TAAG", 5, 5),  # AG 4 + 1, TA 0 + 0, AA 4 + 0; CT 1 + 1, TT 0 + 1, TA 0 + 0
        ("AN", 4 + 5 / 4, 4 + 5 / 4),  # NT: 7 / 4 + 1
        ("A", 4, 4),  # what is missing scores as the worst letter: A_ 4 + 0
        ("T", 1, 4),  # _T 0 + 1, A_ on the other strand
        ("A-", 4, 4),  # padding too
        ("--", 0, 0),
    ],
)
def test_hits_by_hand(sequence, forward, either):
    onehot = encode([sequence])
    assert best_hits(onehot, [ACC], both_strands=False).tolist() == [[forward]]
    assert best_hits(onehot, [ACC], both_strands=True).tolist() == [[either]]


def test_log_odds_by_hand():
    """0.01 on each probability, against 0.25."""
    bits = log_odds(np.array([[1, 0, 0, 0], [0.25] * 4]))
    np.testing.assert_allclose(bits[0], np.log2(np.array([1.01, 0.01, 0.01, 0.01]) / 1.04 * 4))
    np.testing.assert_allclose(bits[1], 0, atol=1e-12)


@pytest.mark.parametrize("block", [1, 10_000, motifs_module.BLOCK])
def test_hits_are_those_of_biopython(data, monkeypatch, block):
    """Of a whole collection with many widths, whatever the size of the blocks."""
    monkeypatch.setattr(motifs_module, "BLOCK", block)
    collection = read_motifs(data / "motifs" / "JASPAR2018_CORE_fungi.txt")[::5]
    draws = np.random.default_rng(3)
    texts = ["".join(draws.choice(list("ACGT"), 40)) for _ in range(7)]
    expected = np.empty((len(texts), len(collection)))
    for column, motif in enumerate(collection):
        counts = dict(zip("ACGT", (motif.probabilities + 0.01).T.tolist(), strict=True))
        scores = bio_motifs.Motif(counts=counts).pssm
        for row, text in enumerate(texts):
            strands = Seq(text), Seq(text).reverse_complement()
            expected[row, column] = max(scores.calculate(strand).max() for strand in strands)
    matrices = [log_odds(motif.probabilities) for motif in collection]
    hits = best_hits(encode(texts), matrices, both_strands=True)
    np.testing.assert_allclose(hits, expected, atol=1e-4)


def test_hits_in_bits_of_a_window_do_not_hang_on_its_strand(data):
    collection = read_motifs(data / "motifs" / "macisaac_yeast.v1.meme")
    matrices = [log_odds(motif.probabilities) for motif in collection]
    onehot = encode(["ACGTNRYACCGTAGGATCACGGTTACATTA--"])
    turned = onehot[:, ::-1, ::-1]
    one, other = (best_hits(each, matrices, both_strands=True) for each in (onehot, turned))
    np.testing.assert_allclose(one, other, atol=1e-5)
