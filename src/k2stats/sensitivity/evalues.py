r"""E-values: how strong unmeasured confounding would have to be to explain a result.

A confounder associated with exposure by the risk ratio :math:`RR_{EU}` and with the
outcome by :math:`RR_{UD}` can bias a risk ratio by no more than the bounding factor

.. math:: B = \frac{RR_{EU} RR_{UD}}{RR_{EU} + RR_{UD} - 1},

and the E-value is the least value of the larger of the two at which B reaches the
observed ratio: :math:`E = R + \sqrt{R (R - 1)}`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from k2stats._registry import Registry
from k2stats._typing import Floats
from k2stats.errors import InvalidEvidenceError, MissingInputError
from k2stats.evidence._coerce import as_floats, require, together

ToRiskRatio: TypeAlias = Callable[[Floats], Floats]

EVALUE_MEASURES: Registry[ToRiskRatio] = Registry("measure with an E-value")
"""Measures and how each is read as a risk ratio. Trait ``difference``: its null is 0
and it comes with a standard error."""

_PAPER = "VanderWeele and Ding (2017), Ann Intern Med 167:268, Table 2"


@EVALUE_MEASURES.register("RR", label="Risk ratio", reference=_PAPER, equation="RR")
def risk_ratio(x: Floats) -> Floats:
    """Risk and rate ratios as they are."""
    return x


@EVALUE_MEASURES.register(
    "OR rare",
    label="Odds ratio, outcome in fewer than 15%",
    reference=_PAPER,
    equation="RR = OR",
)
def odds_ratio_rare(x: Floats) -> Floats:
    """Odds ratios of rare outcomes, which are close to risk ratios."""
    return x


@EVALUE_MEASURES.register(
    "OR common",
    label="Odds ratio, outcome in more than 15%",
    reference=_PAPER,
    equation="RR = sqrt(OR)",
)
def odds_ratio_common(x: Floats) -> Floats:
    """Square root of odds ratios of common outcomes."""
    return np.asarray(np.sqrt(x))


@EVALUE_MEASURES.register(
    "HR rare",
    label="Hazard ratio, outcome in fewer than 15% at the end of follow-up",
    reference=_PAPER,
    equation="RR = HR",
)
def hazard_ratio_rare(x: Floats) -> Floats:
    """Hazard ratios of rare outcomes, which are close to risk ratios."""
    return x


@EVALUE_MEASURES.register(
    "HR common",
    label="Hazard ratio, outcome in more than 15% at the end of follow-up",
    reference=_PAPER,
    equation="RR = (1 - 0.5^sqrt(HR)) / (1 - 0.5^sqrt(1/HR))",
)
def hazard_ratio_common(x: Floats) -> Floats:
    """Approximate conversion of hazard ratios of common outcomes."""
    half = np.log(0.5)
    return np.asarray(np.expm1(half * np.sqrt(x)) / np.expm1(half / np.sqrt(x)))


@EVALUE_MEASURES.register(
    "SMD",
    label="Standardised mean difference",
    reference=f"{_PAPER}; Chinn (2000), Stat Med 19:3127",
    equation="RR = exp(0.91 d), limits exp(0.91 d -/+ 1.78 SE)",
    traits=("difference",),
)
def standardised_difference(x: Floats) -> Floats:
    """Approximate risk ratio of an outcome split near its middle."""
    return np.asarray(np.exp(0.91 * x))


if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, slots=True, eq=False)
class EValue:
    """Confounding that could explain an estimate, and its interval, away.

    Attributes
    ----------
    point : ndarray
        E-value of the estimate, at least 1.
    limit : ndarray
        E-value of the confidence limit nearer the null: 1 where the interval holds
        the null, NaN where none was given.
    ratio : ndarray
        The estimate as a risk ratio.
    null : float
        The value to which the estimate is to be explained away, as a risk ratio.
    """

    point: Floats
    limit: Floats
    ratio: Floats
    null: float

    @property
    def meaning(self) -> list[str]:
        """One line for a reader, for each estimate."""
        lines = []
        for e, limit in zip(self.point.ravel(), self.limit.ravel(), strict=True):
            text = (
                "To explain the estimate away, an unmeasured confounder would have to "
                f"multiply both exposure and outcome by {e:.2f}, beyond what was "
                "measured"
            )
            if not np.isnan(limit):
                text += f"; to move the interval to the null, by {limit:.2f}"
            lines.append(f"{text}.")
        return lines

    def plot(self, index: int = 0, *, title: str = "") -> "Figure":
        """Confounders that would explain an estimate away, by their two risk ratios.

        Parameters
        ----------
        index : int
            Position among the estimates.
        title : str

        Raises
        ------
        InvalidEvidenceError
            For a position that is not there.
        """
        from k2stats.sensitivity._grid_figures import evalue_plot

        return evalue_plot(self, index, title)


def bias_threshold(ratio: ArrayLike) -> Floats:
    r"""E-value of a risk ratio against 1.

    .. math:: E = R + \sqrt{R (R - 1)}, \quad R = \max(RR, 1 / RR)

    Parameters
    ----------
    ratio : array_like
        Positive.

    References
    ----------
    VanderWeele & Ding (2017). Annals of Internal Medicine 167:268-274.

    Examples
    --------
    >>> bias_threshold([3.9, 1.0, 0.8]).round(4)
    array([7.263, 1.   , 1.809])
    """
    r = np.asarray(ratio, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        r = np.where(r < 1.0, 1.0 / r, r)
        # an infinite ratio has an infinite E-value, not inf - inf
        return np.asarray(r + np.sqrt(r) * np.sqrt(r - 1.0))


def evalue(
    estimate: ArrayLike,
    low: ArrayLike | None = None,
    high: ArrayLike | None = None,
    *,
    measure: str = "RR",
    se: ArrayLike | None = None,
    null: float | None = None,
) -> EValue:
    r"""E-values of estimates and of their confidence limits.

    Parameters
    ----------
    estimate : array_like
        On the natural scale, not logarithms; a standardised mean difference for
        ``"SMD"``.
    low, high : array_like, optional
        Confidence limits, for ratios.
    measure : str
        Name in :data:`EVALUE_MEASURES`: ``"RR"``, ``"OR rare"``, ``"OR common"``,
        ``"HR rare"``, ``"HR common"`` or ``"SMD"``. For risk differences see
        :func:`evalue_risk_difference`.
    se : array_like, optional
        Standard error of an SMD.
    null : float, optional
        The value the estimate is to be moved to; 1 by default (0 for an SMD).

    Returns
    -------
    EValue

    Raises
    ------
    UnknownMethodError
        For an unknown measure.
    InvalidEvidenceError
        For ratios that are not positive, an estimate outside its limits, or limits
        with ``"SMD"``, an SE with a ratio.
    MissingInputError
        Where only one limit is given.

    References
    ----------
    VanderWeele & Ding (2017). Annals of Internal Medicine 167:268-274.

    Examples
    --------
    >>> found = evalue(3.9, 1.8, 8.7)
    >>> found.point.round(2), found.limit.round(2)
    (array([7.26]), array([3.]))
    """
    entry = EVALUE_MEASURES[measure]
    difference = "difference" in entry.traits
    value = as_floats("estimate", estimate)
    start = (0.0 if difference else 1.0) if null is None else float(null)
    if difference:
        if low is not None or high is not None:
            raise InvalidEvidenceError(
                field="low, high", requirement="left out for an SMD; give se"
            )
        require("estimate", "finite", np.isfinite(value), value)
        low_, high_ = _by_se(value, se)
    else:
        if se is not None:
            raise InvalidEvidenceError(
                field="se", requirement="left out for a ratio; give low and high"
            )
        if (low is None) != (high is None):
            missing = "low" if low is None else "high"
            raise MissingInputError(field=missing, needed_for="the E-value of a limit")
        if start <= 0:
            raise InvalidEvidenceError(
                field="null", requirement="positive for a ratio", given=start
            )
        low_, high_ = _limits(value, low, high)
    to_ratio = entry.function
    origin = float(to_ratio(np.array(start)))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = to_ratio(value)
        # an SMD's limits are read as risk ratios with their own factor of the SE
        bounds = (low_, high_) if difference else (to_ratio(low_), to_ratio(high_))
        limit = _limit(ratio, bounds[0], bounds[1], origin)
        return EValue(bias_threshold(ratio / origin), limit, ratio, origin)


def _by_se(value: Floats, se: ArrayLike | None) -> tuple[Floats, Floats]:
    """Limits of an SMD as risk ratios."""
    if se is None:
        nothing = np.full_like(value, np.nan)
        return nothing, nothing
    error = as_floats("se", se)
    require("se", "not negative", error >= 0, error)
    half = 1.78 * error
    return np.exp(0.91 * value - half), np.exp(0.91 * value + half)


def _limits(
    value: Floats, low: ArrayLike | None, high: ArrayLike | None
) -> tuple[Floats, Floats]:
    """Check a ratio and its limits."""
    require("estimate", "positive", value > 0, value)
    if low is None or high is None:
        nothing = np.full_like(value, np.nan)
        return nothing, nothing
    found = together({"estimate": value, "low": low, "high": high})
    require("low", "not negative", found["low"] >= 0, found["low"])
    inside = (found["low"] <= found["estimate"]) & (found["estimate"] <= found["high"])
    require("estimate", "inside its limits", inside, found["estimate"])
    return found["low"], found["high"]


def _limit(ratio: Floats, low: Floats, high: Floats, null: float) -> Floats:
    """E-value of the limit nearer the null; 1 where the interval holds it."""
    near = np.where(ratio >= null, low, high)
    holds = (low <= null) & (null <= high)
    found = np.where(holds, 1.0, bias_threshold(near / null))
    return np.where(np.isnan(near), np.nan, found)
