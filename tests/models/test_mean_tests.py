"""Tests of the mean against dense matrices, grids and figures of other software."""

import numpy as np
import pytest
from scipy import special, stats

from k2stats._typing import Floats
from k2stats.effectsizes import EffectSizes
from k2stats.heterogeneity import estimate_tau2
from k2stats.models import MEAN_TESTS, fit_arrays, pool
from models.pool_examples import TWO_MODES_V, TWO_MODES_Y, bcg, expectancy, sets

MOST = float(special.ndtri(0.975) ** 2)
"""Twice the drop of the log-likelihood at 95% limits."""


def test_hartung_knapp_as_metafor_prints() -> None:
    # metafor 3.8: rma(yi, vi, data = dat, test = "knha") on the BCG trials
    fit = pool(bcg())
    expected = (-0.7145, 0.1808, -3.9522, 0.0019, -1.1084, -0.3206)
    got = (fit.estimate, fit.se, fit.statistic, fit.p, fit.ci_low, fit.ci_high)
    for value, printed in zip(got, expected, strict=True):
        assert abs(float(value) - printed) < 0.5e-4
    assert fit.df == 12.0


def test_reference_figures_of_kenward_roger() -> None:
    # reference cases rci/bcg/RR/KR and rci/raudenbush1985/GEN/KR (meta 8.4-0)
    fit = pool(bcg(), ci="KR")
    np.testing.assert_allclose(fit.se, 0.181535636413218, rtol=1e-8)
    np.testing.assert_allclose(fit.ci_low, -1.11635595183724, rtol=1e-8)
    fit = pool(expectancy(), ci="KR")
    np.testing.assert_allclose(fit.se, 0.0525596340835185, rtol=1e-8)
    np.testing.assert_allclose(fit.ci_low, -0.0295502905694758, rtol=1e-7)


@pytest.mark.parametrize("p", [1, 2, 3])
def test_kenward_roger_by_dense_matrices(p: int) -> None:
    y, v = sets(11, (9,))
    x = np.linspace(-1.0, 1.0, 9)[:, np.newaxis] ** np.arange(p)
    tau2 = float(estimate_tau2(y, v, x).tau2)
    fit = fit_arrays(y, v, x, ci="KR")
    w = np.diag(1.0 / (v + tau2))
    phi = np.linalg.inv(x.T @ w @ x)
    projection = w - w @ x @ phi @ x.T @ w
    information = 0.5 * np.trace(projection @ projection)
    # Kenward and Roger (1997): P is the derivative of X'WX, Q the middle of its second.
    big_p, big_q = -x.T @ w @ w @ x, x.T @ w @ w @ w @ x
    adjusted = phi + 2.0 * phi @ (big_q - big_p @ phi @ big_p) @ phi / information
    np.testing.assert_allclose(fit.cov, adjusted, rtol=1e-9)
    slope = adjusted @ big_p @ adjusted
    df = 2.0 * information * (np.diag(adjusted) / np.diag(slope)) ** 2
    np.testing.assert_allclose(fit.df, df, rtol=1e-9)


def test_kenward_roger_of_equal_variances_keeps_the_standard_error() -> None:
    y = np.array([0.1, 0.9, -0.4, 0.5])
    fit = fit_arrays(y, np.full(4, 0.05), ci="KR")
    np.testing.assert_allclose(fit.se, fit_arrays(y, np.full(4, 0.05), ci="z").se)
    # Balanced: the mean of k normals, and Satterthwaite gives k - 1.
    np.testing.assert_allclose(fit.df, 3.0)


def test_iqwig_guards_where_narrower_than_dersimonian_laird() -> None:
    es = EffectSizes.from_arrays([0.30, 0.31, 0.29, 0.30], [0.01, 0.02, 0.03, 0.04])
    plain, guarded = pool(es), pool(es, ci="HK-IQWiG6")
    assert plain.se < guarded.se
    np.testing.assert_allclose(guarded.se, pool(es, ci="HK-adhoc").se, rtol=1e-12)
    np.testing.assert_allclose(pool(bcg(), ci="HK-IQWiG6").se, pool(bcg()).se)


