r"""All leave-one-out fits of many studies at once, from sums less one study.

A sum over all studies but one is the whole sum less a term. The K values of tau2 lie
close to that of the whole set, so that sums of :math:`w^r` at each of them follow from
whole sums of higher powers,

.. math:: \sum_k \frac{c_k^m}{(v_k + \tau^2 + d)^r} =
    \sum_{n \ge 0} \binom{-r}{n} d^n \sum_k w_k^{r + n} c_k^m,

and all K analyses cost O(K), in time and in memory. Likelihoods are climbed by Newton's
steps, and :mod:`k2stats.models._leave_out_proof` proves that each has no other maximum.
Where a tau2 lies too far away, or there is no proof, the general fit is asked for that
study.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy import special

from k2stats._typing import Bools, Floats
from k2stats.heterogeneity import estimate_tau2
from k2stats.models._leave_out_proof import only_maximum
from k2stats.models._leave_out_sums import Sums, own_terms, sums_at

LEAST = 150
"""Studies from which this way pays."""
_ORDER = 13
_NEAR = 0.05
"""Largest change of tau2 times the largest weight: the series has 14 digits there."""
_STEPS = 12
_HEAVY = 0.2
"""Where one study has a greater share of the weight, sums less a term lose digits."""
_RULES = 0.999
"""Where a study has a greater share of the sum of squares, the sum without it does."""


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

    def near(self, tau2: Floats) -> Bools:
        """Whether the series has all its digits there."""
        return np.asarray(np.abs(tau2 - self.tau2) * self.largest <= _NEAR)

    def at(self, tau2: Floats) -> Sums:
        """Sums at a tau2 for each study left out, shape (K,)."""
        x = (tau2 - self.tau2) * self.largest
        whole = x[:, np.newaxis] ** np.arange(_ORDER + 1) @ self._factors
        return Sums(*(whole.T - own_terms(1.0 / (self._v + tau2), self._c)))


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


ROOTS = ("PM", "EB", "SJIT")
"""Names of the estimator that equates the generalised Q to K - 1."""


def left_out(y: Floats, v: Floats, method: str) -> LeftOut | None:
    """Fit K sets of K - 1 studies by DL, REML, ML or Paule-Mandel.

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
    known = method in ("DL", "REML", "ML", *ROOTS)
    if y.size < LEAST or not known or w.max() > _HEAVY * w.sum():
        return None
    with np.errstate(all="ignore"):
        centre = (w @ y) / w.sum()
        c = y - centre
        square = (w * c) ** 2
        clear = square <= _RULES * square.sum()
        fixed = sums_at(c, v, 0.0)
        df = y.size - 2.0
        whole = Expansion(c, v, float(estimate_tau2(c, v, method=method).tau2))
        if method == "DL":
            tau2 = np.maximum((fixed.rss - df) / fixed.trace, 0.0)
            sure = whole.near(tau2)
        elif method in ROOTS:
            tau2, sure = _climbed(whole, y.size, lambda at: _root_step(at, df))
        else:
            restricted = method == "REML"
            tau2, sure = _climbed(whole, y.size, lambda at: _step(at, restricted))
            sure &= only_maximum(c, v, tau2, whole.at(tau2), restricted=restricted)
        at = whole.at(tau2)
        return LeftOut(
            tau2=tau2,
            se=_se(method, tau2, df, fixed, at),
            mean=at.mean + centre,
            variance=1.0 / at.w,
            q=at.rss / df,
            cochran=fixed.rss,
            typical=df / fixed.trace,
            sure=sure & clear,
        )


def all_but_one(k: int) -> Bools:
    """Masks of k sets, each without one of k studies, in the memory of two rows."""
    row = np.ones(2 * k - 1, dtype=bool)
    row[k - 1] = False
    # Each row begins one further to the left.
    return sliding_window_view(row, k)[::-1]


def _climbed(
    whole: Expansion, k: int, step: Callable[[Sums], Floats]
) -> tuple[Floats, Bools]:
    """Where steps from the whole set's tau2 lead, and whether they ended."""
    tau2, done = np.full(k, whole.tau2), np.zeros(k, dtype=bool)
    for _ in range(_STEPS):
        new = np.maximum(tau2 + step(whole.at(tau2)), 0.0)
        done = np.abs(new - tau2) * whole.largest <= 1e-14
        tau2 = np.where(whole.near(new), new, tau2)
        if done.all():
            break
    return tau2, done


def _step(at: Sums, restricted: bool) -> Floats:
    """Newton's step to a zero of g - h, Fisher's where that would go downhill."""
    m = at.moments(restricted=restricted)
    pair = m.h * m.s
    curvature = 2.0 * m.g * m.r - pair
    return np.asarray((m.g - m.h) / np.where(curvature > 0.0, curvature, pair))


def _root_step(at: Sums, df: float) -> Floats:
    """Newton's step of 1 / q to 1 / df, see :mod:`k2stats.heterogeneity._solve_q`."""
    q = at.rss
    return np.asarray(q / df * (q - df) / at.second)


def _se(method: str, tau2: Floats, df: float, fixed: Sums, at: Sums) -> Floats:
    """Standard error of tau2, by the formula of its estimator."""
    if method == "DL":
        inner = 4.0 * fixed.trace + 2.0 * tau2 * fixed.trace_pair
        return np.asarray(np.sqrt(2.0 * df + tau2 * inner) / fixed.trace)
    if method in ROOTS:
        return np.asarray(np.sqrt(2.0 / df) * (df + 1.0) / at.w)
    return np.asarray(np.sqrt(2.0 / (at.trace_pair if method == "REML" else at.w2)))
