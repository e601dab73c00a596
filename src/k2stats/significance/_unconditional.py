"""Exact unconditional limits of a risk difference, after Chan and Zhang."""

from collections.abc import Callable

import numpy as np
from scipy import special

from k2stats._typing import Floats
from k2stats.evidence import TwoByTwo
from k2stats.significance._score import risk_difference_score

TIE = 1e-9
"""Statistics this close, relatively, are one statistic: they are equal in exact
arithmetic, and a tie lost to rounding would make the test anticonservative."""
_FAR = 9.0
"""Outcomes further than so many standard deviations from their mean are left out:
their probability is below 1e-16."""
_REFINEMENTS, _PEAKS, _FINE = 4, 4, 13
_SCAN = 32
_WIDTH = 1e-10


def exact_limits(
    events1: int, n1: int, events2: int, n2: int, level: float
) -> tuple[float, float]:
    """Both limits; the upper one is that of the groups swapped, negated.

    Examples
    --------
    >>> low, high = exact_limits(3, 4, 1, 4, 0.95)
    >>> round(low, 3), round(high, 3)
    (-0.302, 0.936)
    """
    low = _lower(events1, n1, events2, n2, (1.0 - level) / 2.0)
    high = -_lower(events2, n2, events1, n1, (1.0 - level) / 2.0)
    return low, high


def upper_tail(
    difference: float,
    events1: int,
    n1: int,
    events2: int,
    n2: int,
    *,
    enough: float = np.inf,
) -> float:
    r"""Exact one-sided p-value against larger differences.

    .. math:: \sup_p \sum_{Z_\delta(i, j) \ge Z_\delta(x_1, x_2)}
        b(i; n_1, p + \delta)\, b(j; n_2, p)

    The score statistic :math:`Z_\delta` rises in i for every j, so that each j has a
    least i from which on outcomes count, found by bisection.

    The value may be less than the supremum where it is more than `enough`.
    """
    statistic = _statistic(n1, n2, difference)
    here = statistic(np.array([float(events1)]), np.array([float(events2)]))
    observed = here.item()
    bound = observed - TIE * (1.0 + abs(observed))
    j = np.arange(n2 + 1.0)
    least, most = np.zeros(n2 + 1), np.full(n2 + 1, n1 + 1.0)
    while np.any(least < most):
        middle = np.floor(0.5 * (least + most))
        counts = statistic(np.minimum(middle, n1), j) >= bound
        most = np.where(counts & (least < most), middle, most)
        least = np.where(~counts & (least < most), middle + 1.0, least)
    return _largest(
        lambda risk2: _tail(risk2, difference, n1, n2, least),
        max(0.0, -difference),
        min(1.0, 1.0 - difference),
        points=max(65, int(4.0 * np.sqrt(max(n1, n2)))),
        enough=enough,
    )


def _statistic(
    n1: int, n2: int, difference: float
) -> Callable[[Floats, Floats], Floats]:
    """Score statistic of outcomes; infinite where it has no standard error."""

    def statistic(events1: Floats, events2: Floats) -> Floats:
        size1, size2 = np.full_like(events1, n1), np.full_like(events1, n2)
        table = TwoByTwo(events1, size1, events2, size2)
        score = risk_difference_score(table, bias=False)
        u, se = score(np.full_like(events1, difference))
        u = np.where(np.abs(u) < 1e-13, 0.0, u)
        # A standard error that is zero but for rounding is zero.
        se = np.where(se < 1e-12, 0.0, se)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(u == 0.0, 0.0, u / se)

    return statistic


def _tail(risk2: Floats, difference: float, n1: int, n2: int, least: Floats) -> Floats:
    """Probability of the outcomes that count, for each nuisance risk."""
    risk1 = np.clip(risk2 + difference, 0.0, 1.0)
    spread = np.sqrt(n2 * risk2 * (1.0 - risk2)).max() * _FAR + 30.0
    width = int(min(n2, 2.0 * spread)) + 1
    first = np.clip(np.floor(n2 * risk2 - width / 2.0), 0.0, n2 + 1.0 - width)
    j = first[:, None] + np.arange(width)
    p2 = risk2[:, None]
    log_chance = (
        special.gammaln(n2 + 1.0)
        - special.gammaln(j + 1.0)
        - special.gammaln(n2 - j + 1.0)
        + special.xlogy(j, p2)
        + special.xlog1py(n2 - j, -p2)
    )
    start = least[j.astype(np.int64)]
    # P(X1 >= start); the incomplete beta has no value at start = 0 or beyond n1.
    beta = special.betainc(
        np.clip(start, 1.0, n1), n1 - np.clip(start, 1.0, n1) + 1.0, risk1[:, None]
    )
    beta = np.where(start <= 0, 1.0, np.where(start > n1, 0.0, beta))
    return np.asarray(np.sum(np.exp(log_chance) * beta, axis=1))


def _largest(
    f: Callable[[Floats], Floats],
    low: float,
    high: float,
    *,
    points: int,
    enough: float,
) -> float:
    """Greatest value on a grid, even on the arcsine scale, refined about its peaks.

    The refinement is left out where the grid alone finds more than `enough`.
    """
    angle = np.linspace(np.arcsin(np.sqrt(low)), np.arcsin(np.sqrt(high)), points)
    value = f(np.sin(angle) ** 2)
    best = float(value.max())
    padded = np.concatenate([[-np.inf], value, [-np.inf]])
    peak = np.flatnonzero((value >= padded[:-2]) & (value >= padded[2:]))
    peak = peak[np.argsort(-value[peak])][:_PEAKS]
    left = angle[np.maximum(peak - 1, 0)]
    right = angle[np.minimum(peak + 1, points - 1)]
    row = np.arange(peak.size)
    for _ in range(_REFINEMENTS):
        if best > enough:
            break
        fine = np.linspace(left, right, _FINE, axis=1)
        value = f(np.sin(fine.ravel()) ** 2).reshape(fine.shape)
        best = max(best, float(value.max()))
        at = value.argmax(axis=1)
        left = fine[row, np.maximum(at - 1, 0)]
        right = fine[row, np.minimum(at + 1, _FINE - 1)]
    return best


def _lower(events1: int, n1: int, events2: int, n2: int, tail: float) -> float:
    """Least difference that the one-sided test does not reject.

    The p-value is no monotone function of the difference: it jumps where outcomes
    change places in the order. A crossing is bisected for; then the differences
    below it are scanned and the first that is not rejected is taken instead.
    """
    estimate = events1 / n1 - events2 / n2
    if events1 == 0 and events2 == n2:
        return -1.0

    def kept(difference: float) -> bool:
        p = upper_tail(difference, events1, n1, events2, n2, enough=tail)
        return p > tail

    def between(low: float, high: float) -> tuple[float, float]:
        while high - low > _WIDTH:
            middle = 0.5 * (low + high)
            low, high = (low, middle) if kept(middle) else (middle, high)
        return low, high

    low, high = between(-1.0, estimate)
    reach = min(0.5 * (estimate - high) + 1.0 / max(n1, n2), high + 1.0)
    for difference in np.linspace(high - reach, low, _SCAN, endpoint=False)[1:]:
        if kept(float(difference)):
            low, high = between(float(difference) - reach / _SCAN, float(difference))
            break
    return high
