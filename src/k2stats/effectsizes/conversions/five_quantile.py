"""Quantile estimation: the distribution whose quantiles come nearest."""

from collections.abc import Callable

import numpy as np
from scipy import special

from k2stats._typing import Floats
from k2stats.effectsizes.conversions._search import minimise
from k2stats.effectsizes.conversions.five_closed import luo_wan_shi
from k2stats.effectsizes.conversions.five_number import FIVE_NUMBER_METHODS

_STEPS = 60


def _probabilities(scenario: str, n: Floats) -> Floats:
    """Levels of the printed quantiles; the extremes stand at 1/n and 1 - 1/n."""
    low, high = 1.0 / n, 1.0 - 1.0 / n
    one = np.ones_like(n)
    quartiles = [0.25 * one, 0.5 * one, 0.75 * one]
    if scenario == "S1":
        return np.stack([low, 0.5 * one, high], axis=-1)
    if scenario == "S2":
        return np.stack(quartiles, axis=-1)
    return np.stack([low, *quartiles, high], axis=-1)


def _normal(q: Floats, p: Floats) -> tuple[Floats, Floats, Floats]:
    """Least squares of the quantiles on normal scores."""
    z = special.ndtri(p)
    z_mean, q_mean = z.mean(axis=1, keepdims=True), q.mean(axis=1, keepdims=True)
    slope = ((z - z_mean) * (q - q_mean)).sum(axis=1) / np.square(z - z_mean).sum(
        axis=1
    )
    level = q_mean[:, 0] - slope * z_mean[:, 0]
    gap = np.square(level[:, None] + slope[:, None] * z - q).sum(axis=1)
    return level, slope, gap


def _log_normal_base(p: Floats, shape: Floats) -> Floats:
    return np.asarray(np.exp(shape * special.ndtri(p)))


def _gamma_base(p: Floats, shape: Floats) -> Floats:
    return np.asarray(special.gammaincinv(shape, p) / shape)


def _weibull_base(p: Floats, shape: Floats) -> Floats:
    return np.asarray((-np.log1p(-p)) ** (1.0 / shape))


def _log_normal_moments(shape: Floats) -> tuple[Floats, Floats]:
    mean = np.exp(shape**2 / 2.0)
    return mean, mean * np.sqrt(np.expm1(shape**2))


def _gamma_moments(shape: Floats) -> tuple[Floats, Floats]:
    return np.ones_like(shape), 1.0 / np.sqrt(shape)


def _weibull_moments(shape: Floats) -> tuple[Floats, Floats]:
    mean = special.gamma(1.0 + 1.0 / shape)
    second = special.gamma(1.0 + 2.0 / shape)
    return mean, np.sqrt(np.maximum(second - mean**2, 0.0))


_Base = Callable[[Floats, Floats], Floats]
_Moments = Callable[[Floats], tuple[Floats, Floats]]
_FAMILIES: tuple[tuple[_Base, _Moments, float, float], ...] = (
    (_log_normal_base, _log_normal_moments, 1e-3, 5.0),
    (_gamma_base, _gamma_moments, 0.02, 1e5),
    (_weibull_base, _weibull_moments, 0.2, 200.0),
)
"""Quantiles and moments at scale 1, and the shapes searched."""


def _scale_family(
    q: Floats, p: Floats, base: _Base, moments: _Moments, least: float, most: float
) -> tuple[Floats, Floats, Floats]:
    """Fit scale and shape; the best scale of a shape is a regression by zero."""

    def fit(log_shape: Floats) -> tuple[Floats, Floats]:
        b = base(p, np.exp(log_shape)[:, None])
        scale = (b * q).sum(axis=1) / np.square(b).sum(axis=1)
        return scale, np.square(scale[:, None] * b - q).sum(axis=1)

    ends = [np.full(len(q), np.log(x)) for x in (least, most)]
    shape = minimise(lambda x: fit(x)[1], *ends)
    scale, gap = fit(shape)
    mean, sd = moments(np.exp(shape))
    return scale * mean, scale * sd, gap


