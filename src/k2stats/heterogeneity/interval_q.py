"""Intervals of tau2 that invert the distribution of a Q statistic."""

import math

import numpy as np
from scipy import special

from k2stats._typing import Floats
from k2stats.heterogeneity._fixed_q import FixedQ
from k2stats.heterogeneity._profile import profile_of
from k2stats.heterogeneity._single import solve_q_one
from k2stats.heterogeneity._single_regression import single
from k2stats.heterogeneity._solve_q import solve_q
from k2stats.heterogeneity._studies import Studies
from k2stats.heterogeneity.intervals import TAU2_INTERVALS, Bounds, Request


@TAU2_INTERVALS.register(
    "QP",
    label="Q-profile",
    reference="Viechtbauer (2007). Statistics in Medicine 26:37-52.",
    equation=r"\chi^2_{K-p,\alpha/2} \le y^T P y \le \chi^2_{K-p,1-\alpha/2}",
    traits=("exact",),
)
def q_profile(s: Studies, r: Request) -> Bounds:
    r"""Every tau2 at which the generalised Q is no surprise.

    With weights :math:`1/(v_k + \tau^2)` it is chi-squared with K - p degrees of
    freedom at the true tau2, and falls as tau2 grows.
    """
    tail = (1.0 - r.level) / 2.0
    if s.single:
        return _one(s, tail)
    profile = profile_of(s)
    df = np.maximum(profile.df, 1.0)
    # The upper tail for the low end, so that a level near one costs no digits.
    low, _, low_ok = solve_q(profile, np.asarray(special.chdtri(df, tail)))
    least = np.asarray(2.0 * special.gammaincinv(df / 2.0, tail))
    high, at_zero, high_ok = solve_q(profile, least)
    return _shaped(s, low, high, at_zero < least, low_ok & high_ok)


def _one(s: Studies, tail: float) -> Bounds:
    df = float(s.df)
    most = float(special.chdtri(df, tail))
    least = 2.0 * float(special.gammaincinv(df / 2.0, tail))
    one = single(s)
    low, high = solve_q_one(one, most), solve_q_one(one, least)
    empty = one.quadratic(0.0)[0] < least
    ok = math.isfinite(low) and math.isfinite(high)
    return Bounds(np.array(low), np.array(high), np.array(empty), np.array(ok))


@TAU2_INTERVALS.register(
    "GENQ",
    label="Generalised Q",
    reference="Jackson (2013). Research Synthesis Methods 4:220-229.",
    equation=r"\alpha/2 \le \Pr(Q_a \ge q_a; \tau^2) \le 1 - \alpha/2",
    traits=("exact",),
)
def generalised_q(s: Studies, r: Request) -> Bounds:
    """Every tau2 at which a Q with fixed weights is no surprise, by its exact law.

    The weights are the user's, or one over the standard errors, which Jackson found
    to give short intervals over a wide range of heterogeneity.
    """
    weights = np.sqrt(s.w()) if s.weights is None else s.weights
    return _invert(s, r, weights)


@TAU2_INTERVALS.register(
    "BJ",
    label="Biggerstaff-Jackson",
    reference="Biggerstaff & Jackson (2008). Statistics in Medicine 27:6093-6110.",
    equation=r"\alpha/2 \le \Pr(Q \ge q; \tau^2) \le 1 - \alpha/2, a = 1/v",
    traits=("exact",),
)
def biggerstaff_jackson(s: Studies, r: Request) -> Bounds:
    """Every tau2 at which Cochran's Q is no surprise, by its exact law."""
    return _invert(s, r, s.w())


def _invert(s: Studies, r: Request, weights: Floats) -> Bounds:
    tail = (1.0 - r.level) / 2.0
    q = FixedQ.of(s, weights)
    low, _, low_ok = q.solve(tail)
    high, below, high_ok = q.solve(1.0 - tail)
    return _shaped(s, low, high, below, low_ok & high_ok)


def _shaped(
    s: Studies, low: Floats, high: Floats, empty: object, converged: object
) -> Bounds:
    shape = s.y.shape[:-1]
    return Bounds(
        low.reshape(shape),
        high.reshape(shape),
        np.asarray(empty).reshape(shape),
        np.asarray(converged).reshape(shape),
    )
