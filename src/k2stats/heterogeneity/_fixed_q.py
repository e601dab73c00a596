r"""Exact distribution of a sum of squares with fixed weights, whatever tau2 is.

.. math:: Q_a = y^\top A y, \qquad A = D - D X (X^\top D X)^{-1} X^\top D,\
    D = \operatorname{diag}(a)

is a weighted sum of chi-squared variables, the weights the eigenvalues of
:math:`\Sigma^{1/2} A \Sigma^{1/2}` with :math:`\Sigma = V + \tau^2 I`. They are not
needed: with :math:`f_k = 1 / (1 - 2 s a_k \sigma_k)` and U the orthonormal factor of
:math:`D^{1/2} X` the cumulant generating function is

.. math:: \kappa(s) = \tfrac12 \sum_k \log f_k
    - \tfrac12 \log \bigl|U^\top \operatorname{diag}(f) U\bigr| ,

in K steps. Every eigenvalue of that small matrix lies in the half-plane of s, so the
sum of their principal logarithms is continuous along any path off the real axis.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from k2stats._typing import Bools, Floats, Ints
from k2stats.heterogeneity._studies import Studies
from k2stats.numerics.quadratic_forms import log_tail
from k2stats.numerics.roots import bracketed_root
from k2stats.numerics.wls import Projection, project


@dataclass(frozen=True, slots=True, eq=False)
class FixedQ:
    """Q with given weights, observed and as a random variable; a flat batch."""

    projection: Projection
    a: Floats
    v: Floats
    q: Floats
    smallest: Floats
    df: Floats
    p: int

    @classmethod
    def of(cls, s: Studies, weights: Floats) -> "FixedQ":
        """Form Q of every element of the batch."""
        k = s.y.shape[-1]
        a = np.broadcast_to(weights, s.y.shape).reshape(-1, k)
        X = s.X
        if X is not None and X.ndim > 2:
            X = np.broadcast_to(X, (*s.y.shape, s.p)).reshape(-1, k, s.p)
        # Weights near one keep the arithmetic in range.
        a = a / a.max(axis=-1, keepdims=True)
        p = project(a, X)
        return cls(
            projection=p,
            a=a,
            v=s.finite_v.reshape(-1, k),
            q=p.rss(s.y.reshape(-1, k)),
            smallest=s.v.reshape(-1, k).min(axis=-1),
            df=np.broadcast_to(s.df, s.y.shape[:-1]).reshape(-1),
            p=s.p,
        )

    def log_p(self, t: Floats, pick: Ints, *, lower: bool = False) -> Floats:
        """Logarithm of the probability of more than is observed, or of less."""
        a, q = self.a[pick], self.q[pick]
        u = None if self.projection.u is None else self.projection.u[pick]
        d = a * (self.v[pick] + t[:, np.newaxis])
        share = a / a.sum(axis=-1, keepdims=True)

        def cumulants(s: NDArray[np.complex128]) -> NDArray[np.complex128]:
            f = 1.0 / (1.0 - 2.0 * d[:, np.newaxis] * s[:, :, np.newaxis])
            if u is None:
                last = np.log(np.einsum("ij,ikj->ik", share, f))
            else:
                inner = np.einsum("ija,ikj,ijb->ikab", u, f, u)
                last = np.log(np.linalg.eigvals(inner)).sum(axis=-1)
            return np.asarray(0.5 * np.log(f).sum(axis=-1) - 0.5 * last)

        p = Projection(a, u, None)
        sigma = self.v[pick] + t[:, np.newaxis]
        mean, variance = p.trace(sigma), 2.0 * p.trace_pair(sigma, sigma)
        edge = 0.5 / d.max(axis=-1)
        # The saddlepoint of the gamma variable with these two moments is near enough.
        saddle = np.minimum((1.0 - mean / q) * mean / variance, 0.8 * edge)
        curvature = variance / (1.0 - saddle * variance / mean) ** 2
        return np.asarray(log_tail(q, cumulants, saddle, curvature, edge, lower=lower))

    def solve(self, p: float) -> tuple[Floats, Bools, Bools]:
        """Value of tau2 at which more than is observed has probability `p`.

        Returns
        -------
        tau2 : ndarray
            Zero where the probability is at least `p` at zero already.
        below : ndarray of bool
            True there.
        converged : ndarray of bool
        """
        size = self.q.size
        out, ok = np.full(size, np.nan), np.zeros(size, dtype=bool)
        every = np.flatnonzero((self.df > 0) & (self.q > 0.0))
        out[(self.df > 0) & ~(self.q > 0.0)] = 0.0
        goal = np.log(p)
        at_zero = self.log_p(np.zeros(every.size), every)
        below = np.ones(size, dtype=bool)
        below[every] = at_zero >= goal
        ok[below & (self.df > 0)] = True
        out[below & (self.df > 0)] = 0.0
        every = every[at_zero < goal]
        if every.size == 0:
            return out, below, ok
        shift = self.smallest[every]
        high, open_ = shift.copy(), np.ones(every.size, dtype=bool)
        for _ in range(500):
            high = np.where(open_, 4.0 * high, high)
            open_ = self.log_p(high, every) < goal
            if not open_.any():
                break

        def excess(u: Floats) -> Floats:
            return np.asarray(self.log_p(np.exp(u) - shift, every) - goal)

        root, done = bracketed_root(excess, np.log(shift), np.log(high + shift))
        out[every], ok[every] = np.exp(root) - shift, done
        return out, below, ok
