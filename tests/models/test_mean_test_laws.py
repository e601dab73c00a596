"""Laws that every test of the mean obeys, whatever the data are."""

from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from k2stats._typing import Floats
from k2stats.heterogeneity import TAU2, cochran_q
from k2stats.models import MEAN_TESTS, ArrayFit, fit_arrays

EVERY = [e.name for e in MEAN_TESTS.entries(lacking="resampling")]
CLOSED = ("z", "t", "HK", "HK-adhoc", "HK-ci", "HK-IQWiG6")
ESTIMATORS = [e.name for e in TAU2.entries(lacking="weighted")]
BY_SEARCH = {"profile-likelihood": 1e-6, "skovgaard": 1e-7, "HC": 1e-7}
"""How near limits that are searched for come, in widths of the interval."""


def fit_by(ci: str, y: Floats, v: Floats, **more: Any) -> ArrayFit:
    traits = MEAN_TESTS[ci].traits
    tau2 = "ML" if "ML" in traits else "REML"
    model = "HC" if "common-weights" in traits else "random"
    return fit_arrays(y, v, ci=ci, model=model, tau2=tau2, **more)


@st.composite
def studies(draw: st.DrawFn, least: int = 3, most: int = 9) -> tuple[Floats, Floats]:
    """Effects on a grid of 2^-20, so that a shift by integers loses nothing."""
    k = draw(st.integers(least, most))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    decades = draw(st.floats(0.0, 4.0))
    v = 10.0 ** rng.uniform(-decades / 2.0, decades / 2.0, k)
    y = rng.normal(size=k) * np.sqrt(v + draw(st.floats(0.0, 3.0)))
    return np.round(y * 2.0**20) / 2.0**20, v


def same_limits(one: ArrayFit, low: Floats, high: Floats, ci: str) -> None:
    width = float((one.high - one.low)[0])
    near = BY_SEARCH.get(ci, 1e-9) * width
    np.testing.assert_allclose(low, one.low, rtol=0.0, atol=near)
    np.testing.assert_allclose(high, one.high, rtol=0.0, atol=near)


@pytest.mark.parametrize("ci", EVERY)
@settings(max_examples=8)
@given(data=studies(), seed=st.integers(0, 1000))
def test_order(ci: str, data: tuple[Floats, Floats], seed: int) -> None:
    y, v = data
    order = np.random.default_rng(seed).permutation(y.size)
    one, two = fit_by(ci, y, v), fit_by(ci, y[order], v[order])
    same_limits(one, two.low, two.high, ci)


@pytest.mark.parametrize("ci", EVERY)
@settings(max_examples=8)
@given(data=studies(), shift=st.integers(-(10**8), 10**8))
def test_shift_up_to_a_hundred_million(
    ci: str, data: tuple[Floats, Floats], shift: int
) -> None:
    y, v = data
    one, two = fit_by(ci, y, v), fit_by(ci, y + float(shift), v)
    lost = 4.0 * np.spacing(float(abs(shift) + 10))
    width = float((one.high - one.low)[0])
    near = BY_SEARCH.get(ci, 1e-9) * width + lost
    np.testing.assert_allclose(two.low - shift, one.low, rtol=0.0, atol=near)
    np.testing.assert_allclose(two.high - shift, one.high, rtol=0.0, atol=near)
    np.testing.assert_allclose(two.tau2, one.tau2, rtol=1e-9, atol=1e-11 * v.min())


@pytest.mark.parametrize("ci", EVERY)
@settings(max_examples=8)
@given(data=studies(), power=st.integers(-60, 60))
def test_scale_and_sign(ci: str, data: tuple[Floats, Floats], power: int) -> None:
    y, v = data
    by = -(2.0**power)
    one, two = fit_by(ci, y, v), fit_by(ci, by * y, by * by * v)
    same_limits(one, two.high / by, two.low / by, ci)
    np.testing.assert_allclose(two.p, one.p, rtol=1e-6)


