import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.preprocessing import StandardScaler

from basewise.core.errors import InputError
from basewise.examples.scales import (
    TRANSFORMS,
    check_covariates,
    check_domain,
    fit_transform,
    loses_digits,
)

VALUES = np.array([[0.5, 10.0], [3.0, 1000.0], [8.0, 100.0]])


@pytest.mark.parametrize(
    ("name", "scaled"),
    [
        ("none", VALUES),
        ("log10", [[np.log10(0.5), 1], [np.log10(3), 3], [np.log10(8), 2]]),
        ("log1p", np.log(VALUES + 1)),
        ("zscore", StandardScaler().fit_transform(VALUES)),
    ],
)
def test_forward_is_the_named_function(name, scaled):
    np.testing.assert_allclose(fit_transform(name, VALUES).forward(VALUES), scaled, rtol=1e-6)


@given(arrays(np.float32, (5, 2), elements=st.floats(0.0078125, 1e6, width=32), unique=True))
def test_inverse_undoes_forward(values):
    for name in TRANSFORMS:
        transform = fit_transform(name, values)
        back = transform.inverse(transform.forward(values))
        atol = 1e-6 * values.max() if name == "zscore" else 0
        np.testing.assert_allclose(back, values, rtol=1e-5, atol=atol)


def test_the_scale_is_that_of_the_values_it_was_fitted_to():
    transform = fit_transform("zscore", VALUES)
    assert transform.mean.tolist() == pytest.approx(VALUES.mean(axis=0))
    assert transform.forward(transform.mean + 2 * transform.scale).tolist() == [2, 2]


def test_what_lies_outside_the_domain():
    values = np.array([-2.0, -1.0, -0.5, 0.0, 0.5])
    assert check_domain("log1p", values).tolist() == [True, True, False, False, False]
    assert check_domain("log10", values).tolist() == [True, True, True, True, False]
    assert not check_domain("zscore", values).any()
    with pytest.raises(InputError, match="log10 is not defined for the target -0.5, it needs"):
        fit_transform("log10", VALUES).forward(np.array([[1.0, -0.5]]))


@pytest.mark.parametrize("name", TRANSFORMS)
def test_a_target_that_is_not_known_stays_so_and_moves_nothing(name):
    values = np.array([[0.5, 10.0], [3.0, np.nan], [8.0, 100.0], [np.nan, 7.0]])
    transform = fit_transform(name, values)
    scaled = transform.forward(values)
    for column in range(2):
        known = ~np.isnan(values[:, column])
        own = values[known, column][:, None]
        expected = fit_transform(name, own).forward(own)[:, 0]
        np.testing.assert_allclose(scaled[known, column], expected, rtol=1e-6)
    np.testing.assert_allclose(transform.inverse(scaled), values, rtol=1e-5)
    assert not check_domain(name, values).any()


@pytest.mark.parametrize(
    ("name", "values", "message"),
    [
        ("log2", VALUES, "unknown transform 'log2'; there are none, log1p"),
        ("log1p", VALUES - 4, "log1p is not defined for the target -3.5"),
        ("zscore", [[1, 2.5], [3, 2.5]], "target 2 of 2 is 2.5 in all examples of the train part"),
        ("zscore", [[1, np.nan], [3, 2.5]], "target 2 of 2 is 2.5 in all examples"),
        ("none", [[np.nan, 1], [np.nan, 2]], "target 1 of 2 is missing in all examples of the tr"),
    ],
)
def test_what_cannot_be_fitted_is_named(name, values, message):
    with pytest.raises(InputError, match=message):
        fit_transform(name, np.array(values))


@pytest.mark.parametrize(
    ("values", "lost"),
    [
        ([0.1, 0.2, np.nan, 0.3], 0),
        ([1e9 + 1.5, 1e9 + 2.5, 1e9 + 30], 3),  # stored as one number
        ([20230715.0, 20230716.0, 20240101.0], 2),  # a day off: float32 has even numbers here
        ([0.1, 0.1, np.nan], 0),
        ([1e9, 0.5, 0.25], 0),
        ([1e39, 1.0, 2.0], 1),
        ([1e-30, 2e-30, 3e-30], 0),
        ([1e300, 1e300, np.nan], 2),
    ],
)
def test_digits_that_the_store_does_not_keep(values, lost):
    assert loses_digits(np.array(values)).sum() == lost


@pytest.mark.parametrize(
    ("texts", "refused"),
    [
        (["123456789012345678", "123456789012345679"], "123456789012345678"),
        (["1e17", "100000000000000001", "100000000000000002"], "100000000000000001"),
        (["9007199254740992", "9007199254740990"], None),
        (["0.10000000000000001", "0.2", "0.30000000000000004"], None),
        (["123456789012345678", "5"], None),
    ],
)
def test_a_covariate_keeps_what_its_values_differ_in(texts, refused):
    lines = {"label_file": "p.csv", "label_line": range(2, 2 + len(texts))}
    table = pd.DataFrame({"covariate.day": pd.Series(texts, dtype="str"), **lines})
    if refused is None:
        check_covariates(table)
        return
    line = 2 + texts.index(refused)
    with pytest.raises(InputError, match=f"p.csv:{line}: covariate day: {refused} and others diff"):
        check_covariates(table)
