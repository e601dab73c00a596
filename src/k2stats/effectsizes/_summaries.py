"""The base of the input classes: arrays of one shape, checked once."""

from dataclasses import dataclass, fields
from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from k2stats._typing import Floats
from k2stats.errors import InvalidEvidenceError
from k2stats.evidence._coerce import require, together


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
        names = [f.name for f in fields(cls)]
        if set(values) != set(names):
            raise InvalidEvidenceError(
                field=cls.__name__,
                requirement="built from " + ", ".join(names),
                given=", ".join(values) or "nothing",
            )
        made = cls(**together({name: values[name] for name in names}))
        for name in names:
            array = getattr(made, name)
            require(name, "finite", np.isfinite(array), array)
        made.check()
        return made

    def check(self) -> None:
        """Raise where values are impossible."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape ``(..., K)``."""
        first: Floats = getattr(self, fields(self)[0].name)
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
