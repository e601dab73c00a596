r"""All leave-one-out fits of many studies at once, from sums less one study.

A sum over all studies but one is the whole sum less a term. The K values of tau2 lie
close to that of the whole set, so that sums of :math:`w^r` at each of them follow from
whole sums of higher powers,

.. math:: \sum_k \frac{c_k^m}{(v_k + \tau^2 + d)^r} =
    \sum_{n \ge 0} \binom{-r}{n} d^n \sum_k w_k^{r + n} c_k^m,

and all K analyses cost O(K). Restricted likelihoods are climbed by Newton's steps and
checked against a grid. Where a tau2 lies too far away, or a check fails, the general
fit is asked for that study.
"""

from typing import NamedTuple

import numpy as np
from scipy import special

from k2stats._typing import Bools, Floats
from k2stats.heterogeneity import estimate_tau2

LEAST = 150
"""Studies from which this way pays."""
_ORDER = 13
_NEAR = 0.05
"""Largest change of tau2 times the largest weight: the series has 14 digits there."""
_STEPS = 12
_GRID = 61
_HEAVY = 0.2
"""Where one study has a greater share of the weight, sums less a term lose digits."""


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

    def newton(self) -> Floats:
        """Step to a zero of y'PPy - tr P, of Fisher where Newton's goes downhill."""
        m = self.mean
        second = self.w2cc - 2.0 * m * self.w2c + m * m * self.w2
        third = self.w3cc - 2.0 * m * self.w3c + m * m * self.w3
        third = third - (self.w2c - m * self.w2) ** 2 / self.w
        pair = self.trace_pair
        curvature = 2.0 * third - pair
        return np.asarray(
            (second - self.trace) / np.where(curvature > 0.0, curvature, pair)
        )


class Expansion:
    """Sums near one tau2, from moments of the whole set."""

    def __init__(self, c: Floats, v: Floats, tau2: float) -> None:
        self._c, self._v, self.tau2 = c, v, tau2
        w = 1.0 / (v + tau2)
        self.largest = float(w.max())
        columns = np.stack([np.ones_like(c), c, c * c], axis=1)
        powers = (w / self.largest) ** np.arange(1, _ORDER + 4)[:, np.newaxis]
        moments = powers @ columns
        n = np.arange(_ORDER + 1)
        # Row n, column (r, m): the factor of d^n, d in units of the largest weight.
        self._factors = np.concatenate(
            [
                ((-1.0) ** n * special.comb(r + n - 1, n) * self.largest**r)[
                    :, np.newaxis
                ]
                * moments[r - 1 + n]
                for r in (1, 2, 3)
            ],
            axis=1,
        )
        signs = -((-1.0) ** n[1:]) / n[1:]
        self._logs = signs * moments[n[1:] - 1, 0]
        self._log = float(np.log(v + tau2).sum())

    def near(self, tau2: Floats) -> Bools:
        """Whether the series has all its digits there."""
        return np.asarray(np.abs(tau2 - self.tau2) * self.largest <= _NEAR)

    def at(self, tau2: Floats) -> Sums:
        """Sums at a tau2 for each study left out, shape (K,)."""
        x = (tau2 - self.tau2) * self.largest
        whole = x[:, np.newaxis] ** np.arange(_ORDER + 1) @ self._factors
        w = 1.0 / (self._v + tau2)
        own = [w**r * self._c**m for r in (1, 2, 3) for m in (0, 1, 2)]
        return Sums(*(whole.T - own))

    def height(self, tau2: Floats, at: Sums) -> Floats:
        """Restricted log-likelihood, without its constant."""
        x = (tau2 - self.tau2) * self.largest
        logs = self._log + x[:, np.newaxis] ** np.arange(1, _ORDER + 1) @ self._logs
        return _height(logs - np.log(self._v + tau2), at.w, at.rss)


class LeftOut(NamedTuple):
    """Fits without each study in turn, shape (K,).

    `sure` is False where the general fit must be asked.
    """

    tau2: Floats
    se: Floats
    mean: Floats
    variance: Floats
    q: Floats
    cochran: Floats
    typical: Floats
    sure: Bools


def left_out(y: Floats, v: Floats, method: str) -> LeftOut | None:
    """Fit K sets of K - 1 studies by ``"DL"`` or ``"REML"``.

    Parameters
    ----------
    y, v : ndarray, shape (K,)
    method : str

    Returns
    -------
    LeftOut or None
        None where this way does not pay or would lose digits.
    """
    w = 1.0 / v
    if y.size < LEAST or method not in ("DL", "REML") or w.max() > _HEAVY * w.sum():
        return None
    with np.errstate(all="ignore"):
        centre = (w @ y) / w.sum()
        c = y - centre
        fixed = Expansion(c, v, 0.0).at(np.zeros_like(c))
        df = y.size - 2.0
        whole = Expansion(c, v, float(estimate_tau2(c, v, method=method).tau2))
        if method == "DL":
            tau2 = np.maximum((fixed.rss - df) / fixed.trace, 0.0)
            sure = whole.near(tau2)
        else:
            tau2, sure = _restricted(c, v, whole)
        at = whole.at(tau2)
        if method == "DL":
            inner = 2.0 * df + tau2 * (
                4.0 * fixed.trace + 2.0 * tau2 * fixed.trace_pair
            )
            se = np.sqrt(inner) / fixed.trace
        else:
            se = np.sqrt(2.0 / at.trace_pair)
        return LeftOut(
            tau2=tau2,
            se=se,
            mean=at.mean + centre,
            variance=1.0 / at.w,
            q=at.rss / df,
            cochran=fixed.rss,
            typical=df / fixed.trace,
            sure=sure,
        )


def _restricted(c: Floats, v: Floats, whole: Expansion) -> tuple[Floats, Bools]:
    """REML of every set, and where it is known to be the greatest maximum."""
    tau2 = np.full(c.size, whole.tau2)
    done = np.zeros(c.size, dtype=bool)
    for _ in range(_STEPS):
        new = np.maximum(tau2 + whole.at(tau2).newton(), 0.0)
        done = np.abs(new - tau2) * whole.largest <= 1e-14
        tau2 = np.where(whole.near(new), new, tau2)
        if done.all():
            break
    height = whole.height(tau2, whole.at(tau2))
    least, most = float(v.min()), float((c**2).max() + v.max())
    grid = np.concatenate([[0.0], np.geomspace(1e-3 * least, most, _GRID - 1)])
    total = v + grid[:, np.newaxis]
    w = 1.0 / total
    logs = np.log(total)
    wc = w * c
    one, two, three = (t.sum(axis=-1, keepdims=True) - t for t in (w, wc, wc * c))
    rss = np.maximum(three - two**2 / one, 0.0)
    others = _height(logs.sum(axis=-1, keepdims=True) - logs, one, rss)
    return tau2, done & (height >= others.max(axis=0) - 1e-9)


def _height(logs: Floats, total: Floats, rss: Floats) -> Floats:
    return np.asarray(-0.5 * (logs + np.log(total) + rss))
