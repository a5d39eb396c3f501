"""Markers of a model in other files: cases with right answers, and sites worked out by hand."""

import numpy as np
import pandas as pd
import pytest

from basewise.core.errors import InputError
from basewise.genotypes.calls import MISSING, make_genotypes
from basewise.genotypes.matching import (
    ABSENT,
    AMBIGUOUS,
    BY_FREQUENCY,
    OTHER_ALLELES,
    OTHER_STRAND,
    SAME,
    SWAPPED,
    SWAPPED_THERE,
    UNKNOWN,
    counts_of,
    match_markers,
)
from basewise.genotypes.reading import read_genotypes

SWAPS = "v34-swapped-shuffled-extra"
GAPS = "v36-missing-markers-and-80-percent"
CALLS = "v37-ploidy-phase-half-calls"
FILES = {
    (SWAPS, "swapped"): ("expected_dosage", {SWAPPED: 8, SAME: 16}, 0),
    (SWAPS, "shuffled"): ("expected_dosage", {SAME: 24}, 0),
    (SWAPS, "extra"): ("expected_dosage", {SAME: 24}, 6),
    (SWAPS, "all"): ("expected_dosage", {SWAPPED: 8, SAME: 16}, 6),
    (SWAPS, "other_ids"): ("expected_dosage", {SAME: 24}, 0),
    (GAPS, "missing"): ("expected_missing", {SAME: 22, ABSENT: 2}, 0),
    (GAPS, "twenty"): ("expected_twenty", {SAME: 20, ABSENT: 4}, 0),
    (GAPS, "nineteen"): ("expected_dosage", {SAME: 19, ABSENT: 5}, 0),
    (GAPS, "one_line"): ("expected_dosage", {SAME: 24}, 0),
    (GAPS, "empty_line"): ("expected_empty_line", {SAME: 24}, 0),
    (CALLS, "phased"): ("expected_dosage", {SAME: 24}, 0),
    (CALLS, "haploid_mixed"): ("expected_dosage", {SAME: 24}, 0),
    (CALLS, "half_calls"): ("expected_half_calls", {SAME: 24}, 0),
}


def numbers(letters):
    return np.where(letters == MISSING, np.nan, letters.astype(float) - ord("0"))


def rows_of(dosages):
    """Letters from text such as ``012.``, a word an individual."""
    return np.array([list(row.encode()) for row in dosages.split()], dtype=np.uint8)


def markers_of(*rows):
    """From rows such as ``name 1:100 G/A``, - for what is not known, and perhaps a frequency."""
    table = []
    for row in rows:
        name, place, alleles, *frequency = row.split()
        chrom, position = place.split(":") if ":" in place else (None, None)
        first, second = (None if text == "-" else text for text in alleles.split("/"))
        share = float(frequency[0]) if frequency else np.nan
        table.append((name, chrom, position and int(position), first, second, None, share))
    columns = ["marker", "chrom", "position", "A", "a", "line", "frequency"]
    return pd.DataFrame(table, columns=columns)


def new_file(dosages, *rows):
    letters = rows_of(dosages)
    ids = [f"n{row}" for row in range(len(letters))]
    return make_genotypes("new.vcf", letters, ids=ids, id_lines=1, markers=markers_of(*rows))


def matched(model, new, *, plus=True):
    return match_markers(markers_of(model), new, on_plus_strand=plus)


@pytest.mark.parametrize(("case", "file"), FILES)
def test_cases(case, file, data):
    folder = data.parent / "cases" / case
    expected, how, unused = FILES[case, file]
    training = read_genotypes(folder / "train.vcf")
    known = numbers(training.letters)
    model = training.markers.assign(frequency=known.mean(axis=0) / 2)
    new = read_genotypes(folder / f"{file}.vcf", with_constant=True)
    result = match_markers(model, new, on_plus_strand=True)
    assert (pd.Series(result.how).value_counts().to_dict(), result.unused) == (how, unused)

    table = pd.read_csv(folder / f"{expected}.tsv", sep="\t", index_col="id")
    wanted = table.loc[new.individuals["id"], model["marker"]].to_numpy()
    dosage = numbers(result.letters)
    filled = np.where(np.isnan(dosage), known.mean(axis=0), dosage)
    if file == "nineteen":
        wanted = np.where(result.is_found, wanted, known.mean(axis=0))
    np.testing.assert_allclose(filled, wanted, atol=1e-3)


@pytest.mark.parametrize(("file", "place"), [("tetraploid", "N0"), ("one_tetraploid", "m14.*N3")])
def test_other_ploidies_are_refused(file, place, data):
    with pytest.raises(InputError, match=f"{place}.* diploids"):
        read_genotypes(data.parent / "cases" / CALLS / f"{file}.vcf")


@pytest.mark.parametrize(
    ("alleles", "how", "dosages"),
    [
        ("G/A", SAME, "0 1 2 ."),
        ("A/G", SWAPPED, "2 1 0 ."),
        ("C/T", OTHER_STRAND, "0 1 2 ."),
        ("T/C", SWAPPED_THERE, "2 1 0 ."),
        ("g/a", SAME, "0 1 2 ."),
        ("-/-", UNKNOWN, "0 1 2 ."),
        ("G/T", OTHER_ALLELES, ". . . ."),
        ("C/A", OTHER_ALLELES, ". . . ."),
        ("GT/G", OTHER_ALLELES, ". . . ."),
    ],
)
def test_alleles_decide(alleles, how, dosages):
    new = new_file("0 1 2 .", f"m chr1:100 {alleles}")
    result = matched("m 1:100 G/A .5", new)
    assert result.how.tolist() == [how]
    assert (result.letters == rows_of(dosages)).all()


