r"""Trials weighted by what their missing outcomes leave uncertain.

Best- and worst-case analysis moves every missing outcome to one side at once, in all
trials. The uncertainty method of Gamble and Hollis keeps the effects of the known
outcomes and lets a trial count for less the further apart its own two extremes lie.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from k2stats._typing import Floats
from k2stats.effectsizes import EffectSizes, Rule, effect_sizes
from k2stats.errors import InvalidEvidenceError
from k2stats.sensitivity._missing_inputs import effects
from k2stats.sensitivity.missing_outcomes import BinaryWithMissing

_MEASURES = ("RR", "OR", "RD")


@dataclass(frozen=True, slots=True, eq=False)
class UncertaintyIntervals:
    """What sampling error and missing outcomes together leave uncertain.

    Attributes
    ----------
    effects : EffectSizes, shape (..., K)
        Effects of the known outcomes with the variances that the uncertainty
        intervals stand for: to be pooled as any other.
    low, high : ndarray
        Uncertainty intervals, on the scale of analysis.
    available : EffectSizes
        The known outcomes alone, with their own variances.
    level : float
    """

    effects: EffectSizes
    low: Floats
    high: Floats
    available: EffectSizes
    level: float

    @property
    def inflation(self) -> Floats:
        """Standard errors as multiples of those of the known outcomes."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(np.sqrt(self.effects.v / self.available.v))

    @property
    def meaning(self) -> str:
        """One line for a reader."""
        times = self.inflation[np.isfinite(self.inflation)]
        if not times.size:
            return "No trial has an effect."
        return (
            f"With the missing outcomes at their extremes standard errors are "
            f"{times.min():.2f} to {times.max():.2f} times those of the known "
            f"outcomes, in the median {np.median(times):.2f} times."
        )

    def __repr__(self) -> str:
        return (
            f"Uncertainty intervals of {self.effects.k} trials ({self.level:.0%}, "
            f"{self.effects.measure}). {self.meaning}"
        )


def uncertainty_intervals(
    trials: BinaryWithMissing,
    measure: str = "RR",
    *,
    level: float = 0.95,
    zero_cells: Rule | None = None,
    study: Sequence[Hashable] | None = None,
) -> UncertaintyIntervals:
    r"""Uncertainty intervals of trials with missing outcomes, and the weights of them.

    A trial's uncertainty interval reaches from the lower confidence limit of its
    worst case (every missing outcome of group 2 an event, none of group 1's) to the
    upper limit of its best case (the other way round). The effect stays that of the
    known outcomes; its standard error is the one whose interval would be as wide:

    .. math:: s_k = \frac{U_k^{\text{best}} - L_k^{\text{worst}}}{2 z} =
        \frac{y_k^{\text{best}} - y_k^{\text{worst}}}{2 z} +
        \frac{s_k^{\text{best}} + s_k^{\text{worst}}}{2}, \qquad
        z = \Phi^{-1}\Bigl(\frac{1 + \text{level}}{2}\Bigr)

    and enters the inverse-variance weights in place of that of the known outcomes.
    Without missing outcomes it is that standard error. The interval is seldom
    symmetric about the effect, which the standard error does not show.

    The two papers below put this in words; figures printed by the first were not at
    hand to hold against it, and trials with zero cells follow the house rule: each
    of the three tables is adjusted where it has a zero of its own.

    Parameters
    ----------
    trials : BinaryWithMissing, shape (..., K)
    measure : {"RR", "OR", "RD"}
    level : float
        Of the intervals, between 0 and 1.
    zero_cells : ZeroCells or str, optional
        Rule for zero counts; by default the measure's own.
    study : sequence, optional
        Labels.

    Returns
    -------
    UncertaintyIntervals
        NaN where a table has no effect. Ratios are logarithms.

    Raises
    ------
    InvalidEvidenceError
        For another measure, or a level outside (0, 1).

    References
    ----------
    Gamble & Hollis (2005). Journal of Clinical Epidemiology 58:579-588.
    White & Higgins (2009). Stata Journal 9:57-69.

    Examples
    --------
    >>> trials = BinaryWithMissing.from_counts(
    ...     events1=[29, 10], nonevents1=[18, 11], missing1=[22, 0],
    ...     events2=[20, 3], nonevents2=[14, 19], missing2=[34, 0])
    >>> found = uncertainty_intervals(trials)
    >>> found.inflation.round(3)
    array([3.128, 1.   ])
    >>> found.effects.y.round(4), found.effects.se.round(4)
    (array([0.0478, 1.2505]), array([0.5751, 0.5833]))
    """
    if measure not in _MEASURES:
        raise InvalidEvidenceError(
            field="measure", requirement="'RR', 'OR' or 'RD'", given=measure
        )
    if not 0.0 < level < 1.0:
        raise InvalidEvidenceError(
            field="level", requirement="between 0 and 1", given=level
        )
    known, best, worst = (
        effect_sizes(table, measure, zero_cells=zero_cells)
        for table in (trials.available, trials.best_case(), trials.worst_case())
    )
    z = float(special.ndtri(0.5 + 0.5 * level))
    with np.errstate(invalid="ignore"):
        low = worst.y - z * np.sqrt(worst.v)
        high = best.y + z * np.sqrt(best.v)
        variance = ((high - low) / (2.0 * z)) ** 2
    low.flags.writeable = high.flags.writeable = False
    return UncertaintyIntervals(
        effects=effects(known.y, variance, measure, study),
        low=low,
        high=high,
        available=effects(known.y, known.v, measure, study),
        level=level,
    )
