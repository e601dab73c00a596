"""Newton's ascents of the likelihood of a selection model, all of them as one batch.

Every round costs one evaluation of the likelihood for the second derivatives of all of
them, and one or two for the lengths of their steps.
"""

import numpy as np

from k2stats._typing import Bools, Floats
from k2stats.diagnostics._selection_curves import Curves
from k2stats.diagnostics._selection_problem import FAR, Problem

_LONGEST = 3.0
"""Longest step of a scaled variable."""
_SIZES = np.array([1.0, 0.5, 0.2, 0.05, 0.01, 1e-3, 1e-5])
_MANY = 64
"""Ascents from which on the full step is tried before shorter ones."""
_STEP = 1e-5
_CLOSE = 1e-10


def climb(
    problem: Problem, u: Floats, *, rounds: int, counts: Floats | None = None
) -> tuple[Floats, Floats, Bools]:
    """Newton's ascent of every starting point, bounds kept.

    Parameters
    ----------
    problem : Problem
    u : ndarray, shape (G, d)
        In the variables of the search.
    rounds : int
        Most steps of each.
    counts : ndarray, shape (G, K), optional
        How often each starting point's resample has each study.

    Returns
    -------
    u, value, converged : ndarray
    """
    low, high = _scaled_bounds(problem)
    value, gradient = problem.scaled_value(u, counts)
    done = ~np.isfinite(value)
    bad = done.copy()
    for _ in range(rounds):
        at = np.flatnonzero(~done)
        if at.size == 0:
            break
        free = free_of(u[at], gradient[at], low, high)
        here = None if counts is None else counts[at, np.newaxis]
        step = _newton(problem, u[at], gradient[at], free, (low, high), here)
        trial, height, slope = _advance(
            problem, (u[at], value[at], gradient[at]), step, (low, high), here
        )
        better = height >= value[at]
        moved = np.abs(trial - u[at]).max(axis=-1)
        new = at[better]
        u[new], value[new], gradient[new] = trial[better], height[better], slope[better]
        flat = np.abs(np.where(free, gradient[at], 0.0)).max(axis=-1) < _CLOSE
        done[at] = (~better) | (moved < _CLOSE) | flat
    free = free_of(u, gradient, low, high)
    flat = np.abs(np.where(free, gradient, 0.0)).max(axis=-1)
    near = np.abs(u[:, : problem.p]).max(axis=-1) < FAR
    return u, value, ~bad & (flat < 1e-5) & near


def _advance(
    problem: Problem,
    now: tuple[Floats, Floats, Floats],
    step: Floats,
    bounds: tuple[Floats, Floats],
    counts: Floats | None,
) -> tuple[Floats, Floats, Floats]:
    """Take the longest step that gains enough, else the best there is.

    Of few ascents all lengths are tried at once; of many, and where the likelihood
    takes long, the full step first, which most of them take.
    """
    costly = isinstance(problem.weights.selection, Curves)
    if step.shape[0] <= _MANY and not costly:
        return _tried(problem, now, step, bounds, counts, _SIZES)[:3]
    u, value, slope, enough = _tried(problem, now, step, bounds, counts, _SIZES[:1])
    again = np.flatnonzero(~enough)
    if again.size:
        rest = tuple(x[again] for x in now)
        some = None if counts is None else counts[again]
        found = _tried(
            problem, (rest[0], rest[1], rest[2]), step[again], bounds, some, _SIZES
        )
        u[again], value[again], slope[again] = found[:3]
    return u, value, slope


def _tried(
    problem: Problem,
    now: tuple[Floats, Floats, Floats],
    step: Floats,
    bounds: tuple[Floats, Floats],
    counts: Floats | None,
    sizes: Floats,
) -> tuple[Floats, Floats, Floats, Bools]:
    """Try lengths of a step: where it leads, and whether that gains enough."""
    u, value, gradient = now
    trial = np.clip(
        u[:, np.newaxis] + sizes[:, np.newaxis] * step[:, np.newaxis], *bounds
    )
    height, slope = problem.scaled_value(trial, counts)
    usable = np.isfinite(height) & np.isfinite(slope).all(axis=-1)
    height = np.where(usable, height, -np.inf)
    promised = np.abs((gradient * step).sum(axis=-1, keepdims=True))
    enough = height >= value[:, np.newaxis] + 1e-4 * sizes * promised
    pick = np.where(enough.any(-1), enough.argmax(-1), height.argmax(-1))
    rows = np.arange(u.shape[0])
    return trial[rows, pick], height[rows, pick], slope[rows, pick], enough.any(-1)


def _scaled_bounds(problem: Problem) -> tuple[Floats, Floats]:
    with np.errstate(invalid="ignore"):
        return problem.scaled_of(problem.low), problem.scaled_of(problem.high)


def free_of(u: Floats, gradient: Floats, low: Floats, high: Floats) -> Bools:
    """Whether a variable may move: inside its bounds, or pulled inwards."""
    with np.errstate(invalid="ignore"):
        held = (u <= low) & (gradient <= 0.0)
        held |= (u >= high) & (gradient >= 0.0)
    return np.asarray(~held & (high > low))


def _newton(
    problem: Problem,
    u: Floats,
    gradient: Floats,
    free: Bools,
    bounds: tuple[Floats, Floats],
    counts: Floats | None,
) -> Floats:
    """Newton's step, turned uphill where the likelihood is not concave."""
    hessian = _second_derivatives(problem, u, gradient, bounds, counts)
    d = u.shape[-1]
    both = free[:, :, np.newaxis] & free[:, np.newaxis, :]
    information = np.where(both, -hessian, np.eye(d))
    slope = np.where(free, gradient, 0.0)
    bad = ~np.isfinite(information).all(axis=(-2, -1))
    information[bad] = np.eye(d)
    values, vectors = np.linalg.eigh(information)
    values = np.maximum(np.abs(values), 1e-9)
    inner = np.einsum("gij,gi->gj", vectors, slope) / values
    step = np.einsum("gij,gj->gi", vectors, inner)
    step = np.where(free, step, 0.0)
    longest = np.abs(step).max(axis=-1, keepdims=True)
    return np.asarray(step * np.minimum(1.0, _LONGEST / np.maximum(longest, 1e-300)))


def _second_derivatives(
    problem: Problem,
    u: Floats,
    gradient: Floats,
    bounds: tuple[Floats, Floats],
    counts: Floats | None,
) -> Floats:
    """Differences of the gradient, to the side where there is room."""
    d = u.shape[-1]
    side = np.where(u + _STEP <= bounds[1], 1.0, -1.0)
    points = u[:, np.newaxis] + _STEP * side[:, :, np.newaxis] * np.eye(d)
    there = problem.scaled_value(points, counts)[1]
    h = (there - gradient[:, np.newaxis]) / (_STEP * side[:, :, np.newaxis])
    return np.asarray(0.5 * (h + np.swapaxes(h, -1, -2)))
