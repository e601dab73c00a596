"""The global maximum of a marginal likelihood over the spread of the effects."""

from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np

from k2stats._typing import Floats
from k2stats.errors import ConvergenceError
from k2stats.models._glmm_likelihood import StudyModel
from k2stats.models._small_spreads import climb
from k2stats.numerics.arrow import Derivatives, Maximum, maximise

LADDER = (15, 31, 61, 121)
"""Numbers of nodes tried where none is asked for."""
SETTLED = 1e-10
"""Change of the log-likelihood with twice the nodes that is taken as none."""
_NEGLIGIBLE = 1e-6
_FIRST_LOOK = 7
_EXACT_FROM = 15
"""With as many nodes the exact derivatives are those of the quadrature too."""


@dataclass(frozen=True, slots=True, eq=False)
class GlmmFit:
    """The maximum of one marginal likelihood.

    Attributes
    ----------
    psi, alpha : ndarray, shapes (d,) and (K,)
    cov : ndarray, shape (d, d)
        Inverse observed information; NaN in the rows of what was held fixed or is 0.
    loglik, loglik_at_modes, common_loglik : float
        Marginal; given the modes of the effects; with the last spread at 0.
    nodes : int
        Of the quadrature, for each effect.
    quadrature_error : float
        Change of the log-likelihood, the parameters held, with twice the nodes.
    """

    psi: Floats
    alpha: Floats
    cov: Floats
    loglik: float
    loglik_at_modes: float
    common_loglik: float
    nodes: int
    quadrature_error: float


class Marginal(Protocol):
    """A likelihood of K studies; the last of its parameters is a spread."""

    @property
    def names(self) -> tuple[str, ...]:
        """What the parameters are called."""

    @property
    def spreads(self) -> tuple[int, ...]:
        """Those that the likelihood is even in."""

    @property
    def start(self) -> Floats:
        """Where to start."""

    @property
    def own_start(self) -> Floats:
        """Where the studies' own parameters start."""

    @property
    def has_own(self) -> bool:
        """Whether the studies have parameters of their own."""

    @property
    def grid(self) -> Floats:
        """Values of the last spread at which the likelihood is profiled, 0 first."""

    def loglik(self, psi: Floats, alpha: Floats, nodes: int) -> Floats:
        """Log-likelihoods, shape (M, K)."""

    def loglik_at_modes(self, psi: Floats, alpha: Floats) -> Floats:
        """Log-likelihoods given the modes of the effects, shape (M, K)."""


class _Climb(NamedTuple):
    found: Maximum
    nodes: int
    error: float


def fit(model: Marginal, *, nodes: int | None, tau: float | None = None) -> GlmmFit:
    """Maximise over all parameters, or at a given value of the last spread.

    For each value of the last spread on a grid the likelihood is maximised over the
    rest; every local maximum of that profile is climbed with the spread free.

    Raises
    ------
    ConvergenceError
        Where the likelihood has no maximum, or none was reached.
    """
    last = len(model.names) - 1
    rest = tuple(range(last))
    start = model.start[np.newaxis].copy()
    start[:, last] = 0.0
    own = model.own_start[np.newaxis]
    common = _climb(model, start, own, rest, nodes)
    _require(bool(common.found.converged.all()), "common-effect")
    base = float(common.found.value[0])
    if tau == 0.0:
        return _finish(model, common, rest, base)
    if tau is not None:
        start = common.found.psi.copy()
        start[:, last] = tau
        held = _climb(model, start, common.found.alpha, rest, nodes)
        _require(bool(held.found.converged.all()), "random-effects")
        return _finish(model, held, rest, base)
    profile = _profile(model, model.grid, common.found, rest)
    peaks = _peaks(profile.value)
    if peaks[-1] == model.grid.size - 1:
        _refuse_endless(model, common.found, rest)
    # The profile is even in tau: where it rises from 0 there is a peak above 0.
    starts = sorted({max(p, 1) for p in peaks})
    climbed = _climb(
        model, profile.psi[starts], profile.alpha[starts], (*rest, last), nodes
    )
    found = climbed.found
    inside = np.abs(found.psi[:, last]) > _NEGLIGIBLE
    value = np.where(found.converged & inside, found.value, -np.inf)
    best = int(np.argmax(value))
    if value[best] > base + 1e-12 * (1.0 + abs(base)):
        return _finish(model, climbed, (*rest, last), base, best)
    _require(bool((found.converged | (found.value <= base)).all()), "random-effects")
    return _finish(model, common, rest, base)


def greatest(model: Marginal, *, nodes: int | None) -> float:
    """Greatest log-likelihood of a model that has no tau, its spread 0 or above."""
    last = len(model.names) - 1
    start = np.repeat(model.start[np.newaxis], 2, axis=0)
    start[0, last] = 0.0
    own = model.own_start[np.newaxis]
    without = _climb(model, start[:1], own, tuple(range(last)), nodes)
    climbed = _climb(model, start[1:], own, tuple(range(last + 1)), nodes)
    return float(max(without.found.value[0], climbed.found.value[0]))


