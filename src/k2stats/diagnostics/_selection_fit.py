"""Maximum of the likelihood of a selection model: a grid, then Newton from its best.

All ascents are one batch: every round costs one evaluation of the likelihood for the
second derivatives of all of them, and one for the lengths of their steps.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np

from k2stats._typing import Bools, Floats
from k2stats.diagnostics._selection_curves import Curves
from k2stats.diagnostics._selection_likelihood import Published, log_likelihood
from k2stats.diagnostics.weight_functions import Weights

_UNIT = 0.01
"""Below it delta is searched on a linear scale, above it on a logarithmic one; so is
tau2, in units of the effects' variance."""
_FAR = 200.0
"""Standard deviations of the effects within which the maximum is looked for."""
_FIRST, _ROUNDS = 12, 200
_LAST = 3
"""Ascents that go on after the first rounds."""
_LONGEST = 3.0
"""Longest step of a scaled variable."""
_SIZES = np.array([1.0, 0.5, 0.2, 0.05, 0.01, 1e-3, 1e-5])
_STEP = 1e-5
_CLOSE = 1e-10


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
    """

    beta: Floats
    tau2: float
    delta: Floats
    loglik: float
    cov: Floats
    bound: Bools
    converged: bool


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
        most = (_FAR * self.spread) ** 2
        tau2 = most if self.fixed_tau2 is None else self.fixed_tau2
        return self._bounds(np.inf, tau2, self.weights.high)

    def _bounds(self, beta: float, tau2: float, delta: Floats) -> Floats:
        free = np.isnan(self.fixed_delta)
        chosen = np.where(free, delta, np.nan_to_num(self.fixed_delta))
        return np.concatenate([np.full(self.p, beta), [tau2], chosen])

    def value(self, x: Floats) -> tuple[Floats, Floats]:
        """Log-likelihood and gradient at vectors, shape (..., p + 1 + m)."""
        return log_likelihood(
            self.data,
            self.weights.selection,
            x[..., : self.p],
            x[..., self.p],
            x[..., self.p + 1 :],
        )

    @property
    def _units(self) -> Floats:
        m = self.fixed_delta.size
        return np.concatenate([[_UNIT * self.spread**2], np.full(m, _UNIT)])

    def scaled(self, x: Floats) -> Floats:
        """Variables of the search."""
        beta, rest = x[..., : self.p], x[..., self.p :]
        return np.concatenate(
            [beta / self.spread, np.log1p(rest / self._units)], axis=-1
        )

    def natural(self, u: Floats) -> Floats:
        """Back to beta, tau2 and delta, kept within the bounds."""
        beta, rest = u[..., : self.p], u[..., self.p :]
        x = np.concatenate([beta * self.spread, self._units * np.expm1(rest)], axis=-1)
        return np.asarray(np.clip(x, self.low, self.high))

    def scaled_value(self, u: Floats) -> tuple[Floats, Floats]:
        """Log-likelihood and gradient in the variables of the search."""
        value, gradient = self.value(self.natural(u))
        rest = self._units * np.exp(u[..., self.p :])
        chain = np.concatenate(
            [np.full(u[..., : self.p].shape, self.spread), rest], axis=-1
        )
        return value, gradient * chain


def maximise(problem: Problem, start: Floats) -> Maximum:
    """Climb from the best points of a grid; the highest summit is taken.

    Parameters
    ----------
    problem : Problem
    start : ndarray, shape (p + 1 + m,)
        The fit without selection, which is one of the starting points.
    """
    first = np.clip(start, problem.low, problem.high)
    points = np.concatenate([first[np.newaxis], _from_grid(problem, first)])
    u, value, ok = climb(problem, problem.scaled(points), rounds=_FIRST)
    # Those that are highest by then go on to the end.
    ahead = np.argsort(-np.where(np.isfinite(value), value, -np.inf))[:_LAST]
    u, value, ok = climb(problem, u[ahead], rounds=_ROUNDS)
    best = int(np.argmax(np.where(np.isfinite(value), value, -np.inf)))
    return _finish(problem, problem.natural(u[best]), converged=bool(ok[best]))


def _from_grid(problem: Problem, start: Floats) -> Floats:
    """Return the best points of a grid around the fit without selection."""
    curves = isinstance(problem.weights.selection, Curves)
    p, m = problem.p, problem.weights.neutral.size
    X = problem.data.X
    shift = np.linalg.lstsq(X, np.ones(X.shape[0]), rcond=None)[0]
    moves = [-1.0, 0.0, 1.0] if curves else np.linspace(-3.0, 3.0, 13).tolist()
    shares = [0.02, 0.5] if curves else [0.0, 0.05, 0.25, 1.0, 4.0]
    values = [0.1, 1.0, 8.0] if curves else [0.02, 0.1, 0.3, 1.0, 3.0, 10.0, 50.0]
    if m > 2:
        values = [0.1, 1.0, 10.0]
    grid = []
    for move, share, *delta in product(moves, shares, *([values] * m)):
        beta = start[:p] + move * problem.spread * shift
        grid.append([*beta, share * problem.spread**2, *delta])
    points = np.unique(np.clip(np.array(grid), problem.low, problem.high), axis=0)
    height = problem.value(points)[0]
    order = np.argsort(-height)
    most = 2 if curves else 4
    chosen = order[:most].tolist()
    # The best of each level of the first delta, so that no basin is overlooked.
    for level in np.unique(points[:, p + 1]):
        here = order[points[order, p + 1] == level]
        chosen.extend(here[:1].tolist())
    found = [i for i in dict.fromkeys(chosen) if np.isfinite(height[i])]
    return points[found[: 2 * most]]


def climb(problem: Problem, u: Floats, *, rounds: int) -> tuple[Floats, Floats, Bools]:
    """Newton's ascent of every starting point, bounds kept.

    Parameters
    ----------
    problem : Problem
    u : ndarray, shape (G, d)
        In the variables of the search.
    rounds : int
        Most steps of each.

    Returns
    -------
    u, value, converged : ndarray
    """
    low, high = _scaled_bounds(problem)
    value, gradient = problem.scaled_value(u)
    done = ~np.isfinite(value)
    bad = done.copy()
    for _ in range(rounds):
        at = np.flatnonzero(~done)
        if at.size == 0:
            break
        free = _free(u[at], gradient[at], low, high)
        step = _newton(problem, u[at], gradient[at], free, (low, high))
        trial = np.clip(
            u[at, np.newaxis] + _SIZES[:, np.newaxis] * step[:, np.newaxis], low, high
        )
        height, slope = problem.scaled_value(trial)
        usable = np.isfinite(height) & np.isfinite(slope).all(axis=-1)
        height = np.where(usable, height, -np.inf)
        # The longest step that gains enough, else the best there is.
        enough = height >= value[at, np.newaxis] + 1e-4 * _SIZES * np.abs(
            (gradient[at] * step).sum(axis=-1, keepdims=True)
        )
        pick = np.where(enough.any(-1), enough.argmax(-1), height.argmax(-1))
        rows = np.arange(at.size)
        better = height[rows, pick] >= value[at]
        moved = np.abs(trial[rows, pick] - u[at]).max(axis=-1)
        new = at[better]
        u[new] = trial[rows, pick][better]
        value[new] = height[rows, pick][better]
        gradient[new] = slope[rows, pick][better]
        flat = np.abs(np.where(free, gradient[at], 0.0)).max(axis=-1) < _CLOSE
        done[at] = (~better) | (moved < _CLOSE) | flat
    free = _free(u, gradient, low, high)
    flat = np.abs(np.where(free, gradient, 0.0)).max(axis=-1)
    near = np.abs(u[:, : problem.p]).max(axis=-1) < _FAR
    return u, value, ~bad & (flat < 1e-5) & near


def _scaled_bounds(problem: Problem) -> tuple[Floats, Floats]:
    with np.errstate(invalid="ignore"):
        return problem.scaled(problem.low), problem.scaled(problem.high)


def _free(u: Floats, gradient: Floats, low: Floats, high: Floats) -> Bools:
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
) -> Floats:
    """Newton's step, turned uphill where the likelihood is not concave."""
    hessian = _second_derivatives(problem, u, gradient, bounds)
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
    problem: Problem, u: Floats, gradient: Floats, bounds: tuple[Floats, Floats]
) -> Floats:
    """Differences of the gradient, to the side where there is room."""
    d = u.shape[-1]
    side = np.where(u + _STEP <= bounds[1], 1.0, -1.0)
    points = u[:, np.newaxis] + _STEP * side[:, :, np.newaxis] * np.eye(d)
    there = problem.scaled_value(points)[1]
    h = (there - gradient[:, np.newaxis]) / (_STEP * side[:, :, np.newaxis])
    return np.asarray(0.5 * (h + np.swapaxes(h, -1, -2)))


