import gzip

import numpy as np
import pytest

from basewise.core.errors import InputError
from basewise.sequences.motifs import read_motifs

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
