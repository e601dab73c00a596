"""Odds ratio intervals against reference figures, mpmath and brute force."""

from itertools import pairwise

import mpmath
import numpy as np
import pytest
from scipy import optimize, stats

from k2stats.evidence import TwoByTwo
from k2stats.significance._intervals import IntervalResult
from k2stats.significance.confidence import confidence_interval

Cells = tuple[int, int, int, int]
FUSION: Cells = (33, 3, 26, 9)
TEA: Cells = (3, 1, 1, 3)
SMALL: Cells = (1, 9, 11, 3)


def interval(method: str, cells: Cells, level: float = 0.95) -> IntervalResult:
    a, b, c, d = cells
    return confidence_interval(
        TwoByTwo.from_cells(a=a, b=b, c=c, d=d), "OR", method, level
    )


def triple(found: IntervalResult) -> list[float]:
    return [found.estimate.item(), found.low.item(), found.high.item()]


def test_reference_case_7_34_1_34() -> None:
    # Reference case ci_2x2, six decimals (statsmodels 0.15.0).
    woolf = triple(interval("woolf", (7, 27, 1, 33)))
    np.testing.assert_allclose(woolf[1:], [0.99049, 73.900302], rtol=0, atol=5e-7)
    score = triple(interval("score", (7, 27, 1, 33)))
    np.testing.assert_allclose(score[1:], [1.261288, 55.848283], rtol=0, atol=5e-7)


# An independent computation in full precision of 33/36 v 26/35 and of the outcome
# swapped; the conditional limits come from scipy's root finding.
FULL = [
    ("woolf", FUSION, (3.8076923076923075, 0.9351319838873572, 15.504250693884522)),
    (
        "woolf",
        (3, 33, 9, 26),
        (0.26262626262626265, 0.06449844108844542, 1.0693677654388267),
    ),
    (
        "haldane-anscombe",
        FUSION,
        (3.431266846361186, 0.9100040168712455, 12.937956264651586),
    ),
    ("exact", FUSION, (3.7383945968583605, 0.8238507879566659, 23.632694699303464)),
]


@pytest.mark.parametrize(("method", "cells", "expected"), FULL)
def test_fusion(
    method: str, cells: Cells, expected: tuple[float, float, float]
) -> None:
    found = triple(interval(method, cells))
    np.testing.assert_allclose(found, expected, rtol=1e-8)


def conditional(cells: Cells, odds_ratio: mpmath.mpf) -> dict[int, mpmath.mpf]:
    """Noncentral hypergeometric probabilities from exact binomials, 50 digits."""
    a, b, c, d = cells
    n1, n2, m = a + b, c + d, a + c
    support = range(max(0, m - n2), min(n1, m) + 1)
    weight = {
        k: mpmath.binomial(n1, k) * mpmath.binomial(n2, m - k) * odds_ratio**k
        for k in support
    }
    total = mpmath.fsum(weight.values())
    return {k: w / total for k, w in weight.items()}


@pytest.mark.parametrize("cells", [FUSION, TEA, SMALL, (40, 60, 25, 75), (2, 0, 1, 5)])
@pytest.mark.parametrize(("method", "share"), [("exact", 1), ("midp", 0.5)])
def test_conditional_limits_and_estimate_by_mpmath(
    cells: Cells, method: str, share: float
) -> None:
    a = cells[0]
    with mpmath.workdps(50):
        estimate, low, high = triple(interval(method, cells))
        at_low = conditional(cells, mpmath.mpf(low))
        above = mpmath.fsum(p for k, p in at_low.items() if k > a) + share * at_low[a]
        assert float(above) == pytest.approx(0.025, rel=1e-10)
        if cells[1] * cells[2]:
            at_high = conditional(cells, mpmath.mpf(high))
            below = mpmath.fsum(p for k, p in at_high.items() if k < a)
            assert float(below + share * at_high[a]) == pytest.approx(0.025, rel=1e-10)
            at_best = conditional(cells, mpmath.mpf(estimate))
            mean = mpmath.fsum(k * p for k, p in at_best.items())
            assert float(mean) == pytest.approx(a, rel=1e-12)
        else:
            assert estimate == high == np.inf


