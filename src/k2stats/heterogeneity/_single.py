"""The same search for one data set, in plain floats.

A batch of one spends its time on the overhead of arrays with one element. Here the
bookkeeping is in floats and only sums over studies are array operations; formulas and
order of steps are those of `_profile`, `_certify` and `_maximise`, and tests hold
the two together.
"""

import math

import numpy as np

from k2stats._typing import Floats
from k2stats.heterogeneity._certify import FLAT, ROUNDS
from k2stats.heterogeneity._maximise import CLOSE, STEPS
from k2stats.heterogeneity._single_point import One, Point, dot
from k2stats.heterogeneity._solve_q import STEPS as Q_STEPS


class Single:
    """One data set with nothing but a mean, the most precise study first, at zero."""

    __slots__ = (
        "count",
        "k",
        "largest",
        "ones",
        "rest",
        "restricted",
        "smallest",
        "v",
        "y",
    )

    def __init__(self, y: Floats, v: Floats, *, restricted: bool = True) -> None:
        best = int(v.argmin())
        self.k = y.size
        self.y, self.v = y - y[best], v.copy()
        if best:
            self.y[0], self.y[best] = self.y[best], self.y[0]
            self.v[0], self.v[best] = self.v[best], self.v[0]
        self.ones = np.ones(y.size)
        self.rest = self.ones[1:]
        self.smallest, self.largest = float(self.v[0]), float(v.max())
        self.restricted = restricted
        self.count = self.k - 1 if restricted else self.k

    def spread(self) -> float:
        """Unweighted sum of squares about the mean."""
        e = self.y - dot(self.y, self.ones) / self.k
        return dot(e, e)

    def at(self, t: float) -> Point:
        """Moments of the likelihood at a tau2."""
        w = self.v + t
        np.divide(1.0, w, out=w)
        others, first = w[1:], float(w[0])
        rest = dot(others, self.rest)
        total = first + rest
        e = self.y - dot(w, self.y) / total
        e *= w
        g = dot(e, e)
        e -= e[0]
        x = w * e
        g3 = dot(x, e) - dot(x, self.ones) ** 2 / total
        if self.restricted:
            h, h2 = self._traces(others, first, rest, total)
        else:
            h, h2 = total, dot(w, w)
        return Point(t, g, g3 / g if g > 0.0 else 0.0, h, h2 / h)

    def closed(self) -> tuple[float, float, float, float]:
        """Return q, tr P, tr PP and tr W at a tau2 of zero."""
        w = 1.0 / self.v
        others, first = w[1:], float(w[0])
        rest = dot(others, self.rest)
        total = first + rest
        e = self.y - dot(w, self.y) / total
        q = dot(w * e, e)
        return q, *self._traces(others, first, rest, total), total

    @staticmethod
    def _traces(
        others: Floats, first: float, rest: float, total: float
    ) -> tuple[float, float]:
        """Traces of P and PP."""
        s2 = dot(others, others)
        s3 = dot(others * others, others)
        h = rest + (first * rest - s2) / total
        a = first / total
        h2 = (a * rest) ** 2 + s2 * (1.0 + 2.0 * a * a) - 2.0 * s3 / total
        return h, h2 + (s2 / total) ** 2

    def quadratic(self, t: float) -> tuple[float, float]:
        """Return q and g."""
        w = self.v + t
        np.divide(1.0, w, out=w)
        e = self.y - dot(w, self.y) / dot(w, self.ones)
        w *= e
        return dot(w, e), dot(w, w)

    def traces(self, t: float) -> tuple[float, float]:
        """Return h and h2 of the likelihood."""
        w = 1.0 / (self.v + t)
        if not self.restricted:
            return dot(w, self.ones), dot(w, w)
        others, first = w[1:], float(w[0])
        rest = dot(others, self.rest)
        return self._traces(others, first, rest, first + rest)

    def log_likelihood(self, t: float) -> float:
        """Return the log-likelihood without its constant."""
        w = 1.0 / (self.v + t)
        total = dot(w, self.ones)
        e = self.y - dot(w, self.y) / total
        out = dot(np.log(w), self.ones) - dot(w * e, e)
        return 0.5 * (out - math.log(total) if self.restricted else out)


def maximise_one(one: One) -> float:
    """Global maximum of the likelihood of tau2 from zero on; NaN if not found."""
    upper = _upper(one)
    if upper <= 0.0:
        return 0.0
    start = one.at(0.0)
    bend = min(max(one.largest - 2.0 * one.smallest, 0.0), upper)
    modes = []
    if start.g <= start.h:
        if bend <= 0.0 or _falls_for_ever(start, one.largest):
            return 0.0
        modes.append(0.0)
    at_bend = one.at(bend) if bend > 0.0 else start
    found = _cells(one, start, at_bend)
    if found is None:
        return math.nan
    if at_bend.g > at_bend.h and upper > bend:
        found.append((at_bend, one.at(upper)))
    modes += [_refine(one, a, b) for a, b in found]
    if len(modes) > 1:
        modes.sort(key=one.log_likelihood)
    return modes[-1]


