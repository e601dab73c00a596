"""What an audit answers with: verdicts, checks and findings, frozen."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, TypeAlias

from k2stats.evidence import Claim, TwoByTwo
from k2stats.numerics.interval import Interval


class Verdict(StrEnum):
    """What a check concluded of the numbers; never of people."""

    REPRODUCED = "reproduced"
    REPRODUCED_ONLY = "reproduced only by"
    CONSISTENT = "internally consistent"
    DEPENDS = "depends on the method"
    NOT_REPRODUCED = "not reproduced by the methods tried"
    DISAGREE = "the printed numbers disagree"
    NOT_CHECKABLE = "not checkable"


Scale: TypeAlias = Literal["linear", "log"]


@dataclass(frozen=True, slots=True)
class PointResult:
    """One method's recomputed number, enclosed over all data the print allows.

    Attributes
    ----------
    name, label, reference, version
        The method, as its registry files it.
    value : Interval
        Least and greatest value over the feasible data.
    matches : bool
        Whether some feasible datum gives a value that prints as reported.
    witness : str
        Data that give the print, or else the data nearest to it.
    significant : bool or None
        Decision at alpha; None where it differs over the feasible data or the
        number is no p-value.
    note : str
        Why the method was not run, where it was not.
    traits : frozenset of str
        The method's traits in its registry, e.g. ``"one-sided"``, ``"alias"``.
    """

    name: str
    label: str
    reference: str
    version: int
    value: Interval
    matches: bool
    witness: str = ""
    significant: bool | None = None
    note: str = ""
    traits: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class BarResult:
    """One method's recomputed estimate with its interval.

    Attributes
    ----------
    estimate, low, high : float
        At the witness: the data that match the print, or the first feasible.
    matches : bool
        Whether some feasible data print as reported, estimate and both limits.
    excludes_null : bool or None
        Whether the interval leaves out no effect; None where that differs over
        the feasible data.
    """

    name: str
    label: str
    reference: str
    version: int
    estimate: float
    low: float
    high: float
    matches: bool
    witness: str = ""
    excludes_null: bool | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """One statement of a claim, put beside what its evidence gives.

    Attributes
    ----------
    kind : str
        Name of the check in the registry, e.g. ``"p_value"``.
    statement : str
        What was said, in print.
    quantity : str
        What the numbers are, e.g. ``"p"``, ``"NNH"``, ``"RR"``; axis label.
    verdict : Verdict
    explanation : str
        One or two sentences for a reader, complete in themselves.
    reported : Interval or None
        The window of values that print as stated.
    recomputed : Interval or None
        Hull over all methods tried.
    points : tuple of PointResult
    bars : tuple of BarResult
    scale : {"linear", "log"}
        Of the picture.
    null_value : float or None
        No effect on the bars' scale.
    alpha : float
    flips : bool or None
        Whether the decision at alpha differs between two-sided methods.
    missing : tuple of str
        What would be needed and is not printed.
    """

    kind: str
    statement: str
    quantity: str
    verdict: Verdict
    explanation: str
    reported: Interval | None = None
    recomputed: Interval | None = None
    points: tuple[PointResult, ...] = ()
    bars: tuple[BarResult, ...] = ()
    scale: Scale = "linear"
    null_value: float | None = None
    alpha: float = 0.05
    flips: bool | None = None
    missing: tuple[str, ...] = ()

    @property
    def tried(self) -> tuple[str, ...]:
        """Names of the methods that were run, each procedure once."""
        ran = [p.name for p in self.points if not p.note and "alias" not in p.traits]
        return (*ran, *(b.name for b in self.bars))

    @property
    def matching(self) -> tuple[str, ...]:
        """Names of the methods that give the print, each procedure once."""
        points = [p.name for p in self.points if p.matches and "alias" not in p.traits]
        return (*points, *(b.name for b in self.bars if b.matches))


@dataclass(frozen=True, slots=True)
class Finding:
    """Everything the audit found of one claim.

    Attributes
    ----------
    claim : Claim
    verdict : Verdict
        The weightiest of the checks' verdicts.
    headline : str
        One line for a table.
    checks : tuple of Check
        One a statement, and one for the data behind the print.
    feasible : TwoByTwo or None
        Every table that fits all statements at once, on the last axis.
    conflict : tuple of str
        The smallest set of statements that cannot all be true, where there is one.
    """

    claim: Claim
    verdict: Verdict
    headline: str
    checks: tuple[Check, ...]
    feasible: TwoByTwo | None = field(default=None, compare=False)
    conflict: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The claim's id."""
        return self.claim.id

    @property
    def missing(self) -> tuple[str, ...]:
        """What would be needed and is not printed, over all checks, once each."""
        needs = [m for c in self.checks for m in c.missing]
        return tuple(dict.fromkeys([*needs, *self.claim.needs]))

    @property
    def flips(self) -> bool:
        """Whether any check's decision at alpha depends on the method."""
        return any(c.flips for c in self.checks)
