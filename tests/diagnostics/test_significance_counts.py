"""Fail-safe N, excess significance, p-curve, z-curve, indices of p-values."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from diagnostics.studies import BCG_RR, DORN, HACKSHAW, effect_sets
from k2stats.diagnostics import (
    caliper,
    excess_significance,
    fail_safe_n,
    p_curve,
    r_index,
    tiva,
    z_curve,
)
from k2stats.diagnostics.excess_significance import poisson_binomial_tail
from k2stats.diagnostics.p_uniform import irwin_hall
from k2stats.diagnostics.z_curve import component_densities, rates
from k2stats.effectsizes import EffectSizes
from k2stats.effectsizes.compute import measures_of
from k2stats.errors import InvalidEvidenceError, MissingInputError, UnknownMethodError

FIVE = [0.001, 0.004, 0.012, 0.021, 0.034]


@pytest.mark.parametrize(
    ("method", "target", "n"),
    [
        # metafor 5.1-12 and 3.8-1, fsn() of the BCG trials, log RR.
        ("rosenthal", None, 598),
        ("rosenberg", None, 370),
        ("orwin", 0.2, 36),
        ("orwin-weighted", 0.2, 15),
    ],
)
def test_fail_safe_figures(method: str, target: float | None, n: int) -> None:
    found = fail_safe_n(BCG_RR, method, target=target)
    assert float(found.n) == n
    assert found.unrounded <= found.n < found.unrounded + 1.0


@given(effect_sets())
def test_fail_safe_studies_do_undo_it(es: EffectSizes) -> None:
    n = float(fail_safe_n(es).n)
    z = float((es.y / np.sqrt(es.v)).sum())
    assert abs(z) / np.sqrt(es.k + n) <= 1.6448536269514722 * (1.0 + 1e-12)
    if n >= 1.0:
        assert abs(z) / np.sqrt(es.k + n - 1.0) >= 1.6448536269514722 * (1.0 - 1e-12)


def test_fail_safe_refusals() -> None:
    with pytest.raises(MissingInputError, match="target is needed for Orwin"):
        fail_safe_n(BCG_RR, "orwin")
    with pytest.raises(InvalidEvidenceError, match="target must be other than zero"):
        fail_safe_n(BCG_RR, "orwin", target=0.0)
    with pytest.raises(UnknownMethodError, match="fail-safe N 'rosenthaal'"):
        fail_safe_n(BCG_RR, "rosenthaal")
    with pytest.raises(InvalidEvidenceError, match="alpha must be between"):
        fail_safe_n(BCG_RR, alpha=0.7)


def test_excess_figures() -> None:
    # metafor's tests of tes() on Dorn et al. (2007), risk ratios.
    found = excess_significance(measures_of(DORN, "RR"))
    assert float(found.observed) == 10.0
    assert float(found.expected) == pytest.approx(4.923333, abs=5e-7)
    assert float(found.chi2) == pytest.approx(7.065648, abs=5e-7)
    assert float(found.p_chi2) == pytest.approx(0.003928794, abs=5e-10)
    assert float(found.p_binomial) == pytest.approx(0.01159554, abs=5e-9)
    assert float(found.p_exact) == pytest.approx(0.007778529, abs=5e-10)
    assert float(found.p) == float(found.p_exact)


def test_which_test_is_taken_by_size() -> None:
    # metafor 3.8-1: of 20 studies with 5 significant chi2, with 8 exact.
    for count, expected in ((5, "chi2"), (8, "exact")):
        z = np.where(np.arange(20) < count, 3.0, 0.1)
        es = EffectSizes.from_arrays(z, np.ones(20))
        assert str(excess_significance(es, test="auto").test) == expected


@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=6), st.integers(0, 6))
def test_sum_of_unequal_chances(p: list[float], least: int) -> None:
    brute = sum(
        np.prod([q if hit else 1.0 - q for q, hit in zip(p, hits, strict=True)])
        for hits in itertools.product([False, True], repeat=len(p))
        if sum(hits) >= least
    )
    got = poisson_binomial_tail(np.array(p), np.array(float(least)))
    assert float(got) == pytest.approx(float(brute), abs=1e-12)


def test_power_with_heterogeneity_by_simulation() -> None:
    es = EffectSizes.from_arrays([0.2, 0.3, 0.1], [0.04, 0.02, 0.05])
    found = excess_significance(es, theta=0.25, tau2=0.03)
    rng = np.random.default_rng(0)
    draws = rng.normal(0.25, np.sqrt(es.v + 0.03), (200_000, 3))
    share = (np.abs(draws / np.sqrt(es.v)) > 1.959963984540054).mean(axis=0)
    np.testing.assert_allclose(found.power, share, atol=4.0 * 0.5 / np.sqrt(200_000))


def test_excess_refusals() -> None:
    with pytest.raises(InvalidEvidenceError, match="tau2 must be finite"):
        excess_significance(BCG_RR, tau2=-1.0)
    with pytest.raises(InvalidEvidenceError, match="'exact', 'binomial'"):
        excess_significance(BCG_RR, test="best")  # type: ignore[arg-type]


def test_p_curve_figures() -> None:
    # Five z tests, calculated: Z of the full and half curve and of 33% power.
    found = p_curve(FIVE)
    assert repr(p_curve([1e-9, 1e-8, 1e-7])).startswith(
        "p-curve: 3 significant results, right skew p < 0.0001 (half p < 0.0001)"
    )
    assert found.full.z == pytest.approx(-1.743828, abs=5e-7)
    assert found.half.z == pytest.approx(-0.90042, abs=5e-6)
    assert found.full_33.z == pytest.approx(0.216378, abs=5e-7)
    assert found.ncp33[0] == pytest.approx(1.529237, abs=5e-7)
    assert (found.k, found.k_half) == (5, 4)
    assert not found.evidential_value
    assert not found.inadequate


@pytest.mark.parametrize("power", [0.2, 0.5, 0.8])
def test_p_curve_finds_the_power(power: float) -> None:
    rng = np.random.default_rng(3)
    ncp = stats.norm.ppf(power) + 1.959963984540054
    z = np.abs(rng.normal(ncp, 1.0, 8000))
    found = p_curve(z=z)
    assert abs(found.power - power) < 0.03
    assert found.power_low < power < found.power_high


def test_p_curve_of_t_and_f() -> None:
    # t on many degrees of freedom is z; F(1, df) is t squared.
    z, t = p_curve(FIVE), p_curve(FIVE, df2=1e7)
    assert t.full_33.z == pytest.approx(z.full_33.z, abs=1e-5)
    x = np.asarray(stats.f.isf(FIVE, 3, 40))
    ncp = p_curve(FIVE, df1=3, df2=40).ncp33[0]
    cut = stats.f.isf(0.05, 3, 40)
    assert stats.ncf.sf(cut, 3, 40, ncp) == pytest.approx(1.0 / 3.0, rel=1e-6)
    pp = 1.0 - 3.0 * np.asarray(stats.ncf.sf(x, 3, 40, ncp))
    right = np.sum(stats.norm.ppf(pp)) / np.sqrt(5.0)
    assert p_curve(FIVE, df1=3, df2=40).full_33.z == pytest.approx(right, rel=1e-6)


def test_indices_figures() -> None:
    # Calculated from the same five p-values.
    found = r_index(FIVE)
    assert found.median_power == pytest.approx(0.7095876, abs=5e-8)
    assert found.r_index == pytest.approx(0.4191752, abs=5e-8)
    spread = tiva(FIVE)
    assert spread.variance == pytest.approx(0.2187882, abs=5e-8)
    assert spread.chi2 == pytest.approx(0.8751526, abs=2e-7)
    assert spread.p == pytest.approx(0.0719018, abs=5e-8)


def test_caliper_is_a_binomial_test() -> None:
    z = [1.8, 1.85, 1.97, 1.99, 2.0, 2.05, 2.1, 2.15, 0.2, 4.0]
    found = caliper(z=z)
    assert (found.above, found.below) == (6, 2)
    assert found.p == pytest.approx(stats.binomtest(6, 8, 0.5, "greater").pvalue)


@pytest.mark.parametrize("k", [1, 2, 3, 7, 20])
def test_irwin_hall_as_scipy(k: int) -> None:
    for x in np.linspace(0.05, k - 0.05, 9):
        right = stats.irwinhall.cdf(x, k)
        assert irwin_hall(float(x), k) == pytest.approx(right, abs=1e-8)


def test_z_curve_reaches_the_maximum() -> None:
    rng = np.random.default_rng(11)
    z = np.abs(rng.normal(rng.choice([0.0, 1.0, 2.5, 4.0], 900), 1.0))
    found = z_curve(z=z)
    inside = z[(z >= 1.959963984540054) & (z <= 6.0)]
    f = component_densities(inside, 1.959963984540054)
    # Lindsay's condition: no component would raise the likelihood.
    slope = (f / (f @ found.weights)[:, None]).mean(axis=0)
    assert slope.max() < 1.0 + 1e-5
    assert found.weights.sum() == pytest.approx(1.0)
    assert found.odr == pytest.approx((z >= 1.959963984540054).mean())


def test_component_densities_integrate_to_one() -> None:
    grid = np.linspace(1.959963984540054, 6.0, 20_001)
    mass = np.trapezoid(component_densities(grid, 1.959963984540054), grid, axis=0)
    np.testing.assert_allclose(mass, 1.0, rtol=1e-6)


def test_rates_by_simulation() -> None:
    rng = np.random.default_rng(5)
    mu = np.array([0.0, 2.0])[rng.integers(0, 2, 400_000)]
    first = rng.normal(mu, 1.0)
    kept = np.abs(first) > 1.959963984540054
    weights = np.zeros((1, 7))
    weights[0, [0, 2]] = [(mu[kept] == m).mean() for m in (0.0, 2.0)]
    err, edr = rates(weights, np.zeros(1), 1.959963984540054)
    again = rng.normal(mu, 1.0)
    same = (np.abs(again) > 1.959963984540054) & (np.sign(again) == np.sign(first))
    assert edr[0] == pytest.approx(kept.mean(), rel=0.02)
    assert err[0] == pytest.approx(same[kept].mean(), rel=0.02)


def test_z_curve_bootstrap_repeats() -> None:
    z = np.abs(np.random.default_rng(2).normal(2.2, 1.2, 120))
    one, two = (z_curve(z=z, bootstrap=40, rng=9) for _ in range(2))
    assert one.err_ci is not None
    assert one.err_ci == two.err_ci
    assert one.err_ci[0] < one.err < one.err_ci[1]
    assert one.soric_fdr == pytest.approx((1.0 / one.edr - 1.0) * 0.05 / 0.95)
    assert z_curve(z=[7.0, 8.0]).edr == 1.0


def test_refusals_of_p_values() -> None:
    with pytest.raises(InvalidEvidenceError, match="given one and not both"):
        p_curve()
    with pytest.raises(InvalidEvidenceError, match="above 0 and at most 1"):
        tiva([0.1, 1.2])
    with pytest.raises(InvalidEvidenceError, match="significant at least once"):
        p_curve([0.2, 0.3])
    with pytest.raises(InvalidEvidenceError, match="df2 must be of length 5"):
        p_curve(FIVE, df2=[3.0, 4.0])
    with pytest.raises(InvalidEvidenceError, match="df1 must be positive"):
        p_curve(FIVE, df1=0.0)
    with pytest.raises(InvalidEvidenceError, match="length two or more"):
        tiva([0.1])
    with pytest.raises(InvalidEvidenceError, match="width must be positive"):
        caliper(FIVE, width=5.0)
    with pytest.raises(InvalidEvidenceError, match="rng must be given"):
        z_curve(z=[2.0, 3.0], bootstrap=10)
    assert r_index(HACKSHAW).k == 37
