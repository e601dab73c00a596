"""Adaptive quadrature against closed forms and fine grids."""

import numpy as np
import pytest
from scipy import special, stats

from k2stats._typing import Floats
from k2stats.numerics.hermite import Parts, hermite_rule, integrate, integrate_pair


def logistic(x: Floats, n: Floats, base: Floats, load: Floats) -> Parts:
    """Log-likelihood of binomial counts, constant left out, with two derivatives."""

    def parts(u: Floats) -> tuple[Floats, Floats, Floats]:
        eta = base[:, None] + load[:, None] * u
        p = special.expit(eta)
        value = x[:, None] * eta - n[:, None] * np.logaddexp(0, eta)
        slope = load[:, None] * (x[:, None] - n[:, None] * p)
        return value, slope, -(load[:, None] ** 2) * n[:, None] * p * (1 - p)

    return parts


def test_rule_integrates_polynomials() -> None:
    for n in (1, 2, 7, 31, 121):
        z, logs = hermite_rule(n)
        for power in range(0, min(2 * n, 12), 2):
            got = np.sum(np.exp(logs - z * z) * z**power)
            want = special.gamma((power + 1) / 2)
            assert abs(got / want - 1) < 1e-12


def test_normal_times_normal_is_exact_with_one_node() -> None:
    # Laplace's approximation is exact for Gaussian integrands.
    def parts(u: Floats) -> tuple[Floats, Floats, Floats]:
        return -2.0 * (u - 3.0) ** 2, -4.0 * (u - 3.0), np.full_like(u, -4.0)

    found = integrate(parts, lambda u: parts(u)[0], (2,), 1)
    want = -0.5 * np.log(5.0) - 0.5 * 9.0 * 4.0 / 5.0
    np.testing.assert_allclose(found.log_value, want, rtol=1e-13)
    np.testing.assert_allclose(found.mode[0], 12.0 / 5.0, rtol=1e-12)


@pytest.mark.parametrize("nodes", [31, 61])
def test_logistic_normal_against_a_fine_grid(nodes: int) -> None:
    rng = np.random.default_rng(0)
    n = rng.integers(1, 300, 40).astype(float)
    x = rng.binomial(n.astype(int), 0.2).astype(float)
    base, load = rng.normal(-2, 1, 40), rng.uniform(0.01, 1.5, 40)
    parts = logistic(x, n, base, load)
    found = integrate(parts, lambda u: parts(u)[0], (40,), nodes)
    grid = np.linspace(-15, 15, 3001)
    logs = parts(np.tile(grid, (40, 1)))[0] + stats.norm.logpdf(grid)
    want = special.logsumexp(logs, axis=1) + np.log(grid[1] - grid[0])
    np.testing.assert_allclose(found.log_value, want, rtol=0, atol=1e-9)
    mean = (found.nodes[0] * found.weights).sum(axis=1)
    weights = np.exp(logs - special.logsumexp(logs, axis=1, keepdims=True))
    np.testing.assert_allclose(mean, weights @ grid, atol=1e-8)


def test_mode_is_found_where_newton_would_go_back_and_forth() -> None:
    # Fifty events of fifty with a wide effect: the tails of the slope are flat.
    parts = logistic(
        np.array([50.0]), np.array([50.0]), np.array([-2.6454]), np.array([2.14626])
    )
    found = integrate(parts, lambda u: parts(u)[0], (1,), 1)
    slope = parts(found.mode[0][:, None])[1] - found.mode[0]
    assert abs(float(slope[0, 0])) < 1e-9


def test_pair_against_a_fine_grid() -> None:
    x, n = np.array([3.0, 0.0, 20.0]), np.array([20.0, 12.0, 22.0])
    y, m = np.array([5.0, 2.0, 10.0]), np.array([25.0, 14.0, 21.0])

    def value(u: Floats, v: Floats) -> Floats:
        total = np.zeros(1)
        for count, size, sign in ((x, n, 0.5), (y, m, -0.5)):
            eta = -1.5 + 0.9 * u + sign * 0.7 * v
            lead = (slice(None),) + (None,) * (eta.ndim - 1)
            total = total + count[lead] * eta - size[lead] * np.logaddexp(0, eta)
        return total

    def parts(
        u: Floats, v: Floats
    ) -> tuple[Floats, tuple[Floats, Floats], tuple[Floats, Floats, Floats]]:
        s1, s2, h11, h12, h22 = (np.zeros(1) for _ in range(5))
        for count, size, sign in ((x, n, 0.5), (y, m, -0.5)):
            eta = -1.5 + 0.9 * u + sign * 0.7 * v
            p = special.expit(eta)
            s, h = count[:, None] - size[:, None] * p, -size[:, None] * p * (1 - p)
            s1, s2 = s1 + 0.9 * s, s2 + sign * 0.7 * s
            h11, h12 = h11 + 0.81 * h, h12 + 0.9 * sign * 0.7 * h
            h22 = h22 + (sign * 0.7) ** 2 * h
        return value(u, v), (s1, s2), (h11, h12, h22)

    found = integrate_pair(parts, value, (3,), 25)
    grid = np.linspace(-10, 10, 401)
    u, v = np.meshgrid(grid, grid, indexing="ij")
    logs = value(np.tile(u, (3, 1, 1)), np.tile(v, (3, 1, 1)))
    logs = logs + stats.norm.logpdf(u) + stats.norm.logpdf(v)
    want = special.logsumexp(logs, axis=(1, 2)) + 2 * np.log(grid[1] - grid[0])
    np.testing.assert_allclose(found.log_value, want, atol=1e-10)
    mean = (found.nodes[1] * found.weights).sum(axis=1)
    weights = np.exp(logs - special.logsumexp(logs, axis=(1, 2), keepdims=True))
    np.testing.assert_allclose(mean, (weights * v).sum(axis=(1, 2)), atol=1e-9)
