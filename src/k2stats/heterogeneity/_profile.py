r"""Sums that every iterative method needs, at any tau2, for a whole batch at once.

With :math:`W = (V + \tau^2 I)^{-1}` and P its projection,

.. math:: q = y^\top P y, \quad g = y^\top P P y, \quad g_3 = y^\top P P P y, \quad
    h = \operatorname{tr} P, \quad h_2 = \operatorname{tr} P P

(for maximum likelihood :math:`h = \operatorname{tr} W,\ h_2 = \operatorname{tr} W W`).
The derivatives by tau2 are :math:`q' = -g,\ g' = -2 g_3,\ h' = -h_2`, and that of
either log-likelihood is :math:`(g - h) / 2`.

One study can outweigh all others by many orders of magnitude. It is kept apart here,
effects are taken from it, and no sum is formed as a difference of two that it rules.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

from k2stats._typing import Bools, Floats, Ints
from k2stats.heterogeneity._fast import by_rows
from k2stats.heterogeneity._studies import Studies
from k2stats.numerics.wls import project

if TYPE_CHECKING:
    from k2stats.heterogeneity._fast_profile import RowProfile

_TINY = 1e-300
"""Stands for g = 0, where all effects are equal: then g3 is 0 and r is to be 0."""


class Moments(NamedTuple):
    """Value and half-life of both halves of the derivative of a log-likelihood.

    Attributes
    ----------
    g, r : ndarray
        :math:`g` and :math:`r = g_3 / g`.
    h, s : ndarray
        :math:`h` and :math:`s = h_2 / h`.
    """

    g: Floats
    r: Floats
    h: Floats
    s: Floats

    def take(self, which: Ints) -> "Moments":
        """Return the moments of some elements."""
        return Moments(
            self.g.take(which),
            self.r.take(which),
            self.h.take(which),
            self.s.take(which),
        )


class Profile(Protocol):
    """A flat batch whose sums can be had at any tau2 for any of its elements."""

    k: Floats
    df: Floats
    smallest: Floats

    def extent(self) -> tuple[Floats, Floats]:
        """Return the largest variance and the unweighted sum of squares."""
        ...

    def quadratic(self, t: Floats, pick: Ints) -> tuple[Floats, Floats]:
        """Return q and g."""
        ...

    def moments(self, t: Floats, pick: Ints, *, restricted: bool) -> Moments:
        """Return the halves of the derivative."""
        ...

    def traces(self, t: Floats, pick: Ints) -> tuple[Floats, Floats, Floats, Floats]:
        r"""Return tr P, tr PP, tr W and tr WW."""
        ...

    def log_likelihood(self, t: Floats, pick: Ints, *, restricted: bool) -> Floats:
        """Return the log-likelihood without its constant."""
        ...


@dataclass(slots=True)
class MeanProfile:
    """Batches with nothing but a mean: studies are the first axis, batch the last.

    Reductions then run over contiguous rows, several times faster than along them.
    The most precise study has effect 0, and an infinite variance in `v`: its weight is
    kept apart, and what is summed over studies is summed over the others.
    """

    y: Floats
    v: Floats
    k: Floats
    df: Floats
    smallest: Floats
    here: Bools | None

    @classmethod
    def of(cls, s: Studies) -> "MeanProfile":
        """Take the most precise study of each element apart, and transpose."""
        width = s.y.shape[-1]
        y = np.ascontiguousarray(s.y.reshape(-1, width).T)
        v = s.v.reshape(-1, width).T.copy()
        every = np.arange(y.shape[1])
        best = v.argmin(axis=0) if s.best is None else s.best.reshape(-1)
        here = None if s.mask is None else np.isfinite(v)
        smallest = v[best, every]
        v[best, every] = np.inf
        k = np.broadcast_to(s.k, s.y.shape[:-1]).reshape(-1)
        return cls(y, v, k, k - 1.0, smallest, here)

    def extent(self) -> tuple[Floats, Floats]:
        """Return the largest variance and the unweighted sum of squares."""
        e = self.y - self.y.sum(axis=0) / self.k
        if self.here is not None:
            e *= self.here
        largest = np.where(self.v < np.inf, self.v, 0.0).max(axis=0)
        largest = np.maximum(largest, self.smallest)
        return largest, np.einsum("ij,ij->j", e, e)

    def closed(self) -> tuple[Floats, Floats, Floats, Floats]:
        """Return q, tr P, tr PP and tr W at a tau2 of zero."""
        w, first, y = 1.0 / self.v, 1.0 / self.smallest, self.y
        rest = w.sum(axis=0)
        total = first + rest
        mean = np.einsum("ij,ij->j", w, y) / total
        e = y - mean
        q = np.einsum("ij,ij,ij->j", w, e, e) + first * mean * mean
        h, h2, _ = _restricted_traces(first, rest, total, w)
        return q, h, h2, total

    def _weights(self, t: Floats, pick: Ints) -> tuple[Floats, Floats, Floats]:
        """Weights of the others and of the most precise study, and the effects."""
        if _is_all(pick, self.y.shape[1]):
            w, y, first = self.v + t, self.y, self.smallest + t
        else:
            # Not v[:, pick], which would come out transposed in memory.
            w, y = self.v.take(pick, axis=1), self.y.take(pick, axis=1)
            first = self.smallest.take(pick) + t
            w += t
        return np.divide(1.0, w, out=w), np.divide(1.0, first, out=first), y

    def quadratic(self, t: Floats, pick: Ints) -> tuple[Floats, Floats]:
        """Return q and g."""
        w, first, y = self._weights(t, pick)
        mean = np.einsum("ij,ij->j", w, y) / (first + w.sum(axis=0))
        e = y - mean
        w *= e
        own = first * mean
        return (
            np.einsum("ij,ij->j", w, e) + own * mean,
            np.einsum("ij,ij->j", w, w) + own * own,
        )

    def moments(self, t: Floats, pick: Ints, *, restricted: bool) -> Moments:
        """Return the halves of the derivative."""
        w, first, y = self._weights(t, pick)
        rest = w.sum(axis=0)
        total = first + rest
        mean = np.einsum("ij,ij->j", w, y) / total
        e = y - mean
        e *= w
        own = first * mean
        g = np.einsum("ij,ij->j", e, e) + own * own
        e += own
        x = np.einsum("ij,ij->j", w, e)
        g3 = np.einsum("ij,ij,ij->j", w, e, e) - x * x / total
        if restricted:
            h, h2, _ = _restricted_traces(first, rest, total, w)
        else:
            h, h2 = total, np.einsum("ij,ij->j", w, w) + first * first
        return Moments(g, g3 / np.maximum(g, _TINY), h, h2 / h)

    def traces(self, t: Floats, pick: Ints) -> tuple[Floats, Floats, Floats, Floats]:
        """Return tr P, tr PP, tr W and tr WW."""
        w, first, _ = self._weights(t, pick)
        rest = w.sum(axis=0)
        total = first + rest
        h, h2, square = _restricted_traces(first, rest, total, w)
        return h, h2, total, square + first * first

    def log_likelihood(self, t: Floats, pick: Ints, *, restricted: bool) -> Floats:
        """Return the log-likelihood without its constant."""
        w, first, y = self._weights(t, pick)
        total = first + w.sum(axis=0)
        mean = np.einsum("ij,ij->j", w, y) / total
        q = np.einsum("ij,ij->j", w, (y - mean) ** 2) + first * mean * mean
        out = np.log(np.where(w > 0.0, w, 1.0)).sum(axis=0) + np.log(first) - q
        if restricted:
            out -= np.log(total)
        return np.asarray(0.5 * out)


def _is_all(pick: Ints, size: int) -> bool:
    """Whether every element is picked once, in order: as many may be in another."""
    return pick.size == size and bool((pick == np.arange(size)).all())


def _restricted_traces(
    first: Floats, rest: Floats, total: Floats, w: Floats
) -> tuple[Floats, Floats, Floats]:
    """Traces of P and PP, and the squared weights of all studies but the heaviest."""
    s2 = np.einsum("ij,ij->j", w, w)
    s3 = np.einsum("ij,ij,ij->j", w, w, w)
    h = rest + (first * rest - s2) / total
    a = first / total
    h2 = (a * rest) ** 2 + s2 * (1.0 + 2.0 * a * a) - 2.0 * s3 / total
    return h, h2 + (s2 / total) ** 2, s2


@dataclass(slots=True)
class RegressionProfile:
    """Batches with moderators: batch first, studies, then columns."""

    y: Floats
    v: Floats
    X: Floats
    k: Floats
    df: Floats
    smallest: Floats

    @classmethod
    def of(cls, s: Studies) -> "RegressionProfile":
        """Flatten the batch."""
        assert s.X is not None
        width = s.y.shape[-1]
        y, v = s.y.reshape(-1, width), s.v.reshape(-1, width)
        X = s.X
        if X.ndim > 2:
            X = np.broadcast_to(X, (*s.y.shape, s.p)).reshape(-1, width, s.p)
        k = np.broadcast_to(s.k, s.y.shape[:-1]).reshape(-1)
        return cls(y, v, X, k, k - s.p, v.min(axis=-1))

    def extent(self) -> tuple[Floats, Floats]:
        """Return the largest variance and the unweighted sum of squares."""
        largest = np.where(np.isfinite(self.v), self.v, 0.0).max(axis=-1)
        # The effects are least-squares residuals already.
        return np.asarray(largest), np.asarray((self.y**2).sum(axis=-1))

    def _at(self, t: Floats, pick: Ints) -> tuple[Floats, Floats, Floats]:
        if _is_all(pick, self.y.shape[0]):
            return 1.0 / (self.v + t[:, np.newaxis]), self.y, self.X
        w = 1.0 / (self.v[pick] + t[:, np.newaxis])
        return w, self.y[pick], self.X if self.X.ndim == 2 else self.X[pick]

    def quadratic(self, t: Floats, pick: Ints) -> tuple[Floats, Floats]:
        """Return q and g."""
        w, y, X = self._at(t, pick)
        e = project(w, X).residual(y)
        return (w * e * e).sum(axis=-1), ((w * e) ** 2).sum(axis=-1)

    def moments(self, t: Floats, pick: Ints, *, restricted: bool) -> Moments:
        """Return the halves of the derivative."""
        w, y, X = self._at(t, pick)
        root = np.sqrt(w)
        u, _ = np.linalg.qr(root[..., np.newaxis] * X)
        turned = np.swapaxes(u, -1, -2)
        x = root * _reject(u, turned, root * y)
        g = np.asarray((x * x).sum(axis=-1))
        g3 = np.asarray((_reject(u, turned, root * x) ** 2).sum(axis=-1))
        if restricted:
            leverage = (u * u).sum(axis=-1)
            inner = (turned * w[..., np.newaxis, :]) @ u
            h = np.asarray((w * (1.0 - leverage)).sum(axis=-1))
            square = (w * w * (1.0 - 2.0 * leverage)).sum(axis=-1)
            h2 = np.asarray(square + (inner * inner).sum(axis=(-2, -1)))
        else:
            h, h2 = np.asarray(w.sum(axis=-1)), np.asarray((w * w).sum(axis=-1))
        return Moments(g, g3 / np.maximum(g, _TINY), h, h2 / h)

    def traces(self, t: Floats, pick: Ints) -> tuple[Floats, Floats, Floats, Floats]:
        """Return tr P, tr PP, tr W and tr WW."""
        w, _, X = self._at(t, pick)
        p = project(w, X)
        return (
            p.trace(),
            p.trace_pair(),
            np.asarray(w.sum(axis=-1)),
            np.asarray((w * w).sum(axis=-1)),
        )

    def log_likelihood(self, t: Floats, pick: Ints, *, restricted: bool) -> Floats:
        """Return the log-likelihood without its constant."""
        w, y, X = self._at(t, pick)
        p = project(w, X)
        out = np.log(np.where(w > 0.0, w, 1.0)).sum(axis=-1) - p.rss(y)
        if restricted:
            out = out - p.log_det()
        return np.asarray(0.5 * out)


def _reject(u: Floats, turned: Floats, z: Floats) -> Floats:
    """Take what lies in the columns of u off z, and what rounding left of it."""
    for _ in range(2):
        z = z - (u @ (turned @ z[..., np.newaxis]))[..., 0]
    return z


def profile_of(s: Studies) -> Profile:
    """Arrange studies for iteration."""
    return means_of(s) if s.X is None else RegressionProfile.of(s)


def means_of(s: Studies) -> "MeanProfile | RowProfile":
    """Arrange studies that have nothing but a mean."""
    if s.y.ndim > 1 and by_rows():
        from k2stats.heterogeneity._fast_profile import RowProfile  # imports numba

        return RowProfile.of(s)
    return MeanProfile.of(s)
