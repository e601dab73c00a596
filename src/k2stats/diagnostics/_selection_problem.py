"""The likelihood of a selection model as a function of one vector, and its scales."""

from dataclasses import dataclass

import numpy as np

from k2stats._typing import Floats
from k2stats.diagnostics._selection_likelihood import Published, log_likelihood
from k2stats.diagnostics.weight_functions import Weights

_UNIT = 0.01
"""Below it delta is searched on a linear scale, above it on a logarithmic one; so is
tau2, in units of the effects' variance."""
FAR = 200.0
"""Standard deviations of the effects within which the maximum is looked for."""


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """The likelihood as a function of one vector: beta, tau2 and delta, with bounds.

    Attributes
    ----------
    data : Published
    weights : Weights
    fixed_tau2 : float or None
    fixed_delta : ndarray, shape (m,)
        NaN where delta is to be estimated.
    spread : float
        Scale of the effects.
    """

    data: Published
    weights: Weights
    fixed_tau2: float | None
    fixed_delta: Floats
    spread: float

    @property
    def lift(self) -> Floats:
        r"""Which deltas are searched from the least that tau2 allows, as 0 or 1.

        A weight that grows like :math:`e^{(1 - \delta) z^2 / 2}` can be normalised
        only where :math:`\delta \ge \tau^2 / (v_k + \tau^2)` for every study.
        """
        return np.where(np.isnan(self.fixed_delta), self.weights.lift, 0.0)

    def _least(self, tau2: Floats) -> tuple[Floats, Floats]:
        """Least delta at values of tau2, and its derivative; shape (..., 1)."""
        t = np.asarray(tau2)[..., np.newaxis]
        v = float(self.data.v.min())
        return t / (v + t), v / (v + t) ** 2

    def lifted(self, x: Floats) -> Floats:
        """Return vectors with deltas counted from the least that tau2 allows."""
        delta = x[..., self.p + 1 :] - self.lift * self._least(x[..., self.p])[0]
        return np.concatenate([x[..., : self.p + 1], delta], axis=-1)

    def settled(self, z: Floats) -> Floats:
        """Turn :meth:`lifted` round."""
        delta = z[..., self.p + 1 :] + self.lift * self._least(z[..., self.p])[0]
        return np.concatenate([z[..., : self.p + 1], delta], axis=-1)

    def settled_cov(self, cov: Floats, z: Floats) -> Floats:
        """Covariance of beta, tau2 and delta from that of a lifted vector."""
        if not self.lift.any():
            return cov
        turn = np.eye(z.size)
        turn[self.p + 1 :, self.p] = self.lift * self._least(z[self.p])[1]
        known = np.nan_to_num(cov)
        out = np.asarray(turn @ known @ turn.T)
        gone = np.isnan(np.diag(cov))
        out[gone, :], out[:, gone] = np.nan, np.nan
        return out

    def lifted_value(
        self, z: Floats, counts: Floats | None = None
    ) -> tuple[Floats, Floats]:
        """Log-likelihood and gradient in lifted vectors."""
        value, gradient = self.value(self.settled(z), counts)
        if not self.lift.any():
            return value, gradient
        slope = self.lift * self._least(z[..., self.p])[1]
        gradient = gradient.copy()
        with np.errstate(invalid="ignore"):
            gradient[..., self.p] += (gradient[..., self.p + 1 :] * slope).sum(axis=-1)
        return value, gradient

    @property
    def p(self) -> int:
        """Number of coefficients."""
        return int(self.data.X.shape[-1])

    @property
    def low(self) -> Floats:
        """Lower bounds of lifted vectors."""
        tau2 = 0.0 if self.fixed_tau2 is None else self.fixed_tau2
        return self._bounds(-np.inf, tau2, self.weights.low)

    @property
    def high(self) -> Floats:
        """Upper bounds of lifted vectors."""
        most = (FAR * self.spread) ** 2
        held = self.fixed_delta[(self.weights.lift > 0.0) & (self.fixed_delta < 1.0)]
        if held.size:  # tau2 up to which the weight given can be normalised
            least = float(held.min())
            most = min(most, float(self.data.v.min()) * least / (1.0 - least))
        tau2 = most if self.fixed_tau2 is None else self.fixed_tau2
        return self._bounds(np.inf, tau2, self.weights.high)

    def _bounds(self, beta: float, tau2: float, delta: Floats) -> Floats:
        free = np.isnan(self.fixed_delta)
        chosen = np.where(free, delta, np.nan_to_num(self.fixed_delta))
        return np.concatenate([np.full(self.p, beta), [tau2], chosen])

    def value(self, x: Floats, counts: Floats | None = None) -> tuple[Floats, Floats]:
        """Log-likelihood and gradient at vectors, shape (..., p + 1 + m)."""
        return log_likelihood(
            self.data,
            self.weights.selection,
            x[..., : self.p],
            x[..., self.p],
            x[..., self.p + 1 :],
            counts,
        )

    @property
    def units(self) -> Floats:
        """Scales of tau2 and of delta, below which the search is linear."""
        m = self.fixed_delta.size
        return np.concatenate([[_UNIT * self.spread**2], np.full(m, _UNIT)])

    def scaled(self, x: Floats) -> Floats:
        """Variables of the search."""
        return self.scaled_of(np.clip(self.lifted(x), self.low, self.high))

    def scaled_of(self, z: Floats) -> Floats:
        """Variables of the search, from lifted vectors."""
        beta, rest = z[..., : self.p], z[..., self.p :]
        return np.concatenate(
            [beta / self.spread, np.log1p(rest / self.units)], axis=-1
        )

    def natural(self, u: Floats) -> Floats:
        """Back to beta, tau2 and delta, kept within the bounds."""
        return self.settled(self._lifted_of(u))

    def _lifted_of(self, u: Floats) -> Floats:
        beta, rest = u[..., : self.p], u[..., self.p :]
        z = np.concatenate([beta * self.spread, self.units * np.expm1(rest)], axis=-1)
        return np.asarray(np.clip(z, self.low, self.high))

    def scaled_value(
        self, u: Floats, counts: Floats | None = None
    ) -> tuple[Floats, Floats]:
        """Log-likelihood and gradient in the variables of the search."""
        value, gradient = self.lifted_value(self._lifted_of(u), counts)
        rest = self.units * np.exp(u[..., self.p :])
        chain = np.concatenate(
            [np.full(u[..., : self.p].shape, self.spread), rest], axis=-1
        )
        return value, gradient * chain
