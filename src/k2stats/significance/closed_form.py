r"""Closed-form tests of a 2x2 table: risks and their differences.

Every function takes tables of any shape ``(..., K)`` and works elementwise. A test is
NaN where it is undefined: where its standard error vanishes, which for the pooled
ones means that a margin is empty. No zero cell is ever filled in unasked.

Continuity corrections take one half off the deviation of events from their
expectation, and never more than the deviation itself: where the risks are equal the
corrected statistic is 0 and p is 1.
"""

import numpy as np

from k2stats._typing import Floats
from k2stats.evidence import TwoByTwo
from k2stats.significance._base import TWO_BY_TWO_TESTS, TestResult

_PEARSON = "Pearson (1900), Philos Mag 50:157"
_YATES = "Yates (1934), Suppl J R Stat Soc 1:217"
_PEARSON_1947 = "Pearson (1947), Biometrika 34:139; Campbell (2007), Stat Med 26:3661"
_FLEISS = "Fleiss, Levin and Paik (2003), Statistical Methods for Rates and Proportions"


def over_root(top: Floats, variance: Floats) -> Floats:
    """Return top over the root of the variance; NaN where that is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(variance > 0, top / np.sqrt(variance), np.nan)


def _shrunk(deviation: Floats, by: Floats | float) -> Floats:
    """Move towards 0 by `by`, no further than 0."""
    return np.sign(deviation) * np.maximum(np.abs(deviation) - by, 0.0)


def _excess(table: TwoByTwo) -> Floats:
    """Events in group 1 beyond their expectation under no association."""
    cross = table.a * table.d - table.b * table.c
    return np.asarray(cross / (table.n1 + table.n2))


def _pooled_variance(table: TwoByTwo) -> Floats:
    """Variance of the excess, from the pooled risk: n1 n2 m (N - m) / N^3."""
    total = table.n1 + table.n2
    share = (table.a + table.c) / total
    rest = (table.b + table.d) / total
    return np.asarray(table.n1 * table.n2 / total * share * rest)


def _pooled_z(table: TwoByTwo, correction: Floats | float = 0.0) -> Floats:
    return over_root(_shrunk(_excess(table), correction), _pooled_variance(table))


def conditional_z(table: TwoByTwo, correction: Floats | float = 0.0) -> Floats:
    """Pooled z with the hypergeometric variance, larger by N / (N - 1)."""
    total = table.n1 + table.n2
    return _pooled_z(table, correction) * np.sqrt((total - 1.0) / total)


def _own_variances(table: TwoByTwo) -> tuple[Floats, Floats]:
    """Variance of each group's risk, from that group alone."""
    return (
        table.a * table.b / table.n1**3,
        table.c * table.d / table.n2**3,
    )


def _difference_z(table: TwoByTwo, correction: bool = False) -> Floats:
    by = 0.5 * (1.0 / table.n1 + 1.0 / table.n2) if correction else 0.0
    variance1, variance2 = _own_variances(table)
    return over_root(_shrunk(table.risk1 - table.risk2, by), variance1 + variance2)


@TWO_BY_TWO_TESTS.register(
    "pearson",
    label="Pearson chi-squared",
    reference=_PEARSON,
    equation="X2 = N (ad - bc)^2 / (n1 n2 m (N - m)), 1 df",
    traits=("closed-form",),
)
def pearson(table: TwoByTwo) -> TestResult:
    r"""Pearson's chi-squared test, uncorrected.

    .. math:: X^2 = \frac{N (ad - bc)^2}{n_1 n_2 m (N - m)}, \qquad m = a + c

    Parameters
    ----------
    table : TwoByTwo
        Of any shape ``(..., K)``.

    Returns
    -------
    TestResult
        NaN where there are no events or only events.

    Examples
    --------
    >>> fusion = TwoByTwo.from_counts(events1=33, n1=36, events2=26, n2=35)
    >>> pearson(fusion).p.round(5)
    array([0.05073])
    """
    return TestResult(_pooled_z(table) ** 2, "chi2", 1.0)


@TWO_BY_TWO_TESTS.register(
    "yates",
    label="Yates continuity-corrected chi-squared",
    reference=_YATES,
    equation="X2 = N max(0, |ad - bc| - N/2)^2 / (n1 n2 m (N - m)), 1 df",
    traits=("closed-form", "continuity"),
)
def yates(table: TwoByTwo) -> TestResult:
    """Pearson's chi-squared with Yates's correction; NaN where Pearson's is."""
    return TestResult(_pooled_z(table, 0.5) ** 2, "chi2", 1.0)


@TWO_BY_TWO_TESTS.register(
    "n-1",
    label="N-1 chi-squared",
    reference=_PEARSON_1947,
    equation="X2 = (N - 1) (ad - bc)^2 / (n1 n2 m (N - m)), 1 df",
    traits=("closed-form",),
)
def n_minus_1(table: TwoByTwo) -> TestResult:
    """Chi-squared with the hypergeometric variance; NaN where Pearson's is.

    Also the test of Peto's odds ratio and of Cochran-Mantel-Haenszel in one stratum.
    """
    return TestResult(conditional_z(table) ** 2, "chi2", 1.0)


@TWO_BY_TWO_TESTS.register(
    "score",
    label="Score z (pooled risk difference)",
    reference=_FLEISS,
    equation="z = (p1 - p2) / sqrt(p (1 - p) (1/n1 + 1/n2))",
    traits=("closed-form", "alias"),
)
def score(table: TwoByTwo) -> TestResult:
    """Signed z with the pooled variance: the root of Pearson's chi-squared."""
    return TestResult(_pooled_z(table))


