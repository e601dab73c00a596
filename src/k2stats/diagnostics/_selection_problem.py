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
    def p(self) -> int:
        """Number of coefficients."""
        return int(self.data.X.shape[-1])

    @property
    def low(self) -> Floats:
        """Lower bounds."""
        tau2 = 0.0 if self.fixed_tau2 is None else self.fixed_tau2
        return self._bounds(-np.inf, tau2, self.weights.low)

    @property
    def high(self) -> Floats:
        """Upper bounds."""
        most = (FAR * self.spread) ** 2
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
        beta, rest = x[..., : self.p], x[..., self.p :]
        return np.concatenate(
            [beta / self.spread, np.log1p(rest / self.units)], axis=-1
        )

    def natural(self, u: Floats) -> Floats:
        """Back to beta, tau2 and delta, kept within the bounds."""
        beta, rest = u[..., : self.p], u[..., self.p :]
        x = np.concatenate([beta * self.spread, self.units * np.expm1(rest)], axis=-1)
        return np.asarray(np.clip(x, self.low, self.high))

    def scaled_value(
        self, u: Floats, counts: Floats | None = None
    ) -> tuple[Floats, Floats]:
        """Log-likelihood and gradient in the variables of the search."""
        value, gradient = self.value(self.natural(u), counts)
        rest = self.units * np.exp(u[..., self.p :])
        chain = np.concatenate(
            [np.full(u[..., : self.p].shape, self.spread), rest], axis=-1
        )
        return value, gradient * chain
