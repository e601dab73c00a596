r"""Exact distribution of weighted sums of chi-squared variables.

.. math:: Q = \sum_j \lambda_j \chi^2_{\nu_j}(\delta_j), \qquad \lambda_j > 0

Its cumulant generating function is

.. math:: \kappa(s) = \sum_j \left[ -\frac{\nu_j}{2} \log(1 - 2 \lambda_j s)
    + \frac{\lambda_j \delta_j s}{1 - 2 \lambda_j s} \right],

and each tail is an integral along a path through its saddlepoint c, where
:math:`\kappa'(c) = x`:

.. math:: \Pr(Q > x) = \frac{1}{2 \pi i} \int_{c > 0} e^{\kappa(s) - s x}
    \frac{ds}{s}, \qquad
    \Pr(Q < x) = -\frac{1}{2 \pi i} \int_{c < 0} e^{\kappa(s) - s x} \frac{ds}{s} .

At the saddlepoint the integrand is as large as the tail itself, so that nothing
cancels and small probabilities keep their relative accuracy. The path is a hyperbola
that bends round the branch cut, on which the trapezoidal rule converges
geometrically; Imhof's and Davies' integrals are the same along the imaginary axis.

References
----------
Imhof (1961). Biometrika 48:419-426.
Davies (1980). Applied Statistics 29:323-333.
Rice (1980). SIAM Journal on Scientific and Statistical Computing 1:438-448.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from k2stats._typing import Floats

_STEP = 0.11
"""Width of the trapezoidal rule: error near exp(-2 pi (pi / 4) / h)."""
_BLOCK = 16
_BLOCKS = 40
_HELD = 1 << 16
_LAST = 1e-18
"""Share of the sum below which a block of nodes ends the rule."""

Cumulants = Callable[[NDArray[np.complex128]], NDArray[np.complex128]]


def chi2_mixture_p(
    x: Floats,
    weights: Floats,
    df: Floats | None = None,
    noncentrality: Floats | None = None,
    *,
    lower: bool = False,
) -> Floats:
    r"""Tail probability of a weighted sum of chi-squared variables.

    Parameters
    ----------
    x : ndarray, shape (...)
    weights : ndarray, shape (..., m)
        Not negative; a weight of zero leaves its term out.
    df : ndarray, shape (..., m), optional
        Degrees of freedom, one each when left out.
    noncentrality : ndarray, shape (..., m), optional
        Sums of squared means, none when left out.
    lower : bool
        The probability of less than x, in place of that of more.

    Returns
    -------
    ndarray, shape (...)
        Accurate to about 1e-13 of itself, however small.

    Examples
    --------
    >>> w = np.array([3.0, 2.0, 1.0])
    >>> round(float(chi2_mixture_p(np.array(20.0), w)), 10)
    0.0251265606
    """
    return np.asarray(
        np.exp(log_chi2_mixture_p(x, weights, df, noncentrality, lower=lower))
    )


def log_chi2_mixture_p(
    x: Floats,
    weights: Floats,
    df: Floats | None = None,
    noncentrality: Floats | None = None,
    *,
    lower: bool = False,
) -> Floats:
    """Logarithm of :func:`chi2_mixture_p`, exact where that underflows.

    Examples
    --------
    >>> w = np.array([1.0, 1.0])
    >>> round(float(log_chi2_mixture_p(np.array(4000.0), w)), 9)
    -2000.0
    """
    lam = np.asarray(weights, dtype=float)
    nu = np.ones_like(lam) if df is None else np.asarray(df, dtype=float)
    delta = np.zeros_like(lam)
    if noncentrality is not None:
        delta = np.asarray(noncentrality, dtype=float)
    lam, nu, delta = np.broadcast_arrays(lam, nu, delta)
    shape = np.broadcast_shapes(np.shape(x), lam.shape[:-1])
    flat = np.broadcast_to(x, shape).reshape(-1).astype(float)
    m = lam.shape[-1]
    lam, nu, delta = (
        np.broadcast_to(a, (*shape, m)).reshape(-1, m) for a in (lam, nu, delta)
    )
    with np.errstate(all="ignore"):
        out = _log_tail(flat, lam, nu, delta, lower=lower)
    return out.reshape(shape)


def _log_tail(
    x: Floats, lam: Floats, nu: Floats, delta: Floats, *, lower: bool
) -> Floats:
    size = lam.max(axis=-1, keepdims=True)
    size = np.where(size > 0.0, size, 1.0)
    lam, x = lam / size, x / size[:, 0]
    out = np.where(x > 0.0, np.nan, -np.inf if lower else 0.0)
    out = np.where(np.isposinf(x), 0.0 if lower else -np.inf, out)
    todo = (x > 0.0) & np.isfinite(x) & (lam.max(axis=-1) > 0.0)
    nothing = (x > 0.0) & ~(lam.max(axis=-1) > 0.0)
    out = np.where(nothing, 0.0 if lower else -np.inf, out)
    out = np.where(np.isnan(x) | np.isnan(lam).any(axis=-1), np.nan, out)
    if not todo.any():
        return np.asarray(out)
    x, lam, nu, delta = x[todo], lam[todo], nu[todo], delta[todo]

    central = not delta.any()
    # A few terms at a time: enough to vectorise, little enough to hold.
    step = max(1, _HELD // (x.size * _BLOCK))
    parts = [slice(j, j + step) for j in range(0, lam.shape[1], step)]

    def cumulants(s: NDArray[np.complex128]) -> NDArray[np.complex128]:
        total = np.zeros_like(s)
        for part in parts:
            scaled = lam[:, part, np.newaxis] * s[:, np.newaxis]
            free = 1.0 - 2.0 * scaled
            total -= 0.5 * np.einsum("ij,ijk->ik", nu[:, part], np.log(free))
            if not central:
                total += np.einsum("ij,ijk->ik", delta[:, part], scaled / free)
        return total

    saddle, curvature = _saddlepoint(x, lam, nu, delta)
    out[todo] = log_tail(
        x,
        cumulants,
        saddle,
        curvature,
        0.5,
        lower=lower,
        step=_STEP if central else 0.5 * _STEP,
    )
    return np.asarray(out)


def log_tail(
    x: Floats,
    cumulants: Cumulants,
    saddle: Floats,
    curvature: Floats,
    edge: Floats | float,
    *,
    lower: bool = False,
    step: float = _STEP,
) -> Floats:
    r"""Logarithm of a tail from the cumulant generating function itself.

    Parameters
    ----------
    x : ndarray, shape (n,)
        Positive.
    cumulants : callable
        :math:`\kappa(s)` for s of shape (n, nodes), real on the real axis, analytic
        but for a cut from `edge` to infinity.
    saddle, curvature : ndarray, shape (n,)
        Where :math:`\kappa'(s) = x`, at least nearly, and :math:`\kappa''` there.
    edge : ndarray or float
        Where the cut begins; positive.
    lower : bool
        The lower tail in place of the upper.
    step : float
        Width of the trapezoidal rule. Its error falls off as exp(-c / step); terms
        that are not central need half of what central ones do.
    """
    width = 1.0 / np.sqrt(curvature)
    # The pole at zero must not be too near; the tail that is wanted is not always
    # the one on whose side the saddlepoint lies, and the pole makes up for it.
    upper_side = saddle >= 0.0
    near = np.minimum(width, 0.4 * edge)
    c = np.where(upper_side, np.maximum(saddle, near), np.minimum(saddle, -near))
    b = np.minimum(np.abs(c), 1.2 * width)
    b = np.where(upper_side, np.minimum(b, edge - c), b)
    # Bend only as far out as the cut is: near the saddlepoint the integrand is a
    # normal density along the straight line, and turns fast beside it.
    bend = np.minimum(1.0, width / (edge - c))[:, np.newaxis]
    real = cumulants((c + 0j)[:, np.newaxis])[:, 0].real - c * x
    total = np.zeros_like(x)
    for block in range(_BLOCKS):
        tau = step * (np.arange(block * _BLOCK, (block + 1) * _BLOCK))
        s = c[:, np.newaxis] + b[:, np.newaxis] * (
            bend * (np.cosh(tau) - 1.0) + 1j * np.sinh(tau)
        )
        ds = b[:, np.newaxis] * (bend * np.sinh(tau) + 1j * np.cosh(tau))
        value = np.exp(cumulants(s) - s * x[:, np.newaxis] - real[:, np.newaxis])
        term = (value * ds / s).imag
        if block == 0:
            term[:, 0] *= 0.5
        term = np.where(np.isfinite(term), term, 0.0)
        total += term.sum(axis=-1)
        if (np.abs(term[:, -3:]).max(axis=-1) <= _LAST * np.abs(total)).all():
            break
    log_p = real + np.log(np.abs(total) * step / np.pi)
    wanted = upper_side != lower
    other = np.where(log_p < -1.0, np.log1p(-np.exp(log_p)), np.log(-np.expm1(log_p)))
    return np.asarray(np.where(wanted, log_p, other))


def _saddlepoint(
    x: Floats, lam: Floats, nu: Floats, delta: Floats
) -> tuple[Floats, Floats]:
    r"""Where :math:`\kappa'(s) = x`, and :math:`\kappa''` there.

    With the largest weight 1 the derivative rises from 0 to infinity as s goes from
    minus infinity to 1/2; one over it is close to linear, hence Newton for that,
    inside a bracket that always shrinks.
    """
    n = nu.sum(axis=-1) + delta.sum(axis=-1)
    top = np.where(lam == 1.0, nu + delta, 0.0).sum(axis=-1)
    # 1 - 2 s is at most (n + ...) / x and at least the share of the largest weight.
    low = 0.5 - np.maximum(n / x, np.sqrt(n / x)) - 1.0
    high = 0.5 - 0.25 * np.minimum(top / x, 1.0)
    high = np.minimum(high, 0.5 - 1e-300)
    s = np.clip(0.5 - 0.5 * n / x, low, high)
    for _ in range(200):
        first, second = _derivatives(s, lam, nu, delta)
        low, high = np.where(first < x, s, low), np.where(first < x, high, s)
        new = s + first / x * (x - first) / second
        new = np.where((new > low) & (new < high), new, 0.5 * (low + high))
        done = np.abs(new - s) <= 1e-10 * np.abs(0.5 - s)
        s = new
        if done.all():
            break
    return s, _derivatives(s, lam, nu, delta)[1]


def _derivatives(
    s: Floats, lam: Floats, nu: Floats, delta: Floats
) -> tuple[Floats, Floats]:
    """First and second derivative of the cumulant generating function."""
    a = lam / (1.0 - 2.0 * lam * s[:, np.newaxis])
    free = 1.0 - 2.0 * lam * s[:, np.newaxis]
    first = (nu * a + delta * a / free).sum(axis=-1)
    second = (2.0 * nu * a * a + 4.0 * delta * a * a / free).sum(axis=-1)
    return first, second
