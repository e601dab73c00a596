"""OR, RR, RD, HR; d, log OR, r, z: there and back, laws, and the delta method."""

from itertools import product

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from k2stats.effectsizes.conversions import (
    CONVERSIONS,
    LOGISTIC_FACTORS,
    RISK_MEASURES,
    convert_at_risk,
    convert_estimate_at_risk,
    convert_interval_at_risk,
    d_to_log_or,
    d_to_r,
    hr_to_rr_common,
    log_or_to_d,
    log_or_to_r,
    or_to_rr_common,
    r_to_d,
    r_to_log_or,
    r_to_z,
    smd_from_t,
    z_to_r,
)
from k2stats.errors import InvalidEvidenceError, UnknownMethodError

RISK = st.floats(0.01, 0.97)
PAIRS = list(product(RISK_MEASURES, RISK_MEASURES))


def _value(name: str, p1: float, p0: float) -> float:
    """Each measure by its definition."""
    return {
        "OR": p1 * (1 - p0) / ((1 - p1) * p0),
        "RR": p1 / p0,
        "RD": p1 - p0,
        "HR": float(np.log(1 - p1) / np.log(1 - p0)),
    }[name]


@given(RISK, RISK)
def test_every_pair_by_definition(p1: float, p0: float) -> None:
    for source, target in PAIRS:
        got = convert_at_risk(_value(source, p1, p0), source, target, baseline_risk=p0)
        assert float(got) == pytest.approx(_value(target, p1, p0), rel=1e-8, abs=1e-10)


def test_zhang_yu_by_their_equation() -> None:
    """Zhang & Yu (1998): RR = OR / ((1 - P0) + P0 OR)."""
    odds, p0 = np.array([0.2, 1.0, 2.65, 24.5]), np.array([0.1, 0.5, 0.28, 0.3])
    got = convert_at_risk(odds, "OR", "RR", baseline_risk=p0)
    assert got == pytest.approx(odds / (1 - p0 + p0 * odds))


@given(RISK, st.lists(st.floats(0.05, 0.95), min_size=3, max_size=3, unique=True))
@settings(deadline=None, max_examples=30)
def test_intervals_keep_their_order(p0: float, risks: list[float]) -> None:
    low, middle, high = sorted(risks)
    assume(middle - low > 1e-6)
    assume(high - middle > 1e-6)
    for source, target in PAIRS:
        x, first, last = (_value(source, p, p0) for p in (middle, low, high))
        got = convert_interval_at_risk(x, first, last, source, target, baseline_risk=p0)
        assert float(got.low) < float(got.estimate) < float(got.high)
        assert float(got.high) == pytest.approx(_value(target, high, p0), rel=1e-7)


def test_no_effect_stays_no_effect() -> None:
    p0 = np.array([0.05, 0.5, 0.9])
    for source, target in PAIRS:
        null = 0.0 if source == "RD" else 1.0
        got = convert_at_risk(null, source, target, baseline_risk=p0)
        assert got == pytest.approx(0.0 if target == "RD" else 1.0, abs=1e-12)


@given(st.floats(0.05, 0.9), st.floats(0.05, 0.9), st.floats(0.001, 0.2))
@settings(deadline=None, max_examples=30)
def test_variances_by_numerical_derivative(p1: float, p0: float, v: float) -> None:
    for source, target in PAIRS:
        x = _value(source, p1, p0)
        y = x if source == "RD" else float(np.log(x))
        e = convert_estimate_at_risk(y, v, source, target, baseline_risk=p0)
        h = 1e-6

        def natural(at: float, name: str = source) -> float:
            return at if name == "RD" else float(np.exp(at))

        ends = [
            float(convert_at_risk(natural(y + s), source, target, baseline_risk=p0))
            for s in (h, -h)
        ]
        if target != "RD":
            ends = [float(np.log(z)) for z in ends]
        assert float(e.v) == pytest.approx(
            v * ((ends[0] - ends[1]) / (2 * h)) ** 2, rel=1e-4
        )
        back = convert_estimate_at_risk(e.y, e.v, target, source, baseline_risk=p0)
        assert float(back.y) == pytest.approx(y, abs=1e-8)
        assert float(back.v) == pytest.approx(v, rel=1e-6)


