"""Permutation test against enumeration, figures and its own inversion."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from k2stats._typing import Floats
from k2stats.effectsizes import EffectSizes
from k2stats.errors import InvalidEvidenceError, MissingInputError
from k2stats.models import permutation_test, pool
from k2stats.models.permutation import patterns
from models.pool_examples import bcg, expectancy, sets


def _dl_z(y: Floats, v: Floats) -> float:
    w = 1.0 / v
    mean = (w * y).sum() / w.sum()
    excess = (w * (y - mean) ** 2).sum() - (y.size - 1)
    tau2 = max(0.0, excess / (w.sum() - (w**2).sum() / w.sum()))
    w = 1.0 / (v + tau2)
    return float((w * y).sum() / np.sqrt(w.sum()))


def test_bcg_as_metafor_prints() -> None:
    # metafor 3.8: permutest(rma(yi, vi), exact = TRUE): 12 and 14 of 8192
    assert permutation_test(bcg()).p == 12 / 8192
    assert permutation_test(bcg(), tau2="DL").p == 14 / 8192


def test_first_eight_of_expectancy() -> None:
    # reference case permutest/raudenbush1985.first8
    es = expectancy()[:8]
    made = permutation_test(es, exact=True)
    assert made.p == 0.9375
    assert made.flips == 256
    assert made.smallest_p == 2 / 256


@pytest.mark.parametrize("seed", range(3))
def test_all_patterns_by_enumeration(seed: int) -> None:
    y, v = sets(seed, (7,))
    observed = abs(_dl_z(y, v)) * (1.0 - 1e-9)
    signs = itertools.product([1.0, -1.0], repeat=7)
    count = sum(abs(_dl_z(np.array(s) * y, v)) >= observed for s in signs)
    made = permutation_test(EffectSizes.from_arrays(y, v), tau2="DL")
    assert made.p == count / 2**7


@given(st.integers(1, 8))
def test_half_the_patterns_and_their_mirrors_are_all(k: int) -> None:
    half = patterns(k, 0, None)
    both = {tuple(s) for s in np.concatenate([half, -half])}
    assert both == set(itertools.product([1.0, -1.0], repeat=k))
    assert (half[0] == 1.0).all()


def test_limits_are_where_the_p_value_crosses() -> None:
    es = expectancy()[:9]
    made = permutation_test(es, tau2="DL", interval=True)
    for limit, sign in ((made.low, -1.0), (made.high, 1.0)):
        for step, rejected in ((1e-4, True), (-1e-4, False)):
            moved = EffectSizes.from_arrays(es.y - (limit + sign * step), es.v)
            assert (permutation_test(moved, tau2="DL").p < 0.05) is rejected


def test_few_studies_reject_nothing() -> None:
    es = EffectSizes.from_arrays([5.0, 6.0, 5.5, 5.2], [0.01] * 4)
    made = permutation_test(es, interval=True)
    assert made.p == made.smallest_p == 0.125
    assert (made.low, made.high) == (-np.inf, np.inf)


def test_monte_carlo_counts_the_observed_and_repeats() -> None:
    es = expectancy()
    made = permutation_test(es, draws=499, rng=1, tau2="DL")
    again = permutation_test(es, draws=499, rng=1, tau2="DL")
    assert not made.exact
    assert made.flips == 500
    assert made.p == again.p
    assert round(made.p * 500) == made.p * 500
    far = EffectSizes.from_arrays(np.full(19, 9.0), es.v)
    assert permutation_test(far, draws=499, rng=1).p == 1 / 500
    with pytest.raises(MissingInputError, match="rng is needed for a Monte Carlo"):
        permutation_test(es)


def test_monte_carlo_is_near_the_exact() -> None:
    es = bcg()
    exact = permutation_test(es, statistic="HK", tau2="DL").p
    drawn = permutation_test(
        es, statistic="HK", tau2="DL", exact=False, draws=20_000, rng=2
    ).p
    # four standard errors of a share
    assert abs(exact - drawn) < 4.0 * np.sqrt(exact / 20_000)


def test_as_an_interval_of_pool() -> None:
    es = expectancy()[:9]
    fit = pool(es, ci="permutation", rng=1, tau2="DL")
    made = permutation_test(es, tau2="DL", interval=True)
    np.testing.assert_allclose(fit.p, made.p, rtol=1e-12)
    np.testing.assert_allclose(fit.ci, (made.low, made.high), rtol=1e-9)
    low, high = pool(es, tau2="DL").conf_int(method="permutation", rng=1)
    np.testing.assert_allclose((low, high), fit.ci, rtol=1e-9)
    with pytest.raises(MissingInputError, match="rng is needed for permutation"):
        pool(es, ci="permutation")


def test_messages() -> None:
    y, v = sets(1, (2, 5))
    with pytest.raises(InvalidEvidenceError, match="not a batch"):
        permutation_test(EffectSizes.from_arrays(y, v))
    y, v = sets(1, (25,))
    with pytest.raises(InvalidEvidenceError, match="exact must be false for more than"):
        permutation_test(EffectSizes.from_arrays(y, v), exact=True)
