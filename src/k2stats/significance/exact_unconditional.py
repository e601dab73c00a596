r"""Exact tests of a 2x2 table given its group sizes alone.

Both groups are binomial with one common risk :math:`\theta` under the null. A test
orders all :math:`(n_1 + 1)(n_2 + 1)` tables by how extreme they are, and takes

.. math:: p = \sup_{\theta} P_\theta(\text{at least as extreme as observed}).

Tables that are exactly as extreme as the observed one count, decided in integers;
the supremum is found by a certified search (:mod:`k2stats.numerics.supremum`). The
results do not depend on which group or which outcome is written first. Defined for
every table. Arrays are done table by table, each distinct table once. The cost grows
with the product of the group sizes at most: milliseconds at 100 a group, under half
a second at 500, seconds at 18,000.
"""

from collections.abc import Callable

import numpy as np

from k2stats._typing import Alternative, Floats
from k2stats.evidence import TwoByTwo
from k2stats.significance._base import TWO_BY_TWO_TESTS, TestResult
from k2stats.significance._orderings import Counts
from k2stats.significance._worst_case import (
    Ordering,
    as_greater,
    as_two_sided,
    p_doubled,
    p_greater,
    p_two_sided,
)
from k2stats.significance.exact_conditional import fisher, fisher_greater, fisher_less

_BARNARD = "Barnard (1947), Biometrika 34:123"
_SUISSA = "Suissa and Shuster (1985), J R Stat Soc A 148:317"
_BOSCHLOO = "Boschloo (1970), Stat Neerl 24:1"
GAMMA = 0.001
"""One minus the confidence of Berger and Boos's set for the common risk."""


def _each(table: TwoByTwo, p_value: Callable[[Counts], float]) -> Floats:
    """Apply `p_value` to each distinct table."""
    columns = (table.events1, table.n1, table.events2, table.n2)
    rows = np.stack([x.ravel() for x in columns], axis=1).astype(np.int64)
    distinct, place = np.unique(rows, axis=0, return_inverse=True)
    values = [p_value((a, n1, c, n2)) for a, n1, c, n2 in distinct.tolist()]
    return np.array(values)[place.ravel()].reshape(table.shape)


def _one_sided(table: TwoByTwo, ordering: Ordering, alternative: Alternative) -> Floats:
    return _each(
        table, lambda counts: p_greater(as_greater(counts, alternative), ordering)
    )


def _two_sided(table: TwoByTwo, ordering: Ordering, gamma: float = 0.0) -> Floats:
    return _each(
        table, lambda counts: p_two_sided(as_two_sided(counts), ordering, gamma)
    )


def _z(table: TwoByTwo, ordering: Ordering) -> Floats:
    """Pooled or unpooled z; where its SE is 0, 0 or infinite."""
    difference = table.risk1 - table.risk2
    if ordering == "pooled":
        risk = (table.a + table.c) / (table.n1 + table.n2)
        variance = risk * (1.0 - risk) * (1.0 / table.n1 + 1.0 / table.n2)
    else:
        variance = table.risk1 * (1.0 - table.risk1) / table.n1
        variance = variance + table.risk2 * (1.0 - table.risk2) / table.n2
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(difference == 0, 0.0, difference / np.sqrt(variance))


@TWO_BY_TWO_TESTS.register(
    "barnard",
    label="Barnard (pooled z)",
    reference=f"{_BARNARD}; z ordering: {_SUISSA}",
    equation="p = sup over theta of P(|Z| >= |z|), z with the pooled variance",
    traits=("exact", "unconditional"),
)
def barnard(table: TwoByTwo) -> TestResult:
    r"""Barnard's test, tables ordered by the absolute pooled z.

    .. math:: z = (\hat p_1 - \hat p_2) \big/
        \sqrt{\hat p (1 - \hat p) (1 / n_1 + 1 / n_2)}

    Zero where there are no events or only events. Ties are decided in integers;
    deciding them in floats loses tables that are exactly as extreme and gives
    p-values that are too small.

    Parameters
    ----------
    table : TwoByTwo
        Of any shape ``(..., K)``.

    Returns
    -------
    TestResult
        Its statistic is the signed z.

    Examples
    --------
    >>> fusion = TwoByTwo.from_counts(events1=33, n1=36, events2=26, n2=35)
    >>> barnard(fusion).p.round(5)
    array([0.05685])
    """
    return TestResult(_z(table, "pooled"), "exact", exact_p=_two_sided(table, "pooled"))


@TWO_BY_TWO_TESTS.register(
    "barnard-unpooled",
    label="Barnard (unpooled z)",
    reference=_SUISSA,
    equation="p = sup over theta of P(|Z| >= |z|), z with each group's own variance",
    traits=("exact", "unconditional"),
)
def barnard_unpooled(table: TwoByTwo) -> TestResult:
    """Barnard's test, tables ordered by the absolute unpooled z.

    Where both variances vanish z is 0 for equal risks and infinite for 0 v 1.
    """
    return TestResult(
        _z(table, "unpooled"), "exact", exact_p=_two_sided(table, "unpooled")
    )


