from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from basewise.core.errors import InputError
from basewise.genotypes import filters
from basewise.genotypes.calls import Genotypes
from basewise.genotypes.filters import filter_markers
from basewise.sequences.alphabet import letters_of


def genotypes(rows, chrom=None, dropped=()):
    letters = letters_of(rows) if isinstance(rows, list) else rows
    individuals, markers = map(np.arange, letters.shape)
    ids = pd.DataFrame({"id": [f"i{n}" for n in individuals], "line": individuals + 2})
    names = pd.DataFrame({"marker": [f"m{n}" for n in markers], "chrom": chrom})
    lost = pd.DataFrame(list(dropped), columns=["marker", "source", "line", "reason"])
    return Genotypes(
        letters,
        ids.assign(group=None),
        names.assign(position=None, A="A", a="C", line=pd.array(markers + 10, dtype="Int64")),
        lost,
    )


def reasons(filtered):
    return filtered.genotypes.dropped.set_index("marker")["reason"].to_dict()


def test_every_filter_in_its_order_by_hand():
    #          0123456
    rows = [
        "00.2021",
        "1212.11",
        "2112011",
        "...2...",
        "200.021",
    ]
    given_before = ("x", "a.vcf", 3, "more than two alleles")
    filtered = filter_markers(
        genotypes(rows, dropped=[given_before]),
        "a.vcf",
        marker_call_rate=0.8,
        individual_call_rate=0.5,
        minor_allele_frequency=0.1,
        duplicate_markers="drop",
    )
    found, individuals, counts = filtered
    # i3 is known at none of the markers left after m2 and m4; without it the dosages of m0, m1,
    # m5, m6 are 5/8, 4/8, 6/8 and 4/8, and m3 is aa in all who are known
    assert found.dropped.to_numpy().tolist() == [
        list(given_before),
        ["m2", "a.vcf", 12, "call rate 0.6 below 0.8"],
        ["m4", "a.vcf", 14, "call rate 0.6 below 0.8"],
        ["m3", "a.vcf", 13, "minor allele frequency 0.0 below 0.1"],
    ]
    assert individuals.to_numpy().tolist() == [["i3", "a.vcf", 5, "call rate 0.2 below 0.5"]]
    assert counts.to_numpy().tolist() == [
        ["marker_call_rate", "0.8", 2, 0],
        ["individual_call_rate", "0.5", 0, 1],
        ["minor_allele_frequency", "0.1", 1, 0],
        ["duplicate_markers", "drop", 0, 0],
    ]
    assert found.markers["marker"].tolist() == ["m0", "m1", "m5", "m6"]
    assert found.individuals["id"].tolist() == ["i0", "i1", "i2", "i4"]
    np.testing.assert_array_equal(found.letters, letters_of(["0021", "1211", "2111", "2021"]))


def test_without_filters_all_is_as_it_was():
    given_all = genotypes(["0.2", "..1"])
    found, individuals, counts = filter_markers(given_all, "x")
    np.testing.assert_array_equal(found.letters, given_all.letters)
    assert len(found.dropped) == len(individuals) == len(counts) == 0


def test_a_filter_that_leaves_nothing_names_the_largest_value_that_would():
    rows = ["0.1" * 9, ".20" * 9, "0.." * 9]
    for name, largest in (
        ("marker_call_rate", "0.6666"),
        ("individual_call_rate", "0.6666"),
        ("minor_allele_frequency", "0.25"),
    ):
        message = f"^a.vcf: filters: `{name}: 0.9` leaves nothing; .* something is {largest}$"
        with pytest.raises(InputError, match=message):
            filter_markers(genotypes(rows), "a.vcf", **{name: 0.9})
        filtered = filter_markers(genotypes(rows), "a.vcf", **{name: float(largest)})
        assert min(filtered.genotypes.letters.shape) > 0


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_shares_are_those_of_a_loop(seed):
    generator = np.random.default_rng(seed)
    letters = generator.choice(list(b"0112.."), (7, 12)).astype(np.uint8)
    letters[0] = ord("1")
    called, frequency = {}, {}
    for marker, column in enumerate(letters.T):
        dosage = [int(chr(code)) for code in column if code != ord(".")]
        called[f"m{marker}"] = len(dosage) / 7
        frequency[f"m{marker}"] = min(sum(dosage), 2 * len(dosage) - sum(dosage)) / 2 / len(dosage)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(filters, "BLOCK_LETTERS", 35)
        for name, value in (("marker_call_rate", called), ("minor_allele_frequency", frequency)):
            setting = sorted(value.values())[6]
            found = filter_markers(genotypes(letters), "x", **{name: setting}).genotypes
            expected = [marker for marker in value if value[marker] >= setting]
            assert found.markers["marker"].tolist() == expected