@pytest.mark.parametrize("ci", EVERY)
def test_one_study(ci: str) -> None:
    fit = fit_by(ci, np.array([0.4]), np.array([0.1]))
    assert float(fit.beta[0]) == 0.4
    assert float(fit.tau2) == 0.0
    needs_df = ci not in ("z", "profile-likelihood")
    assert bool(np.isnan(fit.low[0])) == needs_df
    if ci == "z":
        np.testing.assert_allclose(fit.high[0], 0.4 + 1.959963984540054 * 0.1**0.5)


@pytest.mark.parametrize("ci", ["HK", "HK-adhoc", "HK-ci", "HK-IQWiG6", "KR", "t"])
@pytest.mark.parametrize("gap", [0.9, 4.0])
def test_two_studies_of_equal_variance(ci: str, gap: float) -> None:
    # Their plain mean, with t on one degree of freedom: for a gap that says that
    # there is heterogeneity the standard error is half of it, whatever the method.
    fit = fit_by(ci, np.array([1.0, 1.0 + gap]), np.full(2, 0.2))
    np.testing.assert_allclose(fit.beta[0], 1.0 + gap / 2.0)
    np.testing.assert_allclose(fit.tau2, gap**2 / 2.0 - 0.2)
    half = float(stats.t.ppf(0.975, 1)) * gap / 2.0
    np.testing.assert_allclose((fit.high - fit.low)[0], 2.0 * half, rtol=1e-9)


@pytest.mark.parametrize("estimator", ESTIMATORS)
@settings(max_examples=8)
@given(data=studies())
def test_as_tau2_vanishes_the_common_effect(
    estimator: str, data: tuple[Floats, Floats]
) -> None:
    y, v = data
    common = fit_arrays(y, v, model="common")
    least = float(v.min())
    for share, near in ((1e-6, 1e-5), (1e-12, 1e-11)):
        fit = fit_arrays(y, v, tau2_value=share * least, ci="z")
        np.testing.assert_allclose(fit.low, common.low, rtol=near, atol=near)
    # Effects that differ by next to nothing have no tau2, by any method.
    near_by = fit_arrays(1e-9 * y, v, tau2=estimator, ci="z")
    if "positive" not in TAU2[estimator].traits:
        assert float(near_by.tau2) == 0.0
        alike = fit_arrays(1e-9 * y, v, model="common")
        np.testing.assert_array_equal(near_by.low, alike.low)


@settings(max_examples=40)
@given(data=studies(), times=st.integers(2, 5))
def test_studies_several_times_over(data: tuple[Floats, Floats], times: int) -> None:
    # For a given tau2 the mean stays and its variance shrinks as the information
    # grows; the residual mean square is that of times K - 1 degrees of freedom.
    y, v = data
    k = y.size
    more = np.tile(y, times), np.tile(v, times)
    one = fit_arrays(y, v, tau2_value=0.3, ci="HK")
    many = fit_arrays(*more, tau2_value=0.3, ci="HK")
    np.testing.assert_allclose(many.beta, one.beta, rtol=1e-11, atol=1e-13)
    q = float(one.q) * (k - 1) * times / (k * times - 1)
    np.testing.assert_allclose(float(many.q), q, rtol=1e-9)
    wald = [fit_arrays(*s, tau2_value=0.3, ci="z").se for s in (data, more)]
    np.testing.assert_allclose(wald[1], wald[0] / times**0.5, rtol=1e-11)


