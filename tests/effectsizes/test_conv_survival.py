"""Hazard ratios from log-rank figures, events, medians and survival."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from k2stats.effectsizes.conversions import (
    log_hr_from_events,
    log_hr_from_expected,
    log_hr_from_logrank_chi2,
    log_hr_from_logrank_p,
    log_hr_from_medians,
    log_hr_from_oe,
    log_hr_from_survival,
    logrank_variance,
    oe_from_log_hr,
)
from k2stats.errors import InvalidEvidenceError, MissingInputError

EVENTS = st.integers(1, 2000)


@given(st.floats(-50, 50), st.floats(0.1, 500))
def test_oe_and_back(o_minus_e: float, variance: float) -> None:
    y, v = log_hr_from_oe(o_minus_e, variance)
    back = oe_from_log_hr(y, v)
    assert [float(x) for x in back] == pytest.approx([o_minus_e, variance])


@given(st.floats(-4.0, 4.0), EVENTS, EVENTS)
def test_p_chi2_and_oe_agree(z: float, events1: int, events2: int) -> None:
    variance = events1 * events2 / (events1 + events2)
    direct = log_hr_from_oe(z * np.sqrt(variance), variance)
    sign = -1 if z < 0 else 1
    p = 2 * stats.norm.sf(abs(z))
    by_p = log_hr_from_logrank_p(p, sign=sign, events1=events1, events2=events2)
    by_chi2 = log_hr_from_logrank_chi2(
        z * z, sign=sign, events1=events1, events2=events2
    )
    one_sided = log_hr_from_logrank_p(
        stats.norm.cdf(z), alternative="less", events1=events1, events2=events2
    )
    for other in (by_p, by_chi2, one_sided):
        assert float(other.y) == pytest.approx(float(direct.y), abs=1e-7)
        assert float(other.v) == pytest.approx(float(direct.v))
    by_hr = log_hr_from_events(np.exp(direct.y), events1=events1, events2=events2)
    assert float(by_hr.y) == pytest.approx(float(direct.y))
    assert float(by_hr.v) == pytest.approx(1 / events1 + 1 / events2)


@given(EVENTS)
def test_the_three_variances_agree_with_equal_groups(events: int) -> None:
    expect = pytest.approx(events / 2)
    assert float(logrank_variance(events1=events, events2=events)) == expect
    assert float(logrank_variance(events=2 * events)) == expect
    assert float(logrank_variance(events=2 * events, n1=7, n2=7)) == expect


def test_published_arithmetic() -> None:
    """Parmar, Torri & Stewart (1998), indirect estimates, written out.

    O events at 1:1 and a two-sided p give ln HR = -2 z / sqrt(O), var 4 / O.
    """
    y, v = log_hr_from_logrank_p(0.05, sign=-1, events=400)
    assert float(y) == pytest.approx(-2 * 1.959964 / 20, abs=1e-6)
    assert float(v) == pytest.approx(0.01)


def test_log_rank_of_simulated_trials() -> None:
    """Exponential trials with a hazard ratio of 0.7: log-rank O - E and V."""
    rng = np.random.default_rng(12)
    y = []
    for _ in range(200):
        time = np.concatenate([rng.exponential(1 / 0.7, 100), rng.exponential(1, 100)])
        arm = np.repeat([1.0, 0.0], 100)[np.argsort(time)]
        at_risk = np.arange(200, 0, -1)
        share = arm[::-1].cumsum()[::-1] / at_risk
        o_minus_e = (arm - share).sum()
        variance = (share * (1 - share)).sum()
        y.append(float(log_hr_from_oe(o_minus_e, variance).y))
    assert np.mean(y) == pytest.approx(np.log(0.7), abs=0.04)


@given(st.floats(0.02, 0.98), st.floats(0.2, 5.0))
def test_survival_at_one_time_under_proportional_hazards(s2: float, hr: float) -> None:
    s1 = s2**hr
    y, _ = log_hr_from_survival(s1, s2, se1=0.01, se2=0.01)
    assert float(y) == pytest.approx(np.log(hr), abs=1e-9)
    swapped = log_hr_from_survival(s2, s1, se1=0.02, se2=0.01)
    straight = log_hr_from_survival(s1, s2, se1=0.01, se2=0.02)
    assert float(swapped.y) == pytest.approx(-float(straight.y))
    assert float(swapped.v) == pytest.approx(float(straight.v))


def test_variance_of_survival_by_simulation() -> None:
    """Binomial survival of 0.6 and 0.5 in 400 and 300: 20,000 simulated trials."""
    rng = np.random.default_rng(3)
    s1, s2 = rng.binomial(400, 0.6, 20_000) / 400, rng.binomial(300, 0.5, 20_000) / 300
    spread = np.log(np.log(s1) / np.log(s2)).var()
    _, v = log_hr_from_survival(0.6, 0.5, n1=400, n2=300)
    assert float(v) == pytest.approx(spread, rel=0.04)


def test_medians_and_expected_events() -> None:
    y, v = log_hr_from_medians([12.0, 9.0], [9.0, 12.0], 40, 50)
    assert y.tolist() == pytest.approx([np.log(0.75), -np.log(0.75)])
    assert v.tolist() == pytest.approx([0.045, 0.045])
    y, v = log_hr_from_expected(30, 40.0, 50, 40.0)
    assert float(y) == pytest.approx(np.log(0.6))
    assert float(v) == pytest.approx(0.05)


def test_refusals() -> None:
    with pytest.raises(InvalidEvidenceError, match=r"variance must be above 0.*\[1\]"):
        log_hr_from_oe([1.0, 1.0], [2.0, 0.0])
    with pytest.raises(MissingInputError, match="events1 and events2, or events is ne"):
        logrank_variance(events1=10)
    with pytest.raises(MissingInputError, match="n2 is needed for the allocation"):
        logrank_variance(events=10, n1=50)
    with pytest.raises(InvalidEvidenceError, match="observed events in all, within 2%"):
        log_hr_from_expected(30, 30.0, 50, 40.0)
    with pytest.raises(InvalidEvidenceError, match="survival1 must be between 0 and 1"):
        log_hr_from_survival(1.0, 0.5, n1=10, n2=10)
    with pytest.raises(MissingInputError, match="se1 and se2, or n1 and n2"):
        log_hr_from_survival(0.6, 0.5, se1=0.1)
    with pytest.raises(InvalidEvidenceError, match="hr must be above 0"):
        log_hr_from_events(0.0, events=10)
    with pytest.raises(InvalidEvidenceError, match="median1 must be above 0"):
        log_hr_from_medians(0.0, 5.0, 10, 10)
    with pytest.raises(InvalidEvidenceError, match="sign must be -1 or 1"):
        log_hr_from_logrank_chi2(4.0, sign=0, events=10)
