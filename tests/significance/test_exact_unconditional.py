"""Exact tests given the group sizes, against orderings and polynomials in rationals."""

import math
from fractions import Fraction
from functools import cache

import numpy as np
import pytest
from scipy import special, stats

from k2stats.evidence import TwoByTwo
from k2stats.significance import TWO_BY_TWO_TESTS, _orderings

Counts = tuple[int, int, int, int]
Cells = set[tuple[int, int]]

# Reference cases p_2x2: p to six digits.
P_2X2: dict[Counts, dict[str, float]] = {
    (7, 34, 1, 34): {
        "barnard": 0.028106,
        "barnard-unpooled": 0.028106,
        "boschloo": 0.038464,
        "boschloo-doubled": 0.038464,
    },
    (15, 40, 5, 40): {
        "barnard": 0.010371,
        "barnard-unpooled": 0.010371,
        "boschloo": 0.010371,
        "boschloo-doubled": 0.010371,
    },
    (7, 12, 1, 7): {
        "barnard": 0.080849,
        "barnard-unpooled": 0.072851,
        "boschloo": 0.096926,
        "boschloo-doubled": 0.082536,
    },
    (10, 100, 20, 100): {
        "barnard": 0.054262,
        "barnard-unpooled": 0.054262,
        "boschloo": 0.055966,
        "boschloo-doubled": 0.055966,
    },
}

# Wang 2025, fusion 33/36 v 26/35, by an independent enumeration, to five digits.
FUSION = {
    "barnard-greater": 0.02865,
    "boschloo-greater": 0.02924,
    "boschloo": 0.05682,
    "barnard": 0.05685,
    "boschloo-doubled": 0.05848,
    "barnard-unpooled": 0.05921,
    "boschloo-less": 0.98284,
    "barnard-less": 1.0,
}

# The largest value is at theta = 1/2, where p is a dyadic rational.
DYADIC: dict[Counts, float] = {
    (8, 15, 0, 5): 0.05008506774902344,
    (7, 12, 1, 7): 0.08084869384765625,
}

# Tables (groups as columns) whose ties scipy 1.17.1 loses to rounding, its issue
# 18798, with the value of a rational ordering.
LOST_TIES = {
    ((7, 1), (5, 6)): 0.080849,
    ((8, 0), (7, 5)): 0.05009,
    ((1, 11), (8, 3)): 0.001508,
    ((7, 5), (2, 16)): 0.006743,
}

INFINITE = Fraction(10**30)

SMALL = [(1, 1), (2, 3), (3, 3), (4, 2), (4, 5), (5, 5), (6, 4)]


def p(name: str, counts: Counts) -> float:
    x1, n1, x2, n2 = counts
    table = TwoByTwo.from_counts(events1=x1, n1=n1, events2=x2, n2=n2)
    return float(TWO_BY_TWO_TESTS[name].function(table).p[0])


def signed_square(x: int, y: int, n1: int, n2: int, pooled: bool) -> Fraction:
    """z squared with its sign, from the definition."""
    r1, r2 = Fraction(x, n1), Fraction(y, n2)
    if pooled:
        r = Fraction(x + y, n1 + n2)
        variance = r * (1 - r) * (Fraction(1, n1) + Fraction(1, n2))
    else:
        variance = r1 * (1 - r1) / n1 + r2 * (1 - r2) / n2
    if r1 == r2:
        return Fraction(0)
    if variance == 0:
        return INFINITE if r1 > r2 else -INFINITE
    square = (r1 - r2) ** 2 / variance
    return square if r1 > r2 else -square


@cache
def fisher(x: int, y: int, n1: int, n2: int, side: str) -> Fraction:
    m = x + y
    ways = {
        k: math.comb(n1, k) * math.comb(n2, m - k)
        for k in range(max(0, m - n2), min(n1, m) + 1)
    }
    if side == "greater":
        count = sum(w for k, w in ways.items() if k >= x)
    else:
        count = sum(w for w in ways.values() if w <= ways[x])
    return Fraction(count, math.comb(n1 + n2, m))


def extreme(name: str, counts: Counts) -> Cells:
    """Tables at least as extreme as the observed one, in rationals."""
    a, n1, c, n2 = counts
    every = [(x, y) for x in range(n1 + 1) for y in range(n2 + 1)]
    if name.startswith("boschloo"):
        side = "greater" if name.endswith("greater") else "two-sided"
        own_p = fisher(a, c, n1, n2, side)
        return {(x, y) for x, y in every if fisher(x, y, n1, n2, side) <= own_p}
    pooled = "unpooled" not in name
    own = signed_square(a, c, n1, n2, pooled)
    z = {(x, y): signed_square(x, y, n1, n2, pooled) for x, y in every}
    if name.endswith("greater"):
        return {cell for cell, value in z.items() if value >= own}
    return {cell for cell, value in z.items() if abs(value) >= abs(own)}


