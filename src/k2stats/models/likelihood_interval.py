r"""Profile-likelihood interval and likelihood-ratio test of the mean.

For a fixed tau2 the log-likelihood is quadratic in each coefficient,

.. math:: \ell(\beta_j, \tau^2) = \ell_p(\tau^2)
    - \frac{(\beta_j - \hat\beta_j(\tau^2))^2}{2 \Phi_{jj}(\tau^2)},

so the ends of the region :math:`\{\max_{\tau^2} \ell \ge \ell_{\max} - z^2 / 2\}` are
extremes over tau2 of :math:`\hat\beta_j \pm \sqrt{2 \Phi_{jj} (\ell_p - \ell_{\max} +
z^2 / 2)}`: one search in one dimension, with no search inside it.
"""

from collections.abc import Callable

import numpy as np
from scipy import special

from k2stats._typing import Floats
from k2stats.models._mean_fit import MeanFit
from k2stats.models.mean_tests import (
    MEAN_TESTS,
    MeanInference,
    Rng,
    require_model_weights,
)
from k2stats.numerics import tails
from k2stats.numerics.wls import fit_wls

_GRID = 95
_FINER = 9
_ROUNDS = 11
_BLOCK = 1 << 17


class Objective:
    """A function of tau2 on the scale of the grid, and what a call costs.

    Attributes
    ----------
    size : int
        Numbers that one evaluation of the whole batch works on.
    """

    def __init__(self, function: Callable[[Floats], Floats], size: int) -> None:
        self._function, self.size = function, size

    def __call__(self, u: Floats) -> Floats:
        """Evaluate at points of the batch shape, with any leading axes."""
        return self._function(u)


@MEAN_TESTS.register(
    "profile-likelihood",
    label="profile likelihood",
    reference="Hardy and Thompson (1996) Stat Med 15:619-629",
    equation="{mu: 2 (l_max - max over tau2 of l(mu, tau2)) <= z^2}",
    traits=("random", "ML"),
)
def profile_likelihood(fit: MeanFit, level: float, rng: Rng = None) -> MeanInference:
    """Likelihood-ratio interval and test with tau2 profiled out.

    Where the likelihood has two modes and the region is in two parts, the limits are
    the outermost ones.

    Raises
    ------
    InvalidEvidenceError
        For weights of the user, whose mean does not maximise the likelihood.
    """
    require_model_weights(fit, "profile-likelihood")
    with np.errstate(all="ignore"):
        surface = _Surface(fit)
        drop = 0.5 * special.ndtri(0.5 + 0.5 * level) ** 2
        ends = [surface.ends(j, drop) for j in range(fit.p)]
        size = np.sqrt([surface.twice_drop_at_zero(j) for j in range(fit.p)])
        statistic = np.moveaxis(size, 0, -1) * np.sign(fit.beta)
        low, high = (np.stack(side, axis=-1) for side in zip(*ends, strict=True))
    return MeanInference(
        fit.beta,
        fit.cov,
        None,
        level,
        own_limits=(low, high),
        own_statistic=statistic,
        own_log_p=tails.log_normal_p(statistic),
    )


class _Surface:
    """The log-likelihood over tau2, on a scale on which a grid sees every feature."""

    def __init__(self, fit: MeanFit) -> None:
        self._fit = fit
        self._v = fit.finite_v
        self._present = fit.w > 0.0
        self._unit = np.min(fit.v, axis=-1)
        residual = np.where(self._present, fit.y - _mean_of(fit), 0.0)
        most = (residual**2).max(axis=-1) + self._v.max(axis=-1)
        shift = np.where(self._present, fit.y, 0.0)
        wide = most + (shift**2).max(axis=-1)
        self._top, self._wide = self._scale(100.0 * most), self._scale(10.0 * wide)
        self.max = self._profile(fit.tau2)

    def _scale(self, tau2: Floats) -> Floats:
        return np.asarray(np.log1p(tau2 / self._unit))

    def _unscale(self, u: Floats) -> Floats:
        return np.asarray(np.expm1(u) * self._unit)

    def _profile(self, tau2: Floats) -> Floats:
        return self._at(tau2)[0]

    def _at(self, tau2: Floats) -> tuple[Floats, Floats, Floats]:
        """Log-likelihood, coefficients and their variances, for one tau2 each."""
        total = self._v + np.asarray(tau2)[..., np.newaxis]
        w = np.where(self._present, 1.0 / total, 0.0)
        fit = fit_wls(np.broadcast_to(self._fit.y, w.shape), w, self._fit.X)
        logs = np.where(self._present, np.log(total), 0.0).sum(axis=-1)
        variance = np.diagonal(fit.cov, axis1=-2, axis2=-1)
        return np.asarray(-0.5 * (logs + fit.rss)), fit.beta, variance

    def ends(self, j: int, drop: float) -> tuple[Floats, Floats]:
        """Least and greatest value of a coefficient within the region."""
        found = []
        for sign in (-1.0, 1.0):

            def end(u: Floats, sign: float = sign) -> Floats:
                height, beta, variance = self._at(self._unscale(u))
                room = height - self.max + drop
                reach = sign * beta[..., j] + np.sqrt(
                    2.0 * variance[..., j] * np.maximum(room, 0.0)
                )
                return np.where(room >= 0.0, reach, -np.inf)

            start = self._scale(self._fit.tau2)
            objective = Objective(end, self._fit.y.size)
            found.append(sign * _greatest(objective, self._top, start))
        return found[0], found[1]

    def twice_drop_at_zero(self, j: int) -> Floats:
        """Likelihood-ratio statistic of a coefficient of zero."""

        def height(u: Floats) -> Floats:
            level, beta, variance = self._at(self._unscale(u))
            return np.asarray(level - 0.5 * beta[..., j] ** 2 / variance[..., j])

        objective = Objective(height, self._fit.y.size)
        best = _greatest(objective, self._wide, self._scale(self._fit.tau2))
        return np.asarray(np.maximum(2.0 * (self.max - best), 0.0))


def _mean_of(fit: MeanFit) -> Floats:
    if fit.X is None:
        return fit.beta
    return np.asarray(np.einsum("...kj,...j->...k", fit.X, fit.beta))


def _greatest(f: Objective, top: Floats, start: Floats) -> Floats:
    """Greatest value of f over [0, top]: a grid, then finer grids about its best."""
    low, high = np.zeros_like(top), top
    best, where = f(start), np.asarray(start)
    points = _GRID
    for _ in range(_ROUNDS):
        # A block of the grid is a new leading axis, as large as a cache allows.
        block = max(1, _BLOCK // max(1, f.size))
        steps = np.linspace(0.0, 1.0, points + 2)
        for i in range(0, points + 2, block):
            share = steps[i : i + block].reshape(-1, *([1] * top.ndim))
            u = low + share * (high - low)
            value = f(u)
            value = np.where(np.isnan(value), -np.inf, value)
            at = np.expand_dims(value.argmax(axis=0), 0)
            peak = np.take_along_axis(value, at, axis=0)[0]
            better = peak > best
            best = np.where(better, peak, best)
            where = np.where(better, np.take_along_axis(u, at, axis=0)[0], where)
        cell = (high - low) / (points + 1)
        low, high = np.maximum(where - cell, 0.0), np.minimum(where + cell, top)
        points = _FINER
    return np.where(np.isfinite(best), best, np.nan)
