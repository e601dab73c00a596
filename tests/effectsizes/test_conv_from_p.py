"""Statistics from p-values: there and back, far tails, independent quantiles."""

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats

from k2stats._typing import Alternative
from k2stats.effectsizes.conversions import (
    chi2_from_p,
    f_from_p,
    t_from_f,
    t_from_p,
    z_from_chi2,
    z_from_log_p,
    z_from_p,
)
from k2stats.errors import InvalidEvidenceError
from k2stats.numerics import tails

PS = st.floats(1e-300, 1.0)
ALTERNATIVES: tuple[Alternative, ...] = ("greater", "less")


@given(PS)
def test_z_and_back(p: float) -> None:
    assert tails.normal_p(z_from_p(p)) == pytest.approx(p, rel=1e-10)


@given(st.floats(-1e6, -1e-8))
def test_z_from_log_p_and_back(log_p: float) -> None:
    back = tails.log_normal_p(z_from_log_p(log_p))
    assert back == pytest.approx(log_p, rel=1e-9, abs=1e-14)


@given(st.floats(1e-120, 1.0), st.floats(1.0, 1e6))
@settings(deadline=None)
def test_t_and_back(p: float, df: float) -> None:
    t = float(t_from_p(p, df))
    # The tail from the smaller of x and 1 - x, which alone holds all its digits.
    back = (
        special.betainc(df / 2, 0.5, df / (df + t * t))
        if t * t > df
        else special.betaincc(0.5, df / 2, t * t / (df + t * t))
    )
    assert float(back) == pytest.approx(p, rel=1e-9 + 1e-15 * df)


@given(st.floats(1e-12, 1 - 1e-12), st.floats(1.0, 500.0))
@settings(deadline=None)
def test_one_sided_p_carries_its_direction(p: float, df: float) -> None:
    for alternative in ALTERNATIVES:
        t = t_from_p(p, df, alternative=alternative)
        z = z_from_p(p, alternative=alternative)
        expect = pytest.approx(p, rel=1e-8)
        assert tails.student_p(t, df, alternative) == expect
        assert tails.normal_p(z, alternative) == expect
    assert t_from_p(p, df, alternative="greater") == pytest.approx(
        -t_from_p(p, df, alternative="less")
    )


def test_t_quantile_against_mpmath() -> None:
    """Independent root of the incomplete beta function at 30 digits."""
    with mpmath.workdps(30):
        for p, df in ((1e-20, 5), (3e-8, 48), (0.018, 248), (1e-100, 30)):
            t = float(t_from_p(p, df))
            x = mpmath.mpf(df) / (df + mpmath.mpf(t) ** 2)
            back = mpmath.betainc(
                mpmath.mpf(df) / 2, mpmath.mpf(1) / 2, 0, x, regularized=True
            )
            assert float(back) == pytest.approx(p, rel=1e-11)


@given(st.floats(1e-12, 1.0), st.floats(0.7, 60.0), st.floats(0.7, 200.0))
@settings(deadline=None)
def test_chi2_and_f_and_back(p: float, df1: float, df2: float) -> None:
    assert stats.chi2.sf(chi2_from_p(p, df1), df1) == pytest.approx(p, rel=1e-8)
    assert stats.f.sf(f_from_p(p, df1, df2), df1, df2) == pytest.approx(p, rel=1e-7)


def test_f_quantile_of_a_p_near_one_against_mpmath() -> None:
    with mpmath.workdps(30):
        for p, df1, df2 in ((0.99999, 0.703125, 6.0), (1 - 1e-9, 3, 40), (0.9, 5, 12)):
            f = float(f_from_p(p, df1, df2))
            x = mpmath.mpf(df1) * f / (df2 + mpmath.mpf(df1) * f)
            below = mpmath.betainc(
                mpmath.mpf(df1) / 2, mpmath.mpf(df2) / 2, 0, x, regularized=True
            )
            assert float(below) == pytest.approx(1 - p, rel=1e-12)


@pytest.mark.parametrize(
    ("p", "df1", "df2"),
    [
        (5.8e-170, 1049.4, 10.9),
        (1e-222, 0.51, 13.4),
        (1e-60, 3, 5),
        (1e-24, 700, 4),
        (1e-12, 2, 9),
    ],
)
def test_f_far_out_against_mpmath(p: float, df1: float, df2: float) -> None:
    """The inverse of the incomplete beta alone has no answer in the first two."""
    with mpmath.workdps(40):
        f = mpmath.mpf(float(f_from_p(p, df1, df2)))
        w = mpmath.mpf(df2) / (mpmath.mpf(df2) + mpmath.mpf(df1) * f)
        back = mpmath.betainc(
            mpmath.mpf(df2) / 2, mpmath.mpf(df1) / 2, 0, w, regularized=True
        )
        assert float(back / mpmath.mpf(p)) == pytest.approx(1.0, rel=1e-11)


def test_t_of_few_degrees_of_freedom_far_out() -> None:
    """One degree of freedom is Cauchy: t = cot(pi p / 2), nearly 2 / (pi p)."""
    p = np.array([1e-300, 1e-200, 1e-100, 1e-10])
    assert np.allclose(t_from_p(p, 1.0), 1 / np.tan(np.pi * p / 2), rtol=1e-12)
    assert t_from_p(1e-300, 0.75) == np.inf


def test_one_numerator_df_is_the_square() -> None:
    p = np.array([0.9, 0.05, 1e-9, 1e-200])
    assert np.allclose(f_from_p(p, 1, 17), t_from_p(p, 17) ** 2, rtol=1e-12)
    assert np.allclose(chi2_from_p(p), z_from_p(p) ** 2, rtol=1e-12)
    assert t_from_f(4.0, sign=-1) == -2.0
    assert z_from_chi2(9.0, sign=-1) == -3.0


@given(st.lists(st.floats(1e-30, 1.0), min_size=2, max_size=6))
def test_smaller_p_larger_statistic(ps: list[float]) -> None:
    p = np.sort(ps)
    assert np.all(np.diff(z_from_p(p)) <= 0)
    assert np.all(np.diff(t_from_p(p, 9.0)) <= 0)


def test_shape_and_missing_values() -> None:
    assert z_from_p(0.05).shape == ()
    out = t_from_p([[0.05, np.nan]], [[3.0], [4.0]])
    assert out.shape == (2, 2)
    assert np.isnan(out[:, 1]).all()
    assert not np.isnan(out[:, 0]).any()


@pytest.mark.parametrize(
    ("p", "sign", "alternative", "message"),
    [
        ([0.1, 0.0], 1, "two-sided", r"p must be above 0 .* bound.*rows \[1\]"),
        (1.5, 1, "two-sided", "at most 1"),
        (0.05, 2, "two-sided", "sign must be -1 or 1"),
        (0.05, -1, "less", "sign must be left out with a one-sided p"),
        (0.05, 1, "both", "alternative must be one of two-sided, greater, less"),
    ],
)
def test_refusals(
    p: float | list[float], sign: int, alternative: Alternative, message: str
) -> None:
    with pytest.raises(InvalidEvidenceError, match=message):
        z_from_p(p, sign=sign, alternative=alternative)


def test_refusals_of_degrees_of_freedom() -> None:
    with pytest.raises(InvalidEvidenceError, match=r"df must be above 0.*rows \[0\]"):
        t_from_p(0.05, 0)
    with pytest.raises(InvalidEvidenceError, match="f must be at least 0"):
        t_from_f(-1.0)
    with pytest.raises(InvalidEvidenceError, match="log_p must be finite and at most"):
        z_from_log_p(0.5)