# R 4.2.2 fisher.test prints limits to its root finder's default tolerance, 1.2e-4 on
# the odds ratio or its reciprocal; these are the figures that are exact to 1e-5.
R_FIGURES = [
    (FUSION, 0, 3.73838645530929),
    (FUSION, 1, 0.823850822681454),
    (TEA, 0, 6.40830886700579),
]


@pytest.mark.parametrize(("cells", "which", "expected"), R_FIGURES)
def test_r_fisher_figures(cells: Cells, which: int, expected: float) -> None:
    assert triple(interval("exact", cells))[which] == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("cells", [FUSION, TEA, SMALL, (449, 17727, 381, 17725)])
def test_exact_agrees_with_scipy(cells: Cells) -> None:
    a, b, c, d = cells
    peer = stats.contingency.odds_ratio([[a, b], [c, d]], kind="conditional")
    low, high = peer.confidence_interval(0.95)
    np.testing.assert_allclose(
        triple(interval("exact", cells)), [peer.statistic, low, high], rtol=1e-6
    )


def test_exact_on_a_large_trial() -> None:
    # 449/18176 v 381/18106: both tails of the central distribution at the limits.
    _, low, high = triple(interval("exact", (449, 17727, 381, 17725)))
    law = stats.nchypergeom_fisher
    assert law.sf(448, 36282, 830, 18176, low) == pytest.approx(0.025, rel=1e-7)
    assert law.cdf(449, 36282, 830, 18176, high) == pytest.approx(0.025, rel=1e-7)


def minimum_likelihood_p(cells: Cells, odds_ratio: float) -> float:
    """Fisher's two-sided p-value at any odds ratio, by listing the tables."""
    chance = conditional(cells, mpmath.mpf(odds_ratio))
    here = chance[cells[0]] * (1 + mpmath.mpf(10) ** -9)
    return float(mpmath.fsum(p for p in chance.values() if p <= here))


@pytest.mark.parametrize("cells", [FUSION, TEA, SMALL, (7, 27, 1, 33), (2, 8, 6, 4)])
@pytest.mark.parametrize("level", [0.8, 0.95])
def test_baptista_pike_by_enumeration(cells: Cells, level: float) -> None:
    _, low, high = triple(interval("baptista-pike", cells, level))
    for limit, step in ((low, -1.0), (high, 1.0)):
        inside, outside = limit * np.exp(-step * 1e-7), limit * np.exp(step * 1e-7)
        assert minimum_likelihood_p(cells, inside) > 1 - level
        assert minimum_likelihood_p(cells, outside) <= 1 - level
        beyond = outside * np.exp(step * np.linspace(0, 6, 80))
        assert max(minimum_likelihood_p(cells, x) for x in beyond) <= 1 - level


def test_baptista_pike_decides_as_fisher_does() -> None:
    # Two-sided p .0632: 1 lies inside. Tea .4857 inside; small .00276 outside.
    for cells, inside in ((FUSION, True), (TEA, True), (SMALL, False)):
        _, low, high = triple(interval("baptista-pike", cells))
        assert (low < 1 < high) is inside


def restricted(cells: Cells, ratio: float) -> tuple[float, float]:
    """Risks that give the observed margin at an odds ratio, by a root finder."""
    a, b, c, d = cells
    n1, n2, m = a + b, c + d, a + c

    def excess(logit2: float) -> float:
        q2 = np.exp(logit2)
        return float(n1 * ratio * q2 / (1 + ratio * q2) + n2 * q2 / (1 + q2) - m)

    odds2 = np.exp(optimize.brentq(excess, -40, 40, xtol=1e-14))
    return float(ratio * odds2 / (1 + ratio * odds2)), float(odds2 / (1 + odds2))


@pytest.mark.parametrize(
    "cells",
    [FUSION, (7, 27, 1, 33), (2, 7, 5, 2), (1, 299, 15, 25), (449, 17727, 381, 17725)],
)
@pytest.mark.parametrize("level", [0.8, 0.95, 0.999])
def test_score_limits_have_p_of_one_minus_level(cells: Cells, level: float) -> None:
    a, b, c, d = cells
    n1, n2 = a + b, c + d
    for method, factor in (
        ("score", 1.0),
        ("miettinen-nurminen", (n1 + n2) / (n1 + n2 - 1)),
    ):
        for limit in triple(interval(method, cells, level))[1:]:
            p1, p2 = restricted(cells, limit)
            precision = 1 / (n1 * p1 * (1 - p1)) + 1 / (n2 * p2 * (1 - p2))
            z = abs(a - n1 * p1) * np.sqrt(precision / factor)
            assert 2 * stats.norm.sf(z) == pytest.approx(1 - level, rel=1e-8)


