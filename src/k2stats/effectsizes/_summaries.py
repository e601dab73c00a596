"""The base of the input classes: arrays of one shape, checked once."""

from dataclasses import dataclass, fields
from functools import cache
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from k2stats._typing import Bools, Floats
from k2stats.errors import InvalidEvidenceError
from k2stats.evidence._coerce import require, rows_of, together

_LIMITS = "limits"
_MOST = float(np.finfo(float).max)


@dataclass(frozen=True, slots=True)
class Limits:
    """Values that a field may have.

    Attributes
    ----------
    low, high : float
        Ends; infinite where there is none. Values are finite in any case.
    above : bool
        Whether `low` itself is left out.
    whole : bool
        Whether values are whole numbers.
    """

    low: float = -np.inf
    high: float = np.inf
    above: bool = False
    whole: bool = False

    @property
    def least(self) -> float:
        """The least double that is allowed."""
        low = float(np.nextafter(self.low, np.inf)) if self.above else self.low
        return max(low, -_MOST)

    @property
    def most(self) -> float:
        """The largest double that is allowed."""
        return min(self.high, _MOST)

    def check(self, name: str, x: Floats) -> None:
        """Raise with the rule and the rows where finite values break it.

        Raises
        ------
        InvalidEvidenceError
        """
        require(name, self._range(), (x >= self.least) & (x <= self.most), x)
        if self.whole:
            require(name, "a whole number", x == np.floor(x), x)

    def _range(self) -> str:
        if self.low == -np.inf:
            return f"at most {self.high:g}"
        if self.high < np.inf:
            return f"between {self.low:g} and {self.high:g}"
        return f"{'above' if self.above else 'at least'} {self.low:g}"


def limits(
    low: float = -np.inf,
    high: float = np.inf,
    *,
    above: bool = False,
    whole: bool = False,
) -> dict[str, Limits]:
    """Metadata of a field: the values it may have; see :class:`Limits`."""
    return {_LIMITS: Limits(low, high, above, whole)}


@cache
def _fields(kind: type) -> dict[str, Limits]:
    """Limits of each field of an input class, in order."""
    held: Any = kind
    return {f.name: f.metadata.get(_LIMITS, Limits()) for f in fields(held)}


@cache
def field_names(kind: type) -> tuple[str, ...]:
    """Names of the fields of an input class, in order."""
    return tuple(_fields(kind))


@cache
def _bounds(kind: type, axes: int) -> tuple[Floats, Floats, Bools, bool]:
    """Ends of all fields as columns, which fields are whole, and whether any is."""
    held = list(_fields(kind).values())
    column = (len(held), *(1,) * (axes - 1))
    whole = np.array([x.whole for x in held]).reshape(column)
    return (
        np.array([x.least for x in held]).reshape(column),
        np.array([x.most for x in held]).reshape(column),
        whole,
        bool(whole.any()),
    )


def _possible(kind: type, rows: Floats) -> bool:
    """Whether all rows are finite and within the limits of their fields."""
    least, most, whole, any_whole = _bounds(kind, rows.ndim)
    nearest = np.minimum(np.maximum(rows, least), most)
    if any_whole:
        np.floor(nearest, out=nearest, where=whole)
    # Not so for NaN, which no limits take to a number
    return bool(np.count_nonzero(nearest == rows) == rows.size)


@dataclass(frozen=True, slots=True, eq=False)
class Summaries:
    """Arrays of one shape ``(..., K)``, checked once, read-only.

    A field says in its metadata which values it may have (:func:`limits`), and
    :meth:`agree` which fields must agree with one another.
    """

    @classmethod
    def from_arrays(cls, **values: ArrayLike) -> Self:
        """Validate, broadcast and freeze; keywords are the fields of the class.

        Raises
        ------
        InvalidEvidenceError
            Names the field, the rule and the rows.
        """
        kind: type = cls
        names = field_names(kind)
        if len(values) != len(names) or not all(name in values for name in names):
            raise InvalidEvidenceError(
                field=cls.__name__,
                requirement="built from " + ", ".join(names),
                given=", ".join(values) or "nothing",
            )
        rows = rows_of(values[name] for name in names)
        quick = None if rows is None else cls.of_rows(rows)
        if quick is not None:
            return quick
        made = cls(**together({name: values[name] for name in names}))
        made.check()
        return made

    @classmethod
    def of_rows(cls, rows: Floats) -> Self | None:
        """Build from rows in the order of the fields; None if any is impossible.

        The rows are kept as they are, not copied; nothing is said of what is wrong,
        as :meth:`from_arrays` does.
        """
        if not _possible(cls, rows):
            return None
        made = cls(*rows)
        try:
            made.agree()
        except InvalidEvidenceError:
            return None
        return made

    def check(self) -> None:
        """Raise where values are impossible.

        Raises
        ------
        InvalidEvidenceError
            Names the field, the rule and the rows.
        """
        kind: type = type(self)
        for name in field_names(kind):
            array: Floats = getattr(self, name)
            require(name, "finite", np.isfinite(array), array)
        for name, allowed in _fields(kind).items():
            allowed.check(name, getattr(self, name))
        self.agree()

    def agree(self) -> None:
        """Raise where fields do not agree with one another."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape ``(..., K)``."""
        kind: type = type(self)
        first: Floats = getattr(self, field_names(kind)[0])
        return first.shape
