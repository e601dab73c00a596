r"""Skovgaard's second-order likelihood test and interval of a coefficient.

The signed root r of the likelihood-ratio statistic is far from normal with few
studies. Skovgaard's :math:`r^* = r + r^{-1} \log(u / r)` is normal to second order.
With :math:`W = (V + \tau^2 I)^{-1}`, a hat for the maximum and a tilde for the maximum
with :math:`\beta_j` held at the value tested, the covariances of scores that u is made
of have closed forms in this model, and

.. math:: u = \frac{s_j}{\sqrt{(\tilde A^{-1})_{jj}}}
    \left(\frac{|\tilde A|}{|\hat A|}\right)^{1/2}
    \frac{\hat\kappa^{1/2}}{\hat c}\, \frac{\tilde c}{\tilde\kappa^{1/2}},
    \quad A = X^\top W X,

.. math:: s = \hat\beta - \tilde\beta - \tilde A^{-1} X^\top \tilde W^2
    X (\hat\beta - \tilde\beta)\,
    \frac{\operatorname{tr}\tilde W - \operatorname{tr}\hat W}{2 \tilde c},

where :math:`c = \tfrac12 \operatorname{tr} W^2` is the expected information on tau2
and :math:`\kappa = y^\top P^3 y - c` the observed one, the coefficients profiled out.
For a mean this is no more than :math:`u = (\hat\mu - \mu) (\sum \hat w)^{1/2}
(\hat\kappa^{1/2} / \hat c) (\tilde c / \tilde\kappa^{1/2})`. At a tau2 of zero the
likelihood is not stationary, and the expected information stands for the observed one.
"""

from functools import partial

import numpy as np
from scipy import special

from k2stats._typing import Floats, Ints
from k2stats.heterogeneity._maximise import maximise
from k2stats.heterogeneity._profile import Moments, RegressionProfile
from k2stats.models._mean_fit import MeanFit
from k2stats.models.mean_tests import MEAN_TESTS, MeanInference, Rng, normal
from k2stats.numerics import tails
from k2stats.numerics.roots import bracketed_root
from k2stats.numerics.wls import fit_wls, project

_NEAR = 0.01
"""Standard errors from the estimate within which log(u / r) / r is interpolated."""
_GRID = np.geomspace(0.1, 50.0, 27)
_FARTHEST = 1e12
_STEPS = 12
_BLOCK = 1 << 17
_TINY = 1e-300


@MEAN_TESTS.register(
    "skovgaard",
    label="Skovgaard's second-order likelihood",
    reference=(
        "Skovgaard (1996) Bernoulli 2:145-165; Guolo (2012) Stat Med 31:313-327"
    ),
    equation="{mu: |r*| <= z}, r* = r + log(u / r) / r",
    traits=("random", "ML"),
)
def skovgaard(fit: MeanFit, level: float, rng: Rng = None) -> MeanInference:
    """Signed root of the likelihood ratio, corrected for the number of studies.

    Where tau2 leaves zero r* can jump, and the set of values at which it is within
    z can be in parts. The limits are then the outermost ones, and the statistic is the
    r* nearest to zero of the value tested and of those farther from the estimate: the
    test rejects what the interval does not hold. With a tau2 that is given nothing is
    left to correct, and the test is the Wald one.
    """
    if fit.estimator == "fixed":
        return normal(fit, level)
    z = float(special.ndtri(0.5 + 0.5 * level))
    shape = fit.beta.shape[:-1]
    found = []
    with np.errstate(all="ignore"):
        for j in range(fit.p):
            root = _CorrectedRoot(fit, j)
            found.append((*root.limits(z), root.statistic()))
        low, high, statistic = (
            np.stack([part.reshape(shape) for part in parts], axis=-1)
            for parts in zip(*found, strict=True)
        )
        some = (fit.df > 0.0)[..., np.newaxis]
        low, high, statistic = (
            np.where(some, part, np.nan) for part in (low, high, statistic)
        )
    return MeanInference(
        fit.beta,
        fit.cov,
        None,
        level,
        own_limits=(low, high),
        own_statistic=statistic,
        own_log_p=tails.log_normal_p(statistic),
    )


