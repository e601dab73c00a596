r"""Likelihood of published effects under selection by a weight function.

.. math:: \ell = \sum_k \bigl[\log w(p_k; \delta) + \log\phi(y_k; \mu_k, \sigma_k^2)
    - \log A_k\bigr], \qquad A_k = \int w(p(y / s_k); \delta)\,
    \phi(y; \mu_k, \sigma_k^2)\,dy, \quad \sigma_k^2 = v_k + \tau^2

Everything broadcasts over leading axes of the parameters, so that a grid of starting
values is one call.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy import special

from k2stats._typing import Alternative, Floats

_LOG_ROOT_2PI = 0.5 * np.log(2.0 * np.pi)


@dataclass(frozen=True, slots=True, eq=False)
class Published:
    """The studies of a selection model.

    Attributes
    ----------
    y, v : ndarray, shape (K,)
    X : ndarray, shape (K, p)
    alternative : {"greater", "less", "two-sided"}
        Of the p-values that the selection acts on.
    """

    y: Floats
    v: Floats
    X: Floats
    alternative: Alternative

    @property
    def sign(self) -> float:
        """Minus one where small effects are selected."""
        return -1.0 if self.alternative == "less" else 1.0


class Selection(Protocol):
    r"""Weights of the studies and their integrals, with derivatives.

    ``log_weight(delta)`` gives :math:`\log w_k`, shape (..., K), and its gradient
    in delta, shape (..., K, m); ``log_mass(mu, s2, delta)`` gives
    :math:`\log A_k` and its gradients in mu, in :math:`\sigma^2` and in delta.
    """

    def log_weight(self, delta: Floats) -> tuple[Floats, Floats]:
        """Return the logarithms of the weights and their gradient."""
        ...

    def log_mass(
        self, mu: Floats, s2: Floats, delta: Floats
    ) -> tuple[Floats, Floats, Floats, Floats]:
        """Return the logarithms of the integrals and their gradients."""
        ...


def log_likelihood(
    data: Published,
    selection: Selection,
    beta: Floats,
    tau2: Floats,
    delta: Floats,
    counts: Floats | None = None,
) -> tuple[Floats, Floats]:
    """Log-likelihood and its gradient.

    Parameters
    ----------
    data : Published
    selection : Selection
    beta : ndarray, shape (..., p)
    tau2 : ndarray, shape (...)
    delta : ndarray, shape (..., m)
    counts : ndarray, shape (..., K), optional
        How often each study is there, as in a resample; once when left out.

    Returns
    -------
    value : ndarray, shape (...)
    gradient : ndarray, shape (..., p + 1 + m)
        In beta, tau2 and delta; minus infinity and NaN where A is infinite.
    """
    mu = beta @ data.X.T
    s2 = data.v + np.asarray(tau2)[..., np.newaxis]
    with np.errstate(all="ignore"):
        r = data.y - mu
        log_w, dw = selection.log_weight(delta)
        log_a, a_mu, a_s2, a_delta = selection.log_mass(mu, s2, delta)
        log_f = -_LOG_ROOT_2PI - 0.5 * np.log(s2) - 0.5 * r * r / s2
        each = log_w + log_f - log_a
        d_mu = r / s2 - a_mu
        d_s2 = 0.5 * (r * r / s2 - 1.0) / s2 - a_s2
        d_delta = dw - a_delta
        if counts is not None:
            # Studies that are not there do not count, whatever their likelihood.
            there = counts > 0.0
            each = np.where(there, counts * each, 0.0)
            d_mu = np.where(there, counts * d_mu, 0.0)
            d_s2 = np.where(there, counts * d_s2, 0.0)
            d_delta = np.where(
                there[..., np.newaxis], counts[..., np.newaxis] * d_delta, 0.0
            )
        value = each.sum(axis=-1)
        gradient = np.concatenate(
            [
                d_mu @ data.X,
                d_s2.sum(axis=-1)[..., np.newaxis],
                d_delta.sum(axis=-2),
            ],
            axis=-1,
        )
    return np.where(np.isnan(value), -np.inf, value), gradient


def each_log_likelihood(
    data: Published, selection: Selection, beta: Floats, tau2: Floats, delta: Floats
) -> Floats:
    """Log-likelihood of every study by itself, shape (..., K)."""
    s2 = data.v + np.asarray(tau2)[..., np.newaxis]
    mu = beta @ data.X.T
    with np.errstate(all="ignore"):
        log_w = selection.log_weight(delta)[0]
        log_a = selection.log_mass(mu, s2, delta)[0]
        r = data.y - mu
        value = log_w - _LOG_ROOT_2PI - 0.5 * np.log(s2) - 0.5 * r * r / s2 - log_a
    return np.where(np.isnan(value), -np.inf, value)


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    r"""Weights that are constant between cut points of y: A in closed form.

    Attributes
    ----------
    cuts : ndarray, shape (K, J - 1)
        Of each study, falling, in the direction that is selected for.
    two_sided : bool
        The pieces are of :math:`|y|`.
    piece : ndarray of int, shape (K,)
        That each study lies in.
    sign : float
        Minus one where small effects are selected.
    pieces : int
        J.
    """

    cuts: Floats
    two_sided: bool
    piece: np.ndarray[tuple[int, ...], np.dtype[np.int64]]
    sign: float
    pieces: int

    @classmethod
    def of(cls, data: Published, cuts: Floats) -> "Pieces":
        """Sort the studies into pieces."""
        two_sided = data.alternative == "two-sided"
        y = np.abs(data.y) if two_sided else data.sign * data.y
        piece = (y[:, np.newaxis] < cuts).sum(axis=-1)
        return cls(cuts, two_sided, piece, data.sign, cuts.shape[-1] + 1)

    def log_weight(self, delta: Floats) -> tuple[Floats, Floats]:
        """Weights: 1 in the first piece, delta in the others."""
        every = np.concatenate([np.ones((*delta.shape[:-1], 1)), delta], axis=-1)
        chosen = every[..., self.piece]
        there = self.piece[:, np.newaxis] == np.arange(1, self.pieces)
        return np.log(chosen), there / chosen[..., np.newaxis]

    def log_mass(
        self, mu: Floats, s2: Floats, delta: Floats
    ) -> tuple[Floats, Floats, Floats, Floats]:
        """Sum of the probabilities of the pieces, weighted."""
        s = np.sqrt(s2)[..., np.newaxis]
        mean = self.sign * mu[..., np.newaxis]
        mass, d_mean, d_s2 = _probabilities(self.cuts, mean, s)
        if self.two_sided:
            other, o_mean, o_s2 = _probabilities(self.cuts, -mean, s)
            # The last piece, |y| below every cut, is what both one-sided ones share.
            shift = np.zeros(self.pieces)
            shift[-1] = 1.0
            mass = mass + other - shift
            d_mean, d_s2 = d_mean - o_mean, d_s2 + o_s2
            last = special.ndtr((self.cuts[:, -1:] - mean) / s)
            low = special.ndtr((-self.cuts[:, -1:] - mean) / s)
            mass[..., -1] = (last - low)[..., 0]
        every = np.concatenate([np.ones((*delta.shape[:-1], 1)), delta], axis=-1)
        w = every[..., np.newaxis, :]
        total = (mass * w).sum(axis=-1)
        return (
            np.log(total),
            self.sign * (d_mean * w).sum(axis=-1) / total,
            (d_s2 * w).sum(axis=-1) / total,
            mass[..., 1:] / total[..., np.newaxis],
        )


def _probabilities(
    cuts: Floats, mean: Floats, s: Floats
) -> tuple[Floats, Floats, Floats]:
    """Probability of each piece, with derivatives in the mean and the variance."""
    a = (cuts - mean) / s
    # From above where the piece is above the mean, from below where below.
    upper = special.ndtr(-a)
    lower = special.ndtr(a)
    above = np.diff(upper, axis=-1)
    below = -np.diff(lower, axis=-1)
    middle = np.where(a[..., 1:] > 0.0, above, below)
    mass = np.concatenate([upper[..., :1], middle, lower[..., -1:]], axis=-1)
    density = np.exp(-0.5 * a * a - _LOG_ROOT_2PI) / s
    by_mean = _differences(density)
    by_s2 = _differences(0.5 * density * a / s)
    return mass, by_mean, by_s2


def _differences(upper: Floats) -> Floats:
    """From derivatives of upper tails to those of the pieces between."""
    zero = np.zeros((*upper.shape[:-1], 1))
    return np.diff(np.concatenate([zero, upper, zero], axis=-1), axis=-1)