@TWO_BY_TWO_TESTS.register(
    "wald-rd",
    label="Wald z of the risk difference (unpooled)",
    reference=_FLEISS,
    equation="z = (p1 - p2) / sqrt(p1 q1 / n1 + p2 q2 / n2)",
    traits=("closed-form",),
)
def wald_rd(table: TwoByTwo) -> TestResult:
    """Risk difference over its own SE; NaN where both risks are 0 or 1."""
    return TestResult(_difference_z(table))


@TWO_BY_TWO_TESTS.register(
    "wald-rd-cc",
    label="Wald z of the risk difference, continuity-corrected",
    reference=_FLEISS,
    equation="z of wald-rd with |p1 - p2| less (1/n1 + 1/n2)/2, at least 0",
    traits=("closed-form", "continuity"),
)
def wald_rd_cc(table: TwoByTwo) -> TestResult:
    """Corrected risk difference over its SE; NaN where both risks are 0 or 1."""
    return TestResult(_difference_z(table, correction=True))


@TWO_BY_TWO_TESTS.register(
    "pooled-z-cc",
    label="Pooled z, continuity-corrected",
    reference=_FLEISS,
    equation="z of score with |p1 - p2| less (1/n1 + 1/n2)/2, at least 0",
    traits=("closed-form", "continuity", "alias"),
)
def pooled_z_cc(table: TwoByTwo) -> TestResult:
    """Signed root of Yates's chi-squared."""
    return TestResult(_pooled_z(table, 0.5))


@TWO_BY_TWO_TESTS.register(
    "cmh-cc",
    label="Cochran-Mantel-Haenszel, continuity-corrected",
    reference="Mantel and Haenszel (1959), J Natl Cancer Inst 22:719",
    equation="X2 = max(0, |a - E| - 1/2)^2 / (n1 n2 m (N - m) / (N^2 (N - 1))), 1 df",
    traits=("closed-form", "continuity"),
)
def cmh_cc(table: TwoByTwo) -> TestResult:
    """Mantel-Haenszel's corrected test of one stratum; NaN where Pearson's is."""
    return TestResult(conditional_z(table, 0.5) ** 2, "chi2", 1.0)


@TWO_BY_TWO_TESTS.register(
    "agresti-caffo",
    label="Agresti-Caffo",
    reference="Agresti and Caffo (2000), Am Stat 54:280",
    equation="z of wald-rd with xi + 1 events of ni + 2 in each group",
    traits=("closed-form",),
)
def agresti_caffo(table: TwoByTwo) -> TestResult:
    """Wald's z after one event and one non-event are added to each group.

    Defined for every table.
    """
    more = TwoByTwo(
        table.events1 + 1.0, table.n1 + 2.0, table.events2 + 1.0, table.n2 + 2.0
    )
    return TestResult(_difference_z(more))


@TWO_BY_TWO_TESTS.register(
    "score-greater",
    label="Score z, one-sided (greater)",
    reference=_FLEISS,
    equation="z = (p1 - p2) / sqrt(p (1 - p) (1/n1 + 1/n2))",
    traits=("closed-form", "one-sided"),
)
def score_greater(table: TwoByTwo) -> TestResult:
    """Pooled z against more events in group 1."""
    return TestResult(_pooled_z(table), alternative="greater")


@TWO_BY_TWO_TESTS.register(
    "wald-rd-greater",
    label="Wald z of the risk difference, one-sided (greater)",
    reference=_FLEISS,
    equation="z = (p1 - p2) / sqrt(p1 q1 / n1 + p2 q2 / n2)",
    traits=("closed-form", "one-sided"),
)
def wald_rd_greater(table: TwoByTwo) -> TestResult:
    """Unpooled z against more events in group 1."""
    return TestResult(_difference_z(table), alternative="greater")


@TWO_BY_TWO_TESTS.register(
    "yates-greater",
    label="Yates, one-sided (greater)",
    reference=_YATES,
    equation="z = signed root of Yates's chi-squared",
    traits=("closed-form", "one-sided", "continuity"),
)
def yates_greater(table: TwoByTwo) -> TestResult:
    """Corrected pooled z against more events in group 1."""
    return TestResult(_pooled_z(table, 0.5), alternative="greater")


@TWO_BY_TWO_TESTS.register(
    "score-less",
    label="Score z, one-sided (less)",
    reference=_FLEISS,
    equation="z = (p1 - p2) / sqrt(p (1 - p) (1/n1 + 1/n2))",
    traits=("closed-form", "one-sided"),
)
def score_less(table: TwoByTwo) -> TestResult:
    """Pooled z against fewer events in group 1."""
    return TestResult(_pooled_z(table), alternative="less")


@TWO_BY_TWO_TESTS.register(
    "wald-rd-less",
    label="Wald z of the risk difference, one-sided (less)",
    reference=_FLEISS,
    equation="z = (p1 - p2) / sqrt(p1 q1 / n1 + p2 q2 / n2)",
    traits=("closed-form", "one-sided"),
)
def wald_rd_less(table: TwoByTwo) -> TestResult:
    """Unpooled z against fewer events in group 1."""
    return TestResult(_difference_z(table), alternative="less")


@TWO_BY_TWO_TESTS.register(
    "yates-less",
    label="Yates, one-sided (less)",
    reference=_YATES,
    equation="z = signed root of Yates's chi-squared",
    traits=("closed-form", "one-sided", "continuity"),
)
def yates_less(table: TwoByTwo) -> TestResult:
    """Corrected pooled z against fewer events in group 1."""
    return TestResult(_pooled_z(table, 0.5), alternative="less")
