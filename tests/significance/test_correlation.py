"""Correlations: tests, interval and rounding."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from k2stats.evidence import Correlation, Reported
from k2stats.significance.correlation import (
    CORRELATION_TESTS,
    correlation_p_values,
    correlation_t,
    fisher_z,
    fisher_z_interval,
)


def test_p_of_a_printed_correlation() -> None:
    # statcheck 1.6.0 on "r(28) = .22": p .242739
    result = correlation_t(np.array([0.22]), np.array([30.0]))
    assert float(result.p[0]) in Reported("0.242739").interval


@given(st.integers(4, 60), st.integers(0, 10**6))
def test_scipy_agrees_on_samples(n: int, seed: int) -> None:
    x, y = np.random.default_rng(seed).normal(size=(2, n))
    y = y + 0.5 * x
    right = stats.pearsonr(x, y)
    r = np.array([right.statistic])
    size = np.array([float(n)])
    np.testing.assert_allclose(
        correlation_t(r, size).p, right.pvalue, rtol=1e-7, atol=1e-300
    )
    for level in (0.8, 0.95):
        limits = right.confidence_interval(level)
        mine = fisher_z_interval(r, size, level)
        np.testing.assert_allclose(mine.low, limits.low, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(mine.high, limits.high, rtol=1e-9, atol=1e-12)


@given(st.floats(-0.999, 0.999), st.integers(4, 500), st.floats(0.5, 0.999))
def test_interval_excludes_zero_where_fishers_p_is_below_alpha(
    r: float, n: int, level: float
) -> None:
    value, size = np.array([r]), np.array([float(n)])
    p = float(fisher_z(value, size).p[0])
    found = fisher_z_interval(value, size, level)
    if abs(p - (1 - level)) > 1e-9:
        assert bool(found.low[0] > 0 or found.high[0] < 0) is (p < 1 - level)


@given(st.floats(-1, 1), st.integers(4, 500))
def test_turning_a_variable_round_changes_only_the_sign(r: float, n: int) -> None:
    for entry in CORRELATION_TESTS.entries():
        here = entry.function(np.array([r]), np.array([float(n)]))
        there = entry.function(np.array([-r]), np.array([float(n)]))
        np.testing.assert_array_equal(here.statistic, -there.statistic)
        np.testing.assert_array_equal(here.p, there.p)


@given(
    st.integers(-100, 100),
    st.integers(1, 2),
    st.integers(4, 300),
    st.lists(st.floats(0, 1), min_size=1, max_size=20),
)
def test_ranges_hold_inside_the_window(
    hundredths: int, digits: int, n: int, shares: list[float]
) -> None:
    text = f"{hundredths / 100:.{digits}f}"
    evidence = Correlation(Reported(text), n)
    low, high = (min(max(x, -1.0), 1.0) for x in evidence.r.interval.floats())
    r = low + np.array(shares) * (high - low)
    for row in correlation_p_values(evidence):
        p = CORRELATION_TESTS[row.name].function(r, np.full(r.shape, float(n))).p
        assert p.min() >= row.low * (1 - 1e-9)
        assert p.max() <= row.high * (1 + 1e-9)
        assert row.low <= row.midpoint <= row.high
        for end, at in (
            (row.low, row.enclosure.at_low),
            (row.high, row.enclosure.at_high),
        ):
            witness = np.array([at["r"]])
            assert low <= at["r"] <= high
            value = CORRELATION_TESTS[row.name].function(witness, np.array([float(n)]))
            assert float(value.p[0]) == end


def test_a_window_around_zero_reaches_one() -> None:
    for row in correlation_p_values(Correlation(Reported("0.00"), 30)):
        assert row.high == 1.0
        assert row.enclosure.at_high["r"] == 0.0


def test_perfect_correlation_has_p_of_zero() -> None:
    for row in correlation_p_values(Correlation(Reported("1.00"), 30)):
        assert row.midpoint == row.low == 0.0
        assert 0.0 < row.high < 1e-25
    for sign in (-1.0, 1.0):
        found = fisher_z_interval(np.array([sign]), np.array([30.0]))
        assert found.low[0] == found.high[0] == sign


def test_four_pairs_tell_fisher_nothing_but_a_unit_variance() -> None:
    assert float(fisher_z(np.array([0.5]), np.array([4.0])).statistic[0]) == (
        pytest.approx(math.atanh(0.5))
    )
