r"""Likelihoods with a few common parameters and at most one for each study.

.. math:: L(\psi, \alpha) = \sum_k \ell_k(\psi, \alpha_k)

Newton's method on differences of fourth order. The Hessian is an arrow: the studies'
own parameters are solved for one at a time, so that the cost is linear in K. Several
starts are followed at once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import TypeAlias

import numpy as np

from k2stats._typing import Bools, Floats

Studywise: TypeAlias = Callable[[Floats, Floats], Floats]
"""Takes psi (M, d) and alpha (M, K), returns log-likelihoods (M, K)."""
Derivatives: TypeAlias = Callable[[Floats, Floats], tuple[Floats, Floats, Floats]]
"""Takes the same, returns value (M, K), gradient (M, K, D) and Hessian (M, K, D, D)
in alpha_k, where the studies have a parameter of their own, and in all of psi."""

_STEP = 0.02
"""Step of the differences, in standard errors."""
_FIRST_STEP = 0.002
_LARGEST_MOVE = 2.0
_MOST_STEPS = 100
_HALVINGS = 25
_NOTHING = 0.1
"""A smaller share of a Newton step must raise the value beyond rounding."""
_FLAT = 1e-11
_STALLED = 1e-9
"""Newton decrement below which rounding alone can keep a step from climbing."""


@dataclass(frozen=True, slots=True, eq=False)
class Maximum:
    """Where each start led.

    Attributes
    ----------
    psi : ndarray, shape (B, d)
    alpha : ndarray, shape (B, K)
        The studies' own parameters; as given where there are none.
    value : ndarray, shape (B,)
        Log-likelihood.
    information : ndarray, shape (B, f, f)
        Minus the Hessian in the free elements of psi, the studies' own parameters
        profiled out.
    converged : ndarray of bool, shape (B,)
    """

    psi: Floats
    alpha: Floats
    value: Floats
    information: Floats
    converged: Bools

    @property
    def cov(self) -> Floats:
        """Inverse of the information; NaN where it is not positive definite."""
        good = np.linalg.eigvalsh(self.information)[:, 0] > 0
        safe = np.where(
            good[:, np.newaxis, np.newaxis],
            self.information,
            np.eye(self.information.shape[-1]),
        )
        inverse = np.linalg.inv(safe)
        return np.where(good[:, np.newaxis, np.newaxis], inverse, np.nan)


def maximise(
    f: Studywise,
    psi: Floats,
    alpha: Floats,
    *,
    free: tuple[int, ...],
    own: bool,
    derivatives: Derivatives | None = None,
    accurate: bool = True,
) -> Maximum:
    """Climb from each start to a stationary point.

    Parameters
    ----------
    f : callable
    psi : ndarray, shape (B, d)
    alpha : ndarray, shape (B, K)
    free : tuple of int
        Elements of psi that move.
    own : bool
        Whether the studies' own parameters move.
    derivatives : callable, optional
        Exact ones; otherwise they are differences of `f`.
    accurate : bool
        Differences of fourth order and a Newton decrement below 1e-16; otherwise of
        second order and below 1e-6, for a first look.

    Examples
    --------
    >>> y = np.array([1.0, 2.0, 6.0])
    >>> found = maximise(lambda psi, _: -0.5 * (y - psi) ** 2, np.zeros((1, 1)),
    ...                  np.zeros((1, 3)), free=(0,), own=False)
    >>> found.psi.round(9), found.information.round(6)
    (array([[3.]]), array([[[3.]]]))
    """
    tolerance = 1e-16 if accurate else 1e-6
    psi, alpha = psi.copy(), alpha.copy()
    h = np.full((psi.shape[0], len(free)), _FIRST_STEP)
    h_own = np.full(alpha.shape, _FIRST_STEP)

    def expand() -> _Expansion:
        if derivatives is not None:
            return _given(derivatives, psi, alpha, free, own=own)
        return _expand(f, psi, alpha, h, h_own, free, own=own, accurate=accurate)

    here = expand()
    converged = stalled = np.zeros(psi.shape[0], dtype=bool)
    for _ in range(_MOST_STEPS):
        move, move_own, decrement = _newton(here, own=own)
        h, h_own = _new_steps(here, own=own)
        converged = np.abs(decrement) < tolerance * (1.0 + np.abs(here.value) * 1e-3)
        converged |= stalled & (np.abs(decrement) < _STALLED)
        done = converged | stalled | ~np.isfinite(here.value)
        if done.all():
            break
        share = np.where(done, 0.0, 1.0)
        for _ in range(_HALVINGS):
            new_psi = psi.copy()
            new_psi[:, list(free)] += share[:, np.newaxis] * move
            new_alpha = alpha + share[:, np.newaxis] * move_own if own else alpha
            value = f(new_psi, new_alpha).sum(axis=-1)
            slack = 1e-11 * (1.0 + np.abs(here.value))
            worse = ~(value >= here.value - slack) & (share > 0)
            if not worse.any():
                break
            share = np.where(worse, 0.5 * share, share)
        # No shorter step climbs, or only one that is nothing: as far as the
        # derivatives are good for.
        idle = (share > 0) & (share < _NOTHING) & (value - here.value <= slack)
        stalled = stalled | worse | idle
        psi, alpha = new_psi, new_alpha
        here = expand()
    return Maximum(psi, alpha, here.value, -here.profiled, converged)


@dataclass(frozen=True, slots=True, eq=False)
class _Expansion:
    """Value, gradient and Hessian; the own parameters' ones a study."""

    value: Floats
    slope: Floats
    hessian: Floats
    own_slope: Floats
    own_curve: Floats
    cross: Floats

    @property
    def profiled(self) -> Floats:
        """Hessian in psi with the studies' own parameters profiled out."""
        # Where a study's own parameter runs off its curvature and the mixed one are 0.
        with np.errstate(divide="ignore", invalid="ignore"):
            share = self.cross / self.own_curve[..., np.newaxis]
        share = np.where(np.isfinite(share), share, 0.0)
        return np.asarray(self.hessian - np.einsum("bki,bkj->bij", self.cross, share))


