"""Confidence intervals of a risk difference, group 1 minus group 2.

Limits are on the natural scale, between -1 and 1, save for the Wald and
Agresti-Caffo intervals, which are not cut off where they overshoot: they are
printed so in the literature. No events or nothing but events in either group need no
rule, except that the Wald interval then has width zero where both groups do.
"""

import numpy as np

from k2stats._typing import Floats
from k2stats.evidence import TwoByTwo
from k2stats.significance._intervals import RD_INTERVALS, IntervalResult
from k2stats.significance._score import invert, risk_difference_score, z_critical
from k2stats.significance._unconditional import exact_limits
from k2stats.significance.proportion_intervals import wilson_cc_limits, wilson_limits


@RD_INTERVALS.register(
    "wald",
    label="Wald",
    reference="Newcombe (1998) Stat Med 17:873-890, method 1",
    equation="d ± z √(p1 q1/n1 + p2 q2/n2)",
    traits=("closed-form",),
)
def wald(table: TwoByTwo, level: float) -> IntervalResult:
    """Normal approximation with unpooled variance."""
    d = table.risk1 - table.risk2
    half = z_critical(level) * _standard_error(table)
    return IntervalResult(d, d - half, d + half)


@RD_INTERVALS.register(
    "wald-cc",
    label="Wald with continuity correction",
    reference="Newcombe (1998) Stat Med 17:873-890, method 2",
    equation="d ± [z √(p1 q1/n1 + p2 q2/n2) + (1/n1 + 1/n2)/2]",
    traits=("closed-form", "continuity"),
)
def wald_cc(table: TwoByTwo, level: float) -> IntervalResult:
    """Wald interval widened by half of 1/n1 + 1/n2."""
    d = table.risk1 - table.risk2
    half = z_critical(level) * _standard_error(table)
    half = half + (1.0 / table.n1 + 1.0 / table.n2) / 2.0
    return IntervalResult(d, d - half, d + half)


@RD_INTERVALS.register(
    "newcombe",
    label="Newcombe hybrid score",
    reference="Newcombe (1998) Stat Med 17:873-890, method 10",
    equation="d - √((p1-l1)² + (u2-p2)²) to d + √((u1-p1)² + (p2-l2)²), Wilson l, u",
    traits=("closed-form",),
)
def newcombe(table: TwoByTwo, level: float) -> IntervalResult:
    """Square-and-add of two Wilson intervals."""
    z = z_critical(level)
    return _square_and_add(
        table,
        wilson_limits(table.events1, table.n1, z),
        wilson_limits(table.events2, table.n2, z),
    )


@RD_INTERVALS.register(
    "newcombe-cc",
    label="Newcombe hybrid score with continuity correction",
    reference="Newcombe (1998) Stat Med 17:873-890, method 11",
    equation="as Newcombe, from Wilson limits with continuity correction",
    traits=("closed-form", "continuity"),
)
def newcombe_cc(table: TwoByTwo, level: float) -> IntervalResult:
    """Square-and-add of two Wilson intervals with continuity correction."""
    z = z_critical(level)
    return _square_and_add(
        table,
        wilson_cc_limits(table.events1, table.n1, z),
        wilson_cc_limits(table.events2, table.n2, z),
    )


@RD_INTERVALS.register(
    "miettinen-nurminen",
    label="Miettinen-Nurminen score",
    reference="Miettinen and Nurminen (1985) Stat Med 4:213-226",
    equation="{δ : |z(δ)| <= z}, variance at the restricted MLE times N/(N-1)",
    traits=("iterative", "score"),
)
def miettinen_nurminen(table: TwoByTwo, level: float) -> IntervalResult:
    """Inversion of the score test with the N/(N-1) factor."""
    return _score_interval(table, level, bias=True)


@RD_INTERVALS.register(
    "mee",
    label="Mee score",
    reference="Mee (1984) Biometrics 40:1175-1176",
    equation="{δ : |z(δ)| <= z}, variance at the restricted MLE",
    traits=("iterative", "score"),
)
def mee(table: TwoByTwo, level: float) -> IntervalResult:
    """Inversion of the score test."""
    return _score_interval(table, level, bias=False)


@RD_INTERVALS.register(
    "agresti-caffo",
    label="Agresti-Caffo",
    reference="Agresti and Caffo (2000) Am Stat 54:280-288",
    equation="d' ± z √(p1' q1'/(n1+2) + p2' q2'/(n2+2)), p' = (x+1)/(n+2)",
    traits=("closed-form",),
)
def agresti_caffo(table: TwoByTwo, level: float) -> IntervalResult:
    """Wald interval after one event and one non-event more in each group.

    The estimate is the difference of the adjusted risks, the interval's centre.
    """
    wider = TwoByTwo(
        table.events1 + 1.0, table.n1 + 2.0, table.events2 + 1.0, table.n2 + 2.0
    )
    return wald(wider, level)


@RD_INTERVALS.register(
    "exact",
    label="Exact unconditional (Chan-Zhang)",
    reference="Chan and Zhang (1999) Biometrics 55:1202-1209",
    equation="{δ : sup_p P(Z_δ >= z_δ) > alpha/2 and sup_p P(Z_δ <= z_δ) > alpha/2}",
    traits=("exact", "unconditional"),
)
def exact(table: TwoByTwo, level: float) -> IntervalResult:
    """Inversion of two one-sided exact unconditional tests, each at half of alpha.

    Outcomes are ordered by the score statistic (:func:`mee`); the tail probability
    is maximised over the whole range of the nuisance risk. The limits are the
    outermost values that the tests do not reject.
    """
    arrays = (table.events1, table.n1, table.events2, table.n2)
    limits = [
        exact_limits(int(x1), int(n1), int(x2), int(n2), level)
        for x1, n1, x2, n2 in zip(*(a.ravel() for a in arrays), strict=True)
    ]
    low, high = np.array(limits).T.reshape(2, *table.shape)
    return IntervalResult(table.risk1 - table.risk2, low, high)


def _standard_error(table: TwoByTwo) -> Floats:
    """Unpooled standard error of the risk difference."""
    p1, p2 = table.risk1, table.risk2
    return np.asarray(np.sqrt(p1 * (1.0 - p1) / table.n1 + p2 * (1.0 - p2) / table.n2))


def _square_and_add(
    table: TwoByTwo, first: tuple[Floats, Floats], second: tuple[Floats, Floats]
) -> IntervalResult:
    """Newcombe's combination of the limits of two proportions."""
    p1, p2 = table.risk1, table.risk2
    low = p1 - p2 - np.hypot(p1 - first[0], second[1] - p2)
    high = p1 - p2 + np.hypot(first[1] - p1, p2 - second[0])
    return IntervalResult(p1 - p2, low, high)


def _score_interval(table: TwoByTwo, level: float, *, bias: bool) -> IntervalResult:
    """Limits where the score statistic reaches its critical value."""
    score, z = risk_difference_score(table, bias=bias), z_critical(level)
    d = table.risk1 - table.risk2
    return IntervalResult(
        d,
        invert(score, d, np.full_like(d, -1.0), z),
        invert(score, d, np.full_like(d, 1.0), z),
    )
