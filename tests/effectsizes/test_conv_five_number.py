"""Mean and SD from medians, quartiles and ranges."""

from collections.abc import Iterable
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import ArrayLike
from scipy import integrate, optimize, stats

from k2stats._typing import Floats
from k2stats.effectsizes.conversions import (
    FIVE_NUMBER_METHODS,
    mean_sd_from_quantiles,
    skewness_test,
)
from k2stats.effectsizes.conversions._search import box_cox_moments
from k2stats.errors import (
    InvalidEvidenceError,
    MissingInputError,
    UnknownMethodError,
)

nan = float("nan")
SCENARIOS = {
    "S1": ("minimum", "median", "maximum"),
    "S2": ("q1", "median", "q3"),
    "S3": ("minimum", "q1", "median", "q3", "maximum"),
}


def estimate(
    n: ArrayLike, method: str, keep: str, five: dict[str, ArrayLike]
) -> tuple[Floats, Floats]:
    """Call with the quantiles of one scenario."""
    known = {k: v if k in SCENARIOS[keep] else None for k, v in five.items()}
    result = mean_sd_from_quantiles(
        n,
        minimum=known["minimum"],
        q1=known["q1"],
        median=known["median"],
        q3=known["q3"],
        maximum=known["maximum"],
        method=method,
    )
    return result.mean, result.sd


def named(values: Iterable[ArrayLike]) -> dict[str, ArrayLike]:
    """Name five quantiles in ascending order."""
    return dict(zip(SCENARIOS["S3"], values, strict=True))


def covered() -> list[tuple[str, str]]:
    """Every method with every scenario it covers."""
    return [
        (entry.name, s)
        for entry in FIVE_NUMBER_METHODS.entries()
        for s in SCENARIOS
        if s in entry.traits
    ]


def test_reference_figures() -> None:
    """Reference cases conv_fivenum: metafor 5.1-12."""
    r = mean_sd_from_quantiles(
        [20, 20, 120, 400],
        minimum=[2, nan, nan, 20],
        q1=[nan, 4, 12, nan],
        median=[6, 6, 18, 45],
        q3=[nan, 10, 30, nan],
        maximum=[14, nan, nan, 80],
    )
    assert r.scenario.tolist() == ["S1", "S2", "S2", "S1"]
    assert r.mean == pytest.approx([6.59446776, 6.7195, 20.10975, 45.2140349], rel=1e-8)
    assert r.sd == pytest.approx(
        [3.21157597, 4.78707604, 13.5067356, 10.151049], rel=1e-8
    )
    five = named((2, 4, 6, 10, 14))
    for method, scenario, mean, sd in (
        ("wan2014", "S3", 7.0, 3.99932601),
        ("hozo2005", "S1", 7.0, 3.0),
        ("bland2015", "S3", 7.0, 3.39116499),
    ):
        got = estimate(20, method, scenario, five)
        assert [float(x) for x in got] == pytest.approx([mean, sd], rel=1e-8)
    assert float(
        mean_sd_from_quantiles(120, q1=12, median=18, q3=30, method="wan2014").mean
    ) == pytest.approx(20.0)


def test_reference_figures_of_the_skewness_test() -> None:
    """Reference cases conv_fivenum.skewtest: metafor 5.1-12."""
    test = skewness_test(
        [60, 20],
        minimum=[1, 2],
        q1=[3, 4],
        median=[5, 6],
        q3=[9, 10],
        maximum=[20, 14],
    )
    assert test.statistic == pytest.approx([0.70977228, 0.49081712], abs=1e-8)
    assert test.critical == pytest.approx([0.38711315, 0.66582039], abs=1e-8)
    assert test.skewed.tolist() == [True, False]


def _order_statistics(n: int, reps: int, seed: int) -> dict[str, ArrayLike]:
    """Five-number summaries of normal samples with n = 4Q + 1."""
    rng = np.random.default_rng(seed)
    x = np.sort(rng.normal(50.0, 10.0, (reps, n)), axis=1)
    quarter = (n - 1) // 4
    places = (0, quarter, 2 * quarter, 3 * quarter, n - 1)
    return named([x[:, i] for i in places])


@pytest.mark.parametrize("scenario", list(SCENARIOS))
def test_default_is_nearly_unbiased_for_normal_data(scenario: str) -> None:
    for n in (13, 41, 201):
        five = _order_statistics(n, 20_000 if n < 100 else 5_000, seed=n)
        mean, sd = estimate(n, "luo_wan_shi", scenario, five)
        # Five standard errors of the simulation, and 1.5% for the approximations.
        for got, truth in ((mean, 50.0), (sd, 10.0)):
            error = float(np.std(got) / np.sqrt(got.size))
            assert abs(float(np.mean(got)) - truth) < 5 * error + 0.015 * 10.0


@pytest.mark.parametrize("method", ["bc", "mln", "qe"])
def test_skew_methods_on_normal_data(method: str) -> None:
    """SD bias for normal data under 5%; QE's is larger with extremes (about 8%)."""
    five = _order_statistics(101, 120, seed=3)
    for scenario in SCENARIOS:
        mean, sd = estimate(101, method, scenario, five)
        assert abs(float(np.mean(mean)) - 50.0) < 0.6
        limit = 0.12 if method == "qe" else 0.05
        assert abs(float(np.mean(sd)) / 10.0 - 1.0) < limit


