"""Maximum of the likelihood of a selection model: a grid, then Newton from its best."""

from dataclasses import dataclass
from itertools import product

import numpy as np

from k2stats._typing import Bools, Floats
from k2stats.diagnostics._selection_climb import climb, free_of
from k2stats.diagnostics._selection_curves import Curves
from k2stats.diagnostics._selection_problem import Problem

_EARLY, _FIRST, _ROUNDS = 4, 8, 200
_MET = 1e-3
_REASON = 20.0
"""Standard deviations of the effects beyond which no mean or heterogeneity lies."""
_LAST = 3
"""Ascents that go on after the first rounds."""


@dataclass(frozen=True, slots=True, eq=False)
class Maximum:
    """Where the likelihood is highest.

    Attributes
    ----------
    beta : ndarray, shape (p,)
    tau2 : float
    delta : ndarray, shape (m,)
    loglik : float
    cov : ndarray, shape (p + 1 + m, p + 1 + m)
        Inverse of the observed information; NaN for a parameter at a bound.
    bound : ndarray of bool, shape (p + 1 + m,)
    converged : bool
    endless : bool
        Whether the likelihood was still rising where the mean or tau2 was beyond
        all reason: it has no maximum.
    """

    beta: Floats
    tau2: float
    delta: Floats
    loglik: float
    cov: Floats
    bound: Bools
    converged: bool
    endless: bool


def maximise(problem: Problem, start: Floats) -> Maximum:
    """Climb from the best points of a grid; the highest summit is taken.

    Parameters
    ----------
    problem : Problem
    start : ndarray, shape (p + 1 + m,)
        The fit without selection, which is one of the starting points.
    """
    first = problem.natural(problem.scaled(start))
    points = np.concatenate([first[np.newaxis], _best_of_grid(problem, first)])
    u, value, ok = climb(problem, problem.scaled(points), rounds=_EARLY)
    # Ascents that have met go on as one, then the highest go on to the end.
    u, value, ok = climb(problem, _apart(u, value), rounds=_FIRST)
    ahead = np.argsort(-np.where(np.isfinite(value), value, -np.inf))[:_LAST]
    u, value, ok = climb(problem, u[ahead], rounds=_ROUNDS)
    best = int(np.argmax(np.where(np.isfinite(value), value, -np.inf)))
    return _finish(problem, problem.natural(u[best]), converged=bool(ok[best]))


def _apart(u: Floats, value: Floats) -> Floats:
    """Return the ascents, of those that have met the highest alone."""
    order = np.argsort(-np.where(np.isfinite(value), value, -np.inf))
    near = np.abs(u[order, np.newaxis] - u[order]).max(axis=-1) < _MET
    return np.asarray(u[order[~np.tril(near, -1).any(axis=1)]])


def grid_around(problem: Problem, start: Floats) -> Floats:
    """Return a grid around the fit without selection, shape (G, p + 1 + m)."""
    curves = isinstance(problem.weights.selection, Curves)
    p, m = problem.p, problem.weights.neutral.size
    X = problem.data.X
    shift = np.linalg.lstsq(X, np.ones(X.shape[0]), rcond=None)[0]
    moves = [-3.0, -1.0, 0.0, 1.0] if curves else np.linspace(-3.0, 3.0, 13).tolist()
    shares = [0.0, 0.02, 0.5] if curves else [0.0, 0.05, 0.25, 1.0, 4.0]
    values = [0.1, 1.0, 8.0] if curves else [0.02, 0.1, 0.3, 1.0, 3.0, 10.0, 50.0]
    if m > 2:
        values = [0.1, 1.0, 10.0]
    grid = []
    for move, share, *delta in product(moves, shares, *([values] * m)):
        beta = start[:p] + move * problem.spread * shift
        grid.append([*beta, share * problem.spread**2, *delta])
    points = problem.natural(problem.scaled(np.array(grid)))
    return np.unique(points, axis=0)


def _best_of_grid(problem: Problem, start: Floats) -> Floats:
    """Return the best points of the grid."""
    p = problem.p
    points = grid_around(problem, start)
    height = problem.value(points)[0]
    order = np.argsort(-height)
    most = 4
    chosen = order[:most].tolist()
    # The best of each level of the first delta, so that no basin is overlooked.
    for level in np.unique(points[:, p + 1]):
        here = order[points[order, p + 1] == level]
        chosen.extend(here[:1].tolist())
    found = [i for i in dict.fromkeys(chosen) if np.isfinite(height[i])]
    return points[found[: 2 * most]]


def _finish(problem: Problem, x: Floats, *, converged: bool) -> Maximum:
    """Covariance of the parameters inside their bounds."""
    p = problem.p
    low, high = problem.low, problem.high
    unit = np.concatenate([np.full(p, problem.spread), 100.0 * problem.units])
    z = problem.lifted(x)
    with np.errstate(invalid="ignore"):
        z = np.where(z - low <= 1e-10 * unit, low, z)
        z = np.where(high - z <= 1e-10 * unit, high, z)
    value, gradient = problem.lifted_value(z)
    free = free_of(z, gradient, low, high)
    cov = np.full((x.size, x.size), np.nan)
    if free.any():
        cov[np.ix_(free, free)] = _inverse(_information(problem, z, free, unit))
    x = problem.settled(z)
    scale = np.append(np.full(p, problem.spread), _REASON * problem.spread**2)
    return Maximum(
        beta=x[:p],
        tau2=float(x[p]),
        delta=x[p + 1 :],
        loglik=float(value),
        cov=problem.settled_cov(cov, z),
        bound=np.asarray(~free),
        converged=converged,
        endless=not converged and bool((np.abs(z[: p + 1]) > _REASON * scale).any()),
    )


def _information(problem: Problem, z: Floats, free: Bools, unit: Floats) -> Floats:
    """Minus the second derivatives in a lifted vector."""
    at = np.flatnonzero(free)
    h = 1e-5 * np.maximum(0.01 * unit[at], np.abs(z[at]))
    room = np.minimum(z - problem.low, problem.high - z)[at]
    h = np.where(room > 0.0, np.minimum(h, 0.5 * room), h)
    points = np.tile(z, (2 * at.size, 1))
    rows = np.arange(at.size)
    points[2 * rows, at] += h
    points[2 * rows + 1, at] -= h
    points = np.clip(points, problem.low, problem.high)
    width = points[2 * rows, at] - points[2 * rows + 1, at]
    gradient = problem.lifted_value(points)[1][:, at]
    hessian = (gradient[0::2] - gradient[1::2]) / width[:, np.newaxis]
    return np.asarray(-0.5 * (hessian + hessian.T))


def _inverse(information: Floats) -> Floats:
    """Covariance; NaN where the information is not positive definite."""
    with np.errstate(invalid="ignore", divide="ignore"):
        size = np.sqrt(np.diag(information))
        scaled = information / size / size[:, np.newaxis]
    none = np.full(information.shape, np.nan)
    if not np.isfinite(scaled).all():
        return none
    values, vectors = np.linalg.eigh(scaled)
    if values.min() <= 1e-12:
        return none
    inverse = (vectors / values) @ vectors.T
    return np.asarray(inverse / size / size[:, np.newaxis])