def test_duplicates_and_mirror_images():
    #       012345678
    rows = ["002.01.20", "1111111.1", "220220.02", "0020012.2"]
    filtered = filter_markers(genotypes(rows), "x", duplicate_markers="drop")
    assert reasons(filtered) == {
        "m1": "same genotypes as m0",
        "m2": "same genotypes as m0, AA and aa swapped",
        "m4": "same genotypes as m0",
    }
    swapped_first = genotypes(["20", "02", "..", "11"])
    assert reasons(filter_markers(swapped_first, "x", duplicate_markers="drop")) == {
        "m1": "same genotypes as m0, AA and aa swapped"
    }
    no_homozygote = genotypes(["11.", "..1"])
    assert reasons(filter_markers(no_homozygote, "x", duplicate_markers="drop")) == {
        "m1": "same genotypes as m0"
    }
    assert reasons(filter_markers(genotypes(rows), "x")) == {}


def naive_r2(one, other):
    pairs = [
        (int(chr(a)), int(chr(b)))
        for a, b in zip(one, other, strict=True)
        if ord(".") not in (a, b)
    ]
    n, x, y = len(pairs), sum(a for a, _ in pairs), sum(b for _, b in pairs)
    covariance = n * sum(a * b for a, b in pairs) - x * y
    spread = (n * sum(a * a for a, _ in pairs) - x * x) * (n * sum(b * b for _, b in pairs) - y * y)
    return Fraction(covariance**2, spread) if spread else Fraction(0)


def naive_pruning(letters, chrom, r2, window):
    lost = []
    for name in dict.fromkeys(chrom):
        places = [place for place in range(len(chrom)) if chrom[place] == name]
        for number, place in enumerate(places):
            before = places[max(number - window, 0) : number]
            if any(
                naive_r2(letters[:, place], letters[:, other]) > r2
                for other in before
                if other not in lost
            ):
                lost.append(place)
    return sorted(lost)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([0.13, 0.37, 0.77]), st.sampled_from([1, 4, 30]))
def test_pruning_is_that_of_a_double_loop(seed, r2, window):
    generator = np.random.default_rng(seed)
    letters = generator.choice(list(b"0122"), (12, 8)).astype(np.uint8)
    letters = letters[:, generator.integers(8, size=40)]
    changed = generator.random(letters.shape) < 0.15
    letters[changed] = generator.choice(list(b"012...."), changed.sum())
    chrom = generator.choice(["I", "II", None], 40, p=[0.5, 0.3, 0.2]).tolist()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(filters, "FEWEST_TOGETHER", 2)
        patch.setattr(filters, "MOST_TOGETHER", 5)
        filtered = filter_markers(genotypes(letters, chrom), "x", ld={"r2": r2, "window": window})
    lost = naive_pruning(letters, chrom, r2, window)
    assert list(reasons(filtered)) == [f"m{place}" for place in lost]
    for name, reason in reasons(filtered).items():
        partner, text = reason.removeprefix("in LD with m").split(", r2 ")
        value = naive_r2(letters[:, int(name[1:])], letters[:, int(partner)])
        assert int(partner) not in lost
        assert float(value) > r2
        assert text == f"{float(value):.2f}"


def test_linkage_by_hand():
    # dosages of m0, m1: 0 0 1 2, 0 0 1 1: covariance 0.375, variances 0.6875 and 0.25, r2 0.818
    rows = ["00.2", "001.", "1112", "2112"]
    assert reasons(filter_markers(genotypes(rows), "x", ld={"r2": 0.7, "window": 1})) == {
        "m1": "in LD with m0, r2 0.82"
    }
    filtered = filter_markers(genotypes(rows), "x", ld={"r2": 0.82, "window": 9})
    assert reasons(filtered) == {}
    assert filtered.counts.to_numpy().tolist() == [["ld", "r2 0.82, window 9", 0, 0]]


def test_a_marker_that_was_left_out_prunes_nothing():
    a, b, c = "00012222", "00022222", "00222222"
    rows = ["".join(column) for column in zip(a, b, c, strict=True)]
    assert naive_r2(a.encode(), b.encode()) > 0.8
    assert naive_r2(b.encode(), c.encode()) > 0.5 > naive_r2(a.encode(), c.encode())
    assert list(reasons(filter_markers(genotypes(rows), "x", ld={"r2": 0.5, "window": 5}))) == [
        "m1"
    ]
