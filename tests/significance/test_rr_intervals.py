"""Risk ratio intervals against printed limits and brute force."""

import numpy as np
import pytest
from scipy import optimize, stats

from k2stats.evidence import TwoByTwo
from k2stats.significance._intervals import IntervalResult
from k2stats.significance.confidence import confidence_interval


def interval(
    method: str, x1: int, n1: int, x2: int, n2: int, level: float = 0.95
) -> IntervalResult:
    table = TwoByTwo.from_counts(events1=x1, n1=n1, events2=x2, n2=n2)
    return confidence_interval(table, "RR", method, level)


def triple(found: IntervalResult) -> list[float]:
    return [found.estimate.item(), found.low.item(), found.high.item()]


def test_reference_case_7_34_1_34() -> None:
    # Reference case ci_2x2, six decimals (statsmodels 0.15.0).
    katz = triple(interval("katz", 7, 34, 1, 34))
    np.testing.assert_allclose(katz[1:], [0.909606, 53.869506], rtol=0, atol=5e-7)
    koopman = triple(interval("koopman", 7, 34, 1, 34))
    np.testing.assert_allclose(koopman[1:], [1.220853, 42.575718], rtol=0, atol=5e-7)


def test_koopman_1984() -> None:
    # Koopman (1984) Biometrics 40:513-517, worked example: 36/40 v 16/80.
    found = triple(interval("koopman", 36, 40, 16, 80))
    np.testing.assert_allclose(found, [4.5, 2.94, 7.15], rtol=0, atol=5e-3)


def test_fusion() -> None:
    # 33/36 v 26/35: RR 1.2340 (0.9919 to 1.5351); non-fusion 0.3241 (0.0956-1.0988).
    np.testing.assert_allclose(
        triple(interval("katz", 33, 36, 26, 35)),
        [1.2339743589743588, 0.9918857387017573, 1.5351493213312817],
        rtol=1e-12,
    )
    np.testing.assert_allclose(
        triple(interval("katz", 3, 36, 9, 35)),
        [0.32407407407407407, 0.09558038868853767, 1.098802870840002],
        rtol=1e-12,
    )


def test_kidney_stones() -> None:
    # 449/18176 v 381/18106: RR 1.174 (1.026 to 1.344).
    np.testing.assert_allclose(
        triple(interval("katz", 449, 18176, 381, 18106)),
        [1.174, 1.026, 1.344],
        rtol=0,
        atol=5e-4,
    )


def test_walter_adds_half_to_every_table() -> None:
    x1, n1, x2, n2 = 7.5, 34.5, 1.5, 34.5
    z = stats.norm.ppf(0.975)
    se = np.sqrt(1 / x1 - 1 / n1 + 1 / x2 - 1 / n2)
    expected = np.exp(np.log(5.0) + np.array([0.0, -z, z]) * se)
    np.testing.assert_allclose(
        triple(interval("katz-half", 7, 34, 1, 34)), expected, rtol=1e-12
    )


def test_zero_half_leaves_tables_without_zeros_alone() -> None:
    for counts in ((7, 34, 1, 34), (33, 36, 26, 35)):
        plain = triple(interval("katz", *counts))
        assert triple(interval("katz-zero-half", *counts)) == plain


def test_zero_half_adds_to_all_four_cells() -> None:
    for counts in ((0, 10, 3, 12), (5, 5, 3, 12), (5, 9, 0, 12), (5, 9, 12, 12)):
        a, n1, c, n2 = counts
        b, d = n1 - a + 0.5, n2 - c + 0.5
        p1, p2 = (a + 0.5) / (n1 + 1), (c + 0.5) / (n2 + 1)
        se = np.sqrt(b / ((a + 0.5) * (n1 + 1)) + d / ((c + 0.5) * (n2 + 1)))
        z = stats.norm.ppf(0.975)
        expected = p1 / p2 * np.exp(np.array([0.0, -z, z]) * se)
        np.testing.assert_allclose(
            triple(interval("katz-zero-half", *counts)), expected, rtol=1e-12
        )


