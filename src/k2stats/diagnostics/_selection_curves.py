r"""Weights that vary smoothly with p: A by Gauss-Legendre quadrature in z = y / s.

In z each study has a normal density with a standard deviation of one or more, so that
panels near the mean of each study and over the range in which p changes resolve the
integrand. Weights such as :math:`p^{\delta_1 - 1}` grow or fall like the exponential
of a multiple of :math:`z^2`, which moves the integrand's mode: panels are put around
the moved mode too, and the integral is infinite where the growth wins.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np
from scipy import special

from k2stats._typing import Alternative, Floats
from k2stats.diagnostics._selection_likelihood import Published

NODES, NODE_WEIGHTS = np.polynomial.legendre.leggauss(8)
_CORE = np.linspace(-9.0, 9.0, 13)
_AROUND = np.linspace(-9.0, 9.0, 13)
_NEAR_ZERO = np.logspace(-7.0, -0.5, 14)
_OUT = 9.0 * 2.0 ** np.arange(1.0, 14.0)
"""Panels that widen, for tails that fall no faster than an exponential."""
_FLAT = 1e-6
"""Precision below which a tail has no mode of its own within reach."""
_HALF_LOG_2PI = 0.5 * np.log(2.0 * np.pi)


class Growth(NamedTuple):
    r"""How a weight behaves far out: like :math:`e^{g z^2 / 2}` times less.

    Attributes
    ----------
    significant, other : ndarray, shape (...)
        g as p tends to 0, and as it tends to 1.
    """

    significant: Floats
    other: Floats


Curve: TypeAlias = Callable[[Floats, Floats, Floats], tuple[Floats, Floats]]
"""From log p and log(1 - p), shape (..., n), and delta, shape (..., m), to the log
weight, shape (..., n), and its gradient, shape (..., n, m)."""


@dataclass(frozen=True, slots=True, eq=False)
class Curves:
    """A smooth weight function on the studies of a selection model.

    Attributes
    ----------
    curve : Curve
    growth : callable
        From delta to :class:`Growth`.
    z, s : ndarray, shape (K,)
        Of the studies, y / s and s.
    alternative : str
    threshold : float
        Weights are 1 where p is no larger, and relative to that at the threshold
        where it is; 0 for none.
    edges : ndarray
        Panels that every study has.
    """

    curve: Curve
    growth: Callable[[Floats], Growth]
    z: Floats
    s: Floats
    alternative: Alternative
    threshold: float
    edges: Floats

    @classmethod
    def of(
        cls,
        data: Published,
        curve: Curve,
        growth: Callable[[Floats], Growth],
        threshold: float,
    ) -> "Curves":
        """Put panels where the weight has a kink."""
        s = np.sqrt(data.v)
        edges = [_CORE]
        if data.alternative == "two-sided":
            edges += [_NEAR_ZERO, -_NEAR_ZERO]
        if threshold > 0.0:
            sides = 2.0 if data.alternative == "two-sided" else 1.0
            at = -special.ndtri(threshold / sides)
            both = data.alternative == "two-sided"
            edges.append(np.array([at, -at]) if both else data.sign * np.array([at]))
        every = np.unique(np.concatenate(edges))
        return cls(curve, growth, data.y / s, s, data.alternative, threshold, every)

    def log_weight(self, delta: Floats) -> tuple[Floats, Floats]:
        """Weights of the studies."""
        return self.weight_of(self.z, delta)

    def weight_of(self, z: Floats, delta: Floats) -> tuple[Floats, Floats]:
        """Log weight and gradient at values of z, shape (..., n)."""
        log_p, log_q = log_p_of(z, self.alternative)
        value, gradient = self.curve(log_p, log_q, delta)
        if self.threshold > 0.0:
            at = np.log(self.threshold)
            rest = np.log1p(-self.threshold)
            base, slope = self.curve(np.array([at]), np.array([rest]), delta)
            free = log_p <= at
            value = np.where(free, 0.0, value - base)
            gradient = np.where(free[..., np.newaxis], 0.0, gradient - slope)
        return value, gradient

    def log_mass(
        self, mu: Floats, s2: Floats, delta: Floats
    ) -> tuple[Floats, Floats, Floats, Floats]:
        """Integrate weight and density, and their derivatives, over z."""
        mean, spread = mu / self.s, s2 / self.s**2
        z, h, finite = self._nodes(mean, spread, delta)
        m, r = mean[..., np.newaxis], spread[..., np.newaxis]
        log_w, dw = self.weight_of(z, delta[..., np.newaxis, :])
        away = z - m
        log_f = log_w - _HALF_LOG_2PI - 0.5 * np.log(r) - 0.5 * away**2 / r
        top = np.where(h > 0.0, log_f, -np.inf).max(axis=-1, keepdims=True)
        f = h * np.exp(log_f - top)
        total = f.sum(axis=-1)
        share = f / total[..., np.newaxis]
        log_a = np.where(finite, top[..., 0] + np.log(total), np.inf)
        by_mean = (share * away).sum(axis=-1) / spread
        by_spread = 0.5 * ((share * away**2).sum(axis=-1) / spread - 1.0) / spread
        # In log_weight's gradient the axis of studies is the last but one.
        by_delta = np.einsum("...n,...nm->...m", share, dw)
        return log_a, by_mean / self.s, by_spread / self.s**2, by_delta

    def _nodes(
        self, mean: Floats, spread: Floats, delta: Floats
    ) -> tuple[Floats, Floats, Floats]:
        """Nodes, their weights, and where the integral is finite."""
        grow = self.growth(delta)
        shape = mean.shape
        parts = [np.broadcast_to(self.edges, (*shape, self.edges.size))]
        parts.append(_around(mean, np.sqrt(spread)))
        finite = np.ones(shape, dtype=bool)
        side = -1.0 if self.alternative == "less" else 1.0
        for g, towards in ((grow.significant, side), (grow.other, -side)):
            if not np.any(g):
                continue
            precision = 1.0 / spread - np.asarray(g)[..., np.newaxis]
            finite = finite & (precision > 0.0)
            safe = np.maximum(precision, _FLAT)
            if np.any(np.asarray(g) > 0.0):
                out = towards * _OUT
                if self.alternative == "two-sided":
                    out = np.concatenate([-_OUT, _OUT])
                parts.append(np.broadcast_to(out, (*shape, out.size)))
            parts.append(_around(mean / spread / safe, 1.0 / np.sqrt(safe)))
        edges = np.sort(np.concatenate(parts, axis=-1), axis=-1)
        half = 0.5 * np.diff(edges, axis=-1)[..., np.newaxis]
        middle = 0.5 * (edges[..., 1:] + edges[..., :-1])[..., np.newaxis]
        z = (middle + half * NODES).reshape(*shape, -1)
        h = (half * NODE_WEIGHTS).reshape(*shape, -1)
        return z, h, finite


def _around(centre: Floats, width: Floats) -> Floats:
    return np.asarray(centre[..., np.newaxis] + width[..., np.newaxis] * _AROUND)


def log_p_of(z: Floats, alternative: Alternative) -> tuple[Floats, Floats]:
    """Logarithms of the p-value and of one minus it.

    Examples
    --------
    >>> log_p, log_q = log_p_of(np.array([1.959963984540054]), "two-sided")
    >>> np.exp(log_p).round(6).tolist(), np.exp(log_q).round(6).tolist()
    ([0.05], [0.95])
    """
    size = np.abs(z)
    if alternative != "two-sided":
        small = special.log_ndtr(-size)
        large = np.log1p(-np.exp(small))
        above = z > 0.0 if alternative == "greater" else z < 0.0
        return np.where(above, small, large), np.where(above, large, small)
    log_p = np.log(2.0) + special.log_ndtr(-size)
    with np.errstate(divide="ignore"):
        log_q = np.log(special.erf(size / np.sqrt(2.0)))
    return np.minimum(log_p, 0.0), log_q