def _given(
    derivatives: Derivatives,
    psi: Floats,
    alpha: Floats,
    free: tuple[int, ...],
    *,
    own: bool,
) -> _Expansion:
    """Exact derivatives in the elements that move."""
    value, slopes, curves = derivatives(psi, alpha)
    at = [i + own for i in free]
    shape = alpha.shape
    return _Expansion(
        value.sum(axis=-1),
        slopes[..., at].sum(axis=1),
        curves[..., at, :][..., at].sum(axis=1),
        slopes[..., 0] if own else np.zeros(shape),
        curves[..., 0, 0] if own else np.full(shape, -1.0),
        curves[..., 0, at] if own else np.zeros((*shape, len(at))),
    )


def _newton(e: _Expansion, *, own: bool) -> tuple[Floats, Floats, Floats]:
    """Direction of ascent in psi and in the own parameters; Newton decrement."""
    # A parameter that runs off is left where its likelihood is flat.
    curve = np.where(e.own_curve < -_FLAT, e.own_curve, -1.0)
    slope = e.slope - (e.cross * (e.own_slope / curve)[..., np.newaxis]).sum(axis=1)
    root, axes = np.linalg.eigh(np.nan_to_num(e.profiled))
    # Uphill also where the surface is not concave.
    root = -np.maximum(np.abs(root), 1e-8)
    along = np.einsum("bji,bj->bi", axes, slope)
    move = -np.einsum("bij,bj->bi", axes, along / root)
    longest = np.abs(move).max(axis=-1, keepdims=True)
    move = move * np.minimum(1.0, _LARGEST_MOVE / np.maximum(longest, 1e-300))
    decrement = (slope * move).sum(axis=-1)
    if not own:
        return move, np.zeros_like(e.own_slope), decrement
    move_own = -(e.own_slope + np.einsum("bki,bi->bk", e.cross, move)) / curve
    move_own = np.clip(move_own, -_LARGEST_MOVE, _LARGEST_MOVE)
    decrement = decrement - (e.own_slope**2 / curve).sum(axis=-1)
    return move, move_own, decrement


