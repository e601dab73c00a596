"""No tau2 has a higher likelihood than the one found, whatever the data look like."""

import numpy as np
import pytest

from heterogeneity.tau2_examples import TWO_MODES, Example, random_sets
from k2stats._typing import Floats
from k2stats.heterogeneity import estimate_tau2

GRID = np.concatenate([[0.0], np.geomspace(1e-9, 1e6, 480)])
"""Sixteen points to a half-decade; the best of them is then searched about."""
MOST = 1e-8
"""Log-likelihood that an estimate may fall short of the best of the grid."""
PART = 1 << 21


def wide(rng: np.random.Generator, n: int, k: int) -> Example:
    """Variances over three and a half decades."""
    return random_sets(rng, n, k, decades=3.5)


def clustered(rng: np.random.Generator, n: int, k: int) -> Example:
    """Tight clusters of very precise studies, apart from one another, among others."""
    v = 10.0 ** rng.uniform(-1.0, 1.0, (n, k))
    tiny = rng.uniform(size=(n, k)) < rng.uniform(0.2, 0.9, (n, 1))
    v = np.where(tiny, 10.0 ** rng.uniform(-6.0, -3.0, (n, 1)), v)
    v *= rng.uniform(0.9, 1.1, (n, k))
    centre = rng.normal(size=(n, 3)) * 10.0 ** rng.uniform(-3.0, 1.0, (n, 1))
    y = np.take_along_axis(centre, rng.integers(0, 3, (n, k)), axis=1)
    return Example(y + rng.normal(size=(n, k)) * np.sqrt(v), v)


def two_modes(rng: np.random.Generator, n: int, k: int) -> Example:
    """Likelihoods with two maxima: a known one, and its like with more studies."""
    which = rng.integers(0, 5, (n, k))
    which[:, : min(k, 5)] = np.arange(min(k, 5))
    v = TWO_MODES.v[which] * np.exp(rng.normal(0.0, 0.3, (n, k)))
    y = TWO_MODES.y[which] + rng.normal(0.0, 0.3, (n, k)) * np.sqrt(TWO_MODES.v[which])
    return Example(y, v)


FAMILIES = {"wide": wide, "clustered": clustered, "two modes": two_modes}


def log_likelihood(
    y: Floats, v: Floats, t: Floats, X: Floats, *, restricted: bool
) -> Floats:
    """From the definition, by normal equations; t has an axis of its own last."""
    w = 1.0 / (v[:, np.newaxis, :] + t[..., np.newaxis])
    p = X.shape[-1]
    flat = w.reshape(-1, w.shape[-1])
    pairs = (X[:, :, np.newaxis] * X[:, np.newaxis, :]).reshape(-1, p * p)
    xwx = (flat @ pairs).reshape(*t.shape, p, p)
    if p == 1:
        beta = (w * y[:, np.newaxis, :]).sum(axis=-1) / w.sum(axis=-1)
        e = y[:, np.newaxis, :] - beta[..., np.newaxis]
        log_det = np.log(xwx[..., 0, 0])
    else:
        # Columns are orthonormal in the weights of each point: no digits are lost.
        root = np.sqrt(w)
        q, r = np.linalg.qr(root[..., np.newaxis] * X)
        z = root * y[:, np.newaxis, :]
        for _ in range(2):
            z = z - np.einsum("...kp,...p->...k", q, np.einsum("...kp,...k", q, z))
        e = z / root
        log_det = 2.0 * np.log(np.abs(np.diagonal(r, axis1=-2, axis2=-1))).sum(axis=-1)
    out = np.log(w).sum(axis=-1) - (w * e * e).sum(axis=-1)
    return np.asarray(0.5 * (out - log_det if restricted else out))


def columns(p: int, k: int) -> Floats:
    """An intercept, a line and a group."""
    line = np.linspace(-1.0, 1.0, k)
    group = (np.arange(k) % 3 == 0).astype(float)
    return np.column_stack([np.ones(k), line, group][:p])


def best_of_grid(
    y: Floats, v: Floats, X: Floats, *, restricted: bool
) -> tuple[Floats, Floats]:
    """Highest value on a dense grid, finer about its top, and the number of tops."""
    grid = np.broadcast_to(GRID, (y.shape[0], GRID.size))
    height = log_likelihood(y, v, grid, X, restricted=restricted)
    padded = np.pad(height, ((0, 0), (1, 1)), constant_values=-np.inf)
    tops = ((height > padded[:, :-2]) & (height > padded[:, 2:])).sum(axis=-1)
    best = height.max(axis=-1)
    i = height.argmax(axis=-1)
    low, high = GRID[np.maximum(i - 1, 0)], GRID[np.minimum(i + 1, GRID.size - 1)]
    for _ in range(3):
        finer = np.linspace(low, high, 21, axis=-1)
        height = log_likelihood(y, v, finer, X, restricted=restricted)
        best = np.maximum(best, height.max(axis=-1))
        i, rows = height.argmax(axis=-1), np.arange(i.size)
        low, high = (
            finer[rows, np.maximum(i - 1, 0)],
            finer[rows, np.minimum(i + 1, 20)],
        )
    return best, tops


def shortfall(
    family: str, n: int, k: int, p: int, *, restricted: bool, seed: int
) -> tuple[float, float]:
    """Most that an estimate falls short, and the share of sets with two maxima."""
    y, v = FAMILIES[family](np.random.default_rng([seed, k, p]), n, k)
    X = columns(p, k)
    method = "REML" if restricted else "ML"
    fit = estimate_tau2(y, v, None if p == 1 else X, method=method)
    assert fit.converged.all()
    worst, several = -np.inf, 0
    for part in np.array_split(np.arange(n), max(1, n * GRID.size * k * p // PART)):
        own = fit.tau2[part, np.newaxis]
        here = log_likelihood(y[part], v[part], own, X, restricted=restricted)[:, 0]
        best, tops = best_of_grid(y[part], v[part], X, restricted=restricted)
        worst = max(worst, float((best - here).max()))
        several += int((tops > 1).sum())
    return worst, several / n


@pytest.mark.parametrize("restricted", [True, False])
@pytest.mark.parametrize(
    ("family", "k", "p"),
    [
        ("wide", 2, 1),
        ("wide", 7, 2),
        ("clustered", 4, 1),
        ("clustered", 12, 3),
        ("two modes", 5, 1),
        ("two modes", 9, 2),
    ],
)
def test_nothing_on_a_grid_is_higher(
    family: str, k: int, p: int, restricted: bool
) -> None:
    worst, several = shortfall(family, 200, k, p, restricted=restricted, seed=11)
    assert worst <= MOST
    if family == "two modes":
        assert several > 0.1  # or the search would not have been tried


@pytest.mark.long
@pytest.mark.parametrize("restricted", [True, False])
@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize(
    ("k", "p"),
    [(2, 1), (3, 2), (5, 1), (8, 3), (12, 1), (20, 2), (40, 1)],
)
def test_nothing_on_a_grid_is_higher_in_ten_thousand_sets(
    family: str, k: int, p: int, restricted: bool
) -> None:
    worst, _ = shortfall(family, 10_000, k, p, restricted=restricted, seed=12)
    assert worst <= MOST
