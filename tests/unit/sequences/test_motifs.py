import gzip
import re
from io import StringIO

import numpy as np
import pandas as pd
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
        ("", ": holds no motif; give JASPAR profiles or MEME motifs"),
        ("# notes\n", ":1: begins with '# notes', no motif"),
        ("ACGT\nCCCC\n", ":1: begins with 'ACGT', no motif"),
        (">chr1\nACGT\n", ":1: the motif chr1 has 1 rows; A, C, G, T are wanted, one each"),
        (JASPAR.replace("5 1", "5"), ":9: the motif two has 1 counts here, 2 in its first row"),
        (JASPAR.replace("5 1", "5 1 0"), ":9: the motif two has 3 counts here, 2 in"),
        (JASPAR[: JASPAR.index("T [")], ":1: the motif MA0001.1 One has 3 rows"),
        (JASPAR.replace("5 1", "5 1\n5 1"), ":6: the motif two has 5 rows"),
        (
            JASPAR.replace("C [", "X ["),
            ":3: the motif MA0001.1 One has a row of X, C is wanted here",
        ),
        (JASPAR.replace("[", "[[", 1), ":2: the motif MA0001.1 One has brackets that do not match"),
        (JASPAR.replace("5 1", "0 1"), ":6: the motif two has a position without counts"),
        (JASPAR.replace("5 1", "-5 1"), ":9: the motif two holds '-5', no number of 0 or more"),
        (JASPAR.replace("5 1", "nan 1"), ":9: the motif two holds 'nan', no number of 0 or more"),
        (JASPAR.replace(">two", ">"), ":6: a motif has no name"),
        (MEME.replace("ACGT", "ACDEFGHIKLMNPQRSTVWY"), ": has the alphabet ACDEFGHIKLMNPQRSTVWY"),
        (MEME.replace("probability", "odds", 1), ": the motif first has no matrix"),
        (MEME[: MEME.index("MOTIF")], ": holds no motif"),
        (MEME.replace("w= 2", "w= 3"), ": the motif first announces 3 rows and has 2"),
        (MEME.replace("w= 2", "w= x"), ": the motif first announces x rows and has 2"),
        (MEME.replace("alength= 4", "alength= 20", 1), ": the motif first is one of 20 letters"),
        (MEME.replace("w= 2", "w= 1"), ": the motif first announces 1 rows and has 2"),
        (MEME.replace("0.7 0.1", "0.7 0.7 0.1"), ": the motif second has 5 numbers here"),
        (MEME.replace("0.7 0.1", "0.07 0.1"), ": the probabilities of second add up to 0.37 here"),
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


def test_sizes_that_files_announce_are_held_against_what_was_read(data):
    cases = data.parent / "cases"
    with pytest.raises(InputError, match=r"x.jaspar:1: the motif M1 n has 5 rows; A, C, G, T are"):
        read_motifs(cases / "f01-jaspar-fifth-row/x.jaspar")
    with pytest.raises(InputError, match=r"short.meme:13: the motif M0 has 3 numbers here"):
        read_motifs(cases / "f02-meme-truncated/short.meme")


@pytest.mark.parametrize("inside", ["\n", "# half\n", "x\n"])
@pytest.mark.parametrize("announced", ["w= 2", ""])
def test_nothing_stands_between_the_rows_of_a_matrix(tmp_path, inside, announced):
    text = MEME.replace("w= 2", announced)
    first, rest = text.split("0.250000\n", 1)
    with pytest.raises(InputError, match=r"announces 2 rows and has 1|belong to no motif"):
        read_motifs(written(tmp_path, f"{first}0.250000\n{inside}{rest}"))


def test_meme_files_as_users_have_them(data):
    """Every legal dialect gives the motifs and numbers of MEME's own rules."""
    folder = data.parent / "cases/e16-meme-dialects"
    table = pd.read_csv(folder / "expected.tsv", sep="\t")
    for file, rows in table.groupby("file"):
        motifs = read_motifs(folder / file)
        assert len(motifs) == len(rows)
        for motif, row in zip(motifs, rows.itertuples(), strict=True):
            assert len(motif.probabilities) == row.width
            first = [float(value) for value in row.first_row.split("|")]
            np.testing.assert_allclose(motif.probabilities[0], first, atol=1e-4)


def test_collections_are_those_of_biopython(data):
    """It turns probabilities into whole counts of `nsites`; so many keep six digits."""
    forms = {"JASPAR2018_CORE_fungi.txt": "jaspar", "macisaac_yeast.v1.meme": "minimal"}
    for file, form in forms.items():
        text = (data / "motifs" / file).read_text()
        text = re.sub("^(letter-prob.*?)(nsites=.*)?$", r"\1 nsites= 1000000", text, flags=re.M)
        theirs = list(bio_motifs.parse(StringIO(text), form))
        ours = read_motifs(data / "motifs" / file)
        assert len(ours) == len(theirs)
        for motif, other in zip(ours, theirs, strict=True):
            counts = np.array([other.counts[letter] for letter in "ACGT"], dtype=float).T
            expected = counts / counts.sum(axis=1, keepdims=True)
            np.testing.assert_allclose(motif.probabilities, expected, atol=2e-6)


def test_a_motif_whose_name_nobody_sees_whole_is_refused(tmp_path):
    path = written(tmp_path, JASPAR.replace(">two", ">two\u200b"))
    with pytest.raises(InputError, match=r"motifs.txt:6: the motif 'two\\u200b' holds a character"):
        read_motifs(path)
