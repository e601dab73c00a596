"""The bivariate normal distribution function, elementwise on arrays."""

import numpy as np
from scipy import special

from k2stats._typing import Floats

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(48)
_STEEP = 0.9


def bvn_density(h: Floats, k: Floats, r: Floats) -> Floats:
    r"""Density of the standard bivariate normal with correlation r."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        one = (1.0 - r) * (1.0 + r)
        return np.asarray(
            np.exp(-(h * h - 2 * r * h * k + k * k) / (2 * one))
            / (2 * np.pi * np.sqrt(one))
        )


def bvn_cdf(h: Floats, k: Floats, r: Floats) -> Floats:
    r"""Probability that both standard normals lie below h and k.

    For :math:`|r| \le 0.9` from Plackett's identity,

    .. math:: \Phi_2(h, k; r) = \Phi(h)\Phi(k) + \frac1{2\pi}
        \int_0^{\arcsin r} \exp\left(-\frac{h^2 - 2hk\sin t + k^2}
        {2\cos^2 t}\right) dt,

    by 48 Gauss-Legendre nodes; beyond by Owen's T function, and at the ends from
    the limits.

    References
    ----------
    Plackett, R. L. (1954). A reduction formula for normal multivariate integrals.
    Biometrika, 41, 351-360. Owen, D. B. (1956). Tables for computing bivariate
    normal probabilities. Annals of Mathematical Statistics, 27, 1075-1090.

    Examples
    --------
    >>> bvn_cdf(np.array([0.0]), np.array([0.0]), np.array([0.5])).round(8)
    array([0.33333333])
    """
    h, k, r = np.broadcast_arrays(
        np.asarray(h, float), np.asarray(k, float), np.asarray(r, float)
    )
    out = np.full(h.shape, np.nan)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore", under="ignore"):
        mild = np.abs(r) <= _STEEP
        steep = (np.abs(r) > _STEEP) & (np.abs(r) < 1.0)
        out[mild] = _plackett(h[mild], k[mild], r[mild])
        out[steep] = _owen(h[steep], k[steep], r[steep])
        up, down = r == 1.0, r == -1.0
        out[up] = special.ndtr(np.minimum(h[up], k[up]))
        out[down] = np.maximum(special.ndtr(h[down]) - special.ndtr(-k[down]), 0.0)
    return out


def _plackett(h: Floats, k: Floats, r: Floats) -> Floats:
    half = 0.5 * np.arcsin(r)
    t = half[..., None] * (_NODES + 1.0)
    sine = np.sin(t)
    exponent = (h * h + k * k)[..., None] - 2.0 * (h * k)[..., None] * sine
    area = np.exp(-0.5 * exponent / (1.0 - sine * sine)) @ _WEIGHTS
    return np.asarray(special.ndtr(h) * special.ndtr(k) + half * area / (2.0 * np.pi))


def _owen(h: Floats, k: Floats, r: Floats) -> Floats:
    # Where h or k is exactly 0 the slope is infinite; the limit is the same
    # as at the smallest normal number.
    tiny = np.finfo(float).tiny
    h = np.where(h == 0.0, tiny, h)
    k = np.where(k == 0.0, tiny, k)
    root = np.sqrt((1.0 - r) * (1.0 + r))
    slope_h, slope_k = (k / h - r) / root, (h / k - r) / root
    both = 0.5 * (special.ndtr(h) + special.ndtr(k))
    opposite = np.where(h * k < 0, 0.5, 0.0)
    opposite = np.where((np.sign(h) != np.sign(k)), 0.5, opposite)
    value = both - special.owens_t(h, slope_h) - special.owens_t(k, slope_k) - opposite
    return np.asarray(np.maximum(value, 0.0))
