"""Letters to one-hot rows and back, and the packed form in which they are stored.

One bit per possible letter, in channel order (docs/spec.md, "Encoding"): A = 1000, R (A or G) =
1010, N = 1111, padding = 0000. The codes for bases follow NC-IUB, Nucleic Acids Res. 13:3021
(1985), those for amino acids IUPAC-IUB JCBN, Eur. J. Biochem. 138:9 (1984). A genotype is a letter
too: 0 = 1000 (AA), 1 = 0100 (Aa), 2 = 0010 (aa), . = 0001 (missing).
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from Bio.Data import IUPACData
from numpy.typing import NDArray

from basewise.core.errors import InputError

AMINO_ACIDS = IUPACData.protein_letters

CHANNELS: dict[str, Sequence[str]] = {
    "dna": "ACGT",
    "rna": "ACGT",
    "protein": AMINO_ACIDS,
    "genotype": ("AA", "Aa", "aa", "missing"),
}
"""Channel order of each alphabet."""

PADDING = "-"
PADDING_CODE = ord(PADDING)

ROWS_AT_ONCE = 1024

# Without X, which old files write for N.
_BASES: dict[str, str | tuple[str, ...]] = {
    **{letter: bases for letter, bases in IUPACData.ambiguous_dna_values.items() if letter != "X"},
    PADDING: "",
}

_AMINO_ACIDS: dict[str, str] = IUPACData.extended_protein_values

_CODES: dict[str, dict[str, str | tuple[str, ...]]] = {
    "dna": _BASES,
    "rna": _BASES | {"U": "T"},
    "protein": {
        # selenocysteine and pyrrolysine, which have no channels, behind X
        **{letter: acids for letter, acids in _AMINO_ACIDS.items() if letter not in "UO"},
        **dict.fromkeys("UO", AMINO_ACIDS),
        PADDING: "",
    },
    "genotype": {"0": ("AA",), "1": ("Aa",), "2": ("aa",), ".": ("missing",), PADDING: ()},
}
"""What each letter may be; of several letters with one meaning, `decode` gives the first."""

_COMPLEMENT = bytes.maketrans(
    "".join(IUPACData.ambiguous_dna_complement).encode(),
    "".join(IUPACData.ambiguous_dna_complement.values()).encode(),
)


def letters_of(sequences: Sequence[str]) -> NDArray[np.uint8]:
    """Lay n sequences of one length, upper case, out as a matrix of character codes, (n, length).

    Raises
    ------
    InputError
        When the lengths differ.
    """
    lengths = {len(sequence) for sequence in sequences}
    if len(lengths) > 1:
        raise InputError(
            f"sequences have lengths {min(lengths)} to {max(lengths)}; one length is needed"
        )
    length = lengths.pop() if lengths else 0
    joined = "".join(sequences).encode("ascii", errors="replace")
    return np.frombuffer(joined, dtype=np.uint8).reshape(len(sequences), length)


def bits_of_letters(alphabet: str) -> dict[str, str]:
    """Each letter that sequences may hold to its row as `encode` has it, such as ``1010`` for R."""
    return {
        letter: "".join(map(str, _bits(possible, alphabet).tolist()))
        for letter, possible in _CODES[alphabet].items()
    }


def foreign_letters(letters: NDArray[np.uint8], alphabet: str = "dna") -> NDArray[np.int64]:
    """Row and column of each character that no sequence of the alphabet holds, also of padding."""
    _, known = _encoding_table(alphabet)
    return np.argwhere(~known[letters] | (letters == PADDING_CODE))


def encode(
    sequences: Sequence[str] | NDArray[np.uint8], alphabet: str = "dna"
) -> NDArray[np.uint8]:
    """One-hot encode sequences of one length, upper case, as uint8, shape (n, length, channels).

    A row sums to 1 for a known letter, to more for an ambiguous one, to 0 for padding.

    Raises
    ------
    InputError
        When a letter is not in the alphabet.
    """
    letters = sequences if isinstance(sequences, np.ndarray) else letters_of(sequences)
    table, known = _encoding_table(alphabet)
    if not known[letters].all():
        raise _foreign_letter(letters, alphabet)
    return table[letters]


def decode(onehot: NDArray[np.uint8], alphabet: str = "dna") -> list[str]:
    """Read one-hot rows back as letters: the inverse of `encode`.

    Ambiguous letters and padding (``-``) included; RNA is written with T, and any amino acid as X.

    Raises
    ------
    InputError
        When the bits of a position are those of no letter.
    """
    bits, letters = _decoding_table(alphabet)
    values = onehot @ _weights(alphabet)
    places = np.searchsorted(bits, values)
    unknown = np.argwhere(bits[places] != values)
    if len(unknown):
        row, column = unknown[0]
        raise InputError(
            f"position {column + 1} of sequence {row + 1} is no letter of the {alphabet} alphabet"
        )
    return [row.tobytes().decode("ascii") for row in letters[places]]


def copies(onehot: Any) -> Any:
    """Copies of the allele a, 0, 1 or 2, of one-hot genotypes; 0 where one is missing.

    From an array or Keras tensor (..., markers, 4) to the same kind and type, (..., markers).
    """
    # arithmetic alone, so that a network can do it too
    return onehot[..., 1] + 2 * onehot[..., 2]


def reverse_complement(onehot: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Reverse-complement one-hot DNA, shape (..., length, 4) in channel order A, C, G, T."""
    return onehot[..., ::-1, ::-1]


