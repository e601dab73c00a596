r"""Exact tests of a 2x2 table given both its margins.

All rest on the hypergeometric distribution of :math:`a`, the events in group 1,
and differ in what they count as at least as extreme as the observed table. They are
defined for every table: where a margin is empty, one table is possible and p is 1
(one half for the one-sided mid-p). Their statistic is :math:`a`.

Arrays of tables are done together; no two probabilities that are equal are told
apart by rounding.
"""

from collections.abc import Callable

import numpy as np

from k2stats._typing import Alternative, Bools, Floats, Ints
from k2stats.evidence import TwoByTwo
from k2stats.numerics import hypergeometric
from k2stats.numerics.hypergeometric import NEAR, Supports, Tables
from k2stats.significance._base import TWO_BY_TWO_TESTS, TestResult

_FISHER = "Fisher (1935), J R Stat Soc 98:39"
_LANCASTER = "Lancaster (1961), J Am Stat Assoc 56:223"


def _test(
    table: TwoByTwo,
    kernel: Callable[[Supports], Floats],
    alternative: Alternative = "two-sided",
) -> TestResult:
    """Run `kernel` on all tables and give the p-values their shape back."""
    a, b, c, d = (cell.ravel().astype(np.int64) for cell in table.cells)
    p = hypergeometric.in_chunks(Tables(a, a + b, c + d, a + c), kernel)
    return TestResult(
        table.events1,
        "exact",
        alternative=alternative,
        exact_p=np.clip(p, 0.0, 1.0).reshape(table.shape),
    )


def _above(s: Supports, own: float) -> Floats:
    """Probability above the observed cell, plus `own` times its own."""
    return s.total(s.x > s.at) + own * s.total(s.x == s.at)


def _below(s: Supports, own: float) -> Floats:
    """Probability below the observed cell, plus `own` times its own."""
    return s.total(s.x < s.at) + own * s.total(s.x == s.at)


def _doubled(s: Supports, own: float) -> Floats:
    """Twice the smaller tail."""
    return 2.0 * np.minimum(_above(s, own), _below(s, own))


def _no_likelier(s: Supports, tie: float, own: float) -> Floats:
    """Less likely tables, `tie` times the other exact ties, `own` times the own."""
    less, tied = hypergeometric.split_by_likelihood(s)
    observed = s.x == s.at
    ties = tie * s.total(tied & ~observed) if tie else 0.0
    return s.total(less) + ties + own * s.total(observed)


@TWO_BY_TWO_TESTS.register(
    "fisher",
    label="Fisher exact",
    reference=f"{_FISHER}; two-sided by likelihood: Irwin (1935), Metron 12:83",
    equation="p = sum of P(x) over x with P(x) <= P(a), given both margins",
    traits=("exact",),
)
def fisher(table: TwoByTwo) -> TestResult:
    r"""Fisher's exact test, two-sided by minimum likelihood.

    .. math:: p = \sum_{x:\, P(x) \le P(a)} P(x)

    Parameters
    ----------
    table : TwoByTwo
        Of any shape ``(..., K)``.

    Returns
    -------
    TestResult
        Defined for every table.

    Examples
    --------
    >>> fusion = TwoByTwo.from_counts(events1=33, n1=36, events2=26, n2=35)
    >>> fisher(fusion).p.round(5)
    array([0.0632])
    """
    return _test(table, lambda s: _no_likelier(s, 1.0, 1.0))


@TWO_BY_TWO_TESTS.register(
    "fisher-doubled",
    label="Fisher exact, doubled one-sided",
    reference=_FISHER,
    equation="p = min(1, 2 min{P(X <= a), P(X >= a)})",
    traits=("exact",),
)
def fisher_doubled(table: TwoByTwo) -> TestResult:
    """Twice the smaller one-sided p of Fisher's exact test, at most 1."""
    return _test(table, lambda s: _doubled(s, 1.0))


@TWO_BY_TWO_TESTS.register(
    "fisher-blaker",
    label="Fisher exact, Blaker",
    reference="Blaker (2000), Can J Stat 28:783",
    equation="p = smaller tail + largest opposite tail that does not exceed it",
    traits=("exact",),
)
def fisher_blaker(table: TwoByTwo) -> TestResult:
    r"""Blaker's exact test: tables whose smaller tail is no larger count.

    .. math:: p = P(\gamma(X) \le \gamma(a)), \qquad
        \gamma(x) = \min\{P(X \le x), P(X \ge x)\}

    Never above the doubled one-sided p.
    """
    a, b, c, d = (cell.ravel().astype(np.int64) for cell in table.cells)
    tables = Tables(a, a + b, c + d, a + c)
    turn = hypergeometric.in_chunks(
        tables, lambda s: _above(s, 1.0)
    ) < hypergeometric.in_chunks(tables, lambda s: _below(s, 1.0))
    turned = Tables(
        np.where(turn, c, a),
        np.where(turn, c + d, a + b),
        np.where(turn, a + b, c + d),
        a + c,
    )
    p = hypergeometric.in_chunks(turned, _blaker_of_lower_tail)
    return TestResult(
        table.events1, "exact", exact_p=np.minimum(p, 1.0).reshape(table.shape)
    )


