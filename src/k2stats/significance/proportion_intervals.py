"""Confidence intervals of one proportion.

Every function takes events, n and a confidence level, works elementwise on arrays,
and returns limits on the natural scale. Limits are not cut off at 0 and 1: a Wald or
Agresti-Coull interval that overshoots is printed so in the literature. The others
cannot overshoot. No events, or nothing but events, set the outer limit of the
binomial methods to exactly 0 or 1.
"""

import numpy as np
from scipy import special

from k2stats._typing import Floats
from k2stats.numerics.roots import bracketed_root
from k2stats.significance._intervals import PROPORTION_INTERVALS, IntervalResult
from k2stats.significance._score import z_critical


def _result(estimate: Floats, low: Floats, high: Floats) -> IntervalResult:
    """Wrap arrays of one shape."""
    return IntervalResult(np.asarray(estimate), np.asarray(low), np.asarray(high))


def wilson_limits(events: Floats, n: Floats, z: float) -> tuple[Floats, Floats]:
    """Limits of Wilson's interval, which those of two groups are built from.

    Examples
    --------
    >>> low, high = wilson_limits(np.array([81.0]), np.array([263.0]), 1.959964)
    >>> low.round(4), high.round(4)
    (array([0.2553]), array([0.3662]))
    """
    centre = events + z**2 / 2.0
    half = z * np.sqrt(events * (n - events) / n + z**2 / 4.0)
    low = np.where(events == 0, 0.0, (centre - half) / (n + z**2))
    high = np.where(events == n, 1.0, (centre + half) / (n + z**2))
    return low, high


def wilson_cc_limits(events: Floats, n: Floats, z: float) -> tuple[Floats, Floats]:
    """Limits of Wilson's interval with continuity correction.

    Examples
    --------
    >>> low, high = wilson_cc_limits(np.array([81.0]), np.array([263.0]), 1.959964)
    >>> low.round(4), high.round(4)
    (array([0.2535]), array([0.3682]))
    """
    p, q = events / n, (n - events) / n
    below = np.maximum(z**2 - 2.0 - 1.0 / n + 4.0 * p * (n * q + 1.0), 0.0)
    above = np.maximum(z**2 + 2.0 - 1.0 / n + 4.0 * p * (n * q - 1.0), 0.0)
    centre, width = 2.0 * events + z**2, 2.0 * (n + z**2)
    low = np.maximum((centre - 1.0 - z * np.sqrt(below)) / width, 0.0)
    high = np.minimum((centre + 1.0 + z * np.sqrt(above)) / width, 1.0)
    return np.where(events == 0, 0.0, low), np.where(events == n, 1.0, high)


@PROPORTION_INTERVALS.register(
    "wald",
    label="Wald",
    reference="Laplace (1812)",
    equation="p ± z √(p q / n)",
    traits=("closed-form",),
)
def wald(events: Floats, n: Floats, level: float) -> IntervalResult:
    """Normal approximation; of width zero at no events and at nothing but events."""
    p = events / n
    half = z_critical(level) * np.sqrt(p * (1.0 - p) / n)
    return _result(p, p - half, p + half)


@PROPORTION_INTERVALS.register(
    "wilson",
    label="Wilson score",
    reference="Wilson (1927) J Am Stat Assoc 22:209-212",
    equation="(x + z²/2 ± z √(x(n-x)/n + z²/4)) / (n + z²)",
    traits=("closed-form", "score"),
)
def wilson(events: Floats, n: Floats, level: float) -> IntervalResult:
    """Inversion of the score test."""
    return _result(events / n, *wilson_limits(events, n, z_critical(level)))


@PROPORTION_INTERVALS.register(
    "wilson-cc",
    label="Wilson score with continuity correction",
    reference="Newcombe (1998) Stat Med 17:857-872, method 4",
    equation="{p0 : |p - p0| - 1/(2n) <= z √(p0 q0 / n)}",
    traits=("closed-form", "score", "continuity"),
)
def wilson_cc(events: Floats, n: Floats, level: float) -> IntervalResult:
    """Inversion of the score test with continuity correction."""
    return _result(events / n, *wilson_cc_limits(events, n, z_critical(level)))


@PROPORTION_INTERVALS.register(
    "clopper-pearson",
    label="Clopper-Pearson exact",
    reference="Clopper and Pearson (1934) Biometrika 26:404-413",
    equation="P(X >= x; low) = P(X <= x; high) = alpha/2",
    traits=("exact",),
)
def clopper_pearson(events: Floats, n: Floats, level: float) -> IntervalResult:
    """Inversion of two one-sided exact binomial tests."""
    tail = (1.0 - level) / 2.0
    return _result(
        events / n,
        _beta_limit(events, n - events + 1.0, tail, events == 0, 0.0),
        _beta_limit(events + 1.0, n - events, 1.0 - tail, events == n, 1.0),
    )


@PROPORTION_INTERVALS.register(
    "midp",
    label="Mid-p exact",
    reference="Berry and Armitage (1995) The Statistician 44:417-423",
    equation="P(X > x; low) + P(X = x; low)/2 = alpha/2, and likewise above",
    traits=("exact",),
)
def midp(events: Floats, n: Floats, level: float) -> IntervalResult:
    """As Clopper-Pearson, with half the probability of the outcome observed."""
    tail = (1.0 - level) / 2.0
    outer = clopper_pearson(events, n, level)
    high = 1.0 - _midp_low(n - events, n, tail, 1.0 - outer.high)
    return _result(events / n, _midp_low(events, n, tail, outer.low), high)


