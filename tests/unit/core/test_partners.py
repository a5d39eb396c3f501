import pandas as pd
import pytest

from basewise.core.partners import guess_reason, lost_partners, perhaps
from basewise.core.remarks import sentences


@pytest.mark.parametrize(
    ("ours", "theirs", "guess"),
    [
        (["001", "002"], ["1", "2"], "leading zeros ('001' and '1')"),
        (["line07", "line12"], ["line7"], "leading zeros ('line07' and 'line7')"),
        (["B73", "Mo17"], ["b73", "MO17"], "upper and lower case ('B73' and 'b73')"),
        (["Mo 17", "B 73"], ["Mo17", "B73"], "blanks ('B 73' and 'B73')"),
        (["x", "y "], ["x ", "y"], "blanks ('x' and 'x ')"),
        (["chr1", "Chr2"], ["1", "2"], "the prefix chr ('Chr2' and '2')"),
        (["5.0", "7.0"], ["5", "7"], "the .0 of a number ('5.0' and '5')"),
        (["G1.12", "G2.3"], ["G1", "G2.4"], "a version after the point ('G1.12' and 'G1')"),
        (["X33.16"], ["33.16"], "the X that R writes before a number ('X33.16' and '33.16')"),
        (["33.16"], ["33-16"], "blanks, points, dashes and underscores ('33.16' and '33-16')"),
        (["F1_a", "F1_b"], ["a", "b"], "the family before the name (FID_IID) ('F1_a' and 'a')"),
        (["a", "b"], ["a_a", "b_b"], "the family before the name (FID_IID) ('a' and 'a_a')"),
        (["a_1"], ["a_1_a_1"], "the family before the name (FID_IID) ('a_1' and 'a_1_a_1')"),
        (["a", "b"], ["c", "d"], ""),
        (["007", "b", "c", "d"], ["7", "e", "f", "g"], ""),
        ([], ["a"], ""),
        (["a"], [], ""),
    ],
)
def test_what_names_differ_by(ours, theirs, guess):
    assert guess_reason(ours, theirs) == guess


def names(*numbers):
    return pd.Series([str(number) for number in numbers], dtype="str")


def told(ours, theirs):
    lacking = "lines have no phenotype", "phenotypes there have no genotypes"
    return sentences(lost_partners(ours, theirs, "some/p.csv", *lacking))


def test_up_to_five_percent_of_either_side_is_not_told():
    assert told(names(*range(100)), names(*range(95))) == []
    assert told(names(*range(95)), names(*range(100))) == []
    ((text, is_mistake),) = told(names(*range(100)), names(*range(94)))
    assert text == "6 of 100 lines have no phenotype in p.csv (94, 95, 96)."
    assert not is_mistake
    ((text, _),) = told(names(*range(94)), names(*range(100)))
    assert text == "6 of 100 phenotypes there have no genotypes (94, 95, 96)."


def test_both_sides_and_the_guess_stand_in_one_sentence():
    ours = pd.Series([f"{number:03}" for number in range(60)])
    theirs = pd.Series([f"{number:03}" if number >= 40 else str(number) for number in range(60)])
    ((text, is_mistake),) = told(ours, theirs)
    assert text == (
        "40 of 60 lines have no phenotype in p.csv (000, 001, 002); 40 of 60 phenotypes there have "
        "no genotypes (0, 1, 2). Do they differ by leading zeros ('000' and '0')?"
    )
    assert is_mistake


def test_nothing_matches():
    assert perhaps(names("001", "002"), names("1", "2")) == (
        "; there are '001', '002', and here '1', '2': do they differ by leading zeros ('001' and "
        "'1')?"
    )
    assert perhaps(names("a"), names("b")) == "; there are 'a', and here 'b'"


def test_names_that_found_no_partner_write_no_lines_of_their_own():
    stranger = "b\x1b[2K\nWarning: nothing"
    sides = lost_partners(
        pd.Series(["a", "\u202eb"]), pd.Series(["a", stranger]), "labels.tsv", "lines", "labels"
    )
    (told,) = sentences(sides)
    assert told.text.isprintable()
    assert r"b\x1b[2K\nWarning: nothing" in told.text and r"\u202eb" in told.text
