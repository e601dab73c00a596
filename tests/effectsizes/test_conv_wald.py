"""Estimates and variances from printed intervals, statistics and p-values."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from k2stats.effectsizes.conversions import (
    Estimates,
    from_wald,
    interval_asymmetry,
    se_enclosure,
    symmetric_within_rounding,
    variance_from_ci,
    variance_from_p,
)
from k2stats.errors import InvalidEvidenceError, MissingInputError


def test_reference_figures() -> None:
    """Reference cases conv_wald: metafor 5.1-12."""
    w = from_wald(
        [0.81, 0.3, 0.85],
        low=[0.7, np.nan, np.nan],
        high=[0.94, np.nan, np.nan],
        p=[np.nan, 0.034, np.nan],
        z=[np.nan, np.nan, -1.78],
        log=True,
    )
    assert w.y == pytest.approx([-0.21072103132, -1.20397280433, -0.1625189295], 1e-9)
    assert w.v == pytest.approx([0.00565584411, 0.32250188741, 0.0083361957], abs=1e-10)
    assert w.source.tolist() == ["ci", "p", "z"]


@given(
    st.floats(-5, 5),
    st.floats(1e-3, 4.0),
    st.floats(0.5, 0.999),
    st.one_of(st.none(), st.floats(2.0, 300.0)),
    st.booleans(),
)
def test_interval_and_p_there_and_back(
    y: float, se: float, level: float, df: float | None, log: bool
) -> None:
    law = stats.norm if df is None else stats.t(df)
    q = law.isf((1 - level) / 2)
    ends = [np.exp(x) if log else x for x in (y, y - q * se, y + q * se)]
    v = variance_from_ci(*ends[1:], level=level, log=log, df=df)
    assert float(v) == pytest.approx(se**2, rel=1e-6)
    if 0.05 < abs(y / se) < 30:
        p = 2 * law.sf(abs(y / se))
        assert float(variance_from_p(ends[0], p, log=log, df=df)) == pytest.approx(
            se**2, rel=1e-5
        )
    assert float(interval_asymmetry(*ends, log=log)) == pytest.approx(0.0, abs=1e-5)
    w = from_wald(ends[0], low=ends[1], high=ends[2], level=level, log=log, df=df)
    low, high = Estimates(w.y, w.v, "raw").interval(level)
    if df is None:
        assert [float(low), float(high)] == pytest.approx(
            [y - q * se, y + q * se], abs=1e-6
        )


@given(st.floats(0.01, 100), st.floats(0.1, 2.0))
def test_units_of_a_ratio_do_not_matter(factor: float, se: float) -> None:
    low, high = np.exp(-1.96 * se), np.exp(1.96 * se)
    assert float(variance_from_ci(low * factor, high * factor, log=True)) == (
        pytest.approx(float(variance_from_ci(low, high, log=True)), rel=1e-9)
    )
    assert float(variance_from_ci(low * factor, high * factor)) == pytest.approx(
        float(variance_from_ci(low, high)) * factor**2, rel=1e-9
    )


def test_asymmetry_is_refused_or_flagged() -> None:
    low, high = [0.7, 0.5], [0.94, 0.94]
    with pytest.raises(
        InvalidEvidenceError, match=r"low, high must be symmetric.*\[1\]"
    ):
        from_wald([0.81, 0.81], low=low, high=high, log=True)
    w = from_wald([0.81, 0.81], low=low, high=high, log=True, on_asymmetry="flag")
    assert w.symmetric.tolist() == [True, False]
    # The interval of a ratio taken for one of a difference shows as asymmetric.
    assert abs(float(interval_asymmetry(2.0, 1.0, 4.0))) == pytest.approx(1 / 3)
    assert float(interval_asymmetry(2.0, 1.0, 4.0, log=True)) == 0.0


def test_enclosure_holds_every_se_that_prints_so() -> None:
    rng = np.random.default_rng(0)
    for log in (True, False):
        found = se_enclosure("0.70", "0.94", log=log)
        low, high = rng.uniform(0.695, 0.705, 500), rng.uniform(0.935, 0.945, 500)
        se = np.sqrt(variance_from_ci(low, high, log=log))
        assert all(float(x) in found for x in se)
        ends = np.sqrt(variance_from_ci([0.705, 0.695], [0.935, 0.945], log=log))
        assert found.floats() == pytest.approx(ends.tolist(), rel=1e-12)
    assert se_enclosure("0.00", "0.10", log=True).high == np.inf
    assert se_enclosure("1.0", "1.0").low == 0.0


def test_rounding_may_explain_asymmetry() -> None:
    # 0.00 may stand for 0.004, and 0.02 squared is 0.004 times 0.10.
    assert symmetric_within_rounding("0.02", "0.00", "0.10", log=True)
    assert not symmetric_within_rounding("0.020", "0.010", "0.100", log=True)
    assert symmetric_within_rounding("1.5", "1.0", "2.1")
    assert not symmetric_within_rounding("1.50", "1.00", "2.10")
    assert not symmetric_within_rounding("0.5", "-1.0", "-0.5", log=True)


@given(
    st.integers(1, 400), st.integers(1, 400), st.integers(1, 400), st.sampled_from("12")
)
def test_rounding_may_explain_asymmetry_as_fractions_do(
    y: int, low: int, high: int, digits: str
) -> None:
    """Windows of half a unit, whose ends are values too: round half away or to even."""
    scale = 10 ** int(digits)
    text = [f"{x / scale:.{digits}f}" for x in (y, low, high)]
    half = Fraction(1, 2 * scale)
    ends = [
        (Fraction(x, scale) - half, Fraction(x, scale) + half) for x in (y, low, high)
    ]
    (a, b), (c, d), (e, f) = ends
    for log, gaps in (
        (True, (b * b - c * e, d * f - a * a)),
        (False, (2 * b - c - e, d + f - 2 * a)),
    ):
        if min(gaps) != 0:  # at a common end the printed digit decides
            got = symmetric_within_rounding(*text, log=log)
            assert got == (min(gaps) > 0)


def test_refusals() -> None:
    with pytest.raises(MissingInputError, match="high is needed for an interval"):
        from_wald(0.8, low=0.7)
    with pytest.raises(MissingInputError, match="low and high, z or p is needed"):
        from_wald(0.8)
    with pytest.raises(InvalidEvidenceError, match=r"high must be above low.*\[1\]"):
        variance_from_ci([0.1, 0.9], [0.2, 0.5])
    with pytest.raises(InvalidEvidenceError, match=r"low must be above 0"):
        variance_from_ci(0.0, 2.0, log=True)
    with pytest.raises(InvalidEvidenceError, match="level must be a share"):
        variance_from_ci(0.5, 2.0, level=95)
    with pytest.raises(InvalidEvidenceError, match="p must be above 0 and below 1"):
        variance_from_p(0.5, 1.0)
    with pytest.raises(
        InvalidEvidenceError, match="estimate must be other than the nu"
    ):
        variance_from_p(1.0, 0.5, log=True)
    with pytest.raises(InvalidEvidenceError, match=r"low must be given with high"):
        from_wald([0.8, 0.8], low=[0.7, np.nan], high=[0.9, 0.9])
    with pytest.raises(InvalidEvidenceError, match=r"high must be given with low"):
        from_wald([0.8, 0.8], low=[0.7, 0.7], high=[0.9, np.nan])
    with pytest.raises(InvalidEvidenceError, match="sign of the effect"):
        from_wald(2.0, z=-1.5, log=True)
    with pytest.raises(InvalidEvidenceError, match="high must be above low"):
        se_enclosure("2.0", "1.0")
    with pytest.raises(InvalidEvidenceError, match="low must be above 0 for a ratio"):
        se_enclosure("-2.0", "1.0", log=True)
    with pytest.raises(InvalidEvidenceError, match="on_asymmetry must be one of"):
        from_wald(1.0, p=0.5, on_asymmetry="drop")  # type: ignore[arg-type]


def test_missing_rows_stay_missing() -> None:
    w = from_wald([0.8, np.nan, 0.5], p=[0.04, 0.04, np.nan], log=True)
    assert w.source.tolist() == ["p", "", ""]
    assert np.isnan(w.v).tolist() == [False, True, True]
    assert not w.v.flags.writeable
