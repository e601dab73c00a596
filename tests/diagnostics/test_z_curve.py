"""z-curve's weights are at the maximum of its likelihood, resamples among them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, special

from k2stats._typing import Floats
from k2stats.diagnostics import z_curve
from k2stats.diagnostics.z_curve import _fit, component_densities

CRITICAL = float(special.ndtri(0.975))


def _slopes(weights: Floats, counts: Floats, density: Floats) -> Floats:
    """Mean over z of f_j / f: at most 1, and 1 where a weight is above zero."""
    share = counts / counts.sum(axis=-1, keepdims=True)
    return np.asarray((share / (weights @ density.T)) @ density)


@settings(deadline=None, max_examples=100)
@given(st.lists(st.floats(1.96, 6.0), min_size=3, max_size=60), st.integers(0, 999))
def test_weights_meet_the_conditions_of_a_maximum(z: list[float], seed: int) -> None:
    inside = np.maximum(np.array(z), CRITICAL)
    density = component_densities(inside, CRITICAL)
    random = np.random.default_rng(seed)
    again = random.multinomial(inside.size, np.full(inside.size, 1 / inside.size), 20)
    counts = np.vstack([np.ones(inside.size), again]).astype(float)
    weights, _ = _fit(density, counts)
    # Lindsay (1983) Ann Stat 11:86-94: no direction towards a component rises
    slopes = _slopes(weights, counts, density)
    assert slopes.max() <= 1.0 + 1e-8
    assert np.abs((weights * (slopes - 1.0)).sum(axis=-1)).max() < 1e-8
    assert weights.min() >= 0.0
    assert weights.sum(axis=-1) == pytest.approx(1.0, abs=1e-12)


def test_weights_are_those_of_a_general_optimiser() -> None:
    random = np.random.default_rng(4)
    z = np.abs(random.normal(2.2, 1.2, 300))
    z = z[(z >= CRITICAL) & (z <= 6.0)]
    density = component_densities(z, CRITICAL)

    def loss(free: Floats) -> float:
        shares = np.exp(free - special.logsumexp(free))
        return -float(np.log(density @ shares).sum())

    best = min(
        optimize.minimize(loss, random.normal(size=7), method="BFGS").fun
        for _ in range(5)
    )
    found = z_curve(z=z)
    assert found.loglik == pytest.approx(-best, abs=1e-4)
    assert found.loglik >= -best - 1e-7


def test_resamples_without_any_z_up_to_six_count_as_power_one() -> None:
    # one z up to 6 and nine beyond: some resamples have none inside
    found = z_curve(z=[2.5, *[7.0] * 9], bootstrap=200, rng=1)
    assert found.err_ci is not None
    assert found.err_ci[1] == 1.0