@TWO_BY_TWO_TESTS.register(
    "barnard-greater",
    label="Barnard (pooled z), one-sided (greater)",
    reference=f"{_BARNARD}; z ordering: {_SUISSA}",
    equation="p = sup over theta of P(Z >= z), z with the pooled variance",
    traits=("exact", "unconditional", "one-sided"),
)
def barnard_greater(table: TwoByTwo) -> TestResult:
    """Barnard's test by pooled z against more events in group 1."""
    p = _one_sided(table, "pooled", "greater")
    return TestResult(_z(table, "pooled"), "exact", alternative="greater", exact_p=p)


@TWO_BY_TWO_TESTS.register(
    "barnard-less",
    label="Barnard (pooled z), one-sided (less)",
    reference=f"{_BARNARD}; z ordering: {_SUISSA}",
    equation="p = sup over theta of P(Z <= z), z with the pooled variance",
    traits=("exact", "unconditional", "one-sided"),
)
def barnard_less(table: TwoByTwo) -> TestResult:
    """Barnard's test by pooled z against fewer events in group 1."""
    p = _one_sided(table, "pooled", "less")
    return TestResult(_z(table, "pooled"), "exact", alternative="less", exact_p=p)


@TWO_BY_TWO_TESTS.register(
    "boschloo",
    label="Boschloo (two-sided Fisher ordering)",
    reference=_BOSCHLOO,
    equation="p = sup over theta of P(Fisher's two-sided p <= observed)",
    traits=("exact", "unconditional"),
)
def boschloo(table: TwoByTwo) -> TestResult:
    r"""Boschloo's test, tables ordered by Fisher's two-sided p.

    .. math:: p = \sup_\theta P_\theta(p_F(X_1, X_2) \le p_F(a, c))

    with :math:`p_F` by minimum likelihood. Never above Fisher's p itself.

    Examples
    --------
    >>> fusion = TwoByTwo.from_counts(events1=33, n1=36, events2=26, n2=35)
    >>> boschloo(fusion).p.round(4)
    array([0.0568])
    """
    return TestResult(fisher(table).p, "exact", exact_p=_two_sided(table, "fisher"))


@TWO_BY_TWO_TESTS.register(
    "boschloo-doubled",
    label="Boschloo, doubled one-sided",
    reference=_BOSCHLOO,
    equation="p = min(1, 2 min{p greater, p less})",
    traits=("exact", "unconditional"),
)
def boschloo_doubled(table: TwoByTwo) -> TestResult:
    """Twice the smaller one-sided p of Boschloo's test, at most 1.

    Another test than ``boschloo``, under the same name in some software.
    """
    p = _each(table, lambda counts: p_doubled(as_two_sided(counts)))
    ordered = np.minimum(fisher_greater(table).p, fisher_less(table).p)
    return TestResult(ordered, "exact", exact_p=p)


@TWO_BY_TWO_TESTS.register(
    "boschloo-greater",
    label="Boschloo, one-sided (greater)",
    reference=_BOSCHLOO,
    equation="p = sup over theta of P(Fisher's p (greater) <= observed)",
    traits=("exact", "unconditional", "one-sided"),
)
def boschloo_greater(table: TwoByTwo) -> TestResult:
    """Boschloo's test against more events in group 1."""
    p = _one_sided(table, "fisher", "greater")
    return TestResult(
        fisher_greater(table).p, "exact", alternative="greater", exact_p=p
    )


@TWO_BY_TWO_TESTS.register(
    "boschloo-less",
    label="Boschloo, one-sided (less)",
    reference=_BOSCHLOO,
    equation="p = sup over theta of P(Fisher's p (less) <= observed)",
    traits=("exact", "unconditional", "one-sided"),
)
def boschloo_less(table: TwoByTwo) -> TestResult:
    """Boschloo's test against fewer events in group 1."""
    p = _one_sided(table, "fisher", "less")
    return TestResult(fisher_less(table).p, "exact", alternative="less", exact_p=p)


@TWO_BY_TWO_TESTS.register(
    "berger-boos",
    label="Berger-Boos (pooled z)",
    reference="Berger and Boos (1994), J Am Stat Assoc 89:1012",
    equation="p = sup over theta in C of P(|Z| >= |z|) + .001, C of 99.9% confidence",
    traits=("exact", "unconditional"),
)
def berger_boos(table: TwoByTwo) -> TestResult:
    r"""Barnard's test over the common risks that the data leave plausible.

    .. math:: p = \sup_{\theta \in C} P_\theta(|Z| \ge |z|) + \gamma,
        \qquad \gamma = 0.001,

    at most 1, with C the Clopper-Pearson interval of level :math:`1 - \gamma` for
    the events of both groups together.
    """
    return TestResult(
        _z(table, "pooled"), "exact", exact_p=_two_sided(table, "pooled", GAMMA)
    )
