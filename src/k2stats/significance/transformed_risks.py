r"""Closed-form tests of a 2x2 table on a transformed scale: log ratios, arcsines.

Every function takes tables of any shape ``(..., K)`` and works elementwise. A log
ratio is NaN where a cell it needs is zero: nothing is added to zero cells unless the
test is named for it. The arcsine tests are defined for every table.
"""

import numpy as np

from k2stats._typing import Floats
from k2stats.evidence import TwoByTwo
from k2stats.significance._base import TWO_BY_TWO_TESTS, TestResult

_KATZ = "Katz, Baptista, Azen and Pike (1978), Biometrics 34:469"
_WOOLF = "Woolf (1955), Ann Hum Genet 19:251"
_COX = "Cox (1970), The Analysis of Binary Data"
_HALDANE = "Haldane (1956), Ann Hum Genet 20:309; Anscombe (1956), Biometrika 43:461"


def _log_ratio_z(x1: Floats, n1: Floats, x2: Floats, n2: Floats) -> Floats:
    """Log of the ratio of two shares over its delta-method SE."""
    with np.errstate(divide="ignore", invalid="ignore"):
        # (n - x) / (n x) is 1/x - 1/n without its cancellation.
        variance = (n1 - x1) / (n1 * x1) + (n2 - x2) / (n2 * x2)
        z = np.log((x1 / n1) / (x2 / n2)) / np.sqrt(variance)
        return np.where((x1 > 0) & (x2 > 0) & (variance > 0), z, np.nan)


def _log_odds_z(table: TwoByTwo, add: float = 0.0) -> Floats:
    """Log odds ratio over its SE, `add` put in every cell."""
    a, b, c, d = (cell + add for cell in table.cells)
    with np.errstate(divide="ignore", invalid="ignore"):
        odds = np.log(a / b) - np.log(c / d)
        z = odds / np.sqrt(1.0 / a + 1.0 / b + 1.0 / c + 1.0 / d)
        return np.where(np.minimum(np.minimum(a, b), np.minimum(c, d)) > 0, z, np.nan)


def _angle(events: Floats, n: Floats) -> Floats:
    """Arcsine of the root of a share, exact at both ends."""
    return np.asarray(np.arctan2(np.sqrt(events), np.sqrt(n - events)))


@TWO_BY_TWO_TESTS.register(
    "log-rr",
    label="Wald z of the log risk ratio",
    reference=_KATZ,
    equation="z = log(p1 / p2) / sqrt(1/a - 1/n1 + 1/c - 1/n2)",
    traits=("closed-form",),
)
def log_rr(table: TwoByTwo) -> TestResult:
    r"""Log risk ratio of the events over its SE.

    .. math:: z = \frac{\log (\hat p_1 / \hat p_2)}
        {\sqrt{1/a - 1/n_1 + 1/c - 1/n_2}}

    NaN where a group has no events, or both have only events.

    Examples
    --------
    >>> fusion = TwoByTwo.from_counts(events1=33, n1=36, events2=26, n2=35)
    >>> log_rr(fusion).p.round(5)
    array([0.05918])
    """
    return TestResult(_log_ratio_z(table.a, table.n1, table.c, table.n2))


@TWO_BY_TWO_TESTS.register(
    "log-rr-nonevents",
    label="Wald z of the log risk ratio of non-events",
    reference=_KATZ,
    equation="z = log(q2 / q1) / sqrt(1/b - 1/n1 + 1/d - 1/n2)",
    traits=("closed-form",),
)
def log_rr_nonevents(table: TwoByTwo) -> TestResult:
    """Log risk ratio of the non-events over its SE, signed as for the events.

    NaN where a group has no non-events, or both have only non-events.
    """
    return TestResult(-_log_ratio_z(table.b, table.n1, table.d, table.n2))


@TWO_BY_TWO_TESTS.register(
    "log-or",
    label="Wald z of the log odds ratio (Woolf)",
    reference=_WOOLF,
    equation="z = log(ad / bc) / sqrt(1/a + 1/b + 1/c + 1/d)",
    traits=("closed-form",),
)
def log_or(table: TwoByTwo) -> TestResult:
    """Log odds ratio over Woolf's SE; NaN where a cell is zero."""
    return TestResult(_log_odds_z(table))


