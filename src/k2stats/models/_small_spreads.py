"""Climbing a likelihood by differences where a standard deviation is nearly nothing."""

from typing import Any

import numpy as np

from k2stats._typing import Floats
from k2stats.numerics.arrow import Maximum, Studywise, maximise

_UNIT = 10.0
"""In units of so many times itself, differences in a spread step by up to a fifth."""
_LEAST = 1e-6


def climb(
    loglik: Studywise,
    psi: Floats,
    alpha: Floats,
    *,
    free: tuple[int, ...],
    own: bool,
    spreads: tuple[int, ...],
) -> Maximum:
    """Maximise by differences; where that fails, again in units of the spreads.

    The likelihood is even in a spread, and where that is small its differences must
    be smaller still: a wide step sees the other side of zero, and no step along such
    a slope climbs.

    Parameters
    ----------
    loglik : callable
    psi, alpha : ndarray, shapes (B, d) and (B, K)
    free : tuple of int
        Elements of psi that move.
    own : bool
        Whether the studies' own parameters move.
    spreads : tuple of int
        Elements of psi that are standard deviations.
    """
    found = maximise(loglik, psi, alpha, free=free, own=own)
    stuck = ~found.converged & np.isfinite(found.value)
    for row in np.flatnonzero(stuck).tolist():
        unit = np.ones(psi.shape[1])
        size = np.abs(found.psi[row, list(spreads)])
        unit[list(spreads)] = np.clip(_UNIT * size, _LEAST, 1.0)
        found = _with_row(found, row, _in_units(loglik, found, row, free, own, unit))
    return found


def _in_units(
    loglik: Studywise,
    found: Maximum,
    row: int,
    free: tuple[int, ...],
    own: bool,
    unit: Floats,
) -> Maximum:
    again = maximise(
        lambda p, a: loglik(p * unit, a),
        found.psi[row : row + 1] / unit,
        found.alpha[row : row + 1],
        free=free,
        own=own,
    )
    scale = unit[list(free)]
    return Maximum(
        again.psi * unit,
        again.alpha,
        again.value,
        again.information / np.outer(scale, scale),
        again.converged,
    )


def _with_row(found: Maximum, row: int, one: Maximum) -> Maximum:
    """Put one climb in the place of another among several."""

    def put(many: np.ndarray[Any, Any], single: np.ndarray[Any, Any]) -> Any:
        made = many.copy()
        made[row] = single[0]
        return made

    return Maximum(
        put(found.psi, one.psi),
        put(found.alpha, one.alpha),
        put(found.value, one.value),
        put(found.information, one.information),
        put(found.converged, one.converged),
    )
