import numpy as np
import pytest
from Bio.Seq import Seq
from hypothesis import given, settings
from hypothesis import strategies as st

from basewise.core.errors import InputError
from basewise.sequences.alphabet import (
    CHANNELS,
    complement_letters,
    decode,
    encode,
    foreign_letters,
    letters_of,
    pack,
    pack_letters,
    reverse_complement,
    reverse_complement_packed,
    unpack,
)

LETTERS = {
    "dna": "ACGTRYSWKMBDHVN-",
    "rna": "ACGTURYSWKMBDHVN-",
    "protein": "ACDEFGHIKLMNPQRSTVWYBZJXUO-",
}
WRITTEN = {"dna": {}, "rna": {"U": "T"}, "protein": {"U": "X", "O": "X"}}
dna = st.text(LETTERS["dna"], min_size=1, max_size=80)


@st.composite
def sequences(draw):
    """An alphabet and some sequences of one length in its letters."""
    alphabet = draw(st.sampled_from(sorted(LETTERS)))
    length = draw(st.integers(0, 40))
    text = st.text(LETTERS[alphabet], min_size=length, max_size=length)
    return alphabet, draw(st.lists(text, min_size=1, max_size=5))


@settings(deadline=None)
@given(sequences())
def test_decoding_undoes_encoding(drawn):
    alphabet, texts = drawn
    written = str.maketrans(WRITTEN[alphabet])
    assert decode(encode(texts, alphabet), alphabet) == [text.translate(written) for text in texts]


@settings(deadline=None)
@given(sequences())
def test_packing_letters_is_packing_their_encoding(drawn):
    alphabet, texts = drawn
    letters = letters_of(texts)
    packed = pack_letters(letters, alphabet)
    np.testing.assert_array_equal(packed, pack(encode(letters, alphabet)))
    np.testing.assert_array_equal(
        unpack(packed, letters.shape[1], len(CHANNELS[alphabet])), encode(texts, alphabet)
    )


BASES = {
    **{"A": "A", "C": "C", "G": "G", "T": "T"},
    **{"R": "AG", "Y": "CT", "S": "CG", "W": "AT", "K": "GT", "M": "AC"},
    **{"B": "CGT", "D": "AGT", "H": "ACT", "V": "ACG", "N": "ACGT", "-": ""},
}
"""NC-IUB, Nucleic Acids Res. 13:3021 (1985), table 1."""

ACIDS = "ACDEFGHIKLMNPQRSTVWY"


@pytest.mark.parametrize(
    ("alphabet", "meanings"),
    [
        ("dna", BASES),
        ("rna", {**BASES, "U": "T"}),
        (
            "protein",
            {**dict(zip(ACIDS, ACIDS, strict=True)), "B": "DN", "Z": "EQ", "J": "IL", "-": ""}
            | dict.fromkeys("XUO", ACIDS),
        ),
    ],
)
def test_a_letter_sets_the_bits_of_what_it_may_be(alphabet, meanings):
    for letter, possible in meanings.items():
        bits = encode([letter], alphabet)[0, 0]
        assert {CHANNELS[alphabet][channel] for channel in np.flatnonzero(bits)} == set(possible)
        same = [other for other, letters in meanings.items() if set(letters) == set(possible)]
        assert decode(bits[None, None], alphabet)[0] == same[0]
    with pytest.raises(InputError):
        encode(["!"], alphabet)


def test_channels_are_in_the_order_of_the_specification():
    assert encode(["A"])[0, 0].tolist() == [1, 0, 0, 0]
    assert encode(["R"])[0, 0].tolist() == [1, 0, 1, 0]
    assert encode(["U"], "rna")[0, 0].tolist() == [0, 0, 0, 1]
    assert encode(["C"], "protein")[0, 0].tolist() == [0, 1, *[0] * 18]


@pytest.mark.parametrize("length", range(1, 66))
def test_packing_keeps_every_bit(length):
    onehot = np.random.default_rng(length).integers(2, size=(7, length, 4), dtype=np.uint8)
    packed = pack(onehot)
    assert packed.shape == (7, -(-length * 4 // 8))
    np.testing.assert_array_equal(unpack(packed, length, 4), onehot)


def test_first_base_is_in_the_highest_bits():
    assert pack(encode(["AR"])).tolist() == [[0b1000_1010]]
    assert pack_letters(letters_of(["ARC"])).tolist() == [[0b1000_1010, 0b0100_0000]]


@given(dna)
def test_reverse_complement_is_biopythons_and_its_own_inverse(sequence):
    onehot = encode([sequence])
    expected = str(Seq(sequence).reverse_complement())
    assert decode(reverse_complement(onehot)) == [expected]
    assert complement_letters(letters_of([sequence]))[0].tobytes().decode() == expected
    np.testing.assert_array_equal(reverse_complement(reverse_complement(onehot)), onehot)
    turned = reverse_complement_packed(pack(onehot), len(sequence))
    np.testing.assert_array_equal(turned, pack(reverse_complement(onehot)))


@pytest.mark.parametrize("alphabet", sorted(LETTERS))
def test_every_other_character_is_refused(alphabet):
    known = set(LETTERS[alphabet].encode())
    for code in range(256):
        letters = np.array([[65, code, 65]], dtype=np.uint8)
        foreign = code not in known or code == ord("-")
        assert foreign_letters(letters, alphabet).tolist() == ([[0, 1]] if foreign else [])
        for way in (encode, pack_letters):
            if code in known:
                way(letters, alphabet)
            else:
                with pytest.raises(InputError, match="at position 2 of sequence 1"):
                    way(letters, alphabet)


def test_a_letter_that_is_no_base_is_named_with_its_place():
    with pytest.raises(InputError, match=r"'J' at position 3 of sequence 2"):
        encode(["ACGT", "ACJT"])


def test_bits_that_no_letter_has_are_not_decoded():
    with pytest.raises(InputError, match="position 2 of sequence 1"):
        decode(encode(["AA"], "protein") | encode(["-C"], "protein"), "protein")


def test_sequences_of_two_lengths_are_refused():
    with pytest.raises(InputError, match="lengths 3 to 4"):
        encode(["ACG", "ACGT"])
