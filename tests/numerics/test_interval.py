"""Intervals: exact ends, sound arithmetic."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k2stats.numerics.interval import Interval

RATIONALS = st.fractions(-50, 50, max_denominator=20)


@st.composite
def intervals_with_a_member(draw: st.DrawFn) -> tuple[Interval, Fraction]:
    """Interval with rational ends and a number in it, often an end."""
    low, high = sorted([draw(RATIONALS), draw(RATIONALS)])
    member = draw(
        st.sampled_from([low, high, (low + high) / 2, low + (high - low) / 7])
    )
    low_closed = True if member == low else draw(st.booleans())
    high_closed = True if member == high else draw(st.booleans())
    return Interval(low, high, low_closed, high_closed), member


PAIRS = st.tuples(intervals_with_a_member(), intervals_with_a_member())


@given(PAIRS)
def test_arithmetic_holds_what_its_members_give(
    pair: tuple[tuple[Interval, Fraction], tuple[Interval, Fraction]],
) -> None:
    (a, x), (b, y) = pair
    assert x in a
    assert y in b
    assert -x in -a
    assert x + y in a + b
    assert x - y in a - b
    assert x * y in a * b
    if y != 0:
        assert x / y in a / b


@given(PAIRS)
def test_closed_ends_of_a_product_are_products(
    pair: tuple[tuple[Interval, Fraction], tuple[Interval, Fraction]],
) -> None:
    (a, _), (b, _) = pair
    product = a * b
    # members as near to the ends as one likes, ends where they are closed
    sample_a, sample_b = (
        [
            *([i.low] if i.low_closed else []),
            *([i.high] if i.high_closed else []),
            *(m for m in [(i.low + i.high) / 2] if m in i),
            *(z for z in [Fraction(0)] if z in i),
        ]
        for i in (a, b)
    )
    reached = {p * q for p in sample_a for q in sample_b}
    if product.low_closed:
        assert product.low in reached
    if product.high_closed:
        assert product.high in reached


@given(intervals_with_a_member(), intervals_with_a_member())
def test_intersection(
    first: tuple[Interval, Fraction], second: tuple[Interval, Fraction]
) -> None:
    (a, x), (b, y) = first, second
    both = a.intersection(b)
    for number in (x, y, (x + y) / 2):
        assert (number in both) is (number in a and number in b)
    assert a.intersects(b) is (not both.is_empty)
    assert both == b.intersection(a)
    if x in b:
        assert a.intersects(b)


@given(intervals_with_a_member())
def test_integers_are_those_inside(pair: tuple[Interval, Fraction]) -> None:
    interval, _ = pair
    assert list(interval.integers()) == [k for k in range(-60, 61) if k in interval]


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_hull_is_the_smallest(values: list[float]) -> None:
    hull = Interval.hull([*values, math.nan])
    assert all(v in hull for v in values)
    assert hull.low == min(values)
    assert hull.high == max(values)


def test_hull_of_nothing_is_empty() -> None:
    assert Interval.hull([]).is_empty
    assert Interval.hull([math.nan]).is_empty
    assert 0.5 not in Interval.hull([math.nan])


def test_membership_is_exact() -> None:
    tenth = Interval(Fraction(1, 10), Fraction(2, 10), low_closed=False)
    # the double nearest to 0.1 is above it, that nearest to 0.2 too
    assert 0.1 in tenth
    assert 0.2 not in tenth
    assert Fraction(1, 10) not in tenth
    assert Fraction(2, 10) in tenth
    assert "0.15" not in tenth
    assert 1 in Interval(Fraction(1), Fraction(2))


def test_emptiness() -> None:
    assert not Interval.point(Fraction(1)).is_empty
    assert Interval(1.0, 1.0, low_closed=False).is_empty
    assert Interval(2.0, 1.0).is_empty
    assert Interval(math.nan, 1.0).is_empty
    assert not Interval(-math.inf, math.inf, False, False).is_empty


def test_touching_intervals_meet_only_where_both_are_closed() -> None:
    left = Interval(Fraction(0), Fraction(1))
    right = Interval(Fraction(1), Fraction(2))
    assert left.intersects(right)
    assert not left.intersects(Interval(Fraction(1), Fraction(2), low_closed=False))


def test_division_by_what_may_be_zero() -> None:
    one_to_two = Interval(Fraction(1), Fraction(2))
    line = one_to_two / Interval(Fraction(-1), Fraction(1))
    assert (line.low, line.high) == (-math.inf, math.inf)
    half_line = one_to_two / Interval(Fraction(0), Fraction(4))
    assert (half_line.low, half_line.high) == (Fraction(1, 4), math.inf)
    assert half_line.low_closed
    assert not half_line.high_closed
    below = one_to_two / Interval(Fraction(-4), Fraction(0))
    assert (below.low, below.high) == (-math.inf, Fraction(-1, 4))
    nothing = one_to_two / Interval.point(Fraction(0))
    assert (nothing.low, nothing.high) == (-math.inf, math.inf)


def test_division_by_a_half_line() -> None:
    quotient = Interval(Fraction(1), Fraction(2)) / Interval(
        Fraction(4), math.inf, True, False
    )
    assert (quotient.low, quotient.high) == (0, Fraction(1, 2))
    assert not quotient.low_closed
    assert quotient.high_closed


def test_zero_times_a_half_line_is_zero() -> None:
    product = Interval.point(Fraction(0)) * Interval(Fraction(1), math.inf, True, False)
    assert product == Interval.point(Fraction(0))


@pytest.mark.parametrize(
    ("interval", "text"),
    [
        (Interval(Fraction("0.0435"), Fraction("0.0445")), "[0.0435, 0.0445]"),
        (Interval(0.5, 1.0, False, False), "(0.5, 1)"),
        (Interval(-math.inf, 2.0), "(-inf, 2]"),
        (Interval(2.0, math.inf), "[2, inf)"),
    ],
)
def test_print(interval: Interval, text: str) -> None:
    assert str(interval) == text
