"""Batched minimisation in one variable, and moments of a transformed normal."""

from collections.abc import Callable

import numpy as np
from scipy import special

from k2stats._typing import Floats

_GOLDEN = (np.sqrt(5.0) - 1.0) / 2.0
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(160)
_BLOCK = 8192


def minimise(
    f: Callable[[Floats], Floats],
    low: Floats,
    high: Floats,
    *,
    grid: int = 32,
    steps: int = 48,
) -> Floats:
    """Minimum of each function on its interval: a grid, then golden sections.

    Parameters
    ----------
    f : callable
        Takes and returns arrays of the brackets' shape, elementwise.
    low, high : ndarray
        Ends; they are candidates themselves.

    Examples
    --------
    >>> x = minimise(lambda x: (x - 2.0) ** 2, np.array([0.0]), np.array([10.0]))
    >>> round(float(x[0]), 6)
    2.0
    """
    width = (high - low) / grid
    best, at_best = low, np.full(low.shape, np.inf)
    for i in range(grid + 1):
        x = low + i * width
        value = f(x)
        better = value < at_best
        best, at_best = np.where(better, x, best), np.where(better, value, at_best)
    left, right = np.maximum(best - width, low), np.minimum(best + width, high)
    inner, outer = right - _GOLDEN * (right - left), left + _GOLDEN * (right - left)
    at_inner, at_outer = f(inner), f(outer)
    for _ in range(steps):
        go_left = at_inner <= at_outer
        left, right = np.where(go_left, left, inner), np.where(go_left, outer, right)
        kept = np.where(go_left, inner, outer)
        at_kept = np.where(go_left, at_inner, at_outer)
        fresh = np.where(
            go_left, right - _GOLDEN * (right - left), left + _GOLDEN * (right - left)
        )
        at_fresh = f(fresh)
        inner, outer = np.where(go_left, fresh, kept), np.where(go_left, kept, fresh)
        at_inner = np.where(go_left, at_fresh, at_kept)
        at_outer = np.where(go_left, at_kept, at_fresh)
    x = np.where(at_inner <= at_outer, inner, outer)
    return np.where(np.minimum(at_inner, at_outer) <= at_best, x, best)


def box_cox(log_x: Floats, power: Floats) -> Floats:
    """Box-Cox transform from the logarithm; the logarithm itself at power 0."""
    tiny = np.abs(power) < 1e-12
    safe = np.where(tiny, 1.0, power)
    return np.where(tiny, log_x, np.expm1(safe * log_x) / safe)


def box_cox_moments(mu: Floats, sigma: Floats, power: Floats) -> tuple[Floats, Floats]:
    r"""Mean and SD of X whose Box-Cox transform is normal, powers not below 0.

    .. math:: X = (1 + \lambda Y)^{1/\lambda}, \quad Y \sim N(\mu, \sigma^2)
        \text{ given } 1 + \lambda Y > 0

    by Gauss-Legendre quadrature over the part of the normal that matters, or in
    closed form for the logarithm.
    """
    mean, sd = np.empty_like(mu), np.empty_like(mu)
    for start in range(0, mu.size, _BLOCK):
        part = slice(start, start + _BLOCK)
        mean[part], sd[part] = _moments(mu[part], sigma[part], power[part])
    return mean, sd


def _moments(mu: Floats, sigma: Floats, power: Floats) -> tuple[Floats, Floats]:
    logarithm = power < 1e-9
    lam = np.where(logarithm, 1.0, power)
    # The transform is nearly its tangent where 1 + lam * mu is large; a normal of
    # relative spread s reaches its second moment near 2 s.
    spread = sigma / np.maximum(1.0 + lam * mu, 1e-3)
    edge = -(1.0 / lam + mu) / sigma
    low = np.maximum(edge, -9.0)
    high = np.maximum(low + 9.0, 9.0 + 2.0 * np.minimum(spread, 5.0))
    # Cubing the nodes smooths the root that X has at the edge for powers above 1.
    u = (1.0 + _NODES) / 2.0
    z = low[:, None] + (high - low)[:, None] * u**3
    density = np.exp(-0.5 * z * z) * (_WEIGHTS * u * u)
    base = np.maximum(lam[:, None] * (sigma[:, None] * (z - edge[:, None])), 0.0)
    x = base ** (1.0 / lam[:, None])
    total = density.sum(axis=1)
    mean = (density * x).sum(axis=1) / total
    var = (density * (x - mean[:, None]) ** 2).sum(axis=1) / total
    log_mean = np.exp(mu + sigma**2 / 2.0)
    log_sd = log_mean * np.sqrt(np.expm1(sigma**2))
    return np.where(logarithm, log_mean, mean), np.where(
        logarithm, log_sd, np.sqrt(var)
    )


def normal_between(low: Floats, high: Floats) -> Floats:
    """Probability of a normal value between two ends, from the nearer tail."""
    flip = low > 0
    return np.where(
        flip,
        special.ndtr(-low) - special.ndtr(-high),
        special.ndtr(high) - special.ndtr(low),
    )
