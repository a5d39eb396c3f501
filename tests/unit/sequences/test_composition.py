import numpy as np
import pytest

from basewise.sequences.composition import describe, describe_windows, gc_content


def codes(*sequences):
    return np.array([list(sequence.encode()) for sequence in sequences], dtype=np.uint8)


def naive(sequence):
    """GC share of the bases known to be strong or weak, and share of ambiguous letters."""
    strong = sum(letter in "GCS" for letter in sequence)
    weak = sum(letter in "ATUW" for letter in sequence)
    known = sum(letter in "ACGT" for letter in sequence)
    gc = strong / (strong + weak) if strong + weak else np.nan
    return gc, 1 - known / len(sequence)


def test_by_hand():
    composition = describe(codes("ACGT", "GGNN", "SSAA", "WWWW", "NNNN", "GC--", "RYKM"))
    np.testing.assert_array_equal(composition.gc, [0.5, 1, 0.5, 0, np.nan, 1, np.nan])
    np.testing.assert_array_equal(composition.unknown, [0, 0.5, 0.5, 1, 1, 0, 1])
    assert gc_content(codes("ACGG")[0]) == 0.75


def test_other_alphabets():
    rna = describe(codes("ACGU", "UUNN"), "rna")
    assert (rna.gc.tolist(), rna.unknown.tolist()) == ([0.5, 0], [0, 0.5])
    protein = describe(codes("MKVX", "BW--"), "protein")
    assert np.isnan(protein.gc).all()
    assert protein.unknown.tolist() == [0.25, 0.5]


@pytest.mark.parametrize("letters", ["ACGT", "ACGTACGTNRSW"])
def test_windows_of_a_chromosome_are_described_as_sequences_are(letters):
    generator = np.random.default_rng(6)
    chromosome = generator.choice(codes(letters)[0], 500)
    starts = np.concatenate([[0, 493], generator.integers(494, size=200)])
    windows = [chromosome[start : start + 7] for start in starts]
    expected = [naive(window.tobytes().decode()) for window in windows]
    for composition in (describe_windows(chromosome, starts, 7), describe(np.stack(windows))):
        np.testing.assert_allclose(np.transpose(composition), expected, atol=1e-15)