def test_hybrid_takes_the_wider_with_its_own_test() -> None:
    narrow = EffectSizes.from_arrays([0.30, 0.31, 0.29], [0.01, 0.02, 0.03])
    fit, wald = pool(narrow, ci="HK-ci"), pool(narrow, ci="z")
    np.testing.assert_allclose(fit.ci, wald.ci, rtol=1e-12)
    np.testing.assert_allclose(fit.p, wald.p, rtol=1e-12)
    np.testing.assert_allclose(pool(bcg(), ci="HK-ci").ci, pool(bcg()).ci)
    both = EffectSizes.from_arrays(
        [[0.3, 0.31, 0.29], [0.3, 1.1, -0.9]], [[0.01, 0.02, 0.03]] * 2
    )
    assert pool(both, ci="HK-ci").df.tolist() == [np.inf, 2.0]


def _log_likelihood(y: Floats, v: Floats, mean: float, tau2: Floats) -> Floats:
    total = v + tau2[:, np.newaxis]
    return np.asarray(-0.5 * (np.log(total) + (y - mean) ** 2 / total).sum(axis=-1))


@pytest.mark.parametrize("seed", range(4))
def test_profile_likelihood_by_a_dense_grid(seed: int) -> None:
    y, v = (TWO_MODES_Y, TWO_MODES_V) if seed == 0 else sets(seed, (7,), 3.0)
    tau2 = np.concatenate([[0.0], np.geomspace(1e-9, 1e4, 200_000)])
    fit = fit_arrays(y, v, tau2="ML", ci="profile-likelihood")

    def drop(mean: float) -> float:
        return 2.0 * (greatest - float(_log_likelihood(y, v, mean, tau2).max()))

    total = v + tau2[:, np.newaxis]
    w = 1.0 / total
    means = (w * y).sum(axis=-1) / w.sum(axis=-1)
    at = -0.5 * (np.log(total) + w * (y - means[:, np.newaxis]) ** 2).sum(axis=-1)
    greatest = float(at.max())
    for limit in (fit.low[0], fit.high[0]):
        assert abs(drop(float(limit)) - MOST) < 1e-6
    expected = stats.chi2.sf(drop(0.0), 1)
    np.testing.assert_allclose(fit.p[0], expected, rtol=1e-6)
    assert np.sign(fit.statistic[0]) == np.sign(fit.beta[0])


def test_profile_likelihood_is_outermost_where_the_region_is_split() -> None:
    y, v = TWO_MODES_Y, TWO_MODES_V
    fit = fit_arrays(y, v, tau2="ML", ci="PL", level=0.5)
    tau2 = np.concatenate([[0.0], np.geomspace(1e-7, 1e3, 10_000)])
    means = np.linspace(-1.5, 1.5, 301)
    heights = np.array([_log_likelihood(y, v, m, tau2).max() for m in means])
    inside = means[2.0 * (heights.max() - heights) <= special.ndtri(0.75) ** 2]
    assert abs(fit.low[0] - inside.min()) <= 0.01
    assert abs(fit.high[0] - inside.max()) <= 0.01


def test_profile_likelihood_of_coefficients() -> None:
    y, v = sets(21, (8,))
    x = np.column_stack([np.ones(8), np.linspace(-1.0, 1.0, 8)])
    fit = fit_arrays(y, v, x, tau2="ML", ci="PL")
    tau2 = np.concatenate([[0.0], np.geomspace(1e-7, 1e3, 20_001)])

    def height(offset: float, columns: Floats) -> float:
        w = 1.0 / (v + tau2[:, np.newaxis])
        r = y - offset * x[:, 1]
        bread = np.linalg.inv(np.einsum("ki,tk,kj->tij", columns, w, columns))
        beta = np.einsum("tij,kj,tk,k->ti", bread, columns, w, r)
        rest = r - beta @ columns.T
        return float((-0.5 * (-np.log(w) + w * rest**2).sum(axis=-1)).max())

    top = height(0.0, x)
    for limit in (fit.low[1], fit.high[1]):
        assert abs(2.0 * (top - height(float(limit), x[:, :1])) - MOST) < 1e-5
    lr = 2.0 * (top - height(0.0, x[:, :1]))
    np.testing.assert_allclose(fit.statistic[1] ** 2, lr, rtol=1e-5)


def test_second_names() -> None:
    for name, same in (("knha", "HK"), ("classic", "z"), ("adhoc", "HK-adhoc")):
        assert pool(bcg(), ci=name).method.ci.name == same


def test_every_test_has_a_reference_and_an_equation() -> None:
    for name in MEAN_TESTS:
        entry = MEAN_TESTS[name]
        assert entry.reference
        assert entry.equation
