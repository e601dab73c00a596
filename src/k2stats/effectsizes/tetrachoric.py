"""The tetrachoric correlation of a 2x2 table."""

import numpy as np
from scipy import optimize, special

from k2stats._typing import Floats
from k2stats.effectsizes._bivariate_normal import bvn_cdf, bvn_density
from k2stats.effectsizes._measures import Estimate, Options, measure
from k2stats.effectsizes.binary_association import fisher_z
from k2stats.effectsizes.zero_cells import NOTHING
from k2stats.evidence import TwoByTwo

_GROUP = "Two yes-or-no variables"
_STEPS = 200
_COARSE = np.finfo(float).eps ** 0.25
_STEP = 1e-3
_VARIANCES = {
    "LS": "inverse information of the correlation and both thresholds, exact",
    "FD": "the same from second differences of 1e-3 at a coarse optimum",
}
_REFERENCE = "Pearson (1900); Hamdan (1970)"


def correlation_of(h: Floats, k: Floats, p: Floats) -> Floats:
    """Correlation at which both normals lie below h and k with probability p.

    Newton's method on the angle arcsin r, kept inside a bracket by bisection;
    all tables at once. -1 and 1 where p is the least or greatest possible.
    """
    low = np.full(p.shape, -np.pi / 2)
    high = np.full(p.shape, np.pi / 2)
    least = np.maximum(special.ndtr(h) + special.ndtr(k) - 1.0, 0.0)
    most = special.ndtr(np.minimum(h, k))
    angle = np.zeros(p.shape)
    for _ in range(_STEPS):
        r = np.sin(angle)
        gap = bvn_cdf(h, k, r) - p
        low, high = np.where(gap < 0, angle, low), np.where(gap < 0, high, angle)
        slope = bvn_density(h, k, r) * np.cos(angle)
        with np.errstate(divide="ignore", invalid="ignore"):
            step = angle - gap / slope
        inside = (step > low) & (step < high)
        new = np.where(inside, step, 0.5 * (low + high))
        done = np.abs(new - angle) <= 1e-15 * (1.0 + np.abs(angle))
        angle = new
        if np.all(done | np.isnan(p)):
            break
    r = np.sin(angle)
    r = np.where(p <= least, -1.0, np.where(p >= most, 1.0, r))
    return np.asarray(np.where(np.isnan(h + k + p), np.nan, r))


def _exact(t: TwoByTwo) -> Estimate:
    a, b, c, d = t.cells
    total = t.n1 + t.n2
    h, k = special.ndtri(t.n1 / total), special.ndtri((a + c) / total)
    degenerate = np.isinf(h) | np.isinf(k)
    h, k = np.where(degenerate, np.nan, h), np.where(degenerate, np.nan, k)
    # A zero cell settles the sign; the probability itself may be lost to rounding.
    r = correlation_of(h, k, a / total)
    r = np.where((a == 0) | (d == 0), -1.0, np.where((b == 0) | (c == 0), 1.0, r))
    r = np.where(degenerate, np.nan, r)
    inside = np.abs(r) < 1.0
    root = np.sqrt(np.where(inside, 1.0 - r * r, np.nan))
    # dr = (dp11 - P(2|h) dp1. - P(1|k) dp.1) / density
    given_h, given_k = (
        special.ndtr((k - r * h) / root),
        special.ndtr((h - r * k) / root),
    )
    w = (1.0 - given_h - given_k, -given_h, -given_k)
    shares = (a / total, b / total, c / total)
    second = sum(p * x * x for p, x in zip(shares, w, strict=True))
    first = sum(p * x for p, x in zip(shares, w, strict=True))
    v = (second - first**2) / (total * bvn_density(h, k, r) ** 2)
    return r, np.where(inside, v, np.nan)


def _log_likelihood(cells: Floats, r: float, h: float, k: float) -> float:
    """Minus the multinomial log-likelihood of four cells."""
    p = float(bvn_cdf(np.array(h), np.array(k), np.array(min(max(r, -1.0), 1.0))))
    row, column = float(special.ndtr(h)), float(special.ndtr(k))
    shares = np.array([p, row - p, column - p, 1.0 - row - column + p])
    return float(-np.sum(cells * np.log(np.maximum(shares, 1e-300))))


