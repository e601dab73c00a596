"""Intervals of one proportion against published limits, scipy and statsmodels."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats
from statsmodels.stats.proportion import proportion_confint

from k2stats.errors import InvalidEvidenceError, UnknownMethodError
from k2stats.significance._intervals import PROPORTION_INTERVALS
from k2stats.significance.confidence import proportion_interval

ALL = tuple(PROPORTION_INTERVALS)


def limits(method: str, x: int, n: int, level: float = 0.95) -> list[float]:
    found = proportion_interval(x, n, method, level)
    return [found.low.item(), found.high.item()]


# Newcombe (1998) Stat Med 17:857-872, Table I: 81/263, 15/148, 0/20, 1/29.
TABLE_I = {
    "wald": [(0.2522, 0.3638), (0.0527, 0.1500), (0.0, 0.0), (-0.0319, 0.1009)],
    "wilson": [(0.2553, 0.3662), (0.0624, 0.1605), (0.0, 0.1611), (0.0061, 0.1718)],
    "wilson-cc": [
        (0.2535, 0.3682),
        (0.0598, 0.1644),
        (0.0, 0.2005),
        (0.0018, 0.1963),
    ],
    "clopper-pearson": [
        (0.2527, 0.3676),
        (0.0578, 0.1617),
        (0.0, 0.1684),
        (0.0009, 0.1776),
    ],
    "midp": [(0.2544, 0.3658), (0.0601, 0.1581), (0.0, 0.1391), (0.0017, 0.1585)],
    "likelihood-ratio": [
        (0.2542, 0.3655),
        (0.0596, 0.1567),
        (0.0, 0.0916),
        (0.0020, 0.1432),
    ],
}


@pytest.mark.parametrize(
    ("method", "counts", "expected"),
    [
        (method, counts, row)
        for method, rows in TABLE_I.items()
        for counts, row in zip(
            [(81, 263), (15, 148), (0, 20), (1, 29)], rows, strict=True
        )
    ],
)
def test_newcombe_1998_table_i(
    method: str, counts: tuple[int, int], expected: tuple[float, float]
) -> None:
    np.testing.assert_allclose(limits(method, *counts), expected, rtol=0, atol=5e-5)


PEERS = {
    "wald": "normal",
    "wilson": "wilson",
    "clopper-pearson": "beta",
    "jeffreys": "jeffreys",
}


@pytest.mark.parametrize(("method", "peer"), PEERS.items())
@pytest.mark.parametrize("counts", [(3, 7), (81, 263), (1, 29), (449, 18176)])
def test_agrees_with_statsmodels(
    method: str, peer: str, counts: tuple[int, int]
) -> None:
    expected = proportion_confint(*counts, alpha=0.05, method=peer)
    # statsmodels cuts the Wald interval off at 0 and 1.
    np.testing.assert_allclose(
        np.clip(limits(method, *counts), 0.0, 1.0), expected, rtol=1e-11
    )


@pytest.mark.parametrize("counts", [(0, 7), (7, 7), (3, 7), (15, 148)])
def test_wilson_cc_agrees_with_scipy(counts: tuple[int, int]) -> None:
    expected = stats.binomtest(*counts).proportion_ci(0.9, method="wilsoncc")
    np.testing.assert_allclose(limits("wilson-cc", *counts, 0.9), expected, rtol=1e-10)


def test_agresti_coull_by_hand() -> None:
    # 15/148: four more observations, two of them events, but for z of 1.96.
    z = stats.norm.ppf(0.975)
    n, p = 148 + z**2, (15 + z**2 / 2) / (148 + z**2)
    half = z * np.sqrt(p * (1 - p) / n)
    found = proportion_interval(15, 148, "agresti-coull")
    got = [found.estimate.item(), found.low.item(), found.high.item()]
    np.testing.assert_allclose(got, [p, p - half, p + half], rtol=1e-13)


def test_arcsine_by_hand() -> None:
    angle, half = np.arcsin(np.sqrt(0.25)), stats.norm.ppf(0.975) / (2 * np.sqrt(80))
    expected = np.sin([angle - half, angle + half]) ** 2
    np.testing.assert_allclose(limits("arcsine", 20, 80), expected, rtol=1e-13)
    assert limits("arcsine", 0, 5)[0] == 0.0
    assert limits("arcsine", 5, 5)[1] == 1.0


def test_logit_by_hand_and_where_undefined() -> None:
    z = stats.norm.ppf(0.975)
    log_odds = np.log(15 / 133) + np.array([-z, z]) * np.sqrt(1 / 15 + 1 / 133)
    expected = 1 / (1 + np.exp(-log_odds))
    np.testing.assert_allclose(limits("logit", 15, 148), expected, rtol=1e-13)
    np.testing.assert_array_equal(limits("logit", 0, 9), [np.nan, np.nan])
    np.testing.assert_array_equal(limits("logit", 9, 9), [np.nan, np.nan])


@pytest.mark.parametrize("counts", [(1, 29), (15, 148), (449, 18176), (3, 10**6)])
def test_midp_tails(counts: tuple[int, int]) -> None:
    x, n = counts
    low, high = limits("midp", x, n)
    above = stats.binom.sf(x, n, low) + stats.binom.pmf(x, n, low) / 2
    below = stats.binom.cdf(x - 1, n, high) + stats.binom.pmf(x, n, high) / 2
    np.testing.assert_allclose([above, below], 0.025, rtol=1e-9)


def test_midp_without_events() -> None:
    # (1 - high)^n / 2 = alpha / 2.
    assert limits("midp", 0, 20) == [0.0, pytest.approx(1 - 0.05 ** (1 / 20))]
    assert limits("midp", 20, 20) == [pytest.approx(0.05 ** (1 / 20)), 1.0]


@pytest.mark.parametrize("counts", [(1, 29), (15, 148), (449, 18176)])
def test_likelihood_ratio_limits(counts: tuple[int, int]) -> None:
    x, n = counts

    def deviance(p: float) -> float:
        fitted = stats.binom.logpmf(x, n, x / n)
        return float(2 * (fitted - stats.binom.logpmf(x, n, p)))

    critical = stats.chi2.isf(0.05, 1)
    low, high = (
        optimize.brentq(lambda p: deviance(p) - critical, *ends, xtol=1e-15)
        for ends in ((1e-9, x / n), (x / n, 1 - 1e-9))
    )
    np.testing.assert_allclose(limits("likelihood-ratio", x, n), [low, high], rtol=1e-8)


def test_likelihood_ratio_without_events() -> None:
    # -2 n log(1 - high) = z^2.
    high = -np.expm1(-stats.chi2.isf(0.05, 1) / 40)
    assert limits("likelihood-ratio", 0, 20) == [0.0, pytest.approx(high, rel=1e-12)]


@pytest.mark.parametrize("level", [0.5, 0.95, 0.999])
@pytest.mark.parametrize("counts", [(1, 29), (15, 148), (40, 41)])
def test_wilson_inverts_the_score_test(counts: tuple[int, int], level: float) -> None:
    x, n = counts
    for limit in limits("wilson", x, n, level):
        z = abs(x - n * limit) / np.sqrt(n * limit * (1 - limit))
        assert 2 * stats.norm.sf(z) == pytest.approx(1 - level, rel=1e-9)


counts_ = st.integers(1, 500).flatmap(
    lambda n: st.tuples(st.integers(0, n), st.just(n))
)


@pytest.mark.parametrize("method", ALL)
@given(counts=counts_, level=st.floats(0.5, 0.995))
@settings(max_examples=40, deadline=None)
def test_laws(method: str, counts: tuple[int, int], level: float) -> None:
    x, n = counts
    found = proportion_interval(x, n, method, level)
    low, high = found.low.item(), found.high.item()
    other = proportion_interval(n - x, n, method, level)
    np.testing.assert_allclose(
        [1 - other.high.item(), 1 - other.low.item()], [low, high], atol=1e-9
    )
    if np.isnan(low):
        assert method == "logit"
        return
    assert low <= found.estimate.item() <= high
    # Beyond 0 and 1 an Agresti-Coull limit is not monotone in the level: for 1/1 the
    # upper one falls as the centre nears one half.
    wider = proportion_interval(x, n, method, level + 0.004)
    assert max(wider.low.item(), 0.0) <= max(low, 0.0) + 1e-12
    assert min(high, 1.0) <= min(wider.high.item(), 1.0) + 1e-12


@pytest.mark.parametrize("method", ALL)
def test_batch_equals_loop(method: str) -> None:
    x, n = np.array([[0, 3], [7, 15], [81, 1]]), np.array([[7, 7], [7, 148], [263, 29]])
    batch = proportion_interval(x, n, method)
    assert batch.low.shape == (3, 2)
    for at in np.ndindex(3, 2):
        alone = limits(method, int(x[at]), int(n[at]))
        np.testing.assert_allclose([batch.low[at], batch.high[at]], alone, rtol=1e-12)


def test_wald_overshoots_as_printed() -> None:
    assert limits("wald", 1, 29)[0] < 0
    assert limits("agresti-coull", 0, 10)[0] < 0


def test_bad_input_is_named() -> None:
    for arguments, message in [
        ({"events": 1, "n": 0}, "n must be at least 1, got 0.0"),
        ({"events": 8, "n": 7}, "events must be at most n, got 8.0"),
        ({"events": 1.5, "n": 7}, "events must be a whole number, got 1.5"),
        ({"events": -1, "n": 7}, "events must be at least 0, got -1.0"),
        ({"events": [1, np.nan], "n": 7}, r"violated in rows \[1\]"),
        ({"events": 1, "n": 7, "level": 1.0}, "level must be between 0 and 1, got 1.0"),
        ({"events": 1, "n": 7, "level": 0.0}, "level must be between 0 and 1, got 0.0"),
    ]:
        with pytest.raises(InvalidEvidenceError, match=message):
            proportion_interval(**arguments)  # type: ignore[arg-type]
    with pytest.raises(UnknownMethodError, match="Unknown proportion interval 'wald2'"):
        proportion_interval(1, 7, "wald2")


def test_no_warnings_anywhere() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for method in ALL:
            proportion_interval([0, 1, 1, 0, 10**6], [1, 1, 2, 10**9, 10**9], method)