def _finish(problem: Problem, x: Floats, *, converged: bool) -> Maximum:
    """Covariance of the parameters inside their bounds."""
    p = problem.p
    low, high = problem.low, problem.high
    unit = np.concatenate([np.full(p, problem.spread), 100.0 * problem._units])
    with np.errstate(invalid="ignore"):
        x = np.where(x - low <= 1e-10 * unit, low, x)
        x = np.where(high - x <= 1e-10 * unit, high, x)
    value, gradient = problem.value(x)
    free = _free(x, gradient, low, high)
    cov = np.full((x.size, x.size), np.nan)
    if free.any():
        cov[np.ix_(free, free)] = _inverse(_information(problem, x, free, unit))
    return Maximum(
        beta=x[:p],
        tau2=float(x[p]),
        delta=x[p + 1 :],
        loglik=float(value),
        cov=cov,
        bound=np.asarray(~free),
        converged=converged,
    )


def _information(problem: Problem, x: Floats, free: Bools, unit: Floats) -> Floats:
    """Minus the second derivatives in beta, tau2 and delta themselves."""
    at = np.flatnonzero(free)
    h = 1e-5 * np.maximum(0.01 * unit[at], np.abs(x[at]))
    room = np.minimum(x - problem.low, problem.high - x)[at]
    h = np.where(room > 0.0, np.minimum(h, 0.5 * room), h)
    points = np.tile(x, (2 * at.size, 1))
    rows = np.arange(at.size)
    points[2 * rows, at] += h
    points[2 * rows + 1, at] -= h
    points = np.clip(points, problem.low, problem.high)
    width = points[2 * rows, at] - points[2 * rows + 1, at]
    gradient = problem.value(points)[1][:, at]
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
