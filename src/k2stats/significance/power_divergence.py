r"""Power-divergence tests of a 2x2 table: G and the Cressie-Read family.

With observed cells O and their expectations E under no association,

.. math:: CR(\lambda) = \frac{2}{\lambda (\lambda + 1)} \sum O
    \left\{ \left(\frac{O}{E}\right)^{\lambda} - 1 \right\},

read against chi-squared with 1 degree of freedom. Pearson's is :math:`\lambda = 1`,
G the limit at 0. NaN where a margin is empty; where a cell is zero the terms have
their limits, finite for :math:`\lambda > -1`, and the tests with
:math:`\lambda \le -1` are NaN.
"""

import numpy as np

from k2stats._typing import Floats
from k2stats.evidence import TwoByTwo
from k2stats.numerics.factorials import deviance
from k2stats.significance._base import TWO_BY_TWO_TESTS, TestResult

_WILKS = "Wilks (1938), Ann Math Stat 9:60; Woolf (1957), Ann Hum Genet 21:397"
_CRESSIE_READ = "Cressie and Read (1984), J R Stat Soc B 46:440"


def _expected(table: TwoByTwo) -> tuple[Floats, Floats, Floats, Floats]:
    """Cells under no association; NaN where a margin is empty."""
    total = table.n1 + table.n2
    events, others = table.a + table.c, table.b + table.d
    ok = (events > 0) & (others > 0)
    share = np.where(ok, events / total, np.nan)
    rest = np.where(ok, others / total, np.nan)
    return table.n1 * share, table.n1 * rest, table.n2 * share, table.n2 * rest


def _g(table: TwoByTwo, correction: float = 0.0) -> Floats:
    """Twice the deviance, cells moved towards their expectations by `correction`."""
    total = np.zeros(table.shape)
    for o, e in zip(table.cells, _expected(table), strict=True):
        moved = o
        if correction:
            moved = o - np.sign(o - e) * np.minimum(correction, np.abs(o - e))
        total += deviance(moved, e)
    return 2.0 * total


def _signed_root(table: TwoByTwo) -> Floats:
    with np.errstate(invalid="ignore"):
        return np.sign(table.risk1 - table.risk2) * np.sqrt(np.maximum(_g(table), 0.0))