def largest_probability(cells: Cells, n1: int, n2: int) -> float:
    """Maximum over [0, 1] of the polynomial in theta, from its stationary points."""
    size = n1 + n2
    count = [0] * (size + 1)
    for x, y in cells:
        count[x + y] += math.comb(n1, x) * math.comb(n2, y)
    power = [
        sum(
            count[m] * math.comb(size - m, k - m) * (-1) ** (k - m)
            for m in range(k + 1)
        )
        for k in range(size + 1)
    ]
    derivative = [k * power[k] for k in range(1, size + 1)]
    roots = np.roots(np.trim_zeros(derivative[::-1], "f") or [1.0])
    inside = [r.real for r in roots if abs(r.imag) < 1e-4 and 0 < r.real < 1]
    thetas = [Fraction(r) for r in (*inside, 0.0, 1.0)]
    return max(
        float(sum(n * t**m * (1 - t) ** (size - m) for m, n in enumerate(count)))
        for t in thetas
    )


@pytest.mark.parametrize(("name", "expected"), FUSION.items())
def test_fusion(name: str, expected: float) -> None:
    assert abs(p(name, (33, 36, 26, 35)) - expected) <= 0.5e-5


@pytest.mark.parametrize("counts", P_2X2)
def test_reference_cases(counts: Counts) -> None:
    for name, expected in P_2X2[counts].items():
        assert abs(p(name, counts) - expected) <= 0.5e-6, name


@pytest.mark.parametrize(("counts", "expected"), DYADIC.items())
def test_dyadic_rationals(counts: Counts, expected: float) -> None:
    assert p("barnard", counts) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(("columns", "expected"), LOST_TIES.items())
def test_ties_are_kept(
    columns: tuple[tuple[int, int], tuple[int, int]], expected: float
) -> None:
    (a, c), (b, d) = columns
    assert abs(p("barnard", (a, a + b, c, c + d)) - expected) <= 1e-5
    assert abs(p("barnard", (c, c + d, a, a + b)) - expected) <= 1e-5


@pytest.mark.parametrize(
    "name",
    ["barnard", "barnard-unpooled", "barnard-greater", "boschloo", "boschloo-greater"],
)
@pytest.mark.parametrize(("n1", "n2"), SMALL)
def test_every_small_table(name: str, n1: int, n2: int) -> None:
    for a in range(n1 + 1):
        for c in range(n2 + 1):
            counts = (a, n1, c, n2)
            expected = largest_probability(extreme(name, counts), n1, n2)
            assert p(name, counts) == pytest.approx(expected, rel=1e-9), counts


ORDERINGS = {
    "barnard": lambda k: _orderings.by_absolute_z(k, _orderings.pooled),
    "barnard-unpooled": lambda k: _orderings.by_absolute_z(k, _orderings.unpooled),
    "barnard-greater": lambda k: _orderings.by_z(k, _orderings.pooled),
    "barnard-unpooled-greater": lambda k: _orderings.by_z(k, _orderings.unpooled),
    "boschloo": _orderings.by_fisher,
    "boschloo-greater": _orderings.by_fisher_greater,
}


@pytest.mark.parametrize("name", ORDERINGS)
@pytest.mark.parametrize(("n1", "n2"), [(7, 7), (6, 9), (10, 8), (1, 12), (9, 18)])
def test_orderings_are_exact(name: str, n1: int, n2: int) -> None:
    for a in range(0, n1 + 1, 1 + (n1 > 8)):
        for c in range(n2 + 1):
            counts = (a, n1, c, n2)
            region = ORDERINGS[name](counts)
            found = {
                (x, y)
                for x in range(n1 + 1)
                for y in range(n2 + 1)
                if y < region.lower[x]
                or y >= region.upper[x]
                or any(start[x] <= y < stop[x] for start, stop in region.inner)
            }
            assert found == extreme(name, counts), counts


