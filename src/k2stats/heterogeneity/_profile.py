r"""Sums that every iterative method needs, at any tau2, for a whole batch at once.

With :math:`W = (V + \tau^2 I)^{-1}` and P its projection,

.. math:: q = y^\top P y, \quad g = y^\top P P y, \quad g_3 = y^\top P P P y, \quad
    h = \operatorname{tr} P, \quad h_2 = \operatorname{tr} P P

(for maximum likelihood :math:`h = \operatorname{tr} W,\ h_2 = \operatorname{tr} W W`).
The derivatives by tau2 are :math:`q' = -g,\ g' = -2 g_3,\ h' = -h_2`, and that of
either log-likelihood is :math:`(g - h) / 2`.

One study can outweigh all others by many orders of magnitude. It comes first here,
effects are taken from it, and no sum is formed as a difference of two that it rules.
"""

from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np

from k2stats._typing import Floats, Ints
from k2stats.heterogeneity._studies import Studies
from k2stats.numerics.wls import project

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
    """

    y: Floats
    v: Floats
    k: Floats
    df: Floats
    smallest: Floats
    whole: bool

    @classmethod
    def of(cls, s: Studies) -> "MeanProfile":
        """Put the most precise study of each element first, and transpose."""
        width = s.y.shape[-1]
        y = s.y.reshape(-1, width).T.copy()
        v = s.v.reshape(-1, width).T.copy()
        every = np.arange(y.shape[1])
        best = np.argmin(v, axis=0)
        for x in (y, v):
            first = x[0].copy()
            x[0] = x[best, every]
            x[best, every] = first
        k = np.broadcast_to(s.k, s.y.shape[:-1]).reshape(-1)
        return cls(y, v, k, k - 1.0, v[0].copy(), s.mask is None)

    def extent(self) -> tuple[Floats, Floats]:
        """Return the largest variance and the unweighted sum of squares."""
        e = self.y - self.y.sum(axis=0) / self.k
        if self.whole:
            return self.v.max(axis=0), np.einsum("ij,ij->j", e, e)
        here = np.isfinite(self.v)
        e *= here
        return np.where(here, self.v, 0.0).max(axis=0), np.einsum("ij,ij->j", e, e)

    def closed(self) -> tuple[Floats, Floats, Floats, Floats]:
        """Return q, tr P, tr PP and tr W at a tau2 of zero."""
        w = 1.0 / self.v
        rest = w[1:].sum(axis=0)
        total = w[0] + rest
        e = self.y - np.einsum("ij,ij->j", w, self.y) / total
        q = np.einsum("ij,ij,ij->j", w, e, e)
        np.multiply(w, w, out=e)
        h, h2 = _restricted_traces(w[0], rest, total, e, w)
        return q, h, h2, total

    def _weights(self, t: Floats, pick: Ints) -> tuple[Floats, Floats]:
        if _is_all(pick, self.y.shape[1]):
            w, y = self.v + t, self.y
        else:
            # Not v[:, pick], which would come out transposed in memory.
            w, y = self.v.take(pick, axis=1), self.y.take(pick, axis=1)
            w += t
        np.divide(1.0, w, out=w)
        return w, y

    def quadratic(self, t: Floats, pick: Ints) -> tuple[Floats, Floats]:
        """Return q and g."""
        w, y = self._weights(t, pick)
        mean = np.einsum("ij,ij->j", w, y) / w.sum(axis=0)
        e = y - mean
        w *= e
        return np.einsum("ij,ij->j", w, e), np.einsum("ij,ij->j", w, w)

    def moments(self, t: Floats, pick: Ints, *, restricted: bool) -> Moments:
        """Return the halves of the derivative."""
        w, y = self._weights(t, pick)
        rest = w[1:].sum(axis=0)
        total = w[0] + rest
        mean = np.einsum("ij,ij->j", w, y) / total
        e = y - mean
        e *= w
        g = np.einsum("ij,ij->j", e, e)
        e -= e[0].copy()
        x = w * e
        g3 = np.einsum("ij,ij->j", x, e) - x.sum(axis=0) ** 2 / total
        np.multiply(w, w, out=e)
        if restricted:
            h, h2 = _restricted_traces(w[0], rest, total, e, w)
        else:
            h, h2 = total, e.sum(axis=0)
        return Moments(g, g3 / np.maximum(g, _TINY), h, h2 / h)

    def traces(self, t: Floats, pick: Ints) -> tuple[Floats, Floats, Floats, Floats]:
        """Return tr P, tr PP, tr W and tr WW."""
        w, _ = self._weights(t, pick)
        rest = w[1:].sum(axis=0)
        total, square = w[0] + rest, w * w
        h, h2 = _restricted_traces(w[0], rest, total, square, w)
        return h, h2, total, square.sum(axis=0)

    def log_likelihood(self, t: Floats, pick: Ints, *, restricted: bool) -> Floats:
        """Return the log-likelihood without its constant."""
        w, y = self._weights(t, pick)
        total = w.sum(axis=0)
        mean = np.einsum("ij,ij->j", w, y) / total
        q = np.einsum("ij,ij->j", w, (y - mean) ** 2)
        out = np.log(np.where(w > 0.0, w, 1.0)).sum(axis=0) - q
        if restricted:
            out -= np.log(total)
        return np.asarray(0.5 * out)


def _is_all(pick: Ints, size: int) -> bool:
    """Whether every element is picked once, in order: as many may be in another."""
    return pick.size == size and bool((pick == np.arange(size)).all())


def _restricted_traces(
    w0: Floats, rest: Floats, total: Floats, square: Floats, w: Floats
) -> tuple[Floats, Floats]:
    """Traces of P and PP from sums over all studies but the first, heaviest one."""
    s2 = square[1:].sum(axis=0)
    s3 = np.einsum("ij,ij->j", square[1:], w[1:])
    h = rest + (w0 * rest - s2) / total
    a = w0 / total
    h2 = (a * rest) ** 2 + s2 * (1.0 + 2.0 * a * a) - 2.0 * s3 / total
    return h, h2 + (s2 / total) ** 2


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
    return MeanProfile.of(s) if s.X is None else RegressionProfile.of(s)
