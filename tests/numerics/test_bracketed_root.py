"""Chandrupatla's method against roots known in closed form."""

import numpy as np

from k2stats._typing import Floats
from k2stats.numerics.roots import bracketed_root


def test_closed_form_roots() -> None:
    target = np.array([0.3, 2.0, 1e-6, 7e5])
    root, ok = bracketed_root(
        lambda x: x**3 - target, np.zeros(4), np.full(4, 100.0), xtol=1e-15
    )
    np.testing.assert_allclose(root[:3], np.cbrt(target[:3]), rtol=1e-12)
    np.testing.assert_allclose(root[3], np.cbrt(7e5), rtol=1e-12)
    assert ok.all()


def test_either_direction_and_a_root_at_an_end() -> None:
    low, high = np.array([0.0, 0.0, -1.0]), np.array([4.0, 4.0, 0.0])
    sign = np.array([1.0, -1.0, 1.0])
    shift = np.array([3.0, 3.0, 0.0])
    root, ok = bracketed_root(lambda x: sign * (x - shift), low, high)
    np.testing.assert_allclose(root, shift, atol=1e-14)
    assert ok.all()


def test_no_change_of_sign() -> None:
    root, ok = bracketed_root(
        lambda x: x**2 + np.array([1.0, -1.0]), np.zeros(2), np.full(2, 5.0)
    )
    assert np.isnan(root[0])
    assert not ok[0]
    np.testing.assert_allclose(root[1], 1.0, rtol=1e-13)


def test_a_step_and_a_pole_fall_back_to_bisection() -> None:
    def steps(x: Floats) -> Floats:
        return np.array([np.where(x[0] < 0.7, -1.0, 1.0), np.tanh(1e8 * (x[1] - 0.2))])

    root, ok = bracketed_root(steps, np.zeros(2), np.ones(2))
    np.testing.assert_allclose(root, [0.7, 0.2], atol=1e-13)
    assert ok.all()


def test_fewer_calls_than_bisection() -> None:
    calls = 0

    def f(x: Floats) -> Floats:
        nonlocal calls
        calls += 1
        return np.exp(x) - 5.0

    root, _ = bracketed_root(f, np.zeros(1), np.full(1, 10.0))
    np.testing.assert_allclose(root, np.log(5.0), rtol=1e-13)
    # Bisection needs 49 halvings for a width of 1e-14 relative.
    assert calls <= 16
