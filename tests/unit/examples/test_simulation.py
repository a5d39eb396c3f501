from itertools import product

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, roc_auc_score

from basewise.examples.simulation import (
    DECOYS,
    MOTIFS,
    SITE,
    likelihood_ratio,
    peak_motifs,
    population_ceiling,
    promoter_motifs,
    simulate_new,
    simulate_peaks,
    simulate_promoters,
)
from basewise.sequences.motifs import read_motifs
from basewise.splits.splitting import split_random


def test_ceiling_on_the_tutorials_test_rows():
    promoters = simulate_promoters()
    ratio = likelihood_ratio(promoters.sequences)
    test = split_random(promoters.labels, 0.16, 0.20, 42) == "test"
    assert test.sum() == 2000
    assert accuracy_score(promoters.labels[test], ratio[test] > 1) == 0.8325
    assert roc_auc_score(promoters.labels[test], ratio[test]) == pytest.approx(0.9041, abs=5e-5)


def test_ceiling_of_the_population():
    ceiling = population_ceiling().set_index("metric")["value"]
    assert ceiling["accuracy"] == pytest.approx(0.840, abs=0.003)
    assert ceiling["auroc"] == pytest.approx(0.913, abs=0.003)


def test_sequences_have_the_planted_motifs():
    sequences, labels = simulate_promoters(200)
    assert labels.tolist() == [1] * 100 + [0] * 100
    assert {len(sequence) for sequence in sequences} == {200}
    assert all(any(motif in sequence for motif in MOTIFS) for sequence in sequences[:100])


def test_likelihood_ratio_equals_enumeration():
    """All 4^8 sequences of 8 bases: the probability of each under both classes, by construction."""
    length = 8

    def by_insertion(motifs):
        total = {}
        for motif in motifs:
            places = length - len(motif) + 1
            share = 1 / len(motifs) / places / 4 ** (length - len(motif))
            for start in range(places):
                for rest in product("ACGT", repeat=length - len(motif)):
                    letters = "".join(rest)
                    sequence = letters[:start] + motif + letters[start:]
                    total[sequence] = total.get(sequence, 0) + share
        return total

    promoter, decoy = by_insertion(MOTIFS), by_insertion(DECOYS)
    sequences = ["".join(letters) for letters in product("ACGT", repeat=length)]
    background = [0.7 / 4**length + 0.3 * decoy.get(sequence, 0) for sequence in sequences]
    expected = [promoter.get(s, 0) / b for s, b in zip(sequences, background, strict=True)]
    np.testing.assert_allclose(likelihood_ratio(sequences), expected, rtol=1e-9)


@pytest.mark.parametrize("text", [promoter_motifs(), peak_motifs()])
def test_profiles_are_read_as_what_was_planted(text, tmp_path):
    (tmp_path / "motifs.jaspar").write_text(text)
    collection = read_motifs(tmp_path / "motifs.jaspar")
    planted = ["".join("ACGT"[n] for n in m.probabilities.argmax(axis=1)) for m in collection]
    assert planted == [motif.name.partition(" ")[0] for motif in collection]
    assert planted in (list(MOTIFS), [SITE])


def test_a_profile_has_the_share_of_letters_that_a_site_keeps():
    """Kept with .9, or drawn anew: A and T .3, C and G .2."""
    rows = peak_motifs().splitlines()
    assert rows[0] == f">{SITE} planted"
    assert [row.split("[")[1].split()[0] for row in rows[1:]] == ["30", "20", "20", "930"]


def test_peaks_lie_on_the_genome_and_repeat():
    peaks = simulate_peaks(np.random.default_rng(1), chromosomes=2, bases=20_000)
    again = simulate_peaks(np.random.default_rng(1), chromosomes=2, bases=20_000)
    assert peaks.regions.equals(again.regions)
    assert (peaks.genome["chr2"] == again.genome["chr2"]).all()
    assert (peaks.regions["start"] >= 0).all()
    assert (peaks.regions["end"] <= 20_000).all()
    assert 0.4 < peaks.labels["label"].mean() < 0.6


def test_new_sequences_are_what_their_names_say():
    peaks = simulate_peaks(np.random.default_rng(1), chromosomes=2, bases=20_000)
    new = simulate_new(np.random.default_rng(2), peaks).set_index("id")["sequence"]
    assert len(new) == 203 and new.index.is_unique
    assert set(new.str.len()) == {200}

    genome = "".join(letters.tobytes().decode() for letters in peaks.genome.values())
    is_known = np.array([sequence in genome for sequence in new])
    assert is_known.tolist() == new.index.str.startswith("old").tolist()

    # planted whole with .93 ** 8, on one strand or the other
    whole = new.str.contains(SITE) | new.str.contains("ATGAGTCA")
    assert whole[new.index.str.startswith("bound")].mean() > 0.4
    assert whole[new.index.str.startswith("background")].mean() < 0.05
