"""Intervals with rational ends, open or closed: the values a print allows."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

Number: TypeAlias = Fraction | float
"""An end: exact where it comes from a print, a float where it was computed."""


def _times(x: Number, y: Number) -> Number:
    """Product in which zero times infinity is zero, as interval ends need."""
    return Fraction(0) if x == 0 or y == 0 else x * y


@dataclass(frozen=True, slots=True)
class Interval:
    """The numbers between two ends.

    Comparison of a :class:`~fractions.Fraction` with a float is exact in
    Python, so rational and computed ends mix without rounding.

    Attributes
    ----------
    low, high : Fraction or float
        Ends; ``-inf`` and ``inf`` for half-lines.
    low_closed, high_closed : bool
        Whether each end belongs to the interval.

    Examples
    --------
    >>> a = Interval(Fraction("0.0435"), Fraction("0.0445"))
    >>> 0.0441 in a, 0.0445000001 in a
    (True, False)
    >>> print(a)
    [0.0435, 0.0445]
    """

    low: Number
    high: Number
    low_closed: bool = True
    high_closed: bool = True

    @classmethod
    def point(cls, value: Number) -> "Interval":
        """Return the interval that holds one value."""
        return cls(value, value)

    @classmethod
    def hull(cls, values: Iterable[float]) -> "Interval":
        """Smallest closed interval that holds every value; NaN are left out."""
        kept = [v for v in map(float, values) if not math.isnan(v)]
        if not kept:
            return cls(math.nan, math.nan)
        return cls(min(kept), max(kept))

    @property
    def is_empty(self) -> bool:
        """Whether no number lies in the interval (NaN ends included)."""
        if self.low == self.high:
            return not (self.low_closed and self.high_closed)
        return not self.low < self.high

    def __contains__(self, value: object) -> bool:
        if not isinstance(value, Fraction | float | int):
            return False
        above = value >= self.low if self.low_closed else value > self.low
        below = value <= self.high if self.high_closed else value < self.high
        return above and below

    def intersection(self, other: "Interval") -> "Interval":
        """Return the numbers in both."""
        if self.low == other.low:
            low, low_closed = self.low, self.low_closed and other.low_closed
        else:
            top = self if self.low > other.low else other
            low, low_closed = top.low, top.low_closed
        if self.high == other.high:
            high, high_closed = self.high, self.high_closed and other.high_closed
        else:
            bottom = self if self.high < other.high else other
            high, high_closed = bottom.high, bottom.high_closed
        return Interval(low, high, low_closed, high_closed)

    def intersects(self, other: "Interval") -> bool:
        """Whether some number lies in both."""
        return not self.intersection(other).is_empty

    def floats(self) -> tuple[float, float]:
        """Both ends as floats."""
        return float(self.low), float(self.high)

    def integers(self) -> range:
        """Return the whole numbers in a bounded interval.

        Examples
        --------
        >>> list(Interval(Fraction(5, 2), Fraction(4), high_closed=False).integers())
        [3]
        """
        first, last = math.ceil(self.low), math.floor(self.high)
        if first == self.low and not self.low_closed:
            first += 1
        if last == self.high and not self.high_closed:
            last -= 1
        return range(first, last + 1)

    def __neg__(self) -> "Interval":
        return Interval(-self.high, -self.low, self.high_closed, self.low_closed)

    def __add__(self, other: "Interval") -> "Interval":
        return Interval(
            self.low + other.low,
            self.high + other.high,
            self.low_closed and other.low_closed,
            self.high_closed and other.high_closed,
        )

    def __sub__(self, other: "Interval") -> "Interval":
        return self + (-other)

    def __mul__(self, other: "Interval") -> "Interval":
        ends = [
            # zero is a product wherever one factor can be zero, else both ends count
            (_times(x, y), (x_in and (y_in or x == 0)) or (y_in and y == 0))
            for x, x_in in ((self.low, self.low_closed), (self.high, self.high_closed))
            for y, y_in in (
                (other.low, other.low_closed),
                (other.high, other.high_closed),
            )
        ]
        low, high = min(v for v, _ in ends), max(v for v, _ in ends)
        return Interval(
            low,
            high,
            any(closed for v, closed in ends if v == low),
            any(closed for v, closed in ends if v == high),
        )

    def __truediv__(self, other: "Interval") -> "Interval":
        """Quotient; the whole line where the divisor holds zero inside."""
        if other.low < 0 < other.high or other.low == other.high == 0:
            return Interval(-math.inf, math.inf, False, False)
        low: Number = Fraction(1) / other.high if other.high != 0 else -math.inf
        high: Number = Fraction(1) / other.low if other.low != 0 else math.inf
        if other.high == math.inf:
            low = Fraction(0)
        if other.low == -math.inf:
            high = Fraction(0)
        return self * Interval(
            low,
            high,
            other.high_closed and other.high != 0,
            other.low_closed and other.low != 0,
        )

    def __str__(self) -> str:
        left = "[" if self.low_closed and self.low != -math.inf else "("
        right = "]" if self.high_closed and self.high != math.inf else ")"
        low, high = self.floats()
        return f"{left}{low:.6g}, {high:.6g}{right}"