def complement_letters(letters: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Reverse-complement DNA character codes, shape (..., length)."""
    complement = np.frombuffer(letters.tobytes().translate(_COMPLEMENT), dtype=np.uint8)
    return complement.reshape(letters.shape)[..., ::-1]


def pack(onehot: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Pack one-hot rows to bits: (n, length, channels) to (n, ceil(length * channels / 8))."""
    return np.packbits(onehot.reshape(len(onehot), -1), axis=1)


def unpack(packed: NDArray[np.uint8], length: int, channels: int) -> NDArray[np.uint8]:
    """Undo `pack`: (n, bytes) to (n, length, channels)."""
    bits = np.unpackbits(packed, axis=1, count=length * channels)
    return bits.reshape(len(packed), length, channels)


def reverse_complement_packed(packed: NDArray[np.uint8], length: int) -> NDArray[np.uint8]:
    """Reverse-complement packed DNA: ``pack(reverse_complement(unpack(packed, length, 4)))``."""
    turned: NDArray[np.uint8] = _reversed_bits()[packed[:, ::-1]]
    if length % 2:
        # Half a byte was behind the last letter and is in front of the first one now.
        half, next_byte = np.uint8(4), np.pad(turned[:, 1:], ((0, 0), (0, 1)))
        turned = turned << half | next_byte >> half
    return turned


def pack_letters(letters: NDArray[np.uint8], alphabet: str = "dna") -> NDArray[np.uint8]:
    """Pack sequences to bits: the same as ``pack(encode(letters))``, many times faster.

    Two letters are looked up at once, since their bits fill whole bytes in every alphabet. Shape
    (n, ceil(length * channels / 8)).

    Raises
    ------
    InputError
        When a letter is not in the alphabet.
    """
    count, length = letters.shape
    if length % 2:
        letters = np.pad(letters, ((0, 0), (0, 1)), constant_values=PADDING_CODE)
    table, known = _pair_table(alphabet)
    packed = np.empty((count, letters.shape[1] // 2, table.shape[1]), dtype=np.uint8)
    for start in range(0, count, ROWS_AT_ONCE):
        block = np.ascontiguousarray(letters[start : start + ROWS_AT_ONCE])
        pairs = block.view(np.uint16).astype(np.intp)
        if not known.take(pairs).all():
            raise _foreign_letter(letters, alphabet)
        packed[start : start + ROWS_AT_ONCE] = table.take(pairs, axis=0)
    width = -(-length * len(CHANNELS[alphabet]) // 8)
    return packed.reshape(count, -1)[:, :width]


@cache
def _reversed_bits() -> NDArray[np.uint8]:
    """Each byte with its bits in reverse."""
    bits = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1)
    return np.packbits(bits[:, ::-1], axis=1)[:, 0]


def _foreign_letter(letters: NDArray[np.uint8], alphabet: str) -> InputError:
    _, known = _encoding_table(alphabet)
    row, column = np.argwhere(~known[letters])[0]
    return InputError(
        f"letter {chr(letters[row, column])!r} at position {column + 1} of sequence {row + 1} "
        f"is not in the {alphabet} alphabet ({''.join(_CODES[alphabet])})"
    )


def _bits(possible: Sequence[str], alphabet: str) -> NDArray[np.uint8]:
    return np.array([letter in possible for letter in CHANNELS[alphabet]], dtype=np.uint8)


def _weights(alphabet: str) -> NDArray[np.int64]:
    return 1 << np.arange(len(CHANNELS[alphabet]) - 1, -1, -1)


@cache
def _encoding_table(alphabet: str) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    table = np.zeros((256, len(CHANNELS[alphabet])), dtype=np.uint8)
    known = np.zeros(256, dtype=np.bool_)
    for letter, possible in _CODES[alphabet].items():
        table[ord(letter)] = _bits(possible, alphabet)
        known[ord(letter)] = True
    return table, known


@cache
def _decoding_table(alphabet: str) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """Bits of the letters as numbers, ascending, and the letter of each."""
    codes = _CODES[alphabet]
    values = np.array(
        [_bits(possible, alphabet) @ _weights(alphabet) for possible in codes.values()]
    )
    bits, first = np.unique(values, return_index=True)
    return bits, letters_of(list(codes))[first, 0]


@cache
def _pair_table(alphabet: str) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """Packed bits of two characters, by their codes read as one uint16; whether both are known."""
    table, known = _encoding_table(alphabet)
    pairs = np.arange(2**16, dtype=np.uint16).view(np.uint8).reshape(-1, 2)
    return pack(table[pairs]), np.all(known[pairs], axis=1)