def test_a_range_of_baseline_risks_widens_the_interval() -> None:
    fixed = convert_interval_at_risk(2.0, 1.2, 3.3, "OR", "RD", baseline_risk=0.4)
    wide = convert_interval_at_risk(
        2.0,
        1.2,
        3.3,
        "OR",
        "RD",
        baseline_risk=0.4,
        baseline_low=0.1,
        baseline_high=0.9,
    )
    assert float(wide.low) < float(fixed.low)
    assert float(wide.high) > float(fixed.high)
    # At p0 = 1 / (1 + sqrt(OR)) the RD is largest, inside the range.
    peak = (np.sqrt(3.3) - 1) / (np.sqrt(3.3) + 1)
    assert float(wide.high) == pytest.approx(peak, abs=1e-4)


@given(st.floats(0.2, 0.8), st.floats(0.2, 0.8))
def test_square_root_is_within_a_quarter(p1: float, p0: float) -> None:
    """VanderWeele (2017): at most 25% off for risks between 0.2 and 0.8."""
    guess = float(or_to_rr_common(_value("OR", p1, p0)))
    assert 0.8 - 1e-9 <= guess / (p1 / p0) <= 1.25 + 1e-9


def test_hazard_ratios_of_common_outcomes() -> None:
    """VanderWeele (2020): (1 - 0.5^sqrt(HR)) / (1 - 0.5^sqrt(1/HR))."""
    hr = np.array([0.25, 1.0, 4.0])
    rr = hr_to_rr_common(hr)
    assert rr == pytest.approx([(1 - 0.5**0.5) / 0.75, 1.0, 0.75 / (1 - 0.5**0.5)])
    assert hr_to_rr_common(1 / hr) == pytest.approx(1 / rr)


EFFECT = st.floats(-3.0, 3.0)
VARIANCE = st.floats(1e-4, 1.0)


@given(EFFECT, VARIANCE, st.integers(2, 300), st.integers(2, 300))
@settings(deadline=None)
def test_standardised_scales_there_and_back(
    d: float, v: float, n1: int, n2: int
) -> None:
    expect = pytest.approx([d, v], rel=1e-7, abs=1e-9)
    for method in LOGISTIC_FACTORS:
        back = log_or_to_d(*d_to_log_or(d, v, method=method), method=method)
        assert [float(x) for x in back] == expect
    back = r_to_d(*d_to_r(d, v, n1=n1, n2=n2), n1=n1, n2=n2)
    assert [float(x) for x in back] == expect
    r = d_to_r(d, v)
    assert [float(x) for x in z_to_r(*r_to_z(*r))] == pytest.approx(
        [float(r.y), float(r.v)], rel=1e-7, abs=1e-12
    )
    log_or = r_to_log_or(*d_to_r(d, v, n1=n1, n2=n2), n1=n1, n2=n2)
    direct = d_to_log_or(d, v)
    assert [float(x) for x in log_or] == pytest.approx(
        [float(x) for x in direct], rel=1e-7, abs=1e-9
    )
    again = log_or_to_r(*direct, n1=n1, n2=n2)
    assert float(again.y) == pytest.approx(float(d_to_r(d, v, n1=n1, n2=n2).y))


@given(EFFECT, VARIANCE, st.integers(2, 300), st.integers(2, 300))
def test_variances_of_standardised_scales(d: float, v: float, n1: int, n2: int) -> None:
    h = 1e-6
    up, down = (float(d_to_r(d + s, v, n1=n1, n2=n2).y) for s in (h, -h))
    r = d_to_r(d, v, n1=n1, n2=n2)
    assert float(r.v) == pytest.approx(v * ((up - down) / (2 * h)) ** 2, rel=1e-5)
    assert float(d_to_r(-d, v, n1=n1, n2=n2).y) == -float(r.y)


