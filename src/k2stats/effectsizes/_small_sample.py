"""Exact small-sample corrections, stable at every sample size."""

import numpy as np
from scipy import special

from k2stats._typing import Floats

_SWITCH = 25.0
_SERIES_FROM = 18.0
_TERMS = 80
_SERIES = (
    1 / 64,
    -19 / 8192,
    631 / 524288,
    -174317 / 134217728,
    20491783 / 8589934592,
    -7334801895 / 1099511627776,
)
r"""Coefficients of :math:`w^{-2}, w^{-4}, \ldots` in
:math:`\Gamma(x + 1/2) / (\Gamma(x) \sqrt{w})` with :math:`w = x - 1/4`, of which only
even powers occur (Fields 1966; DLMF 5.11.14)."""


def small_sample_j(df: Floats) -> Floats:
    r"""Hedges' exact correction of a standardized mean difference.

    .. math:: J(m) = \frac{\Gamma(m / 2)}{\sqrt{m / 2}\;\Gamma((m - 1) / 2)}

    Below 25 degrees of freedom from the gamma function, above from the
    asymptotic series of the gamma ratio, which keeps all digits where the
    difference of two log gammas would lose them.

    Parameters
    ----------
    df : ndarray
        Degrees of freedom m of the standard deviation.

    Returns
    -------
    ndarray
        Between 0 and 1; NaN for m of 1 or less, where no correction exists.

    References
    ----------
    Hedges, L. V. (1981). Distribution theory for Glass's estimator of effect
    size and related estimators. Journal of Educational Statistics, 6, 107-128.
    Fields, J. L. (1966). The uniform asymptotic expansion of a ratio of gamma
    functions. Proceedings of the Edinburgh Mathematical Society, 15, 43-45.

    Examples
    --------
    >>> small_sample_j(np.array([10.0, 69.0])).round(6)
    array([0.922746, 0.989084])
    """
    m = np.asarray(df, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        twice = m - 1.5  # 2 w for x = (m - 1) / 2
        t = 4.0 / (twice * twice)
        ratio = t * _SERIES[-1]
        for c in _SERIES[-2::-1]:
            ratio += c
            ratio *= t
        ratio += 1.0
        out = ratio * np.sqrt(twice / m)
        low = ~(m >= _SWITCH)
        if np.count_nonzero(low):
            few = np.broadcast_to(m, out.shape)[low]
            exact = special.gamma(few / 2.0) / (
                np.sqrt(few / 2.0) * special.gamma((few - 1.0) / 2.0)
            )
            out = np.asarray(out)
            out[low] = np.where(few > 1.0, exact, np.nan)
    return np.asarray(out)


def gauss_2f1(a: float, c: Floats, x: Floats) -> Floats:
    r"""Hypergeometric :math:`{}_2F_1(a, a; c; x)` for x between 0 and 1, a up to 1.

    scipy's for c below 18; above it the power series, whose 80 terms leave less
    than a rounding error. scipy 1.17 answers NaN for some large c near x = 1.

    Examples
    --------
    >>> gauss_2f1(0.5, np.array([915.0]), np.array([0.9775])).round(7)
    array([1.0002674])
    """
    c, x = np.broadcast_arrays(np.asarray(c, float), np.asarray(x, float))
    if np.any(c < _SERIES_FROM):
        few = c < _SERIES_FROM
        out = np.empty(c.shape)
        out[few] = special.hyp2f1(a, a, c[few], x[few])
        out[~few] = _power_series(a, c[~few], x[~few])
        return out
    return _power_series(a, c, x)


def _power_series(a: float, c: Floats, x: Floats) -> Floats:
    term = np.ones(c.shape)
    total = np.ones(c.shape)
    for k in range(_TERMS):
        term *= x * ((a + k) ** 2 / (k + 1.0))
        term /= c + k
        total += term
        if k % 8 == 7 and (term.size == 0 or np.max(term) < 1e-17):
            break
    return total


def unbiased_correlation(r: Floats, n: Floats) -> Floats:
    r"""Olkin and Pratt's unbiased estimate of a correlation.

    .. math:: G(r) = r\;{}_2F_1\left(\tfrac12, \tfrac12; \tfrac{n - 2}{2};
        1 - r^2\right)

    Parameters
    ----------
    r, n : ndarray
        Correlations and numbers of pairs, n of at least 4.

    References
    ----------
    Olkin, I., & Pratt, J. W. (1958). Unbiased estimation of certain
    correlation coefficients. Annals of Mathematical Statistics, 29, 201-211,
    equation 2.3.

    Examples
    --------
    >>> unbiased_correlation(np.array([0.3]), np.array([20.0])).round(6)
    array([0.308538])
    """
    with np.errstate(invalid="ignore", over="ignore"):
        g = r * gauss_2f1(0.5, (n - 2.0) / 2.0, 1.0 - r * r)
        if np.any(n == 4):
            # 2 K / pi, whose pole at r = 0 the rounding of 1 - r^2 would move
            four = 2.0 / np.pi * r * special.ellipkm1(r * r)
            g = np.where(n == 4, np.where(r == 0, 0.0, four), g)
        return np.asarray(np.where(n > 3, g, np.nan))


def n_weighted_mean(values: Floats, n: Floats) -> Floats:
    """Mean over studies (last axis), weighted by size; the axis is kept.

    NaN where any study's value is: a mean of all studies needs all of them.
    """
    weighted = np.sum(n * values, axis=-1, keepdims=True)
    return np.asarray(weighted / np.sum(n, axis=-1, keepdims=True))
