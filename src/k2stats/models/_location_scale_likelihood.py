r"""Likelihood of location-scale models, its slope and curvature in the scale.

.. math:: y_k \sim N(x_k^\top\beta, v_k + \tau_k^2), \qquad
    \tau_k^2 = \exp(z_k^\top\alpha) \quad\text{or}\quad z_k^\top\alpha

With :math:`r = P y` and :math:`u_k = \tfrac12 (r_k^2 - P_{kk})` (restricted) or
:math:`\tfrac12 (r_k^2 - w_k)`, the derivatives by the variances are

.. math:: \frac{\partial\ell}{\partial\tau_k^2} = u_k, \qquad
    \frac{\partial^2\ell}{\partial\tau_i^2 \partial\tau_j^2} =
    \tfrac12 P_{ij}^2 - r_i P_{ij} r_j

(:math:`\tfrac12 w_i^2` on the diagonal alone in place of :math:`\tfrac12 P_{ij}^2` for
the full likelihood). No matrix of K rows and columns is formed.
"""

from dataclasses import dataclass, field

import numpy as np

from k2stats._typing import Floats
from k2stats.numerics.wls import Projection, project


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    r"""The likelihood of one data set.

    Attributes
    ----------
    y, v : ndarray, shape (K,)
    X : ndarray, shape (K, p)
    Z : ndarray, shape (K, q)
    log_link, restricted : bool
    offset : ndarray of shape (K,), or 0.0
        What is added to :math:`z_k^\top\alpha`: a coefficient that is held.
    """

    y: Floats
    v: Floats
    X: Floats
    Z: Floats
    log_link: bool
    restricted: bool
    offset: Floats | float = 0.0
    unweighted: float = field(init=False)
    """Logarithm of the determinant of X'X."""

    def __post_init__(self) -> None:
        known = float(project(np.ones(self.y.size), self.X).log_det())
        object.__setattr__(self, "unweighted", known)

    def eta(self, alpha: Floats) -> Floats:
        """Scale of each study, on the scale of the link."""
        return np.asarray(self.Z @ alpha + self.offset)

    def tau2(self, alpha: Floats) -> Floats:
        """Variance between studies of each study."""
        eta = self.eta(alpha)
        return np.asarray(np.exp(np.minimum(eta, 500.0)) if self.log_link else eta)

    def loglik(self, alpha: Floats) -> float:
        """Log-likelihood; minus infinity outside of the parameter space."""
        tau2 = self.tau2(alpha)
        if (tau2 < 0.0).any():
            return -np.inf
        w = self._weights(tau2)
        p = project(w, self.X)
        return self._value(w, p, p.residual(self.y))

    def slope(self, alpha: Floats) -> tuple[Floats, Floats]:
        """Gradient and matrix of second derivatives in alpha."""
        return self.surroundings(alpha)[1:]

    def surroundings(self, alpha: Floats) -> tuple[float, Floats, Floats]:
        """Log-likelihood, gradient and matrix of second derivatives in alpha.

        Minus infinity and NaN outside of the parameter space.
        """
        tau2 = self.tau2(alpha)
        if (tau2 < 0.0).any():
            gap = np.full((alpha.size, alpha.size), np.nan)
            return -np.inf, gap[0], gap
        w = self._weights(tau2)
        p = project(w, self.X)
        rest = p.residual(self.y)
        value = self._value(w, p, rest)
        r = w * rest
        diagonal = w * p.free_share() if self.restricted else w
        u = 0.5 * (r * r - diagonal)
        d = tau2 if self.log_link else np.ones_like(tau2)
        A = d[:, np.newaxis] * self.Z
        gradient = A.T @ u
        hessian = self._second(A, w, p.u, r)
        if self.log_link:
            hessian = hessian + self.Z.T @ ((u * d)[:, np.newaxis] * self.Z)
        return value, np.asarray(gradient), np.asarray(hessian)

    def _weights(self, tau2: Floats) -> Floats:
        with np.errstate(over="ignore"):
            return np.asarray(1.0 / (self.v + tau2))

    def _value(self, w: Floats, p: Projection, rest: Floats) -> float:
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            out = 0.5 * (np.log(w).sum() - (w * rest**2).sum())
            n = self.y.size
            if self.restricted:
                n -= self.X.shape[1]
                out = out + 0.5 * (self.unweighted - p.log_det())
            value = float(out - 0.5 * n * np.log(2.0 * np.pi))
        return value if np.isfinite(value) else -np.inf

    def _second(self, A: Floats, w: Floats, u: Floats | None, r: Floats) -> Floats:
        """Second derivatives by the variances, between columns of A."""
        assert u is not None
        f = np.sqrt(w)[:, np.newaxis] * u  # P = diag(w) - f f'
        ar = A * r[:, np.newaxis]
        inner = f.T @ ar
        product = ar.T @ (w[:, np.newaxis] * ar) - inner.T @ inner
        if not self.restricted:
            return np.asarray(0.5 * (A.T @ ((w * w)[:, np.newaxis] * A)) - product)
        share = (f * f).sum(axis=1)
        own = A.T @ ((w * w - 2.0 * w * share)[:, np.newaxis] * A)
        crossed = np.einsum("ka,ki,kj->aij", A, f, f)
        squares = own + np.einsum("aij,bij->ab", crossed, crossed)
        return np.asarray(0.5 * squares - product)
