"""Letters to one-hot rows and back, and the packed form in which they are stored.

One bit per possible letter, in channel order (docs/spec.md, "Encoding"): A = 1000, R (A or G) =
1010, N = 1111, padding = 0000. The IUPAC codes follow NC-IUB, Nucleic Acids Res. 13:3021 (1985).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from basewise.errors import InputError

__all__ = [
    "CHANNELS",
    "complement_letters",
    "decode",
    "encode",
    "foreign_letters",
    "letters_of",
    "pack",
    "reverse_complement",
    "unpack",
]

CHANNELS = {"dna": "ACGT"}
"""Channel order of each alphabet."""

PADDING = "-"

_CODES = {
    "dna": {
        "A": "A",
        "C": "C",
        "G": "G",
        "T": "T",
        "R": "AG",
        "Y": "CT",
        "S": "CG",
        "W": "AT",
        "K": "GT",
        "M": "AC",
        "B": "CGT",
        "D": "AGT",
        "H": "ACT",
        "V": "ACG",
        "N": "ACGT",
        PADDING: "",
    }
}

_COMPLEMENT = bytes.maketrans(b"ACGTRYSWKMBDHVN-", b"TGCAYRSWMKVHDBN-")


def letters_of(sequences: Sequence[str]) -> NDArray[np.uint8]:
    """Lay sequences of one length out as a matrix of character codes.

    Parameters
    ----------
    sequences
        n strings of one length, upper case.

    Returns
    -------
    uint8, shape (n, length)

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


def foreign_letters(letters: NDArray[np.uint8], alphabet: str = "dna") -> NDArray[np.int64]:
    """Places of characters that no sequence of the alphabet holds; padding is one of them.

    Parameters
    ----------
    letters
        Character codes, shape (n, length).

    Returns
    -------
    int64, shape (found, 2): row and column of each
    """
    _, known = _encoding_table(alphabet)
    return np.argwhere(~known[letters] | (letters == ord(PADDING)))


def encode(
    sequences: Sequence[str] | NDArray[np.uint8], alphabet: str = "dna"
) -> NDArray[np.uint8]:
    """One-hot encode sequences of one length.

    Parameters
    ----------
    sequences
        n upper-case strings of one length, or their character codes, shape (n, length).
    alphabet
        A key of `CHANNELS`.

    Returns
    -------
    uint8, shape (n, length, channels)
        A row sums to 1 for a known letter, to more for an ambiguous one, to 0 for padding.

    Raises
    ------
    InputError
        When a letter is not in the alphabet.
    """
    letters = sequences if isinstance(sequences, np.ndarray) else letters_of(sequences)
    table, known = _encoding_table(alphabet)
    if not known[letters].all():
        row, column = np.argwhere(~known[letters])[0]
        raise InputError(
            f"letter {chr(letters[row, column])!r} at position {column + 1} of sequence {row + 1} "
            f"is not in the {alphabet} alphabet ({''.join(_CODES[alphabet])})"
        )
    return table[letters]


def decode(onehot: NDArray[np.uint8], alphabet: str = "dna") -> list[str]:
    """Read one-hot rows back as letters: the inverse of `encode`.

    Parameters
    ----------
    onehot
        uint8, shape (n, length, channels).

    Returns
    -------
    n strings, IUPAC codes and padding (``-``) included.
    """
    channels = len(CHANNELS[alphabet])
    weights = 1 << np.arange(channels - 1, -1, -1)
    table = np.zeros(2**channels, dtype=np.uint8)
    for letter, possible in _CODES[alphabet].items():
        table[_bits(possible, alphabet) @ weights] = ord(letter)
    return [row.tobytes().decode("ascii") for row in table[onehot @ weights]]


def reverse_complement(onehot: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Reverse-complement one-hot DNA, shape (..., length, 4) in channel order A, C, G, T."""
    return onehot[..., ::-1, ::-1]


def complement_letters(letters: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Reverse-complement DNA character codes, shape (..., length)."""
    table = np.frombuffer(_COMPLEMENT, dtype=np.uint8)
    return table[letters[..., ::-1]]


def pack(onehot: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Pack one-hot rows to bits: (n, length, channels) to (n, ceil(length * channels / 8))."""
    return np.packbits(onehot.reshape(len(onehot), -1), axis=1)


def unpack(packed: NDArray[np.uint8], length: int, channels: int) -> NDArray[np.uint8]:
    """Undo `pack`: (n, bytes) to (n, length, channels)."""
    bits = np.unpackbits(packed, axis=1, count=length * channels)
    return bits.reshape(len(packed), length, channels)


def _bits(possible: str, alphabet: str) -> NDArray[np.uint8]:
    return np.array([letter in possible for letter in CHANNELS[alphabet]], dtype=np.uint8)


@cache
def _encoding_table(alphabet: str) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    table = np.zeros((256, len(CHANNELS[alphabet])), dtype=np.uint8)
    known = np.zeros(256, dtype=np.bool_)
    for letter, possible in _CODES[alphabet].items():
        table[ord(letter)] = _bits(possible, alphabet)
        known[ord(letter)] = True
    return table, known
