"""The climb with no variance below zero: optimality, other starts, the right branch."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from k2stats._typing import Floats
from k2stats.datasets import bcg
from k2stats.effectsizes import effect_sizes
from k2stats.models import location_scale
from k2stats.models._location_scale_inside import climb_within, interior, least_distance
from k2stats.models._location_scale_likelihood import Surface
from k2stats.models._location_scale_search import climb, search

BCG = effect_sizes(bcg.BCG, "RR")


def drawn(seed: int, q: int) -> Surface:
    """Random studies and columns of the scale, orthonormal times root K."""
    rng = np.random.default_rng(seed)
    k = int(rng.integers(q + 3, 30))
    v = 10 ** rng.uniform(-2.5, 0.0, k)
    Z = np.column_stack([np.ones(k), rng.normal(size=(k, q - 1))])
    tau2 = np.maximum(Z @ rng.normal(size=q) * 0.3, 0.0)
    y = rng.normal(size=k) * np.sqrt(v + tau2)
    X = np.ones((k, 1))
    unit = np.sqrt(k) * np.linalg.qr(Z)[0]
    return Surface(y, v, X, unit, log_link=False, restricted=bool(seed % 2))


@pytest.mark.parametrize("q", [1, 2, 3])
def test_a_summit_is_no_lower_than_anything_allowed_beside_it(q: int) -> None:
    rng = np.random.default_rng(q)
    for seed in range(12):
        surface = drawn(seed, q)
        found = search(surface)
        assert found.converged
        assert (surface.eta(found.alpha) >= 0.0).all()
        size = float(np.abs(found.alpha).max()) + 0.01
        for far in (1e-6, 1e-4, 1e-2):
            for step in rng.normal(size=(20, q)) * far * size:
                assert surface.loglik(found.alpha + step) <= found.loglik + 1e-12


def test_no_other_start_leads_higher() -> None:
    rng = np.random.default_rng(4)
    for seed in range(8):
        surface = drawn(seed, 3)
        best = search(surface).loglik
        for start in rng.normal(size=(12, 3)) * rng.choice([0.1, 0.3, 1.0]):
            assert climb(surface, start).loglik <= best + 1e-9


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6), k=st.integers(1, 12), q=st.integers(1, 3))
def test_the_least_distance_satisfies_what_makes_it_least(
    seed: int, k: int, q: int
) -> None:
    # Karush-Kuhn-Tucker: x is a non-negative combination of the rows that bind.
    rng = np.random.default_rng(seed)
    G, inside = rng.normal(size=(k, q)), rng.normal(size=q)
    least = G @ inside - rng.exponential(size=k)
    found = least_distance(G, least, 1.0)
    assert found is not None
    slack = G @ found - least
    assert (slack >= -1e-9).all()
    assert np.linalg.norm(found) <= np.linalg.norm(inside) + 1e-9
    binding = G[slack < 1e-8]
    if np.linalg.norm(found) < 1e-12:
        return
    weights, *_ = np.linalg.lstsq(binding.T, found, rcond=None)
    np.testing.assert_allclose(binding.T @ weights, found, atol=1e-8)


def test_what_cannot_be_met_has_no_least_distance() -> None:
    G = np.array([[1.0], [-1.0]])
    assert least_distance(G, np.array([1.0, 1.0]), 1.0) is None
    opposed = Surface(
        y=np.array([0.0, 1.0, 2.0]),
        v=np.ones(3),
        X=np.ones((3, 1)),
        Z=np.array([[1.0], [-1.0], [0.5]]),
        log_link=False,
        restricted=True,
    )
    assert interior(opposed, 1.0) is None
    assert climb_within(opposed, np.zeros(1), 1.0) is None
    assert not np.isfinite(search(opposed).loglik)


def test_the_likelihood_and_its_slope_are_of_one_formula() -> None:
    surface = drawn(3, 2)
    at = np.linalg.lstsq(surface.Z, np.full(surface.y.size, 0.4), rcond=None)[0]
    value, gradient, hessian = surface.surroundings(at)
    assert value == pytest.approx(surface.loglik(at), rel=1e-14)
    np.testing.assert_allclose(gradient, surface.slope(at)[0], rtol=1e-12)
    for j, step in enumerate(1e-5 * np.eye(2)):
        up, down = surface.loglik(at + step), surface.loglik(at - step)
        np.testing.assert_allclose((up - down) / 2e-5, gradient[j], rtol=1e-6)
        sides = surface.slope(at + step)[0] - surface.slope(at - step)[0]
        np.testing.assert_allclose(sides / 2e-5, hessian[j], rtol=1e-6)
    outside, slope, _ = surface.surroundings(-at)
    assert outside == -np.inf
    assert np.isnan(slope).all()


def likelihood(alpha: Floats) -> Floats:
    """Of the BCG trials, alpha (..., 3) and latitude in the mean, by its definition."""
    data = bcg.frame()
    Z = np.column_stack([np.ones(13), data["ablat"], data["year"]])
    X = np.column_stack([np.ones(13), data["ablat"]])
    w = 1.0 / (BCG.v + np.exp(np.clip(alpha @ Z.T, -700.0, 300.0)))
    A = np.einsum("kp,...k,kq->...pq", X, w, X)
    b = np.linalg.solve(A, np.einsum("kp,...k->...p", X, w * BCG.y)[..., np.newaxis])
    rest = BCG.y - (X @ b)[..., 0]
    return np.asarray(
        0.5 * (np.log(w).sum(-1) - (w * rest**2).sum(-1) - 13 * np.log(2 * np.pi))
    )


def test_a_summit_that_ends_does_not_hide_the_higher_one() -> None:
    # Two summits of the other coefficients change places along the slope of latitude:
    # on one the latitude's own tau2 runs to zero. The limit is where the higher one,
    # by a dense grid of the other two, passes the cut.
    fit = location_scale(
        BCG, "~ ablat", "~ ablat + year", data=bcg.frame(), tau2="ML", link="log"
    )
    low, _ = fit.conf_int("scale", method="profile")
    assert low[1] == pytest.approx(-0.732294, abs=1e-5)
    cut = fit.loglik - 0.5 * 1.959963984540054**2
    years = np.linspace(-2.0, 2.0, 161)
    for slope, above in ((-0.72, True), (-0.73, True), (-0.735, False)):
        # The intercept is taken at the mean of the year and of the latitude.
        levels = np.linspace(-60.0, 30.0, 301)
        level, year = np.meshgrid(levels, years)
        first = level - slope * 33.46 - year * 1957.5
        grid = np.stack([first, np.full_like(first, slope), year], axis=-1)
        top = grid[np.unravel_index(np.argmax(likelihood(grid)), first.shape)]
        fine = np.linspace(-1.0, 1.0, 101)
        for shrink in (1.0, 0.1, 0.01):
            by_level, by_year = np.meshgrid(fine * 0.6 * shrink, fine * 0.05 * shrink)
            near = np.stack(
                [
                    top[0] + by_level - by_year * 1957.5,
                    np.full_like(by_level, slope),
                    top[2] + by_year,
                ],
                axis=-1,
            )
            top = near[np.unravel_index(np.argmax(likelihood(near)), by_level.shape)]
        assert bool(likelihood(top) >= cut) is above
