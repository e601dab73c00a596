"""Risk difference intervals against published limits and brute force."""

import numpy as np
import pytest
from scipy import optimize, stats

from k2stats.evidence import TwoByTwo
from k2stats.significance._unconditional import upper_tail
from k2stats.significance.confidence import confidence_interval


def table(x1: int, n1: int, x2: int, n2: int) -> TwoByTwo:
    return TwoByTwo.from_counts(events1=x1, n1=n1, events2=x2, n2=n2)


def limits(
    method: str, counts: tuple[int, int, int, int], level: float = 0.95
) -> list[float]:
    found = confidence_interval(table(*counts), "RD", method, level)
    return [found.low.item(), found.high.item()]


# Newcombe (1998) Stat Med 17:873-890, Table II, eight pairs of proportions.
NEWCOMBE = [
    (56, 70, 48, 80),
    (9, 10, 3, 10),
    (6, 7, 2, 7),
    (5, 56, 0, 29),
    (0, 10, 0, 20),
    (0, 10, 0, 10),
    (10, 10, 0, 20),
    (10, 10, 0, 10),
]
TABLE_II = {
    "wald": [
        (0.0575, 0.3425),
        (0.2605, 0.9395),
        (0.1481, 0.9947),
        (0.0146, 0.1640),
        (0.0, 0.0),
        (0.0, 0.0),
        (1.0, 1.0),
        (1.0, 1.0),
    ],
    "wald-cc": [
        (0.0441, 0.3559),
        (0.1605, 1.0395),
        (0.0053, 1.1376),
        (-0.0116, 0.1901),
        (-0.0750, 0.0750),
        (-0.1000, 0.1000),
        (0.9250, 1.0750),
        (0.9000, 1.1000),
    ],
    "mee": [
        (0.0533, 0.3377),
        (0.1821, 0.8370),
        (0.0544, 0.8478),
        (-0.0313, 0.1926),
        (-0.1611, 0.2775),
        (-0.2775, 0.2775),
        (0.7225, 1.0),
        (0.6777, 1.0),
    ],
    "miettinen-nurminen": [
        (0.0528, 0.3382),
        (0.1700, 0.8406),
        (0.0342, 0.8534),
        (-0.0326, 0.1933),
        (-0.1658, 0.2844),
        (-0.2879, 0.2879),
        (0.7156, 1.0),
        (0.6636, 1.0),
    ],
    "newcombe": [
        (0.0524, 0.3339),
        (0.1705, 0.8090),
        (0.0582, 0.8062),
        (-0.0381, 0.1926),
        (-0.1611, 0.2775),
        (-0.2775, 0.2775),
        (0.6791, 1.0),
        (0.6075, 1.0),
    ],
    "newcombe-cc": [
        (0.0428, 0.3422),
        (0.1013, 0.8387),
        (-0.0290, 0.8423),
        (-0.0667, 0.2037),
        (-0.2005, 0.3445),
        (-0.3445, 0.3445),
        (0.6014, 1.0),
        (0.5128, 1.0),
    ],
}


@pytest.mark.parametrize(
    ("method", "counts", "expected"),
    [
        (method, counts, row)
        for method, rows in TABLE_II.items()
        for counts, row in zip(NEWCOMBE, rows, strict=True)
    ],
)
def test_newcombe_1998_table_ii(
    method: str, counts: tuple[int, int, int, int], expected: tuple[float, float]
) -> None:
    np.testing.assert_allclose(limits(method, counts), expected, rtol=0, atol=5.0e-5)


# Reference cases rd_score_ci, five decimals.
RD_SCORE = [
    ((56, 70, 48, 80), (0.05283, 0.33817), (0.05333, 0.33773)),
    ((9, 10, 3, 10), (0.17003, 0.84065), (0.18213, 0.83695)),
    ((5, 56, 0, 29), (-0.0326, 0.19333), (-0.03133, 0.19256)),
    ((0, 10, 0, 20), (-0.16576, 0.28438), (-0.16113, 0.27753)),
    ((10, 10, 0, 20), (0.71562, 1.0), (0.72247, 1.0)),
    ((10, 10, 0, 10), (0.66364, 1.0), (0.67775, 1.0)),
    ((20, 20, 10, 20), (0.29716, 0.70284), (0.2993, 0.7007)),
]