def _beta(
    q: Floats, p: Floats, mean: Floats, sd: Floats
) -> tuple[Floats, Floats, Floats]:
    """Fit both shapes by damped Gauss-Newton in their logarithms."""
    size = np.maximum(mean * (1.0 - mean) / sd**2 - 1.0, 0.1)
    theta = np.log(np.stack([mean * size, (1.0 - mean) * size], axis=-1))
    damping = np.full(len(q), 1e-2)

    def residual(at: Floats) -> Floats:
        shapes = np.exp(np.clip(at, -6.0, 14.0))
        return special.betaincinv(shapes[:, :1], shapes[:, 1:], p) - q

    r = residual(theta)
    gap = np.square(r).sum(axis=1)
    for _ in range(_STEPS):
        step = 1e-5
        slopes = np.stack(
            [
                (residual(theta + step * e) - residual(theta - step * e)) / (2 * step)
                for e in np.eye(2)
            ],
            axis=-1,
        )
        gradient = np.einsum("ijk,ij->ik", slopes, r)
        curve = np.einsum("ijk,ijl->ikl", slopes, slopes)
        diagonal = np.einsum("ikk->ik", curve) + 1e-300
        curve = curve + np.eye(2) * (damping[:, None] * diagonal)[:, :, None]
        det = curve[:, 0, 0] * curve[:, 1, 1] - curve[:, 0, 1] ** 2
        move = np.stack(
            [
                curve[:, 1, 1] * gradient[:, 0] - curve[:, 0, 1] * gradient[:, 1],
                curve[:, 0, 0] * gradient[:, 1] - curve[:, 0, 1] * gradient[:, 0],
            ],
            axis=-1,
        )
        trial = theta - np.clip(np.nan_to_num(move / det[:, None]), -2.0, 2.0)
        at_trial = residual(trial)
        gap_trial = np.square(at_trial).sum(axis=1)
        better = gap_trial < gap
        theta = np.where(better[:, None], trial, theta)
        r = np.where(better[:, None], at_trial, r)
        gap = np.where(better, gap_trial, gap)
        damping = np.clip(np.where(better, damping / 4.0, damping * 4.0), 1e-9, 1e9)
    a, b = np.exp(np.clip(theta, -6.0, 14.0)).T
    fitted = a / (a + b)
    return fitted, np.sqrt(fitted * (1.0 - fitted) / (a + b + 1.0)), gap


@FIVE_NUMBER_METHODS.register(
    "qe",
    label="Quantile estimation",
    reference="McGrath S et al. Stat Methods Med Res 2020;29:2520",
    equation="min over family and parameters of sum_j (F^-1(p_j) - q_j)^2",
    traits=("S1", "S2", "S3", "iterative"),
)
def quantile_estimation(scenario: str, q: Floats, n: Floats) -> tuple[Floats, Floats]:
    r"""Moments of the distribution whose quantiles lie nearest to the printed ones.

    .. math:: \min_{F, \theta} \sum_j \left(F_\theta^{-1}(p_j) - q_j\right)^2

    with the extremes at 1/n and 1 - 1/n, over the normal and, where all quantiles
    are above 0, the log-normal, gamma and Weibull families, and the beta where
    they also lie below 1. The family with the smallest sum is used. With only three
    quantiles the fits are often all but exact, and the choice follows small
    differences. McGrath et al. (2020).
    """
    p = _probabilities(scenario, n)
    # In units of the largest quantile, so that tolerances mean the same anywhere.
    unit = np.abs(q).max(axis=1)
    scaled = q / unit[:, None]
    mean, sd, gap = _normal(scaled, p)
    positive = np.flatnonzero(scaled[:, 0] > 0)
    for base, moments, least, most in _FAMILIES:
        if positive.size:
            fit = _scale_family(
                scaled[positive], p[positive], base, moments, least, most
            )
            _take(positive, fit, mean, sd, gap)
    mean, sd = mean * unit, sd * unit
    gap = gap * unit**2
    shares = np.flatnonzero((q[:, 0] > 0) & (q[:, -1] < 1))
    if shares.size:
        start = luo_wan_shi(scenario, q[shares], n[shares])
        _take(shares, _beta(q[shares], p[shares], *start), mean, sd, gap)
    return mean, sd


def _take(
    rows: np.ndarray[tuple[int, ...], np.dtype[np.intp]],
    fit: tuple[Floats, Floats, Floats],
    mean: Floats,
    sd: Floats,
    gap: Floats,
) -> None:
    """Write the fit into the rows where it is the nearest so far."""
    better = fit[2] < gap[rows]
    for target, source in zip((mean, sd, gap), fit, strict=True):
        target[rows[better]] = source[better]
