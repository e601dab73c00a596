"""Restricted maximum likelihood in closed form, and the inversion of score tests."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from scipy import special

from k2stats._typing import Floats
from k2stats.evidence import TwoByTwo
from k2stats.numerics.roots import bracketed_root

Score: TypeAlias = Callable[[Floats], tuple[Floats, Floats]]
"""Takes the hypothesised value and returns the distance of the data from it, of
either sign, and its standard error under the hypothesis."""

LOG_RANGE = 100.0
"""Ratios are sought between exp(-100) and exp(100): with counts below 2**53 no
finite limit lies outside."""


def z_critical(level: float) -> float:
    """Two-sided critical value of the standard normal.

    Examples
    --------
    >>> round(z_critical(0.95), 6)
    1.959964
    """
    return float(-special.ndtri((1.0 - level) / 2.0))


def invert(
    score: Score, start: Floats, end: Floats, z: float, *, xtol: float = 1e-14
) -> Floats:
    r"""Value between `start` and `end` at which the score statistic is `z`.

    The bounded function :math:`(|U| - z S) / (|U| + z S)` has the sign of
    :math:`|U|/S - z` and no poles, so that a standard error of zero at the end of
    the parameter space does no harm. It is -1 at `start`, the estimate.

    Parameters
    ----------
    score : callable
        :data:`Score`.
    start, end : ndarray
        The estimate and the end of the parameter space.
    z : float
        Critical value.

    Returns
    -------
    ndarray
        `end` where the statistic stays below `z` all the way.
    """

    def side(value: Floats) -> Floats:
        u, se = score(value)
        with np.errstate(invalid="ignore", divide="ignore"):
            ratio = (np.abs(u) - z * se) / (np.abs(u) + z * se)
        return np.where(np.isnan(ratio), -1.0, ratio)

    root, found = bracketed_root(side, start, end, xtol=xtol)
    return np.where(found, root, end)


def restricted_risk2(table: TwoByTwo, difference: Floats) -> Floats:
    r"""Risk of group 2 that is most likely where the risks differ by `difference`.

    The root in :math:`[\max(0, -\delta), \min(1, 1 - \delta)]` of the cubic
    :math:`\sum_k L_k p^k = 0` of Miettinen and Nurminen (1985), Appendix I, by
    the cosine formula, then polished: the formula loses digits near the ends.

    Examples
    --------
    >>> table = TwoByTwo.from_counts(events1=33, n1=36, events2=26, n2=35)
    >>> restricted_risk2(table, np.array([0.0])).round(6)
    array([0.830986])
    """
    x1, n1, x2, n2 = table.events1, table.n1, table.events2, table.n2
    d, total = difference, table.n1 + table.n2
    k2 = ((n1 + 2.0 * n2) * d - total - (x1 + x2)) / total
    k1 = ((n2 * d - total - 2.0 * x2) * d + x1 + x2) / total
    k0 = x2 * d * (1.0 - d) / total
    low, high = np.maximum(0.0, -d), np.minimum(1.0, 1.0 - d)
    with np.errstate(all="ignore"):
        q = (k2 / 3.0) ** 3 - k1 * k2 / 6.0 + k0 / 2.0
        radius = np.sqrt(np.maximum((k2 / 3.0) ** 2 - k1 / 3.0, 0.0))
        radius = np.where(q < 0, -radius, radius)
        cosine = np.where(radius == 0, 0.0, q / radius**3)
        angle = (np.pi + np.arccos(np.clip(cosine, -1.0, 1.0))) / 3.0
        p = np.clip(2.0 * radius * np.cos(angle) - k2 / 3.0, low, high)
        for _ in range(2):
            step = (((p + k2) * p + k1) * p + k0) / ((3.0 * p + 2.0 * k2) * p + k1)
            # Newton's step is taken only where it stays close: at a double root it
            # would leap.
            sound = np.isfinite(step) & (np.abs(step) < 1e-6)
            p = np.clip(np.where(sound, p - step, p), low, high)
    return np.asarray(p)


def risk_difference_score(table: TwoByTwo, *, bias: bool) -> Score:
    r"""Return the score statistic of a risk difference.

    .. math:: z(\delta) = \frac{\hat p_1 - \hat p_2 - \delta}
        {\sqrt{\lambda (\tilde p_1 \tilde q_1 / n_1 + \tilde p_2 \tilde q_2 / n_2)}}

    with :math:`\lambda = N / (N - 1)` where `bias`, else 1.
    """
    total = table.n1 + table.n2
    factor = total / (total - 1.0) if bias else 1.0
    observed = table.risk1 - table.risk2

    def score(difference: Floats) -> tuple[Floats, Floats]:
        p2 = restricted_risk2(table, difference)
        p1 = np.clip(p2 + difference, 0.0, 1.0)
        variance = p1 * (1.0 - p1) / table.n1 + p2 * (1.0 - p2) / table.n2
        return observed - difference, np.sqrt(factor * variance)

    return score


def risk_ratio_score(table: TwoByTwo, *, bias: bool) -> Score:
    r"""Return the score statistic of the logarithm of a risk ratio.

    .. math:: z(\theta) = \frac{\hat p_1 - \theta \hat p_2}{\sqrt{\lambda
        (\tilde p_1 \tilde q_1 / n_1 + \theta^2 \tilde p_2 \tilde q_2 / n_2)}}

    The quadratic for :math:`\tilde p_2` is solved with a discriminant written as a
    sum of terms of one sign, so that nothing cancels.
    """
    x1, n1, x2, n2 = table.events1, table.n1, table.events2, table.n2
    total = n1 + n2
    factor = total / (total - 1.0) if bias else 1.0

    def score(log_ratio: Floats) -> tuple[Floats, Floats]:
        ratio = np.exp(log_ratio)
        b = ratio * (n1 + x2) + (x1 + n2)
        root = np.hypot(
            ratio * (n1 + x2) - (x1 + n2), 2.0 * np.sqrt(ratio * table.b * table.d)
        )
        p2 = np.clip(2.0 * (x1 + x2) / (b + root), 0.0, 1.0)
        p1 = np.clip(ratio * p2, 0.0, 1.0)
        variance = p1 * (1.0 - p1) / n1 + ratio**2 * p2 * (1.0 - p2) / n2
        return table.risk1 - ratio * table.risk2, np.sqrt(factor * variance)

    return score


def _risk2_given_odds_ratio(
    n1: Floats, n2: Floats, events: Floats, odds_ratio: Floats
) -> Floats:
    """Risk of group 2 that gives `events` in all at an odds ratio, without loss."""
    b = odds_ratio * (n1 - events) + n2 + events
    root = np.sqrt(
        (odds_ratio * (n1 - events)) ** 2
        + 2.0 * odds_ratio * (n1 * n2 + events * (n1 + n2 - events))
        + (n2 - events) ** 2
    )
    with np.errstate(all="ignore"):
        return np.where(
            b >= 0,
            2.0 * events / (b + root),
            (root - b) / (2.0 * n2 * (odds_ratio - 1.0)),
        )


def odds_ratio_score(table: TwoByTwo, *, bias: bool) -> Score:
    r"""Return the score statistic of the logarithm of an odds ratio.

    .. math:: z(\psi) = (x_1 - n_1 \tilde p_1)
        \sqrt{\frac{1}{\lambda}\left(\frac{1}{n_1 \tilde p_1 \tilde q_1}
        + \frac{1}{n_2 \tilde p_2 \tilde q_2}\right)}
    """
    n1, n2 = table.n1, table.n2
    total = n1 + n2
    factor = total / (total - 1.0) if bias else 1.0
    events = table.events1 + table.events2
    smallest = np.argmin(np.stack(table.cells), axis=0)

    def score(log_ratio: Floats) -> tuple[Floats, Floats]:
        ratio = np.exp(log_ratio)
        p2 = _risk2_given_odds_ratio(n1, n2, events, ratio)
        q2 = _risk2_given_odds_ratio(n1, n2, total - events, 1.0 / ratio)
        p1, q1 = (ratio * p2 / (q2 + ratio * p2), q2 / (q2 + ratio * p2))
        # Four ways to write one distance; that of the smallest cell cancels least.
        ways = (
            table.a - n1 * p1,
            n1 * q1 - table.b,
            n2 * p2 - table.c,
            table.d - n2 * q2,
        )
        distance = np.choose(smallest, ways)
        with np.errstate(all="ignore"):
            v1, v2 = n1 * p1 * q1, n2 * p2 * q2
            variance = np.where(v1 + v2 > 0, v1 * v2 / (v1 + v2), 0.0)
        return distance, np.sqrt(factor * variance)

    return score


def invert_ratio(score: Score, estimate: Floats, z: float) -> tuple[Floats, Floats]:
    """Both limits of a ratio; 0 and infinity where the data set no bound."""
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = np.log(estimate)
    # Without an estimate every ratio fits the data equally well.
    known = ~np.isnan(centre)
    centre = np.clip(np.where(known, centre, 0.0), -LOG_RANGE, LOG_RANGE)
    low = invert(score, centre, np.full_like(centre, -LOG_RANGE), z)
    high = invert(score, centre, np.full_like(centre, LOG_RANGE), z)
    low = np.where(known & (low > -LOG_RANGE), np.exp(low), 0.0)
    high = np.where(known & (high < LOG_RANGE), np.exp(high), np.inf)
    return low, high
