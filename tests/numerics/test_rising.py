"""Logarithms of rising products against mpmath."""

import mpmath
import numpy as np

from k2stats.numerics.rising import log_rising


def test_against_log_gammas_of_many_digits() -> None:
    rng = np.random.default_rng(1)
    with mpmath.workdps(50):
        for _ in range(400):
            p, phi = rng.uniform(1e-4, 1), 10.0 ** rng.uniform(-14, 1)
            x = int(rng.integers(0, rng.choice([5, 100, 20000])))
            a = mpmath.mpf(p) / mpmath.mpf(phi)
            want = float(
                x * mpmath.log(phi) + mpmath.loggamma(a + x) - mpmath.loggamma(a)
            )
            got = float(log_rising(np.array(p), np.array(float(x)), np.array(phi)))
            assert abs(got - want) < 2e-13 * (1.0 + abs(want))


def test_no_step_is_a_power() -> None:
    x = np.array([0.0, 1.0, 7.0])
    got = log_rising(np.array(0.3), x, np.array(0.0))
    np.testing.assert_allclose(got, x * np.log(0.3), rtol=1e-14)


def test_small_products_by_hand() -> None:
    got = log_rising(np.array(0.2), np.array(3.0), np.array(0.7))
    np.testing.assert_allclose(got, np.log(0.2 * 0.9 * 1.6), rtol=1e-14)


def test_monotone_through_the_change_of_form() -> None:
    # a = p / phi passes 30, where Stirling's series takes over.
    phi = np.linspace(0.0095, 0.0105, 2001)
    value = log_rising(np.array(0.3), np.array(50.0), phi)
    assert (np.diff(value) > 0).all()
    assert np.abs(np.diff(value, 2)).max() < 1e-6
