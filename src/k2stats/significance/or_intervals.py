"""Confidence intervals of an odds ratio, group 1 over group 2.

A zero among the events of group 1 or the non-events of group 2 makes the estimate 0,
one among the other two cells makes it infinite, one in each pair leaves it undefined
(NaN): then all or none had the event. Woolf's limits are NaN wherever a cell is zero;
Gart's rule adds to the cells of every table. The exact and score intervals need no
rule: their lower limit is 0 where the estimate is, their upper limit infinity where
the estimate is, and both where it is undefined.
"""

import numpy as np

from k2stats.evidence import TwoByTwo
from k2stats.significance._conditional import ConditionalTable
from k2stats.significance._intervals import OR_INTERVALS, IntervalResult
from k2stats.significance._score import invert_ratio, odds_ratio_score, z_critical


@OR_INTERVALS.register(
    "woolf",
    label="Woolf log",
    reference="Woolf (1955) Ann Hum Genet 19:251-253",
    equation="exp(log OR ± z √(1/a + 1/b + 1/c + 1/d))",
    traits=("closed-form",),
)
def woolf(table: TwoByTwo, level: float) -> IntervalResult:
    """Wald interval of the log odds ratio; limits NaN where a cell is zero."""
    return _log_wald(table, level)


@OR_INTERVALS.register(
    "haldane-anscombe",
    label="Haldane-Anscombe (Gart) log, 0.5 to all cells",
    reference="Gart (1966) Biometrika 53:557-561",
    equation="as Woolf, from a + 1/2, b + 1/2, c + 1/2, d + 1/2, whatever the table",
    traits=("closed-form",),
)
def haldane_anscombe(table: TwoByTwo, level: float) -> IntervalResult:
    """Woolf after half a count more in every cell; so is the estimate."""
    return _log_wald(
        TwoByTwo(
            table.events1 + 0.5, table.n1 + 1.0, table.events2 + 0.5, table.n2 + 1.0
        ),
        level,
    )


@OR_INTERVALS.register(
    "exact",
    label="Exact conditional (Cornfield-Fisher)",
    reference="Cornfield (1956) Proc 3rd Berkeley Symp 4:135-148",
    equation="P(X >= a | margins; low) = P(X <= a | margins; high) = alpha/2",
    traits=("exact",),
)
def exact(table: TwoByTwo, level: float) -> IntervalResult:
    """Inversion of two one-sided exact conditional tests.

    The estimate is the conditional maximum likelihood estimate, at which the expected
    number of events in group 1, given the margins, is the one observed.
    """
    conditional = ConditionalTable(table)
    tail = (1.0 - level) / 2.0
    return IntervalResult(conditional.estimate(), *conditional.limits(tail, share=1.0))


@OR_INTERVALS.register(
    "midp",
    label="Conditional mid-p",
    reference="Mehta and Walsh (1992) Am Stat 46:146-150",
    equation="P(X > a) + P(X = a)/2 = alpha/2 given the margins, and likewise above",
    traits=("exact",),
)
def midp(table: TwoByTwo, level: float) -> IntervalResult:
    """As exact, with half the probability of the table observed."""
    conditional = ConditionalTable(table)
    tail = (1.0 - level) / 2.0
    return IntervalResult(conditional.estimate(), *conditional.limits(tail, share=0.5))


@OR_INTERVALS.register(
    "baptista-pike",
    label="Baptista-Pike exact conditional",
    reference="Baptista and Pike (1977) J R Stat Soc C 26:214-220",
    equation="hull of {ψ : two-sided minimum-likelihood p(ψ) > alpha}",
    traits=("exact",),
)
def baptista_pike(table: TwoByTwo, level: float) -> IntervalResult:
    """Inversion of Fisher's two-sided test, tables ordered by their probability.

    It agrees with Fisher's minimum-likelihood p-value on whether 1 is excluded,
    save for ratios in a gap of the confidence set, which the hull closes.
    """
    conditional = ConditionalTable(table)
    low, high = conditional.minimum_likelihood_limits(1.0 - level)
    return IntervalResult(conditional.estimate(), low, high)


@OR_INTERVALS.register(
    "score",
    label="Score",
    reference="Cornfield (1956) Proc 3rd Berkeley Symp 4:135-148",
    equation="{ψ : |z(ψ)| <= z}, variance at the restricted MLE",
    traits=("iterative", "score"),
)
def score(table: TwoByTwo, level: float) -> IntervalResult:
    """Inversion of the score test: Cornfield's interval without correction."""
    return _score_interval(table, level, bias=False)


@OR_INTERVALS.register(
    "miettinen-nurminen",
    label="Miettinen-Nurminen score",
    reference="Miettinen and Nurminen (1985) Stat Med 4:213-226",
    equation="{ψ : |z(ψ)| <= z}, variance at the restricted MLE times N/(N-1)",
    traits=("iterative", "score"),
)
def miettinen_nurminen(table: TwoByTwo, level: float) -> IntervalResult:
    """Inversion of the score test with the N/(N-1) factor."""
    return _score_interval(table, level, bias=True)


def _log_wald(table: TwoByTwo, level: float) -> IntervalResult:
    """Wald interval of the logarithm of the ratio."""
    a, b, c, d = table.cells
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = (a * d) / (b * c)
        factor = np.exp(
            z_critical(level) * np.sqrt(1.0 / a + 1.0 / b + 1.0 / c + 1.0 / d)
        )
        low, high = ratio / factor, ratio * factor
    defined = (a > 0) & (b > 0) & (c > 0) & (d > 0)
    return IntervalResult(
        ratio, np.where(defined, low, np.nan), np.where(defined, high, np.nan)
    )


def _score_interval(table: TwoByTwo, level: float, *, bias: bool) -> IntervalResult:
    """Limits where the score statistic reaches its critical value."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = (table.a * table.d) / (table.b * table.c)
    statistic = odds_ratio_score(table, bias=bias)
    return IntervalResult(ratio, *invert_ratio(statistic, ratio, z_critical(level)))
