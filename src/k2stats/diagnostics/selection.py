"""Selection models: what the effects were before results were picked by p-value."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from k2stats._typing import Alternative, Bools, Floats
from k2stats.diagnostics._selection_fit import Maximum, maximise
from k2stats.diagnostics._selection_likelihood import Published, log_likelihood
from k2stats.diagnostics._selection_problem import Problem
from k2stats.diagnostics._selection_result import SelectionModel
from k2stats.diagnostics._studies import (
    Effects,
    Sample,
    effects_of,
    frozen,
    one_sample,
    worth,
)
from k2stats.diagnostics.weight_functions import WEIGHTS, Weights
from k2stats.errors import ConvergenceError, InvalidEvidenceError
from k2stats.heterogeneity import estimate_tau2, validate
from k2stats.numerics.wls import fit_wls

_FLAT = 1e-9
"""Rise of the log-likelihood below which delta is not identified."""


def selection_model(
    effects: Effects,
    weights: str = "step",
    *,
    steps: Sequence[float] | None = None,
    alternative: Alternative = "greater",
    X: ArrayLike | None = None,
    tau2: float | None = None,
    delta: Sequence[float | None] | None = None,
    delta_max: float = 100.0,
    level: float = 0.95,
) -> SelectionModel:
    r"""Fit a random-effects model to results that were selected by their p-values.

    .. math:: f(y_k) = \frac{w(p_k; \delta)\,\phi(y_k; x_k^\top\beta, v_k + \tau^2)}
        {\int w(p; \delta)\,\phi(y; x_k^\top\beta, v_k + \tau^2)\,dy}

    by maximum likelihood. The gradient is analytic. The search starts from a grid
    and from the fit without selection, climbs from the best points and ends with
    Newton's iteration, so that the maximum is the global one as far as the grid
    shows.

    Parameters
    ----------
    effects : EffectSizes or PooledEstimate, shape (K,)
    weights : str
        A name in :data:`WEIGHTS`: ``"step"``, ``"3PSM"``, ``"4PSM"``, ``"beta"``,
        ``"half-normal"``, ``"negative-exponential"``, ``"logistic"``, ``"power"``,
        ``"truncated"``.
    steps : sequence of float, optional
        Cut points of p for the step function, 0.025 when left out; for the smooth
        functions one p-value up to which everything is published; for
        ``"truncated"`` the point on the scale of the effects.
    alternative : {"greater", "less", "two-sided"}
        Of the p-values. ``"greater"``: large effects are selected.
    X : array-like, shape (K, p), optional
        Columns of moderators, the intercept's among them.
    tau2 : float, optional
        A value to take as given.
    delta : sequence of float or None, optional
        Values to take as given, one for each parameter, None for one to estimate.
    delta_max : float
        Largest value of a parameter. Where no study is significant, or all are, the
        likelihood often rises as far as this.
    level : float

    Returns
    -------
    SelectionModel
        Estimates NaN where the likelihood rises for ever as the mean or tau2 goes
        beyond every bound; the note says so, and the log-likelihood is what was
        reached.

    Raises
    ------
    InvalidEvidenceError
        For fewer than three studies, a wrong step, delta or length.
    UnknownMethodError
    ConvergenceError
        Where no ascent ended at a maximum.

    References
    ----------
    Vevea & Hedges (1995). Psychometrika 60:419-435.
    Hedges (1992). Statistical Science 7:246-255.
    Citkowicz & Vevea (2017). Psychological Methods 22:28-41. Beta.
    Preston, Ashby & Smyth (2004). J Eval Clin Pract 10:313-322. Smooth functions.

    Examples
    --------
    >>> from k2stats.effectsizes import EffectSizes
    >>> y = [0.62, 0.55, 0.48, 0.71, 0.39, 0.33, 0.12, 0.9, 0.05, 0.2]
    >>> v = [0.05, 0.06, 0.04, 0.09, 0.03, 0.02, 0.02, 0.15, 0.01, 0.02]
    >>> fit = selection_model(EffectSizes.from_arrays(y, v))
    >>> round(fit.estimate, 3), round(fit.lrt_p, 3)
    (0.04, 0.001)
    """
    entry = WEIGHTS[weights]
    given = one_sample(effects, least=3, need="a selection model")
    _check_options(alternative, tau2, delta_max, level)
    if "own-steps" in entry.traits and steps is not None:
        raise InvalidEvidenceError(
            field="steps", requirement=f"left out for {weights!r}", given=steps
        )
    cuts = _cuts(weights, steps)
    columns = None if X is None else validate(given.y, given.v, X)[2]
    data = Published(
        given.y,
        given.v,
        np.ones((given.k, 1)) if columns is None else columns,
        alternative,
    )
    made = entry.function(data, cuts, delta_max)
    held = _held(delta, made)
    problem = Problem(data, made, tau2, held, _spread(given))
    start = _without_selection(given, columns, tau2)
    neutral = np.where(np.isnan(held), made.neutral, held)
    found = maximise(problem, np.concatenate([start, neutral]))
    if not (found.converged or found.endless):
        raise ConvergenceError(
            f"The likelihood of the {entry.label.lower()} has no maximum within "
            f"reach for {given.k} studies: ascents from the best points of a grid "
            "were tried."
        )
    loglik0 = _loglik_without(data, start)
    return _result(
        found,
        problem,
        (weights, entry.label, entry.reference),
        start=start,
        loglik0=loglik0,
        steps=cuts,
        level=level,
        measure=effects_of(effects).measure,
    )


def _result(
    found: Maximum,
    problem: Problem,
    words: tuple[str, str, str],
    *,
    start: Floats,
    loglik0: float,
    steps: tuple[float, ...],
    level: float,
    measure: str,
) -> SelectionModel:
    p, made = problem.p, problem.weights
    free = np.isnan(problem.fixed_delta)
    with np.errstate(invalid="ignore"):
        se = np.sqrt(np.diag(found.cov))
    delta = found.delta.copy()
    known = _identified(problem, found)
    lost = np.full(free.shape, found.endless)
    delta[free & (~known | lost)] = np.nan
    names = ("Intercept",) if p == 1 else tuple(f"x{j + 1}" for j in range(p))
    return SelectionModel(
        method=words[0],
        label=words[1],
        reference=words[2],
        names=names,
        beta=frozen(np.where(found.endless, np.nan, found.beta)),
        se=frozen(np.where(found.endless, np.nan, se[:p])),
        cov=frozen(np.where(found.endless, np.nan, found.cov)),
        tau2=np.nan if found.endless and problem.fixed_tau2 is None else found.tau2,
        tau2_se=np.nan if found.endless else float(se[p]),
        delta_names=made.names,
        delta=frozen(delta),
        delta_se=frozen(np.where(known & ~lost, se[p + 1 :], np.nan)),
        at_bound=found.bound[p + 1 :] & free,
        loglik=found.loglik,
        loglik_without=loglik0,
        tested=int(free.sum()),
        beta_without=frozen(start[:p]),
        tau2_without=float(start[p]),
        counts=made.counts,
        steps=steps,
        alternative=problem.data.alternative,
        k=problem.data.y.size,
        level=level,
        note=_note(problem, found, known),
        problem=problem,
        measure=measure,
    )


def _identified(problem: Problem, found: Maximum) -> Bools:
    """Whether the likelihood changes when a delta does."""
    x = np.concatenate([found.beta, [found.tau2], found.delta])
    out = np.ones(found.delta.size, dtype=bool)
    for j in range(out.size):
        other = np.tile(x, (3, 1))
        other[:, problem.p + 1 + j] = [0.01, 1.0, 50.0]
        height = problem.value(np.clip(other, problem.low, problem.high))[0]
        out[j] = bool((np.abs(height - found.loglik) > _FLAT).any())
    return out


def _note(problem: Problem, found: Maximum, known: Bools) -> str:
    counts = problem.weights.counts
    parts = []
    if found.endless:
        parts.append(
            "The likelihood has no maximum: it rises as the mean or the heterogeneity "
            "goes beyond every bound, so that they and delta are not told apart."
        )
    if counts and min(counts) == 0:
        where = ", ".join(str(i + 1) for i, c in enumerate(counts) if c == 0)
        parts.append(
            f"No study lies in piece {where}: its weight is not told from the data, "
            "only bounded."
        )
    elif counts and min(counts) < 3:
        parts.append("A piece has fewer than three studies: its weight is uncertain.")
    if not known.all():
        parts.append("The likelihood does not depend on every delta.")
    at = found.bound[problem.p + 1 :] & np.isnan(problem.fixed_delta)
    least = at & (problem.lift > 0.0) & (found.delta < 1.0)
    if least.any():
        parts.append(
            "A delta is at the least value that gives the results a distribution with "
            "this tau2, and treated as known there."
        )
    if (at & ~least).any():
        parts.append("A delta is at its bound, and treated as known there.")
    few = worth(problem.data.y.size, "selection")
    return " ".join([*parts, *([few] if few else [])])


def _without_selection(given: Sample, X: Floats | None, tau2: float | None) -> Floats:
    """Coefficients and tau2 by maximum likelihood without selection."""
    value = tau2
    if value is None:
        value = float(estimate_tau2(given.y, given.v, X, method="ML").tau2)
    beta = fit_wls(given.y, 1.0 / (given.v + value), X).beta
    return np.concatenate([beta, [value]])


def _loglik_without(data: Published, start: Floats) -> float:
    p = data.X.shape[-1]
    nothing = _Nothing(data.y.size)
    return float(log_likelihood(data, nothing, start[:p], start[p], np.zeros(0))[0])


@dataclass(frozen=True, slots=True)
class _Nothing:
    """No selection: weights of one."""

    k: int

    def log_weight(self, delta: Floats) -> tuple[Floats, Floats]:
        return np.zeros(self.k), np.zeros((self.k, 0))

    def log_mass(
        self, mu: Floats, s2: Floats, delta: Floats
    ) -> tuple[Floats, Floats, Floats, Floats]:
        none = np.zeros(s2.shape)
        return none, none, none, np.zeros((*s2.shape, 0))


def _spread(given: Sample) -> float:
    """Size of the effects' scatter, for the scale of the search."""
    return float(max(np.std(given.y), np.sqrt(np.median(given.v))))


