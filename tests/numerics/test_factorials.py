"""Factorials and deviances against fifty-digit arithmetic."""

import mpmath
import numpy as np
import pytest

from k2stats.numerics.factorials import deviance, factorial_remainder, log_choose


@pytest.mark.parametrize(
    "n", [0, 1, 2, 5, 15, 16, 17, 40, 171, 1000, 123_456, 2**31, 2**53]
)
def test_remainder_is_a_log_factorial_without_what_cancels(n: int) -> None:
    with mpmath.workdps(50):
        power = n * mpmath.log(n) if n else mpmath.mpf(0)
        exact = mpmath.loggamma(n + 1) - power + n
    found = factorial_remainder(np.array([float(n)]))[0]
    assert found == pytest.approx(float(exact), rel=4e-15, abs=0)


@pytest.mark.parametrize(
    ("observed", "expected"),
    [(3.0, 6.0), (0.0, 2.5), (1e7, 1e7 + 3), (1e7, 1.021e7), (50.0, 49.0), (9.0, 9.0)],
)
def test_deviance_keeps_its_digits(observed: float, expected: float) -> None:
    with mpmath.workdps(50):
        o, e = mpmath.mpf(observed), mpmath.mpf(expected)
        exact = (o * mpmath.log(o / e) if o else mpmath.mpf(0)) - o + e
    found = deviance(np.array([observed]), np.array([expected]))[0]
    assert found == pytest.approx(float(exact), rel=2e-14, abs=0)


def test_deviance_where_nothing_is_expected() -> None:
    found = deviance(np.array([0.0, 1.0, 2.0]), np.array([0.0, 0.0, np.nan]))
    np.testing.assert_array_equal(found, [0.0, np.nan, np.nan])


@pytest.mark.parametrize("n", [0, 1, 7, 60])
def test_binomial_coefficients(n: int) -> None:
    exact = [float(mpmath.binomial(n, k)) for k in range(n + 1)]
    np.testing.assert_allclose(np.exp(log_choose(n)), exact, rtol=1e-13)
