import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from basewise.core.errors import InputError
from basewise.examples.from_sequences import fit_lengths


def records(sequences):
    lines = range(1, len(sequences) + 1)
    return pd.DataFrame({"path": "a.txt", "line": lines, "sequence": sequences}, dtype="object")


def fitted(sequences, **settings):
    fit = fit_lengths(records(sequences), **settings)
    return [row.tobytes().decode() for row in fit.letters], fit


@pytest.mark.parametrize(
    ("policy", "side", "expected"),
    [
        ("crop", "left", ["ACG", "ACG", "ACG"]),
        ("crop", "center", ["ACG", "CGT", "CGT"]),
        ("crop", "right", ["ACG", "GTN", "TNR"]),
        ("pad", "left", ["ACG---", "ACGTN-", "ACGTNR"]),
        ("pad", "center", ["-ACG--", "ACGTN-", "ACGTNR"]),
        ("pad", "right", ["---ACG", "-ACGTN", "ACGTNR"]),
    ],
)
def test_lengths_by_hand(policy, side, expected, capsys):
    found, fit = fitted(["ACG", "ACGTN", "ACGTNR"], policy=policy, side=side)
    assert found == expected
    assert fit.kept.all()
    assert fit.original.tolist() == [3, 5, 6]
    counts = {"crop": "length 3: 2 cut, 0 padded, 0 dropped"}
    counts["pad"] = "length 6: 0 cut, 2 padded, 0 dropped"
    assert capsys.readouterr().out == counts[policy] + "\n"


@pytest.mark.parametrize(
    ("policy", "expected", "kept", "reasons", "counts"),
    [
        ("crop", ["ACGT", "CGTN"], [False, True, True], ["3 letters, shorter than 4"], "1 cut, 0"),
        ("pad", ["ACG-", "ACGT"], [True, True, False], ["6 letters, longer than 4"], "0 cut, 1"),
    ],
)
def test_what_does_not_fit_is_dropped_with_the_reason(
    policy, expected, kept, reasons, counts, capsys
):
    found, fit = fitted(["ACG", "ACGT", "ACGTNR"], policy=policy, bases=4)
    assert (found, fit.kept.tolist(), fit.reasons) == (expected, kept, reasons)
    assert capsys.readouterr().out == f"length 4: {counts} padded, 1 dropped\n"


@given(
    st.lists(st.text("ACGTN", min_size=1, max_size=9), min_size=1, max_size=5),
    st.sampled_from(["left", "center", "right"]),
)
def test_padding_comes_off_again_and_a_cut_is_a_piece(sequences, side):
    padded, _ = fitted(sequences, policy="pad", side=side)
    assert [row.strip("-") for row in padded] == sequences
    cropped, _ = fitted(sequences, policy="crop", side=side)
    ends = {"left": str.startswith, "center": str.__contains__, "right": str.endswith}
    assert all(ends[side](whole, row) for whole, row in zip(sequences, cropped, strict=True))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({}, "a.txt:2: the sequence has 3 letters, the first has 4; correct it, or set"),
        ({"bases": 3}, "a.txt:1: the sequence has 4 letters, `length: bases` is 3"),
        ({"policy": "crop", "bases": 9}, "a.txt: no sequence has 9 letters or more; they have 3"),
        ({"policy": "pad", "bases": 2}, "a.txt: no sequence has 2 letters or fewer; they have 3"),
    ],
)
def test_lengths_that_cannot_be_are_errors(settings, message):
    with pytest.raises(InputError) as error:
        fitted(["ACGT", "ACG"], **settings)
    assert str(error.value).startswith(message)
