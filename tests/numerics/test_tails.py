"""Tails and their logarithms against 50-digit arithmetic."""

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from k2stats._typing import Alternative
from k2stats.numerics import tails

ALTERNATIVES: tuple[Alternative, ...] = ("two-sided", "greater", "less")
CLOSE = 1e-10


def relative_error(got: float, right: mpmath.mpf) -> float:
    """Error as a share of the right value, formed with all digits."""
    return abs(float((mpmath.mpf(got) - right) / right))


def normal_tail(z: float) -> mpmath.mpf:
    """Two-sided normal tail to 50 digits."""
    return mpmath.erfc(mpmath.mpf(abs(z)) / mpmath.sqrt(2))


def student_tail(t: float, df: float) -> mpmath.mpf:
    """Two-sided t tail to 50 digits, as a regularised incomplete beta."""
    nu, square = mpmath.mpf(df), mpmath.mpf(t) ** 2
    x = nu / (nu + square)
    return mpmath.betainc(nu / 2, mpmath.mpf(1) / 2, 0, x, regularized=True)


def chi2_tail(x: float, df: float) -> mpmath.mpf:
    """Upper chi-squared tail to 50 digits."""
    return mpmath.gammainc(mpmath.mpf(df) / 2, mpmath.mpf(x) / 2, regularized=True)


@pytest.mark.parametrize("z", [1e-8, 1e-3, 0.3, 1.0, 2.26, 5.0, 8.0, 20.0, 37.0])
def test_normal_p(z: float) -> None:
    with mpmath.workdps(50):
        right = normal_tail(z)
        assert relative_error(float(tails.normal_p(np.array(z))), right) < CLOSE
        log_p = float(tails.log_normal_p(np.array(z)))
        assert relative_error(log_p, mpmath.log(right)) < CLOSE


@pytest.mark.parametrize("z", [38.5, 40.0, 100.0, 1e4])
def test_log_normal_p_where_p_underflows(z: float) -> None:
    with mpmath.workdps(50):
        right = mpmath.log(normal_tail(z))
        for sign in (1, -1):
            log_p = float(tails.log_normal_p(np.array(sign * z)))
            assert relative_error(log_p, right) < CLOSE
        one_sided = float(tails.log_normal_p(np.array(z), "greater"))
        assert relative_error(one_sided, right - mpmath.log(2)) < CLOSE


@pytest.mark.parametrize("df", [1.0, 2.0, 3.0, 4.5, 28.0, 43.25, 200.0])
@pytest.mark.parametrize("t", [1e-6, 0.01, 1.0, 2.2, 17.9, 1e3, 1e6, 1e20, 1e120])
def test_student_p(t: float, df: float) -> None:
    with mpmath.workdps(50):
        right = student_tail(t, df)
        log_right = mpmath.log(right)
        log_p = float(tails.log_student_p(np.array(t), df))
        # 50 digits leave 50 - 16 of log(p) where p is within 1e-16 of one
        assert relative_error(log_p, log_right) < CLOSE
        if log_right > -690:
            assert relative_error(float(tails.student_p(np.array(t), df)), right) < (
                CLOSE
            )


@pytest.mark.parametrize("df", [1e6, 1e9, 1e12, np.inf])
def test_log_student_p_tends_to_the_normal(df: float) -> None:
    # Cornish-Fisher: log p_t - log p_z is t^4 / (4 df) to first order
    t = np.array([36.0, 40.0, 60.0])
    excess = tails.log_student_p(t, df) - tails.log_normal_p(t)
    assert np.all(excess >= -1e-7)
    assert np.all(excess <= t**4 / (2.0 * df) + 1e-7)


def test_student_p_beyond_the_overflow_of_t_squared() -> None:
    with mpmath.workdps(50):
        log_p = float(tails.log_student_p(np.array(1e200), 3.0))
        # for df = 3 the tail is (4 sqrt(3) / pi) t^-3 to leading order
        leading = mpmath.log(4 * mpmath.sqrt(3) / mpmath.pi) - 3 * mpmath.log(
            mpmath.mpf("1e200")
        )
        assert relative_error(log_p, leading) < CLOSE


@pytest.mark.parametrize("df", [1.0, 2.0, 4.0, 30.0])
@pytest.mark.parametrize("x", [1e-3, 0.5, 3.84, 10.935, 47.7, 500.0, 1400.0, 5000.0])
def test_chi2_p(x: float, df: float) -> None:
    with mpmath.workdps(90):
        right = chi2_tail(x, df)
        log_right = mpmath.log(right)
        if log_right > -690:
            assert relative_error(float(tails.chi2_p(np.array(x), df)), right) < CLOSE
        assert relative_error(float(tails.log_chi2_p(np.array(x), df)), log_right) < (
            CLOSE
        )


def test_chi2_of_one_df_given_as_an_array_is_the_same() -> None:
    x = np.array([0.0, 0.5, 10.0, 5000.0])
    df = np.ones(4)
    np.testing.assert_allclose(tails.chi2_p(x, df), tails.chi2_p(x, 1.0), rtol=1e-12)
    np.testing.assert_allclose(
        tails.log_chi2_p(x, df), tails.log_chi2_p(x, 1.0), rtol=1e-12
    )


@given(st.floats(-300, 300), st.floats(0.5, 500))
def test_sides_add_up(t: float, df: float) -> None:
    value = np.array(t)
    for greater, less, two in (
        tuple(tails.normal_p(value, side) for side in ("greater", "less", "two-sided")),
        tuple(
            tails.student_p(value, df, side)
            for side in ("greater", "less", "two-sided")
        ),
    ):
        np.testing.assert_allclose(greater + less, 1.0, rtol=1e-12)
        np.testing.assert_allclose(two, 2.0 * np.minimum(greater, less), rtol=1e-12)


@given(st.floats(-30, 30), st.floats(1, 500))
def test_logarithms_are_those_of_the_tails(t: float, df: float) -> None:
    value = np.array(t)
    for side in ALTERNATIVES:
        np.testing.assert_allclose(
            np.exp(tails.log_student_p(value, df, side)),
            tails.student_p(value, df, side),
            rtol=1e-11,
        )
        np.testing.assert_allclose(
            np.exp(tails.log_normal_p(value, side)),
            tails.normal_p(value, side),
            rtol=1e-11,
        )


def test_limits_and_missing_values() -> None:
    ends = np.array([0.0, np.inf, np.nan])
    for p, log_p in (
        (tails.normal_p(ends), tails.log_normal_p(ends)),
        (tails.student_p(ends, 5.0), tails.log_student_p(ends, 5.0)),
        (tails.chi2_p(ends, 1.0), tails.log_chi2_p(ends, 1.0)),
        (tails.chi2_p(ends, 3.0), tails.log_chi2_p(ends, 3.0)),
    ):
        np.testing.assert_array_equal(p, [1.0, 0.0, np.nan])
        np.testing.assert_array_equal(log_p, [0.0, -np.inf, np.nan])


def test_shape_is_kept() -> None:
    z = np.linspace(-3, 3, 24).reshape(2, 3, 4)
    for out in (
        tails.normal_p(z),
        tails.log_normal_p(z),
        tails.student_p(z, 5.0),
        tails.log_student_p(z, np.full((3, 1), 5.0)),
        tails.chi2_p(z**2, 2.0),
        tails.log_chi2_p(z**2, 2.0),
    ):
        assert out.shape == (2, 3, 4)
