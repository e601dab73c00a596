"""Positions and ticks along an axis."""

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from k2stats.render import Axis

finite = st.floats(-1e9, 1e9)
positive = st.floats(1e-30, 1e30)


def test_log_positions_are_shares_of_the_logarithm() -> None:
    axis = Axis(1e-4, 1.0, "log")
    assert axis.share(0.01) == pytest.approx(0.5, abs=1e-12)
    assert (axis.share(0.0), axis.share(-3.0), axis.share(math.inf)) == (0.0, 0.0, 1.0)


@given(st.lists(finite, min_size=1, max_size=9))
def test_linear_axes_hold_what_they_are_made_around(values: list[float]) -> None:
    axis = Axis.around(values)
    assert axis.low < axis.high
    assert all(axis.holds(v) for v in values)


@given(st.lists(positive, min_size=1, max_size=9))
def test_log_axes_hold_what_they_are_made_around(values: list[float]) -> None:
    axis = Axis.around(values, scale="log")
    assert all(axis.low <= v * (1 + 1e-12) for v in values)
    assert all(v <= axis.high * (1 + 1e-12) for v in values)


@given(positive, positive, st.sampled_from(["linear", "log"]))
def test_there_are_two_to_seven_ticks_in_order(a: float, b: float, scale: str) -> None:
    assume(abs(a - b) > 1e-6 * max(a, b))
    axis = Axis.around([a, b], scale="log" if scale == "log" else "linear")
    ticks = axis.ticks()
    assert 2 <= len(ticks) <= 7
    assert ticks == sorted(set(ticks))
    assert all(axis.holds(t) for t in ticks)


def test_p_values_near_alpha_get_ticks_between() -> None:
    assert 0.05 in Axis(0.04, 0.11, "log").ticks()


def test_nothing_to_show_is_still_an_axis() -> None:
    assert Axis.around([], scale="log").ticks()
    assert Axis.around([math.nan, math.inf]) == Axis.around([])
