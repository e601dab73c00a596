r"""Adaptive Gauss-Hermite quadrature over one or two standard normal effects.

.. math:: \log \int \exp\{\ell(u)\}\, \phi(u)\, du

for log-concave :math:`\exp \ell`, many integrals at once. The nodes are centred at
the mode of each integrand and scaled by its curvature there (Naylor and Smith 1982;
Pinheiro and Bates 1995); one node is Laplace's approximation.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple, TypeAlias

import numpy as np
from scipy import special

from k2stats._typing import Floats

Parts: TypeAlias = Callable[[Floats], tuple[Floats, Floats, Floats]]
"""Takes u of shape (..., N), returns value, slope and curvature of that shape."""
Parts2: TypeAlias = Callable[
    [Floats, Floats],
    tuple[Floats, tuple[Floats, Floats], tuple[Floats, Floats, Floats]],
]
"""Takes two effects; returns value, slopes (1, 2) and curvatures (11, 12, 22)."""
Value: TypeAlias = Callable[[Floats], Floats]
Value2: TypeAlias = Callable[[Floats, Floats], Floats]

_MOST_STEPS = 200
_CLOSE = 1e-7
_LOG_TWO_PI = float(np.log(2.0 * np.pi))


class Integral(NamedTuple):
    """Logarithm of each integral, where its integrand is largest, and its nodes.

    `nodes` holds each effect at the nodes, shape (..., N), and `weights` the share of
    each node in the integral: means under the integrand are sums over them.
    """

    log_value: Floats
    mode: tuple[Floats, ...]
    nodes: tuple[Floats, ...]
    weights: Floats


@lru_cache(maxsize=64)
def hermite_rule(n: int) -> tuple[Floats, Floats]:
    r"""Nodes and logarithms of the weights for :math:`\int f(z)\,dz`.

    .. math:: \int f(z)\, dz \approx \sum_j \exp(\lambda_j)\, f(z_j),
        \qquad \lambda_j = \log w_j + z_j^2

    exact where :math:`f(z) e^{z^2}` is a polynomial of degree below :math:`2n`.

    Examples
    --------
    >>> z, log_weight = hermite_rule(3)
    >>> float(np.exp(log_weight - z * z) @ z**4).__round__(12)  # 3/4 sqrt(pi)
    1.329340388179
    """
    nodes, weights = special.roots_hermite(n)
    logs = np.log(weights) + nodes**2
    nodes.flags.writeable = False
    logs.flags.writeable = False
    return nodes, logs


def integrate(parts: Parts, value: Value, shape: tuple[int, ...], n: int) -> Integral:
    r"""Return :math:`\log\int e^{\ell(u)} \phi(u) du` for each element of `shape`.

    Parameters
    ----------
    parts, value : callable
        Value, slope and curvature of :math:`\ell` at arrays of shape
        ``(*shape, N)``, and the value alone; concave.
    shape : tuple of int
    n : int
        Number of nodes; 1 is Laplace's approximation.

    Examples
    --------
    >>> def parts(u):
    ...     return -0.5 * u * u, -u, -np.ones_like(u)
    >>> found = integrate(parts, lambda u: parts(u)[0], (1,), 5)
    >>> float(np.exp(found.log_value[0])).__round__(12)
    0.707106781187
    """
    mode, curvature = _mode(parts, shape)
    scale = np.sqrt(2.0 / curvature)
    z, logs = hermite_rule(n)
    u = mode + scale * z
    inner = logs + value(u) - 0.5 * u * u
    top = inner.max(axis=-1, keepdims=True)
    weights = np.exp(inner - top)
    total = weights.sum(axis=-1)
    log_value = np.log(total) + top[..., 0] + np.log(scale[..., 0]) - 0.5 * _LOG_TWO_PI
    return Integral(log_value, (mode[..., 0],), (u,), weights / total[..., np.newaxis])


def _mode(parts: Parts, shape: tuple[int, ...]) -> tuple[Floats, Floats]:
    """Mode of each integrand and minus the curvature there, shape (*shape, 1).

    The curvature of the normal density makes the integrand's slope fall by at least
    one a unit, so the mode lies between u and u plus the slope at u.
    """
    u = np.zeros((*shape, 1))
    low, high = np.full(u.shape, -np.inf), np.full(u.shape, np.inf)
    last = np.full(u.shape, np.inf)
    close = False
    for _ in range(_MOST_STEPS):
        _, slope, curvature = parts(u)
        slope, curvature = slope - u, curvature - 1.0
        if close:
            break
        low = np.where(slope >= 0, np.maximum(low, u), np.maximum(low, u + slope))
        high = np.where(slope <= 0, np.minimum(high, u), np.minimum(high, u + slope))
        move = -slope / curvature
        # Newton's steps may go back and forth where the tails are flat.
        good = (u + move >= low) & (u + move <= high) & (np.abs(move) <= 0.5 * last)
        new = np.where(good, u + move, 0.5 * (low + high))
        last = np.abs(new - u)
        # Newton doubles the digits: once this close, the next step is exact.
        close = bool(np.all(np.abs(new - u) <= _CLOSE * (1.0 + np.abs(u))))
        u = new
    return u, -curvature


def integrate_pair(
    parts: Parts2, value: Value2, shape: tuple[int, ...], n: int
) -> Integral:
    r"""Return the same integral over two independent standard normal effects.

    Parameters
    ----------
    parts, value : callable
        Value, slopes and curvatures, and the value alone, of a concave
        :math:`\ell(u_1, u_2)`.
    shape : tuple of int
    n : int
        Nodes for each effect, the rule is their product; 1 is Laplace's.

    Examples
    --------
    >>> def parts(u, v):
    ...     one = np.ones_like(u)
    ...     return -0.5 * (u + v) ** 2, (-u - v, -u - v), (-one, -one, -one)
    >>> found = integrate_pair(parts, lambda u, v: parts(u, v)[0], (1,), 5)
    >>> float(np.exp(found.log_value[0])).__round__(12)
    0.57735026919
    """
    u, v, (a, b, c) = _mode_pair(parts, shape)
    # Cholesky factor of the inverse of [[a, b], [b, c]].
    det = a * c - b * b
    first = np.sqrt(c / det)
    cross, second = -b / np.sqrt(c * det), np.sqrt(1.0 / c)
    z, logs = hermite_rule(n)
    z1, z2 = np.repeat(z, n) * np.sqrt(2.0), np.tile(z, n) * np.sqrt(2.0)
    at_u, at_v = u + first * z1, v + cross * z1 + second * z2
    inner = value(at_u, at_v) - 0.5 * (at_u * at_u + at_v * at_v)
    inner = inner + np.repeat(logs, n) + np.tile(logs, n)
    top = inner.max(axis=-1, keepdims=True)
    weights = np.exp(inner - top)
    total = weights.sum(axis=-1)
    log_value = np.log(2.0 * total) + top[..., 0]
    log_value = log_value - 0.5 * np.log(det[..., 0]) - _LOG_TWO_PI
    weights = weights / total[..., np.newaxis]
    return Integral(log_value, (u[..., 0], v[..., 0]), (at_u, at_v), weights)


def _mode_pair(
    parts: Parts2, shape: tuple[int, ...]
) -> tuple[Floats, Floats, tuple[Floats, Floats, Floats]]:
    """Mode of each integrand and minus its Hessian, by Newton with step halving."""
    u, v = np.zeros((*shape, 1)), np.zeros((*shape, 1))

    def penalised(
        u: Floats, v: Floats
    ) -> tuple[Floats, tuple[Floats, Floats], tuple[Floats, Floats, Floats]]:
        value, (s1, s2), (h11, h12, h22) = parts(u, v)
        return (
            value - 0.5 * (u * u + v * v),
            (s1 - u, s2 - v),
            (1.0 - h11, -h12, 1.0 - h22),
        )

    value, slopes, (a, b, c) = penalised(u, v)
    close = False
    for _ in range(_MOST_STEPS):
        if close:
            break
        det = a * c - b * b
        du = (c * slopes[0] - b * slopes[1]) / det
        dv = (a * slopes[1] - b * slopes[0]) / det
        share = np.ones_like(u)
        for _ in range(60):
            new = penalised(u + share * du, v + share * dv)
            worse = ~(new[0] >= value - 1e-9 * (1.0 + np.abs(value)))
            if not worse.any():
                break
            share = np.where(worse, 0.5 * share, share)
        size = np.maximum(np.abs(share * du), np.abs(share * dv))
        u, v = u + share * du, v + share * dv
        value, slopes, (a, b, c) = new
        close = bool(np.all(size <= _CLOSE * (1.0 + np.abs(u) + np.abs(v))))
    return u, v, (a, b, c)
