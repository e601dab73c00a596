"""The search for the maximum of a location-scale likelihood."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from scipy import optimize

from k2stats._typing import Floats
from k2stats.heterogeneity import estimate_tau2
from k2stats.models._location_scale_inside import Summit, climb_within
from k2stats.models._location_scale_likelihood import Surface
from k2stats.numerics.wls import project

_STEPS = 200
_FLAT = 1e-7


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Where a search ended.

    Attributes
    ----------
    alpha : ndarray, shape (q,)
    loglik : float
    hessian : ndarray, shape (q, q)
    converged : bool
        A maximum inside of the parameter space.
    at_bound : bool
        Identity link: some study's tau2 is held at zero. Log link: the likelihood
        rises for ever as some study's tau2 falls to zero.
    starts : int
        Searches made.
    """

    alpha: Floats
    loglik: float
    hessian: Floats
    converged: bool
    at_bound: bool
    starts: int


def search(surface: Surface, near: Sequence[Floats] = ()) -> Found:
    """Highest of the maxima found from several starts, and from points near one.

    Minus infinity where no scale coefficients are allowed.
    """
    starts = [*near, *_starts(surface)]
    ends = [climb(surface, start) for start in starts]
    found = [e for e in ends if np.isfinite(e.loglik)]
    if not found:
        return _nothing(surface, len(starts))
    best = max(found, key=lambda e: e.loglik)
    # A flat ridge towards tau2 = 0 may end a hair higher than a maximum.
    inside = [e for e in found if e.converged]
    if inside:
        top = max(inside, key=lambda e: e.loglik)
        if top.loglik >= best.loglik - 1e-9:
            best = top
    return Found(
        best.alpha,
        best.loglik,
        best.hessian,
        best.converged,
        best.at_bound,
        len(starts),
    )


def climb(surface: Surface, start: Floats) -> Found:
    """Maximum that one start leads to."""
    return (_climb if surface.log_link else _climb_inside)(surface, start)


def _nothing(surface: Surface, starts: int) -> Found:
    q = surface.Z.shape[1]
    gap = np.full((q, q), np.nan)
    return Found(np.full(q, np.nan), -np.inf, gap, False, True, starts)


def _starts(surface: Surface) -> list[Floats]:
    """Constant tau2 at several heights, and one sloping along each column."""
    y, v, X, Z = surface.y, surface.v, surface.X, surface.Z
    one = float(estimate_tau2(y, v, X, method="DL").tau2)
    level = np.array([max(one, 1e-3 * float(np.median(v))), float(np.median(v))])
    level = np.concatenate([level, 0.05 * level[:1], 5.0 * level[:1]])
    heights = np.log(level) if surface.log_link else level
    starts = []
    one_each = np.ones(len(y))
    for height in heights:
        flat = np.linalg.lstsq(Z, height - surface.offset * one_each, rcond=None)[0]
        starts.append(flat)
    spread = Z - Z.mean(axis=0)
    size = np.sqrt((spread**2).mean(axis=0))
    base, lean = starts[0], 1.0 if surface.log_link else float(heights[0])
    for j, sign in product(range(Z.shape[1]), (-1.0, 1.0)):
        if size[j] > 1e-12:
            step = np.zeros(Z.shape[1])
            step[j] = sign * lean / size[j]
            back = np.linalg.lstsq(
                Z, np.full(len(y), float((Z @ step).mean())), rcond=None
            )[0]
            starts.append(base + step - back)
    if not surface.log_link:
        starts.append(_by_squares(surface))
    return starts


def _by_squares(surface: Surface) -> Floats:
    """Regression of squared residuals, less what sampling adds to them."""
    rest = project(np.ones(surface.y.size), surface.X).residual(surface.y)
    excess = rest**2 - surface.v - surface.offset
    return np.asarray(np.linalg.lstsq(surface.Z, excess, rcond=None)[0])


def _climb(surface: Surface, start: Floats) -> Found:
    """Newton's iteration with a ridge that is raised until the likelihood rises."""
    ridge, far_out = 1e-3, 60.0 + np.abs(surface.offset).max()
    alpha, (value, gradient, hessian) = start, surface.surroundings(start)
    for _ in range(_STEPS):
        size = np.maximum(np.abs(np.diagonal(hessian)), 1e-8)
        if np.abs(gradient / np.sqrt(size)).max() < 1e-10:
            break
        least = np.linalg.eigvalsh(hessian / np.sqrt(np.outer(size, size)))[-1]
        moved = False
        for _ in range(40):
            lift = max(least, 0.0) * 1.1 + ridge
            step = np.linalg.solve(np.diag(size * lift) - hessian, gradient)
            far = np.abs(surface.Z @ step).max()
            step = step * min(1.0, 4.0 / far) if far > 0.0 else step
            new, slope, bend = surface.surroundings(alpha + step)
            if new >= value:
                moved = True
                break
            ridge = max(ridge, 1e-6) * 4.0
        if not moved:
            break
        still = new - value <= 1e-15 * (1.0 + abs(value)) and far < 1e-9
        alpha, value, ridge = alpha + step, new, ridge * 0.2
        gradient, hessian = slope, bend
        if still or np.abs(surface.eta(alpha)).max() > far_out:
            break
    return _ended(surface, alpha, value, gradient, hessian)


def _ended(
    surface: Surface, alpha: Floats, value: float, gradient: Floats, hessian: Floats
) -> Found:
    """Tell a maximum from a ridge on which tau2 runs to zero."""
    size = np.sqrt(np.maximum(np.abs(np.diagonal(hessian)), 1e-300))
    unit = hessian / np.outer(size, size)
    curved = bool(np.linalg.eigvalsh(unit)[-1] < -_FLAT)
    flat = bool((np.abs(gradient) <= 1e-5 * size * np.maximum(size, 1.0)).all())
    seen = bool((surface.tau2(alpha) > 1e-8 * surface.v).any())
    good = curved and flat and seen and bool((size > 1e-4).all())
    return Found(alpha, value, hessian, good, not good, 1)


def _climb_inside(surface: Surface, start: Floats) -> Found:
    """Maximise under the constraint that no study's tau2 is negative."""
    unit = float(np.median(surface.v))
    made = climb_within(surface, start, unit)
    if made is None:
        return _nothing(surface, 1)
    alpha, value, gradient, hessian = made
    touching = bool((surface.tau2(alpha) <= 1e-7 * unit).any())
    if not touching:
        ended = _ended(surface, alpha, value, gradient * unit, hessian * unit**2)
        return Found(alpha, value, hessian, ended.converged, False, 1)
    good = np.isfinite(value) and _balanced(surface, made, unit)
    return Found(alpha, value, hessian, bool(good), at_bound=True, starts=1)


def _balanced(surface: Surface, made: Summit, unit: float) -> bool:
    """Whether the slope is held by the constraints that bind (Karush-Kuhn-Tucker)."""
    gradient = made.gradient * unit
    binding = surface.Z[surface.eta(made.alpha) <= 1e-7 * unit]
    rest = float(np.sqrt((gradient**2).sum()))
    if binding.size:
        rest = float(optimize.nnls(binding.T, -gradient)[1])
    return bool(rest <= 1e-5 * np.sqrt(surface.y.size))
