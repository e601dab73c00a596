r"""Factorials and binomial coefficients in logarithms, without cancellation.

Differences of log-gamma lose digits as counts grow: at :math:`n = 10^5` the
logarithm of a factorial is a million, and its last digit is worth :math:`10^{-10}`.
Here a factorial is split into the part that cancels between the factorials of a
table, which is never formed, and a remainder of the size of :math:`\log n`.
"""

import math
from functools import lru_cache

import numpy as np
from scipy import special

from k2stats._typing import Floats

_SERIES_FROM = 16
_SMALL = np.array(
    [0.0]
    + [
        math.log(math.factorial(n)) - n * math.log(n) + n
        for n in range(1, _SERIES_FROM)
    ]
)
_TAYLOR_BELOW = 0.02
_TAYLOR_TERMS = 10


def factorial_remainder(n: Floats) -> Floats:
    r"""Part of a log-factorial that does not cancel within a table.

    .. math:: r(n) = \log n! - n \log n + n, \qquad r(0) = 0,

    by Stirling's series from 16 on. Of the size of :math:`\log n`, so its rounding
    error stays near :math:`10^{-15}` for every count.

    Parameters
    ----------
    n : ndarray
        Whole numbers of at least 0.

    Examples
    --------
    >>> factorial_remainder(np.array([0.0, 1.0, 100.0])).round(6)
    array([0.      , 1.      , 3.222357])
    """
    n = np.asarray(n, dtype=float)
    large = np.maximum(n, _SERIES_FROM)
    square = 1.0 / (large * large)
    series = (
        1.0 / 12.0
        - square
        * (
            1.0 / 360.0
            - square * (1.0 / 1260.0 - square * (1.0 / 1680.0 - square / 1188.0))
        )
    ) / large
    remainder = 0.5 * np.log(2.0 * np.pi * large) + series
    exact = _SMALL[np.minimum(n, _SERIES_FROM - 1).astype(np.intp)]
    return np.where(n < _SERIES_FROM, exact, remainder)


def deviance(observed: Floats, expected: Floats) -> Floats:
    r"""Half the deviance of a count from its expectation.

    .. math:: D(o, e) = o \log(o / e) - o + e, \qquad D(0, e) = e,

    with a Taylor series where the two are close, so that nothing cancels. Twice
    the sum over the cells of a table is its G statistic.

    Parameters
    ----------
    observed, expected : ndarray
        `expected` above 0; NaN elsewhere, except 0 where both are 0.

    Examples
    --------
    >>> deviance(np.array([0.0, 3.0]), np.array([2.0, 6.0])).round(6)
    array([2.      , 0.920558])
    """
    observed, expected = np.broadcast_arrays(
        np.asarray(observed, dtype=float), np.asarray(expected, dtype=float)
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        step = np.asarray((observed - expected) / expected)
        value = np.asarray(special.xlog1py(1.0 + step, step) - step)
        value = np.where(observed == 0, 1.0, value)
        near = np.abs(step) < _TAYLOR_BELOW
        e = step[near]
        series = np.zeros_like(e)
        for k in range(_TAYLOR_TERMS, 1, -1):
            series = 1.0 / (k * (k - 1)) - e * series
        value[near] = e * e * series
        return np.where(
            expected == 0, np.where(observed == 0, 0.0, np.nan), expected * value
        )


@lru_cache(maxsize=32)
def log_choose(n: int) -> Floats:
    r"""Logarithms of the binomial coefficients of `n`, ``(n + 1,)``, read-only.

    .. math:: \log \binom{n}{x}, \qquad x = 0, \ldots, n.

    Examples
    --------
    >>> np.exp(log_choose(4)).round(9)
    array([1., 4., 6., 4., 1.])
    """
    x = np.arange(n + 1, dtype=float)
    remainder = factorial_remainder(x)
    entropy = special.entr(x / n) + special.entr((n - x) / n) if n else np.zeros(1)
    logs = np.asarray(n * entropy + remainder[n] - remainder - remainder[::-1])
    logs.flags.writeable = False  # the array is remembered and shared
    return logs
