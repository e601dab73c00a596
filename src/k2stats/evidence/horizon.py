"""A length of follow-up, without which a number needed to treat means nothing."""

from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from k2stats.errors import InvalidEvidenceError
from k2stats.evidence.reported import Reported

TimeUnit: TypeAlias = Literal["d", "wk", "mo", "y"]


@dataclass(frozen=True, slots=True)
class Horizon:
    """A length of follow-up, as printed.

    Examples
    --------
    >>> print(Horizon(Reported("7.0"), "y"))
    7.0 y
    """

    length: Reported
    unit: TimeUnit

    def __post_init__(self) -> None:
        if self.length.interval.high <= 0 or self.length.value <= 0:
            raise InvalidEvidenceError(
                field="horizon", requirement="positive", given=self.length.text
            )
        if self.unit not in get_args(TimeUnit):
            raise InvalidEvidenceError(
                field="unit",
                requirement=f"one of {', '.join(get_args(TimeUnit))}",
                given=self.unit,
            )

    def __str__(self) -> str:
        return f"{self.length.text} {self.unit}"
