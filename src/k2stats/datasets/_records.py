"""Short ways to write printed figures, and prints that are not evidence types."""

from dataclasses import dataclass
from typing import Literal

from k2stats._typing import RatioKind
from k2stats.errors import InvalidEvidenceError
from k2stats.evidence import (
    Derived,
    Horizon,
    Printing,
    RatioWithCI,
    Reported,
    SameQuantity,
    Source,
)


@dataclass(frozen=True, slots=True)
class RatioP:
    """A ratio printed with a p-value and without an interval.

    Attributes
    ----------
    kind : {"RR", "OR", "HR"}
    estimate, p : Reported
        As printed; the ratio on the natural scale, group 1 over group 2.
    outcome, group1, group2 : str
    """

    kind: RatioKind
    estimate: Reported
    p: Reported
    outcome: str = ""
    group1: str = ""
    group2: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {self.estimate.text}, p {self.p.text}"


@dataclass(frozen=True, slots=True)
class DifferenceWithCI:
    """A difference printed with its 95% interval.

    Attributes
    ----------
    kind : {"MD", "SMD", "RD"}
        Mean difference, standardized mean difference, or risk difference.
    estimate, low, high : Reported
        As printed, group 1 minus group 2; the unit is the estimate's (``%`` of a risk
        difference is a percentage).
    outcome, group1, group2 : str
    n : int, optional
        Participants, where printed.
    """

    kind: Literal["MD", "SMD", "RD"]
    estimate: Reported
    low: Reported
    high: Reported
    outcome: str = ""
    group1: str = ""
    group2: str = ""
    n: int | None = None

    def __post_init__(self) -> None:
        if not self.low.value <= self.estimate.value <= self.high.value:
            raise InvalidEvidenceError(
                field="estimate",
                requirement=f"between {self.low.text} and {self.high.text}",
                given=self.estimate.text,
            )

    def __str__(self) -> str:
        return f"{self.kind} {self.estimate} ({self.low.text} to {self.high.text})"


@dataclass(frozen=True, slots=True)
class PersonTime:
    """Events over person-years in two groups, as printed.

    Attributes
    ----------
    events1, events2 : int
    years1, years2 : Reported
        Person-years of follow-up.
    """

    events1: int
    years1: Reported
    events2: int
    years2: Reported
    outcome: str = ""
    group1: str = ""
    group2: str = ""


@dataclass(frozen=True, slots=True)
class TrialSize:
    """A trial of which the size and the finding in words are printed.

    Attributes
    ----------
    n : int
        Participants.
    finding : str
        What the abstract reports, shortened.
    """

    source: Source
    n: int
    finding: str


def ratio(
    kind: RatioKind,
    estimate: str,
    low: str,
    high: str,
    *,
    outcome: str = "",
    group1: str = "",
    group2: str = "",
    horizon: Horizon | None = None,
) -> RatioWithCI:
    """Return a ratio with its 95% interval from its printed digits."""
    return RatioWithCI(
        kind,
        Reported(estimate),
        Reported(low),
        Reported(high),
        outcome=outcome,
        group1=group1,
        group2=group2,
        horizon=horizon,
    )


def difference(
    kind: Literal["MD", "SMD", "RD"],
    estimate: str,
    low: str,
    high: str,
    *,
    unit: str = "",
    outcome: str = "",
    group1: str = "",
    group2: str = "",
    n: int | None = None,
) -> DifferenceWithCI:
    """Return a difference with its 95% interval from its printed digits."""
    return DifferenceWithCI(
        kind,
        Reported(estimate, unit),
        Reported(low, unit),
        Reported(high, unit),
        outcome=outcome,
        group1=group1,
        group2=group2,
        n=n,
    )


def counted(number: int, unit: str = "") -> Reported:
    """Return a count: a number that is not rounded."""
    return Reported(str(number), unit, exact=True)


def counts(where: dict[str, int], unit: str = "") -> tuple[Printing, ...]:
    """Return one printing of a count for each place."""
    return tuple(Printing(counted(n, unit), place) for place, n in where.items())


def total(value: int, parts: dict[str, int], what: str, unit: str = "") -> Derived:
    """Return the statement that counts add up to `value`."""
    return Derived("sum", counted(value, unit), counts(parts, unit), what)


def same_count(what: str, places: dict[str, int], unit: str = "") -> SameQuantity:
    """Return the statement that one count stands in several places."""
    return SameQuantity(what, counts(places, unit))
