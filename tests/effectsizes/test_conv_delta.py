"""Transformations of any effect: derivatives, both orders, Jensen, intervals."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from k2stats._typing import Floats
from k2stats.effectsizes.conversions import transform, transform_interval
from k2stats.effectsizes.conversions.delta import ArrayFunction, differentiate
from k2stats.errors import InvalidEvidenceError

ATANH_DOMAIN = st.floats(-0.999, 0.999)


@given(st.floats(-8.0, 8.0), st.floats(1e-6, 1.0))
@settings(deadline=None, max_examples=40)
def test_derivatives_of_known_functions(y: float, v: float) -> None:
    cases: list[tuple[ArrayFunction, Floats, Floats]] = [
        (np.exp, np.exp(np.array(y)), np.exp(np.array(y))),
        (np.tanh, 1 / np.cosh(np.array(y)) ** 2, np.array(np.nan)),
        (np.sin, np.cos(np.array(y)), -np.sin(np.array(y))),
        (lambda x: 3 * x**2 - x, np.array(6 * y - 1.0), np.array(6.0)),
    ]
    for f, first, second in cases:
        assert float(differentiate(f, np.array(y))) == pytest.approx(
            float(first), rel=1e-8, abs=1e-8
        )
        if not np.isnan(second):
            assert float(differentiate(f, np.array(y), 2)) == pytest.approx(
                float(second), rel=1e-7, abs=1e-7
            )
        got = transform(y, v, f)
        assert float(got.v) == pytest.approx(float(first) ** 2 * v, rel=1e-7, abs=1e-12)


@given(ATANH_DOMAIN)
def test_derivatives_near_the_edge_of_the_domain(r: float) -> None:
    got = float(differentiate(np.arctanh, np.array(r)))
    assert got == pytest.approx(1 / (1 - r * r), rel=1e-6)


@given(st.floats(1e-6, 1e6))
def test_derivatives_over_many_magnitudes(x: float) -> None:
    got = float(differentiate(np.log, np.array(x)))
    # The first steps leave the domain and are passed over.
    assert got == pytest.approx(1 / x, rel=1e-6)


def test_given_derivatives_are_used() -> None:
    y, v = np.array([0.2, 0.5]), np.array([0.01, 0.02])
    given_ = transform(y, v, np.exp, np.exp, np.exp, order=2, correction="unbiased")
    found = transform(y, v, np.exp, order=2, correction="unbiased")
    assert given_.y == pytest.approx(found.y, rel=1e-9)
    assert given_.v == pytest.approx(found.v, rel=1e-9)
    # Exact by hand: v_f = e^{2y} v (1 + v / 2), y_f = e^y (1 - v / 2).
    assert given_.v == pytest.approx(np.exp(2 * y) * v * (1 + v / 2))
    assert given_.y == pytest.approx(np.exp(y) * (1 - v / 2))
    assert np.isnan(transform(y, v, np.exp).second).all()


def test_second_order_against_the_log_normal() -> None:
    """Exact moments of exp(N(y, v)): errors of the second order are of v^3."""
    y, v = 0.3, 0.04
    mean = np.exp(y + v / 2)
    var = np.expm1(v) * mean**2
    first, second = (
        transform(y, v, np.exp, order=k, correction="mean") for k in (1, 2)
    )
    assert float(second.y) == pytest.approx(mean, rel=v**2)
    assert abs(float(second.v) - var) < abs(float(first.v) - var)
    assert float(second.v) == pytest.approx(var, rel=0.05)


def test_the_unbiased_correction_by_simulation() -> None:
    """Mean of the corrected estimate over 400,000 draws is f(mu) to second order."""
    rng = np.random.default_rng(9)
    mu, v = 0.5, 0.05
    draws = rng.normal(mu, np.sqrt(v), 400_000)
    plain = float(np.exp(draws).mean())
    corrected = float(
        transform(draws, v, np.exp, np.exp, np.exp, correction="unbiased").y.mean()
    )
    assert abs(corrected - np.exp(mu)) < 0.1 * abs(plain - np.exp(mu))


@given(st.floats(-2, 2), st.floats(1e-4, 0.5))
def test_there_and_back(y: float, v: float) -> None:
    there = transform(y, v, np.exp)
    back = transform(there.y, there.v, np.log)
    assert [float(x) for x in back] == pytest.approx([y, v], rel=1e-7, abs=1e-9)


def test_undefined_points_are_missing() -> None:
    out = transform([-1.0, 2.0, np.nan], 0.1, np.log)
    assert np.isnan(out.y).tolist() == [True, False, True]
    assert np.isnan(out.v).tolist() == [True, False, True]


def test_intervals_under_increasing_and_decreasing_functions() -> None:
    low, high = transform_interval([-1.0, 0.0], [0.5, 0.0], np.exp)
    assert low == pytest.approx(np.exp([-1.0, 0.0]))
    assert high == pytest.approx(np.exp([0.5, 0.0]))
    low, high = transform_interval(-1.0, 0.5, lambda x: np.exp(-x))
    assert [float(low), float(high)] == pytest.approx(np.exp([-0.5, 1.0]).tolist())


def test_refusals() -> None:
    with pytest.raises(InvalidEvidenceError, match=r"f must be monotone.*rows \[1\]"):
        transform_interval([1.0, -1.0], [2.0, 2.0], np.square)
    with pytest.raises(InvalidEvidenceError, match="low must be at most high"):
        transform_interval(2.0, 1.0, np.exp)
    with pytest.raises(InvalidEvidenceError, match=r"v must be at least 0.*\[1\]"):
        transform([0.1, 0.2], [0.1, -0.1], np.exp)
    with pytest.raises(InvalidEvidenceError, match="order must be 1 or 2"):
        transform(0.1, 0.1, np.exp, order=3)
    with pytest.raises(InvalidEvidenceError, match="f must be elementwise"):
        transform([0.1, 0.2], 0.1, lambda x: x.sum())
    with pytest.raises(InvalidEvidenceError, match="correction must be one of none"):
        transform(0.1, 0.1, np.exp, correction="jensen")  # type: ignore[arg-type]
