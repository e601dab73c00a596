"""What robustness is asked of, and the table of its parts."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from k2stats._registry import Registry
from k2stats._typing import RatioKind
from k2stats.audit._base import PointResult
from k2stats.evidence import Reported, TwoByTwo


@dataclass(frozen=True, slots=True)
class RatioBasis:
    """A ratio with its limits, printed or computed from counts.

    Attributes
    ----------
    kind : {"RR", "OR", "HR"}
    estimate, low, high : float
    level : float
    text : str
        The ratio in words, and where it comes from.
    """

    kind: RatioKind
    estimate: float
    low: float
    high: float
    level: float
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class Basis:
    """The numbers of a finding that its robustness is asked of.

    Attributes
    ----------
    table : TwoByTwo or None
        Where the print leaves one table of counts, of shape (1,).
    ratio : RatioBasis or None
    p : Reported or None
        A printed p-value, where nothing else is printed.
    alpha : float
    lost : tuple of int or None
        Participants with unknown outcomes in each group, where printed.
    points : tuple of PointResult
        Two-sided p-values of every method tried on the data, each procedure once.
    data : str
        What is printed, where it is none of the three.
    """

    table: TwoByTwo | None
    ratio: RatioBasis | None
    p: Reported | None
    alpha: float
    lost: tuple[int, int] | None = None
    points: tuple[PointResult, ...] = ()
    data: str = ""

    @property
    def texts(self) -> tuple[str, ...]:
        """What it all rests on, in words."""
        parts = [self.data] if self.data else []
        if self.table is not None:
            parts.append(str(self.table))
        if self.ratio is not None:
            parts.append(self.ratio.text)
        if self.p is not None:
            parts.append(
                f"p {'' if self.p.is_bound else '= '}{self.p.text}, as printed"
            )
        return tuple(parts)


@dataclass(frozen=True, slots=True)
class RobustnessLine:
    """One figure, and the line that says what it means for a reader.

    Attributes
    ----------
    name, label : str
    value : float
        NaN where there is none.
    text : str
        The value as it is shown.
    meaning : str
    reference : str
    """

    name: str
    label: str
    value: float
    text: str
    meaning: str
    reference: str


@dataclass(frozen=True, slots=True)
class RobustnessPart:
    """Lines that belong together under one heading.

    Attributes
    ----------
    name, heading : str
    lines : tuple of RobustnessLine
    brief : str
        The part in a few words, for a heading that folds; empty where none is needed.
    missing : tuple of str
        What would be needed for more of it and is not printed.
    """

    name: str
    heading: str
    lines: tuple[RobustnessLine, ...] = ()
    brief: str = ""
    missing: tuple[str, ...] = field(default=())


PartFunction: TypeAlias = Callable[[Basis], RobustnessPart | None]
"""Answers for a basis, or returns None where it does not apply."""

ROBUSTNESS: Registry[PartFunction] = Registry("part of robustness")
"""Parts in the order in which they are shown."""
