import numpy as np
import pandas as pd
import pytest
import yaml

from basewise.core.missing import is_missing, remedy_for, suspicious_numbers, without_missing


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
    assert not any(
        is_missing(text, more) for text in ("9", "-99", "-0.9", "not", "-\u06609", "-0_9")
    )


def test_a_minus_beside_a_plus_is_a_value():
    assert without_missing(pd.Series(["+", "-", "NA"])).isna().tolist() == [False, False, True]
    assert without_missing(pd.Series(["1", "-", "NA"])).isna().tolist() == [False, True, True]


@pytest.mark.parametrize("value", ["-9", "7.5", "x", "no", "a 'b'"])
def test_the_remedy_is_a_key_that_cures(value):
    text = remedy_for(value).split("`")[1]
    (code,) = yaml.safe_load(text)["missing"]
    assert is_missing(value, [code])


@pytest.mark.parametrize(
    ("value", "remedy"),
    [("5,09", "write 5.09"), (",5", "write .5"), ("1,234", "write 1.234, or 1234")],
)
def test_the_remedy_of_a_decimal_comma_is_a_point(value, remedy):
    assert remedy_for(value).endswith(f"no comma: {remedy}")


RNG = np.random.default_rng(4)
HEIGHT, YIELD = RNG.normal(170, 10, 200), RNG.normal(size=450)
MANY = RNG.negative_binomial(1, 0.001, 300)


@pytest.mark.parametrize(
    ("values", "codes", "found"),
    [
        (HEIGHT, [-9] * 5, {-9: 5}),
        (HEIGHT, [-999], {-999: 1}),
        (HEIGHT, [0, 0], {0: 2}),
        (HEIGHT, [999, 999, 0, 0], {999: 2, 0: 2}),
        (HEIGHT, [1e20, 1e20], {1e20: 2}),
        (HEIGHT, [-99, -9, -9], {-99: 1, -9: 2}),
        (YIELD, [-9] * 50, {-9: 50}),
        (MANY, [-9, -9], {-9: 2}),
        ([1, 2] * 30, [-9], {-9: 1}),
        (HEIGHT, [np.nan, np.nan, -1, -1], {-1: 2}),
    ],
)
def test_numbers_that_look_like_codes(values, codes, found):
    assert suspicious_numbers(np.r_[np.asarray(values, dtype=float), codes]) == found


@pytest.mark.parametrize(
    "values",
    [
        HEIGHT,
        np.r_[HEIGHT, 260, 95],
        np.round(YIELD, 1),
        *(RNG.poisson(mean, 500) for mean in (0.2, 1, 3, 8, 20, 100)),
        np.r_[np.zeros(300), RNG.negative_binomial(2, 0.1, 200)],
        np.r_[np.zeros(40), np.ones(60)],
        np.r_[[0] * 9, [1] * 80, [2, 3, 9, 9]],
        np.exp(2 * RNG.normal(size=999)),
        np.log1p(np.r_[np.zeros(300), RNG.negative_binomial(2, 0.1, 200)]),
        RNG.integers(-9, 10, 300),
        np.arange(-20, 0) / 2,
        np.full(9, 5.0),
        [],
    ],
)
def test_honest_numbers_give_no_alarm(values):
    assert suspicious_numbers(np.asarray(values, dtype=float)) == {}


def test_traits_of_real_data_give_no_alarm(data):
    tables = [
        (data / "wheat599/derived/phenotypes.csv", ["E1", "E2", "E3", "E4"]),
        (data / "yeast_native_mpra/Native_complex.csv", ["Measured Expression"]),
        (data / "yeast_native_mpra/Native_testdata_defined_media.csv", ["meanEL", "proTotal"]),
        (data / "satmut_mpra/elements.tsv.gz", ["Coefficient", "Barcodes", "DNA", "RNA"]),
        (data / "maize281/mdp_traits.txt", ["EarHT", "dpoll", "EarDia"]),
    ]
    for path, columns in tables:
        sep = "\t" if path.suffix in (".txt", ".gz") else ","
        table = pd.read_csv(path, sep=sep, usecols=columns)
        for column in columns:
            assert suspicious_numbers(table[column].to_numpy(dtype=float)) == {}, column
