r"""Estimators of tau2 that equate a generalised Q statistic to what is expected of it.

With weights :math:`1/(v_k + \tau^2)`, Q is chi-squared with K - p degrees of freedom
at the true tau2 and falls as tau2 grows: there is one root or none, and zero stands
for none.
"""

import math

import numpy as np
from scipy import special

from k2stats._typing import Bools, Floats
from k2stats.heterogeneity._base import TAU2, Estimate
from k2stats.heterogeneity._profile import Profile, profile_of
from k2stats.heterogeneity._single import solve_q_one
from k2stats.heterogeneity._single_regression import single
from k2stats.heterogeneity._solve_q import CLOSE, STEPS, solve_q
from k2stats.heterogeneity._studies import Studies

_PM = "Paule & Mandel (1982). J Res Natl Bur Stand 87:377-385. "


def _q_equals(s: Studies, target: Floats) -> Estimate:
    r"""Root of q, with the standard error that goes with it.

    .. math:: \mathrm{SE} = \sqrt{2 (K - p)}\, \frac{K}{(K - p) \sum_k w_k}
    """
    if s.single:
        return _one(s, float(target[0]))
    profile = profile_of(s)
    tau2, _, ok = solve_q(profile, np.broadcast_to(target, profile.df.shape))
    return _estimate(s, profile, tau2, ok)


def _one(s: Studies, target: float) -> Estimate:
    one = single(s)
    tau2 = solve_q_one(one, target)
    total = float((1.0 / (s.v + tau2)).sum())
    se = math.sqrt(2.0 / (one.k - s.p)) * one.k / total
    return Estimate(np.array(tau2), np.array(se), np.array(math.isfinite(tau2)))


def _estimate(s: Studies, profile: Profile, tau2: Floats, ok: Bools) -> Estimate:
    _, _, total, _ = profile.traces(tau2, np.arange(tau2.size))
    se = np.sqrt(2.0 / profile.df) * profile.k / total
    shape = s.y.shape[:-1]
    return Estimate(tau2.reshape(shape), se.reshape(shape), ok.reshape(shape))


@TAU2.register(
    "PM",
    label="Paule-Mandel",
    reference=_PM + "DerSimonian & Kacker (2007). Contemp Clin Trials 28:105-114.",
    equation=r"y^T P y = K - p, w = 1 / (v + \tau^2)",
    traits=("iterative", "moments"),
)
def paule_mandel(s: Studies) -> Estimate:
    """Value of tau2 at which the generalised Q equals its expectation."""
    return _q_equals(s, s.df.ravel())


@TAU2.register(
    "EB",
    label="Empirical Bayes",
    reference="Morris (1983). J Am Stat Assoc 78:47-55. "
    "Equal to PM: Viechtbauer et al. (2015). Psychological Methods 20:360-374.",
    equation=r"y^T P y = K - p, w = 1 / (v + \tau^2)",
    traits=("iterative", "moments"),
)
def empirical_bayes(s: Studies) -> Estimate:
    """Morris' empirical Bayes estimator, whose fixed point is Paule-Mandel's root."""
    return _q_equals(s, s.df.ravel())


@TAU2.register(
    "SJIT",
    label="Sidik-Jonkman, iterated",
    reference="Sidik & Jonkman (2007). Statistics in Medicine 26:1964-1981.",
    equation=r"\tau^2 = \tau^2 y^T P y / (K - p)",
    traits=("iterative", "moments"),
)
def sidik_jonkman_iterated(s: Studies) -> Estimate:
    """Limit of Sidik-Jonkman's step repeated: Paule-Mandel's root, or zero."""
    return _q_equals(s, s.df.ravel())


@TAU2.register(
    "PMM",
    label="Paule-Mandel, median unbiased",
    reference="Viechtbauer (2021), in Handbook of Meta-Analysis, ch. 11.",
    equation=r"y^T P y = \chi^2_{K-p, 0.5}, w = 1 / (v + \tau^2)",
    traits=("iterative", "moments", "median-unbiased"),
)
def paule_mandel_median(s: Studies) -> Estimate:
    """Value of tau2 at which the generalised Q equals its median."""
    return _q_equals(s, np.asarray(special.chdtri(s.df.ravel(), 0.5)))


@TAU2.register(
    "DLIT",
    label="DerSimonian-Laird, iterated",
    reference="DerSimonian & Laird (1986), iterated.",
    equation=r"\tau^2 = \max\{0, (y^T P y - (K - p)) / \operatorname{tr}(P)\}, "
    r"w = 1 / (v + \tau^2)",
    traits=("iterative", "moments"),
)
def dersimonian_laird_iterated(s: Studies) -> Estimate:
    r"""DerSimonian-Laird's formula repeated with the weights that it leads to.

    .. math:: \tau^2 \operatorname{tr}(P) = y^\top P y - (K - p), \qquad
        w_k = 1 / (v_k + \tau^2)

    The formula is repeated as it stands, with K - p in place of
    :math:`\operatorname{tr}(P V)`, which differs from it once the weights are not
    :math:`1/v`; the multistep estimator of DerSimonian and Kacker (2007), which does
    not do so, ends at Paule-Mandel's root. The left side rises and the right one
    falls with tau2: there is one root.
    """
    profile = profile_of(s)
    df = profile.df
    every = np.arange(df.size)
    q, _ = profile.quadratic(np.zeros(df.size), every)
    tau2 = np.where(q <= df, 0.0, np.nan)
    where = np.flatnonzero(q > df)
    t = np.zeros(where.size)
    # q - df - t tr(P) is convex: Newton from the left never oversteps.
    for _ in range(STEPS):
        if where.size == 0:
            break
        q, g = profile.quadratic(t, where)
        h, h2, _, _ = profile.traces(t, where)
        step = (q - df[where] - t * h) / (g + h - t * h2)
        new = np.maximum(t + step, 0.0)
        done = np.abs(step) <= CLOSE * (t + profile.smallest[where])
        tau2[where[done]] = new[done]
        where, t = where[~done], new[~done]
    h, h2, _, _ = profile.traces(tau2, every)
    se = np.sqrt(2.0 * df + 4.0 * tau2 * h + 2.0 * tau2**2 * h2) / h
    shape = s.y.shape[:-1]
    ok = np.isfinite(tau2)
    return Estimate(tau2.reshape(shape), se.reshape(shape), ok.reshape(shape))
