"""Weighted sums over all studies of a set but one, for each of them at once."""

from typing import NamedTuple

import numpy as np

from k2stats._typing import Floats
from k2stats.heterogeneity._profile import Moments


class Sums(NamedTuple):
    """Sums over all studies but one of w^r c^m, c a centred effect; each (..., K)."""

    w: Floats
    wc: Floats
    wcc: Floats
    w2: Floats
    w2c: Floats
    w2cc: Floats
    w3: Floats
    w3c: Floats
    w3cc: Floats

    @property
    def mean(self) -> Floats:
        """Weighted mean, of the centred effects."""
        return np.asarray(self.wc / self.w)

    @property
    def rss(self) -> Floats:
        """Weighted sum of squares about the mean, y'Py."""
        return np.asarray(np.maximum(self.wcc - self.wc**2 / self.w, 0.0))

    @property
    def trace(self) -> Floats:
        """Trace of P."""
        return np.asarray(self.w - self.w2 / self.w)

    @property
    def trace_pair(self) -> Floats:
        """Trace of P P."""
        return np.asarray(self.w2 - 2.0 * self.w3 / self.w + (self.w2 / self.w) ** 2)

    @property
    def second(self) -> Floats:
        """Sum of squares of P y."""
        m = self.mean
        return np.asarray(self.w2cc - 2.0 * m * self.w2c + m * m * self.w2)

    def moments(self, *, restricted: bool) -> Moments:
        """Halves of the derivative of a log-likelihood of tau2."""
        m, g = self.mean, self.second
        third = self.w3cc - 2.0 * m * self.w3c + m * m * self.w3
        third = third - (self.w2c - m * self.w2) ** 2 / self.w
        if restricted:
            return Moments(g, third / g, self.trace, self.trace_pair / self.trace)
        return Moments(g, third / g, self.w, self.w2 / self.w)


def sums_at(c: Floats, v: Floats, tau2: float) -> Sums:
    """Sums at one tau2, of all studies but each in turn."""
    w = 1.0 / (v + tau2)
    own = own_terms(w, c)
    return Sums(*(own.sum(axis=1, keepdims=True) - own))


def own_terms(w: Floats, c: Floats) -> Floats:
    """Terms of the nine sums, shape (9, K)."""
    wc = w * c
    one = np.stack([w, wc, wc * c])
    return np.concatenate([one, one * w, one * w * w])
