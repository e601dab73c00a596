"""The base of the input classes: arrays of one shape, checked once."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from k2stats._typing import Floats
from k2stats.errors import InvalidEvidenceError
from k2stats.evidence._coerce import all_hold, require, rows_of, together


def field_names(kind: type["Summaries"]) -> tuple[str, ...]:
    """Names of the fields of an input class, in order."""
    return tuple(kind.__dataclass_fields__)


@dataclass(frozen=True, slots=True, eq=False)
class Summaries:
    """Arrays of one shape ``(..., K)``, checked once, read-only."""

    @classmethod
    def from_arrays(cls, **values: ArrayLike) -> Self:
        """Validate, broadcast and freeze; keywords are the fields of the class.

        Raises
        ------
        InvalidEvidenceError
            Names the field, the rule and the rows.
        """
        names = field_names(cls)
        if len(values) != len(names) or not all(name in values for name in names):
            raise InvalidEvidenceError(
                field=cls.__name__,
                requirement="built from " + ", ".join(names),
                given=", ".join(values) or "nothing",
            )
        rows = rows_of(values[name] for name in names)
        if rows is not None and all_hold(np.isfinite(rows)):
            made = cls(*rows)
            made.check()
            return made
        made = cls(**together({name: values[name] for name in names}))
        for name in names:
            array = getattr(made, name)
            require(name, "finite", np.isfinite(array), array)
        made.check()
        return made

    @classmethod
    def of_rows(cls, rows: Floats) -> Self | None:
        """Build from rows in the order of the fields; None if any is impossible.

        The rows are kept as they are, not copied; nothing is said of what is wrong,
        as :meth:`from_arrays` does.
        """
        if not all_hold(np.isfinite(rows)):
            return None
        made = cls(*rows)
        try:
            made.check()
        except InvalidEvidenceError:
            return None
        return made

    def check(self) -> None:
        """Raise where values are impossible."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape ``(..., K)``."""
        first: Floats = getattr(self, field_names(type(self))[0])
        return first.shape

    def at_least(self, least: float, *names: str, whole: bool = False) -> None:
        for name in names:
            x: Floats = getattr(self, name)
            require(name, f"at least {least:g}", x >= least, x)
            if whole:
                require(name, "a whole number", x == np.floor(x), x)

    def positive(self, *names: str) -> None:
        for name in names:
            x: Floats = getattr(self, name)
            require(name, "above 0", x > 0, x)

    def within(self, low: float, high: float, *names: str) -> None:
        for name in names:
            x: Floats = getattr(self, name)
            require(name, f"between {low:g} and {high:g}", (x >= low) & (x <= high), x)
