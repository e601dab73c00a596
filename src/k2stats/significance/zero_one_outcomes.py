"""Tests of two means and of two ranks, on the 0/1 outcomes of a 2x2 table.

Closed-form: tables of any shape ``(..., K)``, elementwise; NaN where the standard
error vanishes.
"""

import numpy as np

from k2stats.evidence import TwoByTwo
from k2stats.significance._base import TWO_BY_TWO_TESTS, TestResult
from k2stats.significance.closed_form import conditional_z, over_root

_MANN_WHITNEY = "Mann and Whitney (1947), Ann Math Stat 18:50"
_CLASSICAL_T = "D'Agostino, Chase and Belanger (1988), Am Stat 42:198"


@TWO_BY_TWO_TESTS.register(
    "mann-whitney",
    label="Mann-Whitney (tie-corrected)",
    reference=_MANN_WHITNEY,
    equation="z = (U - n1 n2 / 2) / SE with ties; equals the N-1 test",
    traits=("closed-form", "alias"),
)
def mann_whitney(table: TwoByTwo) -> TestResult:
    r"""Mann-Whitney's U of the 0/1 outcomes by its normal approximation.

    .. math:: U - \tfrac12 n_1 n_2 = \tfrac12 (ad - bc), \qquad
        \operatorname{Var} U = \frac{n_1 n_2\, m (N - m)}{4 (N - 1)},

    ties corrected for, so that :math:`z^2` is the N-1 chi-squared.
    """
    return TestResult(conditional_z(table))


@TWO_BY_TWO_TESTS.register(
    "mann-whitney-cc",
    label="Mann-Whitney, continuity-corrected",
    reference=_MANN_WHITNEY,
    equation="z = max(0, |U - n1 n2 / 2| - 1/2) / SE with ties, signed",
    traits=("closed-form", "continuity"),
)
def mann_whitney_cc(table: TwoByTwo) -> TestResult:
    """Mann-Whitney with one half taken off U's deviation; NaN where Pearson's is.

    U moves in steps of N/2 here, so the correction is N times smaller than Yates's.
    """
    return TestResult(conditional_z(table, 1.0 / (table.n1 + table.n2)))


@TWO_BY_TWO_TESTS.register(
    "student-01",
    label="Student's t on 0/1 outcomes",
    reference=_CLASSICAL_T,
    equation="t = (p1 - p2) / sqrt((ab/n1 + cd/n2)/(N - 2) (1/n1 + 1/n2)), N - 2 df",
    traits=("closed-form",),
)
def student_01(table: TwoByTwo) -> TestResult:
    """Student's t of the 0/1 outcomes; NaN where both risks are 0 or 1."""
    freedom = table.n1 + table.n2 - 2.0
    with np.errstate(divide="ignore", invalid="ignore"):
        within = table.a * table.b / table.n1 + table.c * table.d / table.n2
        variance = within / freedom * (1.0 / table.n1 + 1.0 / table.n2)
    t = over_root(table.risk1 - table.risk2, variance)
    return TestResult(t, "t", freedom)


@TWO_BY_TWO_TESTS.register(
    "welch-01",
    label="Welch's t on 0/1 outcomes",
    reference="Welch (1947), Biometrika 34:28",
    equation="t = (p1 - p2) / sqrt(v1 + v2), vi = pi qi / (ni - 1), Welch's df",
    traits=("closed-form",),
)
def welch_01(table: TwoByTwo) -> TestResult:
    """Welch's t of the 0/1 outcomes; NaN where both risks are 0 or 1 or an n is 1."""
    with np.errstate(divide="ignore", invalid="ignore"):
        part1 = table.a * table.b / (table.n1**2 * (table.n1 - 1.0))
        part2 = table.c * table.d / (table.n2**2 * (table.n2 - 1.0))
        freedom = (part1 + part2) ** 2 / (
            part1**2 / (table.n1 - 1.0) + part2**2 / (table.n2 - 1.0)
        )
    return TestResult(over_root(table.risk1 - table.risk2, part1 + part2), "t", freedom)
