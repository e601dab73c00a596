r"""Profile-likelihood intervals of the scale coefficients of a location-scale model.

The limits of :math:`\alpha_j` are where

.. math:: 2\bigl(\ell(\hat\alpha) - \max_{\alpha_{-j}} \ell(\alpha)\bigr) =
    \chi^2_{1, 1-\gamma},

the location coefficients profiled out, or integrated out by the restricted likelihood.
Each maximum over the other coefficients is searched for from several starts.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import optimize, special

from k2stats._typing import Floats
from k2stats.models._location_scale_likelihood import Surface
from k2stats.models._location_scale_search import climb, search

How = Literal["all", "near", "both"]
_STEPS = (0.4, 0.8, 1.2, 1.6, 2.0, 2.5, 3.0, 4.0, 5.0, 7.0, 10.0, 15.0, 25.0, 40.0)
"""Where the profile is looked at, in widths from the estimate; then doubled."""
_FAR = 60.0
"""A log of tau2 that has moved as far has left every number that data could tell."""
_ROUNDS = 6
_SEEN = 1e-6
"""Difference of a signed root of the likelihood that is taken for one."""
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
        lines = [_Line(self, j, level) for j in range(self.alpha.size)]
        low, high = ([line.end(sign) for line in lines] for sign in (-1.0, 1.0))
        return np.array(low), np.array(high)

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
        start = float(model.alpha[j])
        aim = model.Z @ model.alpha - self._column * start
        others = np.linalg.lstsq(self._rest, aim, rcond=None)[0]
        self._known = {start: (np.asarray(others), model.loglik)}
        size = float(np.abs(self._column).max())
        se = float(model.se[j])
        unit = 1.0 if model.log_link else float(np.median(model.v))
        self._width = se if np.isfinite(se) and se > 0.0 else unit / size
        self._reach = _FAR / size if model.log_link else 2.0**40 * self._width

    def height(self, value: float, how: How = "all") -> float:
        """Highest likelihood with the coefficient held.

        Parameters
        ----------
        value : float
        how : {"all", "near", "both"}
            Search from every start; from between what is known of the values beside
            it; or from what is known of each of them.
        """
        m = self._model
        held = self._column * value
        surface = Surface(m.y, m.v, m.X, self._rest, m.log_link, m.restricted, held)
        if self._rest.shape[1] == 0:
            return surface.loglik(np.zeros(0))
        starts = self._beside(value, blend=how != "both")
        best = self._known.get(value, (starts[0], -np.inf))
        ends = [] if how == "all" else [climb(surface, start) for start in starts]
        if not any(np.isfinite(end.loglik) for end in ends):
            ends = [search(surface, starts)]
        for end in ends:
            if end.loglik > best[1]:
                self._known[value] = best = end.alpha, end.loglik
        return best[1]

    def _beside(self, value: float, *, blend: bool) -> list[Floats]:
        """Other coefficients by those known of the nearest value on each side."""
        below = max((x for x in self._known if x <= value), default=None)
        above = min((x for x in self._known if x >= value), default=None)
        sides = {x: self._known[x][0] for x in (below, above) if x is not None}
        if below is None or above is None or below == above or not blend:
            return list(sides.values())
        share = (value - below) / (above - below)
        return [np.asarray(sides[below] + share * (sides[above] - sides[below]))]

    def end(self, sign: float) -> float:
        """Outermost limit on one side that the scan meets; infinite where open."""
        start = float(self._model.alpha[self._j])
        edge = self._edge(sign)
        if abs(edge - start) <= 1e-12 * self._width:
            return edge + 0.0  # no negative zero
        most = min(self._reach, (1.0 - _LEAST) * abs(edge - start))
        inside, outside, last = 0.0, 0.0, 0.0
        for step in self._scan(most):
            if outside > 0.0 and step < min(1.6 * last, most):
                continue
            last, value = step, start + sign * step
            high = self.height(value, "near") >= self._cut
            if high or (outside == 0.0 and self.height(value) >= self._cut):
                inside, outside = step, 0.0
            elif outside == 0.0:
                outside = step
            elif step > 4.0 * outside + 10.0 * self._width:
                break
        if outside == 0.0:
            return edge + 0.0
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
        top = self._model.loglik
        deep = float(np.sqrt(top - self._cut))

        def gap(step: float, how: How) -> float:
            # about linear in the step, where the likelihood is about quadratic
            fall = top - self.height(start + sign * step, how)
            return float(np.sqrt(max(fall, 0.0)) - deep)

        how: How = "near"
        passed = inside
        for _ in range(_ROUNDS):
            if gap(inside, how) >= 0.0 or gap(outside, how) <= 0.0:
                break
            passed = float(
                optimize.brentq(
                    gap,
                    inside,
                    outside,
                    args=(how,),
                    xtol=1e-10 * self._width,
                    rtol=1e-12,
                )
            )
            if gap(passed, "all") >= -_SEEN:
                break
            # there is a higher summit, to which what lies between did not lead
            inside, how = passed, "both"
            ends = {start + sign * step for step in (inside, outside)}
            least, most = min(ends), max(ends)
            self._known = {
                x: known
                for x, known in self._known.items()
                if x in ends or not least < x < most
            }
        return passed