@PROPORTION_INTERVALS.register(
    "jeffreys",
    label="Jeffreys",
    reference="Brown, Cai and DasGupta (2001) Stat Sci 16:101-133",
    equation="alpha/2 and 1 - alpha/2 quantiles of Beta(x + 1/2, n - x + 1/2)",
    traits=("closed-form",),
)
def jeffreys(events: Floats, n: Floats, level: float) -> IntervalResult:
    """Equal-tailed posterior interval, with limits of 0 at x = 0 and 1 at x = n."""
    tail, a, b = (1.0 - level) / 2.0, events + 0.5, n - events + 0.5
    return _result(
        events / n,
        _beta_limit(a, b, tail, events == 0, 0.0),
        _beta_limit(a, b, 1.0 - tail, events == n, 1.0),
    )


@PROPORTION_INTERVALS.register(
    "agresti-coull",
    label="Agresti-Coull",
    reference="Agresti and Coull (1998) Am Stat 52:119-126",
    equation="p' ± z √(p' q' / n'), n' = n + z², p' = (x + z²/2) / n'",
    traits=("closed-form",),
)
def agresti_coull(events: Floats, n: Floats, level: float) -> IntervalResult:
    """Wald interval about Wilson's centre, which is its estimate."""
    z = z_critical(level)
    size = n + z**2
    p = (events + z**2 / 2.0) / size
    half = z * np.sqrt(p * (1.0 - p) / size)
    return _result(p, p - half, p + half)


@PROPORTION_INTERVALS.register(
    "arcsine",
    label="Arcsine",
    reference="Brown, Cai and DasGupta (2001) Stat Sci 16:101-133",
    equation="sin²(arcsin √p ± z / (2 √n))",
    traits=("closed-form",),
)
def arcsine(events: Floats, n: Floats, level: float) -> IntervalResult:
    """Wald interval on the variance-stabilised scale, its angles kept in [0, π/2]."""
    angle = np.arcsin(np.sqrt(events / n))
    half = z_critical(level) / (2.0 * np.sqrt(n))
    low = np.sin(np.maximum(angle - half, 0.0)) ** 2
    high = np.sin(np.minimum(angle + half, np.pi / 2.0)) ** 2
    return _result(events / n, low, high)


@PROPORTION_INTERVALS.register(
    "logit",
    label="Logit",
    reference="Brown, Cai and DasGupta (2001) Stat Sci 16:101-133",
    equation="expit(log(x / (n - x)) ± z √(1/x + 1/(n-x)))",
    traits=("closed-form",),
)
def logit(events: Floats, n: Floats, level: float) -> IntervalResult:
    """Wald interval of the log odds; NaN at no events and at nothing but events."""
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = np.log(events / (n - events))
        half = z_critical(level) * np.sqrt(1.0 / events + 1.0 / (n - events))
        low, high = special.expit(centre - half), special.expit(centre + half)
    inside = (events > 0) & (events < n)
    return _result(
        events / n, np.where(inside, low, np.nan), np.where(inside, high, np.nan)
    )


@PROPORTION_INTERVALS.register(
    "likelihood-ratio",
    label="Likelihood ratio",
    reference="Brown, Cai and DasGupta (2001) Stat Sci 16:101-133",
    equation="{p0 : 2 [l(p) - l(p0)] <= z²}",
    traits=("iterative",),
)
def likelihood_ratio(events: Floats, n: Floats, level: float) -> IntervalResult:
    """Inversion of the likelihood ratio test."""
    z = z_critical(level)
    high = 1.0 - _likelihood_low(n - events, n, z)
    return _result(events / n, _likelihood_low(events, n, z), high)


def _beta_limit(
    a: Floats, b: Floats, probability: float, at_end: Floats, end: float
) -> Floats:
    """Quantile of a beta distribution, or `end` where the data lie at the end."""
    inside = np.asarray(at_end) == 0
    quantile = special.betaincinv(
        np.where(inside, a, 1.0), np.where(inside, b, 1.0), probability
    )
    return np.where(inside, quantile, end)


def _midp_low(events: Floats, n: Floats, tail: float, outer: Floats) -> Floats:
    """Lower mid-p limit, which lies above Clopper and Pearson's."""
    # Where x = 0 the limit is 0; the search is given another table there.
    none = events == 0
    x = np.where(none, n, events)

    def excess(log_odds: Floats) -> Floats:
        p = special.expit(log_odds)
        at_least = special.betainc(x, n - x + 1.0, p)
        more = special.betainc(x + 1.0, np.maximum(n - x, 0.5), p)
        return np.asarray(0.5 * (at_least + np.where(x == n, 0.0, more)) - tail)

    # At x = n the tail is p^n / 2, which reaches its target below p = 1.
    bottom = special.logit(np.where(none, 1e-300, outer))
    root, _ = bracketed_root(excess, bottom, np.full_like(outer, 60.0))
    return np.where(none, 0.0, special.expit(root))


def _likelihood_low(events: Floats, n: Floats, z: float) -> Floats:
    """Lower limit: the deviance falls from infinity at 0 to zero at the estimate."""
    p = events / n

    def excess(log_odds: Floats) -> Floats:
        # log expit keeps its digits at both ends.
        log_p0, log_q0 = special.log_expit(log_odds), special.log_expit(-log_odds)
        deviance = special.xlogy(events, p) + special.xlogy(n - events, 1.0 - p)
        deviance = 2.0 * (deviance - events * log_p0 - (n - events) * log_q0)
        return z - np.sqrt(np.maximum(deviance, 0.0))

    top = np.minimum(special.logit(p), 60.0)
    # The deviance of x events is at least that of one: log odds of -z² - 60 - log n
    # are beyond every limit.
    bottom = np.full_like(p, -(z**2) - 60.0) - np.log(n)
    inside = events > 0
    root, _ = bracketed_root(
        excess, np.where(inside, bottom, -1.0), np.where(inside, top, 1.0)
    )
    return np.where(inside, special.expit(root), 0.0)