@TWO_BY_TWO_TESTS.register(
    "haldane-anscombe",
    label="Wald z of the log odds ratio, 1/2 added to every cell",
    reference=_HALDANE,
    equation="z of log-or with a + 1/2, b + 1/2, c + 1/2, d + 1/2",
    traits=("closed-form",),
)
def haldane_anscombe(table: TwoByTwo) -> TestResult:
    """Log odds ratio with one half in every cell; defined for every table."""
    return TestResult(_log_odds_z(table, 0.5))


@TWO_BY_TWO_TESTS.register(
    "logistic-wald",
    label="Logistic regression, Wald",
    reference=_COX,
    equation="z = log(ad / bc) / sqrt(1/a + 1/b + 1/c + 1/d)",
    traits=("closed-form", "alias"),
)
def logistic_wald(table: TwoByTwo) -> TestResult:
    """Wald test of the group in a logistic regression: Woolf's z.

    NaN where a cell is zero, where the regression has no finite estimate.
    """
    return TestResult(_log_odds_z(table))


@TWO_BY_TWO_TESTS.register(
    "logistic-wald-t",
    label="Logistic regression, Wald against t",
    reference=_COX,
    equation="t = log(ad / bc) / sqrt(1/a + 1/b + 1/c + 1/d), N - 2 df",
    traits=("closed-form",),
)
def logistic_wald_t(table: TwoByTwo) -> TestResult:
    """Woolf's z read against t with N - 2 degrees of freedom; NaN likewise."""
    freedom = table.n1 + table.n2 - 2.0
    t = np.where(freedom > 0, _log_odds_z(table), np.nan)
    return TestResult(t, "t", freedom)


@TWO_BY_TWO_TESTS.register(
    "arcsine",
    label="Arcsine difference",
    reference="Cohen (1988), Statistical Power Analysis, ch. 6",
    equation="z = (2 asin sqrt(p1) - 2 asin sqrt(p2)) / sqrt(1/n1 + 1/n2)",
    traits=("closed-form",),
)
def arcsine(table: TwoByTwo) -> TestResult:
    """Difference of the variance-stabilised risks; defined for every table.

    Examples
    --------
    >>> fusion = TwoByTwo.from_counts(events1=33, n1=36, events2=26, n2=35)
    >>> arcsine(fusion).p.round(4)
    array([0.0441])
    """
    angle = _angle(table.a, table.n1) - _angle(table.c, table.n2)
    return TestResult(2.0 * angle / np.sqrt(1.0 / table.n1 + 1.0 / table.n2))


@TWO_BY_TWO_TESTS.register(
    "arcsine-anscombe",
    label="Arcsine difference, Anscombe",
    reference="Anscombe (1948), Biometrika 35:246",
    equation="z of arcsine with (xi + 3/8) / (ni + 3/4) and 1/(ni + 1/2)",
    traits=("closed-form",),
)
def arcsine_anscombe(table: TwoByTwo) -> TestResult:
    """Arcsine difference with Anscombe's 3/8; defined for every table."""
    angle1 = _angle(table.a + 0.375, table.n1 + 0.75)
    angle2 = _angle(table.c + 0.375, table.n2 + 0.75)
    spread = np.sqrt(1.0 / (table.n1 + 0.5) + 1.0 / (table.n2 + 0.5))
    return TestResult(2.0 * (angle1 - angle2) / spread)


@TWO_BY_TWO_TESTS.register(
    "freeman-tukey-arcsine",
    label="Freeman-Tukey double arcsine",
    reference="Freeman and Tukey (1950), Ann Math Stat 21:607",
    equation="z of asin sqrt(x/(n+1)) + asin sqrt((x+1)/(n+1)), variance 1/(n+1/2)",
    traits=("closed-form",),
)
def freeman_tukey_arcsine(table: TwoByTwo) -> TestResult:
    """Difference of the double arcsines; defined for every table."""
    double1, double2 = (
        _angle(x, n + 1.0) + _angle(x + 1.0, n + 1.0)
        for x, n in ((table.a, table.n1), (table.c, table.n2))
    )
    spread = np.sqrt(1.0 / (table.n1 + 0.5) + 1.0 / (table.n2 + 0.5))
    return TestResult((double1 - double2) / spread)
