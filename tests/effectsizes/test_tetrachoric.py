"""The bivariate normal and the tetrachoric correlation."""

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from k2stats.effectsizes._bivariate_normal import bvn_cdf, bvn_density
from k2stats.effectsizes.compute import measures_of
from k2stats.effectsizes.tetrachoric import correlation_of
from k2stats.evidence import TwoByTwo

TABLES = TwoByTwo.from_cells(
    a=[135, 4, 3, 62, 1],
    b=[15, 119, 228, 13536, 30],
    c=[40, 11, 11, 248, 9],
    d=[10, 128, 209, 12619, 2],
)

REFERENCE_Y = [-0.26314321437151, -0.345766937380315, -0.320367644230005]
REFERENCE_V = [0.0235656194376862, 0.019815952466073, 0.000725775633124019]


def exact_bvn(h: float, k: float, r: float) -> float:
    """Integrate the conditional normal with mpmath."""
    with mpmath.workdps(25):
        root = mpmath.sqrt(1 - mpmath.mpf(r) ** 2)
        value = mpmath.quad(
            lambda x: mpmath.npdf(x) * mpmath.ncdf((k - r * x) / root),
            [-mpmath.inf, min(-6, h - 3), h - 1, h],
        )
        return float(value)


@pytest.mark.parametrize("r", [-0.999, -0.95, -0.9, -0.3, 0.0, 0.6, 0.9, 0.93, 0.999])
@pytest.mark.parametrize(
    ("h", "k"), [(0.0, 0.0), (-1.2, 0.7), (0.0, 1.3), (-2.5, -2.0)]
)
def test_bivariate_normal_against_mpmath(h: float, k: float, r: float) -> None:
    got = float(bvn_cdf(np.array([h]), np.array([k]), np.array([r]))[0])
    assert abs(got - exact_bvn(h, k, r)) < 2e-14


def test_bivariate_normal_at_the_ends() -> None:
    h, k = np.array([0.5, 0.5, -0.5]), np.array([1.0, -1.0, -1.0])
    np.testing.assert_allclose(
        bvn_cdf(h, k, np.array(1.0)), stats.norm.cdf(np.minimum(h, k)), rtol=1e-15
    )
    want = np.maximum(stats.norm.cdf(h) + stats.norm.cdf(k) - 1, 0)
    np.testing.assert_allclose(bvn_cdf(h, k, np.array(-1.0)), want, atol=1e-16)


@given(h=st.floats(-2, 2), k=st.floats(-2, 2), r=st.floats(-0.97, 0.97))
@settings(max_examples=60, deadline=None)
def test_correlation_of_inverts_the_distribution(h: float, k: float, r: float) -> None:
    at = (np.array([h]), np.array([k]))
    p = bvn_cdf(*at, np.array([r]))
    # An error of 1e-15 in p moves r by that over the density.
    slack = 1e-12 + 5e-15 / float(bvn_density(*at, np.array([r]))[0])
    assert abs(float(correlation_of(*at, p)[0]) - r) < slack


def test_four_cells_are_reproduced() -> None:
    r = measures_of(TABLES, "RTET").y
    total = TABLES.n1 + TABLES.n2
    h = stats.norm.ppf(TABLES.n1 / total)
    k = stats.norm.ppf((TABLES.a + TABLES.c) / total)
    np.testing.assert_allclose(bvn_cdf(h, k, r), TABLES.a / total, rtol=1e-11)


def test_variance_is_the_delta_method_of_the_solution() -> None:
    # Derivatives of r by each cell, numerically; multinomial covariance.
    cells = np.array([x[0] for x in TABLES.cells])
    total = cells.sum()

    def solve(x: np.ndarray) -> float:
        row, column = (x[0] + x[1]) / x.sum(), (x[0] + x[2]) / x.sum()
        at = (np.array([stats.norm.ppf(row)]), np.array([stats.norm.ppf(column)]))
        return float(correlation_of(*at, np.array([x[0] / x.sum()]))[0])

    step = 1e-3
    slope = np.array(
        [
            (solve(cells + step * e) - solve(cells - step * e)) / (2 * step)
            for e in np.eye(4)
        ]
    )
    want = np.sum(cells * slope**2) - np.sum(cells * slope) ** 2 / total
    got = float(measures_of(TABLES, "RTET").v[0])
    assert abs(got / want - 1) < 1e-6


def test_coarse_search_reproduces_what_packages_print() -> None:
    # escalc/bcg/RTET, trials 1, 3 and 4 of the BCG data.
    es = measures_of(TABLES[1:4], "RTET", vtype="FD")
    exact = measures_of(TABLES[1:4], "RTET")
    np.testing.assert_allclose(es.y, REFERENCE_Y, rtol=1e-8)
    np.testing.assert_allclose(es.v, REFERENCE_V, rtol=1e-8)
    np.testing.assert_allclose(es.y, exact.y, atol=3e-5)
    np.testing.assert_allclose(es.v, exact.v, rtol=1e-4)


def test_a_zero_cell_gives_one_without_variance() -> None:
    # escalc/yusuf1985.6/RTET and escalc/bachmann2010/RTET: -1, 1, and NaN for an
    # empty column.
    t = TwoByTwo.from_cells(a=[0, 1, 0], b=[25, 71, 9], c=[3, 0, 0], d=[22, 87, 8])
    es = measures_of(t, "RTET")
    np.testing.assert_array_equal(es.y, [-1.0, 1.0, np.nan])
    assert np.isnan(es.v).all()
    assert np.isnan(measures_of(t, "ZTET").y).all()


def test_fisher_z_of_the_tetrachoric_correlation() -> None:
    r, z = measures_of(TABLES, "RTET"), measures_of(TABLES, "ZTET")
    np.testing.assert_allclose(z.natural().estimate, r.y, rtol=1e-14)
    np.testing.assert_allclose(z.v, r.v / (1 - r.y**2) ** 2, rtol=1e-14)


def test_variance_by_simulation() -> None:
    rng = np.random.default_rng(7)
    at = (np.array([0.3]), np.array([-0.2]))
    p = float(bvn_cdf(*at, np.array([0.4]))[0])
    row, column = stats.norm.cdf(0.3), stats.norm.cdf(-0.2)
    draws = rng.multinomial(800, [p, row - p, column - p, 1 - row - column + p], 4000)
    a, b, c, d = draws.T
    t = TwoByTwo.from_cells(a=a, b=b, c=c, d=d)
    for code in ("RTET", "ZTET"):
        es = measures_of(t, code)
        # Four standard errors of a variance from 4000 draws, and 2% of order 1/n.
        assert abs(float(es.v.mean() / es.y.var()) - 1) < 4 * np.sqrt(2 / 4000) + 0.02