@pytest.mark.parametrize(
    ("reference", "how", "dosages"),
    [
        ("G", SAME, "0 ."),
        ("A", SWAPPED, "2 ."),
        ("C", OTHER_STRAND, "0 ."),
        ("TT", OTHER_ALLELES, ". ."),
    ],
)
def test_a_site_where_all_are_alike_is_known(reference, how, dosages):
    result = matched("m 1:100 G/A .5", new_file("0 .", f"m 1:100 {reference}/-"))
    assert result.how.tolist() == [how]
    assert (result.letters == rows_of(dosages)).all()


def test_the_allele_of_the_model_is_looked_for_among_all():
    # REF C, ALT A and G: C/C, C/A, A/G, G/G, and a missing call
    new = new_file("00 10 11 02 ..", "m:A 1:100 C/A", "m:G 1:100 C/G")
    for alleles, dosages in (("C/A", "0 1 1 0 ."), ("A/C", "2 1 0 0 ."), ("G/A", "0 1 1 0 .")):
        result = matched(f"m 1:100 {alleles} .5", new)
        assert (result.letters == rows_of(dosages)).all(), alleles
        assert result.unused == 0


def test_places_come_before_names():
    new = new_file("02 20", "m 1:200 G/A", "other 1:100 G/A")
    assert (matched("m 1:100 G/A .5", new).letters == rows_of("2 0")).all()
    assert matched("m 1:300 G/A .5", new).how.tolist() == [ABSENT]
    assert (matched("m - G/A .5", new).letters == rows_of("0 2")).all()
    unplaced = new_file("02 20", "m - -/-", "other - -/-")
    assert (matched("other 1:100 G/A .5", unplaced).letters == rows_of("2 0")).all()


@pytest.mark.parametrize(
    ("dosages", "frequency", "how", "turned"),
    [
        ("0 0 1 0", 0.2, BY_FREQUENCY, False),
        ("2 2 1 2", 0.2, BY_FREQUENCY, True),
        ("2 2 1 2", 0.9, BY_FREQUENCY, False),
        ("0 2 1 1", 0.2, AMBIGUOUS, None),
        ("0 0 1 0", 0.45, AMBIGUOUS, None),
        (". . . .", 0.2, AMBIGUOUS, None),
    ],
)
@pytest.mark.parametrize("alleles", ["A/T", "T/A"])
def test_markers_that_read_the_same_on_both_strands(dosages, frequency, how, turned, alleles):
    letters = dosages if alleles == "A/T" else dosages.translate(str.maketrans("02", "20"))
    new = new_file(letters, f"m 1:100 {alleles}")
    result = matched(f"m 1:100 A/T {frequency}", new, plus=False)
    wanted = {None: ". . . .", False: dosages, True: dosages.translate(str.maketrans("02", "20"))}
    assert result.how.tolist() == [how]
    assert (result.letters == rows_of(wanted[turned])).all()

    plus = matched(f"m 1:100 A/T {frequency}", new, plus=True)
    assert plus.how.tolist() == [SAME if alleles == "A/T" else SWAPPED]
    assert (plus.letters == rows_of(dosages)).all()


def test_three_alleles_do_not_tell_the_strand_of_two():
    """The frequency of T, .75 against .2, would turn the strand, and T would be G as well."""
    new = new_file("10 01 00 00", "m 1:100 T/A", "m 1:100 T/G")
    result = matched("m 1:100 A/T .2", new, plus=False)
    assert result.how.tolist() == [AMBIGUOUS]
    assert (result.letters == rows_of(". . . .")).all()


def test_counts_in_words():
    result = matched("m 1:100 G/A .5", new_file("00", "m 1:100 A/G", "n 1:200 A/G"))
    assert counts_of(result) == [
        ("markers with REF and ALT swapped", 1),
        ("markers of the file that the model does not have", 1),
    ]


def test_a_record_without_alt_is_a_marker_on_request(tmp_path):
    path = tmp_path / "new.vcf"
    titles = "#CHROM POS ID REF ALT QUAL FILTER INFO FORMAT n0 n1".replace(" ", "\t")
    record = "1 100 m A . . PASS . GT 0/0 ./.".replace(" ", "\t")
    path.write_text(f"##fileformat=VCFv4.2\n##contig=<ID=1>\n{titles}\n{record}\n")
    new = read_genotypes(path, with_constant=True)
    assert (matched("m 1:100 G/A .5", new).letters == rows_of("2 .")).all()
    with pytest.raises(InputError, match="holds no marker"):
        read_genotypes(path)


def test_one_individual_of_a_table_may_have_no_2(tmp_path):
    path = tmp_path / "new.csv"
    path.write_text("id,m0,m1\nn0,0,1\n")
    assert (read_genotypes(path, heterozygous=True).letters == rows_of("01")).all()
    assert (read_genotypes(path).letters == rows_of("02")).all()
