import numpy as np
import pytest
from Bio.Seq import Seq
from hypothesis import given
from hypothesis import strategies as st

from basewise.alphabet import (
    complement_letters,
    decode,
    encode,
    letters_of,
    pack,
    reverse_complement,
    unpack,
)
from basewise.errors import InputError

iupac = st.text("ACGTRYSWKMBDHVN-", min_size=1, max_size=80)


@given(iupac)
def test_decoding_undoes_encoding(sequence):
    assert decode(encode([sequence])) == [sequence]


@pytest.mark.parametrize(
    ("letter", "bits"),
    [
        ("A", [1, 0, 0, 0]),
        ("C", [0, 1, 0, 0]),
        ("G", [0, 0, 1, 0]),
        ("T", [0, 0, 0, 1]),
        ("R", [1, 0, 1, 0]),
        ("Y", [0, 1, 0, 1]),
        ("B", [0, 1, 1, 1]),
        ("N", [1, 1, 1, 1]),
        ("-", [0, 0, 0, 0]),
    ],
)
def test_a_letter_sets_the_bits_of_its_bases(letter, bits):
    assert encode([letter])[0, 0].tolist() == bits


@pytest.mark.parametrize("length", range(1, 66))
def test_packing_keeps_every_bit(length):
    onehot = np.random.default_rng(length).integers(2, size=(7, length, 4), dtype=np.uint8)
    packed = pack(onehot)
    assert packed.shape == (7, -(-length * 4 // 8))
    np.testing.assert_array_equal(unpack(packed, length, 4), onehot)


def test_first_base_is_in_the_highest_bits():
    assert pack(encode(["AR"])).tolist() == [[0b1000_1010]]


@given(iupac)
def test_reverse_complement_is_biopythons_and_its_own_inverse(sequence):
    onehot = encode([sequence])
    expected = str(Seq(sequence).reverse_complement())
    assert decode(reverse_complement(onehot)) == [expected]
    assert complement_letters(letters_of([sequence]))[0].tobytes().decode() == expected
    np.testing.assert_array_equal(reverse_complement(reverse_complement(onehot)), onehot)


def test_a_letter_that_is_no_base_is_named_with_its_place():
    with pytest.raises(InputError, match=r"'J' at position 3 of sequence 2"):
        encode(["ACGT", "ACJT"])


def test_sequences_of_two_lengths_are_refused():
    with pytest.raises(InputError, match="lengths 3 to 4"):
        encode(["ACG", "ACGT"])
