"""How many studies without an effect would undo a result."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from scipy import special

from k2stats._registry import Registry
from k2stats._typing import Floats
from k2stats.diagnostics._studies import Effects, Sample, frozen, sample
from k2stats.errors import InvalidEvidenceError, MissingInputError
from k2stats.numerics.wls import weighted_mean
from k2stats.results._words import count, fixed

WORTH = (
    "A fail-safe N assumes that the missing studies have a mean effect of zero and "
    "says nothing of their size; it is no test of publication bias (Becker 2005, in "
    "Publication Bias in Meta-Analysis, ch. 7)."
)


@dataclass(frozen=True, slots=True)
class Goal:
    """What the result is to fall to.

    Attributes
    ----------
    alpha : float
    target : float or None
        Mean effect, for Orwin's number.
    """

    alpha: float
    target: float | None


FailSafe: TypeAlias = Callable[[Sample, Goal], Floats]
FAIL_SAFE: Registry[FailSafe] = Registry("fail-safe N")


@dataclass(frozen=True, slots=True, eq=False)
class FailSafeN:
    """Number of studies of no effect; arrays have the batch shape.

    Attributes
    ----------
    method, label, reference : str
    n : ndarray
        Whole studies: the number rounded up, zero where the result falls short
        already.
    unrounded : ndarray
        Before that; negative where the result falls short.
    alpha : float
    target : float or None
    k : int
    note : str
        What the number is worth.
    """

    method: str
    label: str
    reference: str
    n: Floats
    unrounded: Floats
    alpha: float
    target: float | None
    k: int
    note: str

    def __repr__(self) -> str:
        if self.n.shape:
            return f"Fail-safe N ({self.label}): numbers of shape {self.n.shape}"
        studies = count(self.k, "study", "studies")
        return f"Fail-safe N ({self.label}): {fixed(self.n, 0)} for {studies}"


@FAIL_SAFE.register(
    "rosenthal",
    label="Rosenthal",
    reference="Rosenthal (1979). Psychological Bulletin 86:638-641.",
    equation=r"N = (\sum z)^2 / z_\alpha^2 - K",
    traits=("one-sided",),
)
def rosenthal(given: Sample, goal: Goal) -> Floats:
    """Studies with z = 0 that bring Stouffer's test to a one-sided p of alpha."""
    total = (given.y / np.sqrt(given.v)).sum(axis=-1)
    return np.asarray(total**2 / special.ndtri(goal.alpha) ** 2 - given.k)


@FAIL_SAFE.register(
    "rosenberg",
    label="Rosenberg",
    reference="Rosenberg (2005). Evolution 59:464-468.",
    equation=r"N = ((\sum w y)^2 / z_{\alpha/2}^2 - \sum w) / \bar w",
    traits=("two-sided",),
)
def rosenberg(given: Sample, goal: Goal) -> Floats:
    """Studies of average weight that bring the common effect to a p of alpha."""
    w = 1.0 / given.v
    total, sum_ = w.sum(axis=-1), (w * given.y).sum(axis=-1)
    excess = sum_**2 / special.ndtri(0.5 * goal.alpha) ** 2 - total
    return np.asarray(excess * given.k / total)


@FAIL_SAFE.register(
    "orwin",
    label="Orwin",
    reference="Orwin (1983). Journal of Educational Statistics 8:157-159.",
    equation=r"N = K (|\bar y| - y_0) / y_0",
    traits=("target",),
)
def orwin(given: Sample, goal: Goal) -> Floats:
    """Studies of no effect that bring the plain mean to the target."""
    return _orwin(np.asarray(given.y.mean(axis=-1)), given.k, goal)


@FAIL_SAFE.register(
    "orwin-weighted",
    label="Orwin, weighted",
    reference="Orwin (1983). Journal of Educational Statistics 8:157-159; weights "
    "one over the variances.",
    equation=r"N = K (|\hat\mu| - y_0) / y_0",
    traits=("target",),
)
def orwin_weighted(given: Sample, goal: Goal) -> Floats:
    """Studies of average weight that bring the weighted mean to the target."""
    return _orwin(weighted_mean(given.y, 1.0 / given.v), given.k, goal)


def _orwin(mean: Floats, k: int, goal: Goal) -> Floats:
    if goal.target is None:
        raise MissingInputError(
            field="target", needed_for="Orwin's number", hint="the mean that matters"
        )
    if not (np.isfinite(goal.target) and goal.target != 0.0):
        raise InvalidEvidenceError(
            field="target", requirement="other than zero", given=goal.target
        )
    size = abs(goal.target)
    return np.asarray(k * (np.abs(mean) - size) / size)


def fail_safe_n(
    effects: Effects,
    method: str = "rosenthal",
    *,
    alpha: float = 0.05,
    target: float | None = None,
) -> FailSafeN:
    r"""Number of unpublished studies without an effect that would undo a result.

    Parameters
    ----------
    effects : EffectSizes or PooledEstimate, shape (..., K)
    method : str
        ``"rosenthal"`` (one-sided alpha, as published), ``"rosenberg"`` (two-sided),
        ``"orwin"`` or ``"orwin-weighted"``.
    alpha : float
    target : float, optional
        Mean effect that is too small to matter, on the scale of analysis; needed by
        Orwin's methods.

    Raises
    ------
    InvalidEvidenceError, MissingInputError, UnknownMethodError

    References
    ----------
    Rosenthal (1979). Psychological Bulletin 86:638-641.
    Rosenberg (2005). Evolution 59:464-468.
    Orwin (1983). Journal of Educational Statistics 8:157-159.

    Examples
    --------
    >>> from k2stats.effectsizes import EffectSizes
    >>> es = EffectSizes.from_arrays([0.5, 0.4, 0.9], [0.01, 0.02, 0.2])
    >>> fail_safe_n(es)
    Fail-safe N (Rosenthal): 33 for 3 studies
    """
    entry = FAIL_SAFE[method]
    if not 0.0 < alpha < 0.5:
        raise InvalidEvidenceError(
            field="alpha", requirement="between 0 and 0.5", given=alpha
        )
    given = sample(effects, least=1, need="a fail-safe N")
    raw = entry.function(given, Goal(alpha, target))
    return FailSafeN(
        method=method,
        label=entry.label,
        reference=entry.reference,
        n=frozen(np.maximum(np.ceil(raw), 0.0)),
        unrounded=frozen(raw),
        alpha=alpha,
        target=target,
        k=given.k,
        note=WORTH,
    )