def _blaker_of_lower_tail(s: Supports) -> Floats:
    """Blaker's p of tables whose lower tail is the smaller one."""
    t = s.tables
    tail = _below(s, 1.0)
    outside = t.x.copy()
    inside = np.minimum(t.n1, t.m) + 1
    while np.any(inside - outside > 1):
        middle = (inside + outside) // 2
        fits = s.total(s.x >= middle[s.owner]) <= tail * (1.0 + NEAR)
        inside, outside = (
            np.where(fits, middle, inside),
            np.where(fits, outside, middle),
        )
    opposite = s.total(s.x >= inside[s.owner])
    too_large = _exceeds(t, inside, opposite >= tail * (1.0 - NEAR))
    opposite = np.where(too_large, s.total(s.x > inside[s.owner]), opposite)
    return tail + opposite


def _exceeds(t: Tables, y: Ints, near: Bools) -> Bools:
    """Whether P(X >= y) > P(X <= x) where `near`, in integers."""
    mirrored = ((t.n1 == t.n2) & (y == t.m - t.x)) | (
        (2 * t.m == t.n1 + t.n2) & (y == t.n1 - t.x)
    )
    result = np.zeros(y.shape, dtype=bool)
    for k in np.flatnonzero(near & ~mirrored).tolist():
        n1, n2, m = int(t.n1[k]), int(t.n2[k]), int(t.m[k])
        upper = hypergeometric.weights(int(y[k]), n1, n1, n2, m)
        result[k] = upper > hypergeometric.weights(0, int(t.x[k]), n1, n2, m)
    return result


@TWO_BY_TWO_TESTS.register(
    "fisher-greater",
    label="Fisher exact, one-sided (greater)",
    reference=_FISHER,
    equation="p = P(X >= a)",
    traits=("exact", "one-sided"),
)
def fisher_greater(table: TwoByTwo) -> TestResult:
    """Fisher's exact test against more events in group 1."""
    return _test(table, lambda s: _above(s, 1.0), "greater")


@TWO_BY_TWO_TESTS.register(
    "fisher-less",
    label="Fisher exact, one-sided (less)",
    reference=_FISHER,
    equation="p = P(X <= a)",
    traits=("exact", "one-sided"),
)
def fisher_less(table: TwoByTwo) -> TestResult:
    """Fisher's exact test against fewer events in group 1."""
    return _test(table, lambda s: _below(s, 1.0), "less")


@TWO_BY_TWO_TESTS.register(
    "midp",
    label="Fisher mid-p (minimum likelihood)",
    reference=_LANCASTER,
    equation="p = sum of P(x) with P(x) < P(a), plus half the sum with P(x) = P(a)",
    traits=("exact",),
)
def midp(table: TwoByTwo) -> TestResult:
    r"""Mid-p by minimum likelihood: every exact tie counts one half.

    .. math:: p = \sum_{P(x) < P(a)} P(x) + \tfrac12 \sum_{P(x) = P(a)} P(x)

    The observed table is one of its own ties. Where the groups are equally large
    its mirror image is another, and this equals the doubled mid-p.

    Examples
    --------
    >>> fusion = TwoByTwo.from_counts(events1=33, n1=36, events2=26, n2=35)
    >>> midp(fusion).p.round(5)
    array([0.04351])
    """
    return _test(table, lambda s: _no_likelier(s, 0.5, 0.5))


@TWO_BY_TWO_TESTS.register(
    "midp-doubled",
    label="Fisher mid-p, doubled one-sided",
    reference=_LANCASTER,
    equation="p = 2 min{P(X < a), P(X > a)} + P(a)",
    traits=("exact",),
)
def midp_doubled(table: TwoByTwo) -> TestResult:
    """Twice the smaller one-sided mid-p."""
    return _test(table, lambda s: _doubled(s, 0.5))


@TWO_BY_TWO_TESTS.register(
    "midp-fisher",
    label="Fisher mid-p (less half the observed probability)",
    reference=_LANCASTER,
    equation="p = p of fisher - P(a) / 2",
    traits=("exact",),
)
def midp_fisher(table: TwoByTwo) -> TestResult:
    """Mid-p as Fisher's two-sided p less half the observed table's probability.

    Differs from ``midp`` where another table is exactly as likely as the observed
    one: that tie is counted whole here.
    """
    return _test(table, lambda s: _no_likelier(s, 1.0, 0.5))


@TWO_BY_TWO_TESTS.register(
    "midp-greater",
    label="Fisher mid-p, one-sided (greater)",
    reference=_LANCASTER,
    equation="p = P(X > a) + P(a) / 2",
    traits=("exact", "one-sided"),
)
def midp_greater(table: TwoByTwo) -> TestResult:
    """One-sided mid-p against more events in group 1."""
    return _test(table, lambda s: _above(s, 0.5), "greater")


@TWO_BY_TWO_TESTS.register(
    "midp-less",
    label="Fisher mid-p, one-sided (less)",
    reference=_LANCASTER,
    equation="p = P(X < a) + P(a) / 2",
    traits=("exact", "one-sided"),
)
def midp_less(table: TwoByTwo) -> TestResult:
    """One-sided mid-p against fewer events in group 1."""
    return _test(table, lambda s: _below(s, 0.5), "less")
