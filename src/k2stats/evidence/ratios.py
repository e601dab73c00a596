"""A ratio with its confidence interval, as printed."""

from dataclasses import dataclass

from k2stats._typing import RatioKind
from k2stats.errors import InvalidEvidenceError
from k2stats.evidence.horizon import Horizon
from k2stats.evidence.reported import Reported


@dataclass(frozen=True, slots=True)
class RatioWithCI:
    """A risk, odds or hazard ratio with its interval.

    Parameters
    ----------
    kind : {"RR", "OR", "HR"}
    estimate, low, high : Reported
        As printed, on the natural scale (not the logarithm).
    level : float
        Confidence level.
    horizon : Horizon, optional
        Follow-up, where the source prints it.
    outcome, group1, group2 : str
        What was compared; the ratio is group 1 over group 2.

    Raises
    ------
    InvalidEvidenceError
        If a number cannot be positive, the limits are reversed, the interval
        cannot hold the estimate, or the level is not between 0 and 1.

    Examples
    --------
    >>> stones = RatioWithCI("HR", Reported("1.17"), Reported("1.02"), Reported("1.34"))
    >>> print(stones)
    HR 1.17 (1.02 to 1.34)
    """

    kind: RatioKind
    estimate: Reported
    low: Reported
    high: Reported
    level: float = 0.95
    outcome: str = ""
    group1: str = ""
    group2: str = ""
    horizon: Horizon | None = None

    def __post_init__(self) -> None:
        if self.kind not in ("RR", "OR", "HR"):
            raise InvalidEvidenceError(
                field="kind", requirement="'RR', 'OR' or 'HR'", given=self.kind
            )
        if not 0 < self.level < 1:
            raise InvalidEvidenceError(
                field="level", requirement="between 0 and 1", given=self.level
            )
        for name in ("estimate", "low", "high"):
            number: Reported = getattr(self, name)
            if number.is_bound:
                raise InvalidEvidenceError(
                    field=name, requirement="a number, not a bound", given=number.text
                )
            if number.interval.high <= 0:
                raise InvalidEvidenceError(
                    field=name, requirement="a positive ratio", given=number.text
                )
        if not _may_reach(self.high, self.low):
            raise InvalidEvidenceError(
                field="low, high",
                requirement="in order",
                given=f"{self.low.text} to {self.high.text}",
            )
        inside = _may_reach(self.estimate, self.low)
        if not (inside and _may_reach(self.high, self.estimate)):
            raise InvalidEvidenceError(
                field="estimate",
                requirement=f"inside its interval {self.low.text} to {self.high.text}",
                given=self.estimate.text,
            )

    def __str__(self) -> str:
        return f"{self.kind} {self.estimate.text} ({self.low.text} to {self.high.text})"


def _may_reach(upper: Reported, lower: Reported) -> bool:
    """Whether `upper` can be at least `lower` over the rounding of both.

    Windows that only touch do not count: 0.4 and 0.5 share 0.45, but one number
    printed twice in the same digits is printed the same.
    """
    if upper.value >= lower.value:
        return True
    return upper.interval.high > lower.interval.low
