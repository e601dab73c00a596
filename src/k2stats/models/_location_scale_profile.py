r"""Profile-likelihood intervals of the scale coefficients of a location-scale model.

The limits of :math:`\alpha_j` are where

.. math:: 2\bigl(\ell(\hat\alpha) - \max_{\alpha_{-j}} \ell(\alpha)\bigr) =
    \chi^2_{1, 1-\gamma},

the location coefficients profiled out, or integrated out by the restricted likelihood.
Each maximum over the other coefficients is searched for from several starts.
"""

from dataclasses import dataclass

import numpy as np
from scipy import optimize, special

from k2stats._typing import Floats
from k2stats.models._location_scale_likelihood import Surface
from k2stats.models._location_scale_search import climb, search

_STEPS = (0.4, 0.8, 1.2, 1.6, 2.0, 2.5, 3.0, 4.0, 5.0, 7.0, 10.0, 15.0, 25.0, 40.0)
"""Where the profile is looked at, in widths from the estimate; then doubled."""
_FAR = 60.0
"""A log of tau2 that has moved as far has left every number that data could tell."""
_LEAST = 1e-6
"""How near the edge of what is allowed is looked at, as a share of the way there."""


@dataclass(frozen=True, slots=True, eq=False)
class ScaleProfile:
    """The likelihood behind the scale part of a fit.

    Attributes
    ----------
    y, v : ndarray, shape (K,)
    X : ndarray, shape (K, p)
        Columns of the location.
    Z : ndarray, shape (K, q)
        Columns of the scale.
    log_link, restricted : bool
    alpha : ndarray, shape (q,)
        Where the likelihood is highest.
    loglik : float
        Its value there.
    se : ndarray, shape (q,)
        Wald's standard errors, NaN where undefined.
    """

    y: Floats
    v: Floats
    X: Floats
    Z: Floats
    log_link: bool
    restricted: bool
    alpha: Floats
    loglik: float
    se: Floats

    def limits(self, level: float) -> tuple[Floats, Floats]:
        """Lower and upper limits of every scale coefficient, infinite where open."""
        ends = [
            [_Line(self, j, level).end(sign) for j in range(self.alpha.size)]
            for sign in (-1.0, 1.0)
        ]
        return np.array(ends[0]), np.array(ends[1])

    def at(self, j: int, value: float) -> float:
        """Return the profile of coefficient `j`: the highest likelihood with it held.

        Minus infinity where no others are compatible with it.
        """
        return _Line(self, j, 0.95).height(value)


class _Line:
    """The profile of one coefficient, along which a limit is looked for."""

    def __init__(self, model: ScaleProfile, j: int, level: float) -> None:
        self._model, self._j = model, j
        self._cut = model.loglik - 0.5 * float(special.ndtri(0.5 + 0.5 * level)) ** 2
        rest = np.delete(model.Z, j, axis=1)
        k = rest.shape[0]
        # columns of a size that the search is made for
        self._rest = np.sqrt(k) * np.linalg.qr(rest)[0] if rest.shape[1] else rest
        self._column = model.Z[:, j]
        self._near: Floats | None = None
        size = float(np.abs(self._column).max())
        se = float(model.se[j])
        unit = 1.0 if model.log_link else float(np.median(model.v))
        self._width = se if np.isfinite(se) and se > 0.0 else unit / size
        self._reach = _FAR / size if model.log_link else 2.0**40 * self._width

    def height(self, value: float, *, anew: bool = True) -> float:
        """Highest likelihood with the coefficient held.

        Parameters
        ----------
        value : float
        anew : bool
            Search from every start, not only from where the last search ended.
        """
        m = self._model
        held = self._column * value
        surface = Surface(m.y, m.v, m.X, self._rest, m.log_link, m.restricted, held)
        if self._rest.shape[1] == 0:
            return surface.loglik(np.zeros(0))
        near = [] if self._near is None else [self._near]
        best = climb(surface, near[0]) if near and not anew else search(surface, near)
        if np.isfinite(best.loglik):
            self._near = best.alpha
        elif not anew:
            return self.height(value)
        return best.loglik

    def end(self, sign: float) -> float:
        """Outermost limit on one side that the scan meets; infinite where open."""
        start = float(self._model.alpha[self._j])
        edge = self._edge(sign)
        most = min(self._reach, (1.0 - _LEAST) * abs(edge - start))
        inside, outside = 0.0, 0.0
        self.height(start)
        for step in self._scan(most):
            value = start + sign * step
            high = self.height(value, anew=False) >= self._cut
            if high or (outside == 0.0 and self.height(value) >= self._cut):
                inside, outside = step, 0.0
            elif outside == 0.0:
                outside = step
            elif step > 4.0 * outside + 10.0 * self._width:
                break
        if outside == 0.0:
            return edge + 0.0  # no negative zero
        return start + sign * self._between(start, sign, inside, outside)

    def _edge(self, sign: float) -> float:
        """Value beyond which some tau2 would be negative, whatever the others are."""
        m = self._model
        if m.log_link:
            return float(sign * np.inf)
        size = np.sqrt((m.Z**2).mean(axis=0))
        aim = np.zeros(size.size)
        aim[self._j] = -sign
        made = optimize.linprog(
            aim, A_ub=-m.Z / size, b_ub=np.zeros(len(m.Z)), bounds=(None, None)
        )
        return float(
            made.x[self._j] / size[self._j] if made.x is not None else sign * np.inf
        )

    def _scan(self, most: float) -> list[float]:
        steps = [self._width * s for s in _STEPS]
        while steps[-1] < most:
            steps.append(2.0 * steps[-1])
        return [*[s for s in steps if s < most], most]

    def _between(
        self, start: float, sign: float, inside: float, outside: float
    ) -> float:
        """Distance at which the profile passes the cut."""
        self.height(start + sign * inside)

        def gap(step: float) -> float:
            return self.height(start + sign * step, anew=False) - self._cut

        if gap(inside) <= 0.0:
            return inside
        return float(
            optimize.brentq(gap, inside, outside, xtol=1e-10 * self._width, rtol=1e-12)
        )
