r"""Logarithms of rising factorials, exact where the gamma functions would cancel."""

import numpy as np
from scipy import special

from k2stats._typing import Floats

_SERIES_FROM = 30.0


def log_rising(p: Floats, x: Floats, phi: Floats) -> Floats:
    r"""Logarithm of a rising product.

    .. math:: \sum_{r=0}^{x-1} \log(p + r \phi)
        = x \log\phi + \log\Gamma(p/\phi + x) - \log\Gamma(p/\phi)

    and :math:`x \log p` where :math:`\phi = 0`. For large :math:`a = p/\phi` the two
    log-gammas are nearly equal; Stirling's series is then subtracted term by term.

    Parameters
    ----------
    p : ndarray
        Above 0 where x is.
    x : ndarray
        Whole numbers, 0 or more.
    phi : ndarray
        0 or more.

    Examples
    --------
    >>> log_rising(np.array(0.25), np.array(3.0), np.array([0.0, 0.5])).round(12)
    array([-4.15888308, -1.45083288])
    """
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        a = p / phi
        small = np.where(a < _SERIES_FROM, a, 1.0)
        direct = x * np.log(phi) + special.gammaln(small + x) - special.gammaln(small)
        ratio = np.where(p > 0, x * (phi / p), 0.0)  # x / a
        # (a - 1/2) log(1 + x/a) - x, with the leading terms taken out by hand.
        growth = np.where(
            np.isfinite(a),
            _excess(ratio) * x - 0.5 * np.log1p(ratio),
            0.0,
        )
        top = np.where(np.isfinite(a), _tail(a + x) - _tail(a), 0.0)
        series = special.xlogy(x, p + x * phi) + growth + top
        return np.where(x == 0, 0.0, np.where(a < _SERIES_FROM, direct, series))


def _excess(r: Floats) -> Floats:
    """Return log(1 + r) / r - 1, by series where r is small."""
    near = np.abs(r) < 1e-2
    safe = np.where(near, 1.0, r)
    series = -r * (
        1 / 2
        - r * (1 / 3 - r * (1 / 4 - r * (1 / 5 - r * (1 / 6 - r * (1 / 7 - r / 8)))))
    )
    return np.where(near, series, np.log1p(safe) / safe - 1.0)


def _tail(a: Floats) -> Floats:
    """Stirling's remainder 1/(12a) - 1/(360a^3) + ..., for a of 30 and more."""
    inverse = 1.0 / np.maximum(a, _SERIES_FROM)
    square = inverse * inverse
    return inverse * (
        1 / 12 - square * (1 / 360 - square * (1 / 1260 - square * (1 / 1680)))
    )
