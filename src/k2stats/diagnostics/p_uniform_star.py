"""p-uniform*: maximum likelihood given which studies are significant."""

from dataclasses import dataclass

import numpy as np
from scipy import optimize, special

from k2stats._typing import Bools, Floats
from k2stats.diagnostics._p_values import check_alpha
from k2stats.diagnostics._shown import said
from k2stats.diagnostics._studies import Effects, effects_of, worth
from k2stats.diagnostics.p_uniform import Side, signed
from k2stats.errors import ConvergenceError, InvalidEvidenceError
from k2stats.numerics import tails
from k2stats.results._words import fixed

_LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class PUniformStar:
    """Effect and heterogeneity from significant and other studies.

    Attributes
    ----------
    estimate, low, high : float
        Maximum likelihood, and limits by profile likelihood.
    tau2 : float
    loglik : float
    null_lrt, null_p : float
        Likelihood ratio of no effect, and its p.
    tau2_lrt, tau2_p : float
        Of no heterogeneity, one-sided.
    k, k_significant : int
    note : str
    measure : str
        Of the effects.
    """

    estimate: float
    low: float
    high: float
    tau2: float
    loglik: float
    null_lrt: float
    null_p: float
    tau2_lrt: float
    tau2_p: float
    k: int
    k_significant: int
    note: str
    measure: str = "GEN"

    def __repr__(self) -> str:
        return (
            f"p-uniform*: {said(self.measure, self.estimate, self.low, self.high)}, "
            f"tau2 {fixed(self.tau2)}, "
            f"{self.k_significant} of {self.k} studies significant"
        )


def p_uniform_star(
    effects: Effects, *, side: Side = "right", alpha: float = 0.05
) -> PUniformStar:
    r"""Maximum likelihood of all studies, each given that it is significant or not.

    .. math:: \ell = \sum_k \log\frac{\phi(y_k; \mu, v_k + \tau^2)}
        {P(Y_k > c_k)} \ [y_k > c_k], \quad
        \log\frac{\phi(y_k; \mu, v_k + \tau^2)}{P(Y_k \le c_k)}\ [y_k \le c_k],
        \quad c_k = z_{\alpha/2} s_k

    which assumes nothing of how likely the two kinds are to be published.

    Parameters
    ----------
    effects, side, alpha
        As in :func:`p_uniform`.

    Raises
    ------
    InvalidEvidenceError
    ConvergenceError
        Where the likelihood has no maximum within reach.

    References
    ----------
    van Aert & van Assen (2021). Correcting for publication bias in a meta-analysis
    with the p-uniform* method. MetaArXiv.

    Examples
    --------
    >>> from k2stats.effectsizes import EffectSizes
    >>> es = EffectSizes.from_arrays([0.5, 0.6, 0.9, 0.1], [0.05, 0.06, 0.1, 0.04])
    >>> p_uniform_star(es).k_significant
    3
    """
    critical = check_alpha(alpha)
    y, v, sign = signed(effects, side)
    if y.size < 2:
        raise InvalidEvidenceError(
            field="effects", requirement="of at least 2 studies for p-uniform*"
        )
    scale = float(max(np.std(y), np.sqrt(np.median(v))))
    kept = y > critical * np.sqrt(v)
    fit = _Star(y, v, critical * np.sqrt(v), kept, scale)
    mu, tau2, height = fit.maximum()
    at_zero = fit.profile(0.0)
    without = fit.without_tau2()
    null, none = max(2.0 * (height - at_zero), 0.0), max(2.0 * (height - without), 0.0)
    low, high = fit.limits(mu, height)
    limits = sorted((sign * low, sign * high))
    return PUniformStar(
        estimate=sign * mu,
        low=limits[0],
        high=limits[1],
        tau2=tau2,
        loglik=height,
        null_lrt=null,
        null_p=float(tails.chi2_p(np.asarray(null))),
        tau2_lrt=none,
        tau2_p=0.5 * float(tails.chi2_p(np.asarray(none))) if none > 0.0 else 1.0,
        k=int(y.size),
        k_significant=int(kept.sum()),
        note=worth(y.size, "publication bias"),
        measure=effects_of(effects).measure,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Star:
    """Likelihood of p-uniform*."""

    y: Floats
    v: Floats
    cut: Floats
    kept: Bools
    scale: float

    def value(self, mu: float, tau2: float) -> float:
        s = np.sqrt(self.v + tau2)
        a = (mu - self.cut) / s
        log_side = special.log_ndtr(np.where(self.kept, a, -a))
        r = (self.y - mu) / s
        each = -0.5 * r * r - np.log(s) - 0.5 * np.log(2.0 * np.pi) - log_side
        return float(each.sum())

    def profile(self, mu: float) -> float:
        """Highest over tau2."""
        return self._over_tau2(mu)[1]

    def _over_tau2(self, mu: float) -> tuple[float, float]:
        unit = 0.01 * self.scale**2
        grid = unit * np.expm1(np.linspace(0.0, np.log1p(1e6), 41))
        heights = [self.value(mu, t) for t in grid]
        i = int(np.argmax(heights))
        ends = grid[max(i - 1, 0)], grid[min(i + 1, grid.size - 1)]
        found = optimize.minimize_scalar(
            lambda t: -self.value(mu, t),
            bounds=ends,
            method="bounded",
            options={"xatol": 1e-10 * (unit + ends[1])},
        )
        best = (float(found.x), -float(found.fun))
        return best if best[1] > heights[i] else (float(grid[i]), heights[i])

    def maximum(self) -> tuple[float, float, float]:
        """Estimate, tau2 and log-likelihood."""
        centre = float(np.median(self.y))
        grid = centre + self.scale * np.linspace(-12.0, 6.0, 73)
        heights = np.array([self.profile(m) for m in grid])
        i = int(np.argmax(heights))
        if i in (0, grid.size - 1):
            raise ConvergenceError(
                "The likelihood of p-uniform* has no maximum within twelve standard "
                "deviations of the median effect."
            )
        found = optimize.minimize_scalar(
            lambda m: -self.profile(m),
            bounds=(grid[i - 1], grid[i + 1]),
            method="bounded",
            options={"xatol": 1e-9 * self.scale},
        )
        mu = float(found.x)
        tau2, height = self._over_tau2(mu)
        return mu, tau2, height

    def without_tau2(self) -> float:
        """Highest log-likelihood at tau2 of zero."""
        centre = float(np.median(self.y))
        found = optimize.minimize_scalar(
            lambda m: -self.value(m, 0.0),
            bounds=(centre - 40.0 * self.scale, centre + 20.0 * self.scale),
            method="bounded",
        )
        return -float(found.fun)

    def limits(self, mu: float, height: float) -> tuple[float, float]:
        """Profile-likelihood limits; infinite where the likelihood stays high."""
        drop = 0.5 * special.chdtri(1.0, 1.0 - _LEVEL)
        ends = []
        for way in (-1.0, 1.0):
            reach, inner = 0.5 * self.scale, mu
            outer = mu + way * reach
            while self.profile(outer) > height - drop and reach < 100.0 * self.scale:
                inner, reach = outer, 2.0 * reach
                outer = mu + way * reach
            if self.profile(outer) > height - drop:
                ends.append(way * np.inf)
                continue
            ends.append(
                float(
                    optimize.brentq(
                        lambda m: self.profile(m) - height + drop,
                        inner,
                        outer,
                        xtol=1e-8 * self.scale,
                    )
                )
            )
        return ends[0], ends[1]