def restricted(counts: tuple[int, int, int, int], ratio: float) -> tuple[float, float]:
    """Risks of greatest likelihood with a given ratio, by numerical search."""
    x1, n1, x2, n2 = counts

    def minus_log_likelihood(p2: float) -> float:
        p1 = ratio * p2
        pairs = ((x1, p1), (n1 - x1, 1 - p1), (x2, p2), (n2 - x2, 1 - p2))
        return -sum(float(k * np.log(max(p, 1e-300))) for k, p in pairs if k)

    p2 = optimize.minimize_scalar(
        minus_log_likelihood,
        bounds=(0.0, min(1.0, 1.0 / ratio)),
        method="bounded",
        options={"xatol": 1e-13},
    ).x
    return float(ratio * p2), float(p2)


@pytest.mark.parametrize(
    "counts",
    [(33, 36, 26, 35), (7, 34, 1, 34), (2, 9, 5, 7), (1, 300, 15, 40), (8, 8, 6, 7)],
)
@pytest.mark.parametrize("level", [0.8, 0.95, 0.999])
def test_score_limits_have_p_of_one_minus_level(
    counts: tuple[int, int, int, int], level: float
) -> None:
    x1, n1, x2, n2 = counts
    for method, factor in (
        ("koopman", 1.0),
        ("miettinen-nurminen", (n1 + n2) / (n1 + n2 - 1)),
    ):
        for limit in triple(interval(method, *counts, level))[1:]:
            p1, p2 = restricted(counts, limit)
            variance = p1 * (1 - p1) / n1 + limit**2 * p2 * (1 - p2) / n2
            z = abs(x1 / n1 - limit * x2 / n2) / np.sqrt(factor * variance)
            assert 2 * stats.norm.sf(z) == pytest.approx(1 - level, rel=2e-6)


def test_koopman_chi_squared_form() -> None:
    # Koopman (1984): U = (x1 - n1 p1)^2 / (n1 p1 q1) + (x2 - n2 p2)^2 / (n2 p2 q2).
    counts = (12, 40, 5, 55)
    for limit in triple(interval("koopman", *counts))[1:]:
        p1, p2 = restricted(counts, limit)
        u = (12 - 40 * p1) ** 2 / (40 * p1 * (1 - p1))
        u += (5 - 55 * p2) ** 2 / (55 * p2 * (1 - p2))
        assert stats.chi2.sf(u, 1) == pytest.approx(0.05, rel=2e-6)


@pytest.mark.parametrize("method", ["koopman", "miettinen-nurminen"])
def test_score_with_zero_events(method: str) -> None:
    none1 = triple(interval(method, 0, 10, 3, 12))
    assert none1[:2] == [0.0, 0.0]
    assert 0 < none1[2] < np.inf
    none2 = triple(interval(method, 3, 12, 0, 10))
    assert none2[0] == none2[2] == np.inf
    assert none2[1] == pytest.approx(1 / none1[2], rel=1e-12)
    neither = triple(interval(method, 0, 10, 0, 12))
    np.testing.assert_array_equal(neither, [np.nan, 0.0, np.inf])


@pytest.mark.parametrize("method", ["koopman", "miettinen-nurminen"])
def test_score_with_events_only(method: str) -> None:
    estimate, low, high = triple(interval(method, 10, 10, 12, 12))
    assert estimate == 1.0
    assert low < 1.0 < high
    # 10/10: the lower limit of Wilson's interval, since group 2's risk is taken as 1.
    if method == "koopman":
        assert low == pytest.approx(10 / (10 + stats.norm.ppf(0.975) ** 2), rel=1e-9)


def test_katz_with_zero_events() -> None:
    np.testing.assert_array_equal(
        triple(interval("katz", 0, 10, 3, 12)), [0.0, np.nan, np.nan]
    )
    np.testing.assert_array_equal(
        triple(interval("katz", 3, 12, 0, 10)), [np.inf, np.nan, np.nan]
    )
    np.testing.assert_array_equal(triple(interval("katz", 0, 12, 0, 10)), [np.nan] * 3)


def test_katz_with_events_only_has_no_width() -> None:
    assert triple(interval("katz", 10, 10, 12, 12)) == [1.0, 1.0, 1.0]


def test_half_rules_are_defined_everywhere() -> None:
    # 0/10 v 0/20 by hand: RR (0.5/10.5)/(0.5/20.5).
    found = triple(interval("katz-half", 0, 10, 0, 20))
    assert found[0] == pytest.approx(20.5 / 10.5, rel=1e-12)
    found = triple(interval("katz-zero-half", 0, 10, 0, 20))
    assert found[0] == pytest.approx(21 / 11, rel=1e-12)
    assert 0 < found[1] < found[0] < found[2] < np.inf
