import pandas as pd
import pytest
import yaml

from basewise.core.missing import is_missing, remedy_if_missing, without_missing


@pytest.mark.parametrize(
    "text", ["", "NA", "na", "N/A", "#N/A", "<NA>", "n.a.", "n.d.", "NaN", "NULL", "-", ".", "?"]
)
def test_codes_of_every_table(text):
    assert is_missing(text)


@pytest.mark.parametrize("text", ["0", "-1", "-9", "N", "none", "Nan1", "--", "+", "NA12878"])
def test_what_is_a_value(text):
    assert not is_missing(text)


def test_more_codes_are_met_as_numbers_and_as_texts_of_any_case():
    more = [-9, "Not Done"]
    assert all(is_missing(text, more) for text in ("-9", "-9.0", "-9.000", "not done", "NA"))
    assert not any(is_missing(text, more) for text in ("9", "-99", "-0.9", "not"))


def test_a_minus_beside_a_plus_is_a_value():
    assert without_missing(pd.Series(["+", "-", "NA"])).isna().tolist() == [False, False, True]
    assert without_missing(pd.Series(["1", "-", "NA"])).isna().tolist() == [False, True, True]


@pytest.mark.parametrize("value", ["-9", "7.5", "x", "no", "a 'b'"])
def test_the_remedy_is_a_key_that_cures(value):
    text = remedy_if_missing(value).split("`")[1]
    (code,) = yaml.safe_load(text)["missing"]
    assert is_missing(value, [code])
