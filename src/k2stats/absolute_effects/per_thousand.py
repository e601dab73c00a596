"""Events per thousand persons, as summary-of-findings tables print them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from k2stats._typing import Floats, RatioKind
from k2stats.absolute_effects._inputs import as_horizon
from k2stats.absolute_effects.from_counts import risk_difference
from k2stats.absolute_effects.from_ratio import risks_from_ratio
from k2stats.absolute_effects.numbers_needed import figure
from k2stats.evidence import Horizon, PrintedTwoByTwo, TwoByTwo
from k2stats.evidence._coerce import frozen
from k2stats.significance.confidence import checked_level, one_table


@dataclass(frozen=True, slots=True, eq=False)
class EventsPerThousand:
    """Events per 1000 persons in each group, and their difference.

    Attributes
    ----------
    treated, control : ndarray, shape (..., K)
        Events per 1000 in group 1 and in group 2.
    low, high : ndarray or None
        Confidence limits of the difference, group 1 minus group 2, per 1000.
    level : float
        Confidence level of the limits.
    horizon : Horizon or None
        Length of follow-up that they refer to; None where it is not known.
    """

    treated: Floats
    control: Floats
    low: Floats | None = None
    high: Floats | None = None
    level: float = 0.95
    horizon: Horizon | None = None

    @property
    def difference(self) -> Floats:
        """Events more (or, negative, fewer) per 1000 in group 1."""
        return self.treated - self.control

    def texts(self) -> list[str]:
        """Each difference with its interval as text, three significant digits."""
        out = []
        for k, value in enumerate(self.difference.flat):
            text = f"{_more(float(value))} per 1000"
            if self.low is not None and self.high is not None:
                ends = (self.low.flat[k], self.high.flat[k])
                text += f" ({' to '.join(_more(float(x)) for x in ends)})"
            out.append(text)
        return out

    def to_frame(self) -> pd.DataFrame:
        """A row a comparison."""
        nothing = np.full(self.treated.size, np.nan)
        return pd.DataFrame(
            {
                "treated": self.treated.ravel(),
                "control": self.control.ravel(),
                "difference": self.difference.ravel(),
                "low": nothing if self.low is None else self.low.ravel(),
                "high": nothing if self.high is None else self.high.ravel(),
                "horizon": "" if self.horizon is None else str(self.horizon),
                "text": self.texts(),
            }
        )

    def __str__(self) -> str:
        return "\n".join(self.texts())


def events_per_thousand(
    table: TwoByTwo | PrintedTwoByTwo,
    interval: str = "newcombe",
    level: float = 0.95,
    *,
    horizon: Horizon | str | None = None,
) -> EventsPerThousand:
    r"""Events per 1000 in each group from counts, :math:`1000\, x / n`.

    Parameters
    ----------
    table : TwoByTwo or PrintedTwoByTwo
        Counts of shape (..., K), or a print that one table alone fits.
    interval : str
        Name of a registered risk difference interval.
    level : float
        Confidence level.
    horizon : Horizon or str, optional
        Length of follow-up; by default the one printed with the table, if any.

    Raises
    ------
    UnknownMethodError, InvalidEvidenceError, AmbiguousEvidenceError
        As :func:`k2stats.significance.confidence_interval`.

    References
    ----------
    Guyatt et al. (2013). J Clin Epidemiol 66:158-172 (GRADE guidelines 12).

    Examples
    --------
    >>> stones = TwoByTwo.from_counts(events1=449, n1=18176, events2=381, n2=18106)
    >>> print(events_per_thousand(stones, interval="wald"))
    3.66 more per 1000 (0.584 more to 6.74 more)
    """
    chosen = as_horizon(horizon)
    if chosen is None and isinstance(table, PrintedTwoByTwo):
        chosen = table.horizon
    counts = one_table(table)
    found = risk_difference(counts, interval, level)
    return EventsPerThousand(
        frozen(1000.0 * counts.risk1),
        frozen(1000.0 * counts.risk2),
        frozen(1000.0 * found.low),
        frozen(1000.0 * found.high),
        level,
        chosen,
    )


def events_per_thousand_from_ratio(
    kind: RatioKind,
    ratio: ArrayLike,
    low: ArrayLike | None = None,
    high: ArrayLike | None = None,
    baseline_risk: ArrayLike | None = None,
    horizon: Horizon | str | None = None,
    *,
    baseline_survival: ArrayLike | None = None,
    level: float = 0.95,
) -> EventsPerThousand:
    """Events per 1000 from a ratio and the risk without treatment.

    Parameters and errors are those of :func:`~k2stats.absolute_effects.nnt_from_ratio`,
    save for `events`: more and fewer need no direction.

    References
    ----------
    Guyatt et al. (2013). J Clin Epidemiol 66:158-172 (GRADE guidelines 12).

    Examples
    --------
    >>> print(events_per_thousand_from_ratio("RR", 0.92, 0.80, 1.05, 0.3))
    24 fewer per 1000 (60 fewer to 15 more)
    """
    base, treated, limits, chosen = risks_from_ratio(
        kind,
        ratio,
        low,
        high,
        baseline_risk=baseline_risk,
        baseline_survival=baseline_survival,
        horizon=horizon,
    )
    return EventsPerThousand(
        frozen(1000.0 * treated),
        frozen(1000.0 * base),
        None if limits is None else frozen(1000.0 * (limits[0] - base)),
        None if limits is None else frozen(1000.0 * (limits[1] - base)),
        checked_level(level),
        chosen,
    )


def _more(difference: float) -> str:
    """Print a difference with its direction."""
    if np.isnan(difference):
        return "undefined"
    if difference == 0:
        return "0"
    return f"{figure(abs(difference))} {'more' if difference > 0 else 'fewer'}"
