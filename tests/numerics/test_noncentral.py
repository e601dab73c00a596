"""Noncentral hypergeometric log-likelihoods against exact sums."""

import mpmath
import numpy as np

from k2stats.numerics.noncentral import NoncentralLogLik, noncentral_support

TABLES = np.array(
    [
        [3, 4, 4, 4],
        [4, 123, 139, 15],
        [180, 1541, 1451, 552],
        [0, 30, 25, 7],
        [12, 12, 40, 20],
        [505, 88391, 88391, 1004],
    ]
)


def exact(row: np.ndarray[tuple[int, ...], np.dtype[np.int64]], eta: float) -> float:
    x, n1, n2, m = map(int, row)
    with mpmath.workdps(40):
        terms = [
            mpmath.binomial(n1, k) * mpmath.binomial(n2, m - k) * mpmath.exp(k * eta)
            for k in range(max(0, m - n2), min(n1, m) + 1)
        ]
        return float(mpmath.log(terms[x - max(0, m - n2)] / mpmath.fsum(terms)))


def test_value_is_exact() -> None:
    f = NoncentralLogLik(*TABLES.T)
    for eta in (-3.7, 0.999999, 2.5):
        value = f.parts(np.full((TABLES.shape[0], 1), eta))[0][:, 0]
        for row, got in zip(TABLES, value, strict=True):
            want = exact(row, eta)
            assert abs(got - want) < 1e-12 * (1.0 + abs(want))


def test_slope_and_curvature_are_moments() -> None:
    f = NoncentralLogLik(*TABLES.T)
    eta = np.random.default_rng(3).uniform(-4, 4, (2, TABLES.shape[0], 9))
    value, slope, curvature = f.parts(eta)
    assert value.shape == eta.shape
    for k, row in enumerate(TABLES):
        offset, logs = noncentral_support(*map(int, row))
        for at, s, c in zip(
            eta[:, k].ravel(), slope[:, k].ravel(), curvature[:, k].ravel(), strict=True
        ):
            w = np.exp(logs + offset * at - np.max(logs + offset * at))
            w /= w.sum()
            mean = w @ offset
            spread = w @ (offset - mean) ** 2
            assert abs(s + mean) < 1e-9 * (1.0 + abs(mean))
            assert abs(c + spread) < 1e-8 * (1.0 + spread)


def test_far_out_it_stays_finite() -> None:
    f = NoncentralLogLik(*TABLES[:2].T)
    value, slope, _ = f.parts(np.array([[-1e4, 1e4], [-250.0, 250.0]]))
    assert np.isfinite(value).all()
    assert np.isfinite(slope).all()
