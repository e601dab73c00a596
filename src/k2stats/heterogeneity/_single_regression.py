"""One data set with moderators, and which arrangement one data set gets."""

import numpy as np

from k2stats._typing import Floats
from k2stats.heterogeneity._single_point import Point
from k2stats.heterogeneity._single_small import OneMean, one_mean
from k2stats.heterogeneity._studies import Studies


class SingleRegression:
    """One data set with moderators; effects are residuals, columns orthonormal."""

    __slots__ = ("X", "count", "k", "largest", "p", "restricted", "smallest", "v", "y")

    def __init__(
        self, y: Floats, v: Floats, X: Floats, *, restricted: bool = True
    ) -> None:
        self.y, self.v, self.X = y, v, X
        self.k, self.p = X.shape
        self.smallest, self.largest = float(v.min()), float(v.max())
        self.restricted = restricted
        self.count = self.k - self.p if restricted else self.k

    def spread(self) -> float:
        """Unweighted residual sum of squares."""
        return float(self.y.dot(self.y))

    def _factor(self, t: float) -> tuple[Floats, Floats, Floats, Floats]:
        """Weights, their roots, the orthonormal factor, residuals times the roots."""
        w = 1.0 / (self.v + t)
        root = np.sqrt(w)
        u, r = np.linalg.qr(root[:, np.newaxis] * self.X)
        return w, root, u, r

    @staticmethod
    def _reject(u: Floats, z: Floats) -> Floats:
        """Take what lies in the columns off, and what rounding left of it."""
        z = z - u.dot(z.dot(u))
        return np.asarray(z - u.dot(z.dot(u)))

    def at(self, t: float) -> Point:
        """Moments of the likelihood at a tau2."""
        w, root, u, _ = self._factor(t)
        x = root * self._reject(u, root * self.y)
        g, back = float(x.dot(x)), self._reject(u, root * x)
        g3 = float(back.dot(back))
        if self.restricted:
            squares = u * u
            free = 1.0 - 2.0 * squares.sum(axis=1)
            inner = (u.T * w).dot(u)
            # Shares of the studies first: w less a trace would cancel more.
            h = 0.5 * float(w.dot(1.0 + free))
            h2 = float((w * w).dot(free)) + float((inner * inner).sum())
        else:
            h, h2 = float(w.sum()), float(w.dot(w))
        return Point(t, g, g3 / g if g > 0.0 else 0.0, h, h2 / h)

    def quadratic(self, t: float) -> tuple[float, float]:
        """Return q and g."""
        _, root, u, _ = self._factor(t)
        z = self._reject(u, root * self.y)
        x = root * z
        return float(z.dot(z)), float(x.dot(x))

    def traces(self, t: float) -> tuple[float, float]:
        """Return h and h2 of the likelihood."""
        at = self.at(t)
        return at.h, at.h * at.s

    def log_likelihood(self, t: float) -> float:
        """Return the log-likelihood without its constant."""
        w, root, u, r = self._factor(t)
        z = self._reject(u, root * self.y)
        out = float(np.log(w).sum()) - float(z.dot(z))
        if self.restricted:
            out -= 2.0 * float(np.log(np.abs(np.diagonal(r))).sum())
        return 0.5 * out


def single(s: Studies, *, restricted: bool = True) -> OneMean | SingleRegression:
    """Arrange one data set, all of it present, for iteration."""
    if s.X is None:
        return one_mean(s.y, s.v, restricted=restricted)
    return SingleRegression(s.y, s.v, s.X, restricted=restricted)