@pytest.mark.parametrize(("counts", "with_factor", "without"), RD_SCORE)
def test_score_reference_cases(
    counts: tuple[int, int, int, int],
    with_factor: tuple[float, float],
    without: tuple[float, float],
) -> None:
    half = 5e-6
    found = limits("miettinen-nurminen", counts)
    np.testing.assert_allclose(found, with_factor, rtol=0, atol=half)
    np.testing.assert_allclose(limits("mee", counts), without, rtol=0, atol=half)


# Reference case ci_2x2, six decimals (statsmodels 0.15.0).
CI_2X2 = [
    ("newcombe", (7, 34, 1, 34), (0.018921, 0.340369)),
    ("agresti-caffo", (7, 34, 1, 34), (0.011612, 0.321722)),
    ("wald", (7, 34, 1, 34), (0.029169, 0.323772)),
    ("newcombe", (56, 70, 48, 80), (0.052431, 0.333873)),
    ("agresti-caffo", (56, 70, 48, 80), (0.052453, 0.335758)),
    ("wald", (56, 70, 48, 80), (0.057505, 0.342495)),
]


@pytest.mark.parametrize(("method", "counts", "expected"), CI_2X2)
def test_two_by_two_reference_cases(
    method: str, counts: tuple[int, int, int, int], expected: tuple[float, float]
) -> None:
    np.testing.assert_allclose(limits(method, counts), expected, rtol=0, atol=5e-7)


# Fusion 33/36 v 26/35, an independent computation in full precision.
FUSION = {
    "wald": (0.17380952380952375, 0.0031728538888140534, 0.34444619373023344),
    "newcombe": (0.17380952380952375, -0.0038143158451051096, 0.3462280944170452),
    "agresti-caffo": (0.16500711237553345, -0.008190731643803073, 0.33820495639486997),
    "miettinen-nurminen": (
        0.17380952380952375,
        -0.0019471252882665333,
        0.35352808221420773,
    ),
    "mee": (0.17380952380952375, -0.0005988226825457039, 0.3522269487078286),
}


@pytest.mark.parametrize(("method", "expected"), FUSION.items())
def test_fusion(method: str, expected: tuple[float, float, float]) -> None:
    found = confidence_interval(table(33, 36, 26, 35), "RD", method)
    got = [found.estimate.item(), found.low.item(), found.high.item()]
    np.testing.assert_allclose(got, expected, rtol=0, atol=1e-10)


def restricted_variance(counts: tuple[int, int, int, int], difference: float) -> float:
    """Variance at the restricted MLE, by numerical search of the likelihood."""
    x1, n1, x2, n2 = counts

    def minus_log_likelihood(p2: float) -> float:
        p1 = p2 + difference
        pairs = ((x1, p1), (n1 - x1, 1 - p1), (x2, p2), (n2 - x2, 1 - p2))
        return -sum(float(k * np.log(max(p, 1e-300))) for k, p in pairs if k)

    p2 = optimize.minimize_scalar(
        minus_log_likelihood,
        bounds=(max(0.0, -difference), min(1.0, 1.0 - difference)),
        method="bounded",
        options={"xatol": 1e-12},
    ).x
    p1 = p2 + difference
    return float(p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2)


@pytest.mark.parametrize(
    "counts", [(33, 36, 26, 35), (7, 34, 1, 34), (2, 9, 5, 7), (120, 300, 15, 40)]
)
@pytest.mark.parametrize("level", [0.8, 0.95, 0.999])
def test_score_limits_have_p_of_one_minus_level(
    counts: tuple[int, int, int, int], level: float
) -> None:
    x1, n1, x2, n2 = counts
    for method, factor in (
        ("mee", 1.0),
        ("miettinen-nurminen", (n1 + n2) / (n1 + n2 - 1)),
    ):
        for limit in limits(method, counts, level):
            variance = factor * restricted_variance(counts, limit)
            z = abs(x1 / n1 - x2 / n2 - limit) / np.sqrt(variance)
            assert 2 * stats.norm.sf(z) == pytest.approx(1 - level, rel=2e-6)