METHODS = ["exact", "midp", "baptista-pike", "score", "miettinen-nurminen"]


@pytest.mark.parametrize("method", METHODS)
def test_zero_cells(method: str) -> None:
    infinite = triple(interval(method, (5, 0, 3, 4)))
    assert infinite[0] == infinite[2] == np.inf
    assert 0 < infinite[1] < np.inf
    zero = triple(interval(method, (0, 5, 4, 3)))
    assert zero[:2] == [0.0, 0.0]
    assert zero[2] == pytest.approx(1 / infinite[1], rel=1e-9)
    for nothing in ((0, 5, 0, 7), (5, 0, 7, 0)):
        np.testing.assert_array_equal(
            triple(interval(method, nothing)), [np.nan, 0.0, np.inf]
        )


def test_score_lower_limit_with_an_infinite_estimate() -> None:
    # 5/56 v 0/29: the limit is where the statistic reaches its critical value.
    low = interval("score", (5, 51, 0, 29)).low.item()
    p1, p2 = restricted((5, 51, 0, 29), low)
    z = (5 - 56 * p1) * np.sqrt(1 / (56 * p1 * (1 - p1)) + 1 / (29 * p2 * (1 - p2)))
    assert z == pytest.approx(stats.norm.ppf(0.975), rel=1e-9)


def test_woolf_zero_cells() -> None:
    np.testing.assert_array_equal(
        triple(interval("woolf", (5, 0, 3, 4))), [np.inf, np.nan, np.nan]
    )
    np.testing.assert_array_equal(
        triple(interval("woolf", (0, 5, 4, 3))), [0.0, np.nan, np.nan]
    )
    np.testing.assert_array_equal(
        triple(interval("woolf", (0, 5, 0, 3))), [np.nan, np.nan, np.nan]
    )


def test_haldane_anscombe_is_woolf_of_the_wider_table() -> None:
    # 0/10 v 0/20: OR (0.5 x 20.5) / (10.5 x 0.5).
    found = triple(interval("haldane-anscombe", (0, 10, 0, 20)))
    assert found[0] == pytest.approx(20.5 / 10.5, rel=1e-12)
    se = np.sqrt(2 + 1 / 10.5 + 2 + 1 / 20.5 - 0.0)
    z = stats.norm.ppf(0.975)
    np.testing.assert_allclose(
        np.log(found), np.log(20.5 / 10.5) + np.array([0.0, -z, z]) * se, rtol=1e-12
    )


def test_midp_lies_inside_exact() -> None:
    for cells in (FUSION, TEA, SMALL, (5, 0, 3, 4)):
        outer, inner = (triple(interval(m, cells)) for m in ("exact", "midp"))
        assert outer[1] < inner[1]
        assert inner[2] <= outer[2]


def test_conditional_batches_of_unequal_supports() -> None:
    cells = [FUSION, TEA, SMALL, (400, 600, 300, 900), (5, 0, 3, 4), (0, 5, 0, 7)]
    a, b, c, d = (np.array(x) for x in zip(*cells, strict=True))
    batch = TwoByTwo.from_cells(a=a, b=b, c=c, d=d)
    for method in ("exact", "midp", "baptista-pike"):
        together = confidence_interval(batch, "OR", method)
        alone = np.array([triple(interval(method, x)) for x in cells]).T
        got = np.stack([together.estimate, together.low, together.high])
        np.testing.assert_allclose(got, alone, rtol=1e-11)


def test_levels_nest_on_one_table() -> None:
    for method in ("exact", "midp", "baptista-pike", "score"):
        found = [triple(interval(method, FUSION, x)) for x in (0.5, 0.8, 0.95, 0.99)]
        for inner, outer in pairwise(found):
            assert outer[1] <= inner[1] <= inner[2] <= outer[2]
