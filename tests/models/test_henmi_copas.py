"""Henmi and Copas's interval against quadrature over dense matrices."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, optimize, stats

from k2stats._typing import Floats
from k2stats.datasets.published import published
from k2stats.effectsizes import EffectSizes
from k2stats.models import fit_arrays, pool
from models.pool_examples import bcg, expectancy, sets


def _dense(y: Floats, v: Floats) -> tuple[float, float, float]:
    """Mean, standard error and pivot's 95% quantile, by matrices and adaptive rules."""
    w, k = 1.0 / v, y.size
    w1, w2 = w.sum(), (w**2).sum()
    mean = (w * y).sum() / w1
    scale = w1 - w2 / w1
    tau2 = max(0.0, ((w * (y - mean) ** 2).sum() - (k - 1)) / scale)
    variance = (w1 + tau2 * w2) / w1**2
    spread = v + tau2
    cov = w * spread / w1
    a = np.diag(w) - np.outer(w, w) / w1
    s = np.diag(spread) - np.outer(cov, cov) / variance
    b = cov / variance
    product = a @ s
    mean0, mean2 = np.trace(product), b @ a @ b
    var0, var2 = 2.0 * np.trace(product @ product), 4.0 * b @ a @ s @ a @ b

    def tail(u: float) -> float:
        def inner(z: float) -> float:
            r2 = z * z * variance
            q = k - 1 + scale * max(0.0, (r2 * w1**2 / u**2 - w1) / w2)
            m, d = mean0 + mean2 * r2, var0 + var2 * r2
            return float(stats.gamma.cdf(q, m * m / d, scale=d / m) * stats.norm.pdf(z))

        start = u / np.sqrt(w1 * variance)
        ends = (start, start + 2.0, max(start + 2.0, 12.0))
        parts = [
            integrate.quad(inner, *e, epsabs=1e-13, epsrel=1e-11, limit=200)[0]
            for e in itertools.pairwise(ends)
        ]
        return 2.0 * float(sum(parts))

    u = optimize.brentq(lambda x: tail(x) - 0.05, 1.0, 300.0, xtol=1e-12)
    return float(mean), float(np.sqrt(variance)), float(u)


@pytest.mark.parametrize("name", ["bcg", "expectancy", "a set"])
def test_the_pivot_by_dense_matrices(name: str) -> None:
    made = {"bcg": bcg, "expectancy": expectancy}.get(name)
    y, v = sets(4, (6,), 3.0) if made is None else (made().y, made().v)
    mean, se, u = _dense(y, v)
    fit = fit_arrays(y, v, model="HC")
    np.testing.assert_allclose([fit.beta[0], fit.se[0]], [mean, se], rtol=1e-12)
    np.testing.assert_allclose(fit.high[0], mean + u * se, rtol=1e-9)
    np.testing.assert_allclose(fit.low[0], mean - u * se, rtol=1e-9)


def test_acupuncture_as_metafor_prints() -> None:
    # metafor 3.8, hc() on Lee and Done (2004), the example of Henmi and Copas (2010):
    # DL 0.3325, -0.5145 (0.2178), -0.9994 to -0.0295
    fit = pool(published("lee2004").effect_sizes("OR"), model="HC")
    got = (fit.tau2, fit.estimate, fit.se, fit.ci_low, fit.ci_high)
    printed = (0.3325, -0.5145, 0.2178, -0.9994, -0.0295)
    for value, figure in zip(got, printed, strict=True):
        assert abs(float(value) - figure) < 0.5e-4


def test_the_p_value_meets_the_interval() -> None:
    es = bcg()
    fit = pool(es, model="HC")
    shifted = EffectSizes.from_arrays(es.y - float(fit.ci_high), es.v)
    np.testing.assert_allclose(pool(shifted, model="HC").p, 0.05, rtol=1e-9)


@given(st.integers(0, 99), st.integers(-40, 40))
def test_a_power_of_two_scales_exactly(seed: int, exponent: int) -> None:
    y, v = sets(seed, (5,))
    by = 2.0**exponent
    a, b = fit_arrays(y, v, model="HC"), fit_arrays(by * y, by * by * v, model="HC")
    np.testing.assert_allclose(by * a.low, b.low, rtol=1e-10)
    np.testing.assert_allclose(a.p, b.p, rtol=1e-9)


@pytest.mark.parametrize("level", [0.5, 0.9, 0.999])
def test_levels(level: float) -> None:
    y, v = sets(9, (4, 6))
    fit = fit_arrays(y, v, model="HC", level=level)
    for end in (fit.low, fit.high):
        moved = fit_arrays(y - end, v, model="HC")
        np.testing.assert_allclose(moved.p, 1.0 - level, rtol=1e-8)


@pytest.mark.parametrize(
    ("y", "v", "printed"),
    [
        # metafor 3.8-1, hc(): one study has nearly all the weight, and the limits lie
        # 98 and 156 standard errors off. Its search ends at a tolerance of 1e-4.
        (
            [0.2, 0.5, 0.1, -0.3, 0.9, 0.4, 0.35, 0.6],
            [1e-6, 1e-3, 0.1, 1.0, 10.0, 1e3, 1e5, 1e-2],
            (-20.4961791, 20.8968555),
        ),
        (
            [0.3, 2.0, -1.0, 0.5, 1.2],
            [1e-5, 0.5, 0.6, 0.7, 0.4],
            (-103.221281, 103.821357),
        ),
    ],
)
def test_limits_however_wide(
    y: list[float], v: list[float], printed: tuple[float, float]
) -> None:
    mean, se, u = _dense(np.array(y), np.array(v))
    fit = fit_arrays(np.array(y), np.array(v), model="HC")
    got = (float(fit.low[0]), float(fit.high[0]))
    np.testing.assert_allclose(got, (mean - u * se, mean + u * se), rtol=1e-7)
    np.testing.assert_allclose(got, printed, rtol=1e-4)
