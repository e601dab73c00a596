r"""The climb to a maximum at which no study's tau2 is negative.

With the identity link the scale coefficients satisfy one linear inequality a study.
Each step maximises a quadratic model of the likelihood within all of them,

.. math:: \max_d\ g^\top d - \tfrac12 d^\top B d \quad\text{subject to}\quad
    z_k^\top d \ge -\tau_k^2,

B being the exact second derivatives with the signs of their eigenvalues made those of
a maximum. That is a least-distance problem, which non-negative least squares solves
(Lawson & Hanson, 1974, Solving Least Squares Problems, chapter 23); the likelihood then
rises along the step. On the face where the maximum lies this is Newton's iteration.
"""

from typing import NamedTuple

import numpy as np
from scipy import optimize

from k2stats._typing import Floats
from k2stats.models._location_scale_likelihood import Surface

_STEPS = 200
_HALVINGS = 40
_ROUNDING = 1e-12
"""Share of the likelihood that its own rounding may hide."""
_MARGIN = 1e-3
"""Room, in typical variances, that a start is given in every study."""


class Summit(NamedTuple):
    """Where a climb ended.

    Attributes
    ----------
    alpha : ndarray, shape (q,)
    loglik : float
    gradient : ndarray, shape (q,)
    hessian : ndarray, shape (q, q)
    """

    alpha: Floats
    loglik: float
    gradient: Floats
    hessian: Floats


def climb_within(surface: Surface, start: Floats, unit: float) -> Summit | None:
    """Maximum that the start leads to; None where no tau2 can be positive.

    Parameters
    ----------
    surface : Surface
        With the identity link.
    start : ndarray, shape (q,)
        Its nearest point inside is where the climb starts.
    unit : float
        Size of a variance.
    """
    inside = _nearest_inside(surface, start, unit)
    if inside is None:
        return None
    here = Summit(inside, *surface.surroundings(inside))
    for _ in range(_STEPS):
        step = _step(surface, here, unit)
        rise = float(here.gradient @ step)
        if not rise > 0.0:
            break
        last = rise <= _ROUNDING * (1.0 + abs(here.loglik))
        share = 1.0
        for _ in range(_HALVINGS):
            alpha = pulled(surface, here.alpha + share * step, inside)
            there = Summit(alpha, *surface.surroundings(alpha))
            if last or there.loglik >= here.loglik + 1e-4 * share * rise:
                break
            share *= 0.5
        if not (last or there.loglik > here.loglik):
            break
        here = there
        if last:  # Newton's step is right where differences of values are lost
            break
    return here


def _step(surface: Surface, here: Summit, unit: float) -> Floats:
    """To the maximum of the quadratic model that leaves no tau2 negative."""
    room = np.maximum(surface.eta(here.alpha) / unit, 0.0)
    bend, axes = np.linalg.eigh(here.hessian * unit**2)
    size = np.maximum(np.abs(bend), 1e-10 * np.abs(bend).max(initial=1e-300))
    root = axes / np.sqrt(size)  # B is the inverse of root root'
    centre = root.T @ (here.gradient * unit)
    G = surface.Z @ root
    long = np.sqrt((G**2).sum(axis=1))
    moves = long > 0.0  # a study may be out of reach of these coefficients
    G = G[moves] / long[moves, np.newaxis]
    least = -room[moves] / long[moves] - G @ centre
    if (least > 0.0).any():
        # No step at all is allowed: the shortest is no longer than the centre is far.
        far = float(np.sqrt((centre**2).sum()))
        moved = least_distance(G, np.maximum(least, -far), far)
        if moved is not None:
            centre = centre + moved
    return np.asarray(root @ centre * unit)


def least_distance(G: Floats, least: Floats, size: float) -> Floats | None:
    """Shortest x with G x at least as large as asked; None where there is none.

    Parameters
    ----------
    G : ndarray, shape (K, q)
    least : ndarray, shape (K,)
    size : float
        About how long x is.
    """
    E = np.vstack([G.T, least / size])
    aim = np.zeros(len(E))
    aim[-1] = 1.0
    try:
        u, distance = optimize.nnls(E, aim)
    except RuntimeError:  # too many exchanges of what binds
        return None
    if distance <= 1e-8:
        return None
    rest = E @ u - aim
    return np.asarray(-rest[:-1] / rest[-1] * size)


def _nearest_inside(surface: Surface, start: Floats, unit: float) -> Floats | None:
    """Point near a start at which every tau2 is positive; None where there is none."""
    eta = surface.eta(start)
    short = _MARGIN * unit - eta
    if not (short > 0.0).any():
        return start
    moved = least_distance(surface.Z, short / unit, float(short.max()) / unit)
    if moved is not None:
        near = start + moved * unit
        if (surface.eta(near) > 0.5 * _MARGIN * unit).all():
            return np.asarray(near)
    return interior(surface, unit)


def interior(surface: Surface, unit: float) -> Floats | None:
    """Point at which every tau2 is positive; None where there is none."""
    Z = surface.Z
    one = np.linalg.lstsq(Z, np.ones(len(Z)), rcond=None)[0]
    if np.abs(Z @ one - 1.0).max() < 1e-8:
        return np.asarray(one * (unit + np.abs(surface.offset).max()))
    # the largest margin, up to `unit`, by which every tau2 can be positive
    size = np.sqrt((Z**2).mean(axis=0))
    q = Z.shape[1]
    made = optimize.linprog(
        np.append(np.zeros(q), -1.0),
        A_ub=np.column_stack([-Z / size, np.ones(len(Z))]),
        b_ub=surface.offset / unit * np.ones(len(Z)),
        bounds=[*[(None, None)] * q, (None, 1.0)],
    )
    if made.x is None or made.x[-1] <= 1e-9:
        return None
    return np.asarray(made.x[:q] / size * unit)


def pulled(surface: Surface, alpha: Floats, inside: Floats) -> Floats:
    """Move a point that is outside to the boundary, towards one that is inside."""
    eta = surface.eta(alpha)
    below = eta < 0.0
    if not below.any():
        return alpha
    room = surface.eta(inside)
    share = float((room[below] / (room[below] - eta[below])).min())
    short = 1e-16
    while short < 1.0:  # rounding may leave a trace below zero
        moved = inside + share * (1.0 - short) * (alpha - inside)
        if (surface.eta(moved) >= 0.0).all():
            return np.asarray(moved)
        short *= 2.0
    return inside