def _new_steps(e: _Expansion, *, own: bool) -> tuple[Floats, Floats]:
    """Steps of the next differences, a share of each standard error."""
    diagonal = np.abs(np.diagonal(e.hessian, axis1=-2, axis2=-1))
    h = np.clip(_STEP / np.sqrt(np.maximum(diagonal, 1e-12)), 1e-5, _STEP)
    curve = np.abs(e.own_curve) if own else np.ones_like(e.own_curve)
    return h, np.clip(_STEP / np.sqrt(np.maximum(curve, 1e-12)), 1e-5, _STEP)


def _expand(
    f: Studywise,
    psi: Floats,
    alpha: Floats,
    h: Floats,
    h_own: Floats,
    free: tuple[int, ...],
    *,
    own: bool,
    accurate: bool,
) -> _Expansion:
    """Differences in the free elements of psi and in the own parameters."""
    count = len(free) + own
    offsets, first, second = _stencil(count, accurate)
    starts, studies, points = psi.shape[0], alpha.shape[1], offsets.shape[0]
    at = np.repeat(psi[:, np.newaxis, :], points, axis=1)
    at[..., list(free)] += offsets[:, own:] * h[:, np.newaxis, :]
    at_own = np.repeat(alpha[:, np.newaxis, :], points, axis=1)
    if own:
        at_own += offsets[:, :1] * h_own[:, np.newaxis, :]
    flat = f(at.reshape(-1, psi.shape[1]), at_own.reshape(-1, studies))
    values = flat.reshape(starts, points, studies)
    centre = values[:, 0]
    change = values - centre[:, np.newaxis]
    slopes = np.einsum("ip,bpk->bki", first, change)
    curves = np.einsum("ijp,bpk->bkij", second, change)
    total_slope = slopes[..., own:].sum(axis=1) / h
    total = curves[..., own:, own:].sum(axis=1) / (h[:, :, None] * h[:, None, :])
    if own:
        own_slope = slopes[..., 0] / h_own
        own_curve = curves[..., 0, 0] / h_own**2
        cross = curves[..., 0, 1:] / (h_own[..., np.newaxis] * h[:, np.newaxis, :])
    else:
        own_slope = np.zeros((starts, studies))
        own_curve = np.full((starts, studies), -1.0)
        cross = np.zeros((starts, studies, len(free)))
    return _Expansion(
        centre.sum(axis=-1), total_slope, total, own_slope, own_curve, cross
    )


@lru_cache(maxsize=16)
def _stencil(count: int, accurate: bool) -> tuple[Floats, Floats, Floats]:
    """Points, and the weights of first and second differences for steps of one.

    Mixed second differences are those of the four corners, by Richardson's rule
    from steps of one and two where `accurate`.
    """
    points: dict[tuple[int, ...], int] = {(0,) * count: 0}
    first: dict[tuple[int, int], float] = {}
    second: dict[tuple[int, int, int], float] = {}

    def index(*moves: tuple[int, int]) -> int:
        at = [0] * count
        for axis, steps in moves:
            at[axis] = steps
        return points.setdefault(tuple(at), len(points))

    slope = {1: 2 / 3, 2: -1 / 12} if accurate else {1: 0.5}
    curve = {1: 4 / 3, 2: -1 / 12} if accurate else {1: 1.0}
    corner = {1: 1 / 3, 2: -1 / 48} if accurate else {1: 0.25}
    for i in range(count):
        for steps, weight in slope.items():
            for sign in (1, -1):
                p = index((i, sign * steps))
                first[i, p] = sign * weight
                second[i, i, p] = curve[steps]
    for i, j in combinations(range(count), 2):
        for steps, weight in corner.items():
            for s, t in ((1, 1), (1, -1), (-1, 1), (-1, -1)):
                p = index((i, s * steps), (j, t * steps))
                second[i, j, p] = second[j, i, p] = s * t * weight
    slopes = np.zeros((count, len(points)))
    curves = np.zeros((count, count, len(points)))
    for (i, p), weight in first.items():
        slopes[i, p] = weight
    for (i, j, p), weight in second.items():
        curves[i, j, p] = weight
    return np.array(list(points), dtype=float).reshape(-1, count), slopes, curves
