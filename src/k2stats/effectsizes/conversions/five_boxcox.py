"""Box-Cox and maximum-likelihood estimators for skewed data."""

from collections.abc import Callable
from functools import partial

import numpy as np
from scipy import special

from k2stats._typing import Floats
from k2stats.effectsizes.conversions._search import (
    box_cox,
    box_cox_moments,
    minimise,
    normal_between,
)
from k2stats.effectsizes.conversions.five_closed import luo_wan_shi
from k2stats.effectsizes.conversions.five_number import FIVE_NUMBER_METHODS
from k2stats.numerics.roots import bisect

_MOST_POWER = 10.0
_NEWTON = 30
_HALVINGS = 10
_SPREAD = np.sqrt(2.0 * np.pi)


@FIVE_NUMBER_METHODS.register(
    "bc",
    label="Box-Cox",
    reference="McGrath S et al. Stat Methods Med Res 2020;29:2520",
    equation="lambda makes f(q) symmetric about f(m); Luo and Wan on that scale; "
    "moments of f^-1(N(mu, sigma^2))",
    traits=("S1", "S2", "S3", "iterative", "positive"),
)
def box_cox_method(scenario: str, q: Floats, n: Floats) -> tuple[Floats, Floats]:
    r"""Mean and SD through the power that makes the quantiles symmetric.

    .. math::
        f_\lambda(x) = \frac{x^\lambda - 1}{\lambda}, \qquad
        \min_\lambda \sum_{(l, u)}
        \left[f_\lambda(u) - 2 f_\lambda(m) + f_\lambda(l)\right]^2

    over the printed pairs (l, u) of quartiles and extremes, with
    :math:`0 \le \lambda \le 10` since below 0 the mean is infinite. Mean and SD on
    that scale are Luo's and Wan's or Shi's, and the moments of the data are those
    of the truncated normal transformed back, by quadrature rather than simulation.
    Data are taken in units of their median, which makes the answer equivariant
    under a change of units. McGrath et al. (2020).
    """
    unit = q[:, q.shape[1] // 2].copy()
    logs = np.log(q / unit[:, None])
    pairs = [(0, logs.shape[1] - 1)] + ([(1, 3)] if scenario == "S3" else [])

    def lean(pair: tuple[int, int], power: Floats) -> Floats:
        return box_cox(logs[:, pair[0]], power) + box_cox(logs[:, pair[1]], power)

    roots = [_symmetric_power(partial(lean, pair), len(q)) for pair in pairs]
    if len(roots) == 1:
        power = roots[0]
    else:
        # Each term grows with the power, so the minimum lies between their roots.
        low, high = np.minimum(*roots), np.maximum(*roots)
        power = minimise(
            lambda x: np.asarray(sum(lean(p, x) ** 2 for p in pairs)), low, high
        )
    mean, sd = luo_wan_shi(scenario, box_cox(logs, power[:, None]), n)
    back_mean, back_sd = box_cox_moments(mean, sd, power)
    return back_mean * unit, back_sd * unit


def _symmetric_power(lean: Callable[[Floats], Floats], rows: int) -> Floats:
    """Power at which an increasing function is 0, held to its bounds."""
    low, high = np.zeros(rows), np.full(rows, _MOST_POWER)
    root, found = bisect(lean, low, high)
    ends = np.where(lean(low) > 0, low, high)
    return np.where(found, root, ends)


def _between(scenario: str, n: Floats) -> Floats:
    """Observations below, between and above the printed order statistics.

    For n = 4Q + 1 the quartiles are the order statistics Q + 1, 2Q + 1, 3Q + 1;
    the same formulas serve every n.
    """
    zero = np.zeros_like(n)
    quarter, gap = (n - 1.0) / 4.0, np.maximum((n - 5.0) / 4.0, 0.0)
    if scenario == "S1":
        half = np.maximum((n - 3.0) / 2.0, 0.0)
        return np.stack([zero, half, half, zero], axis=-1)
    if scenario == "S2":
        return np.stack([quarter, gap, gap, quarter], axis=-1)
    return np.stack([zero, gap, gap, gap, gap, zero], axis=-1)


def _likelihood(
    y: Floats, counts: Floats, slope: Floats, shift: Floats
) -> tuple[Floats, Floats, Floats]:
    """Log-likelihood of order statistics, with gradient and Hessian.

    In ``slope = 1 / sigma`` and ``shift = -mu / sigma`` it is concave.
    """
    z = slope[:, None] * y + shift[:, None]
    below, above = z[:, :1], z[:, -1:]
    inner = normal_between(z[:, :-1], z[:, 1:])
    mass = np.concatenate([special.ndtr(below), inner, special.ndtr(-above)], axis=1)
    used = counts > 0
    safe = np.where(used, mass, 1.0)
    value = (counts * np.log(safe)).sum(axis=1) - 0.5 * np.square(z).sum(axis=1)
    value = value + y.shape[1] * np.log(slope)
    # Hazards of each interval at its upper and its lower end.
    density = np.exp(-0.5 * z * z) / _SPREAD
    nothing = np.zeros_like(below)
    upper = np.concatenate([density, nothing], axis=1) / safe * used
    lower = np.concatenate([nothing, density], axis=1) / safe * used
    z_upper = np.concatenate([z, nothing], axis=1)
    z_lower = np.concatenate([nothing, z], axis=1)
    by_z = counts[:, :-1] * upper[:, :-1] - counts[:, 1:] * lower[:, 1:] - z
    gradient = np.stack(
        [(by_z * y).sum(axis=1) + y.shape[1] / slope, by_z.sum(axis=1)], axis=-1
    )
    y_upper = np.concatenate([y, nothing], axis=1)
    y_lower = np.concatenate([nothing, y], axis=1)
    hess_uu = counts * (-z_upper * upper - upper**2)
    hess_ll = counts * (z_lower * lower - lower**2)
    hess_ul = counts * upper * lower

    def second(one: int, other: int) -> Floats:
        u = (y_upper**one) * (y_upper**other)
        low = (y_lower**one) * (y_lower**other)
        mixed = (y_upper**one) * (y_lower**other) + (y_lower**one) * (y_upper**other)
        return np.asarray((hess_uu * u + hess_ll * low + hess_ul * mixed).sum(axis=1))

    squares = np.square(y).sum(axis=1)
    hessian = np.stack(
        [
            second(1, 1) - squares - y.shape[1] / slope**2,
            second(1, 0) - y.sum(axis=1),
            second(0, 0) - y.shape[1],
        ],
        axis=-1,
    )
    return value, gradient, hessian


def _maximise(
    y: Floats, counts: Floats, mu: Floats, sigma: Floats
) -> tuple[Floats, Floats, Floats]:
    """Maximum-likelihood mean and SD by Newton steps, halved where they overshoot."""
    slope, shift = 1.0 / sigma, -mu / sigma
    value, gradient, hessian = _likelihood(y, counts, slope, shift)
    for _ in range(_NEWTON):
        aa, ab, bb = hessian.T
        det = aa * bb - ab * ab
        step_a = -(bb * gradient[:, 0] - ab * gradient[:, 1]) / det
        step_b = -(aa * gradient[:, 1] - ab * gradient[:, 0]) / det
        size = np.where(
            step_a < -0.9 * slope, -0.9 * slope / np.minimum(step_a, -1e-300), 1.0
        )
        # Half the Newton decrement is the gain still to be had.
        gain = 0.5 * (gradient[:, 0] * step_a + gradient[:, 1] * step_b)
        done = ~(gain > 1e-13 * (1.0 + np.abs(value)))
        size = np.where(done, 0.0, size)
        if np.all(done):
            break
        for _ in range(_HALVINGS):
            trial = _likelihood(y, counts, slope + size * step_a, shift + size * step_b)
            worse = ~(trial[0] >= value - 1e-12 * np.abs(value))
            if not np.any(worse):
                break
            size = np.where(worse, size / 2.0, size)
        else:
            size = np.where(worse, 0.0, size)
            trial = _likelihood(y, counts, slope + size * step_a, shift + size * step_b)
        slope, shift = slope + size * step_a, shift + size * step_b
        value, gradient, hessian = trial
    return -shift / slope, 1.0 / slope, value


@FIVE_NUMBER_METHODS.register(
    "mln",
    label="Maximum likelihood for non-normal data",
    reference="Cai S, Zhou J, Pan J. Stat Methods Med Res 2021;30:2701",
    equation="max over lambda, mu, sigma of the order-statistic likelihood of "
    "f_lambda(q); moments of f^-1(N(mu, sigma^2))",
    traits=("S1", "S2", "S3", "iterative", "positive"),
)
def maximum_likelihood(scenario: str, q: Floats, n: Floats) -> tuple[Floats, Floats]:
    r"""Maximum likelihood after a Box-Cox transformation estimated with it.

    .. math::
        \ell(\lambda, \mu, \sigma) = \sum_j \log\left[
            \frac{\varphi(z_j)}{\sigma}\, q_j^{\lambda - 1}\right]
            + \sum_k c_k \log\left[\Phi(z_{k+1}) - \Phi(z_k)\right],
        \quad z_j = \frac{f_\lambda(q_j) - \mu}{\sigma}

    with :math:`c_k` observations between neighbouring printed order statistics;
    :math:`0 \le \lambda \le 10`. Given the power, the likelihood is concave in
    :math:`(1/\sigma, \mu/\sigma)`. Moments as in the Box-Cox method. NaN where two
    quantiles coincide. Cai, Zhou & Pan (2021).
    """
    unit = q[:, q.shape[1] // 2].copy()
    logs = np.log(q / unit[:, None])
    counts = _between(scenario, n)

    def fit(power: Floats) -> tuple[Floats, Floats, Floats]:
        y = box_cox(logs, power[:, None])
        mu, sigma, value = _maximise(y, counts, *luo_wan_shi(scenario, y, n))
        return mu, sigma, value + (power - 1.0) * logs.sum(axis=1)

    low, high = np.zeros(len(q)), np.full(len(q), _MOST_POWER)
    power = minimise(
        lambda x: np.nan_to_num(-fit(x)[2], nan=np.inf), low, high, grid=14, steps=30
    )
    mu, sigma, value = fit(power)
    mean, sd = box_cox_moments(mu, sigma, power)
    tied = ~np.isfinite(value) | (np.diff(q, axis=1) <= 0).any(axis=1)
    return np.where(tied, np.nan, mean * unit), np.where(tied, np.nan, sd * unit)
