"""Two groups, one yes-or-no outcome."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike

from k2stats._typing import Bools, Floats, Ints
from k2stats.errors import (
    AmbiguousEvidenceError,
    InfeasibleEvidenceError,
    InvalidEvidenceError,
)
from k2stats.evidence._coerce import (
    LARGEST_COUNT,
    all_hold,
    frozen,
    is_count,
    require,
    rows_of,
    together,
)
from k2stats.evidence.reported import Reported, reported
from k2stats.numerics.interval import Interval


def counts_that_print(share: Reported, n: int) -> range:
    """Return the counts out of `n` that are printed as `share`.

    Examples
    --------
    >>> list(counts_that_print(Reported("91.67%"), 36))
    [33]
    >>> list(counts_that_print(Reported("21%"), 340))
    [70, 71, 72, 73]
    """
    if not is_count(n, least=1):
        raise InvalidEvidenceError(
            field="n", requirement="a whole number of at least 1", given=n
        )
    possible = share.interval.intersection(Interval(0, 1))
    if possible.is_empty:
        hint = (
            "" if share.is_percentage else f"; write {share.text!r} with % if so meant"
        )
        raise InvalidEvidenceError(
            field="percentage",
            requirement=f"a share between 0 and 1, or 0% and 100%{hint}",
            given=share.text,
        )
    return (possible * Interval.point(n)).integers()


@dataclass(frozen=True, slots=True, eq=False)
class TwoByTwo:
    """Counts of one 2x2 table per study, studies on the last axis.

    Attributes
    ----------
    events1, n1 : ndarray, shape (..., K)
        Events and participants of group 1, the treated one.
    events2, n2 : ndarray, shape (..., K)
        Events and participants of group 2, the comparator.

    Examples
    --------
    >>> table = TwoByTwo.from_counts(events1=33, n1=36, events2=26, n2=35)
    >>> table.b, table.risk1.round(4)
    (array([3.]), array([0.9167]))
    """

    events1: Floats
    n1: Floats
    events2: Floats
    n2: Floats

    @classmethod
    def from_counts(
        cls,
        *,
        events1: ArrayLike,
        n1: ArrayLike,
        events2: ArrayLike,
        n2: ArrayLike,
    ) -> "TwoByTwo":
        """Build from events and participants of each group.

        Parameters
        ----------
        events1, n1, events2, n2 : array_like
            Whole numbers, broadcast together; scalars give one study.

        Raises
        ------
        InvalidEvidenceError
            For n below 1, events that are negative, fractional, missing, above n,
            or beyond 2**53; names the field and the rows.
        """
        rows = rows_of((events1, n1, events2, n2))
        quick = None if rows is None else cls.of_rows(rows)
        if quick is not None:
            return quick
        arrays = together({"events1": events1, "n1": n1, "events2": events2, "n2": n2})
        for name, values in arrays.items():
            with np.errstate(invalid="ignore"):
                whole = np.isfinite(values) & (values == np.floor(values))
            require(name, "a whole number", whole, values)
            low = 1.0 if name.startswith("n") else 0.0
            require(name, f"at least {low:.0f}", values >= low, values)
            require(name, "at most 2**53", values <= LARGEST_COUNT, values)
        for arm in "12":
            events, n = arrays[f"events{arm}"], arrays[f"n{arm}"]
            require(f"events{arm}", f"at most n{arm}", events <= n, events)
        return cls(**arrays)

    @classmethod
    def of_rows(cls, rows: Floats) -> "TwoByTwo | None":
        """Build from the rows events1, n1, events2, n2; None if any is impossible.

        The rows are kept as they are, not copied; nothing is said of what is wrong,
        as :meth:`from_counts` does.
        """
        events, n = rows[0::2], rows[1::2]
        possible = (events <= n) & (events >= 0) & (n >= 1) & (n <= LARGEST_COUNT)
        if all_hold(possible) and all_hold(rows == np.floor(rows)):
            return cls(*rows)
        return None

    @classmethod
    def of_cell_rows(cls, rows: Floats) -> "TwoByTwo | None":
        """Build from the rows a, b, c, d, as :meth:`of_rows`."""
        a, b, c, d = rows
        if not all_hold(rows >= 0):
            return None
        return cls.of_rows(frozen(np.array((a, a + b, c, c + d))))

    @classmethod
    def from_cells(
        cls, *, a: ArrayLike, b: ArrayLike, c: ArrayLike, d: ArrayLike
    ) -> "TwoByTwo":
        """Build from the four cells: events and non-events, group 1 then 2."""
        cells = together({"a": a, "b": b, "c": c, "d": d})
        for name, values in cells.items():
            require(name, "at least 0", values >= 0, values)
        return cls.from_counts(
            events1=cells["a"],
            n1=cells["a"] + cells["b"],
            events2=cells["c"],
            n2=cells["c"] + cells["d"],
        )

    @classmethod
    def from_percentages(
        cls, *, percent1: Reported | str, n1: int, percent2: Reported | str, n2: int
    ) -> "TwoByTwo":
        """Build from printed percentages, where one table alone fits them.

        Parameters
        ----------
        percent1, percent2 : Reported or str
            As printed, e.g. ``"91.67%"`` or the share ``"0.9167"``.
        n1, n2 : int

        Raises
        ------
        InfeasibleEvidenceError
            If no count out of `n1` (or `n2`) prints so.
        AmbiguousEvidenceError
            If several do; use :class:`~k2stats.evidence.PrintedTwoByTwo`, which
            holds them all.

        Examples
        --------
        >>> print(TwoByTwo.from_percentages(
        ...     percent1="91.67%", n1=36, percent2="74.29%", n2=35))
        33/36 v 26/35
        """
        events = [
            _only(counts_that_print(reported(share), n), f"{share} of {n}")
            for share, n in ((percent1, n1), (percent2, n2))
        ]
        return cls.from_counts(events1=events[0], n1=n1, events2=events[1], n2=n2)

    @classmethod
    def from_ratio(
        cls,
        *,
        ratio: Reported | str,
        n1: int,
        n2: int,
        events1: int | None = None,
        events2: int | None = None,
        kind: str = "RR",
    ) -> "TwoByTwo":
        """Build from one arm's events and a printed risk or odds ratio.

        Parameters
        ----------
        ratio : Reported or str
            Group 1 over group 2, as printed.
        n1, n2 : int
        events1, events2 : int
            Events of one arm; the other arm's are solved for.
        kind : {"RR", "OR"}

        Raises
        ------
        InfeasibleEvidenceError, AmbiguousEvidenceError
            If no or several counts of the other arm print so.

        Examples
        --------
        >>> print(TwoByTwo.from_ratio(ratio="1.23", n1=36, n2=35, events2=26))
        33/36 v 26/35
        """
        if kind not in ("RR", "OR"):
            raise InvalidEvidenceError(
                field="kind", requirement="'RR' or 'OR'", given=kind
            )
        if (events1 is None) == (events2 is None):
            raise InvalidEvidenceError(
                field="events1, events2", requirement="given for exactly one group"
            )
        for name, n in (("n1", n1), ("n2", n2)):
            if not is_count(n, least=1):
                raise InvalidEvidenceError(
                    field=name, requirement="a whole number of at least 1", given=n
                )
        window = reported(ratio).interval
        solve1 = events1 is None
        grid = np.arange((n1 if solve1 else n2) + 1)
        table = cls.from_counts(
            events1=grid if events1 is None else events1,
            n1=n1,
            events2=grid if events2 is None else events2,
            n2=n2,
        )
        fits = [
            int(k)
            for k, (a, b, c, d) in enumerate(
                zip(*(x.astype(int).tolist() for x in table.cells), strict=True)
            )
            if _ratio_in(window, (a, n1, c, n2) if kind == "RR" else (a, b, c, d))
        ]
        what = f"{kind} {ratio} with n {n1} and {n2}"
        found = _only(fits, what)
        return table[found]

    @property
    def cells(self) -> tuple[Floats, Floats, Floats, Floats]:
        """The four cells a, b, c, d."""
        return self.a, self.b, self.c, self.d

    @property
    def a(self) -> Floats:
        """Events in group 1."""
        return self.events1

    @property
    def b(self) -> Floats:
        """Non-events in group 1."""
        return self.n1 - self.events1

    @property
    def c(self) -> Floats:
        """Events in group 2."""
        return self.events2

    @property
    def d(self) -> Floats:
        """Non-events in group 2."""
        return self.n2 - self.events2

    @property
    def risk1(self) -> Floats:
        """Share with the event in group 1."""
        return self.events1 / self.n1

    @property
    def risk2(self) -> Floats:
        """Share with the event in group 2."""
        return self.events2 / self.n2

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape ``(..., K)``."""
        return self.events1.shape

    def swap_groups(self) -> "TwoByTwo":
        """Return the table with group 2 as the treated one."""
        return TwoByTwo(self.events2, self.n2, self.events1, self.n1)

    def swap_outcome(self) -> "TwoByTwo":
        """Return the table that counts non-events."""
        return TwoByTwo(self.b, self.n1, self.d, self.n2)

    def __getitem__(self, index: int | slice | Ints | Bools) -> "TwoByTwo":
        """Select along the first axis; a single study keeps its axis."""
        return TwoByTwo(
            *(
                np.atleast_1d(x[index])
                for x in (self.events1, self.n1, self.events2, self.n2)
            )
        )

    def __str__(self) -> str:
        if self.events1.size == 1:
            e1, n1, e2, n2 = (
                int(x.item()) for x in (self.events1, self.n1, self.events2, self.n2)
            )
            return f"{e1}/{n1} v {e2}/{n2}"
        return f"{self.events1.size} tables"


def _only(candidates: range | list[int], what: str) -> int:
    """Return the single candidate, or say why there is none."""
    if len(candidates) == 0:
        raise InfeasibleEvidenceError(f"No count prints as {what}.")
    if len(candidates) > 1:
        raise AmbiguousEvidenceError(
            f"{len(candidates)} counts print as {what}: "
            f"{candidates[0]} to {candidates[-1]}.",
            candidates=len(candidates),
        )
    return candidates[0]


def _ratio_in(window: Interval, parts: tuple[int, int, int, int]) -> bool:
    """Whether (a / b) / (c / d) is defined and lies in `window`, exactly."""
    a, b, c, d = parts
    return b * c != 0 and Fraction(a * d, b * c) in window