def test_published_constants() -> None:
    """Borenstein et al. (2009), chapter 7: d = 0.5 is a log OR of 0.9069 and back."""
    e = d_to_log_or(0.5, 0.0205)
    assert float(e.y) == pytest.approx(0.9069, abs=5e-5)
    assert float(e.v) == pytest.approx(0.0676, abs=0.0005)
    assert float(d_to_log_or(1.0, 0.1, method="cox").y) == 1.65


def test_d_and_r_of_the_same_data_for_large_samples() -> None:
    rng = np.random.default_rng(1)
    x, y = rng.normal(0.6, 1, 40_000), rng.normal(0, 1, 10_000)
    t = stats.ttest_ind(x, y).statistic
    group = np.repeat([1.0, 0.0], [40_000, 10_000])
    r = np.corrcoef(group, np.concatenate([x, y]))[0, 1]
    got = d_to_r(*smd_from_t(t, 40_000, 10_000), n1=40_000, n2=10_000)
    assert float(got.y) == pytest.approx(r, abs=1e-4)


def test_refusals() -> None:
    with pytest.raises(InvalidEvidenceError, match=r"baseline_risk must be between 0"):
        convert_at_risk(2.0, "OR", "RR", baseline_risk=1.0)
    with pytest.raises(InvalidEvidenceError, match=r"treated risk lies.*rows \[1\]"):
        convert_at_risk([2.0, 2.0], "RR", "OR", baseline_risk=[0.3, 0.6])
    with pytest.raises(InvalidEvidenceError, match="value must be at least 0"):
        convert_at_risk(-2.0, "RR", "OR", baseline_risk=0.3)
    with pytest.raises(UnknownMethodError, match="Known: OR, RR, RD, HR"):
        convert_at_risk(2.0, "NNT", "OR", baseline_risk=0.3)
    with pytest.raises(InvalidEvidenceError, match="low must be at most estimate"):
        convert_interval_at_risk(2.0, 3.0, 4.0, "OR", "RR", baseline_risk=0.3)
    with pytest.raises(InvalidEvidenceError, match="baseline_low must be at most"):
        convert_interval_at_risk(
            2.0, 1.0, 4.0, "OR", "RR", baseline_risk=0.3, baseline_low=0.4
        )
    with pytest.raises(InvalidEvidenceError, match="v must be at least 0"):
        convert_estimate_at_risk(0.1, -1.0, "OR", "RR", baseline_risk=0.3)
    with pytest.raises(InvalidEvidenceError, match="y must be between -1 and 1, both"):
        r_to_d(1.0, 0.1)
    with pytest.raises(InvalidEvidenceError, match="v must be at least 0"):
        d_to_log_or(0.5, -0.1)
    with pytest.raises(UnknownMethodError, match="Known: hasselblad_hedges, cox"):
        d_to_log_or(0.5, 0.1, method="probit")
    with pytest.raises(InvalidEvidenceError, match="n1 must be at least 1"):
        d_to_r(0.5, 0.1, n1=0, n2=10)


def test_extreme_odds_reach_the_ends() -> None:
    got = convert_at_risk([0.0, np.inf, np.nan], "OR", "RR", baseline_risk=0.25)
    assert got[:2].tolist() == [0.0, 4.0]
    assert np.isnan(got[2])


def test_every_conversion_is_filed_with_its_paper() -> None:
    families = {
        "test",
        "wald",
        "cells",
        "spread",
        "combine",
        "survival",
        "baseline-risk",
        "scale",
        "delta",
    }
    for entry in CONVERSIONS.entries():
        assert len(entry.traits & families) == 1
        assert entry.equation
        assert any(ch.isdigit() for ch in entry.reference) or "Handbook" in (
            entry.reference
        )
        assert "References" in (entry.function.__doc__ or "")