def brute_force_tail(counts: tuple[int, int, int, int], difference: float) -> float:
    """Chan and Zhang's one-sided p-value by listing every outcome."""
    x1, n1, x2, n2 = counts

    def z(i: int, j: int) -> float:
        u = i / n1 - j / n2 - difference
        if abs(u) < 1e-12:
            return 0.0
        variance = restricted_variance((i, n1, j, n2), difference)
        return float(u / np.sqrt(variance)) if variance > 1e-9 else np.sign(u) * np.inf

    observed = z(x1, x2)
    outcomes = [(i, j) for i in range(n1 + 1) for j in range(n2 + 1)]
    counted = [(i, j) for i, j in outcomes if z(i, j) >= observed - 1e-6]
    p2 = np.linspace(max(0.0, -difference), min(1.0, 1.0 - difference), 4001)
    p1 = np.clip(p2 + difference, 0.0, 1.0)
    total = np.zeros_like(p2)
    for i, j in counted:
        total += stats.binom.pmf(i, n1, p1) * stats.binom.pmf(j, n2, p2)
    return float(total.max())


@pytest.mark.parametrize("counts", [(3, 4, 1, 4), (5, 6, 1, 5), (2, 7, 0, 4)])
@pytest.mark.parametrize("difference", [-0.63, -0.2, 0.0, 0.11, 0.47])
def test_unconditional_tail_by_enumeration(
    counts: tuple[int, int, int, int], difference: float
) -> None:
    # The grid of 4001 nuisance risks lies below the supremum by 1e-6 at most.
    got = upper_tail(difference, *counts)
    assert got == pytest.approx(brute_force_tail(counts, difference), abs=1e-6)


@pytest.mark.parametrize("counts", [(3, 4, 1, 4), (5, 6, 1, 5), (7, 8, 2, 9)])
def test_exact_limits_are_the_outermost_not_rejected(
    counts: tuple[int, int, int, int],
) -> None:
    low, high = limits("exact", counts)
    x1, n1, x2, n2 = counts
    for limit, data in ((low, (x1, n1, x2, n2)), (-high, (x2, n2, x1, n1))):
        assert upper_tail(limit + 1e-9, *data) > 0.025
        below = np.linspace(-1.0, limit - 1e-8, 120)
        assert max(upper_tail(float(d), *data) for d in below) <= 0.025


def test_exact_covers_at_least_its_level() -> None:
    n1, n2 = 4, 3
    found = {
        (i, j): limits("exact", (i, n1, j, n2), 0.9)
        for i in range(n1 + 1)
        for j in range(n2 + 1)
    }
    for p1, p2 in [(0.5, 0.5), (0.9, 0.3), (0.07, 0.6), (0.99, 0.98), (0.3, 0.3)]:
        chance = sum(
            stats.binom.pmf(i, n1, p1) * stats.binom.pmf(j, n2, p2)
            for (i, j), (low, high) in found.items()
            if low <= p1 - p2 <= high
        )
        assert chance >= 0.9


def test_exact_at_the_ends() -> None:
    assert limits("exact", (0, 4, 5, 5))[0] == -1.0
    assert limits("exact", (4, 4, 0, 5))[1] == 1.0


def test_exact_keeps_shape() -> None:
    tables = TwoByTwo.from_counts(
        events1=[[1, 2], [3, 4]], n1=4, events2=[[0, 1], [2, 3]], n2=3
    )
    found = confidence_interval(tables, "RD", "exact")
    assert found.low.shape == (2, 2)
    assert found.low[1, 0] == limits("exact", (3, 4, 2, 3))[0]


def test_wald_has_no_width_without_events() -> None:
    assert limits("wald", (0, 9, 0, 7)) == [0.0, 0.0]


def test_newcombe_large_trial() -> None:
    # 449/18176 v 381/18106: RD .3660 percentage points (.0584 to .6736).
    np.testing.assert_allclose(
        limits("wald", (449, 18176, 381, 18106)), [5.84e-4, 6.736e-3], atol=5e-7, rtol=0
    )