def test_berger_boos() -> None:
    # The confidence set is Clopper and Pearson's of 59 among 71; the region is
    # Barnard's, its probability evaluated on a grid of the set.
    counts = (33, 36, 26, 35)
    low = special.betaincinv(59, 13, 0.0005)
    high = special.betaincinv(60, 12, 0.9995)
    cells = np.array(sorted(extreme("barnard", counts)))
    best = 0.0
    for theta in np.linspace(low, high, 801):
        chance1 = stats.binom.pmf(np.arange(37), 36, theta)
        chance2 = stats.binom.pmf(np.arange(36), 35, theta)
        best = max(best, float((chance1[cells[:, 0]] * chance2[cells[:, 1]]).sum()))
    found = p("berger-boos", counts) - 0.001
    assert best <= found * (1 + 1e-12)
    assert found == pytest.approx(best, rel=1e-5)


def test_scipy_where_it_keeps_its_ties() -> None:
    # scipy takes the columns as groups. Of 9/15 v 2/17 it loses a tie (.005080).
    for counts in ((33, 36, 26, 35), (4, 20, 11, 23)):
        a, n1, c, n2 = counts
        columns = [[a, c], [n1 - a, n2 - c]]
        doubled = stats.boschloo_exact(columns, n=64).pvalue
        assert p("boschloo-doubled", counts) == pytest.approx(doubled, rel=1e-6)
        unpooled = stats.barnard_exact(columns, pooled=False, n=64).pvalue
        assert p("barnard-unpooled", counts) == pytest.approx(unpooled, rel=1e-6)


def test_a_tie_of_the_unpooled_z_is_kept() -> None:
    counts = (9, 15, 2, 17)
    expected = largest_probability(extreme("barnard-unpooled", counts), 15, 17)
    assert p("barnard-unpooled", counts) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    "name", ["barnard", "barnard-unpooled", "boschloo", "boschloo-doubled"]
)
def test_written_another_way_round_it_is_the_same_to_the_last_bit(name: str) -> None:
    for a, n1, c, n2 in ((7, 12, 1, 7), (8, 15, 0, 5), (20, 61, 33, 70)):
        one = p(name, (a, n1, c, n2))
        assert p(name, (c, n2, a, n1)) == one
        assert p(name, (n1 - a, n1, n2 - c, n2)) == one
        assert p(name, (n2 - c, n2, n1 - a, n1)) == one


def test_zero_against_all_with_no_variance() -> None:
    # Unpooled z is infinite for 3/3 v 0/4 and for its mirror: 2 theta^3 (1-theta)^4
    # and its mirror, together at most 2 / 2^7 at theta = 1/2.
    assert p("barnard-unpooled", (3, 3, 0, 4)) == pytest.approx(2 / 2**7, rel=1e-12)
    assert p("barnard-unpooled", (3, 3, 4, 4)) == 1.0
    assert p("barnard", (0, 3, 0, 4)) == 1.0


def test_five_hundred_in_each_group() -> None:
    # 500/500 v 0/500: two tables, 2 theta^500 (1 - theta)^500 at theta = 1/2.
    for name in ("barnard", "boschloo"):
        found = p(name, (500, 500, 0, 500))
        assert found == pytest.approx(2.0**-999, rel=1e-10)
    # At theta = 1/2 alone the region has this probability; the supremum is no less.
    counts = (300, 500, 260, 500)
    region = _orderings.by_absolute_z(counts, _orderings.pooled)
    chance = stats.binom.pmf(np.arange(501), 500, 0.5)
    below = stats.binom.cdf(region.lower - 1, 500, 0.5)
    above = stats.binom.sf(region.upper - 1, 500, 0.5)
    at_half = float((chance * (below + above)).sum())
    found = p("barnard", counts)
    assert at_half * (1 - 1e-12) <= found < 0.0125


def test_distinct_tables_are_solved_once_and_shapes_kept() -> None:
    table = TwoByTwo.from_counts(
        events1=[[7, 8], [7, 7]], n1=12, events2=[[1, 1], [1, 2]], n2=7
    )
    result = TWO_BY_TWO_TESTS["barnard"].function(table)
    assert result.p.shape == (2, 2)
    assert result.p[0, 0] == result.p[1, 0] == p("barnard", (7, 12, 1, 7))
    assert result.p[0, 1] == p("barnard", (8, 12, 1, 7))
    assert result.p[1, 1] == p("barnard", (7, 12, 2, 7))
    # The statistic is the pooled z: p 8/19, SE sqrt(8 * 11 / 19^2 (1/12 + 1/7)).
    se = math.sqrt(8 * 11 / 19**2 * (1 / 12 + 1 / 7))
    assert result.statistic[0, 0] == pytest.approx((7 / 12 - 1 / 7) / se)
