"""Exact corrections against arbitrary precision."""

import mpmath
import numpy as np
import pytest

from k2stats.effectsizes._small_sample import (
    gauss_2f1,
    n_weighted_mean,
    small_sample_j,
    unbiased_correlation,
)


@pytest.mark.parametrize(
    "df", [1.5, 2.0, 3.0, 10.0, 39.9, 40.0, 41.0, 100.0, 1e4, 1e6, 1e9, 1e15]
)
def test_j_against_mpmath(df: float) -> None:
    with mpmath.workdps(60):
        m = mpmath.mpf(df)
        log_j = mpmath.loggamma(m / 2) - mpmath.loggamma((m - 1) / 2)
        want = mpmath.exp(log_j) / mpmath.sqrt(m / 2)
        got = float(small_sample_j(np.array([df]))[0])
        assert abs(mpmath.mpf(got) / want - 1) < 1e-15


def test_j_is_undefined_for_one_degree_of_freedom_or_none() -> None:
    assert np.isnan(small_sample_j(np.array([1.0, 0.0, np.nan]))).all()


def test_j_rises_to_one() -> None:
    j = small_sample_j(np.linspace(1.1, 500, 5000))
    assert np.all(np.diff(j) > 0)
    assert np.all(j < 1)


@pytest.mark.parametrize("a", [0.5, 1.0])
@pytest.mark.parametrize("c", [2.0, 5.5, 17.5, 18.0, 60.0, 915.0, 1e5])
def test_hypergeometric_against_mpmath(a: float, c: float) -> None:
    x = np.array([0.0, 0.3, 0.9424, 0.9775, 0.9999])
    got = gauss_2f1(a, np.full(5, c), x)
    want = [float(mpmath.hyp2f1(a, a, c, float(v))) for v in x]
    np.testing.assert_allclose(got, want, rtol=1e-12)


def test_unbiased_correlation_where_scipy_has_nan() -> None:
    # escalc/mcdaniel1994/UCOR, study 4: r = 0.15, n = 1832.
    got = unbiased_correlation(np.array([0.15]), np.array([1832.0]))
    np.testing.assert_allclose(got, [0.15004010967766], rtol=1e-12)


def test_weighted_mean_keeps_the_axis_and_passes_on_missing_values() -> None:
    values = np.array([[1.0, 4.0], [2.0, np.nan]])
    got = n_weighted_mean(values, np.array([1.0, 2.0]))
    np.testing.assert_array_equal(got, [[3.0], [np.nan]])