def _divergence(table: TwoByTwo, power: float) -> Floats:
    """CR at a power other than 0 and -1."""
    total = np.zeros(table.shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        for o, e in zip(table.cells, _expected(table), strict=True):
            # Adding the zero sum of E - O lets every term vanish at O = E.
            step = (o - e) / e
            term = np.expm1((power + 1.0) * np.log1p(step)) - (power + 1.0) * step
            total += e * term
        value = 2.0 * total / (power * (power + 1.0))
        return np.where(np.isfinite(value), np.maximum(value, 0.0), np.nan)


@TWO_BY_TWO_TESTS.register(
    "g",
    label="Likelihood ratio (G)",
    reference=_WILKS,
    equation="G = 2 sum O log(O / E), 1 df",
    traits=("closed-form",),
)
def g(table: TwoByTwo) -> TestResult:
    r"""Likelihood-ratio chi-squared.

    .. math:: G = 2 \sum O \log (O / E), \qquad 0 \log 0 = 0

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
    >>> g(fusion).p.round(5)
    array([0.04665])
    """
    return TestResult(_g(table), "chi2", 1.0)


@TWO_BY_TWO_TESTS.register(
    "g-williams",
    label="Likelihood ratio (G), Williams",
    reference="Williams (1976), Biometrika 63:33",
    equation="G / q, q = 1 + (N/n1 + N/n2 - 1) (N/m + N/(N-m) - 1) / (6 N), 1 df",
    traits=("closed-form",),
)
def g_williams(table: TwoByTwo) -> TestResult:
    """G over Williams's factor; NaN where G is."""
    total = table.n1 + table.n2
    with np.errstate(divide="ignore", invalid="ignore"):
        rows = total / table.n1 + total / table.n2 - 1.0
        columns = total / (table.a + table.c) + total / (table.b + table.d) - 1.0
        value = _g(table) / (1.0 + rows * columns / (6.0 * total))
    return TestResult(value, "chi2", 1.0)


@TWO_BY_TWO_TESTS.register(
    "g-yates",
    label="Likelihood ratio (G), continuity-corrected",
    reference="Yates (1934), Suppl J R Stat Soc 1:217; Sokal and Rohlf, Biometry",
    equation="G of the cells moved by 1/2 towards E, no further than E, 1 df",
    traits=("closed-form", "continuity"),
)
def g_yates(table: TwoByTwo) -> TestResult:
    """G with Yates's correction of the cells; NaN where G is."""
    return TestResult(_g(table, 0.5), "chi2", 1.0)


@TWO_BY_TWO_TESTS.register(
    "logistic-lr",
    label="Logistic regression, likelihood ratio",
    reference="Cox (1970), The Analysis of Binary Data",
    equation="G = 2 (log L1 - log L0), 1 df",
    traits=("closed-form", "alias"),
)
def logistic_lr(table: TwoByTwo) -> TestResult:
    """Likelihood-ratio test of the group in a logistic regression: G."""
    return TestResult(_g(table), "chi2", 1.0)


@TWO_BY_TWO_TESTS.register(
    "cressie-read",
    label="Cressie-Read",
    reference=_CRESSIE_READ,
    equation="CR(2/3) = (9/5) sum O ((O/E)^(2/3) - 1), 1 df",
    traits=("closed-form",),
)
def cressie_read(table: TwoByTwo) -> TestResult:
    """Power divergence with lambda 2/3; NaN where a margin is empty."""
    return TestResult(_divergence(table, 2.0 / 3.0), "chi2", 1.0)


@TWO_BY_TWO_TESTS.register(
    "freeman-tukey",
    label="Freeman-Tukey",
    reference=f"{_CRESSIE_READ}; Freeman and Tukey (1950), Ann Math Stat 21:607",
    equation="CR(-1/2) = 4 sum (sqrt O - sqrt E)^2, 1 df",
    traits=("closed-form",),
)
def freeman_tukey(table: TwoByTwo) -> TestResult:
    """Power divergence with lambda -1/2; NaN where a margin is empty."""
    return TestResult(_divergence(table, -0.5), "chi2", 1.0)


@TWO_BY_TWO_TESTS.register(
    "neyman",
    label="Neyman modified chi-squared",
    reference=f"{_CRESSIE_READ}; Neyman (1949), First Berkeley Symposium",
    equation="CR(-2) = sum (O - E)^2 / O, 1 df",
    traits=("closed-form",),
)
def neyman(table: TwoByTwo) -> TestResult:
    """Power divergence with lambda -2; NaN where a cell is zero."""
    return TestResult(_divergence(table, -2.0), "chi2", 1.0)


@TWO_BY_TWO_TESTS.register(
    "modified-lr",
    label="Modified likelihood ratio",
    reference=f"{_CRESSIE_READ}; Kullback (1959), Information Theory and Statistics",
    equation="CR(-1) = 2 sum E log(E / O), 1 df",
    traits=("closed-form",),
)
def modified_lr(table: TwoByTwo) -> TestResult:
    """Power divergence with lambda -1; NaN where a cell is zero."""
    total = np.zeros(table.shape)
    for o, e in zip(table.cells, _expected(table), strict=True):
        total += np.where(o > 0, deviance(e, np.where(o > 0, o, np.nan)), np.nan)
    return TestResult(2.0 * total, "chi2", 1.0)


@TWO_BY_TWO_TESTS.register(
    "g-greater",
    label="Likelihood ratio (G), one-sided (greater)",
    reference=_WILKS,
    equation="z = sign(p1 - p2) sqrt(G)",
    traits=("closed-form", "one-sided"),
)
def g_greater(table: TwoByTwo) -> TestResult:
    """Signed root of G against more events in group 1."""
    return TestResult(_signed_root(table), alternative="greater")


@TWO_BY_TWO_TESTS.register(
    "g-less",
    label="Likelihood ratio (G), one-sided (less)",
    reference=_WILKS,
    equation="z = sign(p1 - p2) sqrt(G)",
    traits=("closed-form", "one-sided"),
)
def g_less(table: TwoByTwo) -> TestResult:
    """Signed root of G against fewer events in group 1."""
    return TestResult(_signed_root(table), alternative="less")
