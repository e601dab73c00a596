r"""One data set of few studies, all its sums by one product of small matrices.

With so few studies a search spends its time on calls. All moments follow from the sums
of :math:`w^r y^m`, r up to 3 and m up to 2, over all studies but the most precise one,
which has effect 0. Sums of raw powers lose no digits that matter then: with the largest
weight :math:`w_0` at effect 0,

.. math:: \sum w^2 y^2 \le 2 \sum w^2 (y - \mu)^2 + 2 \mu^2 \sum w^2
    \le 2 K \, y^\top P P y .
"""

import math
from typing import TypeAlias

import numpy as np

from k2stats._typing import Floats
from k2stats.heterogeneity._single import Single
from k2stats.heterogeneity._single_point import Point

FEW = 40
"""Most studies for which this is quicker, and loses no more than a digit or two."""


class Small:
    """As :class:`k2stats.heterogeneity._single.Single`; studies in any order."""

    __slots__ = (
        *("apart", "columns", "count", "k", "largest"),
        *("powers", "restricted", "smallest"),
    )

    def __init__(self, y: Floats, v: Floats, *, restricted: bool = True) -> None:
        best = int(v.argmin())
        self.k = y.size
        self.smallest, self.largest = float(v[best]), float(v.max())
        self.restricted = restricted
        self.count = self.k - 1 if restricted else self.k
        self.apart = v.copy()
        self.apart[best] = np.inf
        # The effect of the most precise study is 0, and so are its weights here.
        self.columns = np.empty((self.k, 3))
        self.columns[:, 0] = 1.0
        self.columns[:, 1] = y
        np.multiply(y, y, out=self.columns[:, 2])
        self.powers = np.empty((3, self.k))

    def _sums(self, t: float) -> list[list[float]]:
        """Sums of w^r y^m over the others, r the row from 1, m the column from 0."""
        w = self.powers
        np.add(self.apart, t, out=w[0])
        np.divide(1.0, w[0], out=w[0])
        np.multiply(w[0], w[0], out=w[1])
        np.multiply(w[1], w[0], out=w[2])
        sums: list[list[float]] = w.dot(self.columns).tolist()
        return sums

    def spread(self) -> float:
        """Unweighted sum of squares about the mean."""
        total, square = self.columns[:, 1:].sum(axis=0).tolist()
        return float(square - total * total / self.k)

    def at(self, t: float) -> Point:
        """Moments of the likelihood at a tau2."""
        (s1, y1, _), (s2, y2, yy2), (s3, y3, yy3) = self._sums(t)
        first = 1.0 / (self.smallest + t)
        total = first + s1
        mean = y1 / total
        own = first * mean
        # Of e = w (y - mean) less that of the most precise study, which is -own.
        second = yy2 - mean * (2.0 * y2 - mean * s2)
        cross = y2 - mean * s2
        g = second + own * own
        x = cross + own * s1
        third = yy3 - mean * (2.0 * y3 - mean * s3)
        g3 = third + own * (2.0 * cross + own * s1) - x * x / total
        if self.restricted:
            h, h2 = _traces(first, s1, s2, s3)
        else:
            h, h2 = total, s2 + first * first
        return Point(t, g, g3 / g if g > 0.0 else 0.0, h, h2 / h)

    def quadratic(self, t: float) -> tuple[float, float]:
        """Return q and g."""
        (s1, y1, yy1), (s2, y2, yy2), _ = self._sums(t)
        first = 1.0 / (self.smallest + t)
        mean = y1 / (first + s1)
        own = first * mean
        q = yy1 - mean * (2.0 * y1 - mean * s1) + own * mean
        return q, yy2 - mean * (2.0 * y2 - mean * s2) + own * own

    def closed(self) -> tuple[float, float, float, float]:
        """Return q, tr P, tr PP and tr W at a tau2 of zero."""
        (s1, y1, yy1), (s2, _, _), (s3, _, _) = self._sums(0.0)
        first = 1.0 / self.smallest
        total = first + s1
        mean = y1 / total
        q = yy1 - mean * (2.0 * y1 - mean * s1) + first * mean * mean
        return q, *_traces(first, s1, s2, s3), total

    def log_likelihood(self, t: float) -> float:
        """Return the log-likelihood without its constant."""
        (s1, y1, yy1), _, _ = self._sums(t)
        first = 1.0 / (self.smallest + t)
        total = first + s1
        mean = y1 / total
        q = yy1 - mean * (2.0 * y1 - mean * s1) + first * mean * mean
        w = self.powers[0]
        w[w == 0.0] = first
        out = float(np.log(w).sum()) - q
        return 0.5 * (out - math.log(total) if self.restricted else out)

    def traces(self, t: float) -> tuple[float, float]:
        """Return h and h2 of the likelihood."""
        (s1, _, _), (s2, _, _), (s3, _, _) = self._sums(t)
        first = 1.0 / (self.smallest + t)
        if self.restricted:
            return _traces(first, s1, s2, s3)
        return first + s1, s2 + first * first


def _traces(first: float, rest: float, s2: float, s3: float) -> tuple[float, float]:
    """Traces of P and PP."""
    part = 1.0 / (first + rest)
    a, b = first * part, s2 * part
    h = rest + (a * rest - b)
    return h, (a * rest) ** 2 + s2 * (1.0 + 2.0 * a * a) - 2.0 * s3 * part + b * b


OneMean: TypeAlias = Single | Small


def one_mean(y: Floats, v: Floats, *, restricted: bool = True) -> OneMean:
    """Arrange one data set with nothing but a mean, as its size asks for."""
    made = Small if y.size <= FEW else Single
    return made(y, v, restricted=restricted)