class _CorrectedRoot:
    """r* of one coefficient, for a flat batch, as a function of the value tested.

    Values are given as the number of Wald standard errors below the estimate.
    """

    def __init__(self, fit: MeanFit, j: int) -> None:
        k = fit.y.shape[-1]
        v = fit.v.reshape(-1, k)
        # A power of two, so that a change of units changes no digit.
        scale = np.exp2(np.round(0.5 * np.log2(v.min(axis=-1))))
        unit = scale[:, np.newaxis]
        self._v = v / unit**2
        self._size, self._j = v.shape[0], j
        X = np.ones((k, 1)) if fit.X is None else fit.X
        self._X = np.broadcast_to(X, (*fit.y.shape, fit.p)).reshape(-1, k, fit.p)
        w = fit.w.reshape(-1, k)
        y = np.where(w > 0.0, fit.y.reshape(-1, k), 0.0)
        mean = np.einsum("...ki,...i->...k", self._X, fit.beta.reshape(-1, fit.p))
        self._e = np.where(w > 0.0, y - mean, 0.0) / unit
        self._t = fit.tau2.reshape(-1) / scale**2
        self._k = np.broadcast_to(fit.k, fit.y.shape[:-1]).reshape(-1)
        self._scale = scale
        self.beta = fit.beta[..., j].reshape(-1)
        self.se = np.sqrt(fit.cov[..., j, j]).reshape(-1)
        self._w = 1.0 / (self._v + self._t[:, np.newaxis])
        best = self._profile(self._e, self._X, np.arange(self._size))
        self._trace, c, kappa = _information(best, self._t)
        self._factor = np.sqrt(kappa) / c
        self._log_det = project(self._w, self._X).log_det()
        every = np.arange(self._size)
        ends = [np.full(self._size, side) for side in (-_NEAR, _NEAR)]
        self._near = [self._parts(end, every)[1] for end in ends]
        self._grid = np.concatenate([-_GRID[::-1], [0.0], _GRID])
        rows = np.repeat(self._grid, self._size), np.tile(every, self._grid.size)
        self._on_grid = self.at(*rows).reshape(-1, self._size)

    def at(self, d: Floats, pick: Ints) -> Floats:
        """Return r* of chosen elements, each at a distance."""
        step = max(1, _BLOCK // self._e.shape[1])
        parts = [
            self._part(d[start : start + step], pick[start : start + step])
            for start in range(0, d.size, step)
        ]
        return np.asarray(np.concatenate(parts))

    def statistic(self) -> Floats:
        """Return r* of zero, or of what lies farther out where that is smaller."""
        d = self.beta / self.se
        sign = np.sign(d)
        here = self.at(d, np.arange(self._size))
        beyond = (self._grid[:, np.newaxis] * sign > np.abs(d)) & (sign != 0.0)
        farther = np.where(beyond, self._on_grid * sign, np.inf).min(axis=0)
        return np.where(farther < here * sign, farther * sign, here)

    def limits(self, z: float) -> tuple[Floats, Floats]:
        """Outermost values at which r* is z, below, and -z, above."""
        grid, value, every = self._grid, self._on_grid, np.arange(self._size)
        # r* rises with the distance below the estimate.
        last = grid.size - 1 - np.argmax((value <= z)[::-1], axis=0)
        first = np.argmax(value >= -z, axis=0)
        inside = grid[np.concatenate([last, first])]
        next_out = [np.minimum(last + 1, grid.size - 1), np.maximum(first - 1, 0)]
        outside = grid[np.concatenate(next_out)]
        pick, sign = np.tile(every, 2), np.repeat([1.0, -1.0], self._size)

        def excess(d: Floats, which: Ints) -> Floats:
            return np.asarray(self.at(d, pick[which]) * sign[which] - z)

        short = np.flatnonzero(inside == outside)
        while short.size:
            outside[short] *= 10.0
            reached = excess(outside[short], short) > 0.0
            short = short[~reached & (np.abs(outside[short]) < _FARTHEST)]
            inside[short] = outside[short]
        found, which = np.full(pick.size, np.nan), np.arange(pick.size)
        # Few have a jump at their limit, and take many steps: not all with them.
        for steps in (_STEPS, 10 * _STEPS):
            root, ok = bracketed_root(
                partial(excess, which=which),
                inside[which],
                outside[which],
                xtol=1e-11,
                steps=steps,
            )
            found[which[ok]] = root[ok]
            which = which[~ok]
            if which.size == 0:
                break
        low, high = self.beta - found.reshape(2, -1) * self.se
        return low, high

    def _part(self, d: Floats, pick: Ints) -> Floats:
        r, correction = self._parts(d, pick)
        share = (d + _NEAR) / (2.0 * _NEAR)
        ends = [end[pick] for end in self._near]
        between = ends[0] + share * (ends[1] - ends[0])
        return np.asarray(r + np.where(np.abs(d) > _NEAR, correction, between))

    def _profile(self, y: Floats, X: Floats, pick: Ints) -> RegressionProfile:
        v, k = self._v[pick], self._k[pick]
        kind = RegressionProfile if X.shape[-1] else _NothingFitted
        return kind(y, v, X, k, k - X.shape[-1], v.min(axis=-1))

    def _parts(self, d: Floats, pick: Ints) -> tuple[Floats, Floats]:
        """Return r and log(u / r) / r."""
        j = self._j
        e, w1, v, X = self._e[pick], self._w[pick], self._v[pick], self._X[pick]
        gap = d * (self.se / self._scale)[pick]
        moved = e + np.where(w1 > 0.0, X[..., j] * gap[:, np.newaxis], 0.0)
        held = self._profile(moved, np.delete(X, j, axis=-1), pick)
        t, _ = maximise(held, restricted=False)
        trace, c, kappa = _information(held, t)
        w = 1.0 / (v + t[:, np.newaxis])
        one = X.shape[-1] == 1
        residual = moved if one else project(w, held.X).residual(moved)
        m = np.where(w > 0.0, residual - e, 0.0)  # X (beta hat - beta tilde)
        rise = (t - self._t[pick])[:, np.newaxis]
        # Twice the drop of the log-likelihood, as a sum of small terms.
        drop = np.log1p(rise * w1) + w * (m * (2.0 * e + m) - rise * w1 * e * e)
        r = np.sign(d) * np.sqrt(np.maximum(drop.sum(axis=-1), 0.0))
        bent = fit_wls(w * m, w, X)
        s = gap - bent.beta[:, j] * (trace - self._trace[pick]) / (2.0 * c)
        u = s / np.sqrt(bent.cov[:, j, j]) * self._factor[pick] * c / np.sqrt(kappa)
        u = u * np.exp(0.5 * (bent.log_det - self._log_det[pick]))
        correction = np.log(u / r) / r
        return r, np.where(np.isfinite(correction), correction, 0.0)


class _NothingFitted(RegressionProfile):
    """Sums over residuals from a mean that is held: no columns are left."""

    def _terms(self, t: Floats, pick: Ints) -> tuple[Floats, Floats]:
        return 1.0 / (self.v[pick] + t[:, np.newaxis]), self.y[pick]

    def moments(self, t: Floats, pick: Ints, *, restricted: bool) -> Moments:
        """Return the halves of the derivative."""
        w, x = self._terms(t, pick)
        x *= w
        g, g3 = np.einsum("ik,ik->i", x, x), np.einsum("ik,ik,ik->i", w, x, x)
        h, h2 = w.sum(axis=-1), np.einsum("ik,ik->i", w, w)
        return Moments(g, g3 / np.maximum(g, _TINY), h, h2 / h)

    def log_likelihood(self, t: Floats, pick: Ints, *, restricted: bool) -> Floats:
        """Return the log-likelihood without its constant."""
        w, x = self._terms(t, pick)
        logs = np.log(np.where(w > 0.0, w, 1.0)).sum(axis=-1)
        return np.asarray(0.5 * (logs - np.einsum("ik,ik,ik->i", w, x, x)))


def _information(profile: RegressionProfile, t: Floats) -> tuple[Floats, ...]:
    """Trace of W, expected and observed information on tau2."""
    m = profile.moments(t, np.arange(t.size), restricted=False)
    expected = 0.5 * m.h * m.s
    observed = m.g * m.r - expected
    return m.h, expected, np.where((t > 0.0) & (observed > 0.0), observed, expected)
