"""The base of the input classes: arrays of one shape, checked once."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cache
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from k2stats._typing import Bools, Floats
from k2stats.errors import InvalidEvidenceError
from k2stats.evidence._coerce import LARGEST_COUNT, require, rows_of, together

_LIMITS = "limits"
_MOST = float(np.finfo(float).max)
_EXACT = LARGEST_COUNT - 1.0
"""Up to here a double holds every whole number, and none that was rounded to it."""


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


class Domain:
    """Limits of several fields, whose rows are judged together.

    Parameters
    ----------
    fields : sequence of Limits
        In the order of the rows.
    """

    def __init__(self, fields: Sequence[Limits]) -> None:
        self._least = np.array([max(x.least, -_EXACT) for x in fields])
        self._most = np.array([min(x.most, _EXACT) for x in fields])
        self._whole = np.array([x.whole for x in fields])
        self._any_whole = bool(self._whole.any())
        self._columns: dict[int, tuple[Floats, Floats, Bools]] = {}

    def plainly_holds(self, rows: Floats) -> bool:
        """Whether all rows are within their limits, at the least cost.

        False as well for numbers so large that a double may not hold the whole number
        it was read from; whoever asks looks at those one by one.
        """
        held = self._columns.get(rows.ndim)
        if held is None:
            shape = (-1, *(1,) * (rows.ndim - 1))
            ends = self._least.reshape(shape), self._most.reshape(shape)
            held = self._columns[rows.ndim] = (*ends, self._whole.reshape(shape))
        least, most, whole = held
        nearest = np.minimum(np.maximum(rows, least), most)
        if self._any_whole:
            np.floor(nearest, out=nearest, where=whole)
        # Not so for NaN, which no limits take to a number
        return bool(np.count_nonzero(nearest == rows) == rows.size)


@cache
def _domain(kind: type) -> Domain:
    return Domain(tuple(_fields(kind).values()))


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
        """Build from rows in the order of the fields; None if any may be impossible.

        The rows are kept as they are, not copied; nothing is said of what is wrong,
        as :meth:`from_arrays` does.
        """
        kind: type = cls
        if not _domain(kind).plainly_holds(rows):
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