def _require(reached: bool, what: str) -> None:
    if not reached:
        raise ConvergenceError(
            f"No maximum of the {what} likelihood was reached. Tried: Newton's method "
            "with step halving, the spread started at every maximum of its profile."
        )


def _refuse_endless(model: Marginal, common: Maximum, rest: tuple[int, ...]) -> None:
    """Raise where the profile still rises beyond the grid."""
    wide = model.grid[-1] * np.array([1.0, 2.0, 4.0])
    profile = _profile(model, wide, common, rest)
    if int(np.argmax(profile.value)) == wide.size - 1:
        raise ConvergenceError(
            "The likelihood rises without end as tau grows: the studies lie at "
            f"opposite extremes. Tried: tau from 0 to {wide[-1]:g}. A fixed tau2, or "
            "a penalised or exact method, has an answer."
        )


def _finish(
    model: Marginal,
    climb: _Climb,
    free: tuple[int, ...],
    common: float,
    row: int = 0,
) -> GlmmFit:
    found = climb.found
    cov = np.full((len(model.names),) * 2, np.nan)
    cov[np.ix_(free, free)] = found.cov[row]
    at = slice(row, row + 1)
    psi = found.psi[row].copy()
    modes = model.loglik_at_modes(found.psi[at], found.alpha[at])
    psi[list(model.spreads)] = np.abs(psi[list(model.spreads)])
    return GlmmFit(
        psi=psi,
        alpha=found.alpha[row],
        cov=cov,
        loglik=float(found.value[row]),
        loglik_at_modes=float(modes.sum()),
        common_loglik=common,
        nodes=climb.nodes,
        quadrature_error=climb.error,
    )


def _peaks(value: Floats) -> list[int]:
    """Positions of the local maxima, ends included."""
    inner = np.nan_to_num(value, nan=-np.inf)
    padded = np.concatenate([[-np.inf], inner, [-np.inf]])
    up, down = inner >= padded[:-2], inner >= padded[2:]
    return [int(i) for i in np.flatnonzero(up & down)]


def _profile(
    model: Marginal, grid: Floats, common: Maximum, rest: tuple[int, ...]
) -> Maximum:
    """Maximise over everything else at each value of the last spread."""
    psi = np.repeat(common.psi, grid.size, axis=0)
    psi[:, -1] = grid
    # Differences: exact derivatives would not fit so few nodes.
    pair = isinstance(model, StudyModel) and model.effects == 2
    nodes = 1 if pair else _FIRST_LOOK
    return maximise(
        lambda p, a: model.loglik(p, a, nodes),
        psi,
        np.repeat(common.alpha, grid.size, axis=0),
        free=rest,
        own=model.has_own,
        accurate=False,
    )


def _derivatives(model: Marginal, nodes: int) -> Derivatives | None:
    if isinstance(model, StudyModel):
        return lambda psi, alpha: model.derivatives(psi, alpha, nodes)
    return None


def _climb(
    model: Marginal,
    psi: Floats,
    alpha: Floats,
    free: tuple[int, ...],
    nodes: int | None,
) -> _Climb:
    """Climb with the nodes asked for, or with more and more until nothing moves."""
    ladder = LADDER if nodes is None else (nodes,)
    for n in ladder:
        exact = _derivatives(model, n) if n >= _EXACT_FROM else None
        found = _maximise(model, psi, alpha, free, n, exact)
        if exact is not None and not found.converged.all():
            # Exact derivatives are those of the integral. Where the rule is still
            # coarse they are not its own, and no step along them climbs.
            psi, alpha = found.psi, found.alpha
            if n < ladder[-1]:
                continue
            found = _maximise(model, psi, alpha, free, n, None)
        psi, alpha = found.psi, found.alpha
        finer = model.loglik(psi, alpha, 2 * n + 1).sum(axis=-1)
        change = np.abs(finer - found.value)[found.converged]
        error = float(np.max(change)) if change.size else np.inf
        if error < SETTLED:
            break
    return _Climb(found, n, error)


def _maximise(
    model: Marginal,
    psi: Floats,
    alpha: Floats,
    free: tuple[int, ...],
    nodes: int,
    derivatives: Derivatives | None,
) -> Maximum:
    def loglik(p: Floats, a: Floats) -> Floats:
        return model.loglik(p, a, nodes)

    own = model.has_own
    if derivatives is None:
        return climb(loglik, psi, alpha, free=free, own=own, spreads=model.spreads)
    return maximise(loglik, psi, alpha, free=free, own=own, derivatives=derivatives)