def _finite_difference(t: TwoByTwo) -> Estimate:
    """One table at a time: a coarse bounded search and numerical derivatives."""
    r, v = _exact(t)
    flat_r, flat_v = r.ravel().copy(), v.ravel().copy()
    columns = [np.broadcast_to(x, r.shape).ravel() for x in t.cells]
    for i in np.flatnonzero(np.abs(flat_r) < 1.0):
        cells = np.array([x[i] for x in columns])
        total = cells.sum()
        h = float(special.ndtri((cells[0] + cells[1]) / total))
        k = float(special.ndtri((cells[0] + cells[2]) / total))
        best = float(
            optimize.fminbound(
                lambda x, n=cells, h=h, k=k: _log_likelihood(n, x, h, k),
                -1.0,
                1.0,
                xtol=_COARSE,
            )
        )
        at = np.array([best, h, k])
        steps = np.eye(3) * _STEP
        hessian = np.empty((3, 3))
        for x in range(3):
            for z in range(x + 1):
                corners = (
                    (sx * sz, at + sx * steps[x] + sz * steps[z])
                    for sx in (1, -1)
                    for sz in (1, -1)
                )
                second = sum(s * _log_likelihood(cells, *point) for s, point in corners)
                hessian[x, z] = hessian[z, x] = second / (4.0 * _STEP**2)
        flat_r[i], flat_v[i] = best, np.linalg.inv(hessian)[0, 0]
    return flat_r.reshape(r.shape), flat_v.reshape(v.shape)


@measure(
    "RTET",
    evidence=TwoByTwo,
    label="Tetrachoric correlation",
    reference=_REFERENCE,
    equation="r with Phi2(h, k; r) = a/N",
    variance=_VARIANCES,
    group=_GROUP,
    bounds=(-1.0, 1.0),
    zero_cells=NOTHING,
)
def tetrachoric(t: TwoByTwo, options: Options) -> Estimate:
    r"""Tetrachoric correlation.

    The r for which a bivariate normal, cut at :math:`h = \Phi^{-1}(n_1 / N)` and
    :math:`k = \Phi^{-1}((a + c) / N)`, gives the four cells:

    .. math:: \Phi_2(h, k; r) = a / N

    The variance is that of the maximum likelihood estimate with both thresholds
    estimated; as the model is saturated it equals the delta method,

    .. math:: v = \frac{1}{N \varphi_2^2}\left[\sum_j p_j w_j^2 -
        \Big(\sum_j p_j w_j\Big)^2\right], \quad w = (1 - P_h - P_k, -P_h, -P_k, 0),

    with :math:`P_h = \Phi((k - rh) / \sqrt{1 - r^2})` and :math:`P_k` likewise. A
    zero cell gives -1 or 1, without a variance; an empty row or column gives NaN.

    ``vtype="FD"`` stops the search for r at a tolerance of 1.2e-4 and takes the
    information from second differences of width 1e-3. Statistical packages print
    such figures; they differ from the exact ones in the fifth digit, and the type
    is here so that they can be reproduced.

    References
    ----------
    Pearson, K. (1900). On the correlation of characters not quantitatively
    measurable. Philosophical Transactions of the Royal Society A, 195, 1-47.
    Hamdan, M. A. (1970). The equivalence of tetrachoric and maximum likelihood
    estimates of rho in 2x2 tables. Biometrika, 57, 212-215.
    """
    return _finite_difference(t) if options.vtype == "FD" else _exact(t)


@measure(
    "ZTET",
    evidence=TwoByTwo,
    label="Tetrachoric correlation on Fisher's z scale",
    reference=_REFERENCE + "; Fisher (1921)",
    equation="atanh(r_tet)",
    variance={k: f"{w}; divided by (1 - r^2)^2" for k, w in _VARIANCES.items()},
    group=_GROUP,
    on="fisher-z",
    symbol="r_tet",
    bounds=(-1.0, 1.0),
    zero_cells=NOTHING,
)
def tetrachoric_z(t: TwoByTwo, options: Options) -> Estimate:
    """Fisher's z of the tetrachoric correlation, by the delta method."""
    return fisher_z(*tetrachoric(t, options))