def _cuts(weights: str, steps: Sequence[float] | None) -> tuple[float, ...]:
    if steps is None:
        return (0.025,) if weights == "step" else ()
    return tuple(float(s) for s in np.atleast_1d(np.asarray(steps, dtype=float)))


def _held(delta: Sequence[float | None] | None, made: Weights) -> Floats:
    m = made.neutral.size
    if delta is None:
        return np.full(m, np.nan)
    if len(delta) != m:
        raise InvalidEvidenceError(
            field="delta",
            requirement=f"of length {m} ({', '.join(made.names)})",
            given=len(delta),
        )
    held = np.array([np.nan if d is None else float(d) for d in delta])
    there = ~np.isnan(held)
    if not (np.isfinite(held[there]) & (held[there] >= 0.0)).all():
        raise InvalidEvidenceError(
            field="delta", requirement="finite and not negative", given=tuple(delta)
        )
    return held


def _check_options(
    alternative: str, tau2: float | None, delta_max: float, level: float
) -> None:
    if alternative not in ("greater", "less", "two-sided"):
        raise InvalidEvidenceError(
            field="alternative",
            requirement="'greater', 'less' or 'two-sided'",
            given=alternative,
        )
    if tau2 is not None and not (np.isfinite(tau2) and tau2 >= 0.0):
        raise InvalidEvidenceError(
            field="tau2", requirement="finite and not negative", given=tau2
        )
    if not (np.isfinite(delta_max) and delta_max > 1.0):
        raise InvalidEvidenceError(
            field="delta_max", requirement="finite and above 1", given=delta_max
        )
    if not 0.0 < level < 1.0:
        raise InvalidEvidenceError(
            field="level", requirement="between 0 and 1", given=level
        )
