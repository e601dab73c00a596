r"""Log-likelihood of noncentral hypergeometric counts, as fast as a polynomial.

Given its margins a 2x2 table with log odds ratio :math:`\eta` has

.. math:: \ell(\eta) = \log P(x; \eta)
    = -\log \sum_k \frac{w_k}{w_x} e^{(k - x) \eta},
    \qquad w_k = \binom{n_1}{k} \binom{n_2}{m - k}.

The polynomial in :math:`e^\eta` has real negative roots only, so the function is
analytic within :math:`|\operatorname{Im} \eta| < \pi`. On pieces one unit wide its
Chebyshev interpolant of 20 points is exact to rounding.
"""

import numpy as np
from numpy.polynomial import chebyshev

from k2stats._typing import Floats, Ints
from k2stats.numerics.hypergeometric import Tables, log_pmf

_POINTS = 20
_LEAST_LOG = 60.0
_REACH = 300
"""Log odds ratios beyond this are taken as this."""


def noncentral_support(x: int, n1: int, n2: int, m: int) -> tuple[Floats, Floats]:
    """Support relative to the count observed, and log weights relative to its own.

    Examples
    --------
    >>> offset, logs = noncentral_support(3, 4, 4, 4)
    >>> offset.tolist(), np.exp(logs).round(6).tolist()
    ([-3.0, -2.0, -1.0, 0.0, 1.0], [0.0625, 1.0, 2.25, 1.0, 0.0625])
    """
    k = np.arange(max(0, m - n2), min(n1, m) + 1)
    table = Tables(*(np.array([v]) for v in (x, n1, n2, m)))
    logs = log_pmf(k, table, np.zeros(k.size, dtype=np.int64))
    return (k - x).astype(float), logs - logs[np.searchsorted(k, x)]


class NoncentralLogLik:
    r"""The function :math:`\ell(\eta)` of K tables, with two derivatives.

    Parameters
    ----------
    x, n1, n2, m : ndarray of int, shape (K,)
        Events in group 1, sizes of the groups, events together.

    Examples
    --------
    >>> tea = NoncentralLogLik(*(np.array([k]) for k in (3, 4, 4, 4)))
    >>> value, slope, curvature = tea.parts(np.array([[0.0]]))
    >>> float(np.exp(value[0, 0])).__round__(10) == round(16 / 70, 10)
    True
    """

    def __init__(self, x: Ints, n1: Ints, n2: Ints, m: Ints) -> None:
        self._supports = [
            noncentral_support(*map(int, row)) for row in zip(x, n1, n2, m, strict=True)
        ]
        self._position = np.full(2 * _REACH + 1, -1, dtype=np.int64)
        self._coefficients = np.empty((len(self._supports), 0, _POINTS))

    def parts(self, eta: Floats) -> tuple[Floats, Floats, Floats]:
        """Value, slope and curvature; `eta` of shape (..., K, N)."""
        eta = np.clip(eta, -_REACH, _REACH - 1e-9)
        cell = np.floor(eta)
        t = 2.0 * (eta - cell) - 1.0
        at = cell.astype(np.int64) + _REACH
        self._prepare(at)
        rows = np.arange(len(self._supports))[:, np.newaxis]
        index = rows * self._coefficients.shape[1] + self._position[at]
        table = self._coefficients.reshape(-1, _POINTS).T
        value = table[-1][index]
        slope, curvature = np.zeros_like(value), np.zeros_like(value)
        for k in range(_POINTS - 2, -1, -1):  # Horner's rule, with derivatives.
            curvature = curvature * t + 2.0 * slope
            slope = slope * t + value
            value = value * t + table[k][index]
        return value, 2.0 * slope, 4.0 * curvature

    def _prepare(self, at: Ints) -> None:
        """Interpolate on the pieces that are asked for the first time."""
        seen = np.zeros(self._position.size, dtype=bool)
        seen[at] = True
        new = np.flatnonzero(seen & (self._position < 0))
        if not new.size:
            return
        nodes = chebyshev.chebpts1(_POINTS)
        eta = (new - _REACH)[:, np.newaxis] + 0.5 * (nodes + 1.0)
        values = np.array([[_direct(*s, row) for row in eta] for s in self._supports])
        series = chebyshev.chebvander(nodes, _POINTS - 1).T @ values[..., np.newaxis]
        scale = np.full(_POINTS, 2.0 / _POINTS)
        scale[0] = 1.0 / _POINTS
        monomial = np.zeros((_POINTS, _POINTS))
        for k in range(_POINTS):
            power = chebyshev.cheb2poly(np.eye(_POINTS)[k][: k + 1])
            monomial[k, : power.size] = power
        fresh = (series[..., 0] * scale) @ monomial
        start = self._coefficients.shape[1]
        self._position[new] = np.arange(start, start + new.size)
        self._coefficients = np.concatenate([self._coefficients, fresh], axis=1)


def _direct(offset: Floats, logs: Floats, eta: Floats) -> Floats:
    """Log-likelihood at points within one unit, over the outcomes that matter."""
    centre = 0.5 * (eta[0] + eta[-1])
    terms = logs + offset * centre
    at = int(np.argmax(terms))
    # Half a unit away an outcome gains at most half its distance from the mode.
    near = terms - terms[at] + np.abs(offset - offset[at]) > -_LEAST_LOG
    terms = terms[near] + np.multiply.outer(eta - centre, offset[near])
    top = terms.max(axis=1, keepdims=True)
    return np.asarray(-np.log(np.exp(terms - top).sum(axis=1)) - top[:, 0])
