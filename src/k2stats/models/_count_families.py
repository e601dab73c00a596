"""Log-likelihoods of counts as functions of a linear predictor."""

from typing import Protocol

import numpy as np
from scipy import special

from k2stats._typing import Floats
from k2stats.numerics.factorials import factorial_remainder
from k2stats.numerics.noncentral import NoncentralLogLik


class Family(Protocol):
    """K counts; the linear predictor has shape (..., K, N)."""

    def value(self, eta: Floats) -> Floats:
        """Log-likelihood of each count, its constant included."""

    def parts(self, eta: Floats) -> tuple[Floats, Floats, Floats]:
        """Log-likelihood, slope and curvature."""


class Binomial:
    r"""Events out of n with log odds :math:`\eta`.

    .. math:: \ell(\eta) = \log\binom{n}{x} + x \eta - n \log(1 + e^\eta)
    """

    def __init__(self, x: Floats, n: Floats) -> None:
        self._x, self._n = x[:, np.newaxis], n[:, np.newaxis]
        # log C(n, x) from the parts that do not cancel; entr(p) = -p log p.
        with np.errstate(invalid="ignore", divide="ignore"):
            p = np.where(n > 0, x / np.where(n > 0, n, 1.0), 0.0)
        entropy = n * (special.entr(p) + special.entr(1.0 - p))
        rest = (
            factorial_remainder(n) - factorial_remainder(x) - factorial_remainder(n - x)
        )
        self._constant = (entropy + rest)[:, np.newaxis]
        self.saturated = rest
        """Greatest log-likelihood of each count."""

    def value(self, eta: Floats) -> Floats:
        """Log-likelihood of each count."""
        soft = np.log1p(np.exp(-np.abs(eta))) + np.maximum(eta, 0.0)
        return np.asarray(self._constant + self._x * eta - self._n * soft)

    def parts(self, eta: Floats) -> tuple[Floats, Floats, Floats]:
        """Log-likelihood, slope and curvature."""
        p = special.expit(eta)
        mean = self._n * p
        return self.value(eta), self._x - mean, -mean * special.expit(-eta)


class Poisson:
    r"""Events in person-time t with log rate :math:`\eta`.

    .. math:: \ell(\eta) = x (\eta + \log t) - t e^\eta - \log x!
    """

    def __init__(self, x: Floats, t: Floats) -> None:
        self._x, self._t = x[:, np.newaxis], t[:, np.newaxis]
        log_factorial = special.xlogy(x, x) - x + factorial_remainder(x)
        self._constant = (special.xlogy(x, t) - log_factorial)[:, np.newaxis]
        self.saturated = -factorial_remainder(x)
        """Greatest log-likelihood of each count."""

    def value(self, eta: Floats) -> Floats:
        """Log-likelihood of each count."""
        with np.errstate(over="ignore"):
            mean = self._t * np.exp(eta)
        return np.asarray(self._constant + self._x * eta - mean)

    def parts(self, eta: Floats) -> tuple[Floats, Floats, Floats]:
        """Log-likelihood, slope and curvature."""
        with np.errstate(over="ignore"):
            mean = self._t * np.exp(np.minimum(eta, 600.0))
        return self._constant + self._x * eta - mean, self._x - mean, -mean


class Conditional:
    r"""Events in group 1 given both margins, with log odds ratio :math:`\eta`.

    The noncentral hypergeometric distribution, whole, not approximated.
    """

    def __init__(self, x: Floats, n1: Floats, n2: Floats, m: Floats) -> None:
        whole = [v.astype(np.int64) for v in (x, n1, n2, m)]
        self._table = NoncentralLogLik(*whole)
        self.saturated = _greatest(self._table, x, n1, n2, m)
        """Greatest log-likelihood of each count."""

    def value(self, eta: Floats) -> Floats:
        """Log-likelihood of each count."""
        return self._table.parts(eta)[0]

    def parts(self, eta: Floats) -> tuple[Floats, Floats, Floats]:
        """Log-likelihood, slope and curvature."""
        return self._table.parts(eta)


def _greatest(
    table: NoncentralLogLik, x: Floats, n1: Floats, n2: Floats, m: Floats
) -> Floats:
    """Log-likelihood at each table's own conditional estimate; 0 where infinite."""
    least, most = np.maximum(0.0, m - n2), np.minimum(n1, m)
    edge = (x == least) | (x == most)
    eta = np.log((x + 0.5) * (n2 - m + x + 0.5) / ((n1 - x + 0.5) * (m - x + 0.5)))
    eta = np.where(edge, 0.0, eta)[:, np.newaxis]
    for _ in range(100):
        _, slope, curvature = table.parts(eta)
        step = np.where(
            edge[:, np.newaxis], 0.0, -slope / np.minimum(curvature, -1e-12)
        )
        step = np.clip(step, -1.0, 1.0)
        eta = eta + step
        if np.abs(step).max(initial=0.0) < 1e-9:
            break
    return np.where(edge, 0.0, table.parts(eta)[0][:, 0])
