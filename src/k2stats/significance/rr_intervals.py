"""Confidence intervals of a risk ratio, group 1 over group 2.

With no events in group 1 the estimate is 0, with none in group 2 infinity, with none
in either it is undefined (NaN). Wald intervals of the logarithm then have no standard
error and their limits are NaN, unless the method adds something to the counts and
says so. The score intervals need no rule: their lower limit is 0 where group 1 has no
event, their upper limit infinity where group 2 has none, and both where neither has.
"""

import numpy as np

from k2stats._typing import Floats
from k2stats.evidence import TwoByTwo
from k2stats.significance._intervals import RR_INTERVALS, IntervalResult
from k2stats.significance._score import invert_ratio, risk_ratio_score, z_critical


@RR_INTERVALS.register(
    "katz",
    label="Katz log",
    reference="Katz, Baptista, Azen and Pike (1978) Biometrics 34:469-474",
    equation="exp(log RR ± z √(1/x1 - 1/n1 + 1/x2 - 1/n2))",
    traits=("closed-form",),
)
def katz(table: TwoByTwo, level: float) -> IntervalResult:
    """Wald interval of the log risk ratio; limits NaN where a group has no event."""
    return _log_wald(table, level)


@RR_INTERVALS.register(
    "katz-half",
    label="Walter log, 0.5 to events and n",
    reference="Walter (1975) Biometrika 62:371-374",
    equation="as Katz, from x + 1/2 and n + 1/2, whatever the table",
    traits=("closed-form",),
)
def katz_half(table: TwoByTwo, level: float) -> IntervalResult:
    """Katz after half an event more, and n with it, in each group of every table."""
    return _log_wald(_plus(table, 0.5, 0.5), level)


@RR_INTERVALS.register(
    "katz-zero-half",
    label="Katz log, 0.5 to all four cells where one is zero",
    reference="Higgins et al. (eds) Cochrane Handbook, section 10.4.4.2",
    equation="as Katz, from x + 1/2 and n + 1 in tables that hold a zero cell",
    traits=("closed-form",),
)
def katz_zero_half(table: TwoByTwo, level: float) -> IntervalResult:
    """Katz, with half a count more in every cell of the tables that hold a zero."""
    zero = np.minimum(np.minimum(table.a, table.b), np.minimum(table.c, table.d))
    half = np.where(zero == 0, 0.5, 0.0)
    return _log_wald(_plus(table, half, 2.0 * half), level)


@RR_INTERVALS.register(
    "koopman",
    label="Koopman score",
    reference="Koopman (1984) Biometrics 40:513-517",
    equation="{θ : |z(θ)| <= z}, variance at the restricted MLE",
    traits=("iterative", "score"),
)
def koopman(table: TwoByTwo, level: float) -> IntervalResult:
    """Inversion of the score test; its chi-squared form is Koopman's."""
    return _score_interval(table, level, bias=False)


@RR_INTERVALS.register(
    "miettinen-nurminen",
    label="Miettinen-Nurminen score",
    reference="Miettinen and Nurminen (1985) Stat Med 4:213-226",
    equation="{θ : |z(θ)| <= z}, variance at the restricted MLE times N/(N-1)",
    traits=("iterative", "score"),
)
def miettinen_nurminen(table: TwoByTwo, level: float) -> IntervalResult:
    """Inversion of the score test with the N/(N-1) factor."""
    return _score_interval(table, level, bias=True)


def _plus(table: TwoByTwo, events: Floats | float, n: Floats | float) -> TwoByTwo:
    """Return the table with counts added to both groups."""
    return TwoByTwo(
        table.events1 + events, table.n1 + n, table.events2 + events, table.n2 + n
    )


def _log_wald(table: TwoByTwo, level: float) -> IntervalResult:
    """Wald interval of the logarithm of the ratio."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = table.risk1 / table.risk2
        # (n - x) / (n x) is 1/x - 1/n without its cancellation.
        variance = table.b / (table.n1 * table.events1)
        variance = variance + table.d / (table.n2 * table.events2)
        factor = np.exp(z_critical(level) * np.sqrt(variance))
        low, high = ratio / factor, ratio * factor
    defined = (table.events1 > 0) & (table.events2 > 0)
    return IntervalResult(
        ratio, np.where(defined, low, np.nan), np.where(defined, high, np.nan)
    )


def _score_interval(table: TwoByTwo, level: float, *, bias: bool) -> IntervalResult:
    """Limits where the score statistic reaches its critical value."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = table.risk1 / table.risk2
    score = risk_ratio_score(table, bias=bias)
    return IntervalResult(ratio, *invert_ratio(score, ratio, z_critical(level)))