@pytest.mark.parametrize("method", ["bc", "mln", "qe"])
def test_skew_methods_beat_normal_theory_on_skewed_data(method: str) -> None:
    rng = np.random.default_rng(11)
    x = np.sort(rng.lognormal(3.0, 0.7, (100, 201)), axis=1)
    five = named([x[:, i] for i in (0, 50, 100, 150, 200)])
    truth = np.exp(3.0 + 0.7**2 / 2)
    for scenario in SCENARIOS:
        plain = float(np.mean(estimate(201, "luo_wan_shi", scenario, five)[0]))
        better = float(np.mean(estimate(201, method, scenario, five)[0]))
        assert abs(better - truth) < 0.75 * abs(plain - truth)


def test_skewness_test_rejects_one_in_twenty() -> None:
    for scenario, keys in SCENARIOS.items():
        five = _order_statistics(41, 20_000, seed=8)
        known = {k: five[k] for k in keys}
        test = skewness_test(41, **known)
        assert set(test.scenario.tolist()) == {scenario}
        assert float(test.skewed.mean()) == pytest.approx(0.05, abs=0.008)


FIVE = st.lists(
    st.floats(1.0, 100.0), min_size=5, max_size=5, unique_by=lambda x: round(x, 1)
)


@given(FIVE, st.integers(7, 300), st.floats(0.01, 1000.0), st.floats(0.5, 50.0))
@settings(deadline=None, max_examples=10)
def test_units(values: list[float], n: int, scale: float, shift: float) -> None:
    """Every method follows a change of units; closed forms also one of origin."""
    q = np.sort(values)
    assume(np.diff(q).min() > 0.05)
    for name, scenario in covered():
        base = estimate(n, name, scenario, named(q))
        scaled = estimate(n, name, scenario, named(q * scale))
        beta = name == "qe" and q[-1] * scale < 1.0  # shares may follow a beta
        if not beta:
            for one, other in zip(base, scaled, strict=True):
                assert float(other) == pytest.approx(float(one) * scale, rel=1e-5)
        if "closed-form" in FIVE_NUMBER_METHODS[name].traits:
            moved = estimate(n, name, scenario, named(q + shift))
            assert float(moved[0]) == pytest.approx(float(base[0]) + shift)
            assert float(moved[1]) == pytest.approx(float(base[1]), rel=1e-7)


@given(FIVE, st.integers(5, 200))
@settings(deadline=None, max_examples=30)
def test_mirrored_data(values: list[float], n: int) -> None:
    q = np.sort(values)
    mirror = named(101.0 - q[::-1])
    for name, scenario in covered():
        if "closed-form" in FIVE_NUMBER_METHODS[name].traits:
            mean, sd = estimate(n, name, scenario, named(q))
            other_mean, other_sd = estimate(n, name, scenario, mirror)
            assert float(other_mean) == pytest.approx(101.0 - float(mean))
            assert float(other_sd) == pytest.approx(float(sd))


def test_rows_do_not_influence_each_other() -> None:
    rng = np.random.default_rng(2)
    x = np.sort(rng.gamma(2.0, 5.0, (12, 45)), axis=1)
    five = named([x[:, i] for i in (0, 11, 22, 33, 44)])
    for name, scenario in covered():
        mean, sd = estimate(45, name, scenario, five)
        for i in range(0, 12, 5):
            row = {k: np.asarray(v)[i] for k, v in five.items()}
            one = estimate(45, name, scenario, row)
            assert [float(v) for v in one] == pytest.approx(
                [float(mean[i]), float(sd[i])], rel=1e-6
            )


@pytest.mark.parametrize(
    ("power", "mu", "sigma"),
    [
        (0.0, 0.1, 0.6),
        (0.3, 0.2, 0.8),
        (1.0, 0.0, 0.2),
        (2.5, -0.05, 0.15),
        (6.0, 0.0, 0.3),
    ],
)
def test_moments_of_a_transformed_normal(power: float, mu: float, sigma: float) -> None:
    """Against adaptive quadrature over the truncated normal."""
    low = -40.0 if power == 0 else max(-(1 / power + mu) / sigma, -40.0)

    def moment(k: int) -> float:
        def integrand(z: float) -> float:
            y = mu + sigma * z
            x = np.exp(y) if power == 0 else max(1 + power * y, 0.0) ** (1 / power)
            return float(x**k * stats.norm.pdf(z))

        parts = [low, max(low, -8.0), 0.0, 8.0, 40.0]
        return float(
            sum(
                integrate.quad(integrand, a, b, epsabs=1e-13, limit=200)[0]
                for a, b in pairwise(parts)
            )
        )

    whole = moment(0)
    mean, sd = box_cox_moments(*(np.array([v]) for v in (mu, sigma, power)))
    assert float(mean[0]) == pytest.approx(moment(1) / whole, rel=1e-7)
    truth = np.sqrt(moment(2) / whole - (moment(1) / whole) ** 2)
    assert float(sd[0]) == pytest.approx(truth, rel=1e-6)