def solve_q_one(one: One, target: float) -> float:
    """Value of tau2 at which q comes down to a target; NaN if not found."""
    q, g = one.quadratic(0.0)
    if q <= target:
        return 0.0
    t = max(
        q / target * (q - target) / g,
        one.spread() / target - one.largest,
    )
    for _ in range(Q_STEPS):
        q, g = one.quadratic(t)
        new = max(t + q / target * (q - target) / g, 0.0)
        if abs(new - t) <= CLOSE * (t + one.smallest):
            return new
        t = new
    return math.nan


def _upper(one: One) -> float:
    ratio = 0.5 * one.spread() / one.count
    x = ratio + math.sqrt(ratio * (ratio + 2.0 * (one.largest - one.smallest)))
    return x * (1.0 + 1e-12) - one.smallest


def _falls_for_ever(m: Point, largest: float) -> bool:
    rho = m.g / m.h
    if rho >= 1.0:
        return False
    return rho * m.s * (m.t + largest) < 2.0 + 2.0 * math.sqrt(1.0 - rho)


def _cells(one: One, a: Point, b: Point) -> list[tuple[Point, Point]] | None:
    found, todo = [], [(a, b)]
    cuts = 0
    while todo:
        a, b = todo.pop()
        length = b.t - a.t
        above, below = a.g > a.h, b.g <= b.h
        if (
            2.0 * b.r > a.s
            or 2.0 * a.r < b.s
            or length <= 0.0
            or 0.5 * length * max(a.g - b.h, a.h - b.g) < FLAT
        ):
            if above and below:
                found.append((a, b))
            continue
        if above and not below and _stays_above(a, b):
            continue
        if below and not above and _stays_below(a, b):
            continue
        cuts += 1
        if cuts > 50 * ROUNDS:
            return None
        middle = one.at(_cut(a, b, one.smallest))
        todo += [(a, middle), (middle, b)]
    return found


def _stays_above(a: Point, b: Point) -> bool:
    length = b.t - a.t
    fa, fb, ha, hb = a.g**-0.5, b.g**-0.5, 1.0 / a.h, 1.0 / b.h
    turn = fa * a.r - fb * b.r
    x = (fb * (1.0 - b.r * length) - fa) / turn if turn else 0.5 * length
    x = min(max(x, 0.0), length)
    top = max(fa * (1.0 + a.r * x), fb * (1.0 - b.r * (length - x)))
    return bool(ha + (hb - ha) * x / length > top * top)


def _stays_below(a: Point, b: Point) -> bool:
    length = b.t - a.t
    fa, ha, hb = a.g**-0.5, 1.0 / a.h, 1.0 / b.h
    slope = (b.g**-0.5 - fa) / length
    lift_a, lift_b = ha * a.s, hb * b.s
    base_b = hb - lift_b * length
    turn = lift_a - lift_b
    cross = (base_b - ha) / turn if turn else 0.5 * length
    cross = min(max(cross, 0.0), length)
    low = (lift_a - 2.0 * fa * slope) / (2.0 * slope * slope)
    high = (lift_b - 2.0 * fa * slope) / (2.0 * slope * slope)
    low, high = min(max(low, 0.0), cross), min(max(high, cross), length)
    at_low, at_high = fa + slope * low, fa + slope * high
    return bool(
        at_low * at_low > ha + lift_a * low
        and at_high * at_high > base_b + lift_b * high
    )


def _cut(a: Point, b: Point, offset: float) -> float:
    left, right = a.g / a.h, b.g / b.h
    share = 0.5
    if left > 1.0 > right:
        left, right = math.log(left), math.log(right)
        share = min(max(left / (left - right), 0.1), 0.9)
    ratio = (b.t + offset) / (a.t + offset)
    middle: float = (a.t + offset) * ratio**share - offset
    return middle if a.t < middle < b.t else 0.5 * (a.t + b.t)


def _refine(one: One, left: Point, right: Point) -> float:
    a, b, offset = left.t, right.t, one.smallest
    low, high = left.g / left.h, right.g / right.h
    near = left if low * high <= 1.0 else right
    slope = 2.0 * near.r - near.s
    t = near.t + (near.g / near.h - 1.0) / slope if slope else math.inf
    if not a < t < b:
        t = _cut(left, right, offset)
    for _ in range(STEPS):
        m = one.at(t)
        excess = m.g / m.h - 1.0
        if excess > 0.0:
            a = t
        else:
            b = t
        slope = 2.0 * m.r - m.s
        new = t + excess / slope if slope else math.inf
        if a <= new <= b:
            if abs(new - t) <= CLOSE * (t + offset):
                return new
        else:
            new = 0.5 * (a + b)
        if b - a <= 1e-15 * (b + offset):
            return new
        t = new
    return math.nan
