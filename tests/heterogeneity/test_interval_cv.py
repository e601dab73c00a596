"""Intervals of the coefficient of variation against maximisations written out."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from k2stats._typing import Floats
from k2stats.errors import InvalidEvidenceError, UnknownMethodError
from k2stats.heterogeneity import CV_INTERVALS, cv_interval, estimate_tau2

Y = np.array([0.28, 0.36, 0.14, 1.18, 0.76, 0.55])
V = np.array([0.016, 0.022, 0.028, 0.039, 0.036, 0.020])


def log_likelihood(y: Floats, v: Floats, mean: float, tau2: float) -> float:
    total = v + tau2
    return float(-0.5 * (np.log(total) + (y - mean) ** 2 / total).sum())


def test_ends_are_where_the_likelihood_ratio_test_rejects() -> None:
    found = cv_interval(Y, V)

    def height(p: Floats) -> float:
        return -log_likelihood(Y, V, float(p[0]), float(np.exp(p[1])))

    best = optimize.minimize(
        height, np.array([0.5, -2.0]), method="Nelder-Mead", tol=1e-14
    )
    ratio = np.exp(best.x[1] / 2.0) / best.x[0]
    np.testing.assert_allclose(found.estimate, ratio, rtol=1e-6)

    def excess(c: float) -> float:
        sides = [
            optimize.minimize_scalar(
                lambda m, s=side: -log_likelihood(Y, V, s * m, (c * m) ** 2),
                bounds=(1e-9, 5.0),
                method="bounded",
                options={"xatol": 1e-13},
            ).fun
            for side in (1.0, -1.0)
        ]
        return float(2.0 * (min(sides) - best.fun) - stats.chi2.ppf(0.95, 1))

    for end, bracket in ((found.low, (1e-3, ratio)), (found.high, (ratio, 30.0))):
        np.testing.assert_allclose(end, optimize.brentq(excess, *bracket), rtol=1e-7)


def test_wald_limits_are_those_of_the_delta_method() -> None:
    """Against numerical second derivatives of the likelihood in mean and tau2."""
    found = cv_interval(Y, V, type="Wald", level=0.9)
    tau2 = float(estimate_tau2(Y, V, method="ML").tau2)
    mean = float((Y / (V + tau2)).sum() / (1.0 / (V + tau2)).sum())
    h = 1e-4
    by_mean = (
        log_likelihood(Y, V, mean + h, tau2)
        - 2.0 * log_likelihood(Y, V, mean, tau2)
        + log_likelihood(Y, V, mean - h, tau2)
    ) / h**2
    # Expected information of tau2.
    information = 0.5 * (1.0 / (V + tau2) ** 2).sum()
    spread = np.sqrt(-1.0 / by_mean / mean**2 + 1.0 / information / (4.0 * tau2**2))
    ratio = np.sqrt(tau2) / mean
    limits = ratio * np.exp(np.array([-1.0, 1.0]) * stats.norm.ppf(0.95) * spread)
    np.testing.assert_allclose([found.low, found.high], limits, rtol=1e-6)


def test_no_heterogeneity_and_no_effect_are_the_ends_where_they_are_not_rejected() -> (
    None
):
    alike = cv_interval([0.10, 0.12, 0.11], [0.01, 0.02, 0.03])
    assert (float(alike.estimate), float(alike.low)) == (0.0, 0.0)
    unclear = cv_interval([-1.0, 1.2, 0.1, -0.4], [0.02, 0.03, 0.02, 0.04])
    assert float(unclear.low) > 0.0
    assert np.isinf(unclear.high)
    clear = cv_interval([1.0, 1.01, 0.99, 1.02], [0.01, 0.01, 0.01, 0.01])
    assert float(clear.high) < 0.3


@settings(max_examples=8, deadline=None)
@given(
    seed=st.integers(0, 10_000), power=st.integers(-6, 6), side=st.sampled_from([1, -1])
)
def test_neither_units_nor_the_direction_matter(
    seed: int, power: int, side: int
) -> None:
    rng = np.random.default_rng(seed)
    v = rng.uniform(0.01, 0.2, 7)
    y = rng.normal(rng.uniform(0.0, 1.0), np.sqrt(v + 0.1))
    plain = cv_interval(y, v)
    unit = side * 10.0**power
    other = cv_interval(unit * y, unit**2 * v)
    np.testing.assert_allclose(other.low, plain.low, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(other.high, plain.high, rtol=1e-6)


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_an_interval_holds_its_estimate_and_widens_with_the_level(seed: int) -> None:
    rng = np.random.default_rng(seed)
    v = rng.uniform(0.01, 0.2, 6)
    y = rng.normal(0.5, np.sqrt(v + 0.05))
    for name in CV_INTERVALS:
        narrow = cv_interval(y, v, type=name, level=0.8)
        wide = cv_interval(y, v, type=name, level=0.95)
        assert wide.low <= narrow.low <= narrow.estimate * (1.0 + 1e-12)
        assert narrow.estimate * (1.0 - 1e-12) <= narrow.high <= wide.high


def test_batches_and_masks_are_as_one_by_one() -> None:
    y, v = np.stack([Y, -2.0 * Y]), np.stack([V, V])
    mask = np.array([[True] * 6, [True, True, True, True, True, False]])
    found = cv_interval(y, v, mask=mask)
    assert found.low.shape == (2,)
    assert repr(found) == "95% intervals of CV, PL, of shape (2,)"
    second = cv_interval(-2.0 * Y[:5], V[:5])
    np.testing.assert_allclose(
        [found.estimate[1], found.low[1], found.high[1]],
        [second.estimate, second.low, second.high],
        rtol=1e-12,
    )
    alone = cv_interval(y, v, mask=[[True] * 6, [True] + [False] * 5])
    assert np.isnan([alone.estimate[1], alone.low[1], alone.high[1]]).all()


def test_bad_input_is_named() -> None:
    with pytest.raises(UnknownMethodError, match="PL, Wald"):
        cv_interval(Y, V, type="QP")
    with pytest.raises(InvalidEvidenceError, match="level"):
        cv_interval(Y, V, level=95)


@pytest.mark.long
def test_profile_likelihood_covers() -> None:
    rng = np.random.default_rng(11)
    hits = []
    for _ in range(400):
        v = rng.uniform(0.02, 0.1, 30)
        y = rng.normal(0.5, np.sqrt(v + 0.3**2))
        found = cv_interval(y, v)
        hits.append(bool(found.low <= 0.6 <= found.high))
    # 95% within three standard errors of 400 draws.
    assert abs(np.mean(hits) - 0.95) < 3.0 * np.sqrt(0.05 * 0.95 / 400.0)