def test_maximum_likelihood_is_the_maximum() -> None:
    """The order-statistic likelihood, maximised by another optimiser."""
    q, n = np.array([4.0, 10.0, 16.0, 24.0, 49.0]), 61
    log_q, gaps = np.log(q / 16.0), (n - 5) / 4

    def loss(theta: Floats) -> float:
        power, mu, log_sigma = float(theta[0]), theta[1], theta[2]
        y = np.expm1(power * log_q) / power
        z = (y - mu) / np.exp(log_sigma)
        inside = gaps * np.log(np.diff(stats.norm.cdf(z)))
        points = stats.norm.logpdf(z) - log_sigma + (power - 1) * log_q
        return -float(inside.sum() + points.sum())

    best = optimize.minimize(
        loss,
        [0.2, 0.0, 0.0],
        method="Nelder-Mead",
        options={"xatol": 1e-10, "fatol": 1e-12, "maxiter": 5000},
    )
    power, mu, log_sigma = best.x
    assert power > 1e-3
    mean, sd = box_cox_moments(
        np.array([mu]), np.array([np.exp(log_sigma)]), np.array([power])
    )
    got = estimate(n, "mln", "S3", named(q))
    assert [float(x) for x in got] == pytest.approx(
        [16.0 * mean[0], 16.0 * sd[0]], rel=1e-5
    )


def test_quantile_estimation_finds_the_family() -> None:
    """Quantiles of a distribution itself give back its mean and SD."""
    n = 101
    p = np.array([1 / n, 0.25, 0.5, 0.75, 1 - 1 / n])
    for law in (
        stats.norm(10, 2),
        stats.lognorm(0.6, scale=7.0),
        stats.gamma(2.2, scale=3.0),
        stats.weibull_min(1.4, scale=5.0),
        stats.beta(2.0, 6.0),
    ):
        mean, sd = estimate(n, "qe", "S3", named(law.ppf(p)))
        assert float(mean) == pytest.approx(law.mean(), rel=1e-5)
        assert float(sd) == pytest.approx(law.std(), rel=1e-4)


def test_a_pair_of_methods_and_ties() -> None:
    r = mean_sd_from_quantiles(
        20, minimum=2, median=6, maximum=14, method=("luo_wan_shi", "hozo2005")
    )
    assert [float(r.mean), float(r.sd)] == pytest.approx([6.59446776, 3.0])
    assert r.method == "luo_wan_shi (mean), hozo2005 (SD)"
    tied = mean_sd_from_quantiles(20, q1=4, median=4, q3=10, method="mln")
    assert np.isnan(tied.mean)
    assert np.isnan(tied.sd)


def test_refusals() -> None:
    with pytest.raises(InvalidEvidenceError, match=r"q3 must be at least every.*\[1\]"):
        mean_sd_from_quantiles(20, q1=[4, 4], median=6, q3=[10, 5])
    with pytest.raises(InvalidEvidenceError, match="there is no spread"):
        mean_sd_from_quantiles(20, q1=4, median=4, q3=4)
    with pytest.raises(InvalidEvidenceError, match="n must be at least 3"):
        mean_sd_from_quantiles(2, q1=4, median=5, q3=6)
    with pytest.raises(MissingInputError, match="median is needed"):
        mean_sd_from_quantiles(20, q1=4, q3=6)
    with pytest.raises(MissingInputError, match="q3 is needed"):
        mean_sd_from_quantiles(20, q1=4, median=5)
    with pytest.raises(MissingInputError, match="q1 and q3, or minimum and maximum"):
        mean_sd_from_quantiles(20, median=5)
    with pytest.raises(InvalidEvidenceError, match=r"given in pairs.*rows \[1\]"):
        mean_sd_from_quantiles(20, q1=[4, 4], median=5, q3=[6, nan])
    with pytest.raises(
        InvalidEvidenceError, match="hozo2005 covers S1, got 'hozo2005'"
    ):
        mean_sd_from_quantiles(20, q1=4, median=5, q3=6, method="hozo2005")
    with pytest.raises(InvalidEvidenceError, match=r"above 0 for method bc.*\[1\]"):
        mean_sd_from_quantiles(20, q1=[4, -1], median=5, q3=6, method="bc")
    with pytest.raises(UnknownMethodError, match="Known: luo_wan_shi, wan2014"):
        mean_sd_from_quantiles(20, q1=4, median=5, q3=6, method="wan")


def test_missing_rows_and_shapes() -> None:
    r = mean_sd_from_quantiles([[20.0, 20.0], [30.0, nan]], q1=4, median=[6, 7], q3=10)
    assert r.mean.shape == (2, 2)
    assert r.scenario.tolist() == [["S2", "S2"], ["S2", ""]]
    assert np.isnan(r.mean).tolist() == [[False, False], [False, True]]
    assert mean_sd_from_quantiles(20, q1=4, median=6, q3=10).mean.shape == ()
