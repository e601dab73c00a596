"""The p of an unconditional exact test of one 2x2 table: a supremum, cached."""

import math
from functools import lru_cache
from typing import Literal, TypeAlias

import numpy as np
from scipy import special

from k2stats._typing import Alternative
from k2stats.numerics.binomial import Region, probability
from k2stats.numerics.factorials import log_choose
from k2stats.numerics.supremum import supremum
from k2stats.significance import _orderings as orderings
from k2stats.significance._orderings import Counts

_CACHE = 4096
_A_FEW = np.linspace(0.0, math.pi, 11)[1:-1]
Ordering: TypeAlias = Literal["pooled", "unpooled", "fisher"]


@lru_cache(maxsize=_CACHE)
def p_greater(counts: Counts, ordering: Ordering) -> float:
    """One-sided p against more events in group 1."""
    match ordering:
        case "pooled":
            region = orderings.by_z(counts, orderings.pooled)
        case "unpooled":
            region = orderings.by_z(counts, orderings.unpooled)
        case "fisher":
            region = orderings.by_fisher_greater(counts)
    return _largest(region, counts)


@lru_cache(maxsize=_CACHE)
def p_two_sided(counts: Counts, ordering: Ordering, gamma: float = 0.0) -> float:
    """Two-sided p; with `gamma`, over a confidence set of the common risk."""
    match ordering:
        case "pooled":
            region = orderings.by_absolute_z(counts, orderings.pooled)
        case "unpooled":
            region = orderings.by_absolute_z(counts, orderings.unpooled)
        case "fisher":
            region = orderings.by_fisher(counts)
    return _largest(region, counts, gamma)


@lru_cache(maxsize=_CACHE)
def p_doubled(counts: Counts) -> float:
    """Twice the smaller one-sided p by Fisher's ordering, at most 1.

    The side the data point away from has a large p: a few values of the risk
    mostly show that it is the larger of the two.
    """
    a, n1, c, n2 = counts
    towards: Alternative = "greater" if a * n2 >= c * n1 else "less"
    away: Alternative = "less" if towards == "greater" else "greater"
    p = p_greater(as_greater(counts, towards), "fisher")
    opposite = as_greater(counts, away)
    region = orderings.by_fisher_greater(opposite)
    if probability(region, _A_FEW).max() < p:
        p = min(p, p_greater(opposite, "fisher"))
    return min(1.0, 2.0 * p)


def _largest(region: Region, counts: Counts, gamma: float = 0.0) -> float:
    """Largest probability of the region over the common risk."""
    a, n1, c, n2 = counts
    total, m = n1 + n2, a + c
    low, high = 0.0, math.pi
    if gamma:
        risks = (
            special.betaincinv(m, total - m + 1, gamma / 2.0) if m else 0.0,
            special.betainccinv(m + 1, total - m, gamma / 2.0) if m < total else 1.0,
        )
        low, high = (2.0 * math.asin(math.sqrt(float(risk))) for risk in risks)
    at_end = (low == 0.0 and region.holds_none) or (
        high == math.pi and region.holds_all
    )
    if at_end or region.is_everything:
        return 1.0
    # The observed table belongs to the region: its own probability is a floor.
    shares = (m / total, 1.0 - m / total)
    floor = -sum(
        float(log_choose(n)[x]) for n, x in ((n1, a), (n2, c))
    ) + total * float(special.entr(shares).sum())
    value = supremum(
        lambda phi: probability(region, phi, floor + 37.0), total, low, high
    )
    return min(1.0, value + gamma)


def as_greater(counts: Counts, alternative: Alternative) -> Counts:
    """Return the first of the equivalent tables with group 1 expected to have more."""
    a, n1, c, n2 = counts
    if alternative == "less":
        a, n1, c, n2 = c, n2, a, n1
    return min((a, n1, c, n2), (n2 - c, n2, n1 - a, n1))


def as_two_sided(counts: Counts) -> Counts:
    """Return the first of the four equivalent tables."""
    a, n1, c, n2 = counts
    return min(
        (a, n1, c, n2),
        (c, n2, a, n1),
        (n1 - a, n1, n2 - c, n2),
        (n2 - c, n2, n1 - a, n1),
    )
