"""A 2x2 table as printed: some counts, some percentages, some totals."""

from dataclasses import dataclass

import numpy as np

from k2stats._typing import Ints
from k2stats.errors import InfeasibleEvidenceError, InvalidEvidenceError
from k2stats.evidence._coerce import is_count
from k2stats.evidence.horizon import Horizon
from k2stats.evidence.reported import Reported
from k2stats.evidence.two_by_two import TwoByTwo, counts_that_print

MOST_TABLES = 1_000_000
"""Above this many candidates the print says too little to be solved."""


@dataclass(frozen=True, slots=True)
class PrintedTwoByTwo:
    """What a source prints of a 2x2 table; the counts behind it are solved for.

    Each group needs its size (or `n_total` for both) and either its events or its
    percentage; without both, every count from 0 to n stays possible.

    Parameters
    ----------
    n1, n2 : int, optional
        Participants of each group.
    events1, events2 : int, optional
        Events, where the source prints them.
    percent1, percent2 : Reported, optional
        Percentages or shares as printed.
    n_total, events_total : int, optional
        Totals over both groups.
    horizon : Horizon, optional
        Follow-up, where the source prints it.
    outcome, group1, group2 : str
        What was counted, in whom.

    Examples
    --------
    >>> fusion = PrintedTwoByTwo(n1=36, percent1=Reported("91.67%"),
    ...                          n2=35, percent2=Reported("74.29%"))
    >>> print(fusion.feasible())
    33/36 v 26/35
    >>> PrintedTwoByTwo(n1=340, percent1=Reported("21%"),
    ...                 n2=351, percent2=Reported("15%")).feasible().shape
    (16,)
    """

    n1: int | None = None
    n2: int | None = None
    events1: int | None = None
    events2: int | None = None
    percent1: Reported | None = None
    percent2: Reported | None = None
    n_total: int | None = None
    events_total: int | None = None
    outcome: str = ""
    group1: str = ""
    group2: str = ""
    horizon: Horizon | None = None

    def __post_init__(self) -> None:
        for name in ("n1", "n2", "n_total"):
            _check_count(name, getattr(self, name), least=1)
        for name in ("events1", "events2", "events_total"):
            _check_count(name, getattr(self, name), least=0)
        for arm in "12":
            n, events = getattr(self, f"n{arm}"), getattr(self, f"events{arm}")
            if n is not None and events is not None and events > n:
                raise InvalidEvidenceError(
                    field=f"events{arm}",
                    requirement=f"at most n{arm} = {n}",
                    given=events,
                )
            if n is None and self.n_total is None:
                raise InvalidEvidenceError(
                    field=f"n{arm}", requirement="given, or n_total for both groups"
                )
            other = getattr(self, f"n{3 - int(arm)}")
            if n and other is None and self.n_total and self.n_total <= n:
                raise InvalidEvidenceError(
                    field="n_total",
                    requirement=f"above n{arm} = {n}",
                    given=self.n_total,
                )
        if (
            self.n1 is not None
            and self.n2 is not None
            and self.n_total not in (None, self.n1 + self.n2)
        ):
            raise InvalidEvidenceError(
                field="n_total",
                requirement=f"n1 + n2 = {self.n1 + self.n2}",
                given=self.n_total,
            )

    def feasible(self) -> TwoByTwo:
        """Return every table of whole numbers that prints so, on the last axis.

        Raises
        ------
        InfeasibleEvidenceError
            If there is none.
        InvalidEvidenceError
            If there are more than a million.
        """
        found: list[Ints] = []
        total = 0
        for n1, n2 in self._sizes():
            events1 = self._events(self.events1, self.percent1, n1)
            events2 = self._events(self.events2, self.percent2, n2)
            total += len(events1) * len(events2)
            if total > MOST_TABLES:
                raise InvalidEvidenceError(
                    field="percentages, n",
                    requirement="printed more finely: over a million tables fit",
                )
            first, second = np.meshgrid(events1, events2, indexing="ij")
            rows = np.stack(
                [first, np.full_like(first, n1), second, np.full_like(first, n2)]
            )
            found.append(rows.reshape(4, -1))
        tables = np.concatenate(found, axis=1) if found else np.empty((4, 0), dtype=int)
        if self.events_total is not None:
            tables = tables[:, tables[0] + tables[2] == self.events_total]
        if tables.shape[1] == 0:
            raise InfeasibleEvidenceError(
                f"No table of whole numbers prints as {self}."
            )
        return TwoByTwo.from_counts(
            events1=tables[0], n1=tables[1], events2=tables[2], n2=tables[3]
        )

    def _sizes(self) -> list[tuple[int, int]]:
        """Return every pair of group sizes the print allows."""
        if self.n1 is not None and self.n2 is not None:
            return [(self.n1, self.n2)]
        total = self.n_total
        if total is None:  # excluded at construction
            raise InvalidEvidenceError(field="n_total", requirement="given")
        if self.n1 is not None:
            return [(self.n1, total - self.n1)]
        if self.n2 is not None:
            return [(total - self.n2, self.n2)]
        if total > MOST_TABLES:
            raise InvalidEvidenceError(
                field="n1, n2",
                requirement="printed: over a million splits of n_total fit",
            )
        least1, least2 = max(self.events1 or 0, 1), max(self.events2 or 0, 1)
        return [(n, total - n) for n in range(least1, total - least2 + 1)]

    @staticmethod
    def _events(events: int | None, percent: Reported | None, n: int) -> range:
        """Return the counts that a group's print allows."""
        if events is not None and percent is None:
            return range(events, events + 1)
        allowed = range(n + 1) if percent is None else counts_that_print(percent, n)
        if events is None:
            return allowed
        return range(events, events + 1) if events in allowed else range(0)

    def __str__(self) -> str:
        arms = []
        for arm in "12":
            events, percent, n = (
                getattr(self, f"{x}{arm}") for x in ("events", "percent", "n")
            )
            size = "?" if n is None else str(n)
            text = f"{'?' if events is None else events}/{size}"
            arms.append(f"{text} ({percent})" if percent else text)
        total = f" of {self.n_total}" if None in (self.n1, self.n2) else ""
        return f"{arms[0]} v {arms[1]}{total}"


def _check_count(name: str, value: int | None, *, least: int) -> None:
    """Refuse what is not a whole number of at least `least`."""
    if value is None:
        return
    if not is_count(value, least=least):
        raise InvalidEvidenceError(
            field=name, requirement=f"a whole number of at least {least}", given=value
        )
