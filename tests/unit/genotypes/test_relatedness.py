import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from basewise.genotypes import relatedness
from basewise.genotypes.relatedness import clusters, nearest, similarity_matrix
from basewise.sequences.alphabet import letters_of
from basewise.splits import similarity


def draw(generator, individuals, markers, missing=0.1):
    shares = [(1 - missing) * share for share in (0.5, 0.2, 0.3)] + [missing]
    return generator.choice(list(b"012."), (individuals, markers), p=shares).astype(np.uint8)


def families(seed, markers=40):
    """Individuals derived from a few others: changed, not known at many markers, copied."""
    generator = np.random.default_rng(seed)
    letters = draw(generator, 4, markers)[generator.integers(4, size=24)]
    for row in letters:
        places = generator.integers(markers, size=generator.integers(6))
        row[places] = draw(generator, 1, len(places))
        if generator.random() < 0.3:
            row[generator.integers(markers) :] = ord(".")
    return letters


def naive_similarity(one, other):
    pairs = [(a, b) for a, b in zip(one, other, strict=True) if ord(".") not in (a, b)]
    return sum(a == b for a, b in pairs) / len(pairs) if len(pairs) >= 10 else 0


def naive_clusters(letters, shares, share):
    label = list(range(len(letters)))
    for a in range(len(letters)):
        for b in range(a):
            if shares[a, b] >= share or (letters[a] == letters[b]).all():
                label = [label[b] if x == label[a] else x for x in label]
    return pd.factorize(np.array(label))[0]


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([0.6, 0.8, 0.95]))
def test_everything_is_that_of_a_double_loop(seed, share):
    letters = families(seed)
    shares = np.array([[naive_similarity(a, b) for b in letters] for a in letters])
    queries, index = np.arange(0, 24, 2), np.arange(1, 24, 2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(relatedness, "BLOCK", 7)
        found = nearest(letters, queries, index, share)
        matrix = similarity_matrix(letters, queries, index)
        label = clusters(letters, share)
    np.testing.assert_array_equal(matrix, shares[np.ix_(queries, index)])
    near = matrix.max(axis=1) >= share
    np.testing.assert_array_equal(found.row, np.where(near, index[matrix.argmax(axis=1)], -1))
    np.testing.assert_array_equal(found.similarity, np.where(near, matrix.max(axis=1), np.nan))
    np.testing.assert_array_equal(label, naive_clusters(letters, shares, share))
    np.testing.assert_array_equal(similarity.clusters(letters, "genotype", share=share), label)


def test_a_share_is_met_exactly():
    letters = letters_of(["0120120120012012012.0", "0120120120012012011.0"])
    assert similarity_matrix(letters, np.array([0]), np.array([1])).tolist() == [[0.95]]
    assert clusters(letters, 0.95).tolist() == [0, 0]


def test_two_percent_changed_is_near_at_95_and_not_at_99():
    generator = np.random.default_rng(1)
    letters = draw(generator, 30, 1000)
    twin = letters[7].copy()
    changed = generator.choice(np.flatnonzero(twin != ord(".")), 20, replace=False)
    twin[changed] = np.where(twin[changed] == ord("0"), ord("2"), ord("0"))
    letters = np.concatenate([letters, twin[None]])
    known = (twin != ord(".")).sum()
    found = nearest(letters, np.array([30, 3]), np.arange(4, 30))
    assert found.row.tolist() == [7, -1]
    assert found.similarity[0] == 1 - 20 / known
    assert clusters(letters).tolist() == [*range(30), 7]
    assert clusters(letters, 0.99).tolist() == [*range(31)]


def test_individuals_known_at_few_markers_are_linked_to_their_copies_only():
    letters = letters_of(["012012012....", "012012012.0..", "012012012....", "0120120120..."])
    assert clusters(letters, 0.5).tolist() == [0, 1, 0, 2]


def test_at_most_so_many_markers_are_compared_all_over_the_genome(monkeypatch):
    monkeypatch.setattr(relatedness, "MARKERS", 100)
    letters = draw(np.random.default_rng(2), 6, 1050)
    rows = np.arange(6)
    found = similarity_matrix(letters, rows, rows)
    columns = [int(place * 10.5) for place in range(100)]
    np.testing.assert_array_equal(found, similarity_matrix(letters[:, columns], rows, rows))
    letters[1] = letters[0]
    letters[1, 1] ^= 2
    assert 1 not in columns
    assert similarity.copy_labels(letters, "genotype").tolist() == [0, 2, 4, 6, 8, 10]


def test_missing_is_no_padding():
    letters = letters_of([".012", "012.", "0.12", "012.", "01.2"])
    assert similarity.copy_labels(letters, "genotype").tolist() == [0, 2, 4, 2, 6]


def test_nobody_to_look_among():
    assert nearest(letters_of(["012" * 5]), np.array([0]), np.array([], int)).row.tolist() == [-1]


def test_wheat_lines_with_a_near_identical_partner(data):
    table = pd.read_csv(data / "wheat599/derived/genotypes.csv.gz", index_col=0)
    letters = np.where(table.to_numpy() == 0, ord("0"), ord("2")).astype(np.uint8)
    rows = np.arange(599)
    found = similarity_matrix(letters, rows, rows)
    np.testing.assert_allclose(found, [(letters == row).mean(axis=1) for row in letters])
    np.fill_diagonal(found, 0)
    assert (found.max(axis=1) >= relatedness.SHARE).sum() == 208
    assert found.max() < 1, "the data set has no duplicated line"
    assert clusters(letters).max() + 1 == 457
