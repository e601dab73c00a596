"""Tail probabilities of the normal, t and chi-squared, and their logarithms.

Every p-value of k2stats comes from here: from the tail itself, never from one
minus a distribution function, so that small p-values keep all their digits. The
logarithms stay exact where the tail itself underflows.
"""

import numpy as np
from scipy import special

from k2stats._typing import Alternative, Floats

_TINY = 1e-280
_TERMS = 200
_SQUARE_OVERFLOWS = 1e150


def normal_p(z: Floats, alternative: Alternative = "two-sided") -> Floats:
    """Tail of the standard normal.

    Examples
    --------
    >>> round(float(normal_p(np.array(1.959963984540054))), 12)
    0.05
    """
    if alternative == "two-sided":
        return np.asarray(2.0 * special.ndtr(-np.abs(z)))
    return np.asarray(special.ndtr(-z if alternative == "greater" else z))


def log_normal_p(z: Floats, alternative: Alternative = "two-sided") -> Floats:
    """Logarithm of :func:`normal_p`, exact far in the tail.

    Examples
    --------
    >>> round(float(log_normal_p(np.array(50.0))), 3)
    -1254.138
    """
    if alternative == "two-sided":
        size = np.abs(z)
        near_one = np.log1p(-special.erf(np.minimum(size, 1.0) / np.sqrt(2.0)))
        far = np.log(2.0) + special.log_ndtr(-size)
        return np.asarray(np.where(size < 1.0, near_one, far))
    return np.asarray(special.log_ndtr(-z if alternative == "greater" else z))


def student_p(
    t: Floats, df: Floats | float, alternative: Alternative = "two-sided"
) -> Floats:
    """Tail of Student's t with `df` degrees of freedom.

    Examples
    --------
    >>> round(float(student_p(np.array(2.2), 28.0)), 7)
    0.0362255
    """
    if alternative == "two-sided":
        return np.asarray(2.0 * special.stdtr(df, -np.abs(t)))
    return np.asarray(special.stdtr(df, -t if alternative == "greater" else t))


def log_student_p(
    t: Floats, df: Floats | float, alternative: Alternative = "two-sided"
) -> Floats:
    r"""Logarithm of :func:`student_p`.

    Where the tail underflows the incomplete beta function is written as

    .. math:: I_x(a, \tfrac12) = \frac{x^a}{a B(a, \tfrac12)}
        \sqrt{1 + \nu / t^2}\;{}_2F_1(1, \tfrac12; a + 1; -\nu / t^2),
        \quad x = \nu / (\nu + t^2),\ a = \nu / 2,

    and the hypergeometric function summed from the back of Gauss's continued
    fraction, whose terms are all positive there, so that nothing cancels however
    many degrees of freedom there are.

    Examples
    --------
    >>> round(float(log_student_p(np.array(1e200), 3.0)), 3)
    -1380.76
    """
    p = student_p(t, df, alternative)
    size, nu = np.abs(np.asarray(t, dtype=float)), np.asarray(df, dtype=float)
    sides = 2.0 if alternative == "two-sided" else 1.0
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        if alternative == "two-sided":
            share = size**2 / (nu + size**2)
            near_one = np.log1p(-special.betainc(0.5, nu / 2.0, share))
        else:
            near_one = np.log1p(-special.stdtr(nu, -size))
        log_p = np.where(p > 0.5, near_one, np.log(p))
        far = p <= _TINY
        if np.any(far):
            size, nu = np.broadcast_arrays(size, nu)
            log_p[far] = _log_student_tail(size[far], nu[far]) + np.log(sides / 2.0)
    return log_p


def _log_student_tail(t: Floats, nu: Floats) -> Floats:
    """Logarithm of the two-sided tail of t far from zero."""
    a = nu / 2.0
    huge = t > _SQUARE_OVERFLOWS
    log_ratio = np.where(huge, 2.0 * np.log(t) - np.log(nu), np.log1p(t**2 / nu))
    y = nu / np.where(huge, np.inf, t**2)
    fraction = np.ones_like(y)
    for m in range(_TERMS // 4, 0, -1):
        k = m - 1
        even = y * m * (a + m - 0.5) / ((a + 2 * m - 1) * (a + 2 * m))
        odd = y * (k + 0.5) * (a + k) / ((a + 2 * k) * (a + 2 * k + 1))
        fraction = 1.0 + odd / (1.0 + even / fraction)
    tail = -a * log_ratio - np.log(a) - special.betaln(a, 0.5)
    tail = tail + 0.5 * np.log1p(y) - np.log(fraction)
    return np.where(np.isinf(nu), log_normal_p(t), tail)


def chi2_p(x: Floats, df: Floats | float = 1.0) -> Floats:
    """Upper tail of chi-squared with `df` degrees of freedom.

    Examples
    --------
    >>> round(float(chi2_p(np.array(3.841458820694124))), 12)
    0.05
    """
    if np.ndim(df) == 0 and df == 1.0:
        return np.asarray(2.0 * special.ndtr(-np.sqrt(np.maximum(x, 0.0))))
    return np.asarray(special.chdtrc(df, x))


def log_chi2_p(x: Floats, df: Floats | float = 1.0) -> Floats:
    r"""Logarithm of :func:`chi2_p`.

    Where the tail underflows, Legendre's continued fraction for
    :math:`\Gamma(a, z)` is summed from the back; there :math:`z \gg a`, so a
    fixed number of terms is ample.
    """
    if np.ndim(df) == 0 and df == 1.0:
        return log_normal_p(np.sqrt(np.maximum(x, 0.0)))
    p = chi2_p(x, df)
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        log_p = np.where(p > 0.5, np.log1p(-special.chdtr(df, x)), np.log(p))
        far = p <= _TINY
        if np.any(far):
            z, a = np.broadcast_arrays(
                np.asarray(x, dtype=float) / 2.0, np.asarray(df, dtype=float) / 2.0
            )
            log_p[far] = _log_gamma_tail(z[far], a[far])
    return log_p


def _log_gamma_tail(z: Floats, a: Floats) -> Floats:
    """Logarithm of the upper regularised incomplete gamma function, z far above a."""
    fraction = z + 2 * _TERMS + 1 - a
    for n in range(_TERMS, 0, -1):
        fraction = z + (2 * n - 1) - a - n * (n - a) / fraction
    tail = a * np.log(z) - z - special.gammaln(a) - np.log(fraction)
    return np.where(np.isinf(z), -np.inf, tail)
