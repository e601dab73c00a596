"""Sums of raw powers of few studies against sums of centred effects."""

import mpmath
import numpy as np
import pytest

from k2stats._typing import Floats
from k2stats.heterogeneity import prepare
from k2stats.heterogeneity._single import Single, maximise_one, solve_q_one
from k2stats.heterogeneity._single_point import MANY
from k2stats.heterogeneity._single_small import FEW, Small, one_mean
from k2stats.models import fit_arrays


def one_set(rng: np.random.Generator, decades: float) -> tuple[Floats, Floats]:
    k = int(rng.integers(2, FEW + 1))
    v = 10.0 ** rng.uniform(-decades / 2, decades / 2, k)
    spread = 10.0 ** rng.uniform(-decades / 2, decades / 2)
    s = prepare(rng.normal(0.0, np.sqrt(v + spread)), v)
    return s.y, s.v


@pytest.mark.parametrize("restricted", [True, False])
@pytest.mark.parametrize("decades", [0.5, 3.0, 8.0, 12.0])
def test_every_sum_and_search_agrees(decades: float, restricted: bool) -> None:
    rng = np.random.default_rng(int(decades))
    for _ in range(150):
        y, v = one_set(rng, decades)
        few = Small(y, v, restricted=restricted)
        plain = Single(y, v, restricted=restricted)
        t = float(10.0 ** rng.uniform(-3.0, decades))
        assert few.at(t) == pytest.approx(plain.at(t), rel=2e-13)
        assert few.quadratic(t) == pytest.approx(plain.quadratic(t), rel=2e-13)
        assert few.closed() == pytest.approx(plain.closed(), rel=2e-13)
        assert few.traces(t) == pytest.approx(plain.traces(t), rel=2e-13)
        assert few.traces(0.0) == pytest.approx(plain.traces(0.0), rel=2e-13)
        assert few.spread() == pytest.approx(plain.spread(), rel=2e-13)
        height = plain.log_likelihood(t)
        assert few.log_likelihood(t) == pytest.approx(height, rel=2e-13, abs=1e-12)
        size = few.smallest
        found = maximise_one(plain)
        assert abs(maximise_one(few) - found) <= 1e-12 * (found + size)
        root = solve_q_one(plain, float(y.size - 1))
        assert abs(solve_q_one(few, float(y.size - 1)) - root) <= 1e-12 * (root + size)


def test_a_precise_outlier_costs_no_digits() -> None:
    # Five studies that agree, a million from the most precise one: the worst case of
    # sums of raw powers, against forty digits.
    y = np.array([0.0, 1e6, 1e6 + 1.0, 1e6 - 1.0, 1e6 + 0.5])
    v = np.array([1.0, 1.5, 2.0, 1.25, 3.0])
    with mpmath.workdps(40):
        w = [1 / (mpmath.mpf(float(a)) + 1) for a in v]
        mean = mpmath.fdot(w, y.tolist()) / sum(w)
        e = [a * (mpmath.mpf(float(b)) - mean) for a, b in zip(w, y, strict=True)]
        g = sum(a * a for a in e)
        g3 = sum(a * b * b for a, b in zip(w, e, strict=True))
        g3 -= mpmath.fdot(w, e) ** 2 / sum(w)
    at = Small(y, v).at(1.0)
    assert at.g == pytest.approx(float(g), rel=1e-14)
    assert at.r == pytest.approx(float(g3 / g), rel=1e-13)


def test_very_many_studies_are_summed_as_in_a_batch() -> None:
    # Beyond the length that BLAS is given.
    rng = np.random.default_rng(8)
    v = rng.uniform(0.01, 0.3, MANY + 7)
    y = rng.normal(0.2, np.sqrt(v + 0.05))
    for method in ("REML", "ML", "PM"):
        one = fit_arrays(y, v, tau2=method)
        batch = fit_arrays(y[np.newaxis], v[np.newaxis], tau2=method)
        for name in ("tau2", "tau2_se", "beta", "se", "q"):
            np.testing.assert_allclose(
                getattr(one, name), getattr(batch, name)[0], rtol=1e-11
            )


def test_the_size_decides() -> None:
    assert isinstance(one_mean(np.zeros(FEW), np.ones(FEW)), Small)
    assert isinstance(one_mean(np.zeros(FEW + 1), np.ones(FEW + 1)), Single)