@settings(max_examples=40)
@given(data=studies(), parts=st.integers(2, 6), spread=st.floats(0.0, 3.0))
def test_merging_studies_of_one_variance(
    data: tuple[Floats, Floats], parts: int, spread: float
) -> None:
    # Studies of identical variance are their mean with that variance over their
    # number: the estimate stays, and Q loses what lay within them.
    y, v = data
    own = y[-1] + spread * np.linspace(-1.0, 1.0, parts)
    apart = (
        np.concatenate([y[:-1], own]),
        np.concatenate([v[:-1], np.full(parts, parts * v[-1])]),
    )
    one = fit_arrays(y, v, model="common")
    many = fit_arrays(*apart, model="common")
    np.testing.assert_allclose(many.beta, one.beta, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(many.se, one.se, rtol=1e-11)
    within = float(((own - y[-1]) ** 2).sum() / (parts * v[-1]))
    q = [float(cochran_q(*s).q) for s in (data, apart)]
    np.testing.assert_allclose(q[1] - within, q[0], rtol=1e-8, atol=1e-8 * (1 + q[1]))


def precise(y: Floats, v: Floats, tau2: float) -> dict[str, float]:
    """Standard errors and degrees of freedom at sixty digits."""
    with mpmath.workdps(60):
        w = [1 / (mpmath.mpf(float(a)) + mpmath.mpf(tau2)) for a in v]
        ys = [mpmath.mpf(float(a)) for a in y]
        k, s1 = len(w), mpmath.fsum(w)
        s2, s3 = (mpmath.fsum(a**n for a in w) for n in (2, 3))
        mean = mpmath.fsum(a * b for a, b in zip(w, ys, strict=True)) / s1
        rss = mpmath.fsum(a * (b - mean) ** 2 for a, b in zip(w, ys, strict=True))
        # Half the trace of PP, with P = W - w w' / sum(w).
        information = (s2 - 2 * s3 / s1 + (s2 / s1) ** 2) / 2
        variance = 1 / s1 + 2 / information * (s3 - s2 * s2 / s1) / s1**2
        df = 2 * information * (variance / (variance**2 * s2)) ** 2
        return {
            "mean": float(mean),
            "z": float(mpmath.sqrt(1 / s1)),
            "HK": float(mpmath.sqrt(rss / (k - 1) / s1)),
            "KR": float(mpmath.sqrt(variance)),
            "df": float(df),
        }


@pytest.mark.parametrize("shift", [0.0, 1e8])
@settings(max_examples=15)
@given(seed=st.integers(0, 10_000), k=st.integers(3, 14))
def test_variances_over_twelve_decades(shift: float, seed: int, k: int) -> None:
    rng = np.random.default_rng(seed)
    v = 10.0 ** rng.uniform(-6.0, 6.0, k)
    y = rng.normal(0.0, np.sqrt(v + 0.01)) + shift
    for ci in ("z", "HK", "KR"):
        fit = fit_by(ci, y, v)
        exact = precise(y, v, float(fit.tau2))
        assert float(fit.beta[0]) == pytest.approx(exact["mean"], rel=1e-12)
        assert float(fit.se[0]) == pytest.approx(exact[ci], rel=1e-8)
        if ci == "KR":
            assert float(fit.df[0]) == pytest.approx(exact["df"], rel=1e-7)


@pytest.mark.parametrize("shift", [0.0, 1e8])
@pytest.mark.parametrize("seed", range(4))
def test_likelihood_limits_over_twelve_decades(seed: int, shift: float) -> None:
    # At a limit of the profile likelihood twice the drop is the square of z.
    rng = np.random.default_rng(seed)
    v = 10.0 ** rng.uniform(-6.0, 6.0, 8)
    y = rng.normal(0.0, np.sqrt(v + 1.0)) + shift
    fit = fit_by("profile-likelihood", y, v)
    tau2 = np.concatenate([[0.0], np.geomspace(1e-9, 1e8, 60_001)])
    total = v + tau2[:, np.newaxis]
    logs, w = np.log(total).sum(axis=-1), 1.0 / total
    near = y - y[v.argmin()]  # the shift itself costs no digits here
    means = (w * near).sum(axis=-1) / w.sum(axis=-1)

    def height(mean: Floats) -> float:
        square = (w * (near - mean) ** 2).sum(axis=-1)
        return float((-0.5 * (logs + square)).max())

    best = height(means[:, np.newaxis])
    for limit in (fit.low, fit.high):
        drop = 2.0 * (best - height(limit - y[v.argmin()]))
        assert drop == pytest.approx(1.959963984540054**2, abs=2e-4)
